//! Which moment a person means: `2026-11-20 03:14`, `03:14`, `2026-11-20`, `7d`. Local time; it asks no clock.

use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use cm_core::clock::WallTime;

use crate::local::{self, AheadS};

/// What can be typed, in a few words.
pub(crate) const FORMS: &str =
    "a day and a time (2026-11-20 03:14), a time of today (03:14), or how long ago (45m, 6h, 7d, 2w)";

/// The moment that a text means as of `now`; `now` itself for `now`. None where it means none.
///
/// A time of today that is still to come is yesterday's.
pub(crate) fn read(text: &str, now: WallTime, ahead_s: AheadS) -> Option<WallTime> {
    let text = text.trim();
    if text == "now" {
        return Some(now);
    }
    if let Some(ago) = span(text) {
        return Some(now.before(ago));
    }
    let whole = text.replace('T', " ");
    let day_and_time = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&whole, form).ok());
    if let Some(at) = day_and_time {
        return Some(local(at, ahead_s));
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(local(day.and_time(NaiveTime::MIN), ahead_s));
    }
    let time = ["%H:%M:%S", "%H:%M"].into_iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())?;
    let today = NaiveDate::parse_from_str(&local::format(now, ahead_s, "%Y-%m-%d"), "%Y-%m-%d").ok()?;
    let at = local(today.and_time(time), ahead_s);
    Some(if at > now { local(today.pred_opt()?.and_time(time), ahead_s) } else { at })
}

/// A span of time with its unit, as in `90s`, `45m`, `6h`, `7d`, `2w`, `1y`.
fn span(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        'y' => 365 * 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(number.checked_mul(seconds)?))
}

/// A moment from its local writing. How far local time is ahead is a matter of the moment itself: asked twice, that is right
/// but within the hour that clocks leave out.
fn local(at: NaiveDateTime, ahead_s: AheadS) -> WallTime {
    let as_utc = at.and_utc().timestamp();
    let about = as_utc - i64::from(ahead_s(WallTime::from_secs(as_utc)));
    WallTime::from_secs(as_utc - i64::from(ahead_s(WallTime::from_secs(about))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_local_time() {
        // 2025-12-17 19:33:20 UTC, an hour earlier than on the wall.
        let now = WallTime::from_secs(1_766_000_000);
        for (text, expected) in [
            ("now", Some(1_766_000_000)),
            ("7d", Some(1_766_000_000 - 7 * 86_400)),
            ("90s", Some(1_766_000_000 - 90)),
            ("2025-12-17 20:33:20", Some(1_766_000_000)),
            ("2025-12-17T20:33", Some(1_766_000_000 - 20)),
            ("2025-12-17", Some(1_766_000_000 - 20 * 3_600 - 33 * 60 - 20)),
            ("20:33", Some(1_766_000_000 - 20)),
            ("20:34", Some(1_766_000_000 - 86_400 + 40)),
            ("03:14:05", Some(1_766_000_000 - 17 * 3_600 - 19 * 60 - 15)),
            ("99999999999999999999d", None),
            ("7", None),
            ("d", None),
            ("25:00", None),
            ("2025-13-01", None),
            ("yesterday", None),
            ("", None),
            ("7é", None),
        ] {
            assert_eq!(read(text, now, |_| 3_600).map(WallTime::secs), expected, "{text}");
        }
    }

    #[test]
    fn the_hour_belongs_to_the_moment_and_not_to_now() {
        // Clocks went back at the second 1,000,000.
        let ahead: AheadS = |at| if at.secs() < 1_000_000 { 7_200 } else { 3_600 };
        let before = read("1970-01-12 10:00", WallTime::from_secs(2_000_000), ahead).unwrap();
        let after = read("1970-01-13 10:00", WallTime::from_secs(2_000_000), ahead).unwrap();
        assert_eq!(after.since(before), Duration::from_hours(25));
    }
}
