//! The course of one metric out of the stored history: an hour to a year of it, with a cursor that tells moment and value,
//! from the least to the greatest where a value stands for several, and what is usual behind it. It reads nothing: what it
//! wants to know it says, and draws what has come back.

mod drawn;
mod list;
mod zoom;

use std::num::NonZeroUsize;
use std::time::Duration;

use cm_core::catalogue;
use cm_core::clock::WallTime;
use cm_core::health::Subject;
use cm_core::host::HostId;
use cm_core::metric::{Limits, MetricId};
use cm_core::text::terminal;
use cm_core::unit::Unit;
use cm_core::wording::chart::Plot;

use super::{Hit, Page, Step};
use crate::action::Way;
use crate::history::{Ask, Course, Habit, Known, Of};
use crate::local;
use crate::paint::{Canvas, plot};
use crate::state::State;
use crate::travel;

pub(crate) use zoom::Zoom;

/// The screen of a course.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChartPage {
    of: Of,
    zoom: Zoom,
    /// Where its right end lies; it follows the moment that the screen shows where there is none.
    end: Option<WallTime>,
    /// The moment that has the cursor; the newest where there is none.
    cursor: Option<WallTime>,
}

impl ChartPage {
    /// The course that stands for a thing of a host: that of `metric`, where it tells of that.
    pub(crate) fn of(state: &State, host: &HostId, subject: &Subject, metric: Option<MetricId>) -> Option<Self> {
        let host = state.picture().fleet.host(host)?;
        let of = list::first(host, subject, metric).or_else(|| list::of_host(host).into_iter().next())?;
        let reach = travel::range(state).map(|(first, last)| last.since(first));
        Some(Self { of, zoom: Zoom::of_history(reach), end: None, cursor: None })
    }

    /// Shows more or less time around the cursor.
    pub(crate) fn zoom_to(&mut self, state: &State, zoom: Zoom) {
        let (before, span) = (self.window(state), self.zoom.span());
        self.zoom = zoom;
        if let Some(cursor) = self.cursor {
            // The moment under the cursor stays where it is between the ends.
            let along = cursor.since(before.0).as_secs_f64() / span.as_secs_f64();
            self.end_at(state, cursor.after(zoom.span().mul_f64((1.0 - along).clamp(0.0, 1.0))));
        } else if self.end.is_some() {
            self.end_at(state, before.1);
        }
    }

    /// How much time it shows.
    pub(crate) const fn zoom(&self) -> Zoom {
        self.zoom
    }

    /// Moves the cursor by a column; at the edge the time moves.
    pub(crate) fn turn(&mut self, state: &State, way: Way) {
        let (since, until) = self.window(state);
        let column = (until.since(since) / u32::from(Self::columns(state).max(1))).max(Duration::from_millis(1));
        let here = self.under_cursor(state);
        let to = match way {
            Way::Back => here.before(column),
            Way::On => here.after(column),
        };
        if to >= until {
            if self.end.is_none() {
                self.cursor = None;
                return;
            }
            self.end_at(state, until.after(self.zoom.span() / 4));
        } else if to < since {
            self.end_at(state, until.before(self.zoom.span() / 4));
        }
        self.cursor = Some(to);
    }

    /// The moment that has the cursor.
    pub(crate) fn under_cursor(&self, state: &State) -> WallTime {
        let (since, until) = self.window(state);
        let half = until.since(since) / (2 * u32::from(Self::columns(state).max(1)));
        let newest = state.picture().now.wall.min(until.before(half));
        self.cursor.unwrap_or(newest).max(since)
    }

    /// Shows another metric: the one before or after among all that the host tells of.
    fn switch(&mut self, state: &State, way: Way) {
        let Some(host) = state.picture().fleet.host(&self.of.host) else { return };
        let all = list::of_host(host);
        let here = all.iter().position(|of| *of == self.of);
        let next = way.from(here, all.len());
        if let Some(next) = all.into_iter().nth(next) {
            self.of = next;
        }
    }

    fn end_at(&mut self, state: &State, end: WallTime) {
        self.end = (end < self.latest(state)).then_some(end);
    }

    /// The latest that may be shown: of the past nothing that came after the moment.
    fn latest(&self, state: &State) -> WallTime {
        let now = state.picture().now.wall;
        if state.then.is_some() {
            return now.after(Duration::from_millis(1));
        }
        let stride = i64::try_from(self.zoom.stride().as_millis()).unwrap_or(1);
        WallTime::from_millis((now.millis().div_euclid(stride) + 1) * stride)
    }

    /// From when to when it is drawn.
    fn window(&self, state: &State) -> (WallTime, WallTime) {
        let latest = self.latest(state);
        let until = self.end.map_or(latest, |end| end.min(latest));
        (until.before(self.zoom.span()), until)
    }

