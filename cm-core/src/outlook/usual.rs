//! Which values are usual for a series: learnt from the hours of its last weeks.
//!
//! What is learnt from is the mean of each hour: nine in ten of those lie in the band. What the metric means is not known.

use std::time::Duration;

use crate::clock::WallTime;
use crate::forecast::usual::{Point, TooLittle, Usual};
use crate::series::rollup::{Bucket, Step};
use crate::store::{Known, Reader, Span, StoreError};

/// As far back as [`Usual::learn`] looks: six weeks, and a day for the zone.
const BACK: Duration = Duration::from_hours(43 * 24);

/// The usual values of a series as of `until`. `offset_s` tells how many seconds local time is ahead of UTC at a moment.
///
/// Nothing learnt is a value of its own, with what is missing. Cost: some 3 ms.
pub fn learn(
    reader: &Reader,
    series: &Known,
    until: WallTime,
    offset_s: impl Fn(WallTime) -> i32,
) -> Result<Result<Usual, TooLittle>, StoreError> {
    let hours = reader.buckets(series, Step::Hour, Span::new(until.before(BACK), until))?;
    Ok(Usual::learn(&points(&hours), until, offset_s))
}

fn points(hours: &[Bucket]) -> Vec<Point> {
    hours.iter().map(|hour| Point { at: hour.start, value: hour.mean() }).collect()
}
