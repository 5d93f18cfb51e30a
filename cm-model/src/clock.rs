//! Time, and the only place that may ask for it.
//!
//! Three clocks, because they answer three questions: [`WallTime`] says *when* for people and files and may jump;
//! [`BootTime`] says *how long ago*, counts through suspend and never jumps; [`MonoTime`] says *how long it took* and
//! stands still during suspend. Everything else receives its time as an argument.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment as people and files know it: milliseconds since 1970-01-01T00:00:00Z, which may be wrong and may jump.
///
/// On the wire it is a number of seconds; whole seconds are written as integers, as older clients expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct WallTime(i64);

impl WallTime {
    /// The latest moment that is accepted from a host: 9999-12-31T23:59:59Z.
    pub const LATEST: Self = Self(253_402_300_799_000);

    /// A moment from whole seconds since the epoch, clamped to 1970 … 9999.
    pub fn from_secs(secs: i64) -> Self {
        Self::from_millis(secs.saturating_mul(1000))
    }

    /// A moment from milliseconds since the epoch, clamped to 1970 … 9999.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(0, Self::LATEST.0))
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// How long `earlier` lies before this moment; zero if it lies after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }

    /// This moment moved on by `span`.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This moment moved back by `span`, never before the epoch.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self::from_millis(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Serialize for WallTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1000 == 0 {
            serializer.serialize_i64(self.0 / 1000)
        } else {
            serializer.serialize_f64(self.0 as f64 / 1000.0)
        }
    }
}

impl<'de> Deserialize<'de> for WallTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seconds;
        impl Visitor<'_> for Seconds {
            type Value = WallTime;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since 1970, UTC")
            }
            fn visit_i64<E: de::Error>(self, secs: i64) -> Result<WallTime, E> {
                Ok(WallTime::from_secs(secs))
            }
            fn visit_u64<E: de::Error>(self, secs: u64) -> Result<WallTime, E> {
                Ok(WallTime::from_secs(i64::try_from(secs).unwrap_or(i64::MAX)))
            }
            #[expect(clippy::cast_possible_truncation, reason = "float to integer saturates, and the range is clamped")]
            fn visit_f64<E: de::Error>(self, secs: f64) -> Result<WallTime, E> {
                Ok(WallTime::from_millis((secs * 1000.0).round() as i64))
            }
        }
        deserializer.deserialize_any(Seconds)
    }
}

macro_rules! steady_time {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(Duration);

        impl $name {
            /// A moment at this distance from the clock's own start.
            pub const fn from_start(span: Duration) -> Self {
                Self(span)
            }

            /// How long `earlier` lies before this moment; zero if it lies after it.
            pub fn since(self, earlier: Self) -> Duration {
                self.0.saturating_sub(earlier.0)
            }

            /// This moment moved on by `span`.
            #[must_use]
            pub fn after(self, span: Duration) -> Self {
                Self(self.0.saturating_add(span))
            }
        }
    };
}

steady_time! {
    /// Time since the machine started, suspend included (`CLOCK_BOOTTIME`): the age of data is told by it.
    BootTime
}
steady_time! {
    /// Time since some fixed moment, suspend left out (`CLOCK_MONOTONIC`): rates and time limits are told by it.
    MonoTime
}

/// One reading of all three clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// When, for people.
    pub wall: WallTime,
    /// How long ago, through suspend.
    pub boot: BootTime,
    /// How long it took.
    pub mono: MonoTime,
}

impl Now {
    /// The same reading `span` later on all three clocks.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self { wall: self.wall.after(span), boot: self.boot.after(span), mono: self.mono.after(span) }
    }
}

/// Something that can be asked for the time.
pub trait Clock: fmt::Debug {
    /// All three clocks, read together.
    fn now(&self) -> Now;
}

/// The machine's own clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Now {
        use rustix::time::{ClockId, clock_gettime};
        let read = |id| {
            let at = clock_gettime(id);
            Duration::new(u64::try_from(at.tv_sec).unwrap_or(0), u32::try_from(at.tv_nsec).unwrap_or(0))
        };
        let wall = i64::try_from(read(ClockId::Realtime).as_millis()).unwrap_or(0);
        Now {
            wall: WallTime::from_millis(wall),
            boot: BootTime(read(ClockId::Boottime)),
            mono: MonoTime(read(ClockId::Monotonic)),
        }
    }
}

/// A clock that moves only when told: for tests, replays and simulations.
#[derive(Debug, Default)]
pub struct ManualClock(Cell<Now>);

impl ManualClock {
    /// A clock that stands at `now`.
    pub const fn at(now: Now) -> Self {
        Self(Cell::new(now))
    }

    /// Moves all three clocks on by `span`.
    pub fn advance(&self, span: Duration) {
        self.0.set(self.0.get().after(span));
    }

    /// Steps the wall clock alone, as an administrator or NTP does.
    pub fn step_wall(&self, to: WallTime) {
        self.0.set(Now { wall: to, ..self.0.get() });
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Now {
        self.0.get()
    }
}
