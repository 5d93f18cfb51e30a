//! What the command line asks for. Nothing is opened here.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use cm_core::config::dashboard::Theme;

use crate::gather::From;
use crate::state::Rights;

/// How to show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A screen.
    Screen,
    /// Lines, one after another.
    Lines,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// From where to read.
    pub(crate) from: From,
    /// Only these hosts.
    pub(crate) hosts: Vec<String>,
    /// Colours, over what is configured.
    pub(crate) theme: Option<Theme>,
    /// Only signs of ASCII.
    pub(crate) ascii: bool,
    /// How to show it.
    pub(crate) form: Form,
    /// What may be done.
    pub(crate) rights: Rights,
    /// The file of the history, over the usual one.
    pub(crate) database: Option<PathBuf>,
    /// The interval, over what is configured.
    pub(crate) refresh: Option<Duration>,
    /// Whether details are told that only matter when looking for a fault.
    pub(crate) verbose: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum ThemeArg {
    Auto,
    Dark,
    Light,
    HighContrast,
    Ansi16,
    None,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line, and none leaves this file")]
#[derive(Debug, Parser)]
#[command(
    name = "cm-tui",
    version,
    about = "Every Linux machine you own on one screen: what is wrong, and why",
    after_help = "Without a configuration it shows this machine; --demo shows a made-up fleet. Press ? for the keys.",
    max_term_width = 100
)]
struct Args {
    /// A configuration file, or a folder with hosts.toml and dashboard.toml
    #[arg(long, value_name = "PATH", conflicts_with_all = ["demo", "replay"])]
    config: Option<PathBuf>,
    /// Only these hosts (may be given several times, or with commas); one alone is opened at once
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    host: Vec<String>,
    /// A made-up fleet of five hosts, to look around
    #[arg(long, conflicts_with = "replay")]
    demo: bool,
    /// A snapshot that `cm-cli export --snapshot` wrote
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// The file of the history; without it, the usual one in the folder of state, and none for a made-up fleet
    #[arg(long, value_name = "PATH", conflicts_with = "replay")]
    database: Option<PathBuf>,
    /// Colours: auto asks the terminal whether it is dark or light; without it, `NO_COLOR` is heeded
    #[arg(long, value_name = "THEME", value_enum)]
    theme: Option<ThemeArg>,
    /// Only signs of ASCII (by itself where the locale is not UTF-8, and on the Linux console)
    #[arg(long)]
    ascii: bool,
    /// Lines instead of a screen, for screen readers and dumb terminals
    #[arg(long)]
    linear: bool,
    /// Only look: acts that change anything are not offered
    #[arg(long)]
    readonly: bool,
    /// Time from one round of asking to the next
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=60))]
    refresh: Option<u64>,
    /// Tell more: by what way and how fast each host answers
    #[arg(long)]
    verbose: bool,
}

impl Request {
    /// Reads the command line. What is to be said instead (help, version, a mistake) comes as clap's error.
    pub(crate) fn read(args: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Self, clap::Error> {
        let args = Args::try_parse_from(args)?;
        let from = match (args.demo, args.replay, args.config) {
            (true, ..) => From::Demo,
            (_, Some(path), _) => From::Replay(path),
            (_, _, Some(path)) => From::Path(path),
            _ => From::Configured,
        };
        let theme = args.theme.map(|theme| match theme {
            ThemeArg::Auto => Theme::Auto,
            ThemeArg::Dark => Theme::Dark,
            ThemeArg::Light => Theme::Light,
            ThemeArg::HighContrast => Theme::HighContrast,
            ThemeArg::Ansi16 => Theme::Ansi16,
            ThemeArg::None => Theme::None,
        });
        Ok(Self {
            from,
            hosts: args.host,
            database: args.database,
            theme,
            ascii: args.ascii,
            form: if args.linear { Form::Lines } else { Form::Screen },
            rights: if args.readonly { Rights::Read } else { Rights::Act },
            refresh: args.refresh.map(Duration::from_secs),
            verbose: args.verbose,
        })
    }
}

/// The command, for its man page and completions.
#[cfg(test)]
fn command() -> clap::Command {
    <Args as clap::CommandFactory>::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &str) -> Result<Request, clap::error::ErrorKind> {
        let args = std::iter::once("cm-tui").chain(args.split_whitespace()).map(std::ffi::OsString::from);
        Request::read(args).map_err(|error| error.kind())
    }

    #[test]
    fn the_command_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn every_option_is_understood() {
        let plain = read("").unwrap();
        assert_eq!((plain.from, plain.form, plain.rights), (From::Configured, Form::Screen, Rights::Act));
        let full =
            read("--config x --host a,b --theme high_contrast --ascii --linear --readonly --refresh 2 --verbose");
        let full = full.unwrap();
        assert_eq!((full.from, full.hosts.len(), full.theme), (From::Path("x".into()), 2, Some(Theme::HighContrast)));
        assert_eq!((full.form, full.rights, full.refresh), (Form::Lines, Rights::Read, Some(Duration::from_secs(2))));
        assert_eq!(read("--demo").unwrap().from, From::Demo);
        assert_eq!(read("--replay f").unwrap().from, From::Replay("f".into()));
        assert_eq!(read("--demo --database h.db").unwrap().database, Some("h.db".into()));
        for wrong in [
            "--demo --replay f",
            "--replay f --database h",
            "--demo --config x",
            "--refresh 0",
            "--refresh 61",
            "--theme plaid",
            "extra",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
