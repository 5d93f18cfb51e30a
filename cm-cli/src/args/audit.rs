//! What `audit` takes.

use std::path::PathBuf;

use clap::Subcommand;
use cm_core::audit::Head;

use super::past::{BetweenArgs, FileArgs};

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Every act: when, who, what, why
    Show {
        #[command(flatten)]
        between: BetweenArgs,
        #[command(flatten)]
        file: FileArgs,
    },
    /// Name each act that was edited, dropped, put elsewhere or cut off
    Verify {
        /// A file with a key that was written down, `-` for stdin
        #[arg(long, value_name = "FILE", help_heading = "What is known besides")]
        key_file: Option<PathBuf>,
        /// A head that was seen elsewhere: a mail's last line (may be given several times)
        #[arg(long, value_name = "HEAD", help_heading = "What is known besides")]
        head: Vec<Head>,
        #[command(flatten)]
        file: FileArgs,
    },
    /// Print the key by which all acts from here on are proven, to be kept elsewhere
    Key {
        #[command(flatten)]
        database: super::past::DatabaseArg,
    },
}
