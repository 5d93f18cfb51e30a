//! Time that passes through restarts: what `for`, silences and back-off are counted by.
//!
//! The wall clock may stand at 1970 after a start of the machine, and people and NTP set it; the clock that counts from
//! the machine's start begins anew with each. [`Passage`] joins the two into one count that only grows. It does not ask
//! for the time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{BootTime, Now, WallTime};

/// Before this moment (2020-01-01, in milliseconds) the wall clock has not been set.
const EARLIEST_MS: i64 = 1_577_836_800_000;

/// Time that passed since the first start of a history, in milliseconds: it never goes back, and a machine that was off
/// has aged by as long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Steady(u64);

impl Steady {
    /// A moment so many milliseconds after the first.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the first moment.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// How long `earlier` lies before this moment; zero if it lies after it.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// This moment moved on by `span`.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }
}

/// One moment: when, for people and calendars; and by the time that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Moment {
    /// When, as the clock on the wall had it. It may have been wrong.
    pub wall: WallTime,
    /// By the time that passed.
    pub steady: Steady,
}

impl Moment {
    /// How long `earlier` lies before this moment, by the time that passed.
    pub const fn since(self, earlier: Self) -> Duration {
        self.steady.since(earlier.steady)
    }

    /// When it was, for people: a wall clock that had not been set by then is reckoned back from now, if it is set now.
    pub fn date(self, now: Self) -> WallTime {
        match (self.calendar(), now.calendar()) {
            (None, Some(wall)) => wall.before(now.since(self)),
            _ => self.wall,
        }
    }

    /// The wall clock's moment, if it had been set.
    pub fn calendar(self) -> Option<WallTime> {
        (self.wall.millis() >= EARLIEST_MS).then_some(self.wall)
    }
}

/// Counts the time that passes. It is stored with the incidents, and goes on where it was.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Passage {
    last: Moment,
    /// Milliseconds since the machine's start.
    boot: u64,
    /// Which start; empty before the first look.
    start: String,
    /// The machine was off, and nobody knows for how long: the last moment at which the wall clock was known to be right.
    owed: Option<Moment>,
}

impl Passage {
    /// The moment that `now` is, on the machine's start with this id (`/proc/sys/kernel/random/boot_id`).
    ///
    /// Within one start the boot clock counts, whatever the wall clock does. Over a start the wall clock tells how long
    /// it took; while it has not been set, only the time since the start counts, and the rest is added once it is.
    pub fn look(&mut self, now: Now, start: &str) -> Moment {
        let boot = millis(now.boot.since(BootTime::default()));
        let is_first = self.start.is_empty();
        let mut steady = self.last.steady;
        if !is_first && self.start == start && boot >= self.boot {
            steady = steady.after(Duration::from_millis(boot - self.boot));
        } else if !is_first {
            self.owed = self.owed.or(self.last.calendar().map(|_| self.last));
            steady = steady.after(Duration::from_millis(boot));
        }
        if now.wall.millis() >= EARLIEST_MS
            && let Some(known) = self.owed.take()
        {
            steady = steady.max(known.steady.after(now.wall.since(known.wall)));
        }
        self.last = Moment { wall: now.wall, steady };
        self.boot = boot;
        start.clone_into(&mut self.start);
        self.last
    }

    /// Goes on from this moment at the earliest.
    pub(super) fn no_earlier(&mut self, steady: Steady) {
        self.last.steady = self.last.steady.max(steady);
    }

    /// The last moment that was looked at.
    pub const fn last(&self) -> Moment {
        self.last
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::MonoTime;

    const YEAR_2026: i64 = 1_767_225_600;

    fn now(wall_s: i64, boot_s: u64) -> Now {
        let boot = BootTime::from_start(Duration::from_secs(boot_s));
        Now { wall: WallTime::from_secs(wall_s), boot, mono: MonoTime::default() }
    }

    #[test]
    fn a_moment_without_a_date_gets_one_once_the_clock_is_set() {
        let at = |wall_s, steady_s: u64| Moment { wall: WallTime::from_secs(wall_s), steady: Steady(steady_s * 1000) };
        for (then, now, date) in [
            (at(25, 100), at(YEAR_2026, 160), YEAR_2026 - 60),
            (at(25, 100), at(85, 160), 25),
            (at(YEAR_2026, 100), at(YEAR_2026 + 9_999, 160), YEAR_2026),
            (at(YEAR_2026, 100), at(85, 160), YEAR_2026),
        ] {
            assert_eq!(then.date(now).secs(), date, "{then:?} {now:?}");
        }
    }

    #[test]
    fn time_passes_by_the_boot_clock_within_a_start_and_by_the_wall_clock_over_one() {
        let mut passage = Passage::default();
        for (what, start, wall, boot, steady) in [
            ("the first look begins the count", "a", YEAR_2026, 100, 0),
            ("ten seconds", "a", YEAR_2026 + 10, 110, 10),
            ("the wall clock an hour back", "a", YEAR_2026 - 3_590, 120, 20),
            ("the wall clock a year ahead", "a", YEAR_2026 + 31_536_000, 130, 30),
            ("and right again", "a", YEAR_2026 + 40, 140, 40),
            ("another start after a day", "b", YEAR_2026 + 40 + 86_400, 30, 86_440),
            ("a start of which the wall clock goes back", "c", YEAR_2026, 30, 86_470),
            ("a start with the clock at 1970", "d", 25, 25, 86_495),
            ("which goes on", "d", 35, 35, 86_505),
            ("and another that does not know either", "e", 20, 20, 86_525),
            ("until it is set: two days after it was known", "e", YEAR_2026 + 2 * 86_400, 60, 86_470 + 2 * 86_400),
            ("from then on as ever", "e", YEAR_2026 + 2 * 86_400 + 5, 65, 86_475 + 2 * 86_400),
            (
                "the same start whose count begins anew is another",
                "e",
                YEAR_2026 + 2 * 86_400 + 25,
                5,
                86_495 + 2 * 86_400,
            ),
        ] {
            let at = passage.look(now(wall, boot), start);
            assert_eq!((at.steady.millis() / 1000, at.wall.secs()), (steady, wall), "{what}");
            let json = serde_json::to_string(&passage).unwrap();
            passage = serde_json::from_str(&json).unwrap();
        }
    }
}
