//! The backup of a host: how it stands in words, what the last one covered, what runs it, and the runs before.

use cm_core::clock::WallTime;
use cm_core::health::Verdict;
use cm_core::report::Api;
use cm_core::report::backup::{BackupReport, Run, RunResult};
use cm_core::text::terminal;
use cm_core::unit::{Bytes, human};
use cm_core::verdict::{self, BackupState};

use super::detail::{At, Detail, figures};
use super::sheet::{Figure, Sheet};
use crate::local;
use crate::theme::Role;
use crate::widget::{Scene, backup_sign};

/// The screen of a host's backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Backup {
    /// Whose.
    pub(super) at: At,
}

impl Detail for Backup {
    fn at(&self) -> &At {
        &self.at
    }

    fn at_mut(&mut self) -> &mut At {
        &mut self.at
    }

    fn api(&self) -> Option<Api> {
        Some(Api::Backup)
    }

    fn verdict(&self, scene: &Scene<'_>) -> Option<Verdict> {
        let report = scene.host.backup()?;
        Some(scene.judged(|policy| verdict::backup(report, policy)))
    }

    fn write(&self, scene: &Scene<'_>, sheet: &mut Sheet) {
        let Some(report) = scene.host.backup() else { return };
        if let Some(verdict) = self.verdict(scene) {
            sheet.reasons(&verdict.reasons);
        }
        standing(report, scene, sheet);
        jobs(report, scene, sheet);
        runner(report, sheet);
        let told = figures(report, report.timestamp, scene);
        let limited: Vec<Figure> =
            told.into_iter().map(|(_, figure)| figure).filter(|figure| !figure.limits.is_empty()).collect();
        if !limited.is_empty() {
            sheet.heading("Against its limits");
            sheet.figures(&limited);
        }
        history(report, scene, sheet);
    }
}

fn standing(report: &BackupReport, scene: &Scene<'_>, sheet: &mut Sheet) {
    let backup = &report.backup;
    let day = |at: WallTime| local::day(at, scene.picture.now.wall, scene.state.set.ahead_s);
    let ago = |at: WallTime| format!("{}, {} ago", day(at), human::span(report.timestamp.since(at).as_secs_f64()));
    sheet.heading("Backup");
    let state = verdict::backup_state(report);
    let (sign, role) = backup_sign(state, scene.state.look);
    sheet.fact("state", format!("{sign} {}", words(state)).as_str(), role);
    sheet.maybe("last good", backup.last_success.map(ago).as_ref());
    sheet.maybe("last failed", backup.last_failure.map(ago).as_ref());
    let next = backup.next_run.map(|at| match at.since(report.timestamp).as_secs_f64() {
        ahead if ahead > 0.0 => format!("{}, in {}", day(at), human::span(ahead)),
        _ => format!("{}, overdue for {}", day(at), human::span(report.timestamp.since(at).as_secs_f64())),
    });
    sheet.maybe("next", next.as_ref());
    sheet.maybe("took", backup.duration_s.map(|took| took.to_string()).as_ref());
    let size = match (backup.size_gb, backup.stored_gb) {
        (Some(size), Some(stored)) => Some(format!("{} → {} stored", Bytes::from(size), Bytes::from(stored))),
        (Some(size), None) => Some(Bytes::from(size).to_string()),
        (None, Some(stored)) => Some(format!("{} stored", Bytes::from(stored))),
        (None, None) => None,
    };
    sheet.maybe("size", size.as_ref());
    sheet.maybe("archives", backup.archive_count.map(|count| count.to_string()).as_ref());
    sheet.maybe("repository", backup.repository.as_ref());
    sheet.maybe("checked", backup.checked_at.map(ago).as_ref());
    sheet.maybe("restore tested", backup.restore_tested_at.map(ago).as_ref());
}

