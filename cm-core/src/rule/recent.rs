//! Windows kept in memory, so that nothing is read from a history while it is judged.
//!
//! Each series of each window is kept as at most [`SLOTS`] sums, one for each part of the window in which something was
//! read. A window so reaches back by up to one part more than it says. After a start it is filled from the history once,
//! reading by reading or sum by sum; who does that is not known here.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::frame::{Frame, Place};
use super::need::Need;
use super::window::Seen;
use crate::clock::WallTime;
use crate::metric::MetricId;
use crate::registry::Registry;

/// Into how many parts a window is cut.
const SLOTS: i64 = 30;

/// The windows that rules need.
#[derive(Debug, Clone, Default)]
pub struct Recent {
    windows: HashMap<MetricId, Vec<Window>>,
}

/// One window of one metric, over all things that have it.
#[derive(Debug, Clone)]
struct Window {
    length: Duration,
    tracks: Vec<Track>,
}

/// One series.
#[derive(Debug, Clone, Default)]
struct Track {
    slots: VecDeque<Slot>,
    last_at: Option<WallTime>,
}

/// What was read in one part of a window.
#[derive(Debug, Clone, Copy)]
struct Slot {
    number: i64,
    first_at: WallTime,
    seen: Seen,
}

impl Recent {
    /// The windows among what rules need, of which nothing is known yet.
    pub fn new(needs: &[Need]) -> Self {
        let mut recent = Self::default();
        for need in needs {
            if let Need::Window { metric, length } = *need {
                recent.windows.entry(metric).or_default().push(Window { length, tracks: Vec::new() });
            }
        }
        recent
    }

    /// Takes in a reading of a thing, in the metric's own unit. Readings come in order; one that is older than the one
    /// before counts as having come with it, and one that is older by a whole window begins anew: the clock was set.
    pub fn take(&mut self, metric: MetricId, place: Place, at: WallTime, value: f64) {
        if !value.is_finite() {
            return;
        }
        for window in self.windows.get_mut(&metric).into_iter().flatten() {
            if window.tracks.len() <= place.index {
                window.tracks.resize(place.index + 1, Track::default());
            }
            window.tracks[place.index].take(window.length, at, value);
        }
    }

    /// Puts every window into a frame, as of its moment.
    pub fn fill(&self, frame: &mut Frame, registry: &Registry) {
        let now = frame.at();
        for (metric, windows) in &self.windows {
            let Some(metric) = registry.get(*metric) else { continue };
            for window in windows {
                for (index, track) in window.tracks.iter().enumerate() {
                    let place = Place { kind: metric.subject, index };
                    frame.set_window(metric, window.length, place, track.seen(window.length, now));
                }
            }
        }
    }

    /// How many sums are kept: for what memory it takes.
    pub fn count(&self) -> usize {
        let windows = self.windows.values().flatten();
        windows.flat_map(|window| &window.tracks).map(|track| track.slots.len()).sum()
    }
}

/// In which part of time a moment falls.
fn number(length: Duration, at: WallTime) -> i64 {
    let part = (i64::try_from(length.as_millis()).unwrap_or(i64::MAX) / SLOTS).max(1);
    at.millis().div_euclid(part)
}

impl Track {
    fn take(&mut self, length: Duration, at: WallTime, value: f64) {
        let mut number = number(length, at);
        if let Some(last) = self.slots.back() {
            if last.number - number > SLOTS {
                self.slots.clear();
            } else {
                number = number.max(last.number);
            }
        }
        self.last_at = Some(at);
        let one = Seen::one(value);
        match self.slots.back_mut() {
            Some(last) if last.number == number => {
                let span_s = at.since(last.first_at).as_secs_f64();
                last.seen = Seen { span_s, ..last.seen.and_then(&one) };
            }
            _ => self.slots.push_back(Slot { number, first_at: at, seen: one }),
        }
        while self.slots.front().is_some_and(|first| number - first.number > SLOTS) {
            self.slots.pop_front();
        }
    }

