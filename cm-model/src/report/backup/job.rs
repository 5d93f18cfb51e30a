//! One of a host's backups: what its repository holds, what runs it, and what is wrong with it.
//!
//! The report's `backup` is the one that stands worst; each of them is told here, since a host often has several.

use serde::{Deserialize, Serialize};

use super::super::read::list;
use super::super::words;
use super::Run;
use crate::clock::WallTime;
use crate::text::HostText;
use crate::unit::{Count, Gibibytes, Seconds};

/// One backup as its owner set it up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Job {
    /// What its owner calls it.
    #[serde(default)]
    pub name: HostText,
    /// What makes it: `borg`, `restic`, or whatever a status file says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<HostText>,
    /// How it stands, as the host judges it.
    #[serde(default)]
    pub state: JobState,
    /// Why nothing could be learnt of it lately; what is told beside it is older.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
    /// What the tool said about that, or last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<HostText>,
    /// Where it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<HostText>,
    /// When its repository or status file was last read with success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<WallTime>,
    /// When a backup last ended well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_success: Option<WallTime>,
    /// When one last failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<WallTime>,
    /// Since when one is being made; absent while none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running_since: Option<WallTime>,
    /// How long the last one took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<Seconds>,
    /// What the last one covers, in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_gb: Option<Gibibytes>,
    /// What the ones before it covered, by their median, in GiB; absent below three of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual_size_gb: Option<Gibibytes>,
    /// What the repository takes after compression and deduplication, in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored_gb: Option<Gibibytes>,
    /// Archives in the repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive_count: Option<Count>,
    /// The newest archive of each source.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Earlier runs, newest first.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Run>,
    /// How often one is expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every_s: Option<Seconds>,
    /// When what runs it will next do so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_run: Option<WallTime>,
    /// Whether anything will run it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// When the repository was last checked for integrity, with success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<WallTime>,
    /// When such a check last found something, or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check_failed_at: Option<WallTime>,
    /// How often such a check is expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check_every_s: Option<Seconds>,
    /// When something was last restored from it as a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore_tested_at: Option<WallTime>,
    /// Since when the repository is locked; absent while it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked_since: Option<WallTime>,
    /// Whether whoever locked it is gone, so that the lock will stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock_abandoned: Option<bool>,
}

/// What of a backup belongs together: the archives of one host and paths, or of one series of names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Source {
    /// What tells it apart: `host:/path`, or what the names of its archives begin with.
    #[serde(default)]
    pub name: HostText,
    /// When its newest archive was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_success: Option<WallTime>,
    /// Its archives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive_count: Option<Count>,
    /// What the newest one covers, in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_gb: Option<Gibibytes>,
}

words! {
    /// How one backup stands.
    JobState {
        /// None has ended well yet.
        Never = "never",
        /// One is being made.
        Running = "running",
        /// The last one ended well, and the next one is not due.
        Done = "done",
        /// The last one failed, or the repository is damaged or gone.
        Failed = "failed",
        /// The next one was due and has not come.
        Late = "late",
        /// The repository has been locked for too long.
        Locked = "locked",
        /// It was not checked for integrity for too long.
        Unverified = "unverified",
    }
}

words! {
    /// Why nothing could be learnt of a backup.
    Trouble {
        /// The passphrase is wrong, or none was given.
        Passphrase = "passphrase",
        /// The repository is damaged.
        Damaged = "damaged",
        /// There is no repository in that place, or no status file.
        Gone = "gone",
        /// The repository, or whoever it pretends to be, was elsewhere before.
        Moved = "moved",
        /// It is locked, and the tool cannot read it past the lock.
        Locked = "locked",
        /// The tool is not installed.
        NotInstalled = "not_installed",
        /// Somebody else could have written the tool, its secret or the status file.
        Untrusted = "untrusted",
        /// This program has no right to read it.
        Forbidden = "forbidden",
        /// It did not answer within its limits.
        NoAnswer = "no_answer",
        /// What it answered cannot be read.
        Unreadable = "unreadable",
        /// It has not been asked yet.
        NotYet = "not_yet",
    }
}
