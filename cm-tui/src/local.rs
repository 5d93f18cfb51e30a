//! Moments in local time, as screens write them. How far local time is ahead is handed in.

use chrono::{DateTime, FixedOffset, Offset, Utc};
use cm_core::clock::WallTime;

/// How many seconds local time is ahead of UTC at a moment.
pub(crate) type AheadS = fn(WallTime) -> i32;

/// A moment in local time, in a pattern of `chrono`.
pub(crate) fn format(at: WallTime, ahead_s: AheadS, pattern: &str) -> String {
    let utc = DateTime::from_timestamp_millis(at.millis()).unwrap_or_default();
    let zone = FixedOffset::east_opt(ahead_s(at)).unwrap_or_else(|| Utc.fix());
    utc.with_timezone(&zone).format(pattern).to_string()
}

/// `04:00 today`, `04:00 tomorrow`, `04:00 yesterday`, else `2026-11-20 04:00`.
pub(crate) fn day(at: WallTime, now: WallTime, ahead_s: AheadS) -> String {
    let number = |at: WallTime| (at.secs() + i64::from(ahead_s(at))).div_euclid(86_400);
    let time = format(at, ahead_s, "%H:%M");
    match number(at) - number(now) {
        0 => format!("{time} today"),
        1 => format!("{time} tomorrow"),
        -1 => format!("{time} yesterday"),
        _ => format(at, ahead_s, "%Y-%m-%d %H:%M"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_in_local_time() {
        let now = WallTime::from_secs(1_766_000_000); // 2025-12-17 19:33:20 UTC
        let hour = 3_600;
        for (ahead, offset, expected) in [
            ((|_| 0) as AheadS, 0, "19:33 today"),
            (|_| 0, 5 * hour, "00:33 tomorrow"),
            (|_| 7_200, 3 * hour, "00:33 tomorrow"),
            (|_| 0, -20 * hour, "23:33 yesterday"),
            (|_| 0, -240 * hour, "2025-12-07 19:33"),
        ] {
            assert_eq!(day(WallTime::from_secs(now.secs() + offset), now, ahead), expected);
        }
    }
}
