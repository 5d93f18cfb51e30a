//! One series over a time that ends now, in some sixty cells: what rules ask of a window, in memory that does not grow.
//!
//! A window moves on by whole cells, a sixtieth of its length. What was measured before the program began comes from the
//! history, and is put before what is there.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::WallTime;
use crate::rule::Seen;
use crate::series::Point;
use crate::series::rollup::Bucket;

/// How many cells a window has.
const CELLS: i64 = 60;

/// What came within a sixtieth of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    begin: i64,
    first_at: WallTime,
    last_at: WallTime,
    seen: Seen,
}

/// A series over a window.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Span {
    length: Duration,
    width: i64,
    cells: VecDeque<Cell>,
}

impl Span {
    pub(in crate::engine) fn new(length: Duration) -> Self {
        let width = i64::try_from(length.as_millis()).unwrap_or(i64::MAX) / CELLS;
        Self { length, width: width.max(1_000), cells: VecDeque::new() }
    }

    pub(in crate::engine) const fn length(&self) -> Duration {
        self.length
    }

    /// Takes in a reading. One that is no number, or no later than the last, counts for nothing.
    pub(in crate::engine) fn push(&mut self, at: WallTime, value: f64) {
        if !value.is_finite() || self.cells.back().is_some_and(|cell| at <= cell.last_at) {
            return;
        }
        let begin = at.millis() - at.millis().rem_euclid(self.width);
        match self.cells.back_mut() {
            Some(cell) if cell.begin == begin => cell.push(at, value),
            _ => self.cells.push_back(Cell::of(begin, at, value)),
        }
        // The last one before the window tells since when there is nothing.
        let since = at.before(self.length);
        while self.cells.len() > 1 && self.cells.front().is_some_and(|cell| cell.last_at < since) {
            self.cells.pop_front();
        }
    }

    /// Puts what was measured before in front.
    pub(in crate::engine) fn put_before(&mut self, earlier: Vec<Cell>) {
        let first = self.cells.front().map(|cell| cell.first_at);
        for cell in earlier.into_iter().rev().filter(|cell| first.is_none_or(|first| cell.last_at < first)) {
            self.cells.push_front(cell);
        }
    }

    /// The window that ends now, summed up.
    pub(in crate::engine) fn seen(&self, now: WallTime) -> Seen {
        let since = now.before(self.length);
        let mut whole = Seen::default();
        let mut first_at = now;
        for cell in self.cells.iter().take_while(|cell| cell.first_at <= now) {
            whole.silent_s = Some(now.since(cell.last_at).as_secs_f64());
            if cell.last_at < since {
                continue;
            }
            if whole.count == 0 {
                first_at = cell.first_at;
            }
            whole = joined(whole, &cell.seen);
            whole.span_s = cell.last_at.since(first_at).as_secs_f64();
        }
        whole
    }
}

impl Cell {
    fn of(begin: i64, at: WallTime, value: f64) -> Self {
        let seen =
            Seen { count: 1, first: value, last: value, least: value, greatest: value, sum: value, ..Seen::default() };
        Self { begin, first_at: at, last_at: at, seen }
    }

    fn push(&mut self, at: WallTime, value: f64) {
        self.seen = joined(self.seen, &Self::of(self.begin, at, value).seen);
        self.last_at = at;
    }

    /// Cells out of readings, in order of time.
    pub(in crate::engine) fn of_points(points: &[Point], length: Duration) -> Vec<Self> {
        let mut span = Span::new(length);
        for point in points {
            span.push(point.at, point.value);
        }
        span.cells.into()
    }

    /// Cells out of roll-ups, in order of time. What a counter rose by within the first is not known.
    pub(in crate::engine) fn of_buckets(buckets: &[Bucket]) -> Vec<Self> {
        let cell = |bucket: &Bucket| {
            let seen = Seen {
                count: u32::try_from(bucket.count).unwrap_or(u32::MAX),
                first: bucket.last,
                last: bucket.last,
                least: bucket.min,
                greatest: bucket.max,
                sum: bucket.sum,
                ..Seen::default()
            };
            Self { begin: bucket.start.millis(), first_at: bucket.start, last_at: bucket.last_at, seen }
        };
        buckets.iter().map(cell).collect()
    }
}

/// Two stretches of a series, one after the other. A fall counts as a counter that began anew.
fn joined(earlier: Seen, later: &Seen) -> Seen {
    if earlier.count == 0 {
        return Seen { silent_s: earlier.silent_s, ..*later };
    }
    let step = if later.first >= earlier.last { later.first - earlier.last } else { later.first.max(0.0) };
    Seen {
        count: earlier.count.saturating_add(later.count),
        last: later.last,
        least: earlier.least.min(later.least),
        greatest: earlier.greatest.max(later.greatest),
        sum: earlier.sum + later.sum,
        risen: earlier.risen + step + later.risen,
        ..earlier
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn points(readings: &[(i64, f64)]) -> Vec<Point> {
        let point = |&(secs, value): &(i64, f64)| Point { at: WallTime::from_secs(1_766_000_000 + secs), value };
        readings.iter().map(point).collect()
    }

    fn span(points: &[Point]) -> Span {
        let mut span = Span::new(HOUR);
        for point in points {
            span.push(point.at, point.value);
        }
        span
    }

    proptest! {
        /// But for the edge, which moves by whole cells.
        #[test]
        fn a_window_in_cells_is_the_window_of_the_readings(steps in prop::collection::vec((1..200_i64, 0..9_u8), 1..300)) {
            let mut at = 0;
            let readings: Vec<(i64, f64)> = steps.iter().map(|&(step, value)| { at += step; (at, f64::from(value)) }).collect();
            let points = points(&readings);
            let now = points[points.len() - 1].at;
            let own = span(&points).seen(now);
            let edge = Duration::from_mins(1);
            let most = Seen::of(points.clone(), HOUR + edge, now);
            let least = Seen::of(points.clone(), HOUR.saturating_sub(edge), now);
            prop_assert!((least.count..=most.count).contains(&own.count), "{own:?} {least:?} {most:?}");
            prop_assert!((least.risen..=most.risen).contains(&own.risen));
            prop_assert!((least.greatest..=most.greatest).contains(&own.greatest));
            prop_assert!(most.least <= own.least && own.least <= least.least);
            prop_assert_eq!((own.last, own.silent_s), (most.last, most.silent_s));
            prop_assert!(span(&points).cells.len() <= 62);
        }
    }

    #[test]
    fn what_was_before_is_put_in_front_and_counts_once() {
        let all = points(&[(0, 5.0), (600, 7.0), (1_200, 8.0), (1_800, 9.0)]);
        let mut late = span(&all[2..]);
        late.put_before(Cell::of_points(&all[..3], HOUR));
        let now = all[3].at;
        assert_eq!(late.seen(now), span(&all).seen(now));
        assert_eq!(late.seen(now).risen.to_bits(), 4.0_f64.to_bits());
    }

    #[test]
    fn roll_ups_stand_in_for_readings() {
        let all: Vec<Point> = points(&(0..120).map(|n| (n * 30, (n / 10) as f64)).collect::<Vec<_>>());
        let buckets = crate::series::rollup::of_points(&all, crate::series::rollup::Step::Minute);
        let mut span = Span::new(HOUR);
        span.put_before(Cell::of_buckets(&buckets));
        let (own, exact) = (span.seen(all[119].at), Seen::of(all.clone(), HOUR, all[119].at));
        assert_eq!(
            (own.count, own.sum, own.greatest, own.risen),
            (exact.count, exact.sum, exact.greatest, exact.risen)
        );
    }
}
