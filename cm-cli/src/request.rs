//! What was asked for, in plain types. It does not know how arguments are written.

use std::path::PathBuf;
use std::time::Duration;

use cm_core::audit::Head;
use cm_core::gather::Choice;

pub mod past;

pub use past::{Ask, Between, Care, Chart, Moment, Past, Readings, Samples, Trend};

/// One run of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What to do.
    pub act: Act,
    /// Whom to look at.
    pub watch: Watch,
    /// How to print.
    pub output: Output,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Gather the fleet and show something of it.
    Show(Show),
    /// Say something of the configuration.
    Config(ConfigAct),
    /// Find what is wrong with the set-up.
    Doctor {
        /// Whether the exit code tells what was found.
        check: bool,
    },
    /// Explain a fault, or list them all.
    Explain(Option<String>),
    /// Write the fleet as it is into a file.
    Export {
        /// Where to.
        file: PathBuf,
        /// Whether hosts, serial numbers and addresses get other names.
        rename: bool,
    },
    /// Ask the history, or do something for its file.
    Past(Past),
    /// Say what was done, or whether anybody rewrote that.
    Audit {
        /// Of which history; the configured one where none is named.
        database: Option<PathBuf>,
        /// What to say.
        what: Audit,
    },
    /// Record the history until somebody ends it.
    Record {
        /// Into which file; the configured one where none is named.
        database: Option<PathBuf>,
    },
    /// Say something of the rules.
    Rules(RulesAct),
    /// Print the JSON Schema of a command's document, or of all.
    Schema(Option<String>),
    /// Print something that is made of the arguments themselves: help, completions, a manual page.
    Text(String),
}

/// What to say of the acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audit {
    /// Which there were, in a span of time.
    Show(Between),
    /// Whether they are as they were.
    Verify {
        /// The file with a key that was written down; `-` for stdin.
        key_file: Option<PathBuf>,
        /// Heads that were seen elsewhere.
        heads: Vec<Head>,
    },
    /// The key, to be written down elsewhere.
    Key,
}

/// A look at the fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Show {
    /// Of what.
    pub what: What,
    /// Only what is in trouble.
    pub problems: bool,
    /// Whether the exit code tells how the fleet stands.
    pub check: bool,
    /// Again and again, at this interval.
    pub every: Option<Duration>,
    /// These columns, in this order; empty for the usual ones.
    pub fields: Vec<String>,
}

/// What can be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// Whether every host is well, and why not.
    Status,
    /// Hosts with their figures.
    Hosts,
    /// Drives.
    Drives,
    /// Services.
    Services,
    /// Backups.
    Backups,
    /// Every sample of every metric.
    Metrics,
}

impl What {
    /// All of them, in the order of the help.
    pub const ALL: [Self; 6] = [Self::Status, Self::Hosts, Self::Drives, Self::Services, Self::Backups, Self::Metrics];

    /// The command, which is also the name of its rows in JSON but for `status`, whose rows are hosts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Hosts => "hosts",
            Self::Drives => "drives",
            Self::Services => "services",
            Self::Backups => "backups",
            Self::Metrics => "metrics",
        }
    }

    /// The formats in which it can be said.
    pub const fn formats(self) -> &'static [Format] {
        match self {
            Self::Status => &Format::ALL,
            _ => &[Format::Table, Format::Json, Format::Csv, Format::Ndjson, Format::Prometheus],
        }
    }
}

/// What to say of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigAct {
    /// Every setting in force, and where it comes from.
    Show,
    /// Every problem, with its place.
    Check,
    /// A commented configuration, written or printed.
    Init {
        /// Print it instead of writing it.
        print: bool,
    },
    /// Where files are looked for.
    Paths,
}

/// What to say of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulesAct {
    /// Every rule, and where it stands.
    List,
    /// What is wrong with files of rules.
    Check {
        /// Which files; those of the configured folder where none is named.
        files: Vec<PathBuf>,
    },
    /// Whether a condition holds now.
    Test {
        /// The condition, or the name of a rule.
        condition: String,
    },
}

/// Whom to look at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Watch {
    /// Where the fleet comes from.
    pub from: From,
    /// Only these hosts; all where it is empty.
    pub hosts: Vec<String>,
    /// Only hosts of these roles; all where it is empty.
    pub groups: Vec<String>,
}

impl Watch {
    /// Which hosts are wanted.
    pub fn choice(&self) -> Choice<'_> {
        Choice { hosts: &self.hosts, groups: &self.groups }
    }
}

/// Where the fleet comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum From {
    /// The configuration; this machine where there is none.
    #[default]
    Configured,
    /// The configuration in this file or folder, which must be there.
    Path(PathBuf),
    /// A made-up fleet.
    Demo,
    /// A snapshot.
    Replay(PathBuf),
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Output {
    /// The form.
    pub format: Format,
    /// When to colour.
    pub colour: Colour,
    /// Only signs of ASCII, whatever the locale says.
    pub ascii: bool,
    /// No remarks on stderr.
    pub quiet: bool,
    /// From which level on to log to stderr; nothing where it is absent.
    pub log: Option<Level>,
}

/// The forms of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// One document.
    Json,
    /// A header and a line a row.
    Csv,
    /// A JSON document a row.
    Ndjson,
    /// Prometheus' text format.
    Prometheus,
    /// One short line for a status bar.
    Oneline,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Table, Self::Json, Self::Csv, Self::Ndjson, Self::Prometheus, Self::Oneline];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Prometheus => "prometheus",
            Self::Oneline => "oneline",
        }
    }

    /// Whether a program reads it, so that messages should be JSON as well.
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Ndjson)
    }
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colour {
    /// Where a terminal takes it and nobody objects.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What failed.
    Error,
    /// And what is doubtful.
    Warn,
    /// And what was done.
    Info,
    /// And each answer.
    Debug,
}