/// Each of several backups, and what of it is saved when.
fn jobs(report: &BackupReport, scene: &Scene<'_>, sheet: &mut Sheet) {
    const MOST: usize = 100;
    if report.backups.is_empty() {
        return;
    }
    sheet.heading("Each backup");
    let age = |at: Option<WallTime>| {
        at.map_or_else(|| "–".to_owned(), |at| format!("{} ago", human::span(report.timestamp.since(at).as_secs_f64())))
    };
    let dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    let columns = [1, 19, 31, 43, 53, 65];
    let heads = ["name", "state", "last good", "size", "archives", "repository"];
    sheet.row(&columns.iter().zip(heads).map(|(x, head)| (*x, head, Role::Dim)).collect::<Vec<_>>());
    for job in report.backups.iter().take(MOST) {
        let state = verdict::job_state(job, report.timestamp).into();
        let (sign, role) = backup_sign(state, scene.state.look);
        let repository = job.repository.as_ref().map(|text| terminal::line(text)).unwrap_or_default();
        let texts = [
            terminal::fitted(&job.name, 16).into_owned(),
            format!("{sign} {}", state.word()),
            age(job.last_success),
            dash(job.size_gb.map(|size| Bytes::from(size).to_string())),
            dash(job.archive_count.map(|count| count.to_string())),
            repository.into_owned(),
        ];
        sheet.row(&columns.iter().zip(&texts).map(|(x, text)| (*x, text.as_str(), role)).collect::<Vec<_>>());
        for source in job.sources.iter().take(MOST).filter(|_| job.sources.len() > 1) {
            let text = format!("{}: {}", terminal::line(&source.name), age(source.last_success));
            sheet.text(3, &text, Role::Dim);
        }
    }
}

fn runner(report: &BackupReport, sheet: &mut Sheet) {
    let runner = &report.service;
    if runner.enabled.is_none() && runner.pending_jobs.is_none() && runner.last_message.is_none() {
        return;
    }
    sheet.heading("What runs it");
    let scheduled = runner.enabled.map(|enabled| if enabled { "yes" } else { "no: nothing will run it" }.to_owned());
    sheet.maybe("scheduled", scheduled.as_ref());
    sheet.maybe("runs that wait", runner.pending_jobs.map(|jobs| jobs.to_string()).as_ref());
    sheet.maybe("it said last", runner.last_message.as_ref());
}

/// Earlier runs, newest first: a row each, with what was said below where there is no room beside.
fn history(report: &BackupReport, scene: &Scene<'_>, sheet: &mut Sheet) {
    const MOST: usize = 500;
    let runs = &report.backup.history;
    sheet.heading("Runs");
    if runs.is_empty() {
        sheet.text(1, "The host tells of no earlier runs.", Role::Dim);
        return;
    }
    let heads = ["began", "result", "took", "size", "added"];
    let heads: Vec<_> = COLUMNS.iter().zip(heads).map(|(x, head)| (*x, head, Role::Dim)).collect();
    sheet.row(&heads);
    for run in runs.iter().take(MOST) {
        let cells = cells(run, scene);
        let role = match run.result {
            RunResult::Failed => Role::Bad,
            RunResult::Warning => Role::Warn,
            RunResult::Running => Role::Note,
            RunResult::Success | RunResult::Unknown => Role::Plain,
        };
        let mut cells: Vec<_> = COLUMNS.iter().zip(&cells).map(|(x, text)| (*x, text.as_str(), role)).collect();
        let message = run.message.as_ref().map(|message| terminal::line(message)).unwrap_or_default();
        let is_news = run.result != RunResult::Success;
        if !is_news && sheet.width() >= WITH_MESSAGES {
            cells.push((MESSAGES, &*message, Role::Dim));
        }
        sheet.row(&cells);
        if is_news && !message.trim().is_empty() {
            sheet.text(COLUMNS[1], &message, Role::Plain);
        }
    }
}

/// From this width on what was said stands beside each run; else only what is news stands, below.
const WITH_MESSAGES: u16 = 100;

/// Where it stands.
const MESSAGES: u16 = 61;

/// Where the columns of runs begin.
const COLUMNS: [u16; 5] = [1, 19, 29, 39, 49];

fn cells(run: &Run, scene: &Scene<'_>) -> [String; 5] {
    let day = |at: WallTime| local::day(at, scene.picture.now.wall, scene.state.set.ahead_s);
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    [
        or_dash(run.start.map(day)),
        run.result.word().to_owned(),
        or_dash(run.duration_s.map(|took| took.to_string())),
        or_dash(run.size_gb.map(|size| Bytes::from(size).to_string())),
        or_dash(run.stored_gb.map(|size| Bytes::from(size).to_string())),
    ]
}

/// What a state means.
const fn words(state: BackupState) -> &'static str {
    match state {
        BackupState::NotSetUp => "none is set up",
        BackupState::Never => "none has ended well yet",
        BackupState::Running => "one runs now",
        BackupState::Done => "done: the last one ended well, and the next one is not due",
        BackupState::Failed => "failed: the last one ended badly",
        BackupState::Late => "late: the next one was due and has not come",
        BackupState::Locked => "locked: the repository has been locked for too long",
        BackupState::Unverified => "unverified: it was not checked for integrity for too long",
        BackupState::Unknown => "the host does not tell",
    }
}

#[cfg(test)]
mod tests;
