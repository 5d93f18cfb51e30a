//! The list of commands and options, with the words of their help: the one place where an argument is declared.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::audit::AuditCommand;
use super::help;
use super::past::{HistoryArgs, PredictArgs, SamplesArgs, TrendArgs};
use super::rules::RulesCommand;

#[derive(Debug, Parser)]
#[command(
    name = "cm-cli",
    version,
    long_version = help::VERSION,
    about = "Every Linux machine you own in one command: what is wrong, why, and what next",
    long_about = help::ABOUT,
    after_help = help::EXAMPLES,
    after_long_help = help::after_long(),
    max_term_width = 100,
    propagate_version = true
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) common: CommonArgs,
    /// What stands before the command, or without one, means the same as behind it.
    #[command(flatten)]
    pub(super) list: ListArgs,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// What all commands take.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options for every command")]
pub(super) struct CommonArgs {
    /// When to colour: auto, always or never; the environment may say it too
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = ColourArg::Auto, alias = "colour", hide_possible_values = true)]
    pub(super) color: ColourArg,
    /// Only signs of ASCII (by itself where the locale is not UTF-8)
    #[arg(long, global = true)]
    pub(super) ascii: bool,
    /// No remarks on stderr; errors are still told
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    /// Log to stderr from this level on: error, warn, info or debug
    #[arg(long, global = true, value_name = "LEVEL", value_enum, hide_possible_values = true)]
    pub(super) log_level: Option<LevelArg>,
}

/// What a look at the fleet takes.
#[derive(Debug, Args)]
pub(super) struct LookArgs {
    #[command(flatten)]
    pub(super) who: WhoArgs,
    #[command(flatten)]
    pub(super) place: PlaceArg,
    #[command(flatten)]
    pub(super) instead: InsteadArgs,
    #[command(flatten)]
    pub(super) form: FormArgs,
    #[command(flatten)]
    pub(super) check: CheckArg,
    #[command(flatten)]
    pub(super) watch: WatchArg,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Whom to look at")]
pub(super) struct WhoArgs {
    /// Only these hosts (may be given several times, or with commas)
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = name)]
    pub(super) host: Vec<String>,
    /// Only hosts of these roles
    #[arg(long, value_name = "ROLE", value_delimiter = ',', value_parser = name, alias = "role")]
    pub(super) group: Vec<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Whom to look at")]
pub(super) struct PlaceArg {
    /// A configuration file, or a folder with hosts.toml and dashboard.toml
    #[arg(long, value_name = "PATH")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Whom to look at")]
pub(super) struct InsteadArgs {
    /// A made-up fleet of five hosts, to look around
    #[arg(long)]
    pub(super) demo: bool,
    /// A snapshot that `export --snapshot` wrote
    #[arg(long, value_name = "FILE")]
    pub(super) replay: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How to print")]
pub(super) struct FormArgs {
    /// The form of the output: table, json, csv, ndjson, prometheus or oneline
    #[arg(long, value_name = "FORM", value_enum, hide_possible_values = true)]
    pub(super) format: Option<FormatArg>,
    #[command(flatten)]
    pub(super) json: JsonArg,
    /// Only these columns, in this order
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = name)]
    pub(super) fields: Vec<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How to print")]
pub(super) struct JsonArg {
    /// One JSON document; errors are JSON on stderr then
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "When and how often")]
pub(super) struct CheckArg {
    /// Exit 0, 1, 2 or 3: well, warning, critical, unknown
    #[arg(long)]
    pub(super) check: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "When and how often")]
pub(super) struct WatchArg {
    /// Again and again, every 1 to 60 seconds (usually 5)
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "5", value_parser = seconds)]
    pub(super) watch: Option<u64>,
}

/// A name of a list that may be written `a, b`.
pub(super) fn name(text: &str) -> Result<String, &'static str> {
    Some(text.trim()).filter(|name| !name.is_empty()).map(str::to_owned).ok_or("a name is missing")
}

