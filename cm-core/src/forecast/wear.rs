//! Wear: when a drive comes to the end of its rated life, with a 90 % interval and the reasons.
//!
//! 100 % used is the end of the life that the maker rates, not a failure: most drives go on well beyond it, and the words
//! say so. Dates come from the drive's own hours, made into calendar time by the share of it that the drive has power. What
//! is not known here: where readings are kept, which of them somebody should be told of.
//!
//! How well it foretells, on which histories, is measured in docs/FORECAST.md.

use std::time::Duration;

use super::path::{Fan, PATHS, normal_quantile, quantiles, spread};
use super::rate::{Estimate, a_year, estimate};
use super::segment::Segment;
use super::spare::{self, Spare};
use super::{Grade, Range, Reason, When};
use crate::clock::WallTime;
use crate::unit::{Bytes, Hours, Percent, Seconds};

mod words;

pub use words::sentence;

/// Below this span, with a counter that has not moved, there is no rate to speak of: 14 powered days, in hours.
const LEAST_SPAN_H: f64 = 14.0 * 24.0;
/// Half of the band of a rate that is only the life's average: the ends lie a factor of 7 apart.
const ROUGH_HALF: f64 = 2.645_751_311;
/// Dates further ahead than this are rough: three years, as far as histories reach.
const TRIED: Duration = Duration::from_hours(3 * 8_766);

/// What one drive told at one moment. All but the moment may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reading {
    /// When it was read.
    pub at: WallTime,
    /// A number that stands for serial or WWN: another number is another drive.
    pub identity: Option<u64>,
    /// Hours under power over its whole life.
    pub power_on_hours: Option<Hours>,
    /// Rated life used, in whole percents as drives tell it.
    pub percent_used: Option<Percent>,
    /// Bytes written by the host over its whole life.
    pub bytes_written: Option<Bytes>,
    /// Spare blocks left, in percent.
    pub spare: Option<Percent>,
    /// The spare at which the maker calls it worn.
    pub spare_threshold: Option<Percent>,
    /// How far the counter of percent used counts.
    pub scale: Scale,
}

/// How far a drive's counter of percent used counts before it stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scale {
    /// Past 100, up to 255: NVMe, and the device statistics of ATA.
    #[default]
    To255,
    /// To 99: attributes that tell what remains of 100 and stop at 1 (177, 202, 231, 233 and their like).
    To99,
}

impl Scale {
    /// The last percent it can show.
    fn end(self) -> f64 {
        match self {
            Self::To255 => 255.0,
            Self::To99 => 99.0,
        }
    }
}

/// Why older readings of a drive say nothing of its future.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cut {
    /// Percent used fell: a reset, or a firmware that counts otherwise.
    UsedFell,
    /// Powered hours fell: a reset counter.
    HoursFell,
    /// Bytes written fell, or grew faster than any bus. Percent used is still trusted.
    BytesJumped,
    /// Another serial number: another drive.
    Swapped,
}

/// The limit that comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// 100 % of the rated life: no failure.
    RatedLife,
    /// The spare at its threshold: the drive may refuse writes from there.
    Spare,
}

/// What is missing for a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Missing {
    /// The drive tells no percent used.
    PercentUsed,
    /// There is one reading, or none.
    SecondReading,
    /// The readings lie less than 14 powered days apart and the counter has not moved.
    Days,
}

/// What will be of one drive.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// What will be.
    pub outlook: Outlook,
    /// Why, the most telling first.
    pub reasons: Vec<Reason>,
}

/// What will be of one drive, in one of seven ways.
#[derive(Debug, Clone, PartialEq)]
pub enum Outlook {
    /// It comes to a limit.
    Reaches {
        /// Which limit comes first.
        limit: Limit,
        /// When.
        when: Range,
        /// How sure the date is.
        grade: Grade,
    },
    /// It comes to its limit, but with 95 % certainty not within 20 years.
    BeyondHorizon,
    /// 100 % or more is used: the rated life is over, the drive works on.
    PastRatedLife(Percent),
    /// The counter stands at the end of what it can show (99 or 255): more is used than it tells.
    PastScale(Percent),
    /// The spare is at its threshold or below: what the maker calls worn.
    SpareAtThreshold(Percent),
    /// It has been watched, or has run, long enough, and still shows 0 %.
    NoMeasurableWear,
    /// There is no date yet.
    TooLittle {
        /// What is missing.
        missing: Missing,
        /// What the counters alone allow: at the pace of the whole life so far, with a factor of 7 between the ends.
        at_lifes_pace: Option<Range>,
    },
}

