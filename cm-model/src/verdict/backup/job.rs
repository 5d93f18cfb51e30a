//! One of several backups: how it stands, and why that is not well.
//!
//! It judges what the host tells of it, by the host's own clock. It does not know how any of it was found out.

use std::time::Duration;

use super::super::state;
use super::GRACE;
use crate::clock::WallTime;
use crate::health::{Health, Reason, Subject, SubjectKind};
use crate::report::backup::{Job, JobState, Source, Trouble};
use crate::text::HostText;
use crate::unit::{Bytes, Seconds, human};

/// What is late where nobody says how often one is expected.
const EXPECTED: Duration = Duration::from_hours(48);
/// From where on a lock is no longer that of a backup being made, whoever holds it.
const LOCKED_TOO_LONG: Duration = Duration::from_hours(24);
/// Below this share of the usual size something is likely to be missing; above the second one, to be there by mistake.
const FAR: (f64, f64) = (0.5, 2.0);

/// How one backup stands at a moment of its host.
pub fn job_state(job: &Job, at: WallTime) -> JobState {
    if matches!(job.trouble, Some(Trouble::Damaged | Trouble::Gone)) {
        return JobState::Failed;
    }
    // One that takes longer than there is time for, or whose end nobody told, keeps nothing else from being said.
    if job.running_since.is_some_and(|since| at.since(since) <= patience(job)) {
        return JobState::Running;
    }
    if job.last_failure > job.last_success || check_failed(job) {
        return JobState::Failed;
    }
    if job.last_success.is_none() {
        return if job.trouble.is_none() { JobState::Never } else { JobState::Unknown };
    }
    if is_late(job, job.last_success, at) || job.sources.iter().any(|source| is_late(job, source.last_success, at)) {
        return JobState::Late;
    }
    if is_locked(job, at) {
        return JobState::Locked;
    }
    if job.trouble.is_some_and(|trouble| trouble != Trouble::NotYet) {
        return JobState::Unknown;
    }
    if is_unverified(job, at) { JobState::Unverified } else { JobState::Done }
}

/// How much a state matters: of several backups the one with the highest stands for all.
pub(super) const fn weight(state: JobState) -> u8 {
    match state {
        JobState::Done => 0,
        JobState::Running => 1,
        JobState::Unknown => 2,
        JobState::Unverified => 3,
        JobState::Locked => 4,
        JobState::Late => 5,
        JobState::Never => 6,
        JobState::Failed => 7,
    }
}

/// What is wrong with one backup.
pub(super) fn reasons(job: &Job, at: WallTime, into: &mut Vec<Reason>) {
    let subject = || Subject::named(SubjectKind::Backup, job.name.clone());
    let mut tell = |health, code, text: String, next| {
        let text = if job.name.is_empty() { text } else { format!("{}: {text}", job.name.raw()) };
        into.push(state(health, code, subject(), text, next));
    };
    let ago = |then| human::span(at.since(then).as_secs_f64());
    let success = job
        .last_success
        .map_or_else(|| "none has ended well yet".into(), |then| format!("the last good one is {} old", ago(then)));
    let said = job.message.as_ref().filter(|said| !said.is_empty());
    let said = said.map(|said| format!("; it said: {}", said.raw())).unwrap_or_default();
    if let Some((health, why, next)) = job.trouble.and_then(trouble) {
        tell(health, "backup.unreadable", format!("{why}; {success}{said}"), next);
    }
    let stands = job_state(job, at);
    if stands != JobState::Running && job.last_failure > job.last_success {
        let next = "Run it by hand and read what it says; its unit's journal has the last run.";
        let said = if job.trouble.is_none() { said } else { String::new() };
        tell(Health::Critical, "backup.failed", format!("the last backup failed; {success}{said}"), next);
    }
    if check_failed(job) {
        let when = job.check_failed_at.map(ago).unwrap_or_default();
        let next = "Read what the check says; then repair the repository, or begin a new one beside it.";
        tell(Health::Critical, "backup.check_failed", format!("the check of the repository {when} ago failed"), next);
    }
    if stands == JobState::Never {
        let next = "Run it by hand and read what it says; its unit's journal has the last run.";
        tell(Health::Warning, "backup.never", "no backup has ended well yet".to_owned(), next);
    }
    if stands == JobState::Unknown && job.trouble == Some(Trouble::NotYet) {
        let next = "Wait for its first answer: a look or two after the agent has started.";
        tell(Health::Note, "backup.unknown", "it has not been asked yet".to_owned(), next);
    }
    if stands == JobState::Late {
        let next = "See whether its timer runs: `systemctl list-timers`; then run it by hand. A source that is no longer saved goes into ignore_sources.";
        tell(Health::Warning, "backup.late", late(job, at), next);
    }
    if is_locked(job, at) {
        let since = job.locked_since.map(ago).unwrap_or_default();
        let (who, next) = if job.lock_abandoned == Some(true) {
            (
                ", and whoever locked it is gone",
                "Make sure that nothing uses it, then run: borg break-lock, or restic unlock.",
            )
        } else {
            ("", "See what holds the lock: a backup, a check or a clean-up that hangs.")
        };
        tell(Health::Warning, "backup.stale_lock", format!("the repository is locked for {since}{who}"), next);
    }
    if is_unverified(job, at) {
        let text = job.checked_at.map_or_else(
            || "no check of the repository is known".to_owned(),
            |then| format!("the repository was last checked {} ago", ago(then)),
        );
        let next = "Check the repository: borg check, restic check; and let a timer do so.";
        tell(Health::Warning, "backup.unverified", text, next);
    }
    if let Some((health, text)) = size(job) {
        let next = "See whether something is no longer saved, or saved by mistake: borg diff, restic diff.";
        tell(health, "backup.unusual_size", text, next);
    }
    if job.enabled == Some(false) {
        let next = "Switch its timer on again, or take the backup out of the host's configuration.";
        tell(Health::Warning, "backup.disabled", format!("nothing will run the next backup; {success}"), next);
    }
}

