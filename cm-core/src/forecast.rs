//! What will be: when a drive reaches the end of its rated life, when a filesystem is full, what is usual at this hour.
//!
//! Pure functions over readings: the moment is an argument, chance has a fixed seed, so the same readings give the same
//! forecast everywhere. What is deliberately not known here: where readings are kept, and how a forecast is drawn.
//!
//! | room | what it foresees |
//! |---|---|
//! | [`wear`] | when a drive reaches 100 % of its rated life or its spare runs out |
//! | [`fill`] | when a filesystem, its inodes or a quota is full, or that it does not fill |
//! | [`usual`] | which values are usual for a metric at an hour, and the band that holds nine in ten |
//!
//! Beneath them: [`trend`], a slope that outliers do not bend, with its uncertainty.

use std::fmt;
use std::time::Duration;

use crate::clock::WallTime;

mod dice;
pub mod fill;
mod path;
mod rate;
mod reason;
mod segment;
mod spare;
pub mod trend;
pub mod usual;
pub mod wear;
mod words;

pub use reason::Reason;

/// Nothing is foretold beyond this: 20 years of 365.25 days.
pub const HORIZON: Duration = Duration::from_hours(20 * 8_766);

/// When something is expected. Dates come before what lies beyond the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// At this moment.
    At(WallTime),
    /// Later than 20 years from now ([`HORIZON`]), or never.
    Beyond,
}

impl When {
    /// How far ahead of `now` it lies: zero when it is past, `None` beyond the horizon.
    pub fn ahead_of(self, now: WallTime) -> Option<Duration> {
        match self {
            Self::At(moment) => Some(moment.since(now)),
            Self::Beyond => None,
        }
    }

    /// The moment `span` after `now`, or beyond when it passes the horizon.
    pub fn after(now: WallTime, span: Duration) -> Self {
        if span > HORIZON { Self::Beyond } else { Self::At(now.after(span)) }
    }
}

/// A 90 % interval of time: one time in twenty it comes before `early`, one in twenty after `late`.
///
/// The ends are in order: `early` ≤ `likely` ≤ `late`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Range {
    /// The 5 % quantile.
    pub early: When,
    /// The median.
    pub likely: When,
    /// The 95 % quantile.
    pub late: When,
}

impl Range {
    /// An interval from its three quantiles, put in order.
    pub fn new(early: When, likely: When, late: When) -> Self {
        let mut ends = [early, likely, late];
        ends.sort();
        Self { early: ends[0], likely: ends[1], late: ends[2] }
    }

    /// Whether any of it lies within the horizon.
    pub fn is_within_horizon(&self) -> bool {
        self.early != When::Beyond
    }
}

/// How sure a date is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grade {
    /// From a history of this very thing.
    Measured,
    /// From the counters' own totals, or further ahead than histories reach: say so beside the date.
    Rough,
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Measured => "measured",
            Self::Rough => "rough",
        })
    }
}
