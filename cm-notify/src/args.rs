//! The arguments: how a request is written, and its help. How things are done is not known here.

use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use cm_core::fault::Code;

use crate::exit::{Complaint, Exit};

/// Tells people what is wrong with their machines: by mail, on a phone, in a chat room, on the desktop.
#[derive(Debug, Parser)]
#[command(name = "cm-notify", version, disable_help_subcommand = true, subcommand_required = true)]
struct Cli {
    /// The configuration: a folder, or a file; the usual places otherwise
    #[arg(long, global = true, value_name = "PATH", env = "CM_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Given,
}

#[derive(Debug, Subcommand)]
enum Given {
    /// Send a test, marked as one, by a channel; without a channel list those that there are
    Test {
        /// The channel's name
        channel: Option<String>,
        /// Show what a program or a webhook would be given, and send nothing
        #[arg(long)]
        print: bool,
    },
    /// Watch as a service: ask, record, judge and tell, until a signal comes
    Watch(FileArg),
    /// Ask, judge and tell once, for cron; silent unless something keeps it from telling
    Check {
        #[command(flatten)]
        file: FileArg,
        /// How far apart it is called: 30s, 5m, 1h. Time between two calls counts for `for` up to three times that
        #[arg(long, value_name = "TIME", default_value = "5m", value_parser = span)]
        every: Duration,
    },
    /// List the messages that wait, and why
    Outbox {
        #[command(flatten)]
        file: FileArg,
        /// Those that have ended lately as well
        #[arg(long)]
        all: bool,
    },
}

/// Which history.
#[derive(Debug, clap::Args)]
struct FileArg {
    /// The history's file, instead of the configured one
    #[arg(long, value_name = "PATH")]
    database: Option<PathBuf>,
}

/// The shortest and the longest time between two calls.
const APART: RangeInclusive<u64> = 1..=86_400;

fn span(text: &str) -> Result<Duration, String> {
    let forms = || "a time is written like 30s, 5m or 1h, from 1s to 24h".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(forms)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return Err(forms()),
    };
    let secs = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    secs.filter(|secs| APART.contains(secs)).map(Duration::from_secs).ok_or_else(forms)
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Where the configuration is.
    pub config: Option<PathBuf>,
    /// The history's file, where it was named.
    pub database: Option<PathBuf>,
    /// What to do.
    pub act: Act,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// List the channels.
    List,
    /// Send a test by this channel.
    Test {
        /// Its name.
        channel: String,
    },
    /// Show the test as JSON.
    Print,
    /// Watch as a service.
    Watch,
    /// One round.
    Check {
        /// How far apart rounds are.
        every: Duration,
    },
    /// List the messages that wait.
    Outbox {
        /// Those that have ended as well.
        all: bool,
    },
}

/// What the arguments come to.
#[derive(Debug)]
pub enum Asked {
    /// Something to do.
    This(Request),
    /// Help or version: text for standard output.
    Text(String),
}

/// Reads the arguments, the program's name first.
pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Asked, Complaint> {
    let codes: Vec<String> =
        Exit::LIST.iter().map(|(exit, means)| format!("  {:>3}  {means}", exit.number())).collect();
    let command = Cli::command().after_help(format!("Exit codes:\n{}", codes.join("\n")));
    let matches = match command.try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => return Ok(Asked::Text(error.render().to_string())),
        Err(error) => return Err(misunderstood(&error)),
    };
    let cli = Cli::from_arg_matches(&matches).map_err(|error| misunderstood(&error))?;
    let (act, database) = match cli.command {
        Given::Test { print: true, .. } => (Act::Print, None),
        Given::Test { channel: Some(channel), .. } => (Act::Test { channel }, None),
        Given::Test { channel: None, .. } => (Act::List, None),
        Given::Watch(file) => (Act::Watch, file.database),
        Given::Check { file, every } => (Act::Check { every }, file.database),
        Given::Outbox { file, all } => (Act::Outbox { all }, file.database),
    };
    Ok(Asked::This(Request { config: cli.config, database, act }))
}

fn misunderstood(error: &clap::Error) -> Complaint {
    let text = error.render().to_string();
    let what = text.strip_prefix("error: ").unwrap_or(&text);
    // clap puts the sentence first, then tips and usage in paragraphs of their own.
    let sentence: Vec<&str> = what.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    let tip = what.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    Complaint::One {
        code: Code::USAGE,
        what: sentence.join(" "),
        next: Some(tip.map_or("More with --help.".to_owned(), |tip| format!("{tip} (more with --help)."))),
        exit: Exit::Usage,
    }
}