/// From when on a backup counts as late, since the last good one: a quarter of its interval, at least [`GRACE`], is allowed.
fn patience(job: &Job) -> Duration {
    let Some(every) = job.every_s.map(span) else { return EXPECTED };
    every + GRACE.max(every / 4)
}

fn is_late(job: &Job, last: Option<WallTime>, at: WallTime) -> bool {
    let overdue = job.next_run.is_some_and(|due| at.since(due) > GRACE);
    overdue || last.is_some_and(|last| at.since(last) > patience(job))
}

fn late(job: &Job, at: WallTime) -> String {
    let old = |last: Option<WallTime>| last.map_or_else(String::new, |last| human::span(at.since(last).as_secs_f64()));
    let expected = job.every_s.map(|every| format!(", one is expected every {}", human::span(every.get())));
    let expected = expected.unwrap_or_default();
    if is_late(job, job.last_success, at) {
        return format!("the backup is late: the last good one is {} old{expected}", old(job.last_success));
    }
    let late: Vec<&Source> = job.sources.iter().filter(|source| is_late(job, source.last_success, at)).collect();
    let named: Vec<_> =
        late.iter().take(3).map(|source| format!("{} ({} old)", source.name.raw(), old(source.last_success))).collect();
    let more = late.len().saturating_sub(named.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("some of it is late: {}{more}{expected}", named.join(", "))
}

fn is_locked(job: &Job, at: WallTime) -> bool {
    job.locked_since.is_some_and(|since| job.lock_abandoned == Some(true) || at.since(since) > LOCKED_TOO_LONG)
}

fn check_failed(job: &Job) -> bool {
    job.check_failed_at.is_some() && job.check_failed_at > job.checked_at
}

fn is_unverified(job: &Job, at: WallTime) -> bool {
    let Some(every) = job.check_every_s.map(span) else { return false };
    !check_failed(job) && job.checked_at.is_none_or(|last| at.since(last) > every + GRACE.max(every / 4))
}

fn size(job: &Job) -> Option<(Health, String)> {
    let (size, usual) = (job.size_gb?, job.usual_size_gb?);
    let share = size.get() / usual.get();
    let health = match share {
        share if share < FAR.0 => Health::Warning,
        share if share > FAR.1 && share.is_finite() => Health::Note,
        _ => return None,
    };
    Some((health, format!("the last backup covers {}, {} is usual", Bytes::from(size), Bytes::from(usual))))
}

/// What a trouble means and what to do about it; nothing for what will pass by itself.
const fn trouble(trouble: Trouble) -> Option<(Health, &'static str, &'static str)> {
    Some(match trouble {
        Trouble::Passphrase => (
            Health::Warning,
            "the repository does not take the passphrase",
            "Put the right one into the file that passphrase_file or credential names.",
        ),
        Trouble::Damaged => (
            Health::Critical,
            "the repository is damaged",
            "Copy it aside, then let its tool check and repair it; start a second backup elsewhere meanwhile.",
        ),
        Trouble::Gone => (
            Health::Critical,
            "the repository is not where it should be",
            "See whether its disk is mounted and its host answers.",
        ),
        Trouble::Moved => (
            Health::Warning,
            "the repository is not the one that was in this place before",
            "If you moved it, run the tool once by hand as the same user and say yes; if not, find out who did.",
        ),
        Trouble::Locked => (
            Health::Warning,
            "the repository is locked and cannot be read",
            "See what holds the lock, and whether it still runs.",
        ),
        Trouble::NotInstalled => (
            Health::Warning,
            "the tool that could tell is not installed",
            "Install it, or let a status file tell of the backup.",
        ),
        Trouble::Untrusted => (
            Health::Warning,
            "somebody else could have written what would tell, so it is not used",
            "Take the right to write from others, as the message says.",
        ),
        Trouble::Forbidden => (
            Health::Warning,
            "the agent has no right to read it",
            "Let root's timer run `cm-agent backups --once` and read the status file that it writes.",
        ),
        Trouble::NoAnswer => (
            Health::Warning,
            "it did not answer in time",
            "Ask by hand: `cm-agent backups --once`, and see what takes so long.",
        ),
        Trouble::Unreadable | Trouble::Unknown => {
            (Health::Warning, "what it answers cannot be read", "Ask by hand: `cm-agent backups --once`.")
        }
        Trouble::NotYet => return None,
    })
}

fn span(seconds: Seconds) -> Duration {
    Duration::try_from_secs_f64(seconds.get()).unwrap_or(Duration::MAX / 4)
}

/// What of a backup was said last, for a report that has room for one text.
pub(super) fn told(jobs: &[Job]) -> Vec<&HostText> {
    jobs.iter().filter_map(|job| job.message.as_ref()).filter(|said| !said.is_empty()).collect()
}

#[cfg(test)]
mod tests;
