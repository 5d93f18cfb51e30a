//! The commands that read what was recorded: what is known, how it went, how fast it changes, what will be, a stream of
//! all of it, and the care of the file. How the history is read and how anything is foretold is known below, in
//! `cm-core`.
//!
//! | room | what it holds |
//! |---|---|
//! | [`care`] | stats, check, compact, backup, salvage |
//! | `open` | which file, and what is wrong with it in words |
//! | `find` | hosts, metrics and subjects by the names that people write |
//! | `known`, `readings`, `trend`, `predict` | a command each |
//! | `chart` | a series in characters |
//! | [`samples`] | everything as a stream, in slices |

pub mod care;
mod chart;
mod find;
mod known;
pub(crate) mod open;
mod predict;
mod readings;
pub mod samples;
mod trend;

use std::time::Duration;

use cm_core::catalogue;
use cm_core::clock::WallTime;
use cm_core::fault::Code;
use cm_core::outlook::Thing;
use cm_core::store::{Known, Span};
use cm_core::unit::Unit;

use crate::complaint::Complaint;
use crate::document::Value;
use crate::document::past::PastDocument;
use crate::exit::Exit;
use crate::format::{csv, json, table};
use crate::paint::Meaning;
use crate::request::{Ask, Between, Format, Moment, Output, Past};
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// Does what was asked.
///
/// # Errors
/// A history that is not there or cannot be read; a name that is not in it; output that cannot be written.
pub fn run(past: &Past, output: Output, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    if let Ask::Care(care) = &past.what {
        return care::run(care, past.database.as_deref(), output, surroundings);
    }
    let reader = open::reader(past.database.as_deref(), surroundings)?;
    let done = match &past.what {
        Ask::Known { host } => known::run(host.as_deref(), &reader, past, output, surroundings),
        Ask::Readings(readings) => readings::run(readings, &reader, past, output, surroundings),
        Ask::Trend(trend) => trend::run(trend, &reader, past, output, surroundings),
        Ask::Predict { host } => predict::run(host.as_deref(), &reader, past, output, surroundings),
        Ask::Samples(asked) => samples::run(asked, &reader, output, surroundings),
        Ask::Care(_) => Ok(Exit::Well),
    }?;
    let damaged = reader.damaged();
    if damaged > 0 {
        let what =
            format!("{damaged} parts of the history are damaged and left out; `cm-cli history check` names them");
        note(&what, output, surroundings)?;
    }
    Ok(done)
}

/// Prints a document in the form that was asked for. Where a table has nothing to show, `nothing` says so on stderr.
fn print(
    mut document: PastDocument,
    nothing: &str,
    past: &Past,
    output: Output,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Stop> {
    let chosen = !past.fields.is_empty();
    if chosen {
        document.sheet = document.sheet.choose(&past.fields)?;
    }
    match output.format {
        Format::Json => json::document(surroundings.out, &document)?,
        Format::Ndjson => json::lines(surroundings.out, &document.sheet)?,
        Format::Csv => csv::sheet(surroundings.out, &document.sheet, true)?,
        Format::Table | Format::Prometheus | Format::Oneline => {
            for line in table::past_lines(&document, chosen, surroundings.paint(output)) {
                writeln!(surroundings.out, "{line}")?;
            }
        }
    }
    if document.sheet.rows.is_empty() {
        note(nothing, output, surroundings)?;
    }
    Ok(())
}

/// A remark on stderr, after what was said on stdout.
pub(crate) fn note(what: &str, output: Output, surroundings: &mut Surroundings<'_>) -> Result<(), Stop> {
    if output.quiet {
        return Ok(());
    }
    surroundings.out.flush()?;
    let paint = surroundings.err_paint(output);
    let what = paint.spell(&cm_core::text::terminal::line(what));
    writeln!(surroundings.err, "{} {what}", paint.dress("note:", Meaning::Faint))?;
    Ok(())
}

/// The span that was asked for; from `usual` before its end where no beginning was named.
pub(crate) fn span(between: Between, usual: Duration, surroundings: &Surroundings<'_>) -> Result<Span, Complaint> {
    let now = surroundings.clock.now().wall;
    let until = between.until.map_or(now, |until| moment(until, now, surroundings));
    let since = between.since.map_or_else(|| until.before(usual), |since| moment(since, now, surroundings));
    if since < until {
        return Ok(Span::new(since, until));
    }
    let what = "--since lies at or after --until, so there is no time between them";
    Err(Complaint::new(Code::USAGE, what).next("Name an earlier --since: a span as 7d counts back from now."))
}

fn moment(asked: Moment, now: WallTime, surroundings: &Surroundings<'_>) -> WallTime {
    match asked {
        Moment::Ago(span) => now.before(span),
        Moment::Utc { secs } => WallTime::from_secs(secs),
        Moment::Local { secs } => {
            let ahead = |at: WallTime| i64::from((surroundings.ahead_s)(at));
            // The zone's offset is that of the moment itself: asked once with a guess, once with what came of it.
            let guess = WallTime::from_secs(secs - ahead(WallTime::from_secs(secs)));
            WallTime::from_secs(secs - ahead(guess))
        }
    }
}

/// A moment for a cell.
fn moment_cell(at: WallTime, surroundings: &Surroundings<'_>) -> Value {
    Value::Moment(at, surroundings.local(at, "%Y-%m-%d %H:%M %:z"))
}

/// Host, kind, subject and identity, as every document has them.
fn place_cells(thing: &Thing) -> [Value; 4] {
    [
        thing.host.as_ref().map_or(Value::None, |host| Value::name(host.as_str())),
        Value::Word(thing.kind.word()),
        Value::text(Some(&thing.name)),
        Value::text(thing.identity.as_ref()),
    ]
}

/// What a series counts in. Means of yes and no are shares.
fn unit_of(known: &Known) -> Unit {
    const DECLARED: [Unit; 11] = [
        Unit::Percent,
        Unit::Celsius,
        Unit::Bytes,
        Unit::BytesPerSecond,
        Unit::Seconds,
        Unit::Milliseconds,
        Unit::Hours,
        Unit::Megahertz,
        Unit::Watts,
        Unit::Volts,
        Unit::Amperes,
    ];
    let listed = catalogue::by_name(&known.metric).map(|entry| entry.metric.unit);
    let unit = listed.or_else(|| DECLARED.into_iter().find(|unit| unit.word() == known.unit));
    match unit {
        Some(Unit::Flag) => Unit::Ratio,
        Some(unit) => unit,
        None => Unit::Count,
    }
}
