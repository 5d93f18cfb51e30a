//! A series over a time that ends now, summed up once for every question that rules ask of it.
//!
//! Nothing is known of a time of which less than half was seen: after a restart or an absence a mean of three readings
//! is no mean. What a counter has risen by is known at once, since it cannot become less.

use std::time::Duration;

use super::function::Over;
use crate::clock::WallTime;
use crate::metric::Kind;
use crate::series::Point;

/// What was seen within a window. The default is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Seen {
    /// How many readings.
    pub count: u32,
    /// The first and the last.
    pub first: f64,
    /// The last.
    pub last: f64,
    /// The least.
    pub least: f64,
    /// The greatest.
    pub greatest: f64,
    /// All of them together.
    pub sum: f64,
    /// All rises together. A fall counts as a counter that began anew: what it then shows, it has risen by.
    pub risen: f64,
    /// Seconds from the first reading to the last.
    pub span_s: f64,
    /// Seconds since the last reading, within the window or before it; nothing where there never was one.
    pub silent_s: Option<f64>,
}

impl Seen {
    /// Sums up readings in order of time. Those before the window count for how long there was none; those after `now` and
    /// those that are no numbers for nothing. Time is linear in the readings.
    pub fn of(points: impl IntoIterator<Item = Point>, length: Duration, now: WallTime) -> Self {
        let begin = now.before(length);
        let mut seen = Self::default();
        let mut first_at = now;
        for Point { at, value } in points {
            if at > now || !value.is_finite() {
                continue;
            }
            seen.silent_s = Some(now.since(at).as_secs_f64());
            if at < begin {
                continue;
            }
            if seen.count == 0 {
                first_at = at;
                seen = Self { first: value, least: value, greatest: value, ..seen };
            } else {
                seen.risen += rise(seen.last, value);
            }
            seen.count += 1;
            seen.last = value;
            seen.least = seen.least.min(value);
            seen.greatest = seen.greatest.max(value);
            seen.sum += value;
            seen.span_s = at.since(first_at).as_secs_f64();
        }
        seen
    }

    /// One reading.
    pub(super) fn one(value: f64) -> Self {
        Self { count: 1, first: value, last: value, least: value, greatest: value, sum: value, ..Self::default() }
    }

    /// This and what came after it, but for the span of both.
    #[must_use]
    pub(super) fn and_then(&self, later: &Self) -> Self {
        Self {
            count: self.count.saturating_add(later.count),
            first: self.first,
            last: later.last,
            least: self.least.min(later.least),
            greatest: self.greatest.max(later.greatest),
            sum: self.sum + later.sum,
            risen: self.risen + rise(self.last, later.first) + later.risen,
            span_s: self.span_s,
            silent_s: later.silent_s,
        }
    }

    /// The same in a unit that is `factor` times smaller.
    #[must_use]
    pub(super) fn scaled(self, factor: f64) -> Self {
        Self {
            first: self.first * factor,
            last: self.last * factor,
            least: self.least * factor,
            greatest: self.greatest * factor,
            sum: self.sum * factor,
            risen: self.risen * factor,
            ..self
        }
    }

    /// The answer to a question; not-a-number where it is not known.
    pub(super) fn answer(&self, over: Over, kind: Kind, length: Duration) -> f64 {
        let is_known = self.count > 0 && self.span_s * 2.0 >= length.as_secs_f64();
        if !is_known {
            return f64::NAN;
        }
        let change = if kind == Kind::Counter { self.risen } else { self.last - self.first };
        match over {
            Over::Avg => self.sum / f64::from(self.count),
            Over::Min => self.least,
            Over::Max => self.greatest,
            Over::Delta => change,
            Over::Rate if self.span_s > 0.0 => change / self.span_s,
            Over::Rate => f64::NAN,
            Over::Count => f64::from(self.count),
        }
    }

    /// By how much a counter has risen at least, however little of the window was seen.
    pub(super) fn risen_at_least(&self) -> f64 {
        if self.count > 1 { self.risen } else { f64::NAN }
    }
}

/// By how much a counter rose from one reading to the next.
fn rise(before: f64, after: f64) -> f64 {
    if after >= before { after - before } else { after.max(0.0) }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these numbers are exact")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn seen(readings: &[(i64, f64)]) -> Seen {
        let now = WallTime::from_secs(1_766_000_000);
        let points = readings
            .iter()
            .map(|&(minutes, value)| Point { at: WallTime::from_secs(now.secs() - minutes * 60), value });
        Seen::of(points, HOUR, now)
    }

    #[test]
    fn a_window_is_known_once_half_of_it_was_seen() {
        let half = seen(&[(90, 100.0), (50, 1.0), (40, 3.0), (20, 2.0)]);
        for (over, expected) in [
            (Over::Avg, 2.0),
            (Over::Min, 1.0),
            (Over::Max, 3.0),
            (Over::Count, 3.0),
            (Over::Delta, 1.0),
            (Over::Rate, 1.0 / 1800.0),
        ] {
            assert_eq!(half.answer(over, Kind::Gauge, HOUR), expected, "{over:?}");
        }
        let less = seen(&[(90, 100.0), (29, 1.0), (0, 3.0)]);
        assert!(less.answer(Over::Avg, Kind::Gauge, HOUR).is_nan());
        assert_eq!(less.risen_at_least(), 2.0, "what has risen has risen");
        assert_eq!(seen(&[(90, 1.0)]).silent_s, Some(5400.0));
        assert_eq!(seen(&[]).silent_s, None);
    }

    #[test]
    fn a_counter_that_was_set_back_goes_on() {
        let reset = seen(&[(60, 7.0), (40, 9.0), (20, 1.0), (0, 4.0)]);
        assert_eq!(reset.answer(Over::Delta, Kind::Counter, HOUR), 6.0);
        assert_eq!(reset.answer(Over::Delta, Kind::Gauge, HOUR), -3.0);
    }

    proptest! {
        #[test]
        fn what_is_told_lies_within_what_was_read(values in prop::collection::vec(-1e6..1e6_f64, 1..30)) {
            let readings: Vec<_> = (0..30).map(|at| 60 - at * 2).zip(values).collect();
            let seen = seen(&readings);
            let mean = seen.sum / f64::from(seen.count);
            prop_assert!(seen.least <= mean + 1e-6 && mean <= seen.greatest + 1e-6);
            prop_assert!(seen.risen >= 0.0);
        }
    }
}
