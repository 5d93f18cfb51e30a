//! A sheet of lines that may be longer than the screen: headings, facts, wrapped text, figures, courses. It is laid out for
//! a width and drawn from any row on. It knows no host and no metric.

mod chart;
mod figures;
mod scroll;
mod wrap;

use cm_core::health::{Reason, Subject, SubjectKind};
use cm_core::host::HostId;
use cm_core::text::{Foreign, terminal};
use cm_core::wording::{self, Glyphs};

use crate::paint::plot::PlotRow;
use crate::paint::{Canvas, columns};
use crate::theme::{Look, Role, Theme};

pub(crate) use chart::Chart;
pub(crate) use figures::{Course, Figure};
pub(crate) use scroll::{Scroll, Window};

/// The most lines of a sheet: what one host tells is bounded, and so is what is laid out of it.
const LONGEST: usize = 5_000;

/// The most rows that one text is wrapped into.
const MOST_ROWS: usize = 40;

/// Where texts begin behind their labels.
const TEXTS: u16 = 20;

/// The most bytes of a sheet as text: terminals pass over what is much longer than this once it is encoded.
const MOST_COPIED: usize = 48 * 1024;

/// A text for a clipboard is not wrapped; no host's text is longer than this.
const UNWRAPPED: u16 = 8_000;

/// Something in a line, at a column.
#[derive(Debug, Clone)]
enum Span {
    /// A text.
    Text { x: u16, text: String, role: Role },
    /// A number with its unit, ending just before a column.
    Figure { end: u16, text: String, role: Role },
    /// A bar.
    Bar { x: u16, columns: u16, percent: f64, role: Role },
    /// The course of a reading.
    Course { x: u16, columns: u16, values: Vec<f32>, scale: (f32, f32) },
    /// A row of a chart.
    Plot(PlotRow),
    /// A rule over the whole width.
    Rule { title: String },
}

/// Lines laid out for a width.
#[derive(Debug)]
pub(crate) struct Sheet {
    look: Look,
    width: u16,
    lines: Vec<Vec<Span>>,
    sections: Vec<(SubjectKind, usize)>,
    links: Vec<(usize, Link)>,
}

/// A thing of a host that a row is about.
pub(crate) type Link = (HostId, Subject);

impl Sheet {
    /// An empty sheet.
    pub(crate) const fn new(look: Look, width: u16) -> Self {
        Self { look, width, lines: Vec::new(), sections: Vec::new(), links: Vec::new() }
    }

    /// An empty sheet whose text is for a clipboard: nothing is wrapped.
    pub(crate) const fn unwrapped() -> Self {
        Self::new(Look { theme: Theme::None, glyphs: Glyphs::Unicode }, UNWRAPPED)
    }

    /// For which width it is laid out.
    pub(crate) const fn width(&self) -> u16 {
        self.width
    }

    /// How many rows it has.
    pub(crate) const fn rows(&self) -> usize {
        self.lines.len()
    }

    /// The row at which things of a kind begin.
    pub(crate) fn section(&self, kind: SubjectKind) -> Option<usize> {
        self.sections.iter().find(|(known, _)| *known == kind).map(|(_, row)| *row)
    }

    /// The last row is about a thing that can be opened.
    pub(crate) fn link(&mut self, to: Link) {
        self.links.push((self.lines.len().saturating_sub(1), to));
    }

    /// What the row is about.
    pub(crate) fn link_at(&self, row: usize) -> Option<&Link> {
        self.links.iter().find(|(at, _)| *at == row).map(|(_, to)| to)
    }

    /// It as it is seen through so many rows.
    pub(crate) fn window(&self, height: u16) -> Window {
        Window { rows: self.rows(), seen: usize::from(height), width: self.width }
    }

    fn push(&mut self, line: Vec<Span>) {
        if self.lines.len() < LONGEST {
            self.lines.push(line);
        }
    }

    /// A text as it can be shown here.
    fn shown<T: Foreign + ?Sized>(&self, text: &T) -> String {
        self.look.spelled(&terminal::fitted(text, usize::from(UNWRAPPED))).into_owned()
    }

    /// A rule with a title, after a blank line where something stands above.
    pub(crate) fn heading(&mut self, title: &str) {
        if !self.lines.is_empty() {
            self.push(Vec::new());
        }
        self.push(vec![Span::Rule { title: title.to_owned() }]);
    }

    /// The same, where things of a kind begin.
    pub(crate) fn section_of(&mut self, kind: SubjectKind, title: &str) {
        self.heading(title);
        self.sections.push((kind, self.lines.len().saturating_sub(1)));
    }

    /// A text, wrapped, from column `x` on.
    pub(crate) fn text<T: Foreign + ?Sized>(&mut self, x: u16, text: &T, role: Role) {
        self.wrapped(x, 0, text, role);
    }

    /// A line of a log: where it goes on below, that is set in.
    pub(crate) fn log<T: Foreign + ?Sized>(&mut self, text: &T) {
        self.wrapped(1, 2, text, Role::Plain);
    }

