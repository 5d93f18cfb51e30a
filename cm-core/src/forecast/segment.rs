//! Cutting a drive's readings to those that say something of its future: of the same drive, with counters that only grow.
//!
//! A fall of percent used or of hours, and another identity, cut the whole history. Bytes that fall or grow faster than any
//! bus cut only the bytes: their counters wrap and change units while percent used goes on (714 of 47,000 real steps). It
//! knows nothing of rates.

use super::wear::{Cut, Reading};
use crate::unit::{Bytes, Hours, Percent};

/// Points kept of one history: eleven years of daily readings. More are thinned evenly; the last stays.
const POINTS: usize = 4_096;
/// Faster than any drive is written: 16 GB/s, four lanes of `PCIe` 5, in bytes an hour.
const BUS_PER_H: f64 = 16e9 * 3_600.0;

/// One usable reading, in plain numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    /// Wall time in hours.
    pub(super) wall_h: f64,
    /// The drive's clock: powered hours, or wall hours where it does not count them.
    pub(super) h: f64,
    /// Percent used, as shown.
    pub(super) used: f64,
    /// Bytes written over the whole life; `None` before a jump.
    pub(super) bytes: Option<f64>,
    /// Spare left, in percent.
    pub(super) spare: Option<f64>,
}

/// The last stretch of a history that hangs together.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Segment {
    /// In order of time, hours never falling.
    pub(super) points: Vec<Point>,
    /// Why what lies before was left out.
    pub(super) cut: Option<Cut>,
    /// Whether the bytes count from the drive's first day: they never jumped while watched.
    pub(super) bytes_whole: bool,
    /// Whether the clock is the drive's own.
    pub(super) own_clock: bool,
}

impl Segment {
    /// The last stretch of `readings`, which may come in any order.
    pub(super) fn last_of(readings: &[Reading]) -> Self {
        let mut sorted: Vec<&Reading> = readings.iter().filter(|reading| reading.percent_used.is_some()).collect();
        sorted.sort_by_key(|reading| reading.at);
        sorted.dedup_by_key(|reading| reading.at);
        // A clock of its own only if every reading tells it: two clocks in one history would make a jump.
        let own_clock = !sorted.is_empty() && sorted.iter().all(|reading| reading.power_on_hours.is_some());
        let mut segment = Self { bytes_whole: true, own_clock, ..Self::default() };
        let mut identity = None;
        for reading in sorted {
            let wall_h = reading.at.millis() as f64 / 3_600_000.0;
            let point = Point {
                wall_h,
                h: reading.power_on_hours.filter(|_| own_clock).map_or(wall_h, Hours::get),
                used: reading.percent_used.map_or(0.0, Percent::get),
                bytes: reading.bytes_written.map(Bytes::get).filter(|bytes| *bytes > 0.0),
                spare: reading.spare.map(Percent::get),
            };
            let swapped = matches!((identity, reading.identity), (Some(old), Some(new)) if old != new);
            identity = reading.identity.or(identity);
            segment.append(point, swapped);
        }
        segment.thin();
        segment
    }

    fn append(&mut self, point: Point, swapped: bool) {
        if let Some(last) = self.points.last() {
            let cut = if swapped {
                Some(Cut::Swapped)
            } else if point.used < last.used {
                Some(Cut::UsedFell)
            } else if point.h < last.h {
                Some(Cut::HoursFell)
            } else {
                None
            };
            if cut.is_some() {
                self.points.clear();
                self.cut = cut;
                self.bytes_whole = true;
            } else if jumped(last, &point) {
                self.points.iter_mut().for_each(|point| point.bytes = None);
                self.cut = self.cut.or(Some(Cut::BytesJumped));
                self.bytes_whole = false;
            }
        }
        self.points.push(point);
    }

    fn thin(&mut self) {
        let step = self.points.len().div_ceil(POINTS);
        if step > 1 {
            let from_end = (self.points.len() - 1) % step;
            self.points = self.points.iter().skip(from_end).step_by(step).copied().collect();
        }
    }

    /// The longest time between two readings, in hours by the wall.
    pub(super) fn longest_gap_h(&self) -> f64 {
        self.points.windows(2).map(|pair| pair[1].wall_h - pair[0].wall_h).fold(0.0, f64::max)
    }

    /// The share of the time that the drive had power over the last 90 days by the wall, from 0.02 to 1, and the same over
    /// the whole segment. 1 where the drive does not count hours, or readings lie too close together.
    pub(super) fn duty(&self) -> (f64, f64) {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else { return (1.0, 1.0) };
        let recent = self.points.iter().rev().find(|point| last.wall_h - point.wall_h >= 90.0 * 24.0).unwrap_or(first);
        let share = |from: &Point| {
            let wall = last.wall_h - from.wall_h;
            // Within three days whole hours round too much.
            if wall < 72.0 || !self.own_clock { 1.0 } else { ((last.h - from.h) / wall).clamp(0.02, 1.0) }
        };
        (share(recent), share(first))
    }
}

fn jumped(old: &Point, new: &Point) -> bool {
    let (Some(before), Some(after)) = (old.bytes, new.bytes) else { return false };
    after < before || after - before > BUS_PER_H * (new.h - old.h + 1.0)
}
