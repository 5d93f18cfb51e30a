//! Drives and volumes together: what comes soonest, in words.
//!
//! It knows neither how a forecast is made nor how a date is written.

use std::time::Duration;

use super::contents::{Contents, Thing};
use super::{drive, volume};
use crate::clock::WallTime;
use crate::forecast::fill::{self, Fill};
use crate::forecast::wear::{self, Outlook};
use crate::forecast::{Grade, Range, When};
use crate::store::{Reader, StoreError};

/// What was not read for longer than this is not what is there today.
const STALE: Duration = Duration::from_hours(7 * 24);

/// One thing, and what will be of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Foretold {
    /// A drive.
    Drive(drive::Drive),
    /// Something that may fill.
    Volume(volume::Volume),
}

/// How a forecast stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Its limit is reached already.
    Reached,
    /// It comes to its limit.
    Coming,
    /// It does not, or not within 20 years.
    Calm,
    /// Too little is known.
    TooLittle,
    /// It was not read for a week: it may be gone.
    Stale,
}

impl Standing {
    /// Its word in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::Coming => "coming",
            Self::Calm => "calm",
            Self::TooLittle => "too-little",
            Self::Stale => "stale",
        }
    }
}

/// All forecasts of the things that are wanted, the soonest first.
///
/// Cost: 10 ms a drive and 4 to 80 ms a volume.
pub fn all(
    reader: &Reader,
    contents: &Contents,
    wanted: impl Fn(&Thing) -> bool,
    now: WallTime,
) -> Result<Vec<Foretold>, StoreError> {
    let mut all = Vec::new();
    for (thing, series) in contents.things() {
        if !wanted(&thing) {
            continue;
        }
        all.extend(volume::outlooks(reader, &thing, series, now)?.into_iter().map(Foretold::Volume));
        all.extend(drive::outlook(reader, thing, series, now)?.map(Foretold::Drive));
    }
    soonest_first(&mut all, now);
    Ok(all)
}

/// What is reached already, then by the likely moment, then what does not come, then what nobody can say.
pub fn soonest_first(all: &mut [Foretold], now: WallTime) {
    all.sort_by_cached_key(|one| {
        let when = one.when().map(|range| (range.likely, range.early));
        (one.standing(now), when.unwrap_or((When::Beyond, When::Beyond)), one.thing().clone())
    });
}

impl Foretold {
    /// Which one, and where.
    pub const fn thing(&self) -> &Thing {
        match self {
            Self::Drive(drive) => &drive.thing,
            Self::Volume(volume) => &volume.thing,
        }
    }

    /// What of it comes to a limit: `wear`, or the word of a [capacity](volume::Capacity).
    pub const fn of(&self) -> &'static str {
        match self {
            Self::Drive(_) => "wear",
            Self::Volume(volume) => volume.capacity.word(),
        }
    }

    /// When it was read last.
    pub fn last_read(&self) -> Option<WallTime> {
        match self {
            Self::Drive(drive) => drive.last_read(),
            Self::Volume(volume) => volume.last_read(),
        }
    }

    /// The 90 % interval, where there is a date. What the counters alone allow is none: see [`Foretold::sentence`].
    pub const fn when(&self) -> Option<&Range> {
        match self {
            Self::Drive(drive::Drive {
                forecast: wear::Forecast { outlook: Outlook::Reaches { when, .. }, .. },
                ..
            })
            | Self::Volume(volume::Volume { fill: Fill::Filling { when, .. }, .. }) => Some(when),
            _ => None,
        }
    }

    /// How sure that is.
    pub const fn grade(&self) -> Option<Grade> {
        match self {
            Self::Drive(drive::Drive {
                forecast: wear::Forecast { outlook: Outlook::Reaches { grade, .. }, .. },
                ..
            })
            | Self::Volume(volume::Volume { fill: Fill::Filling { grade, .. }, .. }) => Some(*grade),
            _ => None,
        }
    }

    /// How it stands.
    pub fn standing(&self, now: WallTime) -> Standing {
        if self.last_read().is_some_and(|last| now.since(last) > STALE) {
            return Standing::Stale;
        }
        match self {
            Self::Drive(drive) => match drive.forecast.outlook {
                Outlook::PastRatedLife(_) | Outlook::PastScale(_) | Outlook::SpareAtThreshold(_) => Standing::Reached,
                Outlook::Reaches { .. } => Standing::Coming,
                Outlook::BeyondHorizon | Outlook::NoMeasurableWear => Standing::Calm,
                Outlook::TooLittle { .. } => Standing::TooLittle,
            },
            Self::Volume(volume) => match volume.fill {
                Fill::Full => Standing::Reached,
                Fill::Filling { .. } => Standing::Coming,
                Fill::NotFilling { .. } => Standing::Calm,
                Fill::TooLittle(_) => Standing::TooLittle,
            },
        }
    }

    /// What will be, in one sentence.
    pub fn sentence(&self, now: WallTime) -> String {
        match self {
            Self::Drive(drive) => wear::sentence(&drive.forecast, now),
            Self::Volume(volume) => fill::sentence(&volume.fill, now),
        }
    }

    /// Why, the most telling first.
    pub fn reasons(&self) -> Vec<String> {
        match self {
            Self::Drive(drive) => drive.forecast.reasons.iter().map(ToString::to_string).collect(),
            Self::Volume(volume) => match &volume.fill {
                Fill::Filling { reasons, .. } | Fill::NotFilling { reasons, .. } => {
                    reasons.iter().map(ToString::to_string).collect()
                }
                Fill::Full | Fill::TooLittle(_) => Vec::new(),
            },
        }
    }
}