/// What the counter of percent used will have moved by, in whole percents as it shows them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// The 5 % quantile.
    pub low: f64,
    /// The median.
    pub likely: f64,
    /// The 95 % quantile.
    pub high: f64,
    /// The median before it is rounded to what the counter shows.
    pub exact: f64,
}

/// When the drive that gave `readings` (in any order) reaches its limit, as seen at `now`.
///
/// Readings after `now` are taken as they are: a clock may have been wrong. Costs about 5 ms and 600 KB for a while.
pub fn outlook(readings: &[Reading], now: WallTime) -> Forecast {
    let segment = Segment::last_of(readings);
    let mut reasons = Vec::new();
    let outlook = judge(readings, &segment, now, &mut reasons);
    if let Some(cut) = segment.cut {
        reasons.push(Reason::HistoryCut(cut));
    }
    Forecast { outlook, reasons }
}

/// By how much the counter will have moved after `powered` more hours; `None` where there is too little to say.
pub fn growth(readings: &[Reading], powered: Hours) -> Option<Growth> {
    let estimate = estimate(&Segment::last_of(readings))?;
    let grown = Fan::walk(&estimate.rate).grown(powered.get());
    let exact = quantiles(grown.clone())[1];
    let shown = grown.iter().enumerate().map(|(path, grown)| (estimate.fraction(path) + grown).floor()).collect();
    let [low, likely, high] = quantiles(shown);
    Some(Growth { low, likely, high, exact })
}

fn judge(readings: &[Reading], segment: &Segment, now: WallTime, reasons: &mut Vec<Reason>) -> Outlook {
    let too_little = |missing, at_lifes_pace| Outlook::TooLittle { missing, at_lifes_pace };
    let (Some(first), Some(last)) = (segment.points.first(), segment.points.last()) else {
        return too_little(Missing::PercentUsed, None);
    };
    let newest = readings.iter().filter(|reading| reading.percent_used.is_some()).max_by_key(|reading| reading.at);
    let spare = spare::judge(segment, newest.and_then(|reading| reading.spare_threshold));
    reasons.extend(spare.reason());
    if let Spare::AtThreshold { spare, .. } = spare {
        return Outlook::SpareAtThreshold(Percent::saturating(spare));
    }
    let used = Percent::saturating(last.used);
    if last.used >= newest.map_or(255.0, |reading| reading.scale.end()) {
        return Outlook::PastScale(used);
    }
    let span = last.h - first.h;
    let estimate = estimate(segment);
    reasons.splice(0..0, told(segment, estimate.as_ref()));
    if last.used >= 100.0 {
        return Outlook::PastRatedLife(used);
    }
    let pace = || lifes_pace(segment, now);
    if segment.points.len() < 2 || span <= 0.0 {
        return too_little(Missing::SecondReading, pace());
    }
    if span < LEAST_SPAN_H && last.used - first.used < 1.0 {
        return too_little(Missing::Days, pace());
    }
    match estimate {
        Some(estimate) => date(segment, &estimate, &spare, now, reasons),
        None => Outlook::NoMeasurableWear,
    }
}

