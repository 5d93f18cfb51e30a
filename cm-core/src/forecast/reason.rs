//! Why a forecast says what it says: every reason once, with its numbers, and its words in one place.
//!
//! Spans and amounts, no dates: how a date is written is the front end's own matter.

use std::fmt;

use crate::unit::{Bytes, Percent, Seconds, human};

/// One reason, from the very numbers that the forecast was made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    /// How fast it wears now, in percent of the rated life a year.
    WearsPerYear(Percent),
    /// How much is written a day (of 24 powered hours).
    WritesPerDay(Bytes),
    /// How much is written for one percent of the rated life.
    BytesPerPercent(Bytes),
    /// The amount written a day is another since so long ago: the factor it changed by.
    WritesChanged {
        /// New rate over old.
        factor: f64,
        /// How long ago it changed.
        ago: Seconds,
    },
    /// Over how long, and over how many whole percents, the counter was watched.
    Watched {
        /// From the first reading of this history to the last.
        span: Seconds,
        /// How many percents it moved in that time.
        steps: f64,
    },
    /// The drive has power only part of the time.
    Powered(Percent),
    /// An older history was left out: a counter fell, or another drive came.
    HistoryCut(super::wear::Cut),
    /// So long without a reading.
    Gap(Seconds),
    /// The spare comes to its threshold before the rated life ends.
    SpareFirst {
        /// Spare left now.
        spare: Percent,
        /// The drive's own threshold.
        threshold: Percent,
    },
    /// The spare stands where it stood at first.
    SpareUnmoved(Percent),
    /// The drive tells a threshold of spare that can mean nothing.
    SpareThresholdMeaningless(Percent),
    /// Further ahead than any history that this was tried on reaches.
    FarAhead,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WearsPerYear(rate) => write!(f, "wears {rate} of its rated life a year"),
            Self::WritesPerDay(bytes) => write!(f, "writes {} a day", human::decimal(bytes.get())),
            Self::BytesPerPercent(bytes) => write!(f, "1 % per {} written", human::decimal(bytes.get())),
            Self::WritesChanged { factor, ago } if *factor >= 1.0 => {
                write!(f, "writes grew to {} times what they were {ago} ago", human::short(*factor))
            }
            Self::WritesChanged { factor, ago } => {
                write!(f, "writes fell to {} of what they were {ago} ago", Percent::saturating(factor * 100.0))
            }
            Self::Watched { span, steps } if *steps < 1.0 => {
                write!(f, "the counter has not moved in {span}")
            }
            Self::Watched { span, steps } => write!(f, "the counter moved {} % in {span}", human::short(*steps)),
            Self::Powered(share) => write!(f, "has power {share} of the time"),
            Self::HistoryCut(cut) => write!(f, "older readings left out: {cut}"),
            Self::Gap(span) => write!(f, "no reading for {span} in between"),
            Self::SpareFirst { spare, threshold } => {
                write!(f, "its spare, now {spare}, comes to its threshold of {threshold} first")
            }
            Self::SpareUnmoved(spare) => write!(f, "its spare has not moved from {spare}"),
            Self::SpareThresholdMeaningless(threshold) => {
                write!(f, "its spare is not judged: a threshold of {threshold} means nothing")
            }
            Self::FarAhead => f.write_str("further ahead than the histories that this was tried on reach"),
        }
    }
}
