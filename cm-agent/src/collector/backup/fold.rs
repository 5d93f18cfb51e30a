//! All backups of a host as one report.
//!
//! Clients that know of one backup alone read the one that stands worst, whole: a mixture of several would be nobody's.

use cm_model::clock::Now;
use cm_model::health::Health;
use cm_model::report::backup::{Backup, Job, JobState, Run, RunResult, Runner};
use cm_model::report::{BackupReport, Status};
use cm_model::unit::Count;
use cm_model::verdict::{self, Policy};

/// The report of these backups.
pub(super) fn report(jobs: Vec<Job>, now: Now) -> BackupReport {
    let worst = verdict::worst_backup(&jobs, now.wall).cloned().unwrap_or_default();
    let running = jobs.iter().filter(|job| job.state == JobState::Running).count();
    let switched = |on| jobs.iter().any(|job| job.enabled == Some(on));
    let service = Runner {
        enabled: if switched(false) { Some(false) } else { switched(true).then_some(true) },
        pending_jobs: Some(Count(running as u64)),
        last_message: worst.message.clone(),
    };
    let mut report = BackupReport {
        overall_status: Status::Unknown,
        backup: one(worst),
        service,
        timestamp: now.wall,
        backups: jobs,
    };
    report.overall_status = match verdict::backup(&report, &Policy::new()).health {
        Health::Critical => Status::Critical,
        Health::Warning => Status::Warning,
        // What is not known of one of them is not called well.
        Health::Ok | Health::Note if report.backups.iter().any(|job| job.state == JobState::Unknown) => Status::Unknown,
        Health::Ok | Health::Note => Status::Ok,
        Health::Unknown => Status::Unknown,
    };
    report
}

fn one(job: Job) -> Backup {
    let mut history = job.history;
    let failed_last = job.last_failure.filter(|_| job.last_failure > job.last_success);
    let news = [
        job.running_since.map(|start| Run { start: Some(start), result: RunResult::Running, ..Run::default() }),
        failed_last.map(|at| Run {
            start: Some(at),
            result: RunResult::Failed,
            message: job.message.clone(),
            ..Run::default()
        }),
    ];
    history.splice(0..0, news.into_iter().flatten());
    Backup {
        last_success: job.last_success,
        last_failure: job.last_failure,
        duration_s: job.duration_s,
        size_gb: job.size_gb,
        stored_gb: job.stored_gb,
        archive_count: job.archive_count,
        next_run: job.next_run,
        repository: job.repository,
        history,
        checked_at: job.checked_at,
        restore_tested_at: job.restore_tested_at,
    }
}
