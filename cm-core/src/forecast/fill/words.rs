//! A forecast of filling up in one sentence. No dates, only spans.

use super::Fill;
use crate::clock::WallTime;
use crate::forecast::Grade;
use crate::forecast::words::span;

/// What a forecast says, in one sentence without its reasons: spans from `now`, both ends of the interval.
pub fn sentence(fill: &Fill, now: WallTime) -> String {
    match fill {
        Fill::Full => "full".to_owned(),
        Fill::Filling { when, grade, .. } => {
            let rough = if *grade == Grade::Rough { ", roughly" } else { "" };
            format!("full {}{rough}", span(when, now))
        }
        Fill::NotFilling { .. } => "not filling".to_owned(),
        Fill::TooLittle(missing) => format!("no forecast yet: {missing}"),
    }
}
