//! A chart in characters: a line over time, a band behind it, a limit drawn across. Cells as data, each with what it
//! means, so that every front end colours them by its own rules.
//!
//! Pure: it knows neither what is drawn nor where the values come from, and reads no clock.

use super::Glyphs;
use crate::unit::Unit;

/// From the lowest to the highest value of one column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// The lowest value.
    pub low: f64,
    /// The highest value.
    pub high: f64,
}

impl Span {
    /// A span of one value.
    pub const fn of(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub const fn joined(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }
}

/// What a cell belongs to, the last one in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Layer {
    /// Nothing.
    #[default]
    Empty,
    /// What is usual, or what is likely.
    Band,
    /// From the least to the greatest of what a value stands for.
    Range,
    /// A limit.
    Limit,
    /// The values.
    Line,
}

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Its character, one column wide.
    pub glyph: char,
    /// What it belongs to.
    pub layer: Layer,
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plot {
    /// The values, [`Plot::dots`] columns of them; a gap where there are none.
    pub line: Vec<Option<Span>>,
    /// What lies behind, a span for each cell's column; empty where nothing does.
    pub band: Vec<Option<Span>>,
    /// From the least to the greatest of what the values stand for, a span for each cell's column; empty where a value
    /// stands for itself.
    pub range: Vec<Option<Span>>,
    /// A limit across the whole width.
    pub limit: Option<f64>,
}

/// The values between which is drawn, both round numbers, and the step between two marks of the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The value of the lower edge.
    pub low: f64,
    /// The value of the upper edge.
    pub high: f64,
    /// From one mark to the next; a 1, 2 or 5 with noughts.
    pub step: f64,
}

impl Scale {
    /// The narrowest round scale that holds all of it with about `marks` steps.
    pub fn fitting(span: Span, marks: usize) -> Self {
        let low = if span.low.is_finite() { span.low } else { 0.0 };
        let high = if span.high.is_finite() { span.high.max(low) } else { low };
        // A line that never moves gets steps of a size like its own.
        let width = if high > low { high - low } else { low.abs().max(1.0) };
        let step = round_step(width / marks.max(1) as f64);
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        Self { low, high: if high > low { high } else { low + step }, step }
    }

