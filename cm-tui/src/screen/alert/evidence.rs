//! The evidence beside an alert, in rows: what is wrong and since when, the last readings, what else is wrong, what goes on,
//! and what changed in the hour before. It knows no screen.

use std::time::Duration;

use cm_core::clock::WallTime;
use cm_core::health::Health;
use cm_core::metric::MetricId;
use cm_core::text::terminal;
use cm_core::wording;

use crate::alerts::{Alert, Onset, Phase, Turn as Life};
use crate::journal::Turn;
use crate::local;
use crate::paint::columns;
use crate::screen::process;
use crate::state::State;
use crate::theme::Role;

/// The most that is told of one sort.
const MOST: usize = 12;

/// What happened within this time before it may have to do with it.
const BEFORE: Duration = Duration::from_hours(1);

/// And within this time after: one cause is not seen at one moment everywhere.
const AFTER: Duration = Duration::from_mins(1);

/// A row of the sheet.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Row {
    /// The head of a part.
    Rule(String),
    /// Texts, each at its column.
    Words(Vec<(u16, String, Role)>),
    /// The course of a metric.
    Course(MetricId, String),
    /// Nothing.
    Blank,
}

/// What the rows of one alert are made of.
#[derive(Clone, Copy)]
pub(super) struct Sheet<'s> {
    pub(super) state: &'s State,
    pub(super) alert: &'s Alert,
    pub(super) width: u16,
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

    pub(super) fn summary(&self) -> Vec<Row> {
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

    pub(super) fn readings(&self) -> Vec<Row> {
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
    pub(super) fn beside(&self) -> Vec<Row> {
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
    pub(super) fn activities(&self) -> Vec<Row> {
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

    /// Who strains its host now.
    pub(super) fn processes(&self) -> Vec<Row> {
        let Self { state, alert, .. } = *self;
        let picture = state.picture();
        let host = picture.place(&alert.host).and_then(|place| picture.host(place));
        let Some(report) = host.and_then(|(host, _)| host.service()) else { return Vec::new() };
        let row = |one: &cm_core::report::service::Process| vec![(1, process::words(one), Role::Plain)];
        bounded(report.processes.iter().map(row).collect())
    }

    /// What changed in the hour before, everywhere, the newest first.
    pub(super) fn before(&self) -> Vec<Row> {
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
    pub(super) fn life(&self) -> Vec<Row> {
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
