//! From which row on a sheet is seen, and what moves that: steps, the wheel, the scroll bar. Numbers only; it does not know
//! what stands on the sheet.

use crate::screen::Step;

/// So many rows for each notch of the wheel.
const NOTCH: usize = 3;

/// How long a sheet is, and through how large a window it is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// Rows of the sheet.
    pub(crate) rows: usize,
    /// Rows that are seen at once.
    pub(crate) seen: usize,
    /// Columns; the last one is the scroll bar's where there are more rows than are seen.
    pub(crate) width: u16,
}

impl Window {
    /// The last row that can be uppermost.
    const fn last(self) -> usize {
        self.rows.saturating_sub(self.seen)
    }
}

/// The first row that is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Scroll {
    first: usize,
}

impl Scroll {
    /// The first row that is seen.
    pub(crate) const fn first(self) -> usize {
        self.first
    }

    /// Scrolls to a row, as far as [`settle`](Self::settle) lets it stand there.
    pub(crate) const fn to(&mut self, row: usize) {
        self.first = row;
    }

    /// Takes a step.
    pub(crate) fn step(&mut self, step: Step, window: Window) {
        // A row of the page before stays in sight.
        let page = window.seen.saturating_sub(1).max(1);
        self.first = match step {
            Step::Up => self.first.saturating_sub(1),
            Step::Down => self.first + 1,
            Step::PageUp => self.first.saturating_sub(page),
            Step::PageDown => self.first + page,
            Step::Top => 0,
            Step::Bottom => window.last(),
        }
        .min(window.last());
    }

    /// The wheel turned a notch.
    pub(crate) fn wheel(&mut self, step: Step, window: Window) {
        for _ in 0..NOTCH {
            self.step(step, window);
        }
    }

    /// The sheet or the window has changed.
    pub(crate) fn settle(&mut self, window: Window) {
        self.first = self.first.min(window.last());
    }

    /// The button is down on a place of the window: on the scroll bar that is where to go. Answers whether it was there.
    pub(crate) fn grab(&mut self, x: u16, y: u16, window: Window) -> bool {
        let is_there = window.last() > 0 && x + 1 >= window.width && usize::from(y) < window.seen;
        if is_there {
            let steps = window.seen.saturating_sub(1).max(1);
            self.first = (usize::from(y) * window.last() + steps / 2) / steps;
        }
        is_there
    }

    /// The row of the sheet that is seen at a row of the window.
    pub(crate) fn row_at(self, y: u16, window: Window) -> Option<usize> {
        let row = self.first + usize::from(y);
        (usize::from(y) < window.seen && row < window.rows).then_some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { rows: 100, seen: 10, width: 80 };

    #[test]
    fn steps_stay_on_the_sheet() {
        for (steps, first) in [
            (&[Step::Up][..], 0),
            (&[Step::Down, Step::Down, Step::Up], 1),
            (&[Step::PageDown, Step::PageDown, Step::PageUp], 9),
            (&[Step::Bottom, Step::Down, Step::PageDown], 90),
            (&[Step::Bottom, Step::Top], 0),
        ] {
            let mut scroll = Scroll::default();
            for step in steps {
                scroll.step(*step, WINDOW);
            }
            assert_eq!(scroll.first(), first, "{steps:?}");
        }
        let mut scroll = Scroll::default();
        scroll.step(Step::Bottom, Window { rows: 3, ..WINDOW });
        assert_eq!(scroll.first(), 0);
        scroll.to(usize::MAX);
        scroll.settle(WINDOW);
        assert_eq!(scroll.first(), 90);
    }

    #[test]
    fn the_wheel_turns_three_rows() {
        let mut scroll = Scroll::default();
        scroll.wheel(Step::Down, WINDOW);
        scroll.wheel(Step::Down, WINDOW);
        scroll.wheel(Step::Up, WINDOW);
        assert_eq!(scroll.first(), 3);
    }

    #[test]
    fn the_scroll_bar_goes_from_the_first_row_to_the_last() {
        for (x, y, first) in [(79, 0, Some(0)), (79, 9, Some(90)), (79, 5, Some(50)), (78, 5, None), (79, 10, None)] {
            let mut scroll = Scroll { first: 7 };
            assert_eq!(scroll.grab(x, y, WINDOW), first.is_some(), "{x} {y}");
            assert_eq!(scroll.first(), first.unwrap_or(7), "{x} {y}");
        }
        assert!(!Scroll::default().grab(79, 0, Window { rows: 10, ..WINDOW }), "there is no scroll bar");
    }

    #[test]
    fn a_row_of_the_window_is_a_row_of_the_sheet_while_there_is_one() {
        let scroll = Scroll { first: 95 };
        for (y, row) in [(0, Some(95)), (4, Some(99)), (5, None), (10, None)] {
            assert_eq!(scroll.row_at(y, WINDOW), row, "{y}");
        }
    }
}