/// The date at which the first limit is reached.
fn date(segment: &Segment, estimate: &Estimate, spare: &Spare, now: WallTime, reasons: &mut Vec<Reason>) -> Outlook {
    let left = 100.0 - estimate.used;
    let worn = Fan::walk(&estimate.rate).passes(|path| left - estimate.fraction(path));
    let spent: Option<Vec<f64>> = spare.hours_left().map(|(middle, sd)| {
        (0..PATHS).map(|path| middle * (sd * normal_quantile(spread(path + PATHS))).exp()).collect()
    });
    let spare_first = spent.as_ref().is_some_and(|spent| quantiles(spent.clone())[1] < quantiles(worn.clone())[1]);
    let both = match spent {
        Some(spent) => worn.iter().zip(&spent).map(|(worn, spent)| worn.min(*spent)).collect(),
        None => worn,
    };
    let [early, likely, late] = quantiles(both).map(|powered| calendar(segment, powered, now));
    let when = Range::new(early, likely, late);
    if !when.is_within_horizon() {
        return Outlook::BeyondHorizon;
    }
    let near = when.likely.ahead_of(now).is_some_and(|ahead| ahead <= TRIED);
    if !near {
        reasons.push(Reason::FarAhead);
    }
    if let (true, Spare::Falling { spare, threshold, .. }) = (spare_first, spare) {
        let (spare, threshold) = (Percent::saturating(*spare), Percent::saturating(*threshold));
        reasons.insert(0, Reason::SpareFirst { spare, threshold });
    }
    let limit = if spare_first { Limit::Spare } else { Limit::RatedLife };
    Outlook::Reaches { limit, when, grade: if near { Grade::Measured } else { Grade::Rough } }
}

/// The moment that lies so many powered hours after the last reading, by the calendar.
fn calendar(segment: &Segment, powered: f64, now: WallTime) -> When {
    let (duty, _) = segment.duty();
    let ahead = powered / duty;
    let Some(last) = segment.points.last().filter(|_| ahead < 1e6) else { return When::Beyond };
    #[expect(clippy::cast_possible_truncation, reason = "below 10^6 hours after a wall time, which is bounded")]
    let moment = WallTime::from_millis(((last.wall_h + ahead) * 3_600_000.0) as i64);
    let span = moment.since(now);
    // A limit that by the forecast should have come already is expected now.
    When::after(now, span)
}

/// At the pace of the whole life so far.
fn lifes_pace(segment: &Segment, now: WallTime) -> Option<Range> {
    let last = segment.points.last().filter(|last| segment.own_clock && last.used >= 1.0 && last.h > 0.0)?;
    let middle = (100.0 - last.used) * last.h / (last.used + 0.5);
    let [early, likely, late] =
        [middle / ROUGH_HALF, middle, middle * ROUGH_HALF].map(|powered| calendar(segment, powered, now));
    Some(Range::new(early, likely, late))
}

/// What the readings say in themselves.
fn told(segment: &Segment, estimate: Option<&Estimate>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let (Some(first), Some(last)) = (segment.points.first(), segment.points.last()) else { return reasons };
    if let Some(estimate) = estimate {
        reasons.push(Reason::WearsPerYear(Percent::saturating(a_year(estimate.rate.now.exp()))));
        reasons.extend(estimate.writes_per_h.map(|bytes| Reason::WritesPerDay(Bytes::new(bytes * 24.0))));
        reasons.extend(estimate.bytes_per_percent.map(|bytes| Reason::BytesPerPercent(Bytes::new(bytes))));
        reasons.extend(estimate.changed.map(|(factor, hours)| Reason::WritesChanged { factor, ago: seconds(hours) }));
    }
    if last.wall_h > first.wall_h {
        reasons.push(Reason::Watched { span: seconds(last.wall_h - first.wall_h), steps: last.used - first.used });
    }
    let (duty, _) = segment.duty();
    if duty < 0.9 {
        reasons.push(Reason::Powered(Percent::saturating((duty * 100.0).round())));
    }
    let gap = segment.longest_gap_h();
    // Of two readings the whole history is the gap.
    if segment.points.len() > 2 && gap > 45.0 * 24.0 {
        reasons.push(Reason::Gap(seconds(gap)));
    }
    reasons
}

fn seconds(hours: f64) -> Seconds {
    Seconds::saturating(hours * 3_600.0)
}

impl Estimate {
    /// Where within the shown percent the wear of a path stands.
    fn fraction(&self, path: usize) -> f64 {
        self.within.0 + (self.within.1 - self.within.0) * spread(path)
    }
}

#[cfg(test)]
mod tests;
