//! What a metric is: a permanent number and name, a unit, limits, and the samples it yields.
//!
//! The built-in ones stand in the [catalogue](crate::catalogue); others are [declared](crate::registry::Registry::declare) at run time.

use std::fmt;

use crate::clock::WallTime;
use crate::health::{Health, Subject, SubjectKind};
use crate::unit::Unit;

/// A metric's permanent number. Numbers below [`MetricId::FIRST_DECLARED`] belong to the catalogue and are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricId(pub u32);

impl MetricId {
    /// The first number given to a metric that is declared at run time.
    pub const FIRST_DECLARED: Self = Self(1_000_000);
}

impl fmt::Display for MetricId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// How a metric's values follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It goes up and down.
    Gauge,
    /// It only rises, until a restart or a replacement sets it back.
    Counter,
}

/// How long a metric's history is worth keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retention {
    /// As the owner configures it.
    Standard,
    /// For the life of the thing measured: wear, and what wear is forecast from.
    Lifelong,
}

/// One metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric<'a> {
    /// Its permanent number.
    pub id: MetricId,
    /// Its permanent name: subject, dot, what is measured.
    pub name: &'a str,
    /// What sort of thing it is measured on.
    pub subject: SubjectKind,
    /// What it counts in.
    pub unit: Unit,
    /// How its values follow one another.
    pub kind: Kind,
    /// How long it is kept.
    pub retention: Retention,
    /// A word or two for sentences and column heads: `wear`.
    pub label: &'a str,
    /// One sentence.
    pub help: &'a str,
}

impl Metric<'_> {
    /// Its name in Prometheus: base unit as suffix, `_total` for counters.
    pub fn prometheus_name(&self) -> String {
        let (suffix, _) = self.unit.base();
        let mut name = format!("cm_{}", self.name.replace('.', "_"));
        if !suffix.is_empty() && !name.ends_with(suffix) {
            name.push('_');
            name.push_str(suffix);
        }
        if self.kind == Kind::Counter {
            name.push_str("_total");
        }
        name
    }

    /// Its column in CSV and JSON tables: what is measured, and the unit unless that is a plain number.
    pub fn column(&self) -> String {
        let (_, what) = self.name.split_once('.').unwrap_or(("", self.name));
        // A host has memory.used and zram.used: there the first word tells them apart.
        let what = if self.subject == SubjectKind::Host { self.name } else { what }.replace('.', "_");
        match self.unit {
            Unit::Count | Unit::Load | Unit::Flag => what,
            Unit::Ratio if what.ends_with("ratio") => what,
            unit => format!("{what}_{}", unit.word()),
        }
    }
}

/// From where a value is a warning, from where critical.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Limits {
    /// No value is bad in itself.
    #[default]
    None,
    /// High values are bad.
    Above {
        /// A warning from here up.
        warning: Option<f64>,
        /// Critical from here up.
        critical: Option<f64>,
    },
    /// Low values are bad.
    Below {
        /// A warning from here down.
        warning: Option<f64>,
        /// Critical from here down.
        critical: Option<f64>,
    },
}

impl Limits {
    /// A warning and a critical limit against high values.
    pub const fn above(warning: f64, critical: f64) -> Self {
        Self::Above { warning: Some(warning), critical: Some(critical) }
    }

    /// A warning limit against high values; nothing is critical.
    pub const fn warn_above(warning: f64) -> Self {
        Self::Above { warning: Some(warning), critical: None }
    }

    /// How a value fares: the health, and the limit that it passed.
    pub fn judge(self, value: f64) -> Option<(Health, f64)> {
        let (warning, critical, passed): (_, _, fn(f64, f64) -> bool) = match self {
            Self::None => return None,
            Self::Above { warning, critical } => (warning, critical, |value, limit| value >= limit),
            Self::Below { warning, critical } => (warning, critical, |value, limit| value <= limit),
        };
        let check =
            |limit: Option<f64>, health| limit.filter(|limit| passed(value, *limit)).map(|limit| (health, limit));
        check(critical, Health::Critical).or_else(|| check(warning, Health::Warning))
    }
}

/// One value of one metric on one subject of one host.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Which metric.
    pub metric: MetricId,
    /// On what.
    pub subject: Subject,
    /// When it was measured, by the host's clock.
    pub at: WallTime,
    /// The value, in the metric's unit.
    pub value: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_judge_a_value_at_its_worst() {
        let high = Limits::above(70.0, 90.0);
        assert_eq!(high.judge(69.9), None);
        assert_eq!(high.judge(70.0), Some((Health::Warning, 70.0)));
        assert_eq!(high.judge(200.0), Some((Health::Critical, 90.0)));
        let low = Limits::Below { warning: Some(20.0), critical: Some(10.0) };
        assert_eq!(low.judge(21.0), None);
        assert_eq!(low.judge(10.0), Some((Health::Critical, 10.0)));
    }
}
