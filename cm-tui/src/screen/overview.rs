//! The overview: a row a host, in groups, the worst first; below a row in trouble the reason. The cursor follows its
//! host, and rows hold still while keys are pressed.

pub(crate) mod column;
mod order;

use cm_core::health::Health;
use cm_core::host::HostId;
use cm_core::text::terminal;
use cm_core::wording;

pub(crate) use order::{Filter, Sort};

use super::{Filtered, Hit, Page, Screen, Step, scrolled};
use crate::paint::{Canvas, columns};
use crate::state::{Origin, State};
use crate::theme::Role;
use crate::view;
use column::Cell;

/// The most reasons that are told below a row, and where all rows fit on the screen with more.
const MOST_REASONS: usize = 2;
const MOST_REASONS_WITH_ROOM: usize = 6;

/// From this height on the columns have heads.
const WITH_HEADS: u16 = 12;

/// The overview's own state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Overview {
    /// The host that has the cursor.
    pub(crate) cursor: Option<HostId>,
    /// Which hosts are shown.
    pub(crate) filter: Filter,
    /// Their places in the fleet, in the order of the rows. Empty means that it is to be made anew.
    pub(crate) order: Vec<usize>,
    /// The first line that is seen.
    first: usize,
}

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// The head of the group of this host.
    Group(usize),
    /// A host.
    Host(usize),
    /// One of its reasons.
    Reason(usize, usize),
    /// So many more reasons.
    More(usize, usize),
}

impl Line {
    const fn host(self) -> Option<usize> {
        match self {
            Self::Group(_) => None,
            Self::Host(host) | Self::Reason(host, _) | Self::More(host, _) => Some(host),
        }
    }
}

impl Overview {
    fn lines(&self, state: &State) -> Vec<Line> {
        let few = self.lines_with(state, MOST_REASONS);
        let seen = Self::window(state).0;
        if few.len() >= seen || !few.iter().any(|line| matches!(line, Line::More(..))) {
            return few;
        }
        let more = self.lines_with(state, MOST_REASONS_WITH_ROOM);
        if more.len() <= seen { more } else { few }
    }

    /// The lines with so many reasons of a host at most.
    fn lines_with(&self, state: &State, most: usize) -> Vec<Line> {
        let picture = state.picture();
        let grouped = !state.preferences.ungrouped && order::has_roles(picture);
        let mut lines = Vec::with_capacity(self.order.len() * 2);
        let mut group = None;
        for &host in &self.order {
            let Some((known, standing)) = picture.host(host) else { continue };
            let role = known.member.host.role.as_ref();
            if grouped && group != Some(role) {
                group = Some(role);
                lines.push(Line::Group(host));
            }
            lines.push(Line::Host(host));
            let told = standing.verdict.reasons.iter().filter(|reason| reason.health != Health::Ok).count();
            lines.extend((0..told.min(most)).map(|reason| Line::Reason(host, reason)));
            if told > most {
                lines.push(Line::More(host, told - most));
            }
        }
        lines
    }

    fn place(&self, state: &State) -> Option<usize> {
        state.picture().place(self.cursor.as_ref()?)
    }

    fn move_to(&mut self, state: &State, row: usize) {
        let host = self.order.get(row.min(self.order.len().saturating_sub(1)));
        self.cursor = host.and_then(|&host| state.picture().host(host)).map(|(host, _)| host.member.host.id.clone());
    }

    /// How many lines of the list are seen, and how many lines stand above it.
    fn window(state: &State) -> (usize, u16) {
        let height = state.body().height;
        let heads = u16::from(height >= WITH_HEADS);
        (usize::from(height - heads), heads)
    }
}

