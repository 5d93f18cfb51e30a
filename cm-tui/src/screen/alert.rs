//! One alert with its evidence: what is wrong and since when, the next step, the last readings, what else is wrong, what
//! goes on, and what changed in the hour before.

use std::time::Duration;

use cm_core::catalogue;
use cm_core::clock::WallTime;
use cm_core::health::Health;
use cm_core::host::HostId;
use cm_core::metric::MetricId;
use cm_core::text::terminal;
use cm_core::unit::Unit;
use cm_core::wording;

use super::host::HostPage;
use super::{Page, Screen, Step};
use crate::alerts::{Alert, AlertId, Onset, Phase, Turn as Life};
use crate::journal::Turn;
use crate::local;
use crate::paint::{Canvas, columns};
use crate::state::State;
use crate::theme::Role;

/// The most that is told of one sort.
const MOST: usize = 12;

/// What happened within this time before it may have to do with it.
const BEFORE: Duration = Duration::from_hours(1);

/// And within this time after: one cause is not seen at one moment everywhere.
const AFTER: Duration = Duration::from_mins(1);

/// The screen of an alert.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AlertPage {
    /// Which.
    pub(crate) id: AlertId,
    host: HostId,
    first: usize,
}

/// A row of the sheet.
#[derive(Debug, Clone, PartialEq)]
enum Row {
    /// The head of a part.
    Rule(String),
    /// Texts, each at its column.
    Words(Vec<(u16, String, Role)>),
    /// The course of a metric.
    Course(MetricId, String),
    /// Nothing.
    Blank,
}

impl AlertPage {
    /// The screen of an alert, as it opens.
    pub(crate) fn of(alert: &Alert) -> Self {
        Self { id: alert.id, host: alert.host.clone(), first: 0 }
    }

    fn rows(&self, state: &State) -> Vec<Row> {
        let Some(alert) = state.alerts().get(self.id) else {
            let text = "It has been over for so long that it is forgotten.".to_owned();
            return vec![Row::Words(vec![(1, text, Role::Plain)])];
        };
        let sheet = Sheet { state, alert, width: state.body().width.saturating_sub(1) };
        let parts: [(&str, Vec<Row>); 5] = [
            ("Last readings", sheet.readings()),
            ("Else wrong there", sheet.beside()),
            ("Going on there", sheet.activities()),
            ("In the hour before", sheet.before()),
            ("Its life", sheet.life()),
        ];
        let mut rows = sheet.summary();
        for (title, part) in parts {
            if !part.is_empty() {
                rows.push(Row::Rule(title.to_owned()));
                rows.extend(part);
            }
        }
        rows
    }

    fn last_first(&self, state: &State) -> usize {
        self.rows(state).len().saturating_sub(usize::from(state.body().height))
    }
}

/// What `y` copies of an alert.
pub(crate) fn copied(alert: &Alert) -> String {
    let next = if alert.reason.next.is_empty() { String::new() } else { format!("\n  {}", alert.reason.next) };
    format!("{} {}: {}{next}", alert.host, alert.health(), terminal::line(&alert.reason.text))
}

impl Page for AlertPage {
    fn crumbs(&self, _: &State) -> Vec<String> {
        vec!["alerts".to_owned(), format!("#{}", self.id)]
    }

    fn draw_head(&self, state: &State, canvas: &mut Canvas<'_>, x: u16) -> u16 {
        let Some(alert) = state.alerts().get(self.id) else { return x };
        let health = alert.health();
        let mark = wording::mark(health, state.look.glyphs);
        let (word, role) = if alert.is_active() { (health.word(), Role::of(health)) } else { ("over", Role::Dim) };
        let x = canvas.put(x, 0, format!("{mark} {word}").as_str(), role) + 2;
        let x = canvas.put(x, 0, self.host.as_str(), Role::Strong) + 2;
        let told = super::alerts::standing(state, alert, 80);
        if x + columns(state.look, &told) > canvas.width() {
            return x;
        }
        canvas.put(x, 0, told.as_str(), Role::Dim)
    }

