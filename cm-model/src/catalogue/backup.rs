//! Backups: age, size, checks.

use super::{Measured, Reading, flag};
use crate::health::{Subject, SubjectKind};
use crate::metric::Limits;
use crate::report::backup::BackupReport;
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
        .limits(Limits::warn_above(90.0 * 86_400.0), "Check the repository: borg check, restic check."),
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
    ]];

    fn subject(&self) -> Subject {
        Subject { kind: SubjectKind::Backup, ..Subject::host() }
    }
}

/// Where the host tells when the next run is due, its schedule says what is late, not the age.
fn by_its_schedule(report: &BackupReport) -> Option<Limits> {
    report.backup.next_run.map(|_| Limits::None)
}
