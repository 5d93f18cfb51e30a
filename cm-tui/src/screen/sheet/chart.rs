//! The course of a reading over several rows, with the ends of its scale at the left. It does not know what is measured.

use cm_core::unit::Unit;
use cm_core::wording::Glyphs;

use crate::theme::Look;

/// Where the axis stands: the scale's values end before it.
pub(super) const AXIS: u16 = 10;

/// How many rows a chart has.
const ROWS: usize = 5;

const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// The course of one reading.
#[derive(Debug)]
pub(crate) struct Chart<'v> {
    /// Its values, the oldest first.
    pub(crate) values: &'v [f32],
    /// What they count in.
    pub(crate) unit: Unit,
}

/// One row of it.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) axis: &'static str,
    pub(super) signs: String,
}

/// The ends of a scale that holds all values, and a little more, so that a steady reading stands in the middle.
pub(super) fn scale(values: &[f32]) -> (f32, f32) {
    let low = values.iter().copied().fold(f32::INFINITY, f32::min);
    let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let room = ((high - low) * 0.1).max(high.abs() * 0.02).max(0.5);
    let low = if low >= 0.0 { (low - room).max(0.0) } else { low - room };
    (low, high + room)
}

impl Chart<'_> {
    /// Its rows, the uppermost first. Each value takes as many columns as fit, up to three.
    pub(super) fn rows(&self, look: Look, width: u16) -> Vec<Row> {
        let room = usize::from(width.saturating_sub(AXIS + 4)).max(1);
        let shown = &self.values[self.values.len().saturating_sub(room)..];
        let wide = (room / shown.len().max(1)).clamp(1, 3);
        let (low, high) = scale(shown);
        let row = |at: usize| {
            let label = match at {
                0 => self.unit.print(f64::from(high)),
                _ if at + 1 == ROWS => self.unit.print(f64::from(low)),
                _ => String::new(),
            };
            let axis = look.sign(if label.is_empty() { "│" } else { "┤" }, "|");
            let signs = shown.iter().map(|value| sign(look, (value - low) / (high - low), ROWS - 1 - at).repeat(wide));
            Row { label, axis, signs: signs.collect() }
        };
        (0..ROWS).map(row).collect()
    }
}

/// What stands in a row (counted from below) for a share of the scale.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 40")]
fn sign(look: Look, share: f32, row: usize) -> &'static str {
    let eighths = (share.clamp(0.0, 1.0) * (ROWS * 8) as f32).round().max(1.0) as usize;
    let here = eighths.saturating_sub(row * 8).min(8);
    match look.glyphs {
        Glyphs::Unicode => EIGHTHS[here],
        Glyphs::Ascii if here >= 4 => "#",
        Glyphs::Ascii if here > 0 => ".",
        Glyphs::Ascii => " ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Theme;

    #[test]
    fn the_course_rises_with_its_values_and_the_scale_stands_beside_it() {
        let chart = Chart { values: &[40.0, 45.0, 50.0], unit: Unit::Celsius };
        let rows = chart.rows(Look { theme: Theme::None, glyphs: Glyphs::Ascii }, 17);
        let drawn: Vec<_> = rows.iter().map(|row| format!("{:>6}{}{}", row.label, row.axis, row.signs)).collect();
        assert_eq!(drawn, [" 51 °C|  #", "      |  #", "      | ##", "      | ##", " 39 °C|.##"]);
    }

    #[test]
    fn a_steady_reading_has_a_scale() {
        for values in [&[0.0_f32, 0.0][..], &[4.0, 4.0], &[-3.0, -3.0], &[f32::MAX, f32::MAX]] {
            let (low, high) = scale(values);
            assert!(low < high || high.is_infinite(), "{values:?}");
            let rows =
                Chart { values, unit: Unit::Percent }.rows(Look { theme: Theme::None, glyphs: Glyphs::Unicode }, 60);
            assert_eq!(rows.len(), ROWS);
        }
    }
}
