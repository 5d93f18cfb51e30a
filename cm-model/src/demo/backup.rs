//! Backups: the newest ten runs of the calendar, and what they add up to.

use super::drive::own_word;
use super::rhythm::{DAY, chance};
use super::story::Moment;
use crate::report::Status;
use crate::report::backup::{Backup, BackupReport, Job, Run, RunResult, Runner, Source};
use crate::unit::{Count, Gibibytes, Seconds};
use crate::verdict::{self, Policy};

/// Runs that the host still tells of.
const KEPT: i64 = 10;

/// How many runs back the last failure is still known.
const FAR: i64 = 40;

const CHANGED: &str = "/srv/unifi/data/db/journal: file changed while we backed it up";
const LOST: &str = "Connection closed by remote host. Is borg working on the server?";
const WAITS: &str = "Failed to create/acquire the lock (timeout); will try again";
const DONE: &str = "terminating with success status, rc 0";

/// What the backup API answers. The host judges itself by the limits that everybody has by default.
pub(super) fn report(m: &Moment<'_>) -> BackupReport {
    let plan = &m.host.backup;
    let newest = m.story.backup.begun(m.t).index;
    let history: Vec<Run> = (0..KEPT).map(|back| run(m, newest - back)).collect();
    let newest_that =
        |fails: bool| (0..FAR).map(|back| newest - back).find(|&index| ended(m, index) && failed(m, index) == fails);
    let (done, failure) = (newest_that(false), newest_that(true));
    let last = history.iter().find(|run| run.result != RunResult::Running);
    let due = m.story.backup.due(newest + 1);
    let (overdue, running) = (m.t > due, !ended(m, newest));
    let message = if overdue { Some(WAITS.into()) } else { last.and_then(|run| run.message.clone()) };
    let index = done.unwrap_or(newest);
    let mut report = BackupReport {
        overall_status: Status::Ok,
        backup: Backup {
            last_success: done.map(|index| m.wall(end(m, index))),
            last_failure: failure.map(|index| m.wall(end(m, index))),
            duration_s: last.and_then(|run| run.duration_s),
            size_gb: Some(covered(m, index)),
            stored_gb: Some(Gibibytes::saturating(plan.stored_gb + grown(m, index) / 3.0).rounded(3)),
            archive_count: Some(Count(plan.archives)),
            next_run: Some(m.wall(due)),
            repository: Some(plan.repository.into()),
            history,
            checked_at: Some(m.wall(checked(m))),
            restore_tested_at: plan.other.map(|_| m.wall(checked(m) + 900.0)),
        },
        service: Runner {
            enabled: Some(true),
            pending_jobs: Some(Count(u64::from(overdue && !running))),
            last_message: message,
        },
        timestamp: m.wall(m.t),
        backups: Vec::new(),
    };
    if let Some(other) = plan.other {
        report.backups = vec![first(m, &report), second(m, other)];
    }
    report.overall_status = own_word(verdict::backup(&report, &Policy::new()).health);
    report
}

/// The backup that all of the report tells of, beside others.
fn first(m: &Moment<'_>, report: &BackupReport) -> Job {
    let backup = &report.backup;
    let begun = backup.history.first().filter(|run| run.result == RunResult::Running).and_then(|run| run.start);
    let mut sizes: Vec<_> = backup.history.iter().skip(1).filter_map(|run| run.size_gb).collect();
    sizes.sort_unstable_by(|a, b| a.get().total_cmp(&b.get()));
    let source = Source {
        name: format!("{}:/home", m.host.name).into(),
        last_success: backup.last_success,
        archive_count: backup.archive_count,
        size_gb: backup.size_gb,
    };
    let mut job = Job {
        name: "home".into(),
        tool: Some("borg".into()),
        message: report.service.last_message.clone(),
        repository: backup.repository.clone(),
        asked_at: Some(m.wall((m.t / 1800.0).floor() * 1800.0)),
        last_success: backup.last_success,
        last_failure: backup.last_failure,
        running_since: begun,
        duration_s: backup.duration_s,
        size_gb: backup.size_gb,
        usual_size_gb: sizes.get(sizes.len() / 2).copied(),
        stored_gb: backup.stored_gb,
        archive_count: backup.archive_count,
        sources: vec![source],
        history: backup.history.clone(),
        every_s: Some(Seconds::saturating(m.host.backup.every_days * DAY)),
        next_run: backup.next_run,
        enabled: Some(true),
        checked_at: backup.checked_at,
        check_every_s: Some(Seconds::saturating(30.0 * DAY)),
        restore_tested_at: backup.restore_tested_at,
        ..Job::default()
    };
    job.state = verdict::job_state(&job, report.timestamp);
    job
}

