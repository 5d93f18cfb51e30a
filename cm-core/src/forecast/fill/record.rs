//! Readings of all kinds of spacing made into one change a day.
//!
//! Each day is told by the reading nearest to the last one's time of day: what comes and goes within a day, such as a
//! rotation at night, then does not show as growth. What was never read is spread evenly over its days.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{DAY_S, DAYS, Reading, STALE_DAYS, TooLittle};
use crate::clock::WallTime;
use crate::unit::Seconds;

/// A limit that moves by less than this share is rounding, not a resize.
const RESIZE: f64 = 0.01;
/// A limit that moves by this share while half of what is used goes is another filesystem in the old one's place.
const ANOTHER: f64 = 0.2;

/// Another limit than before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Resize {
    pub(super) from: f64,
    pub(super) to: f64,
    /// Days before the last reading, when the old limit was read last.
    pub(super) days_ago: usize,
}

/// What was used day by day.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) at: WallTime,
    pub(super) used: f64,
    pub(super) limit: f64,
    /// The net change of each day, the last day first.
    pub(super) changes: Vec<f64>,
    pub(super) resized: Option<Resize>,
    /// Days since the old filesystem was read last, if another took its place.
    pub(super) replaced: Option<usize>,
    /// The longest run of days without a reading.
    pub(super) gap: usize,
}

impl Record {
    pub(super) fn read(readings: &[Reading], now: WallTime) -> Result<Self, TooLittle> {
        let sound = |r: &&Reading| r.used.is_finite() && r.used >= 0.0 && r.limit.is_finite() && r.limit > 0.0;
        let past = || readings.iter().filter(sound).filter(|r| r.at <= now);
        let last = *past().max_by_key(|r| r.at).ok_or(TooLittle::NoReading)?;
        let age = now.since(last.at);
        if age > Duration::from_secs(STALE_DAYS.cast_unsigned() * DAY_S.cast_unsigned()) {
            return Err(TooLittle::Stale { ago: Seconds::saturating(age.as_secs_f64()) });
        }
        let mut days: BTreeMap<usize, (i64, Reading)> = BTreeMap::new();
        for reading in past() {
            let back = last.at.secs() - reading.at.secs();
            let Ok(day) = usize::try_from((back + DAY_S / 2) / DAY_S) else { continue };
            let off = (back - i64::try_from(day).unwrap_or(i64::MAX).saturating_mul(DAY_S)).abs();
            if day <= DAYS && days.get(&day).is_none_or(|(nearest, _)| off < *nearest) {
                days.insert(day, (off, *reading));
            }
        }
        Ok(Self::walk(last, &days))
    }

    fn walk(last: Reading, days: &BTreeMap<usize, (i64, Reading)>) -> Self {
        let mut record = Self {
            at: last.at,
            used: last.used,
            limit: last.limit,
            changes: Vec::new(),
            resized: None,
            replaced: None,
            gap: 0,
        };
        for ((newer_day, (_, newer)), (older_day, (_, older))) in days.iter().zip(days.iter().skip(1)) {
            let resized = (newer.limit / older.limit - 1.0).abs();
            if resized > ANOTHER && newer.used < older.used / 2.0 {
                record.replaced = Some(*older_day);
                break;
            }
            if resized > RESIZE && record.resized.is_none() {
                record.resized = Some(Resize { from: older.limit, to: newer.limit, days_ago: *older_day });
            }
            let apart = older_day - newer_day;
            record.gap = record.gap.max(apart - 1);
            record.changes.extend(std::iter::repeat_n((newer.used - older.used) / apart as f64, apart));
        }
        record
    }
}
