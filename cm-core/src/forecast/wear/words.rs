//! A forecast of wear in one sentence. No dates, only spans: how a date is written is the front end's own matter.

use std::fmt;

use super::{Cut, Forecast, Limit, Missing, Outlook};
use crate::clock::WallTime;
use crate::forecast::Grade;
use crate::forecast::words::span;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::UsedFell => "percent used fell",
            Self::HoursFell => "powered hours fell",
            Self::BytesJumped => "bytes written fell or jumped",
            Self::Swapped => "another drive was in its place",
        })
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::RatedLife => "the end of its rated life",
            Self::Spare => "the end of its spare",
        })
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::PercentUsed => "the drive does not tell how much of its rated life is used",
            Self::SecondReading => "a second reading is missing",
            Self::Days => "14 days under power, or one more percent, are missing",
        })
    }
}

/// What a forecast says, in one sentence without its reasons: spans from `now`, both ends of the interval.
pub fn sentence(forecast: &Forecast, now: WallTime) -> String {
    match &forecast.outlook {
        Outlook::Reaches { limit, when, grade } => {
            let rough = if *grade == Grade::Rough { ", roughly" } else { "" };
            let after = if *limit == Limit::RatedLife { "; that is no failure" } else { "" };
            format!("{limit} {}{rough}{after}", span(when, now))
        }
        Outlook::BeyondHorizon => "the end of its rated life later than in 20 years".to_owned(),
        Outlook::PastRatedLife(used) => format!("past its rated life ({used} used), which is no failure"),
        Outlook::PastScale(used) => {
            format!("past what its counter can show (it stands at {used}), which is no failure")
        }
        Outlook::SpareAtThreshold(spare) => format!("its spare ({spare}) is at its threshold: replace it soon"),
        Outlook::NoMeasurableWear => "no measurable wear".to_owned(),
        Outlook::TooLittle { missing, at_lifes_pace: None } => format!("no forecast yet: {missing}"),
        Outlook::TooLittle { missing, at_lifes_pace: Some(when) } => {
            format!("no forecast yet: {missing}; at the pace of its whole life {}, very roughly", span(when, now))
        }
    }
}