    fn wrapped<T: Foreign + ?Sized>(&mut self, x: u16, set_in: u16, text: &T, role: Role) {
        let room = self.width.saturating_sub(x + set_in + 2);
        let rows = wrap::wrapped(&self.shown(text), usize::from(room), MOST_ROWS);
        for (at, text) in rows.into_iter().enumerate() {
            self.push(vec![Span::Text { x: if at == 0 { x } else { x + set_in }, text, role }]);
        }
    }

    /// A label and a text, wrapped behind it.
    pub(crate) fn fact<T: Foreign + ?Sized>(&mut self, label: &str, text: &T, role: Role) {
        let first = self.lines.len();
        self.text(TEXTS, text, role);
        if let Some(line) = self.lines.get_mut(first) {
            line.push(Span::Text { x: 1, text: label.to_owned(), role: Role::Dim });
        }
    }

    /// A label and a text, where it is told and not empty.
    pub(crate) fn maybe<T: Foreign>(&mut self, label: &str, text: Option<&T>) {
        if let Some(text) = text.filter(|text| !self.shown(*text).trim().is_empty()) {
            self.fact(label, text, Role::Plain);
        }
    }

    /// What is wrong, each with the next step below it.
    pub(crate) fn reasons(&mut self, reasons: &[Reason]) {
        for reason in reasons {
            let role = Role::of(reason.health);
            let first = self.lines.len();
            self.text(3, &reason.text, role);
            if let Some(line) = self.lines.get_mut(first) {
                line.push(Span::Text { x: 1, text: wording::mark(reason.health, self.look.glyphs).to_owned(), role });
            }
            if !reason.next.is_empty() {
                self.text(3, reason.next, Role::Dim);
            }
        }
    }

    /// Short texts in columns that begin at `xs`; the last is cut at the edge. What begins beyond the edge is left out.
    pub(crate) fn row(&mut self, cells: &[(u16, &str, Role)]) {
        let within = cells.iter().filter(|(x, ..)| *x < self.width);
        let line = within.map(|(x, text, role)| Span::Text { x: *x, text: self.shown(*text), role: *role }).collect();
        self.push(line);
    }

    /// A chart, a row of it a line.
    pub(crate) fn plot(&mut self, rows: Vec<PlotRow>) {
        for row in rows {
            self.push(vec![Span::Plot(row)]);
        }
    }

    /// Draws it, its row `first` uppermost, with a scroll bar where it is longer.
    pub(crate) fn draw(&self, canvas: &mut Canvas<'_>, first: usize) {
        let (width, height) = (canvas.width(), canvas.height());
        for (y, line) in (0..height).zip(self.lines.iter().skip(first)) {
            for span in line {
                match span {
                    Span::Text { x, text, role } => {
                        canvas.put_within(*x, y, width.saturating_sub(x + 1), text, *role);
                    }
                    Span::Figure { end, text, role } => canvas.put_figure(*end, y, *end, text, *role),
                    Span::Bar { x, columns, percent, role } => canvas.bar(*x, y, *columns, *percent, *role),
                    Span::Course { x, columns, values, scale } => {
                        canvas.sparkline((*x, y), *columns, values.iter().copied(), *scale, Role::Dim);
                    }
                    Span::Plot(row) => canvas.plot_row(y, row),
                    Span::Rule { title } => canvas.rule(y, title, Role::Dim),
                }
            }
        }
        canvas.scroll_bar(first, self.lines.len());
    }

    /// It as text, without bars and courses.
    pub(crate) fn plain(&self) -> String {
        let mut out = String::new();
        for line in &self.lines {
            let mut parts: Vec<(u16, &str)> = line
                .iter()
                .filter_map(|span| match span {
                    Span::Text { x, text, .. } => Some((*x, text.as_str())),
                    Span::Figure { end, text, .. } => {
                        Some((end.saturating_sub(columns(self.look, text)), text.as_str()))
                    }
                    Span::Rule { title } => Some((0, title.as_str())),
                    Span::Bar { .. } | Span::Course { .. } | Span::Plot(_) => None,
                })
                .collect();
            parts.sort_by_key(|(x, _)| *x);
            let mut row = String::new();
            for (x, text) in parts {
                let gap = usize::from(x).saturating_sub(terminal::columns(&row)).max(usize::from(!row.is_empty()));
                row.push_str(&" ".repeat(gap));
                row.push_str(text);
            }
            if out.len() + row.len() > MOST_COPIED {
                out.push_str("…\n");
                break;
            }
            out.push_str(row.trim_end());
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_and_what_is_copied_of_it_are_bounded() {
        let mut sheet = Sheet::unwrapped();
        for n in 0..10_000 {
            sheet.text(1, format!("line {n} {}", "x".repeat(100)).as_str(), Role::Plain);
        }
        assert_eq!(sheet.rows(), LONGEST);
        let text = sheet.plain();
        assert!(text.len() <= MOST_COPIED + 4 && text.ends_with("…\n"), "{} bytes", text.len());
    }
}
