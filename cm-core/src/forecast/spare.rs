//! The spare: whether its threshold means anything, and when it is reached if it falls.
//!
//! Most drives never touch it (3.7 % of 14,260 had less than 100), so one fall foretells nothing; from the second on, its
//! pace does. It knows nothing of percent used.

use super::Reason;
use super::segment::Segment;
use crate::unit::Percent;

/// What the spare says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Spare {
    /// The drive does not tell it, or no threshold.
    Untold,
    /// A threshold that cannot be one: 0, or no lower than the spare was at first. In percent.
    Meaningless(f64),
    /// It has fallen less than twice. In percent.
    Unmoved(f64),
    /// It falls.
    Falling {
        /// Left, in percent.
        spare: f64,
        /// In percent.
        threshold: f64,
        /// Percents lost for each hour of the drive's clock since the first reading.
        per_h: f64,
        /// How often it was seen to fall.
        falls: usize,
    },
    /// It has reached its threshold.
    AtThreshold {
        /// Left, in percent.
        spare: f64,
    },
}

/// Judges the spare of a segment against the threshold that the newest reading tells.
pub(super) fn judge(segment: &Segment, threshold: Option<Percent>) -> Spare {
    let told: Vec<(f64, f64)> =
        segment.points.iter().filter_map(|point| point.spare.map(|spare| (point.h, spare))).collect();
    let (Some((since, first)), Some((until, spare)), Some(threshold)) =
        (told.first().copied(), told.last().copied(), threshold.map(Percent::get))
    else {
        return Spare::Untold;
    };
    if threshold <= 0.0 || threshold >= 100.0 || (threshold >= first && spare >= first) {
        return Spare::Meaningless(threshold);
    }
    if spare <= threshold {
        return Spare::AtThreshold { spare };
    }
    let falls = told.windows(2).filter(|pair| pair[1].1 < pair[0].1).count();
    if falls < 2 || first <= spare || until <= since {
        return Spare::Unmoved(spare);
    }
    Spare::Falling { spare, threshold, per_h: (first - spare) / (until - since), falls }
}

impl Spare {
    /// Hours until it reaches its threshold in the middle, and the standard deviation of their logarithm: that of a rate of
    /// wear, and that of counting so few falls.
    pub(super) fn hours_left(&self) -> Option<(f64, f64)> {
        match self {
            Self::Falling { spare, threshold, per_h, falls } => {
                Some(((spare - threshold) / per_h, (0.09 + 1.0 / *falls as f64).sqrt()))
            }
            _ => None,
        }
    }

    /// What is told of it among the reasons.
    pub(super) fn reason(&self) -> Option<Reason> {
        match self {
            Self::Meaningless(threshold) => Some(Reason::SpareThresholdMeaningless(Percent::saturating(*threshold))),
            Self::Unmoved(spare) => Some(Reason::SpareUnmoved(Percent::saturating(*spare))),
            Self::Untold | Self::Falling { .. } | Self::AtThreshold { .. } => None,
        }
    }
}
