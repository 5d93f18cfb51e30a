//! The list of what `rules` takes.

use std::path::PathBuf;

use clap::Subcommand;

use super::list::{AboutArgs, InsteadArgs, JsonArg, PlaceArg, WhoArgs};

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Every rule that is in force or switched off, and where it stands
    List(AboutArgs),
    /// Everything that is wrong with files of rules, with its place and the next step
    Check {
        /// Files; without any, those of the configured folder
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        about: AboutArgs,
    },
    /// Whether a condition holds now, for each thing that it looks at
    Test {
        /// A condition in quotes, as it stands behind `when`; or the name of a rule
        #[arg(value_name = "CONDITION")]
        condition: String,
        #[command(flatten)]
        who: WhoArgs,
        #[command(flatten)]
        place: PlaceArg,
        #[command(flatten)]
        instead: InsteadArgs,
        #[command(flatten)]
        json: JsonArg,
    },
}
