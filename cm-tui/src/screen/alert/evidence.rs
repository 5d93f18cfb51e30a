//! The evidence beside an alert, written on a sheet: what is wrong and since when, the last readings, what else is wrong, what
//! goes on, and what changed in the hour before. It knows no screen.

use std::time::Duration;

use cm_core::catalogue;
use cm_core::clock::WallTime;
use cm_core::health::{Health, Reason};
use cm_core::metric::MetricId;
use cm_core::report::service::{Activity, Process};
use cm_core::text::terminal;
use cm_core::unit::Unit;
use cm_core::wording;

use crate::alerts::{Alert, Onset, Phase, Turn as Life};
use crate::journal::{Entry, Turn};
use crate::local;
use crate::paint::columns;
use crate::screen::process;
use crate::screen::sheet::{Course, Sheet};
use crate::state::State;
use crate::theme::Role;

/// The most that is told of one sort.
const MOST: usize = 12;

/// What happened within this time before it may have to do with it.
const BEFORE: Duration = Duration::from_hours(1);

/// And within this time after: one cause is not seen at one moment everywhere.
const AFTER: Duration = Duration::from_mins(1);

/// Writes everything about an alert.
pub(super) fn write(state: &State, alert: &Alert, sheet: &mut Sheet) {
    let evidence = Evidence { state, alert };
    evidence.summary(sheet);
    evidence.readings(sheet);
    evidence.beside(sheet);
    evidence.activities(sheet);
    evidence.processes(sheet);
    evidence.before(sheet);
    evidence.life(sheet);
}

/// What the evidence is taken from.
#[derive(Clone, Copy)]
struct Evidence<'s> {
    state: &'s State,
    alert: &'s Alert,
}

