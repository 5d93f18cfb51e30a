//! How long each resolution of a series is kept, and from when on it is gone.
//!
//! It does not know where anything is stored, and deletes nothing: it says before which moments things are to go.

use std::time::Duration;

use super::rollup::Step;
use crate::clock::WallTime;
use crate::metric::Retention;

const DAY: Duration = Duration::from_hours(24);

/// As measured, or summed up over some step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// As measured.
    Raw,
    /// Summed up.
    Step(Step),
}

impl Resolution {
    /// All of them, the finest first.
    pub const ALL: [Self; 4] = [Self::Raw, Self::Step(Step::Minute), Self::Step(Step::Hour), Self::Step(Step::Day)];

    /// How much time one value stands for; nothing for what was measured.
    pub const fn length(self) -> Duration {
        match self {
            Self::Raw => Duration::ZERO,
            Self::Step(step) => step.length(),
        }
    }

    /// Its word in JSON, in settings and in a database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Step(step) => step.word(),
        }
    }
}

/// How long something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// This long.
    For(Duration),
    /// For ever.
    Always,
}

impl Span {
    /// So many days.
    pub const fn days(days: u32) -> Self {
        Self::For(Duration::from_secs(86_400 * days as u64))
    }

    fn longer_than(self, other: Self) -> bool {
        match (self, other) {
            (Self::Always, Self::For(_)) => true,
            (Self::For(own), Self::For(other)) => own > other,
            (_, Self::Always) => false,
        }
    }
}

/// Spans that make no sense together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Senseless {
    /// Less than a day of what was measured: roll-ups need whole steps of it.
    #[error("{} is kept for less than {least:?}", resolution.word())]
    TooShort {
        /// Which.
        resolution: Resolution,
        /// The least.
        least: Duration,
    },
    /// What is finer is kept for longer than what it is summed up to.
    #[error("{} is kept for longer than {}, to which it is summed up", finer.word(), coarser.word())]
    FinerOutlives {
        /// What is kept for longer.
        finer: Resolution,
        /// What should be.
        coarser: Resolution,
    },
}

/// How long each resolution of one class of metrics is kept: the coarser, the longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Keep {
    spans: [Span; 4],
}

impl Keep {
    /// Raw 7 days, minutes 30 days, hours a year, days for ever.
    pub const STANDARD: Self = Self { spans: [Span::days(7), Span::days(30), Span::days(366), Span::Always] };

    /// Raw 7 days, minutes 30 days, hours and days for ever: wear is forecast from single steps years apart.
    pub const LIFELONG: Self = Self { spans: [Span::days(7), Span::days(30), Span::Always, Span::Always] };

    /// The least that any resolution is kept: what is measured must last until it is summed up into days.
    pub const LEAST: Duration = Duration::from_hours(48);

    /// Spans for raw values, minutes, hours and days.
    pub fn new(raw: Span, minute: Span, hour: Span, day: Span) -> Result<Self, Senseless> {
        let spans = [raw, minute, hour, day];
        if Span::For(Self::LEAST).longer_than(raw) {
            return Err(Senseless::TooShort { resolution: Resolution::Raw, least: Self::LEAST });
        }
        for (at, pair) in spans.windows(2).enumerate() {
            if pair[0].longer_than(pair[1]) {
                return Err(Senseless::FinerOutlives { finer: Resolution::ALL[at], coarser: Resolution::ALL[at + 1] });
            }
        }
        Ok(Self { spans })
    }

    /// How long a resolution is kept.
    pub const fn span(&self, resolution: Resolution) -> Span {
        self.spans[place(resolution)]
    }

    /// Before which moment each resolution is to be gone.
    pub fn cut_offs(&self, now: WallTime) -> CutOffs {
        let before = |span| match span {
            Span::For(span) => now.before(span),
            Span::Always => WallTime::default(),
        };
        CutOffs { moments: self.spans.map(before) }
    }
}

const fn place(resolution: Resolution) -> usize {
    match resolution {
        Resolution::Raw => 0,
        Resolution::Step(Step::Minute) => 1,
        Resolution::Step(Step::Hour) => 2,
        Resolution::Step(Step::Day) => 3,
    }
}

/// Before which moment each resolution is to be gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CutOffs {
    moments: [WallTime; 4],
}

impl CutOffs {
    /// What lies before this moment is to be gone; the epoch, before which nothing lies, for what is kept for ever.
    pub const fn of(&self, resolution: Resolution) -> WallTime {
        self.moments[place(resolution)]
    }

    /// Whether a value that begins here is to be gone: a bucket goes once all of it lies before the cut-off.
    pub fn expired(&self, resolution: Resolution, start: WallTime) -> bool {
        start.after(resolution.length()) <= self.of(resolution) && start < self.of(resolution)
    }
}

/// How long everything is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Policy {
    /// Metrics of the class [`Retention::Standard`].
    pub standard: Keep,
    /// Metrics of the class [`Retention::Lifelong`].
    pub lifelong: Keep,
}

impl Default for Policy {
    fn default() -> Self {
        Self { standard: Keep::STANDARD, lifelong: Keep::LIFELONG }
    }
}

impl Policy {
    /// How long metrics of a class are kept.
    pub const fn keep(&self, class: Retention) -> &Keep {
        match class {
            Retention::Standard => &self.standard,
            Retention::Lifelong => &self.lifelong,
        }
    }

    /// Before which moments metrics of a class are to be gone, as of `now`.
    ///
    /// What it says is final once acted upon: a clock that stands years ahead for a moment would empty the history. Ask
    /// with a time that has proved itself, and see [`steady`].
    pub fn what(&self, class: Retention, now: WallTime) -> CutOffs {
        self.keep(class).cut_offs(now)
    }
}

/// A time that may be used to expire things: the wall clock, as far as it agrees with how long it was since the last
/// time (by a clock that cannot be set), give or take a day. `None` where it leapt, and then nothing is to go.
pub fn steady(last: WallTime, wall: WallTime, elapsed: Duration) -> Option<WallTime> {
    let expected = last.after(elapsed);
    (wall.since(expected).max(expected.since(wall)) <= DAY).then_some(wall)
}

#[cfg(test)]
mod tests;
