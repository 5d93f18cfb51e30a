//! Title rules: panels are set apart by a line with a title, never by frames.

use super::{Canvas, columns};
use crate::theme::Role;

impl Canvas<'_> {
    /// A rule over the whole width with a title in it.
    pub(crate) fn rule(&mut self, y: u16, title: &str, role: Role) {
        let line = self.look.sign("─", "-");
        let width = self.width();
        self.put(0, y, &line.repeat(usize::from(width)), Role::Dim);
        if !title.is_empty() && width > 6 {
            let title = format!(" {title} ");
            let room = columns(self.look, &title).min(width - 4);
            self.put_within(2, y, room, &title, role);
        }
    }

    /// A line between two panels side by side: it goes on from the rule over them.
    pub(crate) fn divide(&mut self, x: u16, y: u16, rows: u16) {
        self.put(x, y, self.look.sign("─", "-"), Role::Dim);
        for y in y + 1..y.saturating_add(rows) {
            self.put(x, y, self.look.sign("│", "|"), Role::Dim);
        }
    }

    /// A scroll bar at the right edge, when `all` rows do not fit into the height; `first` is the uppermost that is seen.
    pub(crate) fn scroll_bar(&mut self, first: usize, all: usize) {
        let seen = usize::from(self.height());
        if seen == 0 || all <= seen {
            return;
        }
        let length = (seen * seen / all).max(1);
        let start = (first * (seen - length) + (all - seen) / 2) / (all - seen);
        let x = self.width().saturating_sub(1);
        let (thumb, track) = (self.look.sign("█", "#"), self.look.sign("│", "|"));
        for y in 0..seen {
            let sign = if (start..start + length).contains(&y) { thumb } else { track };
            self.put(x, u16::try_from(y).unwrap_or(u16::MAX), sign, Role::Dim);
        }
    }
}