impl Evidence<'_> {
    fn time(&self, at: WallTime) -> String {
        local::format(at, self.state.set.ahead_s, "%H:%M:%S")
    }

    fn day(&self, at: WallTime) -> String {
        local::day(at, self.state.picture().now.wall, self.state.set.ahead_s)
    }

    fn summary(self, sheet: &mut Sheet) {
        let Self { state, alert } = self;
        let now = state.picture().now;
        let role = if alert.is_active() { Role::of(alert.health()) } else { Role::Plain };
        sheet.text(1, &alert.reason.text, role);
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
        sheet.text(1, told.as_str(), Role::Dim);
        if let Phase::Unseen { since } = alert.phase {
            let since = self.day(since.wall);
            let told = format!("Its host does not answer since {since}: whether it still holds nobody can tell.");
            sheet.text(1, told.as_str(), Role::Note);
        }
        if !alert.reason.next.is_empty() && alert.is_active() {
            sheet.text(1, format!("Next: {}", alert.reason.next).as_str(), Role::Plain);
        }
        if let Some(known) = &alert.acknowledged {
            let said = terminal::line(known.comment.as_str());
            let said = if said.is_empty() { String::new() } else { format!(": {said}") };
            sheet.text(1, format!("Acknowledged {}{said}", self.day(known.at)).as_str(), Role::Plain);
        } else if alert.is_active() {
            sheet.text(1, "Not acknowledged.", Role::Dim);
        }
        if let Some(silence) = state.alerts().silence_over(alert, now) {
            let left = wording::age(silence.left(now));
            let told = format!("Silent until {}, {left} more.", self.day(silence.until));
            sheet.text(1, told.as_str(), Role::Plain);
        }
    }

    /// The reading that it is about, and what the host as a whole is judged by.
    fn readings(self, sheet: &mut Sheet) {
        let Self { state, alert } = self;
        let shown = &state.shown;
        let own = alert.reason.metric.map(|metric| (metric, alert.reason.subject.name.raw()));
        let of_host = [shown.memory_use, shown.cpu_use, shown.load_per_core].map(|metric| (metric, ""));
        let beside = of_host.into_iter().filter(|wanted| Some(*wanted) != own);
        let courses: Vec<Course> = own.into_iter().chain(beside).filter_map(|of| self.course(of)).collect();
        if !courses.is_empty() {
            sheet.heading("Last readings");
        }
        for course in courses {
            sheet.course(course);
        }
    }

    fn course(self, (metric, subject): (MetricId, &str)) -> Option<Course> {
        let entry = catalogue::by_id(metric)?;
        let place = self.state.picture().place(&self.alert.host)?;
        let values: Vec<f32> = self.state.readings().of(place, metric, subject).collect();
        let newest = *values.last()?;
        let print = |value: f32| entry.metric.unit.print(f64::from(value));
        let low = values.iter().copied().fold(f32::INFINITY, f32::min);
        let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let label = if subject.is_empty() {
            entry.metric.label.to_owned()
        } else {
            format!("{} {}", terminal::line(subject), entry.metric.label)
        };
        let scale = if entry.metric.unit == Unit::Percent { (0.0, 100.0) } else { (0.0, 0.0) };
        let ends =
            if print(low) == print(high) { "steady".to_owned() } else { format!("{} to {}", print(low), print(high)) };
        Some(Course { label, newest: print(newest), values, scale, ends })
    }

    /// What else is wrong on its host.
    fn beside(self, sheet: &mut Sheet) {
        let Self { state, alert } = self;
        let picture = state.picture();
        let Some((_, standing)) = picture.place(&alert.host).and_then(|place| picture.host(place)) else { return };
        let is_other = |reason: &&Reason| {
            reason.health != Health::Ok && (reason.code, &reason.subject) != (alert.reason.code, &alert.reason.subject)
        };
        let others: Vec<&Reason> = standing.verdict.reasons.iter().filter(is_other).collect();
        bounded(sheet, "Else wrong there", &others, |sheet, reason| {
            let role = Role::of(reason.health);
            let text = terminal::line(&reason.text);
            sheet.row(&[(1, wording::mark(reason.health, state.look.glyphs), role), (3, &*text, role)]);
            sheet.link((alert.host.clone(), reason.subject.clone()));
        });
    }

    /// What goes on there that may explain it.
    fn activities(self, sheet: &mut Sheet) {
        let picture = self.state.picture();
        let host = picture.place(&self.alert.host).and_then(|place| picture.host(place));
        let Some(report) = host.and_then(|(host, _)| host.service()) else { return };
        let all: Vec<&Activity> = report.activities.iter().collect();
        bounded(sheet, "Going on there", &all, |sheet, activity| {
            let name = activity.name.as_ref().map(|name| format!(": {}", terminal::line(name))).unwrap_or_default();
            let since = activity.since.map(|at| format!(", since {}", self.day(at))).unwrap_or_default();
            sheet.text(1, format!("{}{name}{since}", activity.kind.word()).as_str(), Role::Plain);
        });
    }

    /// Who strains its host now.
    fn processes(self, sheet: &mut Sheet) {
        let picture = self.state.picture();
        let host = picture.place(&self.alert.host).and_then(|place| picture.host(place));
        let Some(report) = host.and_then(|(host, _)| host.service()) else { return };
        let all: Vec<&Process> = report.processes.iter().collect();
        bounded(sheet, "Largest processes there", &all, |sheet, process| {
            sheet.text(1, process::words(process).as_str(), Role::Plain);
        });
    }

    /// What changed in the hour before, everywhere: on the same host first, the newest first.
    fn before(self, sheet: &mut Sheet) {
        let Self { state, alert } = self;
        let (from, to) = (alert.since.wall.before(BEFORE), alert.since.wall.after(AFTER));
        let is_own = |entry: &Entry| {
            entry.host == alert.host
                && (entry.reason.code, &entry.reason.subject) == (alert.reason.code, &alert.reason.subject)
        };
        let entries = state.journal.newest_first().filter(|entry| (from..=to).contains(&entry.at) && !is_own(entry));
        let mut entries: Vec<&Entry> = entries.collect();
        entries.sort_by_key(|entry| entry.host != alert.host);
        let names = entries.iter().map(|entry| columns(state.look, entry.host.as_str())).max().unwrap_or(0).min(16);
        bounded(sheet, "In the hour before", &entries, |sheet, entry| {
            let health = entry.health();
            let role = if entry.turn == Turn::Began { Role::of(health) } else { Role::Dim };
            let host = terminal::fitted(entry.host.as_str(), usize::from(names));
            sheet.row(&[
                (1, self.time(entry.at).as_str(), Role::Dim),
                (11, wording::mark(health, state.look.glyphs), role),
                (13, &*host, Role::Plain),
                (15 + names, &*terminal::line(&entry.text()), role),
            ]);
            sheet.link((entry.host.clone(), entry.reason.subject.clone()));
        });
    }

    /// What became of it, the newest first.
    fn life(self, sheet: &mut Sheet) {
        let turns: Vec<&(WallTime, Life)> = self.alert.turns.iter().rev().collect();
        sheet.heading("Its life");
        for (at, turn) in turns {
            let until = match turn {
                Life::Silenced(until) => format!(" until {}", self.day(*until)),
                _ => String::new(),
            };
            let words = format!("{}{until}", turn.words());
            sheet.row(&[(1, self.time(*at).as_str(), Role::Dim), (11, words.as_str(), Role::Plain)]);
        }
    }
}

/// A part of the sheet with so many things at most, where there are any.
fn bounded<T>(sheet: &mut Sheet, title: &str, all: &[T], write: impl Fn(&mut Sheet, &T)) {
    if all.is_empty() {
        return;
    }
    sheet.heading(title);
    for one in all.iter().take(MOST) {
        write(sheet, one);
    }
    if all.len() > MOST {
        sheet.text(3, format!("and {} more", all.len() - MOST).as_str(), Role::Dim);
    }
}
