//! The bar of what can be shown: where one is in it, where trouble began, how far it goes back.

use cm_core::clock::WallTime;
use cm_core::health::Health;

use crate::local;
use crate::paint::{Canvas, columns};
use crate::state::State;
use crate::theme::Role;
use crate::travel::{self, From};

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
    for (at, health) in state.journal.beginnings().filter(|(_, health)| *health != Health::Ok) {
        if at >= start && at <= end {
            canvas.put(column(at, (start, end), width), 0, state.look.sign("┬", "+"), Role::of(health));
        }
    }
    canvas.put(column(then.at, (start, end), width), 0, state.look.sign("▼", "V"), Role::Accent);
    let form = match end.since(start).as_secs() {
        0..72_000 => "%H:%M:%S",
        72_000..25_920_000 => "%d %b %H:%M",
        _ => "%d %b %Y",
    };
    let x = canvas.put(1, 1, local::format(start, state.set.ahead_s, form).as_str(), Role::Dim);
    let told = match then.from {
        From::Memory => "gathered since this program started",
        From::History { .. } => "out of the stored history; :at goes to any moment",
    };
    if x + columns(state.look, told) + 8 < width {
        canvas.put(x + 2, 1, told, Role::Dim);
    }
    canvas.put_right(width - 1, 1, 3, "now", Role::Dim);
}

/// The moment at a column of the bar.
pub(crate) fn moment(state: &State, x: u16) -> Option<WallTime> {
    let (start, end) = travel::range(state)?;
    let last = state.size.width.saturating_sub(3).max(1);
    let along = f64::from(x.saturating_sub(1).min(last)) / f64::from(last);
    // At the right end it is now, however the product is rounded.
    Some(if x > last { end } else { start.after(end.since(start).mul_f64(along)) })
}

fn column(at: WallTime, (start, end): (WallTime, WallTime), width: u16) -> u16 {
    let whole = end.since(start).as_secs_f64().max(f64::MIN_POSITIVE);
    let along = (at.since(start).as_secs_f64() / whole).clamp(0.0, 1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the width")]
    let x = (along * f64::from(width - 3)).round() as u16;
    1 + x
}
