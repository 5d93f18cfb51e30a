//! What a cell holds, and what a column promises to hold.

use std::time::Duration;

use cm_core::clock::WallTime;
use cm_core::health::{Health, Reason};
use cm_core::observation::LinkState;
use cm_core::text::HostText;
use cm_core::unit::Unit;

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text; it may come from a host.
    Text,
    /// A word of a list of ours.
    Word,
    /// A number in one unit.
    Reading(Unit),
    /// A number whose unit another column names.
    Number,
    /// A moment.
    Time,
    /// A moment in full: local in a table, RFC 3339 in UTC elsewhere.
    Moment,
    /// Sentences.
    Words,
    /// The age of data.
    Age,
    /// How well something is.
    Health,
    /// How a host answers.
    Link,
    /// Why something is not well.
    Reasons,
}

impl Kind {
    /// Whether it stands at the right of its column.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Reading(_) | Self::Number | Self::Age)
    }
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing: it is not told.
    #[default]
    None,
    /// Text, from a host perhaps.
    Text(HostText),
    /// A word of ours.
    Word(&'static str),
    /// A number, and what it counts in.
    Reading(f64, Unit),
    /// A moment.
    Time(WallTime),
    /// A moment in full, and how it is written in local time.
    Moment(WallTime, String),
    /// By how much something changes, in what it counts in: with its sign.
    Change(f64, Unit),
    /// Sentences of ours.
    Words(Vec<String>),
    /// The age of data, and whether it still stands for now.
    Age(Duration, LinkState),
    /// How well something is.
    Health(Health),
    /// How a host answers.
    Link(LinkState),
    /// Why something is not well, the worst first.
    Reasons(Vec<Reason>),
}

impl Value {
    /// Text that may not be told, or be empty.
    pub fn text(text: Option<&HostText>) -> Self {
        text.filter(|text| !text.is_empty()).map_or(Self::None, |text| Self::Text(text.clone()))
    }

    /// Text of ours.
    pub fn name(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// A moment that may not be told.
    pub fn time(at: Option<WallTime>) -> Self {
        at.map_or(Self::None, Self::Time)
    }

    /// A number that may not be told.
    pub fn reading(value: Option<f64>, unit: Unit) -> Self {
        value.map_or(Self::None, |value| Self::Reading(value, unit))
    }

    /// A word that may not be told.
    pub fn word(word: Option<&'static str>) -> Self {
        word.map_or(Self::None, Self::Word)
    }
}
