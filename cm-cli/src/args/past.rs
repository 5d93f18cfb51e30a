//! The list of what the commands of the history take, with the words of their help.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::list::{FormArgs, JsonArg, name};
use super::record::RecordArgs;
use super::{help, moment};
use crate::request::Moment;

/// Where the history is.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which history")]
pub(super) struct DatabaseArg {
    /// The history's file (usually history.db in the folder of state, see `cm-cli config paths`)
    #[arg(long, value_name = "PATH")]
    pub(super) database: Option<PathBuf>,
}

/// From when to when.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Which time")]
pub(super) struct BetweenArgs {
    /// From when on: 7d, 2h30m, 2026-11-20, "2026-11-20 03:14"; local time, or UTC with a Z behind it
    #[arg(long, value_name = "WHEN", value_parser = moment::moment)]
    pub(super) since: Option<Moment>,
    /// Until when, written the same way (usually now)
    #[arg(long, value_name = "WHEN", value_parser = moment::moment)]
    pub(super) until: Option<Moment>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum StepArg {
    /// as measured
    Raw,
    /// minutes
    #[value(name = "1m")]
    Minute,
    /// hours
    #[value(name = "1h")]
    Hour,
    /// days
    #[value(name = "1d")]
    Day,
}

/// What `history` takes.
#[derive(Debug, Args)]
pub(super) struct HistoryArgs {
    #[command(subcommand)]
    pub(super) act: Option<HistoryCommand>,
    /// The host, or a drive's serial number; without it, what is known
    #[arg(value_name = "HOST")]
    pub(super) host: Option<String>,
    /// The metric: its name in `cm-cli history HOST`
    #[arg(value_name = "METRIC")]
    pub(super) metric: Option<String>,
    /// On which of several: a filesystem, a service, a drive
    #[arg(value_name = "SUBJECT")]
    pub(super) subject: Option<String>,
    #[command(flatten)]
    pub(super) between: BetweenArgs,
    /// As measured or summed up: raw, 1m, 1h or 1d (usually what gives up to 200 rows)
    #[arg(long, value_name = "STEP", value_enum, hide_possible_values = true, help_heading = "Which time")]
    pub(super) step: Option<StepArg>,
    #[command(flatten)]
    pub(super) database: DatabaseArg,
    #[command(flatten)]
    pub(super) form: FormArgs,
    /// Draw a chart, into a pipe as well
    #[arg(long, help_heading = "How to print", conflicts_with_all = ["format", "json", "fields"])]
    pub(super) chart: bool,
}

/// What only the file is needed for.
#[derive(Debug, Args)]
pub(super) struct FileArgs {
    #[command(flatten)]
    pub(super) database: DatabaseArg,
    #[command(flatten)]
    pub(super) json: JsonArg,
}

#[derive(Debug, Subcommand)]
pub(super) enum HistoryCommand {
    /// Record what hosts tell, until it is ended
    #[command(after_help = help::RECORD)]
    Record(RecordArgs),
    /// How large the history is, what is in it and what was left out
    Stats(FileArgs),
    /// Look at every page and every checksum
    Check(FileArgs),
    /// Give room that is free inside the file back to the disk
    Compact(FileArgs),
    /// Copy the history into a new file while it is in use
    Backup {
        /// The new file
        #[arg(value_name = "PATH")]
        path: PathBuf,
        #[command(flatten)]
        file: FileArgs,
    },
    /// Save what is whole of a damaged history into a new file
    Salvage {
        /// The damaged file, which is only read
        #[arg(value_name = "FROM")]
        from: PathBuf,
        /// The new file
        #[arg(value_name = "TO")]
        to: PathBuf,
        #[command(flatten)]
        json: JsonArg,
    },
}

/// What `trend` takes.
#[derive(Debug, Args)]
pub(super) struct TrendArgs {
    /// Of this host alone, or of the drive with this serial number
    #[arg(value_name = "HOST")]
    pub(super) host: Option<String>,
    /// Of this metric alone (usually of wear, memory and what fills up)
    #[arg(value_name = "METRIC")]
    pub(super) metric: Option<String>,
    #[command(flatten)]
    pub(super) between: BetweenArgs,
    #[command(flatten)]
    pub(super) database: DatabaseArg,
    #[command(flatten)]
    pub(super) form: FormArgs,
}

/// What `predict` takes.
#[derive(Debug, Args)]
pub(super) struct PredictArgs {
    /// Of this host alone, or of the drive with this serial number
    #[arg(long, value_name = "NAME")]
    pub(super) host: Option<String>,
    #[command(flatten)]
    pub(super) database: DatabaseArg,
    #[command(flatten)]
    pub(super) form: FormArgs,
}

/// What `export` takes where it writes what was measured.
#[derive(Debug, Args)]
pub(super) struct SamplesArgs {
    /// The form: csv (unless told otherwise), json or ndjson
    #[arg(long, value_name = "FORM", value_enum, hide_possible_values = true, help_heading = "How to print")]
    pub(super) format: Option<SamplesFormatArg>,
    #[command(flatten)]
    pub(super) between: BetweenArgs,
    /// As measured or summed up: raw (unless told otherwise), 1m, 1h or 1d
    #[arg(long, value_name = "STEP", value_enum, hide_possible_values = true, help_heading = "Which time")]
    pub(super) step: Option<StepArg>,
    /// Only these metrics (may be given several times, or with commas)
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = name, help_heading = "Which history")]
    pub(super) metric: Vec<String>,
    #[command(flatten)]
    pub(super) database: DatabaseArg,
    /// Into this file: written beside it first and moved into its place whole
    #[arg(long, value_name = "FILE", help_heading = "How to print")]
    pub(super) output: Option<PathBuf>,
    /// Behind what is in the file already: to go on where an export was broken off
    #[arg(long, requires = "output", help_heading = "How to print")]
    pub(super) append: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum SamplesFormatArg {
    /// for a spreadsheet
    Csv,
    /// one document
    Json,
    /// one JSON document a sample
    Ndjson,
}
