//! What can be asked of the stored history, and what comes back. Data alone: who asks and who answers stand elsewhere.

use std::num::NonZeroUsize;
use std::time::Duration;

use cm_core::clock::WallTime;
use cm_core::forecast::usual::{TooLittle, Usual};
use cm_core::health::Subject;
use cm_core::host::HostId;
use cm_core::metric::{MetricId, Sample};
use cm_core::observation::Observation;
use cm_core::outlook::Curve;
use cm_core::outlook::drive::Drive;
use cm_core::series::SeriesKey;
use cm_core::text::HostText;

/// A metric of a thing of a host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Of {
    /// Of which host.
    pub(crate) host: HostId,
    /// On what.
    pub(crate) subject: Subject,
    /// Which metric.
    pub(crate) metric: MetricId,
}

impl Of {
    /// The series in which it is stored.
    pub(crate) fn key(&self) -> SeriesKey {
        let sample =
            Sample { metric: self.metric, subject: self.subject.clone(), at: WallTime::default(), value: f64::NAN };
        SeriesKey::of(&self.host, &sample)
    }
}

/// Whether usual values are learnt as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    /// They are.
    Learnt,
    /// They would say nothing.
    Left,
}

/// What is asked. Of each sort one question waits at most: the next takes its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {
    /// The fleet as it was at a moment.
    Moment {
        /// Which moment.
        at: WallTime,
        /// Which hosts.
        hosts: Vec<HostId>,
        /// The host of which every reading is looked up; of the others those that the overview draws.
        whole: Option<HostId>,
        /// Time between two readings of a sparkline.
        every: Duration,
    },
    /// The course of one metric.
    Course {
        /// Of what.
        of: Of,
        /// From when, included.
        since: WallTime,
        /// Until when, not included.
        until: WallTime,
        /// How many values at most.
        most: NonZeroUsize,
        /// Whether usual values are learnt as well.
        habit: Habit,
    },
    /// How worn a drive is, and what will be.
    Outlook {
        /// Which drive, by its wear.
        of: Of,
        /// As of when.
        until: WallTime,
    },
    /// The last readings before a moment, for sparklines.
    Readings {
        /// Until when, not included.
        until: WallTime,
        /// Of which hosts.
        hosts: Vec<HostId>,
        /// Time between two readings.
        every: Duration,
    },
    /// From when to when moments are kept.
    Extent {
        /// Of which hosts.
        hosts: Vec<HostId>,
    },
}

/// How many sorts of questions there are.
pub(crate) const SORTS: usize = 5;

impl Ask {
    /// Which sort it is, the most pressing first.
    pub(crate) const fn sort(&self) -> usize {
        match self {
            Self::Moment { .. } => 0,
            Self::Course { .. } => 1,
            Self::Outlook { .. } => 2,
            Self::Readings { .. } => 3,
            Self::Extent { .. } => 4,
        }
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// The fleet as it was.
    Moment(Moment),
    /// A course; none where nothing of it was ever stored.
    Course(Option<Course>),
    /// What will be of a drive; none where nothing of it was ever stored.
    Outlook(Option<Outlook>),
    /// The last readings.
    Readings(Vec<Readings>),
    /// From when to when; none where no moment is kept.
    Extent(Option<Extent>),
}

/// The fleet as it was at a moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moment {
    /// What each API had said last by then, and how it had failed since, in order. Boot and monotonic clocks in it are
    /// counted from 1970.
    pub(crate) observations: Vec<Observation>,
    /// The last readings by then.
    pub(crate) readings: Vec<Readings>,
    /// The newest that is shown of it.
    pub(crate) newest: Option<WallTime>,
    /// Time from one kept moment to the next about there.
    pub(crate) usual_gap: Duration,
}

/// The course of one metric.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    /// Values by time.
    pub(crate) curve: Curve,
    /// What is usual, or why nothing is called so; none where that was not asked.
    pub(crate) usual: Option<Result<Usual, TooLittle>>,
    /// How many damaged parts were left out.
    pub(crate) damaged: u64,
}

/// What will be of one drive.
#[derive(Debug, Clone)]
pub(crate) struct Outlook {
    /// What it told, and what comes of it.
    pub(crate) drive: Drive,
    /// As of when.
    pub(crate) now: WallTime,
}

/// Readings of one metric of one thing, the oldest first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Readings {
    /// Of which host.
    pub(crate) host: HostId,
    /// The name of the thing; empty for the host itself.
    pub(crate) name: HostText,
    /// Which metric.
    pub(crate) metric: MetricId,
    /// The values.
    pub(crate) values: Vec<f32>,
}

/// From when to when moments are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    /// The first.
    pub(crate) first: WallTime,
    /// The last.
    pub(crate) last: WallTime,
}
