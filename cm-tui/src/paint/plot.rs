//! A chart in cells: its scale at the left, what it is made of in the colours of its layers. What is drawn is handed in;
//! it knows no metric.

use cm_core::unit::Unit;
use cm_core::wording::chart::{Cell, Layer, Plot, Scale};

use super::{Canvas, columns};
use crate::theme::{Look, Role};

/// The column of the axis: values end before it.
pub(crate) const AXIS: u16 = 10;

/// One row of a chart.
#[derive(Debug, Clone)]
pub(crate) struct PlotRow {
    /// What stands at the left; empty where no mark does.
    pub(crate) label: String,
    /// The cells, a column each.
    pub(crate) cells: Vec<Cell>,
}

/// A chart laid out over so many cells, the uppermost row first; labels in the metric's unit.
pub(crate) fn rows(plot: &Plot, scale: Scale, (width, height): (u16, u16), unit: Unit, look: Look) -> Vec<PlotRow> {
    let (width, height) = (usize::from(width), usize::from(height));
    let cells = plot.cells(width, height, scale, look.glyphs);
    let mut rows: Vec<PlotRow> = cells.into_iter().map(|cells| PlotRow { label: String::new(), cells }).collect();
    for (mark, label) in scale.labels(unit) {
        if height > 0
            && let Some(row) = rows.get_mut(scale.cell(mark, height, look.glyphs))
            && row.label.is_empty()
        {
            row.label = label;
        }
    }
    rows
}

/// The scale for what is drawn over so many rows: round, from zero where that is not far away, at the limit where that is not.
pub(crate) fn scale(plot: &Plot, height: u16, unit: Unit) -> Option<Scale> {
    let mut span = plot.span(false)?;
    if span.low > 0.0 && span.low < 0.4 * span.high {
        span.low = 0.0;
    }
    let reach = span.high + (span.high - span.low).max(span.high.abs() * 0.1) * 0.5;
    if let Some(limit) = plot.limit.filter(|limit| *limit > span.high && *limit <= reach) {
        span.high = limit;
    }
    Some(Scale::fitting_in(unit, span, usize::from(height / 3).clamp(1, 6)))
}

/// What a layer means.
pub(crate) const fn role(layer: Layer) -> Role {
    match layer {
        Layer::Empty | Layer::Band => Role::Dim,
        Layer::Range => Role::Note,
        Layer::Limit => Role::Warn,
        Layer::Line => Role::Plain,
    }
}

impl Canvas<'_> {
    /// Draws a row of a chart: its label and axis at the left, the cells behind them.
    pub(crate) fn plot_row(&mut self, y: u16, row: &PlotRow) {
        if !row.label.is_empty() {
            let wide = columns(self.look, &row.label).min(AXIS - 1);
            self.put_right(AXIS, y, wide, &row.label, Role::Dim);
        }
        let axis = if row.label.is_empty() { self.look.sign("│", "|") } else { self.look.sign("┤", "+") };
        self.put(AXIS + 1, y, axis, Role::Dim);
        let mut x = AXIS + 2;
        // Neighbours of one layer are one text.
        for run in row.cells.chunk_by(|one, other| one.layer == other.layer) {
            let text: String = run.iter().map(|cell| cell.glyph).collect();
            let role = run.first().map_or(Role::Dim, |cell| role(cell.layer));
            self.write(x, y, &text, self.look.theme.style(role));
            x = x.saturating_add(u16::try_from(run.len()).unwrap_or(u16::MAX));
        }
    }

    /// Lays a role over a column of so many rows without touching its text.
    pub(crate) fn tint_column(&mut self, x: u16, (from, rows): (u16, u16), role: Role) {
        if x < self.area.width {
            for y in from..from.saturating_add(rows).min(self.area.height) {
                let cell = &mut self.cells[(self.area.x + x, self.area.y + y)];
                if cell.symbol() == " " {
                    cell.set_symbol(self.look.sign("│", "|"));
                }
                cell.set_style(self.look.theme.style(role));
            }
        }
    }
}
