//! The course of a reading in one row or several, the newest at the right.

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

/// Signs of ASCII for eighths of a row.
const ASCII_EIGHTHS: [&str; 9] = [" ", ".", ".", ".", "#", "#", "#", "#", "#"];

impl Canvas<'_> {
    /// Draws the last values over several rows, from the right edge of `columns` columns on; the scale begins at zero and its
    /// end does not move.
    pub(crate) fn area(
        &mut self,
        (x, y): (u16, u16),
        (columns, rows): (u16, u16),
        values: impl DoubleEndedIterator<Item = f32>,
        high: f32,
        role: Role,
    ) {
        let columns = usize::from(columns.min(self.width().saturating_sub(x)));
        let mut last: Vec<f32> = values.rev().filter(|value| value.is_finite()).take(columns).collect();
        last.reverse();
        let blank = u16::try_from(columns - last.len()).unwrap_or(0);
        for row in 0..rows {
            let below = usize::from(rows - 1 - row) * 8;
            let sign = |value: &f32| {
                let here = eighths(*value, high, rows).saturating_sub(below).min(8);
                if self.look.glyphs == Glyphs::Unicode {
                    if here == 0 { " " } else { UNICODE[here - 1] }
                } else {
                    ASCII_EIGHTHS[here]
                }
            };
            let line: String = last.iter().map(sign).collect();
            self.write(x + blank, y + row, &line, self.look.theme.style(role));
        }
    }
}

/// How many eighths of a row a value is high; there is always one, so that a course can be seen to be there.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and eight times the rows")]
fn eighths(value: f32, high: f32, rows: u16) -> usize {
    let all = f32::from(rows) * 8.0;
    (value / high.max(f32::MIN_POSITIVE) * all).round().clamp(1.0, all) as usize
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
    use super::{eighths, level};

    #[test]
    fn a_course_over_rows_has_eighths_of_each() {
        for (value, high, rows, expected) in
            [(0.0, 100.0, 4, 1), (50.0, 100.0, 4, 16), (100.0, 100.0, 4, 32), (900.0, 100.0, 4, 32), (0.0, 0.0, 1, 1)]
        {
            assert_eq!(eighths(value, high, rows), expected, "{value} of {high} in {rows}");
        }
    }

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
