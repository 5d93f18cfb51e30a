//! The backup API: what was saved last, and what runs it.

pub mod job;

use serde::{Deserialize, Serialize};

use super::read::list;
use super::{Status, words};
use crate::clock::WallTime;
use crate::text::HostText;
use crate::unit::{Count, Gibibytes, Seconds};

pub use job::{Job, JobState, Source, Trouble};

/// An answer of the backup API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct BackupReport {
    /// How the host judges its backups.
    pub overall_status: Status,
    /// The newest state of the backup; of several, of the one that stands worst.
    pub backup: Backup,
    /// What runs it.
    pub service: Runner,
    /// When the host looked, by its own clock.
    pub timestamp: WallTime,
    /// Each backup of the host, where it tells them apart.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub backups: Vec<Job>,
}

/// The newest state of the backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Backup {
    /// When a backup last ended well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_success: Option<WallTime>,
    /// When a backup last failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<WallTime>,
    /// How long the last one took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<Seconds>,
    /// What the last one covers, in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_gb: Option<Gibibytes>,
    /// What the repository takes after compression and deduplication, in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored_gb: Option<Gibibytes>,
    /// Archives in the repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive_count: Option<Count>,
    /// When the next one is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_run: Option<WallTime>,
    /// Where it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<HostText>,
    /// Earlier runs, newest first.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Run>,
    /// When the repository was last checked for integrity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<WallTime>,
    /// When something was last restored from it as a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore_tested_at: Option<WallTime>,
}

/// One run of a backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Run {
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<WallTime>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<Seconds>,
    /// How it ended.
    #[serde(default)]
    pub result: RunResult,
    /// What it covers, in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_gb: Option<Gibibytes>,
    /// What it added to the repository, in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored_gb: Option<Gibibytes>,
    /// What the tool said last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<HostText>,
}

/// What runs the backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Runner {
    /// Whether anything will run it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Runs that wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_jobs: Option<Count>,
    /// What the tool said last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_message: Option<HostText>,
}

words! {
    /// How a run ended.
    RunResult {
        /// Well.
        Success = "success" | "ok" | "done",
        /// With warnings: some files may be missing.
        Warning = "warning" | "partial",
        /// Not at all.
        Failed = "failed" | "error",
        /// It has not ended.
        Running = "running",
    }
}
