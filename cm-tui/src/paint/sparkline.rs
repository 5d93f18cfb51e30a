//! The course of a reading in one row, the newest at the right.

use cm_core::wording::Glyphs;

use super::Canvas;
use crate::theme::Role;

const UNICODE: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ASCII: [&str; 8] = ["_", "_", ".", ".", "-", "-", "=", "="];

impl Canvas<'_> {
    /// Draws the last values from the right edge of `columns` columns on. `low` and `high` are the ends of the scale;
    /// where the values themselves go beyond, the scale follows them.
    pub(crate) fn sparkline(
        &mut self,
        (x, y): (u16, u16),
        columns: u16,
        values: impl DoubleEndedIterator<Item = f32>,
        (low, high): (f32, f32),
        role: Role,
    ) {
        let columns = usize::from(columns.min(self.width().saturating_sub(x)));
        let mut last: Vec<f32> = values.rev().filter(|value| value.is_finite()).take(columns).collect();
        last.reverse();
        let low = last.iter().copied().fold(low, f32::min);
        // What goes beyond the scale makes it longer, with room above: a steady flow is not a full one.
        let highest = last.iter().copied().fold(f32::MIN, f32::max);
        let high = if highest > high { highest * 1.5 } else { high };
        let signs = if self.look.glyphs == Glyphs::Unicode { UNICODE } else { ASCII };
        let line: String = last.iter().map(|value| signs[level(*value, low, high)]).collect();
        let blank = u16::try_from(columns - last.len()).unwrap_or(0);
        self.write(x + blank, y, &line, self.look.theme.style(role));
    }
}

/// Which of eight levels a value reaches.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 7")]
fn level(value: f32, low: f32, high: f32) -> usize {
    if high <= low {
        return 0;
    }
    (((value - low) / (high - low) * 7.99).clamp(0.0, 7.0)) as usize
}

#[cfg(test)]
mod tests {
    use super::level;

    #[test]
    fn every_value_has_a_level() {
        for (value, low, high, expected) in [
            (0.0, 0.0, 100.0, 0),
            (100.0, 0.0, 100.0, 7),
            (50.0, 0.0, 100.0, 3),
            (5.0, 5.0, 5.0, 0),
            (f32::MAX, 0.0, f32::MAX, 7),
        ] {
            assert_eq!(level(value, low, high), expected, "{value}");
        }
    }
}
