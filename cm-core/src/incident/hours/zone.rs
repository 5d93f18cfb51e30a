//! Time zones by name, as the system knows them. Their library's types do not leave this room.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::clock::WallTime;

/// A time zone.
#[derive(Clone, PartialEq)]
pub struct Zone(TimeZone);

/// A zone that the system does not know.
#[derive(Debug, thiserror::Error)]
#[error(
    "the time zone {name:?} is not known here ({source}); zones are read from /usr/share/zoneinfo, which the package tzdata brings"
)]
pub struct UnknownZone {
    /// Which.
    pub name: String,
    /// Why.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl Zone {
    /// Universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// A zone by its name: `Europe/Berlin`.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        let unknown = |source| UnknownZone { name: name.chars().take(80).collect(), source: Box::new(source) };
        TimeZone::get(name).map(Self).map_err(unknown)
    }

    /// The machine's own zone; universal time where it names none.
    pub fn system() -> Self {
        Self(TimeZone::try_system().unwrap_or(TimeZone::UTC))
    }

    /// Its name; of one that has none, its offsets.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("local time")
    }

    /// The local day of a moment.
    pub(super) fn day(&self, at: WallTime) -> Date {
        let stamp = Timestamp::from_millisecond(at.millis()).unwrap_or_default();
        self.0.to_datetime(stamp).date()
    }

    /// The moment of a local time on a day: a skipped one is moved on, of one that comes twice the first is taken.
    pub(super) fn instant(&self, day: Date, time: Time) -> Option<WallTime> {
        let stamp = self.0.to_timestamp(day.to_datetime(time)).ok()?;
        Some(WallTime::from_millis(stamp.as_millisecond()))
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