impl Page for Overview {
    fn crumbs(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    fn draw_head(&self, state: &State, canvas: &mut Canvas<'_>, x: u16) -> u16 {
        let hosts = state.picture().fleet.hosts().len();
        let who = match state.set.origin {
            Origin::ThisMachine => "this machine only".to_owned(),
            _ => wording::plural(hosts, "host"),
        };
        let mut x = canvas.put(x, 0, who.as_str(), Role::Plain) + 2;
        x = view::counts(state, canvas, x);
        let shown = self.filter.words(self.order.len());
        if shown.is_empty() { x } else { canvas.put(x, 0, shown.as_str(), Role::Accent) }
    }

    fn draw(&self, state: &State, mut canvas: Canvas<'_>) {
        let lines = self.lines(state);
        if lines.is_empty() {
            return empty(state, &self.filter, &mut canvas);
        }
        let (seen, heads) = Self::window(state);
        let scrolls = lines.len() > seen;
        let names = column::names(state);
        let width = canvas.width() - u16::from(scrolls);
        let columns = column::chosen(state, names, width);
        if heads > 0 {
            for (column, x, wide) in &columns {
                column.draw_head(&mut canvas, *x, *wide);
            }
        }
        let height = canvas.height();
        let whole = canvas.width();
        let mut list = canvas.part(0, heads, whole, height - heads);
        for (y, line) in lines.iter().skip(self.first).take(seen).enumerate() {
            let y = u16::try_from(y).unwrap_or(u16::MAX);
            self.draw_line(state, &mut list, y, *line, &columns);
        }
        list.scroll_bar(self.first, lines.len());
    }

    fn step(&mut self, state: &State, step: Step) {
        let row = self.place(state).and_then(|host| self.order.iter().position(|&at| at == host));
        let page = (Self::window(state).0 / 2).max(1);
        let last = self.order.len().saturating_sub(1);
        let to = match (step, row) {
            (Step::Top, _) | (_, None) => 0,
            (Step::Bottom, _) => last,
            (Step::Up, Some(row)) => row.saturating_sub(1),
            (Step::Down, Some(row)) => row + 1,
            (Step::PageUp, Some(row)) => row.saturating_sub(page),
            (Step::PageDown, Some(row)) => row + page,
        };
        self.move_to(state, to);
    }

    fn settle(&mut self, state: &State) {
        if self.order.is_empty() || !state.holds_still() {
            self.order = order::of(state, &self.filter);
        }
        // Until somebody has pressed a key the cursor is on nobody's host: it stays with what is worst.
        let is_untouched = state.last_key.is_none();
        if is_untouched || self.place(state).is_none_or(|host| !self.order.contains(&host)) {
            self.move_to(state, 0);
        }
        let lines = self.lines(state);
        let (seen, _) = Self::window(state);
        let cursor = self.place(state);
        let mine = |line: &Line| line.host().is_some() && line.host() == cursor;
        let Some(from) = lines.iter().position(mine) else {
            self.first = 0;
            return;
        };
        let wanted = lines[from..].iter().take_while(|line| mine(line)).count();
        // The head of a group is seen with its first host.
        let head = usize::from(from > 0 && matches!(lines[from - 1], Line::Group(_)));
        self.first = scrolled(self.first, seen, from - head, wanted + head, lines.len());
    }

    fn inside(&self, _: &State) -> Option<Screen> {
        Some(Screen::Host(super::host::HostPage::of(self.cursor.clone()?)))
    }

    fn host(&self, _: &State) -> Option<HostId> {
        self.cursor.clone()
    }

    fn copied(&self, state: &State) -> Option<String> {
        let (host, standing) = state.picture().host(self.place(state)?)?;
        let reasons = standing.verdict.reasons.iter().map(|reason| format!("\n  {}", terminal::line(&reason.text)));
        Some(format!("{} {}{}", host.member.host.id, standing.verdict.health, reasons.collect::<String>()))
    }

    fn click(&mut self, state: &State, _: u16, y: u16) -> Hit {
        let (_, heads) = Self::window(state);
        let Some(row) = y.checked_sub(heads) else { return Hit::Nothing };
        let lines = self.lines(state);
        let Some(host) = lines.get(self.first + usize::from(row)).and_then(|line| line.host()) else {
            return Hit::Nothing;
        };
        if self.place(state) == Some(host) {
            return Hit::Same;
        }
        self.cursor = state.picture().host(host).map(|(host, _)| host.member.host.id.clone());
        Hit::New
    }

    fn filtered(&self, state: &State) -> Option<Filtered> {
        let all = state.picture().fleet.hosts().len();
        Some(Filtered { words: self.filter.text.clone(), shown: self.order.len(), all })
    }

    fn filter(&mut self, words: String) {
        self.filter.text = words;
        self.order.clear();
    }

    fn give_up(&mut self) -> bool {
        if self.filter == Filter::default() {
            return false;
        }
        self.filter = Filter::default();
        self.order.clear();
        true
    }
}

impl Overview {
    fn draw_line(&self, state: &State, canvas: &mut Canvas<'_>, y: u16, line: Line, cells: &[(Cell, u16, u16)]) {
        let picture = state.picture();
        let width = canvas.width();
        match line {
            Line::Group(host) => {
                let role = picture.host(host).and_then(|(host, _)| host.member.host.role.as_ref());
                canvas.rule(y, role.map_or("no role", |role| role.as_str()), Role::Dim);
            }
            Line::Host(host) => {
                let Some((known, standing)) = picture.host(host) else { return };
                for (column, x, wide) in cells {
                    column.draw(state, (host, known, standing), canvas, (*x, y, *wide));
                }
                if self.cursor.as_ref() == Some(&known.member.host.id) {
                    canvas.tint(y, Role::Cursor);
                }
            }
            Line::Reason(host, reason) => {
                let Some((_, standing)) = picture.host(host) else { return };
                let Some(reason) = standing.verdict.reasons.get(reason) else { return };
                let x = canvas.put_within(5, y, width.saturating_sub(6), &reason.text, Role::of(reason.health)) + 2;
                // A next step that is cut helps nobody; the details have it in full.
                if x + columns(state.look, reason.next) < width {
                    canvas.put(x, y, reason.next, Role::Dim);
                }
            }
            Line::More(_, number) => {
                canvas.put(5, y, format!("and {number} more").as_str(), Role::Dim);
            }
        }
    }
}

/// What stands there where no row does: what is missing, why, and the next step.
fn empty(state: &State, filter: &Filter, canvas: &mut Canvas<'_>) {
    let hosts = state.picture().fleet.hosts().len();
    let (what, next) = if hosts == 0 {
        (
            "No hosts are watched.".to_owned(),
            "Write them into hosts.toml: `cm-cli init` makes one to fill in.".to_owned(),
        )
    } else if filter.text.is_empty() {
        (
            format!(
                "Nothing is in trouble: {} well.",
                if hosts == 1 { "1 host is".to_owned() } else { format!("all {hosts} hosts are") }
            ),
            "! shows them again.".to_owned(),
        )
    } else {
        (format!("No host matches {:?}.", filter.text), "Esc takes the filter away.".to_owned())
    };
    canvas.put(2, 1, what.as_str(), Role::Plain);
    canvas.put(2, 2, next.as_str(), Role::Dim);
}
