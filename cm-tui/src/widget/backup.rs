//! The backup: the last one, how long it took and how large it is, the next one, and what the repository holds.

use cm_core::catalogue::Measured;
use cm_core::config::dashboard::Widgets;
use cm_core::health::{Health, Subject};
use cm_core::report::BackupReport;
use cm_core::report::backup::{Run, RunResult};
use cm_core::verdict::{self, BackupState};
use cm_core::wording;

use super::{Scene, Widget};
use crate::local;
use crate::paint::{Canvas, columns};
use crate::theme::{Look, Role};

/// The panel.
#[derive(Debug)]
pub(crate) struct Backup;

/// The sign and the role of a state: the same on every screen.
pub(crate) const fn sign(state: BackupState, look: Look) -> (&'static str, Role) {
    match state {
        BackupState::Done => (look.sign("✓", "v"), Role::Plain),
        BackupState::Running => (look.sign("▶", ">"), Role::Plain),
        BackupState::Late | BackupState::Never | BackupState::Locked | BackupState::Unverified => {
            (wording::mark(Health::Warning, look.glyphs), Role::Warn)
        }
        BackupState::Failed => (wording::mark(Health::Critical, look.glyphs), Role::Bad),
        BackupState::Unknown => (wording::mark(Health::Unknown, look.glyphs), Role::Note),
        BackupState::NotSetUp => ("—", Role::Dim),
    }
}

impl Widget for Backup {
    fn name(&self) -> &'static str {
        "backup"
    }

    fn title(&self, _: &Scene<'_>) -> String {
        "Backup".to_owned()
    }

    fn is_wanted(&self, widgets: &Widgets) -> bool {
        widgets.backups
    }

    fn height(&self, scene: &Scene<'_>, _: u16) -> u16 {
        let Some(report) = scene.host.backup() else { return 0 };
        match verdict::backup_state(report) {
            BackupState::NotSetUp => 1,
            _ => 2 + u16::from(message(report).is_some()),
        }
    }

    fn draw(&self, scene: &Scene<'_>, mut canvas: Canvas<'_>) {
        let Some(report) = scene.host.backup() else { return };
        let state = verdict::backup_state(report);
        let (sign, role) = sign(state, scene.state.look);
        let x = canvas.put(1, 0, sign, role) + 1;
        if state == BackupState::NotSetUp {
            canvas.put(x, 0, "none is set up", Role::Dim);
            return;
        }
        let now = scene.picture.now.wall;
        let backup = &report.backup;
        let word = match state {
            BackupState::Done => backup.last_success.map(|at| local::day(at, now, scene.state.set.ahead_s)),
            state => Some(state.word().to_owned()),
        };
        let mut x = canvas.put(x, 0, word.unwrap_or_default().as_str(), role) + 3;
        if state != BackupState::Done
            && let Some(at) = backup.last_success
        {
            let text = format!("last good {}", local::day(at, now, scene.state.set.ahead_s));
            x = canvas.put(x, 0, text.as_str(), Role::Plain) + 3;
        }
        if let Some(took) = backup.duration_s {
            x = canvas.put(x, 0, took.to_string().as_str(), Role::Plain) + 3;
        }
        if let (Some(size), Some(stored)) = (backup.size_gb, backup.stored_gb) {
            let arrow = scene.state.look.sign("→", "->");
            let both = format!("{size} {arrow} {stored}");
            let fits = x + columns(scene.state.look, &both) < canvas.width();
            canvas.put_figure_at(x, 0, &if fits { both } else { size.to_string() }, Role::Plain);
        } else if let Some(size) = backup.size_gb {
            canvas.put_figure_at(x, 0, &size.to_string(), Role::Plain);
        }
        let mut x = 1;
        let parts = [
            backup.next_run.map(|at| {
                let label = if at < report.timestamp { "was due" } else { "next" };
                (label, local::day(at, now, scene.state.set.ahead_s))
            }),
            backup.archive_count.map(|number| ("archives", number.to_string())),
            backup.checked_at.map(|at| ("checked", format!("{} ago", wording::age(report.timestamp.since(at))))),
        ];
        for (label, text) in parts.into_iter().flatten() {
            x = canvas.put(x, 1, label, Role::Dim) + 1;
            x = canvas.put(x, 1, text.as_str(), Role::Plain) + 3;
        }
        if let Some(message) = message(report) {
            let room = canvas.width().saturating_sub(2);
            canvas.put_within(1, 2, room, message, Role::Dim);
        }
        let first = 2 + u16::from(message(report).is_some());
        for (y, run) in (first + 1..canvas.height()).zip(&backup.history) {
            earlier(scene, run, &mut canvas, y);
        }
        if scene.cursor.is_some() {
            canvas.tint(0, Role::Cursor);
        }
    }

    /// Earlier runs, below a blank row.
    fn grows(&self, scene: &Scene<'_>) -> u16 {
        const MOST: u16 = 10;
        let runs = scene.host.backup().map_or(0, |report| report.backup.history.len());
        if runs == 0 { 0 } else { u16::try_from(runs).unwrap_or(MOST).min(MOST) + 1 }
    }

    fn items(&self, scene: &Scene<'_>) -> Vec<Subject> {
        scene.host.backup().map(Measured::subject).into_iter().collect()
    }
}

/// One earlier run: when, how it ended, how long it took, how large it was.
fn earlier(scene: &Scene<'_>, run: &Run, canvas: &mut Canvas<'_>, y: u16) {
    let day = run.start.map(|at| local::day(at, scene.picture.now.wall, scene.state.set.ahead_s));
    let role = match run.result {
        RunResult::Failed => Role::Bad,
        RunResult::Warning => Role::Warn,
        RunResult::Running => Role::Note,
        RunResult::Success | RunResult::Unknown => Role::Plain,
    };
    canvas.put_within(1, y, 16, day.unwrap_or_default().as_str(), Role::Dim);
    canvas.put_within(19, y, 8, run.result.word(), role);
    if let Some(took) = run.duration_s {
        canvas.put_right(37, y, 9, took.to_string().as_str(), Role::Plain);
    }
    if let Some(size) = run.size_gb {
        canvas.put_figure(49, y, 11, &cm_core::unit::Bytes::from(size).to_string(), Role::Plain);
    }
}

/// What the runner said last, where something is wrong.
fn message(report: &BackupReport) -> Option<&cm_core::text::HostText> {
    let is_well = matches!(verdict::backup_state(report), BackupState::Done | BackupState::Running);
    report.service.last_message.as_ref().filter(|message| !is_well && !message.is_empty())
}
