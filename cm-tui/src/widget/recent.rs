//! What has happened on this host while the program looked on, newest first.

use cm_core::config::dashboard::Widgets;
use cm_core::health::Subject;
use cm_core::wording;

use super::{Scene, Widget};
use crate::journal::Entry;
use crate::local;
use crate::paint::Canvas;
use crate::screen::alert::AlertPage;
use crate::screen::{Screen, detail};
use crate::theme::Role;

/// The panel.
#[derive(Debug)]
pub(crate) struct Recent;

/// So many entries at most are wanted.
const MOST: usize = 8;

/// The newest entries of this host.
fn entries<'s>(scene: &Scene<'s>) -> impl Iterator<Item = &'s Entry> {
    scene.state.journal.of(&scene.host.member.host.id).take(MOST)
}

impl Widget for Recent {
    fn name(&self) -> &'static str {
        "recent"
    }

    fn title(&self, scene: &Scene<'_>) -> String {
        match scene.state.alerts().of(&scene.host.member.host.id).count() {
            0 => "Recent".to_owned(),
            number => format!("Recent, {}", wording::plural(number, "alert")),
        }
    }

    fn is_wanted(&self, widgets: &Widgets) -> bool {
        widgets.alerts
    }

    fn height(&self, scene: &Scene<'_>, _: u16) -> u16 {
        u16::try_from(entries(scene).count().max(1)).unwrap_or(1)
    }

    fn items(&self, scene: &Scene<'_>) -> Vec<Subject> {
        // What happened is no thing of its own: the thing has its item where it stands.
        entries(scene).map(|_| Subject::host()).collect()
    }

    /// The alert that came of it, where one did.
    fn opens(&self, scene: &Scene<'_>, item: usize) -> Option<Screen> {
        let entry = entries(scene).nth(item)?;
        Some(match scene.state.alerts().about(&entry.host, &entry.reason) {
            Some(alert) => Screen::Alert(AlertPage::of(alert)),
            None => detail::screen(entry.host.clone(), entry.reason.subject.clone()),
        })
    }

    fn draw(&self, scene: &Scene<'_>, mut canvas: Canvas<'_>) {
        let state = scene.state;
        let rows = usize::from(canvas.height());
        let width = canvas.width();
        let mut y = 0;
        for entry in entries(scene).take(rows) {
            let time = local::format(entry.at, state.set.ahead_s, "%H:%M");
            let x = canvas.put(1, y, time.as_str(), Role::Dim) + 2;
            let health = entry.health();
            let x = canvas.put(x, y, wording::mark(health, state.look.glyphs), Role::of(health)) + 1;
            let role = if entry.is_news() { Role::Plain } else { Role::Dim };
            canvas.put_within(x, y, width.saturating_sub(x + 1), &entry.text(), role);
            if scene.cursor == Some(usize::from(y)) {
                canvas.tint(y, Role::Cursor);
            }
            y += 1;
        }
        if y == 0 && state.is_before_start() {
            canvas.put(1, 0, "What happened by then is not kept.", Role::Dim);
        } else if y == 0 {
            let since = local::format(state.started, state.set.ahead_s, "%H:%M");
            canvas.put(1, 0, format!("Nothing since {since}.").as_str(), Role::Dim);
        }
    }
}
