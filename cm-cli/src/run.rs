//! From arguments to an exit code: what was asked for is gathered, made a document, printed.

pub mod record;

use std::ffi::OsString;
use std::io::{self, BufWriter};
use std::process::ExitCode;

use cm_core::clock::Now;
use cm_core::fleet::Fleet;
use cm_core::metric::Sample;
use cm_core::observation::LinkState;
use cm_core::text::terminal;
use cm_core::wording::plural;

use crate::args::{self, Asked};
use crate::complaint::Complaint;
use crate::document::Document;
use crate::exit::Exit;
use crate::format::{csv, is_gone, json, oneline, prometheus, table};
use crate::gather::Gathering;
use crate::paint::Meaning;
use crate::request::{Act, Format, Request, Show, What};
use crate::surroundings::{self, Behind, Surroundings};
use crate::{audit, config, doctor, explain, export, history, log, rules, schema};

/// Why nothing more is done.
#[derive(Debug)]
pub enum Stop {
    /// Something went wrong.
    Complaint(Complaint),
    /// The output could not be written; or whoever read it went away, which is no fault.
    Output(io::Error),
}

impl From<Complaint> for Stop {
    fn from(complaint: Complaint) -> Self {
        Self::Complaint(complaint)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// The whole program in this process's surroundings.
pub fn program() -> ExitCode {
    let (out_is, err_is) = surroundings::behind();
    let mut out = BufWriter::new(io::stdout().lock());
    let mut err = io::stderr().lock();
    let mut surroundings = Surroundings {
        variables: &|name| std::env::var_os(name),
        clock: &surroundings::CLOCK,
        ahead_s: &surroundings::ahead_s,
        user: rustix::process::geteuid().as_raw(),
        out: &mut out,
        err: &mut err,
        out_is,
        look_again: &|| surroundings::behind().0,
        err_is,
    };
    let exit = run(std::env::args_os().collect(), &mut surroundings);
    ExitCode::from(exit.number())
}

/// One run: reads the arguments (the program's name first), does what they ask for, and says how it ended.
pub fn run(arguments: Vec<OsString>, surroundings: &mut Surroundings<'_>) -> Exit {
    let guess = args::guess_output(&arguments);
    let colour = surroundings.has_colour(guess.colour, surroundings.out_is);
    let (output, done) = match args::read(arguments, colour) {
        Err(complaint) => (guess, Err(Stop::Complaint(complaint))),
        Ok(Asked::Text(text)) => (guess, say(surroundings, &text)),
        Ok(Asked::This(request)) => (request.output, act(&request, surroundings)),
    };
    let done = done.and_then(|exit| surroundings.out.flush().map(|()| exit).map_err(Stop::Output));
    let complaint = match done {
        Ok(exit) => return exit,
        Err(Stop::Output(error)) if is_gone(&error) => return Exit::Well,
        Err(Stop::Output(error)) => Complaint::unwritten(&error),
        Err(Stop::Complaint(complaint)) => complaint,
    };
    let paint = surroundings.err_paint(output);
    // Where stderr cannot be written either, the exit code is all that is left to tell.
    let _ = if output.format.is_json() {
        complaint.print_json(surroundings.err)
    } else {
        complaint.print(surroundings.err, paint)
    };
    complaint.exit()
}

fn say(surroundings: &mut Surroundings<'_>, text: &str) -> Result<Exit, Stop> {
    surroundings.out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        surroundings.out.write_all(b"\n")?;
    }
    Ok(Exit::Well)
}

fn act(request: &Request, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    match &request.act {
        Act::Show(one) => runtime()?.block_on(show(one, request, surroundings)),
        Act::Export { file, rename } => runtime()?.block_on(export::run(file, *rename, request, surroundings)),
        Act::Past(past) => history::run(past, request.output, surroundings),
        Act::Audit { database, what } => audit::run(what, database.as_deref(), request.output, surroundings),
        Act::Record { database } => runtime()?.block_on(record::run(database.as_deref(), request, surroundings)),
        Act::Rules(one) => rules::run(one, request, surroundings),
        Act::Explain(code) => explain::run(code.as_deref(), request.output, surroundings),
        Act::Schema(command) => {
            let text = schema::text(command.as_deref())?;
            say(surroundings, &text)
        }
        Act::Text(text) => say(surroundings, text),
        Act::Config(one) => config::run(one, request, surroundings),
        Act::Doctor { check } => runtime()?.block_on(doctor::run(request, *check, surroundings)),
    }
}

/// One thread for everything: hosts are waited for, not computed.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Complaint> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        Complaint::new(
            cm_core::fault::Code::INNER_FAULT,
            format!("the machine refuses what is needed to wait: {error}"),
        )
    })
}

async fn show(show: &Show, request: &Request, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    let mut gathering = Gathering::new(&request.watch, show.every, surroundings)?;
    if gathering.is_this_machine && surroundings.out_is != Behind::File && !request.output.quiet {
        let paint = surroundings.err_paint(request.output);
        let note = paint
            .dress("note: no hosts are configured, so this is this machine; more: cm-cli config init", Meaning::Faint);
        writeln!(surroundings.err, "{note}")?;
    }
    let mut first = true;
    loop {
        let now = gathering.round(surroundings.clock).await;
        surroundings.out_is = (surroundings.look_again)();
        log::round(surroundings.err, request.output.log, &gathering.fleet, now);
        print(show, request, &gathering.fleet, now, first, surroundings)?;
        first = false;
        surroundings.out.flush()?;
        if show.every.is_none() {
            let exit = if show.check { Exit::check(&gathering.fleet, now) } else { Exit::Well };
            return Ok(exit);
        }
    }
}

