//! The bar of what was gathered: where one is in it, where trouble began, how far it goes back.

use cm_core::clock::BootTime;
use cm_core::health::Health;

use crate::local;
use crate::paint::{Canvas, columns};
use crate::state::State;
use crate::theme::Role;
use crate::travel;

/// Draws the bar and below it its ends.
pub(super) fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let (Some(then), Some((start, end))) = (&state.then, travel::range(state)) else { return };
    let width = canvas.width();
    if canvas.height() < 2 || width < 20 {
        return;
    }
    let (left, line, right) = (state.look.sign("├", "|"), state.look.sign("─", "-"), state.look.sign("┤", "|"));
    canvas.put(1, 0, left, Role::Dim);
    canvas.put(2, 0, line.repeat(usize::from(width - 4)).as_str(), Role::Dim);
    canvas.put(width - 2, 0, right, Role::Dim);
    let here = then.picture.now;
    for (at, health) in state.journal.beginnings().filter(|(_, health)| *health != Health::Ok) {
        let boot = if at >= here.wall {
            here.boot.after(at.since(here.wall))
        } else {
            BootTime::from_start(here.boot.since(BootTime::default()).saturating_sub(here.wall.since(at)))
        };
        if boot >= start && boot <= end {
            canvas.put(column(boot, (start, end), width), 0, state.look.sign("┬", "+"), Role::of(health));
        }
    }
    canvas.put(column(here.boot, (start, end), width), 0, state.look.sign("▼", "V"), Role::Accent);
    let Some(first) = state.past.start() else { return };
    let form = if end.since(start).as_secs() < 20 * 3_600 { "%H:%M:%S" } else { "%d %b %H:%M" };
    let x = canvas.put(1, 1, local::format(first.wall, state.set.ahead_s, form).as_str(), Role::Dim);
    let told = "gathered since this program started";
    if x + columns(state.look, told) + 8 < width {
        canvas.put(x + 2, 1, told, Role::Dim);
    }
    canvas.put_right(width - 1, 1, 3, "now", Role::Dim);
}

/// The moment at a column of the bar.
pub(crate) fn moment(state: &State, x: u16) -> Option<BootTime> {
    let (start, end) = travel::range(state)?;
    let last = state.size.width.saturating_sub(3).max(1);
    let along = f64::from(x.saturating_sub(1).min(last)) / f64::from(last);
    // At the right end it is now, however the product is rounded.
    Some(if x > last { end } else { start.after(end.since(start).mul_f64(along)) })
}

fn column(at: BootTime, (start, end): (BootTime, BootTime), width: u16) -> u16 {
    let whole = end.since(start).as_secs_f64().max(f64::MIN_POSITIVE);
    let along = (at.since(start).as_secs_f64() / whole).clamp(0.0, 1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the width")]
    let x = (along * f64::from(width - 3)).round() as u16;
    1 + x
}
