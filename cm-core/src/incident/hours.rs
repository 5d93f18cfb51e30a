//! Hours of the week by a local clock: maintenance windows, quiet hours, the time of a digest.
//!
//! They are reckoned as instants: of each day the moment at which it begins there, and the moment at which it ends. A
//! beginning that the local clock skips is moved on by as much; of one that comes twice the first counts. So no day has
//! its window twice or not at all, whatever the clock does. A clock that was not set has no hours: see
//! [`Moment::calendar`](super::time::Moment::calendar).

mod text;
mod zone;

use std::time::Duration;

use jiff::civil::{Date, Time};

use crate::clock::WallTime;

pub use text::BadHours;
pub use zone::{UnknownZone, Zone};

/// The longest window.
pub const LONGEST: Duration = Duration::from_hours(7 * 24);

/// Days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Weekdays(u8);

impl Weekdays {
    /// All seven.
    pub const ALL: Self = Self(0x7F);
    const NONE: Self = Self(0);

    const fn with(self, monday_based: u8) -> Self {
        Self(self.0 | 1 << monday_based)
    }

    /// Whether a day is one of them: Monday is 0, Sunday 6.
    pub const fn has(self, monday_based: u8) -> bool {
        self.0 >> monday_based & 1 == 1
    }
}

/// A time of day: minutes since midnight, below 1,440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// A time of day, if there is one so.
    pub const fn new(hour: u16, minute: u16) -> Option<Self> {
        if hour < 24 && minute < 60 { Some(Self(hour * 60 + minute)) } else { None }
    }

    fn time(self) -> Time {
        let part = |number: u16| i8::try_from(number).unwrap_or_default();
        Time::constant(part(self.0 / 60), part(self.0 % 60), 0, 0)
    }
}

/// When a window ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Until {
    /// At this time of day, on the next day if that is not past the beginning.
    At(TimeOfDay),
    /// After so long.
    Length(Duration),
}

/// Hours of the week by a local clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Hours {
    /// On which days they begin.
    pub days: Weekdays,
    /// At what time they begin.
    pub start: TimeOfDay,
    /// When they end.
    pub until: Until,
    /// By which clock.
    pub zone: Zone,
}

/// One window of some hours: from its beginning until before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spell {
    /// When it begins.
    pub start: WallTime,
    /// When it is over.
    pub end: WallTime,
}

impl Hours {
    /// The window in which a moment lies, if it lies in one; of several the one that ends last.
    ///
    /// Cost: a few microseconds.
    pub fn spell(&self, at: WallTime) -> Option<Spell> {
        let spells = self.spells_near(at, at);
        spells.filter(|spell| spell.start <= at && at < spell.end).max_by_key(|spell| spell.end)
    }

    /// The last beginning after `since`, up to and with `at`: what is due once at the beginning of each window. However
    /// many were missed, one is due; spans of more than eight days are looked at from their end.
    pub fn due(&self, since: WallTime, at: WallTime) -> Option<WallTime> {
        let starts = self.spells_near(since, at).map(|spell| spell.start);
        starts.filter(|start| since < *start && *start <= at).max()
    }

    /// The windows that begin on the days about a span.
    fn spells_near(&self, from: WallTime, to: WallTime) -> impl Iterator<Item = Spell> {
        let back = match self.until {
            Until::At(_) => 2,
            Until::Length(span) => 2 + i64::try_from(span.min(LONGEST).as_secs() / 86_400).unwrap_or_default(),
        };
        let last = self.zone.day(to);
        let days = (to.since(from).as_secs() / 86_400).min(8);
        let count = back + i64::try_from(days).unwrap_or_default();
        let day = move |ago: i64| last.checked_sub(jiff::Span::new().days(ago)).ok();
        (-1..=count).filter_map(day).filter_map(|day| self.spell_of(day))
    }

    /// The window that begins on a day.
    fn spell_of(&self, day: Date) -> Option<Spell> {
        let monday_based = u8::try_from(day.weekday().to_monday_zero_offset()).ok()?;
        if !self.days.has(monday_based) {
            return None;
        }
        let start = self.zone.instant(day, self.start.time())?;
        let end = match self.until {
            Until::Length(span) => start.after(span.min(LONGEST)),
            Until::At(time) => {
                let same_day = time > self.start;
                let end = self.zone.instant(if same_day { day } else { day.tomorrow().ok()? }, time.time())?;
                // A beginning that was moved on may lie past the end: then the window is as long as it reads.
                let minutes = u64::from(time.0) + if same_day { 0 } else { 1_440 } - u64::from(self.start.0);
                if start < end { end } else { start.after(Duration::from_mins(minutes)) }
            }
        };
        Some(Spell { start, end })
    }
}

#[cfg(test)]
mod tests;
