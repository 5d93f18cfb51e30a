//! How much time a chart shows, and how its axis is written.

use std::time::Duration;

/// How much time is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Zoom {
    /// An hour.
    Hour,
    /// Six hours.
    QuarterDay,
    /// A day.
    #[default]
    Day,
    /// A week.
    Week,
    /// Thirty days.
    Month,
    /// A year.
    Year,
}

impl Zoom {
    /// All of them, the shortest first.
    pub(crate) const ALL: [Self; 6] = [Self::Hour, Self::QuarterDay, Self::Day, Self::Week, Self::Month, Self::Year];

    /// What a chart opens with where the history goes so far back: a day, or less while there is less.
    pub(crate) fn of_history(reach: Option<Duration>) -> Self {
        let short = [Self::Hour, Self::QuarterDay];
        short.into_iter().find(|zoom| reach.is_some_and(|reach| reach <= zoom.span())).unwrap_or_default()
    }

    /// From one end of the chart to the other.
    pub(crate) const fn span(self) -> Duration {
        Duration::from_hours(match self {
            Self::Hour => 1,
            Self::QuarterDay => 6,
            Self::Day => 24,
            Self::Week => 7 * 24,
            Self::Month => 30 * 24,
            Self::Year => 365 * 24,
        })
    }

    /// How it is called on the screen.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Hour => "1 h",
            Self::QuarterDay => "6 h",
            Self::Day => "1 d",
            Self::Week => "7 d",
            Self::Month => "30 d",
            Self::Year => "1 y",
        }
    }

    /// The end of a chart that follows now moves on by so much at once.
    pub(super) const fn stride(self) -> Duration {
        Duration::from_secs(match self {
            Self::Hour => 10,
            Self::QuarterDay => 60,
            Self::Day => 300,
            Self::Week => 1_800,
            Self::Month => 7_200,
            Self::Year => 86_400,
        })
    }

    /// How moments below the axis are written, in a pattern of `chrono`.
    pub(super) const fn tick(self) -> &'static str {
        match self {
            Self::Hour | Self::QuarterDay | Self::Day => "%H:%M",
            Self::Week => "%a %H:%M",
            Self::Month => "%d %b",
            Self::Year => "%b %Y",
        }
    }

    /// The next shorter, or itself.
    pub(crate) fn closer(self) -> Self {
        Self::ALL.into_iter().rev().find(|zoom| *zoom < self).unwrap_or(self)
    }

    /// The next longer, or itself.
    pub(crate) fn wider(self) -> Self {
        Self::ALL.into_iter().find(|zoom| *zoom > self).unwrap_or(self)
    }
}
