//! All alerts of the running program: those that hold, the worst first, then those that are over. What is acknowledged or
//! silenced stands below what still wants somebody.

use cm_core::health::Health;
use cm_core::host::HostId;
use cm_core::text::terminal;
use cm_core::wording;

use super::alert::AlertPage;
use super::{Filtered, Hit, Page, Screen, Step, scrolled};
use crate::alerts::{Alert, AlertId, Onset, Phase};
use crate::local;
use crate::paint::{Canvas, columns};
use crate::state::{Rights, State};
use crate::theme::Role;

/// From this width on a row says its health in a word too.
const WITH_WORDS: u16 = 76;

/// From this width on a comment stands beside its alert.
const WITH_COMMENTS: u16 = 100;

/// From this height on it is said what becomes of acknowledgements and silences.
const WITH_NOTE: u16 = 8;

/// The widest that names of hosts get.
const WIDEST_NAME: u16 = 16;

/// What is said once about acknowledgements and silences.
const IN_MEMORY: &str = "What you acknowledge or silence ends with this program.";

/// The screen's own state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct AlertsPage {
    /// The alert that has the cursor.
    cursor: Option<AlertId>,
    /// Words that have to be found in an alert.
    filter: String,
    active: Vec<AlertId>,
    past: Vec<AlertId>,
    first: usize,
}

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// An alert.
    Alert(AlertId),
    /// Nothing holds.
    Calm,
    /// So many troubles are not listed.
    LeftOut(usize),
    /// The head of those that are over.
    Over,
}

impl Line {
    const fn alert(self) -> Option<AlertId> {
        match self {
            Self::Alert(id) => Some(id),
            _ => None,
        }
    }
}

/// Where the columns of a row stand.
struct Columns {
    names: u16,
    state: u16,
}

impl AlertsPage {
    /// The alert that has the cursor.
    pub(crate) const fn chosen(&self) -> Option<AlertId> {
        self.cursor
    }

    fn lines(&self, state: &State) -> Vec<Line> {
        let mut lines: Vec<Line> = self.active.iter().map(|&id| Line::Alert(id)).collect();
        if lines.is_empty() {
            lines.push(Line::Calm);
        }
        match state.alerts().left_out() {
            0 => {}
            number => lines.push(Line::LeftOut(number)),
        }
        if !self.past.is_empty() {
            lines.push(Line::Over);
            lines.extend(self.past.iter().map(|&id| Line::Alert(id)));
        }
        lines
    }

    fn seen(state: &State) -> usize {
        usize::from(state.body().height - note_rows(state))
    }

    fn row(&self) -> Option<usize> {
        let all = self.active.iter().chain(&self.past);
        all.into_iter().position(|id| Some(*id) == self.cursor)
    }

    fn move_to(&mut self, row: usize) {
        let all = self.active.len() + self.past.len();
        self.cursor = self.active.iter().chain(&self.past).nth(row.min(all.saturating_sub(1))).copied();
    }

    fn arrange(&mut self, state: &State) {
        let (alerts, now) = (state.alerts(), state.picture().now);
        let wanted = |alert: &&Alert| alert.matches(&self.filter);
        let mut active: Vec<&Alert> = alerts.active().filter(wanted).collect();
        active.sort_by_cached_key(|alert| {
            let is_quiet = !alerts.is_open(alert, now);
            (is_quiet, std::cmp::Reverse(alert.health().trouble()), std::cmp::Reverse(alert.id))
        });
        self.active = active.into_iter().map(|alert| alert.id).collect();
        self.past = alerts.past().filter(wanted).map(|alert| alert.id).collect();
    }
}

/// How many rows below the list say what becomes of acknowledgements and silences.
fn note_rows(state: &State) -> u16 {
    u16::from(state.set.rights == Rights::Act && state.body().height >= WITH_NOTE)
}

/// What was done about an alert, or has become of it, in a word or two.
pub(crate) fn standing(state: &State, alert: &Alert, width: u16) -> String {
    let now = state.picture().now;
    let is_wide = width >= WITH_WORDS;
    let pick = |long: &str, short: &str| if is_wide { long.to_owned() } else { short.to_owned() };
    if let Phase::Ended { at } = alert.phase {
        let lasted = wording::age(at.boot.since(alert.since.boot));
        return if is_wide { format!("lasted {lasted}") } else { lasted };
    }
    if let Some(known) = &alert.acknowledged {
        return if width >= WITH_COMMENTS && !known.comment.is_empty() {
            format!("acknowledged: {}", terminal::line(known.comment.as_str()))
        } else {
            pick("acknowledged", "ack")
        };
    }
    if let Some(silence) = state.alerts().silence_over(alert, now) {
        return if is_wide { format!("silent {}", wording::age(silence.left(now))) } else { "silent".to_owned() };
    }
    match alert.phase {
        Phase::Unseen { .. } => pick("out of sight", "unseen"),
        _ => String::new(),
    }
}

