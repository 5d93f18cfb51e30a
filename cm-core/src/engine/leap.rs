//! Leaps of the wall clock, told by the clock that nobody can set. Slow corrections are none.

use crate::clock::Now;

/// From how much on a difference is a leap, in milliseconds: NTP steps from 128 ms on, and slews below.
const LEAST_MS: i64 = 500;

/// The clocks when they were looked at last.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Leaps {
    last: Option<Now>,
    /// How many there were.
    pub(super) count: u64,
}

impl Leaps {
    /// Looks at the clocks; answers by how many milliseconds the wall clock leapt since the last time, if it did.
    pub(super) fn look(&mut self, now: Now) -> Option<i64> {
        let last = self.last.replace(now)?;
        let passed = i64::try_from(now.boot.since(last.boot).as_millis()).unwrap_or(i64::MAX);
        let by = now.wall.millis() - last.wall.millis() - passed;
        if by.abs() < LEAST_MS {
            return None;
        }
        self.count += 1;
        Some(by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{BootTime, MonoTime, WallTime};
    use std::time::Duration;

    #[test]
    fn leaps_are_told_from_the_passing_of_time_and_from_suspend() {
        let at = |wall: i64, boot: u64| Now {
            wall: WallTime::from_millis(wall),
            boot: BootTime::from_start(Duration::from_millis(boot)),
            mono: MonoTime::default(),
        };
        let mut leaps = Leaps::default();
        for (now, leapt) in [
            (at(1_000_000, 0), None),
            (at(1_005_000, 5_000), None),
            // Eight hours of suspend: both clocks have counted them.
            (at(29_805_000, 28_805_000), None),
            (at(29_810_300, 28_810_000), None),
            (at(26_215_000, 28_815_000), Some(-3_600_300)),
            (at(3_026_220_000, 28_820_000), Some(3_000_000_000)),
        ] {
            assert_eq!(leaps.look(now), leapt, "{now:?}");
        }
        assert_eq!(leaps.count, 2);
    }
}
