//! The arguments: how a request is written, and its help. How things are done is not known here.

use std::ffi::OsString;
use std::path::PathBuf;

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
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Where the configuration is.
    pub config: Option<PathBuf>,
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
    let Given::Test { channel, print } = cli.command;
    let act = match channel {
        _ if print => Act::Print,
        Some(channel) => Act::Test { channel },
        None => Act::List,
    };
    Ok(Asked::This(Request { config: cli.config, act }))
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
