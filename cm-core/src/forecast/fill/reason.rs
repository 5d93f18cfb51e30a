//! Why a fill-up is foretold as it is, in words, from the very numbers that it was made of.
//!
//! Spans and amounts, no dates: how a date is written is the front end's own matter.

use std::fmt;

use super::Change;
use super::event::{Event, Events};
use super::record::Record;
use crate::unit::{Seconds, Unit};

/// So many bytes or inodes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Amount {
    /// How many.
    pub value: f64,
    /// What is counted.
    pub unit: Unit,
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.unit.print(self.value))
    }
}

/// One reason.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    /// By how much it grows a day, and the 90 % interval.
    Grows {
        /// The mean.
        mean: Amount,
        /// The low end.
        low: Amount,
        /// The high end.
        high: Amount,
    },
    /// By how much it shrinks a day.
    Shrinks(Amount),
    /// Nothing has changed.
    Still,
    /// It goes up and down; the mean change does not stand out from that.
    UpAndDown {
        /// The largest rise from one week's first day to its last.
        rise: Amount,
        /// What is free now.
        free: Amount,
    },
    /// A rise that was seen once or twice: it is expected as rarely.
    RareRise {
        /// By how much.
        by: Amount,
        /// How long ago.
        ago: Seconds,
    },
    /// A clean-up that was seen once or twice: it is expected as rarely.
    RareFall {
        /// By how much.
        by: Amount,
        /// How long ago.
        ago: Seconds,
    },
    /// The limit is another one since so long ago.
    Resized {
        /// The limit before.
        from: Amount,
        /// The limit now.
        to: Amount,
        /// How long ago.
        ago: Seconds,
    },
    /// Another filesystem took the old one's place; what was before is left out.
    Replaced(Seconds),
    /// So long without a reading in between.
    Gap(Seconds),
    /// How many days are behind this.
    Watched(Seconds),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grows { mean, low, high } => write!(f, "grows {mean} a day ({low} to {high})"),
            Self::Shrinks(by) => write!(f, "shrinks {by} a day"),
            Self::Still => f.write_str("has not changed"),
            Self::UpAndDown { rise, free } => {
                write!(f, "goes up and down, by {rise} in a week at most; {free} are free")
            }
            Self::RareRise { by, ago } => write!(f, "grew {by} at once {ago} ago, expected as rarely again"),
            Self::RareFall { by, ago } => write!(f, "was cleaned of {by} {ago} ago, expected as rarely again"),
            Self::Resized { from, to, ago } => write!(f, "its limit went from {from} to {to} {ago} ago"),
            Self::Replaced(ago) => write!(f, "another one took its place {ago} ago; what was before is left out"),
            Self::Gap(span) => write!(f, "no reading for {span} in between"),
            Self::Watched(span) => write!(f, "watched for {span}"),
        }
    }
}

/// Days without a reading that are worth a word.
const GAP_DAYS: usize = 3;

pub(super) fn reasons(record: &Record, events: &Events, per_day: Change, unit: Unit) -> Vec<Reason> {
    let amount = |value: f64| Amount { value, unit };
    let mut reasons = vec![if per_day.low > 0.0 {
        Reason::Grows { mean: amount(per_day.mean), low: amount(per_day.low), high: amount(per_day.high) }
    } else if per_day.high < 0.0 {
        Reason::Shrinks(amount(-per_day.mean))
    } else if record.changes.iter().all(|change| *change == 0.0) {
        Reason::Still
    } else {
        Reason::UpAndDown { rise: amount(largest_rise(&record.changes)), free: amount(record.limit - record.used) }
    }];
    let largest = |events: &[Event]| events.iter().copied().max_by(|a, b| a.change.abs().total_cmp(&b.change.abs()));
    let rise = largest(&events.rises);
    let fall = largest(&events.falls);
    reasons.extend(rise.map(|event| Reason::RareRise { by: amount(event.change), ago: days(event.days_ago) }));
    reasons.extend(fall.map(|event| Reason::RareFall { by: amount(-event.change), ago: days(event.days_ago) }));
    reasons.extend(record.resized.map(|resize| Reason::Resized {
        from: amount(resize.from),
        to: amount(resize.to),
        ago: days(resize.days_ago),
    }));
    reasons.extend(record.replaced.map(|days_ago| Reason::Replaced(days(days_ago))));
    reasons.extend((record.gap >= GAP_DAYS).then(|| Reason::Gap(days(record.gap))));
    reasons.push(Reason::Watched(days(record.changes.len())));
    reasons
}

/// The largest rise within seven days on end.
fn largest_rise(changes: &[f64]) -> f64 {
    changes.windows(7).map(|week| week.iter().sum::<f64>()).fold(0.0, f64::max)
}

fn days(n: usize) -> Seconds {
    Seconds::saturating(n as f64 * 86_400.0)
}
