//! Backups: the one state that says how they stand.

mod job;

use std::time::Duration;

use super::{Policy, limits, own_word, state};
use crate::catalogue::Measured;
use crate::clock::WallTime;
use crate::health::{Health, Verdict};
use crate::report::Status;
use crate::report::backup::{BackupReport, Job, JobState, RunResult};
use crate::text::HostText;
use crate::unit::human;

pub use job::job_state;

/// How long after its due time a run is late.
const GRACE: Duration = Duration::from_hours(2);

/// How the backup of a host stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BackupState {
    /// Nothing is set up.
    NotSetUp,
    /// None has ended well yet.
    Never,
    /// One runs now.
    Running,
    /// The last one ended well, and the next one is not due.
    Done,
    /// The last one failed.
    Failed,
    /// The next one was due and has not come.
    Late,
    /// The repository has been locked for too long.
    Locked,
    /// It was not checked for integrity for too long.
    Unverified,
    /// The host does not tell.
    Unknown,
}

impl BackupState {
    /// Its word in JSON and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotSetUp => "none",
            Self::Never => "never",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Late => "late",
            Self::Locked => "locked",
            Self::Unverified => "unverified",
            Self::Unknown => "unknown",
        }
    }
}

impl From<JobState> for BackupState {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Never => Self::Never,
            JobState::Running => Self::Running,
            JobState::Done => Self::Done,
            JobState::Failed => Self::Failed,
            JobState::Late => Self::Late,
            JobState::Locked => Self::Locked,
            JobState::Unverified => Self::Unverified,
            JobState::Unknown => Self::Unknown,
        }
    }
}

/// The one of several backups that stands worst; of equals the one whose last success is the oldest.
pub fn worst_backup(jobs: &[Job], at: WallTime) -> Option<&Job> {
    jobs.iter().max_by_key(|job| (job::weight(job_state(job, at)), std::cmp::Reverse(job.last_success)))
}

/// How the backup stands, by the host's own clock; of several, the one that stands worst.
pub fn backup_state(report: &BackupReport) -> BackupState {
    if let Some(worst) = worst_backup(&report.backups, report.timestamp) {
        return job_state(worst, report.timestamp).into();
    }
    let backup = &report.backup;
    if backup.history.first().is_some_and(|run| run.result == RunResult::Running) {
        return BackupState::Running;
    }
    let failed_last = match (backup.last_failure, backup.last_success) {
        (Some(failure), Some(success)) => failure > success,
        (Some(_), None) => true,
        (None, _) => false,
    };
    if failed_last {
        return BackupState::Failed;
    }
    if backup.last_success.is_none() {
        return match report.service.enabled {
            Some(true) => BackupState::Never,
            Some(false) => BackupState::NotSetUp,
            None => BackupState::Unknown,
        };
    }
    if backup.next_run.is_some_and(|due| report.timestamp.since(due) > GRACE) {
        return BackupState::Late;
    }
    BackupState::Done
}

/// The verdict over a host's backup.
pub fn backup(report: &BackupReport, policy: &Policy) -> Verdict {
    let mut reasons = Vec::new();
    if !report.backups.is_empty() {
        report.backups.iter().for_each(|job| job::reasons(job, report.timestamp, &mut reasons));
        limits(report, report.timestamp, policy, &mut reasons);
        let told = job::told(&report.backups);
        let own = own_word(report.overall_status, report.subject(), "backup.host_says", &told, "backup", &reasons);
        reasons.extend(own);
        return Verdict::from_reasons(reasons);
    }
    let ago = |at| report.timestamp.since(at).as_secs_f64();
    let success = report.backup.last_success.map_or_else(
        || "none has ended well yet".to_owned(),
        |at| format!("the last good one is {} old", human::span(ago(at))),
    );
    let read = "Run it by hand and read what it says; its unit's journal has the last run.";
    match backup_state(report) {
        BackupState::Failed => {
            let said = [
                report.service.last_message.as_ref(),
                report.backup.history.first().and_then(|run| run.message.as_ref()),
            ];
            let mut text = format!("the last backup failed; {success}");
            if let Some(message) = said.into_iter().flatten().find(|message| !message.is_empty()) {
                text = format!("{text}; it said: {}", message.raw());
            }
            reasons.push(state(Health::Critical, "backup.failed", report.subject(), text, read));
        }
        BackupState::Never => {
            reasons.push(state(
                Health::Warning,
                "backup.never",
                report.subject(),
                "no backup has ended well yet",
                read,
            ));
        }
        BackupState::Late => {
            let due = report.backup.next_run.map_or(0.0, ago);
            let text = format!("the backup was due {} ago; {success}", human::span(due));
            let next = "See whether its timer runs: `systemctl list-timers`; then run it by hand.";
            reasons.push(state(Health::Warning, "backup.late", report.subject(), text, next));
        }
        BackupState::Unknown
        | BackupState::NotSetUp
        | BackupState::Running
        | BackupState::Done
        | BackupState::Locked
        | BackupState::Unverified => {}
    }
    if report.service.enabled == Some(false) && report.backup.last_success.is_some() {
        let next = "Switch its timer on again, or take the backup out of the host's configuration.";
        reasons.push(state(
            Health::Warning,
            "backup.disabled",
            report.subject(),
            format!("nothing will run the next backup; {success}"),
            next,
        ));
    }
    limits(report, report.timestamp, policy, &mut reasons);
    let told: Vec<&HostText> = report.service.last_message.iter().filter(|text| !text.is_empty()).collect();
    reasons.extend(own_word(report.overall_status, report.subject(), "backup.host_says", &told, "backup", &reasons));
    if reasons.is_empty() && backup_state(report) == BackupState::Unknown && report.overall_status == Status::Unknown {
        let next = "See on the host what its backup server reads.";
        reasons.push(state(
            Health::Note,
            "backup.unknown",
            report.subject(),
            "the host does not tell how its backup stands",
            next,
        ));
    }
    Verdict::from_reasons(reasons)
}