fn seconds(text: &str) -> Result<u64, &'static str> {
    text.parse()
        .ok()
        .filter(|seconds| (1..=60).contains(seconds))
        .ok_or("a number of seconds from 1 to 60 was expected")
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FormatArg {
    /// for people
    Table,
    /// one document
    Json,
    /// for a spreadsheet
    Csv,
    /// one JSON document a row
    Ndjson,
    /// Prometheus' text format
    Prometheus,
    /// one short line for a status bar
    Oneline,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ColourArg {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum LevelArg {
    Error,
    Warn,
    Info,
    Debug,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Whether every host is well, and if not why and what next (also without a command)
    #[command(after_help = help::STATUS)]
    Status(ListArgs),
    /// Hosts with their system, processor, memory and load
    #[command(after_help = help::HOSTS)]
    Hosts(ListArgs),
    /// Drives with wear, spare blocks, temperature and errors
    #[command(after_help = help::DRIVES)]
    Drives(ListArgs),
    /// Services with memory, processor and disk use against their limits
    #[command(after_help = help::SERVICES)]
    Services(ListArgs),
    /// Backups with their last success, size and next run
    #[command(after_help = help::BACKUPS)]
    Backups(ListArgs),
    /// Every reading of every host
    #[command(after_help = help::METRICS)]
    Metrics(LookArgs),
    /// The configuration: in force, its problems, a new one, where it lies
    #[command(after_help = help::CONFIG, subcommand_required = true, arg_required_else_help = true)]
    Config {
        #[command(subcommand)]
        act: ConfigCommand,
    },
    /// Write a commented configuration, as `config init` does
    #[command(hide = true, after_help = help::CONFIG)]
    Init {
        /// Print it instead
        #[arg(long)]
        print: bool,
        #[command(flatten)]
        place: PlaceArg,
    },
    /// Find what is wrong with the set-up, with the next step for each
    #[command(after_help = help::DOCTOR)]
    Doctor {
        #[command(flatten)]
        who: WhoArgs,
        #[command(flatten)]
        place: PlaceArg,
        #[command(flatten)]
        json: JsonArg,
        #[command(flatten)]
        check: CheckArg,
    },
    /// Explain a fault by its code, or list them all
    #[command(after_help = help::EXPLAIN)]
    Explain {
        /// The code, as in CM-0103
        #[arg(value_name = "CODE")]
        code: Option<String>,
        #[command(flatten)]
        json: JsonArg,
    },
    /// What was recorded and since when, how a reading went, and the care of the file
    #[command(after_help = help::HISTORY, args_conflicts_with_subcommands = true)]
    History(HistoryArgs),
    /// How fast things change: a robust slope a day, with its interval
    #[command(after_help = help::TREND)]
    Trend(TrendArgs),
    /// When drives come to their limit and disks are full, the soonest first, and why
    #[command(after_help = help::PREDICT)]
    Predict(PredictArgs),
    /// Who did what and why, and whether anybody rewrote it
    #[command(after_help = help::AUDIT, subcommand_required = true, arg_required_else_help = true)]
    Audit {
        #[command(subcommand)]
        act: AuditCommand,
    },
    /// Rules: which are in force, what is wrong with files of them, whether a condition holds now
    #[command(after_help = help::RULES, subcommand_required = true, arg_required_else_help = true)]
    Rules {
        #[command(subcommand)]
        act: RulesCommand,
    },
    /// Write what was recorded into a file, or with --snapshot the fleet as it is
    #[command(after_help = help::EXPORT)]
    Export {
        #[command(flatten)]
        samples: SamplesArgs,
        #[command(flatten)]
        snapshot: SnapshotArgs,
        #[command(flatten)]
        who: WhoArgs,
        #[command(flatten)]
        place: PlaceArg,
        #[command(flatten)]
        instead: InsteadArgs,
    },
    /// The JSON Schema of a command's document, or of all
    #[command(after_help = help::SCHEMA)]
    Schema {
        /// The command, or `error` for what stands on stderr
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
    /// Completions for a shell, to be sourced or installed
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// The shell
        #[arg(value_name = "SHELL", value_enum)]
        shell: clap_complete::Shell,
    },
    /// A manual page
    #[command(after_help = help::MAN)]
    Man {
        /// The command; without it the page of the whole program
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
}

/// What an export takes where it writes the fleet as it is.
#[derive(Debug, Args)]
#[command(next_help_heading = "The fleet as it is")]
pub(super) struct SnapshotArgs {
    /// Write the fleet as it is into this file, for a question or a bug report
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "since", "until", "step", "metric", "database", "output", "append"])]
    pub(super) snapshot: Option<PathBuf>,
    /// Give hosts, serial numbers and addresses other names
    #[arg(long, requires = "snapshot")]
    pub(super) rename_hosts: bool,
}

/// What a list takes.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    pub(super) look: LookArgs,
    /// Only what is not well
    #[arg(long, short, help_heading = "Whom to look at")]
    pub(super) problems: bool,
}

/// What a question about the configuration takes.
#[derive(Debug, Args)]
pub(super) struct AboutArgs {
    #[command(flatten)]
    pub(super) place: PlaceArg,
    #[command(flatten)]
    pub(super) json: JsonArg,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Every setting in force, and where its value comes from
    Show(AboutArgs),
    /// Every problem of the configuration, with its place and the next step
    Check(AboutArgs),
    /// Write a commented configuration where there is none
    Init {
        /// Print it instead
        #[arg(long)]
        print: bool,
        #[command(flatten)]
        place: PlaceArg,
    },
    /// Where files are looked for, and what is there
    Paths(AboutArgs),
}
