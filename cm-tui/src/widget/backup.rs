//! The backup: the last one, how long it took and how large it is, the next one, and what the repository holds.

use cm_core::catalogue::Measured;
use cm_core::config::dashboard::Widgets;
use cm_core::health::{Health, Subject};
use cm_core::report::BackupReport;
use cm_core::verdict::{self, BackupState};
use cm_core::wording;

use super::{Scene, Widget};
use crate::local;
use crate::paint::Canvas;
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
            canvas.put_figure_at(x, 0, &format!("{size} {arrow} {stored}"), Role::Plain);
        } else if let Some(size) = backup.size_gb {
            canvas.put_figure_at(x, 0, &size.to_string(), Role::Plain);
        }
        let mut x = 1;
        let parts = [
            backup.next_run.map(|at| ("next", local::day(at, now, scene.state.set.ahead_s))),
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
        if scene.cursor.is_some() {
            canvas.tint(0, Role::Cursor);
        }
    }

    fn items(&self, scene: &Scene<'_>) -> Vec<Subject> {
        scene.host.backup().map(Measured::subject).into_iter().collect()
    }
}

/// What the runner said last, where something is wrong.
fn message(report: &BackupReport) -> Option<&cm_core::text::HostText> {
    let is_well = matches!(verdict::backup_state(report), BackupState::Done | BackupState::Running);
    report.service.last_message.as_ref().filter(|message| !is_well && !message.is_empty())
}
