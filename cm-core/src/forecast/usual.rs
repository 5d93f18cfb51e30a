//! Which values are usual for one metric of one host, at the level of detail that earns it.
//!
//! An hour of the week has four to six values behind it, all values together have thousands: most series are told better
//! by one value than by 168. So each level is tried on weeks that it has not seen, and a finer one is taken only where
//! its error there is smaller by 5 % and in no week larger. The band comes from unseen weeks as well, because a band from
//! the values that made it is too narrow. It does not know what the metric means, which zone the host is in, or what is worth an alert.

mod week;

use week::Weeks;

use crate::clock::WallTime;

const HOUR_S: i64 = 3600;
const WEEK_S: i64 = 7 * 24 * HOUR_S;
/// Weeks that are looked back upon. More would tell of how things were before the last change.
const WEEKS: i64 = 6;
/// A finer level must bring the error on unseen weeks below this share of the coarser level's.
const WIN: f64 = 0.95;
/// Share of values that may lie below the band, and again above it.
const TAIL: f64 = 0.05;
/// Weeks with values below which nothing is called usual: bands from a single week held half of the next (docs/FORECAST.md).
const LEAST_WEEKS: usize = 2;
/// Weeks with values below which no hour is told from another.
const LEAST_WEEKS_OF_A_HABIT: usize = 4;

/// One value of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// When it was measured.
    pub at: WallTime,
    /// What was measured, in the metric's own unit.
    pub value: f64,
}

/// An hour of the week in local time: 0 is Monday from midnight to one, 167 Sunday's last hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HourOfWeek(u8);

impl HourOfWeek {
    /// The hour in which a moment falls where local time is `offset_s` seconds ahead of UTC.
    pub fn of(moment: WallTime, offset_s: i32) -> Self {
        // 1970-01-01 was a Thursday: three days after a Monday.
        let hours = (moment.secs() + i64::from(offset_s)).div_euclid(HOUR_S) + 3 * 24;
        Self(u8::try_from(hours.rem_euclid(7 * 24)).unwrap_or(0))
    }

    /// From 0 (Monday, midnight) to 167.
    pub const fn index(self) -> u8 {
        self.0
    }

    /// Whether it lies on a Saturday or a Sunday.
    pub const fn is_weekend(self) -> bool {
        self.0 >= 5 * 24
    }
}

/// How finely usual values are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// One value at all times.
    One,
    /// One an hour of the day, for weekdays and for weekends: 48 values.
    DayKind,
    /// One an hour of the week: 168 values.
    HourOfWeek,
}

impl Level {
    /// From the coarsest to the finest.
    pub const ALL: [Self; 3] = [Self::One, Self::DayKind, Self::HourOfWeek];

    /// How many values it tells apart.
    pub const fn cells(self) -> usize {
        match self {
            Self::One => 1,
            Self::DayKind => 48,
            Self::HourOfWeek => 168,
        }
    }

    /// In words, as in "usual for …".
    pub const fn words(self) -> &'static str {
        match self {
            Self::One => "at any time",
            Self::DayKind => "at this hour of a weekday or of a weekend",
            Self::HourOfWeek => "at this hour of the week",
        }
    }

    const fn coarser(self) -> Option<Self> {
        match self {
            Self::One => None,
            Self::DayKind => Some(Self::One),
            Self::HourOfWeek => Some(Self::DayKind),
        }
    }

    const fn cell(self, hour: HourOfWeek) -> usize {
        let index = hour.0 as usize;
        match self {
            Self::One => 0,
            Self::DayKind => index % 24 + if hour.is_weekend() { 24 } else { 0 },
            Self::HourOfWeek => index,
        }
    }
}

/// What is usual at one moment, in the metric's own unit; `low <= middle <= high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// About one value in twenty lies below.
    pub low: f64,
    /// Half of the values lie below.
    pub middle: f64,
    /// About one value in twenty lies above.
    pub high: f64,
}

impl Band {
    /// Whether a value is a usual one.
    pub fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// Why nothing can be called usual yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("enough is known of {weeks} of the last six weeks, usual values need {least}")]
pub struct TooLittle {
    /// Weeks of the last six with values on four days at least.
    pub weeks: usize,
    /// Weeks that are needed.
    pub least: usize,
}

/// The usual values of one series: what was learnt from its last six weeks.
#[derive(Debug, Clone, PartialEq)]
pub struct Usual {
    level: Level,
    middles: Vec<f64>,
    below: f64,
    above: f64,
    least: f64,
    weeks: usize,
}

impl Usual {
    /// Learns from the points of the six weeks before `until`, in any order; others and those that are no numbers are
    /// passed over. `offset_s` tells how many seconds local time is ahead of UTC at a moment, so that a habit keeps its
    /// hour when clocks are put forward. Takes time linear in the points: some 2 ms for six weeks of 5 minutes.
    pub fn learn(points: &[Point], until: WallTime, offset_s: impl Fn(WallTime) -> i32) -> Result<Self, TooLittle> {
        let weeks = Weeks::cut(points, until, offset_s);
        let known = weeks.count();
        if known < LEAST_WEEKS {
            return Err(TooLittle { weeks: known, least: LEAST_WEEKS });
        }
        let level = choose(&weeks);
        let mut misses: Vec<f64> =
            weeks.told_by_the_others(level).into_iter().chain(weeks.told_by_those_before(level)).flatten().collect();
        // Weeks, not values, are what is drawn anew: with n of them the next one is the most extreme of n + 1.
        let tail = TAIL * known as f64 / (known as f64 + 1.0);
        let below = week::quantile(&mut misses, tail).min(0.0);
        let above = week::quantile(&mut misses, 1.0 - tail).max(0.0);
        Ok(Self { level, middles: weeks.middles(level), below, above, least: weeks.least(), weeks: known })
    }

    /// What is usual at a moment where local time is `offset_s` seconds ahead of UTC.
    ///
    /// What was never seen below zero has no band below zero.
    pub fn at(&self, moment: WallTime, offset_s: i32) -> Band {
        let middle = self.middles[self.level.cell(HourOfWeek::of(moment, offset_s))];
        let low = middle + self.below;
        Band { low: if self.least >= 0.0 { low.max(0.0) } else { low }, middle, high: middle + self.above }
    }

    /// The level that earned it.
    pub const fn level(&self) -> Level {
        self.level
    }

    /// How many weeks it was learnt from: 2 to 6.
    pub const fn weeks(&self) -> usize {
        self.weeks
    }
}

/// The finest level that told every left-out week better than the coarser one, and all of them by 5 %.
fn choose(weeks: &Weeks) -> Level {
    let errors = |level| -> Vec<f64> {
        weeks.told_by_the_others(level).iter().map(|week| week.iter().map(|miss| miss.abs()).sum()).collect()
    };
    let mut best = (Level::One, errors(Level::One));
    if weeks.count() < LEAST_WEEKS_OF_A_HABIT {
        return best.0;
    }
    for level in [Level::DayKind, Level::HourOfWeek] {
        let errors = errors(level);
        let everywhere = errors.iter().zip(&best.1).all(|(finer, coarser)| finer < coarser);
        if everywhere && errors.iter().sum::<f64>() < WIN * best.1.iter().sum::<f64>() {
            best = (level, errors);
        }
    }
    best.0
}

#[cfg(test)]
mod tests;
