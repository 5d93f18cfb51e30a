//! What the commands of the history say, as data: the columns of each, and what stands beside its rows.
//!
//! It knows neither how the history is read nor how anything is printed.

use cm_core::clock::WallTime;

use super::table::{Shown, shown};
use super::value::{Kind, Value};
use super::{Column, Sheet};

/// What can be told of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tale {
    /// Which hosts are known.
    Hosts,
    /// Which series one of them has.
    Series,
    /// How readings went.
    Readings,
    /// How fast things change.
    Trend,
    /// What will be.
    Predict,
}

/// A column, or a fact that stands beside the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Its permanent name.
    pub name: &'static str,
    head: &'static str,
    kind: Kind,
    help: &'static str,
}

/// What a command says of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct PastDocument {
    /// Which tale it is.
    pub tale: Tale,
    /// The moment of which it speaks.
    pub as_of: WallTime,
    /// A value for each of [`Tale::facts`].
    pub facts: Vec<Value>,
    /// What there is to say.
    pub sheet: Sheet,
}

const fn told(name: &'static str, head: &'static str, kind: Kind, help: &'static str) -> Told {
    Told { name, head, kind, help }
}

impl Told {
    /// As a column of a sheet.
    pub fn column(&self) -> Column {
        Column {
            name: self.name.to_owned(),
            head: self.head.to_owned(),
            help: self.help.to_owned(),
            kind: self.kind,
            metric: None,
        }
    }
}

const HOST: Told = told("host", "host", Kind::Text, "The host's name.");
const SUBJECT_KIND: Told = told("subject_kind", "of", Kind::Word, "What sort of thing it is measured on.");
const SUBJECT: Told = told("subject", "subject", Kind::Text, "Which one; empty for the host and its backup.");
const IDENTITY: Told = told("identity", "identity", Kind::Text, "Which one for good: a drive's serial number.");
const METRIC: Told = told("metric", "metric", Kind::Text, "The metric's permanent name.");
const UNIT: Told = told("unit", "unit", Kind::Text, "What it counts in.");
const SINCE: Told = told("since", "since", Kind::Moment, "The first that is kept, to the day.");
const UNTIL: Told = told("until", "until", Kind::Moment, "The last that was measured.");
const FROM: Told = told("since", "since", Kind::Moment, "From when on, included.");
const TO: Told = told("until", "until", Kind::Moment, "Until when, not included.");
const STEP: Told =
    told("step", "step", Kind::Word, "How much time a row stands for: raw, minute, hour or day, or `wider`.");
const STEP_S: Told =
    told("step_seconds", "step", Kind::Number, "How much time a row stands for, in seconds; 0 for what was measured.");

const HOSTS: &[Told] = &[
    HOST,
    told("drives_count", "drives", Kind::Number, "Drives that are in it."),
    told("series_count", "series", Kind::Number, "Series of it and of its drives."),
    SINCE,
    UNTIL,
];

const SERIES: &[Told] = &[HOST, SUBJECT_KIND, SUBJECT, IDENTITY, METRIC, UNIT, SINCE, UNTIL];

const READINGS: &[Told] = &[
    told("at", "at", Kind::Moment, "When it was measured by the host's clock, or when the row's time begins."),
    HOST,
    SUBJECT_KIND,
    SUBJECT,
    IDENTITY,
    METRIC,
    UNIT,
    told("min", "least", Kind::Number, "The least value."),
    told("mean", "mean", Kind::Number, "The mean of the values."),
    told("max", "most", Kind::Number, "The greatest value."),
    told("last", "last", Kind::Number, "The last value."),
    told("count", "values", Kind::Number, "How many values."),
];

const TREND: &[Told] = &[
    HOST,
    SUBJECT_KIND,
    SUBJECT,
    IDENTITY,
    METRIC,
    UNIT,
    told(
        "direction",
        "goes",
        Kind::Word,
        "up or down where the interval leaves zero out, else level; unknown where too little is known.",
    ),
    told("per_day", "a day", Kind::Number, "By how much it changes a day: the median of all slopes."),
    told("per_day_low", "from", Kind::Number, "The low end of its 90 % interval."),
    told("per_day_high", "to", Kind::Number, "The high end of its 90 % interval."),
    told("first", "first", Kind::Number, "The mean of the first day or hour."),
    told("last", "now", Kind::Number, "The last value."),
    told("points_count", "of", Kind::Number, "Of how many days or hours it was made."),
    STEP,
];

