//! Readings on a sheet: a row each, side by side, with their course in a row or over several. It does not know what is
//! measured.

use super::{Chart, Sheet, Span, UNWRAPPED, chart};
use crate::paint::columns;
use crate::theme::Role;

/// One reading as a sheet shows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figure {
    /// What is measured.
    pub(crate) label: &'static str,
    /// The value with its unit.
    pub(crate) text: String,
    /// Whether it is in trouble.
    pub(crate) trouble: Option<cm_core::health::Health>,
    /// How full it is, where full means something.
    pub(crate) percent: Option<f64>,
    /// From where it is bad, in words; empty where no value is.
    pub(crate) limits: String,
    /// Its last values, the oldest first.
    pub(crate) course: Vec<f32>,
}

impl Figure {
    /// Whether it has stood still, to half a percent, as far as is known: then its course says nothing.
    pub(crate) fn is_steady(&self) -> bool {
        let same = |first: &f32, value: &f32| (value - first).abs() <= (first.abs() * 0.005).max(0.05);
        self.course.first().is_none_or(|first| self.course.iter().all(|value| same(first, value)))
    }

    fn role(&self) -> Role {
        self.trouble.map_or(Role::Plain, Role::of)
    }
}

/// The last readings of one thing as a row shows them.
#[derive(Debug)]
pub(crate) struct Course {
    /// What is measured.
    pub(crate) label: String,
    /// The newest value with its unit.
    pub(crate) newest: String,
    /// The values, the oldest first.
    pub(crate) values: Vec<f32>,
    /// The ends of the scale; equal where the values decide.
    pub(crate) scale: (f32, f32),
    /// The least and the greatest, in words.
    pub(crate) ends: String,
}

impl Sheet {
    /// Figures a row each: label, value, bar, course, limits, as far as there is room.
    pub(crate) fn figures(&mut self, figures: &[Figure]) {
        const VALUE_ENDS: u16 = 34;
        const BAR: u16 = 10;
        const COURSE: u16 = 24;
        let has_bar = figures.iter().any(|figure| figure.percent.is_some());
        let has_course = self.width >= 100 && figures.iter().any(|figure| !figure.is_steady());
        for figure in figures {
            let role = figure.role();
            let mut line = vec![
                Span::Text { x: 1, text: self.shown(figure.label), role: Role::Dim },
                Span::Figure { end: VALUE_ENDS, text: figure.text.clone(), role },
            ];
            let mut x = VALUE_ENDS + 2;
            if let Some(percent) = figure.percent {
                let role = if role == Role::Plain { Role::Dim } else { role };
                line.push(Span::Bar { x, columns: BAR, percent, role });
            }
            x += if has_bar { BAR + 2 } else { 0 };
            if has_course {
                if !figure.is_steady() {
                    let (values, scale) = (figure.course.clone(), chart::scale(&figure.course));
                    line.push(Span::Course { x, columns: COURSE, values, scale });
                }
                x += COURSE + 2;
            }
            // A limit that would be cut is worse than none: the reasons name it when it is passed.
            if x + columns(self.look, &figure.limits) < self.width {
                line.push(Span::Text { x, text: figure.limits.clone(), role: Role::Dim });
            }
            self.push(line);
        }
    }

    /// Figures side by side, as many as fit, from column `x` on.
    pub(crate) fn grid(&mut self, x: u16, figures: &[Figure]) {
        const GAP: u16 = 4;
        // A text that is pasted somewhere is read in a narrower place.
        let most = if self.width == UNWRAPPED { 3 } else { 6 };
        let wide = |text: &str| columns(self.look, text);
        let label = figures.iter().map(|figure| wide(figure.label)).max().unwrap_or(0);
        let value = figures.iter().map(|figure| wide(&figure.text)).max().unwrap_or(0);
        let cell = label + 1 + value;
        let room = self.width.saturating_sub(x + 1);
        let across = ((room + GAP) / (cell + GAP)).clamp(1, most);
        for row in figures.chunks(usize::from(across)) {
            let mut line = Vec::new();
            for (figure, x) in row.iter().zip((x..).step_by(usize::from(cell + GAP))) {
                line.push(Span::Text { x, text: self.shown(figure.label), role: Role::Dim });
                line.push(Span::Figure { end: x + cell, text: figure.text.clone(), role: figure.role() });
            }
            self.push(line);
        }
    }

    /// The last readings of something in a row: what it is, the newest, their course, the least and the greatest.
    pub(crate) fn course(&mut self, course: Course) {
        const VALUE: u16 = 12;
        const MOST: u16 = 30;
        let Course { label, newest, values, scale, ends } = course;
        let end = (self.width / 3).clamp(20, 36) + VALUE;
        // Mostly it is no wider: then the courses of several rows end at one column.
        let wide = columns(self.look, &ends).max(16);
        let columns = self.width.saturating_sub(end + wide + 6).min(MOST);
        let label = cm_core::text::terminal::fitted(label.as_str(), usize::from(end - VALUE)).into_owned();
        self.push(vec![
            Span::Text { x: 1, text: label, role: Role::Plain },
            Span::Figure { end, text: newest, role: Role::Plain },
            Span::Course { x: end + 2, columns, values, scale },
            Span::Text { x: end + 4 + columns, text: ends, role: Role::Dim },
        ]);
    }

    /// The course of a reading over several rows.
    pub(crate) fn chart(&mut self, chart: &Chart<'_>) {
        for row in chart.rows(self.look, self.width) {
            self.push(vec![
                Span::Figure { end: chart::AXIS, text: row.label, role: Role::Dim },
                Span::Text { x: chart::AXIS + 1, text: row.axis.to_owned(), role: Role::Dim },
                Span::Text { x: chart::AXIS + 2, text: row.signs, role: Role::Plain },
            ]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{Look, Theme};
    use cm_core::wording::Glyphs;

    #[test]
    fn a_course_that_moves_by_less_than_half_a_percent_is_steady() {
        for (course, steady) in [
            (vec![], true),
            (vec![4.0], true),
            (vec![4.0, 4.01], true),
            (vec![4.0, 4.2], false),
            (vec![65.6e9, 65.7e9], true),
            (vec![65.6e9, 66.0e9], false),
            (vec![4.0, f32::NAN], false),
        ] {
            assert_eq!(Figure { course: course.clone(), ..Figure::default() }.is_steady(), steady, "{course:?}");
        }
    }

    #[test]
    fn figures_stand_side_by_side_as_far_as_they_fit() {
        let figure = |label: &'static str| Figure { label, text: "12 %".to_owned(), ..Figure::default() };
        let figures: Vec<Figure> = ["use", "busy", "wait", "queue"].map(figure).to_vec();
        for (width, rows) in [(10, 4), (40, 2), (60, 1)] {
            let mut sheet = Sheet::new(Look { theme: Theme::None, glyphs: Glyphs::Unicode }, width);
            sheet.grid(1, &figures);
            assert_eq!(sheet.rows(), rows, "{width}");
        }
    }
}
