//! The arguments: how a request is written, its help, and what is made from the same list, completions and manual pages.
//!
//! It knows how things are asked for and nothing of how they are done; everything behind it sees a [`Request`] alone.

mod audit;
mod given;
mod help;
mod list;
mod moment;
mod past;
mod record;
mod rules;

pub(crate) use help::no_such_command;
mod takes;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches};
use cm_core::fault::Code;

use self::list::Cli;
use crate::complaint::Complaint;
use crate::request::{Colour, Format, Output, Request};

/// What the arguments come to.
#[derive(Debug)]
pub enum Asked {
    /// Something to do.
    This(Box<Request>),
    /// Help or version: text for stdout.
    Text(String),
}

/// Reads the arguments, the program's name first. `colour` says whether help may be coloured.
///
/// # Errors
/// What was not understood, with what was probably meant.
pub fn read(arguments: impl IntoIterator<Item = OsString>, colour: bool) -> Result<Asked, Complaint> {
    let matches = match Cli::command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => {
            let text = error.render();
            return Ok(Asked::Text(if colour { text.ansi().to_string() } else { text.to_string() }));
        }
        Err(error) => return Err(misunderstood(&error)),
    };
    takes::check(&matches)?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| misunderstood(&error))?;
    given::request(cli).map(|request| Asked::This(Box::new(request)))
}

/// All arguments as a list, from which completions and manual pages are made.
pub fn command() -> clap::Command {
    Cli::command()
}

fn misunderstood(error: &clap::Error) -> Complaint {
    use clap::error::ContextKind;
    let text = error.render().to_string();
    let what = text.strip_prefix("error: ").unwrap_or(&text);
    // clap puts the sentence first, then tips and usage in paragraphs of their own.
    let sentence: Vec<&str> = what.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    let tips = what.lines().filter_map(|line| line.trim().strip_prefix("tip: "));
    let usage = error.get(ContextKind::Usage).map(ToString::to_string);
    let usage = usage.as_deref().map(|usage| usage.trim().trim_start_matches("Usage: ").replace('\n', " "));
    let stray = match error.get(ContextKind::InvalidArg) {
        Some(clap::error::ContextValue::String(stray)) if stray.parse::<u64>().is_ok() => Some(stray),
        _ => None,
    };
    // The one option whose number may be left out.
    let stray = stray.map(|number| format!("A number of seconds stands behind a sign: --watch={number}"));
    let next = stray
        .into_iter()
        .chain(tips.map(capital))
        .chain(usage.map(|usage| format!("Usage: {usage}")))
        .collect::<Vec<_>>()
        .join("; ");
    let complaint = Complaint::new(Code::USAGE, sentence.join(" "));
    if next.is_empty() { complaint } else { complaint.next(format!("{next} (more with --help).")) }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What can be known of how to print when the arguments as a whole were not understood.
pub fn guess_output(arguments: &[OsString]) -> Output {
    let has = |wanted: &[&str]| {
        let mut words = arguments.iter().skip(1).map(|argument| argument.to_string_lossy());
        let joined: Vec<_> = words.by_ref().collect();
        joined.iter().any(|word| wanted.contains(&word.as_ref()))
            || joined.windows(2).any(|pair| wanted.contains(&format!("{} {}", pair[0], pair[1]).as_str()))
    };
    let json = has(&["--json", "--format=json", "--format=ndjson", "--format json", "--format ndjson"]);
    Output {
        format: if json { Format::Json } else { Format::Table },
        colour: if has(&["--color=never", "--color never", "--colour=never"]) {
            Colour::Never
        } else if has(&["--color=always", "--color always", "--colour=always"]) {
            Colour::Always
        } else {
            Colour::Auto
        },
        ..Output::default()
    }
}

#[cfg(test)]
mod tests;