    fn seen(&self, length: Duration, now: WallTime) -> Seen {
        let newest = number(length, now);
        let within = self.slots.iter().filter(|slot| (0..=SLOTS).contains(&(newest - slot.number)));
        let mut all: Option<(WallTime, Seen)> = None;
        for slot in within {
            all = Some(match all {
                None => (slot.first_at, slot.seen),
                Some((first_at, seen)) => (first_at, seen.and_then(&slot.seen)),
            });
        }
        let silent_s = self.last_at.map(|last| now.since(last).as_secs_f64());
        let Some((first_at, seen)) = all else { return Seen { silent_s, ..Seen::default() } };
        let span_s = self.last_at.map_or(0.0, |last| last.since(first_at).as_secs_f64());
        Seen { span_s, silent_s, ..seen }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalogue;
    use crate::health::SubjectKind;
    use crate::series::Point;

    const LENGTH: Duration = Duration::from_mins(10);
    const PLACE: Place = Place { kind: SubjectKind::Host, index: 3 };

    fn at(seconds: i64) -> WallTime {
        WallTime::from_secs(1_766_000_000 + seconds)
    }

    fn kept(readings: &[(i64, f64)], now: i64) -> (Seen, usize) {
        let metric = catalogue::by_name("cpu.use").expect("a metric").metric.id;
        let mut recent = Recent::new(&[Need::Window { metric, length: LENGTH }, Need::Now(metric)]);
        for (seconds, value) in readings {
            recent.take(metric, PLACE, at(*seconds), *value);
        }
        let track = &recent.windows[&metric][0].tracks[PLACE.index];
        (track.seen(LENGTH, at(now)), recent.count())
    }

    #[test]
    fn what_is_older_than_the_window_goes_and_what_is_silent_is_told() {
        let (seen, count) = kept(&[(0, 90.0), (700, 1.0), (1200, 3.0)], 1260);
        assert_eq!((seen.count, seen.least, seen.span_s, seen.silent_s), (2, 1.0, 500.0, Some(60.0)));
        assert_eq!(count, 2);
        let (seen, _) = kept(&[(0, 90.0)], 5000);
        assert_eq!((seen.count, seen.silent_s), (0, Some(5000.0)));
    }

    #[test]
    fn a_clock_that_is_set_back_begins_anew() {
        let (seen, _) = kept(&[(10_000, 1.0), (10_060, 2.0), (100, 3.0), (160, 4.0)], 170);
        assert_eq!((seen.count, seen.least, seen.last), (2, 3.0, 4.0));
        let (seen, _) = kept(&[(100, 1.0), (95, 2.0), (130, 3.0)], 140);
        assert_eq!((seen.count, seen.last), (3, 3.0));
    }

    proptest! {
        #[test]
        fn it_holds_what_the_readings_themselves_hold(values in prop::collection::vec(0.0..100.0_f64, 1..200), step in 1..30_i64) {
            let readings: Vec<(i64, f64)> = (0..).map(|at| at * step).zip(values).collect();
            let now = readings[readings.len() - 1].0;
            let (kept, count) = kept(&readings, now);
            prop_assert!(count <= 32);
            // The window reaches back to the beginning of a part.
            let part = 20;
            let begin = (1_766_000_000 + now).div_euclid(part) * part - 600 - 1_766_000_000;
            let whole = readings.iter().filter(|(seconds, _)| *seconds >= begin);
            let points = whole.map(|(seconds, value)| Point { at: at(*seconds), value: *value });
            let exact = Seen::of(points, Duration::from_hours(9), at(now));
            prop_assert_eq!((kept.count, kept.first, kept.last), (exact.count, exact.first, exact.last));
            prop_assert_eq!((kept.least, kept.greatest, kept.span_s), (exact.least, exact.greatest, exact.span_s));
            prop_assert!((kept.sum - exact.sum).abs() < 1e-6 && (kept.risen - exact.risen).abs() < 1e-6);
        }
    }
}
