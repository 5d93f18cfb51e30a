//! Backups in the notation of their own JSON, and what is said of them. The clock stands at a million seconds.

use super::super::super::Policy;
use super::super::{BackupState, backup, backup_state};
use crate::health::Health;
use crate::report::BackupReport;
use crate::report::read;

const HOUR: i64 = 3600;

/// A report of these backups, each as the fields of its JSON; `{-N}` stands for N hours ago.
fn report(jobs: &[&str]) -> BackupReport {
    let now = 400 * HOUR;
    let jobs: Vec<String> = jobs
        .iter()
        .map(|job| {
            let mut text = format!("{{{job}}}");
            while let Some((before, rest)) = text.split_once("{-") {
                let (hours, after) = rest.split_once('}').unwrap();
                text = format!("{before}{}{after}", now - hours.parse::<i64>().unwrap() * HOUR);
            }
            text
        })
        .collect();
    let body = format!(
        r#"{{"overall_status":"ok","backup":{{}},"service":{{}},"timestamp":{now},"backups":[{}]}}"#,
        jobs.join(",")
    );
    read::body(body.as_bytes()).unwrap()
}

fn judged(jobs: &[&str]) -> String {
    let report = report(jobs);
    let verdict = backup(&report, &Policy::new());
    let codes: Vec<_> = verdict.reasons.iter().map(|reason| reason.code).collect();
    format!("{} {}: {}", backup_state(&report).word(), verdict.health, codes.join(" "))
}

#[test]
fn each_state_has_its_facts() {
    for (job, expected) in [
        (r#""last_success":{-20},"every_s":86400"#, "done ok: "),
        ("", "never warning: backup.never"),
        (r#""trouble":"not_yet""#, "unknown note: backup.unknown"),
        (r#""trouble":"not_yet","last_success":{-1}"#, "done ok: "),
        (r#""last_success":{-20},"running_since":{-1}"#, "running ok: "),
        (r#""last_success":{-60},"running_since":{-29},"every_s":86400"#, "running ok: "),
        (r#""last_success":{-60},"running_since":{-31},"every_s":86400"#, "late warning: backup.late"),
        (r#""last_success":{-20},"last_failure":{-2}"#, "failed critical: backup.failed"),
        (r#""last_success":{-2},"last_failure":{-20}"#, "done ok: "),
        (r#""last_failure":{-20}"#, "failed critical: backup.failed"),
        (r#""last_success":{-29},"every_s":86400"#, "done ok: "),
        (r#""last_success":{-31},"every_s":86400"#, "late warning: backup.late"),
        (r#""last_success":{-47}"#, "done ok: "),
        (r#""last_success":{-49}"#, "late warning: backup.late"),
        (r#""last_success":{-2},"every_s":3600"#, "done ok: "),
        (r#""last_success":{-4},"every_s":3600"#, "late warning: backup.late"),
        (r#""last_success":{-20},"next_run":{-3}"#, "late warning: backup.late"),
        (r#""last_success":{-20},"enabled":false"#, "done warning: backup.disabled"),
        (
            r#""last_success":{-2},"every_s":86400,"sources":[{"name":"a","last_success":{-2}},{"name":"b","last_success":{-90}}]"#,
            "late warning: backup.late",
        ),
        (r#""last_success":{-20},"locked_since":{-3},"lock_abandoned":false"#, "done ok: "),
        (r#""last_success":{-20},"locked_since":{-3},"lock_abandoned":true"#, "locked warning: backup.stale_lock"),
        (r#""last_success":{-20},"locked_since":{-30}"#, "locked warning: backup.stale_lock"),
        (r#""last_success":{-20},"check_every_s":86400,"checked_at":{-20}"#, "done ok: "),
        (r#""last_success":{-20},"check_every_s":86400,"checked_at":{-40}"#, "unverified warning: backup.unverified"),
        (r#""last_success":{-20},"check_every_s":86400"#, "unverified warning: backup.unverified"),
        (r#""last_success":{-20},"checked_at":{-99},"check_failed_at":{-9}"#, "failed critical: backup.check_failed"),
        (r#""last_success":{-20},"checked_at":{-9},"check_failed_at":{-99}"#, "done ok: "),
        (r#""last_success":{-20},"size_gb":4,"usual_size_gb":10"#, "done warning: backup.unusual_size"),
        (r#""last_success":{-20},"size_gb":6,"usual_size_gb":10"#, "done ok: "),
        (r#""last_success":{-20},"size_gb":21,"usual_size_gb":10"#, "done note: backup.unusual_size"),
        (r#""last_success":{-20},"size_gb":21,"usual_size_gb":0"#, "done ok: "),
        (r#""last_success":{-20},"size_gb":0,"usual_size_gb":0"#, "done ok: "),
        (r#""last_success":{-20},"trouble":"passphrase""#, "unknown warning: backup.unreadable"),
        (r#""trouble":"gone""#, "failed critical: backup.unreadable"),
        (r#""last_success":{-20},"running_since":{-1},"trouble":"damaged""#, "failed critical: backup.unreadable"),
        (r#""last_success":{-20},"trouble":"some later word""#, "unknown warning: backup.unreadable"),
    ] {
        assert_eq!(judged(&[job]), expected, "{job}");
    }
}

#[test]
fn of_several_the_worst_stands_for_all_and_each_is_told() {
    let (good, late) = (r#""name":"a","last_success":{-2}"#, r#""name":"b","last_success":{-60}"#);
    let failed = r#""name":"c","last_success":{-60},"last_failure":{-2}"#;
    assert_eq!(judged(&[good, late]), "late warning: backup.late");
    assert_eq!(judged(&[late, failed, good]), "failed critical: backup.failed backup.late");
    let report = report(&[good, failed]);
    assert_eq!(super::super::worst_backup(&report.backups, report.timestamp).map(|job| job.name.raw()), Some("c"));
    assert_eq!(backup_state(&report), BackupState::Failed);
}

#[test]
fn reasons_name_the_backup_and_say_what_was_expected() {
    for (job, expected) in [
        (
            r#""name":"home","last_success":{-50},"every_s":86400"#,
            "home: the backup is late: the last good one is 2d 2h old, one is expected every 1d",
        ),
        (
            r#""name":"home","last_success":{-1},"every_s":3600,"sources":[{"name":"a","last_success":{-5}},{"name":"b","last_success":{-6}},{"name":"c","last_success":{-7}},{"name":"d","last_success":{-8}}]"#,
            "home: some of it is late: a (5h old), b (6h old), c (7h old) and 1 more, one is expected every 1h",
        ),
        (
            r#""last_success":{-50},"last_failure":{-1},"message":"No space left""#,
            "the last backup failed; the last good one is 2d 2h old; it said: No space left",
        ),
        (
            r#""name":"home","last_success":{-5},"locked_since":{-3},"lock_abandoned":true"#,
            "home: the repository is locked for 3h, and whoever locked it is gone",
        ),
        (
            r#""name":"home","last_success":{-5},"size_gb":4,"usual_size_gb":10"#,
            "home: the last backup covers 4 GiB, 10 GiB is usual",
        ),
        (
            r#""name":"home","trouble":"passphrase""#,
            "home: the repository does not take the passphrase; none has ended well yet",
        ),
    ] {
        let verdict = backup(&report(&[job]), &Policy::new());
        let texts: Vec<_> = verdict.reasons.iter().map(|reason| reason.text.raw()).collect();
        assert_eq!(texts, [expected]);
        assert!(verdict.reasons.iter().all(|reason| !reason.next.is_empty() && reason.health != Health::Ok));
    }
}