const PREDICT: &[Told] = &[
    HOST,
    SUBJECT_KIND,
    SUBJECT,
    IDENTITY,
    told("of", "of", Kind::Word, "What of it comes to a limit: wear, space, files, pool or quota."),
    told(
        "standing",
        "stands",
        Kind::Word,
        "reached, coming, calm, too-little, or stale where it was not read for seven days.",
    ),
    told(
        "likely",
        "likely",
        Kind::Moment,
        "When it is expected; empty where it lies beyond 20 years, or there is no date.",
    ),
    told("early", "early", Kind::Moment, "One time in twenty it comes before this."),
    told("late", "late", Kind::Moment, "One time in twenty it comes after this; empty beyond 20 years."),
    told("likely_days", "days", Kind::Number, "Days until it is expected."),
    told("grade", "grade", Kind::Word, "measured, or rough where the date is far or little is known."),
    told("last_read", "read", Kind::Moment, "When it was read last."),
    told("forecast", "forecast", Kind::Text, "What will be, in one sentence."),
    told("reasons", "why", Kind::Words, "Why this is said, the most telling first."),
];

impl Tale {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Hosts, Self::Series, Self::Readings, Self::Trend, Self::Predict];

    /// The name of its schema.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hosts => "history",
            Self::Series => "history-series",
            Self::Readings => "history-readings",
            Self::Trend => "trend",
            Self::Predict => "predict",
        }
    }

    /// The name under which its rows stand in JSON.
    pub const fn rows_name(self) -> &'static str {
        match self {
            Self::Hosts => "hosts",
            Self::Series => "series",
            Self::Readings => "readings",
            Self::Trend => "trends",
            Self::Predict => "predictions",
        }
    }

    /// What stands beside its rows in JSON.
    pub const fn facts(self) -> &'static [Told] {
        match self {
            Self::Hosts | Self::Series | Self::Predict => &[],
            Self::Readings => &[FROM, TO, STEP_S],
            Self::Trend => &[FROM, TO],
        }
    }

    /// Its columns.
    pub const fn columns(self) -> &'static [Told] {
        match self {
            Self::Hosts => HOSTS,
            Self::Series => SERIES,
            Self::Readings => READINGS,
            Self::Trend => TREND,
            Self::Predict => PREDICT,
        }
    }

    /// The columns that its table shows unasked. What will be is told in sentences instead.
    pub const fn shown(self) -> &'static [Shown] {
        match self {
            Self::Hosts => SHOWN_HOSTS,
            Self::Series => SHOWN_SERIES,
            Self::Readings => SHOWN_READINGS,
            Self::Trend => SHOWN_TREND,
            Self::Predict => SHOWN_PREDICT,
        }
    }
}

const SHOWN_HOSTS: &[Shown] =
    &[shown("host", 0), shown("series_count", 1), shown("drives_count", 2), shown("since", 0), shown("until", 3)];

const SHOWN_SERIES: &[Shown] =
    &[shown("metric", 0), shown("subject", 0), shown("unit", 3), shown("since", 1), shown("until", 2)];

const SHOWN_READINGS: &[Shown] = &[
    shown("at", 0),
    shown("subject", 0),
    shown("min", 2),
    shown("mean", 0),
    shown("max", 1),
    shown("last", 3),
    shown("count", 4),
];

const SHOWN_TREND: &[Shown] = &[
    shown("host", 0),
    shown("subject", 0),
    shown("metric", 0),
    shown("last", 3),
    shown("direction", 1),
    shown("per_day", 0),
    shown("per_day_low", 4),
    shown("per_day_high", 4),
    shown("points_count", 6),
    shown("step", 5),
];

const SHOWN_PREDICT: &[Shown] =
    &[shown("host", 0), shown("subject", 0), shown("of", 0), shown("forecast", 0), shown("reasons", 1)];
