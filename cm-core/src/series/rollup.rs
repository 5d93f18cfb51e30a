//! Minutes, hours and days of a series: least, most, sum, last and count of what fell into each.
//!
//! Buckets of points, merged, are the buckets of all the points together, in whatever groups they are merged: so hours
//! are made from minutes and days from hours, and nothing has to be read twice. Least, most, last and count are exact.
//! The sum is an `f64`: exact for whole numbers up to 2^53, and otherwise right to the rounding of one addition a value.
//!
//! Days are those of UTC. Values that are no finite number count for nothing: a mean of them would say nothing of the
//! rest. It does not know which metric it sums up, nor how long buckets are kept.

use std::time::Duration;

use super::Point;
use crate::clock::WallTime;

/// How long a bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// 60 seconds.
    Minute,
    /// 3,600 seconds.
    Hour,
    /// 86,400 seconds, from midnight UTC.
    Day,
}

impl Step {
    /// All of them, the finest first.
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    /// Its length.
    pub const fn length(self) -> Duration {
        match self {
            Self::Minute => Duration::from_mins(1),
            Self::Hour => Duration::from_hours(1),
            Self::Day => Duration::from_hours(24),
        }
    }

    /// Its word in JSON and in a database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// When the bucket begins that a moment falls into.
    pub fn start(self, at: WallTime) -> WallTime {
        floor(at, self.length())
    }
}

/// The multiple of `width` since the epoch at or before a moment. A width below a millisecond counts as one.
pub(super) fn floor(at: WallTime, width: Duration) -> WallTime {
    let width = i64::try_from(width.as_millis()).unwrap_or(i64::MAX).max(1);
    WallTime::from_millis(at.millis() - at.millis().rem_euclid(width))
}

/// What fell into one stretch of time. There is none where nothing did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// When it begins, included.
    pub start: WallTime,
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
    /// All values added up.
    pub sum: f64,
    /// How many there were, at least one.
    pub count: u64,
    /// The value of the latest point; of two at one moment, the one that came later.
    pub last: f64,
    /// When that was.
    pub last_at: WallTime,
}

impl Bucket {
    /// A bucket of one point; none where it is no finite number.
    pub fn of(start: WallTime, point: Point) -> Option<Self> {
        let Point { at, value } = point;
        let bucket = Self { start, min: value, max: value, sum: value, count: 1, last: value, last_at: at };
        value.is_finite().then_some(bucket)
    }

    /// The mean of its values.
    pub fn mean(&self) -> f64 {
        self.sum / self.count as f64
    }

    /// Both together, from where the earlier begins. `later` is the one that came later, should both have their latest
    /// point at the same moment. Associative.
    #[must_use]
    pub fn merged(self, later: Self) -> Self {
        let newest = if later.last_at >= self.last_at { later } else { self };
        Self {
            start: self.start.min(later.start),
            min: self.min.min(later.min),
            max: self.max.max(later.max),
            sum: self.sum + later.sum,
            count: self.count.saturating_add(later.count),
            last: newest.last,
            last_at: newest.last_at,
        }
    }
}

/// The buckets of points in any order, by time. Cost: linear for points in order.
pub fn of_points(points: &[Point], step: Step) -> Vec<Bucket> {
    gather(points.iter().filter_map(|point| Bucket::of(step.start(point.at), *point)))
}

/// Coarser buckets from finer ones: minutes to hours, hours to days.
pub fn of_buckets(buckets: &[Bucket], step: Step) -> Vec<Bucket> {
    to_width(buckets, step.length())
}

/// Buckets of any width from finer ones, each from a multiple of the width since the epoch.
pub fn to_width(buckets: &[Bucket], width: Duration) -> Vec<Bucket> {
    gather(buckets.iter().map(|bucket| Bucket { start: floor(bucket.start, width), ..*bucket }))
}

/// One bucket for each start, sorted.
fn gather(buckets: impl Iterator<Item = Bucket>) -> Vec<Bucket> {
    let mut gathered: Vec<Bucket> = Vec::new();
    for bucket in buckets {
        match gathered.last_mut() {
            Some(last) if last.start == bucket.start => *last = last.merged(bucket),
            Some(last) if last.start > bucket.start => {
                match gathered.binary_search_by_key(&bucket.start, |known| known.start) {
                    Ok(at) => gathered[at] = gathered[at].merged(bucket),
                    Err(at) => gathered.insert(at, bucket),
                }
            }
            _ => gathered.push(bucket),
        }
    }
    gathered
}

#[cfg(test)]
mod tests;