    fn draw(&self, state: &State, mut canvas: Canvas<'_>) {
        let rows = self.rows(state);
        let seen = usize::from(canvas.height());
        let (width, height) = (canvas.width(), canvas.height());
        let inner = width - u16::from(rows.len() > seen);
        let mut sheet = canvas.part(0, 0, inner, height);
        for (y, row) in (0..).zip(rows.iter().skip(self.first).take(seen)) {
            match row {
                Row::Rule(title) => sheet.rule(y, title, Role::Dim),
                Row::Words(words) => {
                    for (x, text, role) in words {
                        sheet.put_within(*x, y, inner.saturating_sub(x + 1), text.as_str(), *role);
                    }
                }
                Row::Course(metric, subject) => course(state, &self.host, (*metric, subject), &mut sheet, y),
                Row::Blank => {}
            }
        }
        canvas.scroll_bar(self.first, rows.len());
    }

    fn step(&mut self, state: &State, step: Step) {
        let page = usize::from(state.body().height).max(1);
        let last = self.last_first(state);
        self.first = match step {
            Step::Up => self.first.saturating_sub(1),
            Step::Down => self.first + 1,
            Step::PageUp => self.first.saturating_sub(page),
            Step::PageDown => self.first + page,
            Step::Top => 0,
            Step::Bottom => last,
        }
        .min(last);
    }

    fn settle(&mut self, state: &State) {
        self.first = self.first.min(self.last_first(state));
    }

    fn inside(&self, state: &State) -> Option<Screen> {
        state.picture().place(&self.host)?;
        Some(Screen::Host(HostPage::of(self.host.clone())))
    }

    fn host(&self, _: &State) -> Option<HostId> {
        Some(self.host.clone())
    }

    fn copied(&self, state: &State) -> Option<String> {
        state.alerts().get(self.id).map(copied)
    }
}

/// What the rows of one alert are made of.
#[derive(Clone, Copy)]
struct Sheet<'s> {
    state: &'s State,
    alert: &'s Alert,
    width: u16,
}

