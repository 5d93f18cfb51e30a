//! Fill-up: when a filesystem, its inodes or a quota is full, where what is used may fall as well as rise.
//!
//! A line through a sawtooth says little. So the days that were are played again: whole weeks of daily changes, drawn at
//! random, recent ones more often, on from what is used now until the limit is met, two thousand times. What a person
//! did once is set apart from what repeats. It does not know what lies on the filesystem, nor how the limit came about.

mod event;
mod path;
mod reason;
mod record;
mod words;

use event::Events;
use path::Weeks;
pub use reason::{Amount, Reason};
use record::Record;
pub use words::sentence;

use super::{Grade, Range, When};
use crate::clock::WallTime;
use crate::unit::{Seconds, Unit};

/// Days that are looked back upon.
const DAYS: usize = 90;
/// Known days below which nothing is said.
const LEAST_DAYS: usize = 14;
/// Known days below which "not filling" is not said of what moves: two or three weeks hide a slow growth.
const DAYS_TO_DENY: usize = 28;
/// A reading older than this tells nothing of today.
const STALE_DAYS: i64 = 7;
/// Dates further ahead than this are rough: the workload will be another by then.
const ROUGH_DAYS: f64 = 365.0;
const DAY_S: i64 = 86_400;

/// What was used at one moment, and how much could be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// When it was read.
    pub at: WallTime,
    /// What is used: bytes, or a number of inodes.
    pub used: f64,
    /// What may be used at most, in the same unit: the size less what is reserved, the quota, the number of inodes.
    pub limit: f64,
}

/// The mean change a day and its 90 % interval, in bytes or inodes; less than zero where it shrinks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The 5 % quantile.
    pub low: f64,
    /// The mean of what was seen, recent weeks weighing more.
    pub mean: f64,
    /// The 95 % quantile.
    pub high: f64,
}

/// What can be said of a filesystem, its inodes or a quota.
#[derive(Debug, Clone, PartialEq)]
pub enum Fill {
    /// It is full already.
    Full,
    /// It fills: when it will be full, how fast it goes, and why this is said.
    Filling {
        /// When the limit is met.
        when: Range,
        /// How sure that is.
        grade: Grade,
        /// The mean change a day, rare clean-ups and imports left out.
        per_day: Change,
        /// Why, in order of weight.
        reasons: Vec<Reason>,
    },
    /// It does not fill: the 90 % interval of the mean change contains zero or lies below it.
    NotFilling {
        /// The mean change a day, rare clean-ups and imports left out.
        per_day: Change,
        /// Why, in order of weight.
        reasons: Vec<Reason>,
    },
    /// Too little is known.
    TooLittle(TooLittle),
}

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum TooLittle {
    /// No reading has a limit above zero and a number for what is used.
    #[error("there is no reading")]
    NoReading,
    /// The last reading is too old.
    #[error("the last reading is {ago} old: a reading of the last {STALE_DAYS} days is needed")]
    Stale {
        /// How old it is.
        ago: Seconds,
    },
    /// Too few days are known.
    #[error("{days} days are known, {least} are needed")]
    Days {
        /// Days between the readings that count, of the last 90.
        days: usize,
        /// Days that are needed.
        least: usize,
    },
    /// Growth does not tell itself from ups and downs yet.
    #[error("in {days} days growth does not stand out from the ups and downs: {least} days may tell")]
    Unclear {
        /// Days that are known.
        days: usize,
        /// Days from which on "not filling" is said.
        least: usize,
    },
}

/// Foretells when the limit is met, from the readings of the 90 days before `now`, daily or finer, in any order.
///
/// The limit is that of the last reading. `unit` is [`Unit::Bytes`] or [`Unit::Count`] and only matters to the reasons.
/// The same readings give the same answer; costs some 4 ms where the limit is near, 20 where it is years
/// ahead, 80 where rare events lie in the record as well.
pub fn forecast(readings: &[Reading], unit: Unit, now: WallTime) -> Fill {
    let record = match Record::read(readings, now) {
        Ok(record) => record,
        Err(missing) => return Fill::TooLittle(missing),
    };
    if record.used >= record.limit {
        return Fill::Full;
    }
    if record.changes.len() < LEAST_DAYS {
        return Fill::TooLittle(TooLittle::Days { days: record.changes.len(), least: LEAST_DAYS });
    }
    let events = Events::part(&record.changes);
    let weeks = Weeks::new(&events);
    let per_day = weeks.mean_change();
    let reasons = reason::reasons(&record, &events, per_day, unit);
    let days = record.changes.len();
    if per_day.low <= 0.0 {
        let still = events.repeated.iter().all(|change| *change == 0.0);
        return if days < DAYS_TO_DENY && per_day.high > 0.0 && !still {
            Fill::TooLittle(TooLittle::Unclear { days, least: DAYS_TO_DENY })
        } else {
            Fill::NotFilling { per_day, reasons }
        };
    }
    let since_reading = now.since(record.at).as_secs_f64() / DAY_S as f64;
    let [early, likely, late] = weeks.days_to(record.limit - record.used).map(|days| when(now, days, since_reading));
    let rough =
        days < DAYS_TO_DENY || !matches!(likely, When::At(moment) if now.after(days_long(ROUGH_DAYS)) >= moment);
    let grade = if rough { Grade::Rough } else { Grade::Measured };
    Fill::Filling { when: Range::new(early, likely, late), grade, per_day, reasons }
}

/// So many days after the last reading, of which some have passed.
fn when(now: WallTime, days: f64, since_reading: f64) -> When {
    if days.is_finite() { When::after(now, days_long((days - since_reading).max(0.0))) } else { When::Beyond }
}

fn days_long(days: f64) -> std::time::Duration {
    std::time::Duration::from_secs_f64(days * DAY_S as f64)
}

#[cfg(test)]
mod tests;