/// Prints one look at the fleet, the first or a later one.
///
/// # Errors
/// A column that there is not; output that cannot be written.
pub fn print(
    show: &Show,
    request: &Request,
    fleet: &Fleet,
    now: Now,
    first: bool,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Stop> {
    let output = request.output;
    if output.format == Format::Prometheus {
        return Ok(print_samples(show, fleet, now, surroundings)?);
    }
    let mut document = Document::new(show.what, fleet, now);
    if show.problems {
        document.keep_problems();
    }
    if !show.fields.is_empty() {
        document.sheet = document.sheet.choose(&show.fields)?;
    }
    match output.format {
        Format::Json if show.every.is_some() => json::line(surroundings.out, &document)?,
        Format::Json => json::document(surroundings.out, &document)?,
        Format::Ndjson => json::lines(surroundings.out, &document.sheet)?,
        Format::Csv => {
            csv::write(surroundings.out, &document, first)?;
            if show.every.is_none() {
                surroundings.out.flush()?;
                remarks(&document, show, request, surroundings)?;
            }
        }
        Format::Oneline => {
            let line = oneline::line(&document, surroundings.paint(output));
            writeln!(surroundings.out, "{line}")?;
        }
        Format::Table | Format::Prometheus => print_table(show, request, &mut document, surroundings)?,
    }
    Ok(())
}

fn print_samples(show: &Show, fleet: &Fleet, now: Now, surroundings: &mut Surroundings<'_>) -> io::Result<()> {
    let samples: Vec<(_, Vec<Sample>)> =
        fleet.hosts().iter().map(|host| (&host.member.host.id, fleet.samples(host, now))).collect();
    let each = samples.iter().flat_map(|(host, samples)| samples.iter().map(move |sample| (*host, sample)));
    prometheus::write(surroundings.out, each.filter(|(_, sample)| prometheus::shows(show.what, sample.subject.kind)))
}

fn print_table(
    show: &Show,
    request: &Request,
    document: &mut Document,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Stop> {
    let paint = surroundings.paint(request.output);
    let chosen = !show.fields.is_empty();
    let clock = surroundings.local(document.made_at, "%H:%M:%S");
    let lines = if show.what == What::Status && !chosen {
        table::overview::lines(document, show.problems, &clock, paint)
    } else {
        table::lines(document, chosen, paint)
    };
    let redraws = show.every.is_some() && surroundings.out_is != Behind::File;
    if redraws {
        draw_over(lines, surroundings)?;
    } else {
        lines.iter().try_for_each(|line| writeln!(surroundings.out, "{line}"))?;
    }
    if !redraws && (show.what != What::Status || chosen) {
        surroundings.out.flush()?;
        remarks(document, show, request, surroundings)?;
    }
    Ok(())
}

/// Draws over what was drawn before: home, each line to its end, then everything below. Nothing flickers, nothing old
/// stays, and no more is drawn than the screen holds.
fn draw_over(mut lines: Vec<String>, surroundings: &mut Surroundings<'_>) -> io::Result<()> {
    if let Some(most) = surroundings.rows().map(|rows| rows.saturating_sub(1).max(2)).filter(|&most| lines.len() > most)
    {
        let more = lines.len() - (most - 1);
        lines.truncate(most - 1);
        lines.push(format!("  and {}", plural(more, "more line")));
    }
    surroundings.out.write_all(b"\x1b[H")?;
    lines.iter().try_for_each(|line| writeln!(surroundings.out, "{line}\x1b[K"))?;
    surroundings.out.write_all(b"\x1b[J")
}

/// On stderr: who did not tell what was asked, where the rows do not show it, and that there is nothing where there is
/// nothing.
fn remarks(
    document: &Document,
    show: &Show,
    request: &Request,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Stop> {
    if request.output.quiet {
        return Ok(());
    }
    let paint = surroundings.err_paint(request.output);
    let shown = ["link", "reasons"].iter().any(|name| document.sheet.place(name).is_some());
    let each_host_has_a_row = matches!(show.what, What::Status | What::Hosts);
    if !(shown && each_host_has_a_row) {
        for together in document.silent.chunk_by(|a, b| (&a.host, &a.code) == (&b.host, &b.code)) {
            let one = &together[0];
            let apis: Vec<_> = together.iter().map(|silent| silent.api).collect();
            let apis = apis.join(", ");
            let text = paint.spell(&terminal::line(&one.text));
            let line = match together.len() {
                _ if one.link != LinkState::Unreachable.word() => format!("{}: {apis}: {text}", one.host),
                1 => format!("{}: {apis} does not answer: {text}", one.host),
                _ => format!("{}: {apis} do not answer: {text}", one.host),
            };
            writeln!(surroundings.err, "{} {line}", paint.dress("note:", Meaning::Doubtful))?;
        }
    }
    if document.sheet.rows.is_empty() {
        let what = if show.what == What::Status { What::Hosts } else { show.what };
        let kind = if show.problems { "in trouble" } else { "told of" };
        writeln!(surroundings.err, "{} no {} {kind}", paint.dress("note:", Meaning::Faint), what.word())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