/// How long an alert has held, or has been over.
pub(crate) fn age(state: &State, alert: &Alert) -> String {
    let now = state.picture().now;
    match (alert.phase, alert.onset) {
        (Phase::Ended { at }, _) => wording::age(now.boot.since(at.boot)),
        (_, Onset::Seen) => wording::age(now.boot.since(alert.since.boot)),
        (_, Onset::Found) => format!(">{}", wording::age(now.boot.since(alert.since.boot))),
    }
}

impl Page for AlertsPage {
    fn crumbs(&self, _: &State) -> Vec<String> {
        vec!["alerts".to_owned()]
    }

    fn draw_head(&self, state: &State, canvas: &mut Canvas<'_>, x: u16) -> u16 {
        let (alerts, now) = (state.alerts(), state.picture().now);
        let mut x = x;
        for health in [Health::Critical, Health::Warning] {
            let number = alerts.active().filter(|alert| alert.health() == health && alerts.is_open(alert, now)).count();
            if number > 0 {
                let text = format!("{} {number}", wording::mark(health, state.look.glyphs));
                x = canvas.put(x, 0, text.as_str(), Role::of(health)) + 2;
            }
        }
        let (_, quiet) = alerts.count(now);
        if quiet > 0 {
            x = canvas.put(x, 0, format!("{quiet} quiet").as_str(), Role::Dim) + 2;
        }
        if self.filter.trim().is_empty() {
            return x;
        }
        let found = self.active.len() + self.past.len();
        canvas.put(x, 0, format!("/{}: {found}", self.filter.trim()).as_str(), Role::Accent)
    }

    fn draw(&self, state: &State, mut canvas: Canvas<'_>) {
        let lines = self.lines(state);
        let (width, height, below) = (canvas.width(), canvas.height(), note_rows(state));
        if below > 0 {
            canvas.put_within(1, height - 1, width.saturating_sub(2), IN_MEMORY, Role::Dim);
        }
        let mut list = canvas.part(0, 0, width, height - below);
        let seen = usize::from(list.height());
        let shown: Vec<&Line> = lines.iter().skip(self.first).take(seen).collect();
        let width = width - u16::from(lines.len() > seen);
        let columns = Self::columns(state, &shown, width);
        for (y, line) in (0..).zip(shown) {
            self.draw_line(state, &mut list.part(0, y, width, 1), *line, &columns);
        }
        list.scroll_bar(self.first, lines.len());
    }

    fn step(&mut self, state: &State, step: Step) {
        let page = (Self::seen(state) / 2).max(1);
        let to = match (step, self.row()) {
            (Step::Top, _) | (_, None) => 0,
            (Step::Bottom, _) => usize::MAX,
            (Step::Up, Some(row)) => row.saturating_sub(1),
            (Step::Down, Some(row)) => row + 1,
            (Step::PageUp, Some(row)) => row.saturating_sub(page),
            (Step::PageDown, Some(row)) => row + page,
        };
        self.move_to(to);
    }

    fn settle(&mut self, state: &State) {
        if self.active.is_empty() || !state.holds_still() {
            self.arrange(state);
        }
        if self.row().is_none() {
            self.move_to(0);
        }
        let lines = self.lines(state);
        let at = lines.iter().position(|line| line.alert().is_some() && line.alert() == self.cursor);
        // With the first alert the lines above it are seen.
        let (from, wanted) = match at {
            Some(at) if Some(at) == lines.iter().position(|line| line.alert().is_some()) => (0, at + 1),
            Some(at) => (at, 1 + lines[at + 1..].iter().take_while(|line| line.alert().is_none()).count()),
            None => (0, 1),
        };
        self.first = scrolled(self.first, Self::seen(state), from, wanted, lines.len());
    }

    fn inside(&self, state: &State) -> Option<Screen> {
        let alert = state.alerts().get(self.cursor?)?;
        Some(Screen::Alert(AlertPage::of(alert)))
    }

    fn host(&self, state: &State) -> Option<HostId> {
        Some(state.alerts().get(self.cursor?)?.host.clone())
    }