    /// How many columns of cells there are for the course.
    fn columns(state: &State) -> u16 {
        state.body().width.saturating_sub(plot::AXIS + 3)
    }

    fn unit(&self) -> Unit {
        catalogue::by_id(self.of.metric).map_or(Unit::Count, |entry| entry.metric.unit)
    }

    fn label(&self) -> &'static str {
        catalogue::by_id(self.of.metric).map_or("", |entry| entry.metric.label)
    }

    /// From where it is bad, by the owner's limits or the catalogue's.
    fn limit(&self, state: &State) -> Option<f64> {
        let entry = catalogue::by_id(self.of.metric)?;
        let host = state.picture().fleet.host(&self.of.host)?;
        match host.member.policy.limits(self.of.metric).unwrap_or(entry.limits) {
            Limits::Above { warning, critical } | Limits::Below { warning, critical } => warning.or(critical),
            Limits::None => None,
        }
    }

    fn course<'s>(&self, state: &'s State) -> Known<'s, Course> {
        state.history.course(&self.of)
    }
}

/// Whether it is worth learning what is usual: of load, memory and heat it is.
fn habit(metric: MetricId) -> Habit {
    let entry = catalogue::by_id(metric);
    let is_worth = entry.is_some_and(|entry| {
        entry.metric.unit == Unit::Celsius || ["cpu.use", "memory.use"].contains(&entry.metric.name)
    });
    if is_worth { Habit::Learnt } else { Habit::Left }
}

impl Page for ChartPage {
    fn crumbs(&self, _: &State) -> Vec<String> {
        let name = &self.of.subject.name;
        let thing = (!name.is_empty()).then(|| terminal::fitted(name, 24).into_owned());
        [Some(self.of.host.to_string()), thing, Some("chart".to_owned())].into_iter().flatten().collect()
    }

    fn draw(&self, state: &State, canvas: Canvas<'_>) {
        drawn::draw(self, state, canvas);
    }

    fn asks(&self, state: &State) -> Vec<Ask> {
        let (since, until) = self.window(state);
        let dots = Plot::dots(usize::from(Self::columns(state)), state.look.glyphs);
        let Some(most) = NonZeroUsize::new(dots) else { return Vec::new() };
        vec![Ask::Course { of: self.of.clone(), since, until, most, habit: habit(self.of.metric) }]
    }

    fn step(&mut self, state: &State, step: Step) {
        let (since, until) = self.window(state);
        match step {
            Step::Up => self.switch(state, Way::Back),
            Step::Down => self.switch(state, Way::On),
            Step::PageUp | Step::PageDown => {
                let half = self.zoom.span() / 2;
                let back = step == Step::PageUp;
                self.end_at(state, if back { until.before(half) } else { until.after(half) });
                self.cursor = self.cursor.map(|at| if back { at.before(half) } else { at.after(half) });
            }
            Step::Top => self.cursor = Some(since),
            Step::Bottom => (self.end, self.cursor) = (None, None),
        }
    }

    fn wheel(&mut self, state: &State, step: Step) {
        self.turn(state, if step == Step::Up { Way::Back } else { Way::On });
    }

    fn settle(&mut self, state: &State) {
        let (since, until) = self.window(state);
        // A cursor that the time has passed by is let go.
        if self.cursor.is_some_and(|cursor| cursor < since || cursor >= until) {
            self.cursor = None;
        }
    }

    fn host(&self, _: &State) -> Option<HostId> {
        Some(self.of.host.clone())
    }

    fn copied(&self, state: &State) -> Option<String> {
        let Known::Told(course) = self.course(state) else { return None };
        let unit = self.unit();
        let mut text = format!("{} {} {}\n", self.of.host, terminal::line(&self.of.subject.name), self.label());
        for bucket in course.curve.columns.iter().flatten() {
            let at = local::format(bucket.start, state.set.ahead_s, "%Y-%m-%d %H:%M:%S");
            text.extend([at.as_str(), " ", unit.print(bucket.mean()).as_str(), "\n"]);
        }
        Some(text)
    }

    fn click(&mut self, state: &State, x: u16, _: u16) -> Hit {
        let (since, until) = self.window(state);
        let columns = Self::columns(state);
        let Some(column) = x.checked_sub(plot::AXIS + 2).filter(|column| *column < columns) else {
            return Hit::Nothing;
        };
        let along = (f64::from(column) + 0.5) / f64::from(columns);
        self.cursor = Some(since.after(until.since(since).mul_f64(along)));
        Hit::New
    }

    fn drag(&mut self, state: &State, x: u16, y: u16) {
        self.click(state, x, y);
    }

    fn give_up(&mut self) -> bool {
        let had = self.end.is_some() || self.cursor.is_some();
        (self.end, self.cursor) = (None, None);
        had
    }
}

#[cfg(test)]
mod tests;
