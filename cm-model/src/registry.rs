//! All metrics: the [`catalogue`], and those that checks, probes and exporters declare at run time.

use std::collections::HashMap;

use crate::catalogue;
use crate::health::SubjectKind;
use crate::metric::{Kind, Metric, MetricId, Retention};
use crate::unit::Unit;

/// A metric that was declared at run time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Its name: lower-case words with dots and underscores.
    pub name: String,
    /// What sort of thing it is measured on.
    pub subject: SubjectKind,
    /// What it counts in.
    pub unit: Unit,
    /// How its values follow one another.
    pub kind: Kind,
    /// One sentence.
    pub help: String,
}

/// Why a metric cannot be declared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undeclarable {
    /// The name has other letters than it may.
    #[error(
        "{0:?} cannot be a metric's name: a lower-case letter, then lower-case letters, digits, `_` and `.`, at most 80"
    )]
    BadName(String),
    /// A metric of that name exists with another unit, kind or subject.
    #[error("a metric named {0} exists already with another unit, kind or subject")]
    Taken(String),
    /// There are too many.
    #[error("more than {most} metrics declared", most = Registry::MOST_DECLARED)]
    TooMany,
}

/// All metrics: the catalogue, and what checks, probes and exporters declared.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    declared: Vec<Declaration>,
    by_name: HashMap<String, usize>,
}

impl Registry {
    /// The most metrics that may be declared, so that a host cannot fill memory with names.
    pub const MOST_DECLARED: usize = 10_000;

    /// Makes a metric known. Declaring the same one again gives the same number.
    pub fn declare(&mut self, declaration: Declaration) -> Result<MetricId, Undeclarable> {
        let name = &declaration.name;
        let good = name.len() <= 80
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.'));
        if !good {
            return Err(Undeclarable::BadName(name.chars().take(100).collect()));
        }
        if catalogue::by_name(name).is_some() {
            return Err(Undeclarable::Taken(name.clone()));
        }
        if let Some(&index) = self.by_name.get(name) {
            let known = &self.declared[index];
            let same =
                (known.unit, known.kind, known.subject) == (declaration.unit, declaration.kind, declaration.subject);
            return if same { Ok(Self::number(index)) } else { Err(Undeclarable::Taken(name.clone())) };
        }
        if self.declared.len() == Self::MOST_DECLARED {
            return Err(Undeclarable::TooMany);
        }
        let index = self.declared.len();
        self.by_name.insert(name.clone(), index);
        self.declared.push(declaration);
        Ok(Self::number(index))
    }

    /// The metric with this number.
    pub fn get(&self, id: MetricId) -> Option<Metric<'_>> {
        if let Some(entry) = catalogue::by_id(id) {
            return Some(entry.metric);
        }
        let index = usize::try_from(id.0.checked_sub(MetricId::FIRST_DECLARED.0)?).ok()?;
        self.declared.get(index).map(|declared| Self::view(index, declared))
    }

    /// The metric with this name, or that had it formerly.
    pub fn by_name(&self, name: &str) -> Option<Metric<'_>> {
        if let Some(entry) = catalogue::by_name(name) {
            return Some(entry.metric);
        }
        self.by_name.get(name).map(|&index| Self::view(index, &self.declared[index]))
    }

    /// All metrics, by number.
    pub fn iter(&self) -> impl Iterator<Item = Metric<'_>> {
        let declared = self.declared.iter().enumerate().map(|(index, declared)| Self::view(index, declared));
        catalogue::all().map(|entry| entry.metric).chain(declared)
    }

    fn view(index: usize, declared: &Declaration) -> Metric<'_> {
        Metric {
            id: Self::number(index),
            name: &declared.name,
            subject: declared.subject,
            unit: declared.unit,
            kind: declared.kind,
            retention: Retention::Standard,
            label: &declared.name,
            help: &declared.help,
        }
    }

    fn number(index: usize) -> MetricId {
        let index = u32::try_from(index).expect("MOST_DECLARED fits");
        MetricId(MetricId::FIRST_DECLARED.0 + index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declaration(name: &str) -> Declaration {
        Declaration {
            name: name.into(),
            subject: SubjectKind::Host,
            unit: Unit::Count,
            kind: Kind::Gauge,
            help: "Rooms.".into(),
        }
    }

    #[test]
    fn a_metric_declared_twice_is_one_and_a_clash_is_named() {
        let mut registry = Registry::default();
        let id = registry.declare(declaration("check.rooms")).unwrap();
        assert_eq!(registry.declare(declaration("check.rooms")), Ok(id));
        assert_eq!(registry.get(id).unwrap().name, "check.rooms");
        let other = Declaration { unit: Unit::Percent, ..declaration("check.rooms") };
        assert_eq!(registry.declare(other), Err(Undeclarable::Taken("check.rooms".into())));
        assert_eq!(registry.declare(declaration("drive.wear")), Err(Undeclarable::Taken("drive.wear".into())));
        assert!(matches!(registry.declare(declaration("Nö")), Err(Undeclarable::BadName(_))));
    }
}