    /// The values of its marks, from the top down; at most 64.
    pub fn marks(self) -> Vec<f64> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 63")]
        let steps = ((self.high - self.low) / self.step).round().clamp(0.0, 63.0) as u32;
        (0..=steps).rev().map(|step| f64::from(step).mul_add(self.step, self.low)).collect()
    }

    /// The same for values of a unit, round in what is printed of them: a scale of bytes has whole GiB, or tenths.
    pub fn fitting_in(unit: Unit, span: Span, marks: usize) -> Self {
        let size = span.high.abs().max(span.low.abs());
        let base: f64 = if unit == Unit::Bytes { 1_024.0 } else { 1_000.0 };
        let factor = match unit {
            Unit::Bytes | Unit::DecimalBytes if size >= base => base.powf(size.log(base).floor()),
            _ => 1.0,
        };
        let scale = Self::fitting(Span { low: span.low / factor, high: span.high / factor }, marks);
        Self { low: scale.low * factor, high: scale.high * factor, step: scale.step * factor }
    }

    /// The values of its marks and their words, which differ from one another: with more digits where it takes them.
    pub fn labels(self, unit: Unit) -> Vec<(f64, String)> {
        let words = |print: &dyn Fn(f64) -> String| -> Vec<(f64, String)> {
            self.marks().into_iter().map(|mark| (mark, print(mark))).collect()
        };
        let plain = words(&|mark| unit.print(mark));
        let differ = plain.windows(2).all(|pair| pair[0].1 != pair[1].1);
        let is_scaled = matches!(unit, Unit::Bytes | Unit::DecimalBytes | Unit::BytesPerSecond | Unit::Seconds);
        if differ || is_scaled {
            return plain;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 9")]
        let digits = (-self.step.log10()).ceil().clamp(0.0, 9.0) as usize;
        let end = unit.print(100.0);
        let end = end.rsplit_once(' ').map(|(_, end)| format!(" {end}")).unwrap_or_default();
        words(&|mark| format!("{mark:.digits$}{end}"))
    }

    /// Which of `rows` dots, counted from the top, shows this value; the edges take what lies beyond them.
    fn row(self, value: f64, rows: usize) -> usize {
        let share = ((self.high - value) / (self.high - self.low)).clamp(0.0, 1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the rows")]
        let row = (share * rows.saturating_sub(1) as f64).round() as usize;
        row
    }

    /// The row of cells at which a value stands in a chart of this height.
    pub fn cell(self, value: f64, height: usize, glyphs: Glyphs) -> usize {
        self.row(value, height * dots_high(glyphs)) / dots_high(glyphs)
    }
}

/// The next larger of 1, 2, 5 with noughts.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.max(f64::MIN_POSITIVE).log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= least * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

const fn dots_wide(glyphs: Glyphs) -> usize {
    match glyphs {
        Glyphs::Unicode => 2,
        Glyphs::Ascii => 1,
    }
}

const fn dots_high(glyphs: Glyphs) -> usize {
    match glyphs {
        Glyphs::Unicode => 4,
        Glyphs::Ascii => 1,
    }
}

impl Plot {
    /// How many values a line has that is drawn over `width` cells: a cell of Braille holds two.
    pub const fn dots(width: usize, glyphs: Glyphs) -> usize {
        width * dots_wide(glyphs)
    }

    /// Everything that is to be seen; `None` where there is nothing. The limit counts where `with_limit` says so.
    pub fn span(&self, with_limit: bool) -> Option<Span> {
        let spans = self.line.iter().chain(&self.band).chain(&self.range).flatten().copied();
        let limit = self.limit.filter(|_| with_limit).map(Span::of);
        spans.chain(limit).filter(|span| span.low.is_finite() && span.high.is_finite()).reduce(Span::joined)
    }

    /// Rows of cells from the top down. Missing columns stay empty, those past the width are left out.
    pub fn cells(&self, width: usize, height: usize, scale: Scale, glyphs: Glyphs) -> Vec<Vec<Cell>> {
        let mut cells = vec![vec![Cell { glyph: ' ', layer: Layer::Empty }; width]; height];
        let rows = height * dots_high(glyphs);
        if rows == 0 {
            return cells;
        }
        let band = Cell { glyph: band(glyphs), layer: Layer::Band };
        let range = Cell { glyph: range(glyphs), layer: Layer::Range };
        for (spans, cell) in [(&self.band, band), (&self.range, range)] {
            for (column, span) in spans.iter().enumerate().take(width).filter_map(|(n, span)| Some((n, (*span)?))) {
                let (top, bottom) = (scale.row(span.high, rows), scale.row(span.low, rows));
                for row in &mut cells[top / dots_high(glyphs)..=bottom / dots_high(glyphs)] {
                    row[column] = cell;
                }
            }
        }
        if let Some(limit) = self.limit.filter(|limit| (scale.low..=scale.high).contains(limit)) {
            cells[scale.row(limit, rows) / dots_high(glyphs)].fill(Cell { glyph: across(glyphs), layer: Layer::Limit });
        }
        self.draw_line(&mut cells, scale, glyphs);
        cells
    }

    fn draw_line(&self, cells: &mut [Vec<Cell>], scale: Scale, glyphs: Glyphs) {
        let (wide, high) = (dots_wide(glyphs), dots_high(glyphs));
        let rows = cells.len() * high;
        let width = cells[0].len();
        let mut before: Option<(usize, usize)> = None;
        for (n, span) in self.line.iter().enumerate().take(width * wide) {
            let Some(span) = span.filter(|span| span.low.is_finite() && span.high.is_finite()) else {
                before = None;
                continue;
            };
            let (mut top, mut bottom) = (scale.row(span.high, rows), scale.row(span.low, rows));
            let own = (top, bottom);
            // The line holds together: a column reaches up or down to its neighbour.
            if let Some((before_top, before_bottom)) = before {
                if before_bottom + 1 < top {
                    top = before_bottom + 1;
                } else if before_top > bottom + 1 {
                    bottom = before_top - 1;
                }
            }
            before = Some(own);
            for dot in top..=bottom {
                let cell = &mut cells[dot / high][n / wide];
                cell.glyph = match glyphs {
                    Glyphs::Unicode => with_dot(cell.glyph, n % 2, dot % 4),
                    Glyphs::Ascii => '*',
                };
                cell.layer = Layer::Line;
            }
        }
    }
}

const fn band(glyphs: Glyphs) -> char {
    match glyphs {
        Glyphs::Unicode => '░',
        Glyphs::Ascii => ':',
    }
}

const fn range(glyphs: Glyphs) -> char {
    match glyphs {
        Glyphs::Unicode => '▒',
        Glyphs::Ascii => '|',
    }
}

const fn across(glyphs: Glyphs) -> char {
    match glyphs {
        Glyphs::Unicode => '┄',
        Glyphs::Ascii => '-',
    }
}

/// A character of Braille (U+2800 and the bits of its dots) with one more dot.
fn with_dot(glyph: char, column: usize, row: usize) -> char {
    const BLANK: u32 = 0x2800;
    const BITS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
    let old = u32::from(glyph);
    let dots = if (BLANK..BLANK + 256).contains(&old) { old - BLANK } else { 0 };
    char::from_u32(BLANK + (dots | BITS[column][row])).unwrap_or(glyph)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(plot: &Plot, width: usize, height: usize, scale: Scale, glyphs: Glyphs) -> String {
        let rows = plot.cells(width, height, scale, glyphs);
        rows.iter().map(|row| row.iter().map(|cell| cell.glyph).collect::<String>()).collect::<Vec<_>>().join("\n")
    }

    fn line(values: &[f64]) -> Vec<Option<Span>> {
        values.iter().map(|&value| value.is_finite().then_some(Span::of(value))).collect()
    }

    #[test]
    fn scales_are_round_and_hold_what_is_shown() {
        for (low, high, expected) in [
            (0.0, 100.0, (0.0, 100.0, 50.0)),
            (41.0, 63.0, (40.0, 70.0, 10.0)),
            (0.2, 0.9, (0.0, 1.0, 0.5)),
            (56.0, 56.0, (40.0, 60.0, 20.0)),
            (0.0, 0.0, (0.0, 0.5, 0.5)),
            (-3.0, 4.0, (-5.0, 5.0, 5.0)),
        ] {
            let scale = Scale::fitting(Span { low, high }, 3);
            assert_eq!((scale.low, scale.high, scale.step), expected, "{low} to {high}");
            assert!(scale.marks().len() >= 2 && scale.marks().len() < 8);
        }
        assert!(Scale::fitting(Span { low: f64::NAN, high: f64::INFINITY }, 3).high.is_finite());
    }

    #[test]
    fn labels_differ_and_bytes_are_round_in_their_own_units() {
        let labels = |unit, low, high| -> Vec<String> {
            Scale::fitting_in(unit, Span { low, high }, 4).labels(unit).into_iter().map(|(_, text)| text).collect()
        };
        assert_eq!(labels(Unit::Percent, 5.16, 5.31), ["5.35 %", "5.30 %", "5.25 %", "5.20 %", "5.15 %"]);
        assert_eq!(labels(Unit::Percent, 0.0, 80.0), ["80 %", "60 %", "40 %", "20 %", "0 %"]);
        let gib = 1_073_741_824.0;
        assert_eq!(labels(Unit::Bytes, 0.0, 7.6 * gib), ["8 GiB", "6 GiB", "4 GiB", "2 GiB", "0 B"]);
    }

    #[test]
    fn a_line_in_ascii_holds_together_and_leaves_gaps() {
        let plot = Plot { line: line(&[0.0, 3.0, 3.0, f64::NAN, 1.0]), ..Plot::default() };
        let scale = Scale { low: 0.0, high: 3.0, step: 1.0 };
        assert_eq!(drawn(&plot, 5, 4, scale, Glyphs::Ascii), " **  \n *   \n *  *\n*    ");
    }

    #[test]
    fn a_cell_of_braille_holds_two_columns_and_four_rows() {
        let plot = Plot { line: line(&[0.0, 1.0, 2.0, 3.0]), ..Plot::default() };
        let scale = Scale { low: 0.0, high: 3.0, step: 1.0 };
        assert_eq!(drawn(&plot, 2, 1, scale, Glyphs::Unicode), "⡠⠊");
    }

    #[test]
    fn the_line_stands_before_the_limit_and_the_limit_before_the_band() {
        let band = vec![Some(Span { low: 0.0, high: 2.0 }); 3];
        let plot = Plot { line: line(&[1.0, f64::NAN, f64::NAN]), band, limit: Some(1.0), ..Plot::default() };
        let scale = Scale { low: 0.0, high: 2.0, step: 1.0 };
        assert_eq!(drawn(&plot, 3, 3, scale, Glyphs::Ascii), ":::\n*--\n:::");
        let layers: Vec<_> = plot.cells(3, 3, scale, Glyphs::Ascii)[1].iter().map(|cell| cell.layer).collect();
        assert_eq!(layers, [Layer::Line, Layer::Limit, Layer::Limit]);
    }

    #[test]
    fn least_and_greatest_stand_before_what_is_usual_and_count_for_the_scale() {
        let band = vec![Some(Span { low: 0.0, high: 2.0 }); 2];
        let range = vec![Some(Span { low: 1.0, high: 3.0 }), None];
        let plot = Plot { line: line(&[2.0]), band, range, limit: None };
        let scale = Scale { low: 0.0, high: 3.0, step: 1.0 };
        assert_eq!(drawn(&plot, 2, 4, scale, Glyphs::Ascii), "| \n*:\n|:\n::");
        assert_eq!(plot.span(false), Some(Span { low: 0.0, high: 3.0 }));
    }

    #[test]
    fn nothing_and_no_room_are_drawn_as_nothing() {
        let scale = Scale { low: 0.0, high: 1.0, step: 1.0 };
        assert_eq!(Plot::default().span(true), None);
        assert_eq!(drawn(&Plot::default(), 2, 1, scale, Glyphs::Unicode), "  ");
        assert!(Plot { line: line(&[1.0]), ..Plot::default() }.cells(0, 2, scale, Glyphs::Unicode)[0].is_empty());
        assert!(Plot { line: line(&[1.0]), ..Plot::default() }.cells(2, 0, scale, Glyphs::Unicode).is_empty());
    }
}
