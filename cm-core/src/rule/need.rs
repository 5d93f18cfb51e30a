//! What a rule needs to be judged: which series, over which window, how fine. Whoever judges pulls it once a round.

use std::time::Duration;

use super::label::LabelId;
use crate::health::SubjectKind;
use crate::metric::MetricId;
use crate::series::rollup::Step;

/// One thing that a rule reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// The value of a metric now.
    Now(MetricId),
    /// What a metric was over a time that ends now.
    Window {
        /// Which metric.
        metric: MetricId,
        /// How far back.
        length: Duration,
    },
    /// From where a metric is a warning and critical.
    Limits(MetricId),
    /// What is usual for a metric at this hour.
    Usual(MetricId),
    /// When a metric comes to its end.
    Forecast(MetricId),
    /// A name or a state.
    Label(LabelId),
    /// For how long hosts have told nothing of things of a sort while they told of others.
    Listing(SubjectKind),
}

/// How fine the readings of a window are to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// Every single one.
    Readings,
    /// Their roll-ups, which hold least, greatest, sum, last and count.
    Buckets(Step),
}

impl Need {
    /// The metric that it is about.
    pub const fn series(self) -> Option<MetricId> {
        match self {
            Self::Now(metric)
            | Self::Window { metric, .. }
            | Self::Limits(metric)
            | Self::Usual(metric)
            | Self::Forecast(metric) => Some(metric),
            Self::Label(_) | Self::Listing(_) => None,
        }
    }

    /// How far back it reaches; zero where only the present counts. Usual values and forecasts know for themselves how far they look.
    pub const fn window(self) -> Duration {
        match self {
            Self::Window { length, .. } => length,
            _ => Duration::ZERO,
        }
    }

    /// How fine its readings have to be: single ones up to three hours, minutes up to three days, then hours, beyond 100
    /// days days. So a window never takes more than some 4,300 of them.
    pub fn resolution(self) -> Resolution {
        match self.window() {
            length if length <= Duration::from_hours(3) => Resolution::Readings,
            length if length <= Duration::from_hours(72) => Resolution::Buckets(Step::Minute),
            length if length <= Duration::from_hours(100 * 24) => Resolution::Buckets(Step::Hour),
            _ => Resolution::Buckets(Step::Day),
        }
    }
}
