//! What runs a backup and its checks: systemd's units and timers, put into what is told of it.
//!
//! The pure part takes a unit as it is known. It does not ask systemd anything.

use cm_model::clock::Now;
use cm_model::report::backup::Job;
use cm_model::unit::Seconds;

use crate::systemd::{Active, Load, Unit};

/// What the unit that makes the backup says.
pub(super) fn put(unit: &Unit, job: &mut Job) {
    if is_running(unit) {
        job.running_since = unit.began.or(unit.up_since).or(job.running_since);
        return;
    }
    job.running_since = None;
    let Some(ended) = unit.ended else { return };
    if has_failed(unit) {
        job.last_failure = job.last_failure.max(Some(ended));
        if job.message.is_none() {
            job.message = Some(format!("{} ended with {}", unit.name, how(unit)).into());
        }
    } else if job.last_success.is_none() && job.archive_count.is_none() {
        // Where archives are known, they tell better whether there is a backup.
        job.last_success = Some(ended);
    }
    if let Some(began) = unit.began.filter(|began| *began <= ended)
        && job.duration_s.is_none()
    {
        job.duration_s = Some(Seconds::saturating(ended.since(began).as_secs_f64()));
    }
}

/// What the timer that starts it says.
pub(super) fn put_timer(timer: &Unit, now: Now, job: &mut Job) {
    let runs = timer.load == Load::Loaded && !matches!(timer.active, Active::Inactive | Active::Failed);
    job.enabled = Some(runs);
    job.next_run = if runs { timer.timer.next(now) } else { None };
}

/// What the unit that checks the repository says.
pub(super) fn put_check(unit: &Unit, job: &mut Job) {
    let Some(ended) = unit.ended.filter(|_| !is_running(unit)) else { return };
    if has_failed(unit) {
        job.check_failed_at = job.check_failed_at.max(Some(ended));
    } else {
        job.checked_at = job.checked_at.max(Some(ended));
    }
}

/// What the unit that restores something as a test says. One that failed shows as no test, and as a failed unit.
pub(super) fn put_restore_test(unit: &Unit, job: &mut Job) {
    if !is_running(unit) && !has_failed(unit) {
        job.restore_tested_at = job.restore_tested_at.max(unit.ended);
    }
}

fn is_running(unit: &Unit) -> bool {
    // A oneshot is `activating` while it works; one that stays `active` after it has ended is `exited`.
    matches!(unit.active, Active::Activating | Active::Reloading) && unit.sub != "auto-restart"
        || unit.active == Active::Active && unit.sub == "running"
}

fn has_failed(unit: &Unit) -> bool {
    unit.active == Active::Failed || !matches!(&*unit.result, "success" | "")
}

fn how(unit: &Unit) -> String {
    match (&*unit.result, unit.exit_status) {
        ("exit-code", Some(status)) => format!("status {status}"),
        (result, _) => result.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_model::clock::WallTime;

    fn unit(active: Active, sub: &str, result: &str, ended: Option<i64>) -> Unit {
        Unit {
            name: "borg.service".to_owned(),
            active,
            sub: sub.to_owned(),
            result: result.to_owned(),
            began: Some(WallTime::from_secs(100)),
            ended: ended.map(WallTime::from_secs),
            exit_status: Some(2),
            ..Unit::default()
        }
    }

    #[test]
    fn the_unit_says_what_runs_and_what_failed() {
        let at = WallTime::from_secs;
        for (unit, archives, expected) in [
            (unit(Active::Inactive, "dead", "success", None), None, (None, None, None)),
            (unit(Active::Activating, "start", "success", Some(90)), None, (None, None, Some(at(100)))),
            (unit(Active::Activating, "auto-restart", "exit-code", Some(160)), None, (None, Some(at(160)), None)),
            (unit(Active::Active, "running", "success", None), None, (None, None, Some(at(100)))),
            (unit(Active::Inactive, "dead", "success", Some(160)), None, (Some(at(160)), None, None)),
            (unit(Active::Inactive, "dead", "success", Some(160)), Some(0), (None, None, None)),
            (unit(Active::Active, "exited", "success", Some(160)), None, (Some(at(160)), None, None)),
            (unit(Active::Failed, "failed", "exit-code", Some(160)), Some(3), (None, Some(at(160)), None)),
            (unit(Active::Failed, "failed", "timeout", Some(160)), None, (None, Some(at(160)), None)),
        ] {
            let mut job = Job { archive_count: archives.map(cm_model::unit::Count), ..Job::default() };
            put(&unit, &mut job);
            assert_eq!((job.last_success, job.last_failure, job.running_since), expected, "{unit:?}");
        }
        let mut job = Job::default();
        put(&unit(Active::Failed, "failed", "exit-code", Some(160)), &mut job);
        assert_eq!(job.message.map(|said| said.raw().to_owned()).as_deref(), Some("borg.service ended with status 2"));
    }

    #[test]
    fn a_timer_that_is_stopped_will_run_nothing() {
        for (active, load, enabled) in [
            (Active::Active, Load::Loaded, true),
            (Active::Inactive, Load::Loaded, false),
            (Active::Inactive, Load::NotFound, false),
            (Active::Failed, Load::Loaded, false),
        ] {
            let mut job = Job { next_run: Some(WallTime::from_secs(7)), ..Job::default() };
            put_timer(&Unit { load, active, ..Unit::default() }, Now::default(), &mut job);
            assert_eq!((job.enabled, job.next_run), (Some(enabled), None), "{active:?}");
        }
    }

    #[test]
    fn a_restore_that_failed_is_no_test() {
        let mut job = Job::default();
        put_restore_test(&unit(Active::Failed, "failed", "exit-code", Some(180)), &mut job);
        put_restore_test(&unit(Active::Inactive, "dead", "success", None), &mut job);
        assert_eq!(job.restore_tested_at, None);
        put_restore_test(&unit(Active::Inactive, "dead", "success", Some(160)), &mut job);
        assert_eq!(job.restore_tested_at.map(WallTime::secs), Some(160));
    }

    #[test]
    fn a_check_that_failed_is_no_check() {
        let mut job = Job::default();
        put_check(&unit(Active::Inactive, "dead", "success", Some(160)), &mut job);
        put_check(&unit(Active::Activating, "start", "exit-code", Some(170)), &mut job);
        assert_eq!((job.checked_at.map(WallTime::secs), job.check_failed_at), (Some(160), None));
        put_check(&unit(Active::Failed, "failed", "exit-code", Some(180)), &mut job);
        assert_eq!(job.check_failed_at.map(WallTime::secs), Some(180));
    }
}
