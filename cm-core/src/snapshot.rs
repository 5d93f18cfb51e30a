//! A fleet at one moment, as a file: for bug reports, questions and tests.
//!
//! `export --snapshot` writes it and `--replay` reads it. It holds what the sources yielded, reports as the hosts gave
//! them and failures with their causes, and nothing that was concluded from them: whoever reads it concludes anew, with
//! their own version. It does not know what a source is; [`replay`](crate::source::replay) makes one of it.

mod file;
mod rename;
mod wire;

use cm_model::clock::{BootTime, MonoTime, Now, WallTime};
use cm_model::fault::Code;
use cm_model::host::{Host, HostId};
use cm_model::observation::Observation;
use cm_model::report::Api;

/// What stands in the file's `schema`. A version that older programs could misread gets another number.
pub const SCHEMA: &str = "cm-dashboard/snapshot/1";
/// The largest file that is read, in bytes: several thousand large hosts.
pub const MOST_BYTES: u64 = 128 * 1024 * 1024;

/// A fleet at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// When it was made.
    pub made_at: Now,
    /// Name and version of the program that made it.
    pub program: String,
    /// Who is watched, in the order in which they are shown.
    pub hosts: Vec<Host>,
    /// What is known of them: per API the last report, the failure that came after it, or both, in the order in which
    /// they came.
    pub observations: Vec<Observation>,
}

/// Why a snapshot cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file is not there or may not be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// Which file.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is something else, or of a newer version.
    #[error("{path} is no snapshot: {why}")]
    NotASnapshot {
        /// Which file.
        path: String,
        /// What gives it away.
        why: String,
    },
    /// The file could not be written in full. What was there before is untouched.
    #[error("{path} cannot be written; nothing was changed")]
    Unwritable {
        /// Which file.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl SnapshotError {
    /// The code under which this is explained.
    pub const fn code(&self) -> Code {
        match self {
            Self::Unreadable { .. } => Code::FILE_UNREADABLE,
            Self::NotASnapshot { .. } => Code::NOT_A_SNAPSHOT,
            Self::Unwritable { .. } => Code::FILE_UNWRITABLE,
        }
    }
}

impl Snapshot {
    /// The moment that a snapshot taken at `wall` shows, on all three clocks.
    ///
    /// The boot and monotonic clocks of the machine that made it mean nothing here. They are counted from the epoch, so
    /// that ages come out as they were and none lies before the clock's start.
    pub fn moment(wall: WallTime) -> Now {
        let start = wall.since(WallTime::default());
        Now { wall, boot: BootTime::from_start(start), mono: MonoTime::from_start(start) }
    }

    /// The APIs of which something is known of a host, in the order in which they are shown: those that it is asked for.
    pub fn apis(&self, host: &HostId) -> Vec<Api> {
        let is_known = |api: &Api| self.observations.iter().any(|seen| seen.host == *host && seen.api == *api);
        Api::ALL.into_iter().filter(is_known).collect()
    }

    /// The snapshot as the file's text: JSON, a line per host and observation, so that two can be compared.
    pub fn to_json(&self) -> String {
        wire::write(self)
    }

    /// Reads the file's text. Errors say what was expected where.
    pub fn from_json(text: &str) -> Result<Self, NotASnapshot> {
        wire::read(text)
    }
}

/// Text that is no snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NotASnapshot {
    /// What gives it away.
    pub why: String,
}

#[cfg(test)]
mod tests;