    fn copied(&self, state: &State) -> Option<String> {
        state.alerts().get(self.cursor?).map(super::alert::copied)
    }

    fn click(&mut self, state: &State, _: u16, y: u16) -> Hit {
        if usize::from(y) >= Self::seen(state) {
            return Hit::Nothing;
        }
        let lines = self.lines(state);
        let Some(id) = lines.get(self.first + usize::from(y)).and_then(|line| line.alert()) else {
            return Hit::Nothing;
        };
        if self.cursor == Some(id) {
            return Hit::Same;
        }
        self.cursor = Some(id);
        Hit::New
    }

    fn filtered(&self, state: &State) -> Option<Filtered> {
        let alerts = state.alerts();
        Some(Filtered {
            words: self.filter.clone(),
            shown: self.active.len() + self.past.len(),
            all: alerts.active().count() + alerts.past().count(),
        })
    }

    fn filter(&mut self, words: String) {
        self.filter = words;
        self.active.clear();
    }

    fn give_up(&mut self) -> bool {
        let was_filtered = !self.filter.is_empty();
        self.filter(String::new());
        was_filtered
    }
}

impl AlertsPage {
    fn columns(state: &State, shown: &[&Line], width: u16) -> Columns {
        let mut wide = Columns { names: 0, state: 0 };
        for alert in shown.iter().filter_map(|line| state.alerts().get(line.alert()?)) {
            wide.names = wide.names.max(columns(state.look, alert.host.as_str()));
            wide.state = wide.state.max(columns(state.look, &standing(state, alert, width)));
        }
        Columns { names: wide.names.min(WIDEST_NAME), state: wide.state.min(width / 3) }
    }

    fn draw_line(&self, state: &State, canvas: &mut Canvas<'_>, line: Line, wide: &Columns) {
        let width = canvas.width();
        match line {
            Line::Alert(id) => {
                if let Some(alert) = state.alerts().get(id) {
                    draw_alert(state, canvas, alert, wide);
                }
                if self.cursor == Some(id) {
                    canvas.tint(0, Role::Cursor);
                }
            }
            Line::Calm => {
                let since = local::format(state.started, state.set.ahead_s, "%H:%M");
                let (text, role) = if state.picture().fleet.hosts().is_empty() {
                    ("No hosts are watched, so nothing can be seen to be wrong.".to_owned(), Role::Plain)
                } else if self.filter.trim().is_empty() {
                    (format!("No alert holds. This program has looked on since {since}."), Role::Plain)
                } else {
                    (format!("No active alert matches {:?}. Esc takes the filter away.", self.filter), Role::Dim)
                };
                canvas.put_within(1, 0, width.saturating_sub(2), text.as_str(), role);
            }
            Line::LeftOut(number) => {
                let text = format!("and {number} more that are not listed: a host has too many at once");
                canvas.put_within(3, 0, width.saturating_sub(4), text.as_str(), Role::Note);
            }
            Line::Over => canvas.rule(0, "Over, the last first", Role::Dim),
        }
    }
}

/// One alert in a row: mark, word, age, host, what is wrong, what was done about it.
fn draw_alert(state: &State, canvas: &mut Canvas<'_>, alert: &Alert, wide: &Columns) {
    const AGE: u16 = 5;
    let width = canvas.width();
    let is_open = state.alerts().is_open(alert, state.picture().now);
    let role = Role::of(alert.health());
    let (mark, text) = match (alert.is_active(), is_open) {
        (true, true) => (role, role),
        (true, false) => (role, Role::Plain),
        (false, _) => (Role::Dim, Role::Dim),
    };
    let mut x = canvas.put(1, 0, wording::mark(alert.health(), state.look.glyphs), mark) + 1;
    if width >= WITH_WORDS {
        canvas.put(x, 0, alert.health().word(), mark);
        x += 9;
    }
    canvas.put_right(x + AGE, 0, AGE, age(state, alert).as_str(), Role::Dim);
    x += AGE + 2;
    canvas.put_within(x, 0, wide.names, alert.host.as_str(), if alert.is_active() { Role::Plain } else { Role::Dim });
    x += wide.names + 2;
    let told = standing(state, alert, width);
    let end = width.saturating_sub(if told.is_empty() { 1 } else { wide.state + 3 });
    canvas.put_within(x, 0, end.saturating_sub(x), &alert.reason.text, text);
    canvas.put_within(width.saturating_sub(wide.state + 1), 0, wide.state, told.as_str(), Role::Dim);
}

#[cfg(test)]
mod tests;