impl Sheet<'_> {
    fn time(&self, at: WallTime) -> String {
        local::format(at, self.state.set.ahead_s, "%H:%M:%S")
    }

    fn day(&self, at: WallTime) -> String {
        local::day(at, self.state.picture().now.wall, self.state.set.ahead_s)
    }

    /// A text over as many rows as it needs.
    fn wrapped(&self, text: &str, role: Role) -> Vec<Row> {
        const MOST_ROWS: usize = 6;
        let room = usize::from(self.width.saturating_sub(2)).max(20);
        let mut lines = vec![String::new()];
        for word in text.split_whitespace() {
            let last = lines.last_mut().expect("there is a line");
            if last.is_empty() {
                last.push_str(word);
            } else if terminal::columns(last) + 1 + terminal::columns(word) <= room {
                last.push(' ');
                last.push_str(word);
            } else {
                lines.push(word.to_owned());
            }
        }
        let cut = lines.len() > MOST_ROWS;
        lines.truncate(MOST_ROWS);
        if let Some(last) = lines.last_mut().filter(|_| cut) {
            last.push_str(" …");
        }
        lines.into_iter().map(|line| Row::Words(vec![(1, line, role)])).collect()
    }

    fn summary(&self) -> Vec<Row> {
        let Self { state, alert, .. } = *self;
        let now = state.picture().now;
        let role = if alert.is_active() { Role::of(alert.health()) } else { Role::Plain };
        let mut rows = self.wrapped(&terminal::line(&alert.reason.text), role);
        let held = wording::age(now.boot.since(alert.since.boot));
        let since = self.day(alert.since.wall);
        let told = match (alert.phase, alert.onset) {
            (Phase::Ended { at }, _) => format!(
                "Over since {}, after {}; at its worst {}.",
                self.day(at.wall),
                wording::age(at.boot.since(alert.since.boot)),
                alert.worst
            ),
            (_, Onset::Seen) => format!("It holds for {held}, since {since}."),
            (_, Onset::Found) => format!("It was there at {since}, when the host was first heard; {held} ago."),
        };
        rows.extend(self.wrapped(&told, Role::Dim));
        if let Phase::Unseen { since } = alert.phase {
            let told = format!(
                "Its host does not answer since {}: whether it still holds nobody can tell.",
                self.day(since.wall)
            );
            rows.extend(self.wrapped(&told, Role::Note));
        }
        if !alert.reason.next.is_empty() && alert.is_active() {
            rows.extend(self.wrapped(&format!("Next: {}", alert.reason.next), Role::Plain));
        }
        if let Some(known) = &alert.acknowledged {
            let at = self.day(known.at);
            let said = terminal::line(known.comment.as_str()).into_owned();
            let said = if said.is_empty() { String::new() } else { format!(": {said}") };
            rows.extend(self.wrapped(&format!("Acknowledged {at}{said}"), Role::Plain));
        } else if alert.is_active() {
            rows.extend(self.wrapped("Not acknowledged.", Role::Dim));
        }
        if let Some(silence) = state.alerts().silence_over(alert, now) {
            let left = wording::age(silence.left(now));
            rows.extend(self.wrapped(&format!("Silent until {}, {left} more.", self.day(silence.until)), Role::Plain));
        }
        rows.push(Row::Blank);
        rows
    }

    fn readings(&self) -> Vec<Row> {
        let Self { state, alert, .. } = *self;
        let Some(place) = state.picture().place(&alert.host) else { return Vec::new() };
        let shown = &state.shown;
        let own = alert.reason.metric.map(|metric| (metric, alert.reason.subject.name.raw()));
        let of_host = [shown.memory_use, shown.cpu_use, shown.load_per_core].map(|metric| (metric, ""));
        let beside = of_host.into_iter().filter(|wanted| Some(*wanted) != own);
        let known = |&(metric, subject): &(MetricId, &str)| state.recent.of(place, metric, subject).next().is_some();
        own.into_iter().chain(beside).filter(known).map(|(metric, name)| Row::Course(metric, name.to_owned())).collect()
    }

    /// What else is wrong on its host.
    fn beside(&self) -> Vec<Row> {
        let Self { state, alert, .. } = *self;
        let picture = state.picture();
        let Some((_, standing)) = picture.place(&alert.host).and_then(|place| picture.host(place)) else {
            return Vec::new();
        };
        let reasons = standing.verdict.reasons.iter().filter(|reason| {
            reason.health != Health::Ok && (reason.code, &reason.subject) != (alert.reason.code, &alert.reason.subject)
        });
        let row = |reason: &cm_core::health::Reason| {
            let mark = wording::mark(reason.health, state.look.glyphs).to_owned();
            let text = terminal::line(&reason.text).into_owned();
            vec![(1, mark, Role::of(reason.health)), (3, text, Role::of(reason.health))]
        };
        bounded(reasons.map(row).collect())
    }

    /// What goes on there that may explain it.
    fn activities(&self) -> Vec<Row> {
        let Self { state, alert, .. } = *self;
        let picture = state.picture();
        let host = picture.place(&alert.host).and_then(|place| picture.host(place));
        let Some(report) = host.and_then(|(host, _)| host.service()) else { return Vec::new() };
        let row = |activity: &cm_core::report::service::Activity| {
            let name = activity.name.as_ref().map(|name| format!(": {}", terminal::line(name))).unwrap_or_default();
            let since = activity.since.map(|at| format!(", since {}", self.day(at))).unwrap_or_default();
            vec![(1, format!("{}{name}{since}", activity.kind.word()), Role::Plain)]
        };
        bounded(report.activities.iter().map(row).collect())
    }

    /// What changed in the hour before, everywhere, the newest first.
    fn before(&self) -> Vec<Row> {
        let Self { state, alert, .. } = *self;
        let (from, to) = (alert.since.wall.before(BEFORE), alert.since.wall.after(AFTER));
        let is_own = |entry: &crate::journal::Entry| {
            entry.host == alert.host
                && (entry.reason.code, &entry.reason.subject) == (alert.reason.code, &alert.reason.subject)
        };
        let entries = state.journal.newest_first().filter(|entry| (from..=to).contains(&entry.at) && !is_own(entry));
        let mut entries: Vec<_> = entries.collect();
        // What happened on the same host comes first.
        entries.sort_by_key(|entry| entry.host != alert.host);
        let names = entries.iter().map(|entry| columns(state.look, entry.host.as_str())).max().unwrap_or(0).min(16);
        let row = |entry: &crate::journal::Entry| {
            let health = entry.health();
            let role = if entry.turn == Turn::Ended { Role::Dim } else { Role::of(health) };
            vec![
                (1, self.time(entry.at), Role::Dim),
                (11, wording::mark(health, state.look.glyphs).to_owned(), role),
                (13, terminal::fitted(entry.host.as_str(), usize::from(names)).into_owned(), Role::Plain),
                (15 + names, terminal::line(&entry.text()).into_owned(), Role::Plain),
            ]
        };
        bounded(entries.into_iter().map(row).collect())
    }

    /// What became of it, the newest first.
    fn life(&self) -> Vec<Row> {
        let row = |(at, turn): &(WallTime, Life)| {
            let until = match turn {
                Life::Silenced(until) => format!(" until {}", self.day(*until)),
                _ => String::new(),
            };
            vec![(1, self.time(*at), Role::Dim), (11, format!("{}{until}", turn.words()), Role::Plain)]
        };
        self.alert.turns.iter().rev().map(row).map(Row::Words).collect()
    }
}

