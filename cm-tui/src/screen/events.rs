//! The event log: what has happened while this program looked on, newest first, of all hosts or of one. The cursor keeps
//! its entry while new ones come; it does not know who was told.

use cm_core::host::HostId;
use cm_core::text::terminal;
use cm_core::wording;

use super::{Hit, Page, Screen, Step, detail, scrolled};
use crate::journal::Entry;
use crate::local;
use crate::paint::Canvas;
use crate::state::State;
use crate::theme::Role;

/// The screen of the event log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Events {
    /// Of which host; of all where there is none.
    only: Option<HostId>,
    /// The number of the entry that has the cursor; nothing follows the newest.
    cursor: Option<u64>,
    /// The first row that is seen.
    first: usize,
}

impl Events {
    /// The events of one host, or of all.
    pub(crate) fn of(only: Option<HostId>) -> Self {
        Self { only, ..Self::default() }
    }

    /// The entries that are shown, newest first, each with its number since the start.
    fn entries<'s>(&self, state: &'s State) -> Vec<(u64, &'s Entry)> {
        let newest = state.journal.noted();
        let until = state.picture().now.wall;
        let numbered = (0..newest).rev().zip(state.journal.newest_first());
        let wanted = |entry: &Entry| self.only.as_ref().is_none_or(|host| entry.host == *host);
        // Where another moment than now is shown, what came after its moment is not told.
        let shown = |entry: &Entry| until == state.live.now.wall || entry.at <= until;
        numbered.filter(|(_, entry)| wanted(entry) && shown(entry)).collect()
    }

    /// The row of the cursor. An entry that is forgotten leaves it on the oldest.
    fn row(&self, entries: &[(u64, &Entry)]) -> usize {
        let Some(cursor) = self.cursor else { return 0 };
        let row = entries.iter().position(|(number, _)| *number <= cursor);
        row.unwrap_or(entries.len().saturating_sub(1))
    }

    fn chosen<'s>(&self, state: &'s State) -> Option<&'s Entry> {
        let entries = self.entries(state);
        entries.get(self.row(&entries)).map(|(_, entry)| *entry)
    }

    /// How many rows of entries there are, with the heads above and the next step below.
    fn height(state: &State) -> usize {
        usize::from(state.body().height.saturating_sub(2))
    }
}

impl Page for Events {
    fn crumbs(&self, _: &State) -> Vec<String> {
        self.only.iter().map(ToString::to_string).chain(["events".to_owned()]).collect()
    }

    fn draw(&self, state: &State, mut canvas: Canvas<'_>) {
        let entries = self.entries(state);
        if entries.is_empty() {
            let whose = self.only.as_ref().map_or_else(String::new, |host| format!(" on {host}"));
            let since = local::day(state.started, state.picture().now.wall, state.set.ahead_s);
            let told = if state.is_before_start() {
                format!("What had happened{whose} by then is not kept: this program started at {since}.")
            } else {
                format!("Nothing has happened{whose} since {since}, when this program started.")
            };
            canvas.put(1, 0, told.as_str(), Role::Plain);
            canvas.put(1, 1, "Troubles are noted here as they begin and end.", Role::Dim);
            return;
        }
        let width = canvas.width();
        let host = entries.iter().map(|(_, entry)| terminal::columns(entry.host.as_str())).max().unwrap_or(0);
        let host = u16::try_from(host.min(16)).unwrap_or(16);
        let row = self.row(&entries);
        let mut list = canvas.part(0, 0, width, u16::try_from(Self::height(state)).unwrap_or(u16::MAX));
        for (y, (at, (_, entry))) in (0..list.height()).zip(entries.iter().enumerate().skip(self.first)) {
            let role = Role::of(entry.health());
            let mut x =
                list.put(1, y, local::format(entry.at, state.set.ahead_s, "%m-%d %H:%M:%S").as_str(), Role::Dim);
            x = list.put(x + 2, y, wording::mark(entry.health(), state.look.glyphs), role) + 1;
            if self.only.is_none() {
                list.put_within(x, y, host, entry.host.as_str(), Role::Plain);
                x += host + 2;
            }
            list.put_within(x, y, width.saturating_sub(x + 1), &entry.text(), role);
            if at == row {
                list.tint(y, Role::Cursor);
            }
        }
        list.scroll_bar(self.first, entries.len());
        if let Some((_, entry)) = entries.get(row) {
            let y = canvas.height().saturating_sub(1);
            canvas.put(1, y, entry.reason.next, Role::Dim);
        }
    }

    fn step(&mut self, state: &State, step: Step) {
        let entries = self.entries(state);
        let row = self.row(&entries);
        let page = Self::height(state).max(1);
        let last = entries.len().saturating_sub(1);
        let row = match step {
            Step::Up => row.saturating_sub(1),
            Step::Down => row + 1,
            Step::PageUp => row.saturating_sub(page),
            Step::PageDown => row + page,
            Step::Top => 0,
            Step::Bottom => last,
        }
        .min(last);
        self.cursor = if step == Step::Top { None } else { entries.get(row).map(|(number, _)| *number) };
    }

    fn settle(&mut self, state: &State) {
        let entries = self.entries(state);
        self.first = scrolled(self.first, Self::height(state), self.row(&entries), 1, entries.len());
    }

    fn inside(&self, state: &State) -> Option<Screen> {
        let entry = self.chosen(state)?;
        let host = entry.host.clone();
        Some(detail::opened(host, entry.reason.subject.clone()))
    }

    fn host(&self, state: &State) -> Option<HostId> {
        self.chosen(state).map(|entry| entry.host.clone()).or_else(|| self.only.clone())
    }

    fn copied(&self, state: &State) -> Option<String> {
        let entry = self.chosen(state)?;
        let at = local::format(entry.at, state.set.ahead_s, "%Y-%m-%d %H:%M:%S");
        Some(format!("{at} {} {}", entry.host, terminal::line(&entry.text())))
    }

    fn click(&mut self, state: &State, _: u16, y: u16) -> Hit {
        let entries = self.entries(state);
        if usize::from(y) >= Self::height(state) {
            return Hit::Nothing;
        }
        let before = self.row(&entries);
        let row = self.first + usize::from(y);
        let Some((number, _)) = entries.get(row) else { return Hit::Nothing };
        self.cursor = Some(*number);
        if row == before { Hit::Same } else { Hit::New }
    }
}

#[cfg(test)]
mod tests;