/// Another one, which is made every hour and never fails.
fn second(m: &Moment<'_>, (name, repository): (&str, &str)) -> Job {
    const HOUR: f64 = 3600.0;
    let newest = (m.t / HOUR).floor() * HOUR + 40.0;
    let newest = if newest > m.t { newest - HOUR } else { newest };
    let size = Gibibytes::saturating(18.4);
    let mut job = Job {
        name: name.into(),
        tool: Some("restic".into()),
        repository: Some(repository.into()),
        asked_at: Some(m.wall((m.t / 1800.0).floor() * 1800.0)),
        last_success: Some(m.wall(newest)),
        duration_s: Some(Seconds::saturating(40.0)),
        size_gb: Some(size),
        usual_size_gb: Some(size),
        archive_count: Some(Count(96)),
        sources: vec![Source {
            name: format!("{}:/{name}", m.host.name).into(),
            last_success: Some(m.wall(newest)),
            archive_count: Some(Count(96)),
            size_gb: Some(size),
        }],
        every_s: Some(Seconds::saturating(HOUR)),
        next_run: Some(m.wall(newest + HOUR)),
        enabled: Some(true),
        ..Job::default()
    };
    job.state = verdict::job_state(&job, m.wall(m.t));
    job
}

/// How long a run takes: the one that the story finds as the newest as long as the plan says, others a little less.
fn takes(m: &Moment<'_>, index: i64) -> f64 {
    let newest_at_start = m.story.backup.ended(m.start).index;
    let less = if index == newest_at_start { 0.0 } else { 0.12 * chance(m.part("backup", "duration"), index) };
    let full = m.host.backup.takes_s * (1.0 - less);
    if failed(m, index) { (0.08 * full).floor() } else { full.floor() }
}

fn end(m: &Moment<'_>, index: i64) -> f64 {
    m.story.backup.nth(index).since + takes(m, index)
}

fn failed(m: &Moment<'_>, index: i64) -> bool {
    m.story.backup_ends(index) == RunResult::Failed
}

fn ended(m: &Moment<'_>, index: i64) -> bool {
    end(m, index) <= m.t
}

/// What the backups have grown by since the story began, in GiB; negative before it.
fn grown(m: &Moment<'_>, index: i64) -> f64 {
    let runs = index - m.story.backup.ended(m.start).index;
    // Old archives are pruned and old files deleted: what is covered grows, but not for ever.
    m.host.backup.grows_gb * (runs as f64).clamp(-60.0, 400.0)
}

fn covered(m: &Moment<'_>, index: i64) -> Gibibytes {
    Gibibytes::saturating(m.host.backup.size_gb + grown(m, index)).rounded(2)
}

fn run(m: &Moment<'_>, index: i64) -> Run {
    let start = Some(m.wall(m.story.backup.nth(index).since));
    if !ended(m, index) {
        return Run { start, result: RunResult::Running, ..Run::default() };
    }
    let duration_s = Some(Seconds::saturating(takes(m, index)));
    if failed(m, index) {
        return Run { start, duration_s, result: RunResult::Failed, message: Some(LOST.into()), ..Run::default() };
    }
    let result = m.story.backup_ends(index);
    let added = m.host.backup.grows_gb / 3.0 * (0.6 + 0.8 * chance(m.part("backup", "added"), index));
    Run {
        start,
        duration_s,
        result,
        size_gb: Some(covered(m, index)),
        stored_gb: Some(Gibibytes::saturating(added).rounded(4)),
        message: Some(if result == RunResult::Warning { CHANGED } else { DONE }.into()),
    }
}

/// The repository is checked once a week; when the story begins, six days ago.
fn checked(m: &Moment<'_>) -> f64 {
    let weeks = ((m.t - m.start + 6.0 * DAY) / (7.0 * DAY)).floor();
    m.start - 6.0 * DAY + weeks * 7.0 * DAY
}
