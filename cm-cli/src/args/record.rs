//! What `history record` takes.

use std::path::PathBuf;

use clap::Args;

use super::list::{PlaceArg, WhoArgs};

/// What `history record` takes.
#[derive(Debug, Args)]
pub(super) struct RecordArgs {
    #[command(flatten)]
    pub(super) who: WhoArgs,
    #[command(flatten)]
    pub(super) place: PlaceArg,
    /// A made-up fleet of five hosts, into a file of its own
    #[arg(long, requires = "database", help_heading = "Whom to look at")]
    pub(super) demo: bool,
    /// The history's file, instead of the configured one
    #[arg(long, value_name = "PATH", help_heading = "Which history")]
    pub(super) database: Option<PathBuf>,
}