fn bounded(mut rows: Vec<Vec<(u16, String, Role)>>) -> Vec<Row> {
    let more = rows.len().saturating_sub(MOST);
    rows.truncate(MOST);
    if more > 0 {
        rows.push(vec![(3, format!("and {more} more"), Role::Dim)]);
    }
    rows.into_iter().map(Row::Words).collect()
}

/// The last readings of a metric in a row: name, newest, course, lowest and highest.
fn course(state: &State, host: &HostId, (metric, subject): (MetricId, &str), canvas: &mut Canvas<'_>, y: u16) {
    let label_wide = (canvas.width() / 4).clamp(20, 36);
    let value_end = label_wide + 12;
    let Some(entry) = catalogue::by_id(metric) else { return };
    let Some(place) = state.picture().place(host) else { return };
    let values = || state.recent.of(place, metric, subject);
    let Some(newest) = values().next_back() else { return };
    let label = if subject.is_empty() {
        entry.metric.label.to_owned()
    } else {
        format!("{} {}", terminal::line(subject), entry.metric.label)
    };
    canvas.put_within(1, y, label_wide, label.as_str(), Role::Plain);
    let unit = entry.metric.unit;
    canvas.put_figure(value_end, y, 10, &unit.print(f64::from(newest)), Role::Plain);
    let low = values().fold(f32::INFINITY, f32::min);
    let high = values().fold(f32::NEG_INFINITY, f32::max);
    let told = format!("{} to {}", unit.print(f64::from(low)), unit.print(f64::from(high)));
    let wide = columns(state.look, &told);
    let room = canvas.width().saturating_sub(value_end + 2);
    let room_for_course = room.saturating_sub(wide + 3).min(30);
    let scale = if unit == Unit::Percent { (0.0, 100.0) } else { (0.0, 0.0) };
    canvas.sparkline((value_end + 2, y), room_for_course, values(), scale, Role::Plain);
    canvas.put_within(value_end + 4 + room_for_course, y, wide, told.as_str(), Role::Dim);
}
