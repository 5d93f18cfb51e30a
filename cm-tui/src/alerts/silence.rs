//! Silences: a trouble of a host that is not to be told for a time, and the times that are offered.

use std::time::Duration;

use cm_core::clock::{BootTime, Now, WallTime};
use cm_core::health::Subject;
use cm_core::host::HostId;

use super::Alert;
use crate::local::AheadS;

/// At this hour of the morning a silence until tomorrow ends.
const MORNING: i64 = 8;

/// A time for a silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// One hour.
    Hour,
    /// Four hours.
    FourHours,
    /// Until tomorrow morning.
    Tomorrow,
    /// Seven days.
    Week,
}

impl Span {
    /// All of them, the shortest first, in the order of their keys from 1 on.
    pub(crate) const ALL: [Self; 4] = [Self::Hour, Self::FourHours, Self::Tomorrow, Self::Week];

    /// In a word or two.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Hour => "1 h",
            Self::FourHours => "4 h",
            Self::Tomorrow => "morning",
            Self::Week => "a week",
        }
    }

    /// When it ends, if it begins now.
    pub(crate) fn until(self, now: WallTime, ahead_s: AheadS) -> WallTime {
        const DAY: i64 = 86_400;
        let hours = |hours| now.after(Duration::from_hours(hours));
        match self {
            Self::Hour => hours(1),
            Self::FourHours => hours(4),
            Self::Week => hours(7 * 24),
            Self::Tomorrow => {
                let day = (now.secs() + i64::from(ahead_s(now))).div_euclid(DAY) + 1;
                let local = day * DAY + MORNING * 3_600;
                // Local time may be another tomorrow: clocks are put forward and back at night.
                let rough = WallTime::from_secs(local - i64::from(ahead_s(now)));
                WallTime::from_secs(local - i64::from(ahead_s(rough)))
            }
        }
    }
}

/// A trouble that is not to be told for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Silence {
    /// On which host.
    pub(super) host: HostId,
    code: &'static str,
    subject: Subject,
    /// Until when, as it is shown.
    pub(crate) until: WallTime,
    /// Until when, by the clock that nobody puts forward.
    over: BootTime,
}

impl Silence {
    pub(super) fn of(alert: &Alert, until: WallTime, now: Now) -> Self {
        Self {
            host: alert.host.clone(),
            code: alert.reason.code,
            subject: alert.reason.subject.clone(),
            until,
            over: now.boot.after(until.since(now.wall)),
        }
    }

    /// Whether it is still silent.
    pub(crate) fn holds(&self, now: Now) -> bool {
        now.boot < self.over
    }

    /// How much of it is left.
    pub(crate) fn left(&self, now: Now) -> Duration {
        self.over.since(now.boot)
    }

    pub(super) fn covers(&self, alert: &Alert) -> bool {
        self.host == alert.host && self.code == alert.reason.code && self.subject == alert.reason.subject
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.host == other.host && self.code == other.code && self.subject == other.subject
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local;

    #[test]
    fn a_silence_ends_after_its_time_or_in_the_morning() {
        let now = WallTime::from_secs(1_766_000_000); // 2025-12-17 19:33:20 UTC
        for (span, ahead, expected) in [
            (Span::Hour, (|_| 0) as AheadS, "2025-12-17 20:33"),
            (Span::FourHours, |_| 0, "2025-12-17 23:33"),
            (Span::Tomorrow, |_| 0, "2025-12-18 08:00"),
            (Span::Tomorrow, |_| 5 * 3_600, "2025-12-19 08:00"),
            (Span::Tomorrow, |at| if at.secs() > 1_766_010_000 { 7_200 } else { 3_600 }, "2025-12-18 08:00"),
            (Span::Week, |_| 0, "2025-12-24 19:33"),
        ] {
            assert_eq!(local::format(span.until(now, ahead), ahead, "%Y-%m-%d %H:%M"), expected, "{span:?}");
        }
    }
}
