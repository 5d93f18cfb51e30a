//! What a chunk holds a series of: points, or buckets of a roll-up. A row is a moment and a fixed number of values.

use super::column::Spoilt;
use super::decimal;
use super::share::MOST_WHOLES;
use super::varint::{Bytes, put};
use crate::clock::WallTime;
use crate::series::Point;
use crate::series::rollup::Bucket;

/// The most columns that a kind of row has.
const MOST_COLUMNS: usize = 6;

/// What can be sealed in a chunk: [`Point`] and [`Bucket`].
pub trait Row: Copy + sealed::Sealed {
    /// Marks a chunk of such rows.
    #[doc(hidden)]
    const KIND: u8;
    /// How many of the columns are used.
    #[doc(hidden)]
    const COLUMNS: usize;
    /// Its moment in milliseconds.
    #[doc(hidden)]
    fn millis(&self) -> i64;
    /// Its values, in an order that never changes.
    #[doc(hidden)]
    fn values(&self) -> [f64; MOST_COLUMNS];
    /// The row again.
    #[doc(hidden)]
    fn from_values(at: WallTime, values: [f64; MOST_COLUMNS]) -> Self;
}

mod sealed {
    /// No other rows than these: their kinds are part of the format.
    pub trait Sealed {}
    impl Sealed for crate::series::Point {}
    impl Sealed for crate::series::rollup::Bucket {}
}

impl Row for Point {
    const KIND: u8 = 0;
    const COLUMNS: usize = 1;

    fn millis(&self) -> i64 {
        self.at.millis()
    }

    fn values(&self) -> [f64; MOST_COLUMNS] {
        [self.value, 0.0, 0.0, 0.0, 0.0, 0.0]
    }

    fn from_values(at: WallTime, [value, ..]: [f64; MOST_COLUMNS]) -> Self {
        Self { at, value }
    }
}

impl Row for Bucket {
    const KIND: u8 = 1;
    const COLUMNS: usize = 6;

    fn millis(&self) -> i64 {
        self.start.millis()
    }

    fn values(&self) -> [f64; MOST_COLUMNS] {
        // Counts and distances within a bucket are far below 2^53.
        let into = self.last_at.millis() - self.start.millis();
        [self.min, self.max, self.last, self.sum, self.count as f64, into as f64]
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole as sealed; saturates otherwise")]
    fn from_values(start: WallTime, [min, max, last, sum, count, into]: [f64; MOST_COLUMNS]) -> Self {
        let last_at = WallTime::from_millis(start.millis().saturating_add(into as i64));
        Self { start, min, max, sum, count: count as u64, last, last_at }
    }
}

/// What the series of a chunk may be shares of: the constants among them.
pub(super) fn wholes<'a, R: Row + 'a>(series: impl Iterator<Item = &'a [R]>) -> Vec<f64> {
    let constant = |rows: &[R]| {
        let value = rows.first()?.values()[0];
        let same = rows.iter().all(|row| row.values()[0].to_bits() == value.to_bits());
        // Of one, everything is a share.
        (same && value.is_finite() && value > 1.0).then_some(value)
    };
    let mut wholes: Vec<f64> = series.filter_map(constant).collect();
    wholes.sort_unstable_by(f64::total_cmp);
    wholes.dedup();
    // Totals are larger than counts and settings.
    wholes.reverse();
    wholes.truncate(MOST_WHOLES);
    wholes
}

/// The columns of one series, each behind its length where there are several.
pub(super) fn pack<R: Row>(rows: &[R], wholes: &[f64]) -> Vec<u8> {
    let mut out = Vec::new();
    for at in 0..R::COLUMNS {
        let column: Vec<f64> = rows.iter().map(|row| row.values()[at]).collect();
        let packed = decimal::pack(&column, wholes);
        if R::COLUMNS > 1 {
            put(&mut out, packed.len() as u64);
        }
        out.extend(packed);
    }
    out
}

/// The rows of one series at their times.
pub(super) fn unpack<R: Row>(packed: &[u8], times: &[i64]) -> Result<Vec<R>, Spoilt> {
    let mut rest = Bytes::new(packed);
    let mut columns = Vec::with_capacity(R::COLUMNS);
    for _ in 0..R::COLUMNS {
        let length =
            if R::COLUMNS > 1 { rest.varint().and_then(|n| usize::try_from(n).ok()) } else { Some(rest.left()) };
        let column = length.and_then(|length| rest.take(length)).ok_or(Spoilt(None))?;
        columns.push(decimal::unpack(column, times.len())?);
    }
    if rest.left() > 0 {
        return Err(Spoilt(None));
    }
    let row = |(at, millis): (usize, &i64)| {
        let mut values = [0.0; MOST_COLUMNS];
        values.iter_mut().zip(&columns).for_each(|(value, column)| *value = column[at]);
        R::from_values(WallTime::from_millis(*millis), values)
    };
    Ok(times.iter().enumerate().map(row).collect())
}
