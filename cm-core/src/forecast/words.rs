//! How far ahead something lies, in words that every forecast shares. Spans from now, no dates: how a date is written is
//! the front end's own matter.

use std::time::Duration;

use super::{Range, When};
use crate::clock::WallTime;
use crate::unit::human;

/// `in 8 months (9 of 10: 5 months to 14 months)`.
pub(super) fn span(when: &Range, now: WallTime) -> String {
    format!("in {} (9 of 10: {} to {})", ahead(when.likely, now), ahead(when.early, now), ahead(when.late, now))
}

fn ahead(when: When, now: WallTime) -> String {
    const DAY_S: f64 = 86_400.0;
    match when.ahead_of(now) {
        None => "more than 20 years".to_owned(),
        Some(span) if span < Duration::from_hours(24) => "less than a day".to_owned(),
        Some(span) if span < Duration::from_hours(120 * 24) => format!("{:.0} days", span.as_secs_f64() / DAY_S),
        Some(span) if span < Duration::from_hours(3 * 8_766) => {
            format!("{:.0} months", span.as_secs_f64() / DAY_S / 30.4375)
        }
        Some(span) => format!("{} years", human::short(span.as_secs_f64() / DAY_S / 365.25)),
    }
}
