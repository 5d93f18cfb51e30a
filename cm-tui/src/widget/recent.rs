//! What has happened on this host while the program looked on, newest first.

use cm_core::config::dashboard::Widgets;
use cm_core::wording;

use super::{Scene, Widget};
use crate::local;
use crate::paint::Canvas;
use crate::theme::Role;

/// The panel.
#[derive(Debug)]
pub(crate) struct Recent;

/// So many entries at most are wanted.
const MOST: usize = 8;

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
        let entries = scene.state.journal.of(&scene.host.member.host.id).take(MOST).count();
        u16::try_from(entries.max(1)).unwrap_or(1)
    }

    fn draw(&self, scene: &Scene<'_>, mut canvas: Canvas<'_>) {
        let state = scene.state;
        let rows = usize::from(canvas.height());
        let width = canvas.width();
        let mut y = 0;
        for entry in state.journal.of(&scene.host.member.host.id).take(rows) {
            let time = local::format(entry.at, state.set.ahead_s, "%H:%M");
            let x = canvas.put(1, y, time.as_str(), Role::Dim) + 2;
            let health = entry.health();
            let x = canvas.put(x, y, wording::mark(health, state.look.glyphs), Role::of(health)) + 1;
            canvas.put_within(x, y, width.saturating_sub(x + 1), &entry.text(), Role::Plain);
            y += 1;
        }
        if y == 0 {
            let since = local::format(state.started, state.set.ahead_s, "%H:%M");
            canvas.put(1, 0, format!("Nothing since {since}.").as_str(), Role::Dim);
        }
    }
}
