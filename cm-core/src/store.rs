//! The history on disk: one SQLite file, one writer, any number of readers. All SQL is in this room and nowhere else.
//!
//! | room | what it holds |
//! |---|---|
//! | [`trouble`] | what can go wrong, and what to do next |
//! | [`ground`] | which filesystem lies under the file, and how much room is left |
//! | [`open`] | opening to write or to read, with the settings that keep a file whole |
//! | `migration` | the layouts of the file, from the first to today's |
//! | [`lease`] | who may write: an epoch that outlives its holder |
//! | [`writer`] | samples as they come |
//! | [`incidents`] | incidents and what was decided over them, in one transaction with what is told of them |
//! | [`asked`] | what people ask for from programs that do not hold the lease |
//! | [`tell`] | what hosts said, how they answered, their backup runs |
//! | `checked` | text with a checksum |
//! | `frame` | whole reports, so that any moment can be shown again |
//! | [`seal`] | hours that are over become chunks, days that are over roll-ups |
//! | [`expire`] | what is too old goes, from the log as well |
//! | [`read`] | a series over a span, in short slices |
//! | [`sweep`] | all series at once, for who reads everything |
//! | [`extent`] | since when and until when there is anything of a series |
//! | [`outbox`] | messages and what channels know; the right to send one |
//! | [`audit`] | acts, sealed one behind the other, and the key that moves on with them |
//! | [`stats`], [`check`], [`compact`], [`backup`], [`salvage`] | the care of the file |
//!
//! What other processes do to the file: they read it at any time, in short slices; one of them may take the lease when
//! it has run out, and from then on nothing is written under the old epoch. Only SQLite opens, copies or renames the
//! live file: a stray open and close in the writer's process would drop its locks. A newer version's file is refused
//! untouched; an older one is brought up to date after a copy.
//!
//! Samples are written without waiting for the disk (`synchronous=NORMAL`: a power cut may take the last seconds);
//! leases, incidents, messages, the audit log and what hosts said are on the disk when the call returns
//! (`synchronous=FULL`). SQLite blocks, so this room
//! belongs on a thread of its own. It asks nobody for the time.

pub mod asked;
pub mod audit;
pub mod backup;
mod batch;
pub mod check;
mod checked;
mod chunk;
pub mod compact;
pub mod expire;
pub mod extent;
mod frame;
pub mod ground;
pub mod incidents;
pub mod lease;
mod migration;
pub mod open;
pub mod outbox;
pub mod read;
pub mod salvage;
pub mod seal;
pub mod stats;
pub mod sweep;
pub mod tell;
pub mod trouble;
pub mod writer;

pub use frame::Frame;
pub use incidents::Together;
pub use lease::{Claim, Holder};
pub use open::{Limits, Opening};
pub use read::{Known, Reader, Span};
pub use trouble::{OpenError, StoreError};
pub use writer::{Appended, Measured, Writer};

use std::path::{Path, PathBuf};

/// The file's usual place in the folder of state ([`Places::state`](crate::config::Places::state)).
pub fn usual_path(state: &Path) -> PathBuf {
    state.join("history.db")
}

/// The folder of a file; the current one for a bare name.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests;
