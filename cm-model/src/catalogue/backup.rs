//! Backups: age, size, checks.

use super::{Measured, Reading, flag};
use crate::health::{Subject, SubjectKind};
use crate::metric::Limits;
use crate::report::backup::{BackupReport, Job, JobState};
use crate::unit::{Bytes, Seconds, Unit};

/// Two days without a success: what is late when nobody tells when the next run is due.
const LATE_S: f64 = 2.0 * 86_400.0;
const VERY_LATE_S: f64 = 7.0 * 86_400.0;

impl Measured for BackupReport {
    const KIND: SubjectKind = SubjectKind::Backup;
    const TABLES: &'static [&'static [Reading<Self>]] = &[&[
        Reading::<Self>::gauge(
            1101,
            "backup.age",
            "last success",
            Unit::Seconds,
            "Time since a backup last ended well.",
            |b, at| b.backup.last_success.map(|success| at.since(success).as_secs_f64()),
        )
        .limits(Limits::above(LATE_S, VERY_LATE_S), "Run the backup by hand and read what it says.")
        .own(by_its_schedule),
        Reading::<Self>::gauge(
            1102,
            "backup.duration",
            "duration",
            Unit::Seconds,
            "How long the last one took.",
            |b, _| b.backup.duration_s.map(Seconds::get),
        ),
        Reading::<Self>::gauge(1103, "backup.size", "size", Unit::Bytes, "What the last one covers.", |b, _| {
            b.backup.size_gb.map(|v| Bytes::from(v).get())
        }),
        Reading::<Self>::gauge(1104, "backup.stored", "stored", Unit::Bytes, "What the repository takes.", |b, _| {
            b.backup.stored_gb.map(|v| Bytes::from(v).get())
        }),
        Reading::<Self>::gauge(
            1105,
            "backup.archives",
            "archives",
            Unit::Count,
            "Archives in the repository.",
            |b, _| b.backup.archive_count.map(|v| v.get() as f64),
        ),
        Reading::<Self>::gauge(
            1106,
            "backup.check_age",
            "last check",
            Unit::Seconds,
            "Time since the repository was last checked for integrity.",
            |b, at| b.backup.checked_at.map(|check| at.since(check).as_secs_f64()),
        )
        .limits(Limits::warn_above(90.0 * 86_400.0), "Check the repository: borg check, restic check.")
        .own(by_its_checks),
        Reading::<Self>::gauge(
            1107,
            "backup.enabled",
            "scheduled",
            Unit::Flag,
            "Whether anything will run it.",
            |b, _| b.service.enabled.map(flag),
        ),
        Reading::<Self>::gauge(
            1108,
            "backup.pending_jobs",
            "runs that wait",
            Unit::Count,
            "Runs that wait.",
            |b, _| b.service.pending_jobs.map(|v| v.get() as f64),
        ),
        Reading::<Self>::gauge(
            1109,
            "backup.restore_test_age",
            "last restore test",
            Unit::Seconds,
            "Time since something was last restored from it as a test.",
            |b, at| b.backup.restore_tested_at.map(|test| at.since(test).as_secs_f64()),
        ),
        Reading::<Self>::gauge(
            1110,
            "backup.locked",
            "locked",
            Unit::Seconds,
            "Time for which a repository has been locked; of several the longest.",
            |b, at| {
                b.backups
                    .iter()
                    .filter_map(|job| job.locked_since)
                    .map(|since| at.since(since).as_secs_f64())
                    .reduce(f64::max)
            },
        ),
        Reading::<Self>::gauge(
            1111,
            "backup.size_share",
            "size of the usual",
            Unit::Percent,
            "What the last one covers, of what is usual; of several the one furthest below.",
            |b, _| b.backups.iter().filter_map(share_of_usual).reduce(f64::min),
        ),
        Reading::<Self>::gauge(
            1112,
            "backup.configured",
            "backups",
            Unit::Count,
            "Backups of the host, where it tells them apart.",
            |b, _| (!b.backups.is_empty()).then_some(b.backups.len() as f64),
        ),
        Reading::<Self>::gauge(
            1113,
            "backup.troubled",
            "backups in trouble",
            Unit::Count,
            "Backups that are neither done nor running, by the host's own judgement.",
            |b, _| (!b.backups.is_empty()).then(|| b.backups.iter().filter(|job| is_troubled(job)).count() as f64),
        ),
    ]];

    fn subject(&self) -> Subject {
        Subject { kind: SubjectKind::Backup, ..Subject::host() }
    }
}

/// Where the host tells when the next run is due, its schedule says what is late, not the age. Where it tells its backups
/// apart, each is judged by its own schedule.
fn by_its_schedule(report: &BackupReport) -> Option<Limits> {
    (report.backup.next_run.is_some() || !report.backups.is_empty()).then_some(Limits::None)
}

/// Where the host tells how often it is checked, that says what is too long.
fn by_its_checks(report: &BackupReport) -> Option<Limits> {
    report.backups.iter().any(|job| job.check_every_s.is_some()).then_some(Limits::None)
}

fn share_of_usual(job: &Job) -> Option<f64> {
    let (size, usual) = (job.size_gb?.get(), job.usual_size_gb?.get());
    (usual > 0.0).then(|| 100.0 * size / usual)
}

fn is_troubled(job: &Job) -> bool {
    !matches!(job.state, JobState::Done | JobState::Running)
}
