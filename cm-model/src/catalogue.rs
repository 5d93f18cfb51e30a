//! Every built-in metric once: name, unit, limits, and how it is read from a report. A file a subject.
//!
//! CSV columns, Prometheus names, default limits, rule variables and docs/METRICS.md all derive from here. Numbers and
//! names are permanent: entries are added, never renumbered; one that is renamed keeps its old name in `formerly`.

mod backup;
mod drive;
mod filesystem;
mod gpu;
mod history;
mod link;
mod machine;
mod memory;
mod network;
mod pool;
mod pressure;
mod sensor;
mod service;

pub use history::Recording;
pub use link::Link;
pub use machine::CoreUse;

use std::sync::LazyLock;

use crate::clock::WallTime;
use crate::health::{Subject, SubjectKind};
use crate::metric::{Kind, Limits, Metric, MetricId, Retention, Sample};
use crate::report::Report;
use crate::report::backup::BackupReport;
use crate::report::service::{Disk, Filesystem, Gpu, Interface, Sensor, Service, ServiceReport, Tmpfs};
use crate::report::smart::{Drive, Pool};
use crate::unit::Unit;

/// One metric of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// What it is.
    pub metric: Metric<'static>,
    /// Names that it had before.
    pub formerly: &'static [&'static str],
    /// From where a value is bad, unless the thing measured or the owner says otherwise.
    pub limits: Limits,
    /// What to do when it is bad, in one line; empty where no value is.
    pub next: &'static str,
}

/// How a value is read from a `T` as of the moment of its report.
type Value<T> = fn(&T, WallTime) -> Option<f64>;

/// An entry, and how its value is read from a `T`.
#[derive(Debug)]
pub struct Reading<T: 'static> {
    /// What it is.
    pub entry: Entry,
    value: Value<T>,
    own_limits: fn(&T) -> Option<Limits>,
}

impl<T> Reading<T> {
    const fn new(
        id: u32,
        name: &'static str,
        label: &'static str,
        unit: Unit,
        kind: Kind,
        help: &'static str,
        value: Value<T>,
    ) -> Self
    where
        T: Measured,
    {
        let metric = Metric {
            id: MetricId(id),
            name,
            subject: T::KIND,
            unit,
            kind,
            retention: Retention::Standard,
            label,
            help,
        };
        let entry = Entry { metric, formerly: &[], limits: Limits::None, next: "" };
        Self { entry, value, own_limits: |_| None }
    }

    /// A metric that goes up and down.
    const fn gauge(
        id: u32,
        name: &'static str,
        label: &'static str,
        unit: Unit,
        help: &'static str,
        value: Value<T>,
    ) -> Self
    where
        T: Measured,
    {
        Self::new(id, name, label, unit, Kind::Gauge, help, value)
    }

    /// A metric that only rises, until a restart or a replacement sets it back.
    const fn counter(
        id: u32,
        name: &'static str,
        label: &'static str,
        unit: Unit,
        help: &'static str,
        value: Value<T>,
    ) -> Self
    where
        T: Measured,
    {
        Self::new(id, name, label, unit, Kind::Counter, help, value)
    }

    /// Kept for the life of the thing measured.
    const fn lifelong(mut self) -> Self {
        self.entry.metric.retention = Retention::Lifelong;
        self
    }

    /// Default limits, and what to do when they are passed.
    const fn limits(mut self, limits: Limits, next: &'static str) -> Self {
        self.entry.limits = limits;
        self.entry.next = next;
        self
    }

    /// Limits that the thing measured tells of itself; they go before the defaults.
    const fn own(mut self, own_limits: fn(&T) -> Option<Limits>) -> Self {
        self.own_limits = own_limits;
        self
    }

    /// The value as of `at`, the moment of the report; `None` where it is not told.
    pub fn value(&self, of: &T, at: WallTime) -> Option<f64> {
        (self.value)(of, at)
    }

    /// The limits for this one: its own, or the defaults.
    pub fn limits_for(&self, of: &T) -> Limits {
        (self.own_limits)(of).unwrap_or(self.entry.limits)
    }
}

/// Something that metrics are read from.
pub trait Measured: Sized + 'static {
    /// What sort of thing it is.
    const KIND: SubjectKind;

    /// All its metrics, in tables.
    const TABLES: &'static [&'static [Reading<Self>]];

    /// What its samples are about.
    fn subject(&self) -> Subject;
}

/// Calls `$act!(Type)` for each measured type: the one list of subjects.
macro_rules! each_measured {
    ($act:ident) => {
        $act!(
            Drive,
            Pool,
            ServiceReport,
            CoreUse,
            Tmpfs,
            Filesystem,
            Disk,
            Interface,
            Gpu,
            Sensor,
            Service,
            BackupReport,
            Link,
            Recording
        )
    };
}

/// Every entry, by subject and then by number.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    fn entries<T: Measured>() -> impl Iterator<Item = &'static Entry> {
        T::TABLES.iter().copied().flatten().map(|reading| &reading.entry)
    }
    macro_rules! chain {
        ($($measured:ident),+) => { std::iter::empty()$(.chain(entries::<$measured>()))+ };
    }
    each_measured!(chain)
}

/// The entry with this number. Costs a binary search, after the first call.
pub fn by_id(id: MetricId) -> Option<&'static Entry> {
    static BY_ID: LazyLock<Vec<&'static Entry>> = LazyLock::new(|| {
        let mut entries: Vec<_> = all().collect();
        entries.sort_unstable_by_key(|entry| entry.metric.id);
        entries
    });
    let at = BY_ID.binary_search_by_key(&id, |entry| entry.metric.id).ok()?;
    Some(BY_ID[at])
}

/// The entry with this name, or that had it formerly.
pub fn by_name(name: &str) -> Option<&'static Entry> {
    all().find(|entry| entry.metric.name == name || entry.formerly.contains(&name))
}

/// Hands every measured part of a report to `walker`.
pub fn walk(report: &Report, walker: &mut impl Walker) {
    match report {
        Report::Smart(smart) => {
            smart.drives.iter().for_each(|drive| walker.visit(drive));
            smart.pools.iter().for_each(|pool| walker.visit(pool));
        }
        Report::Service(service) => {
            walker.visit(&**service);
            let cores = service.cpu.iter().flat_map(|cpu| &cpu.core_use_percent);
            cores.enumerate().for_each(|(index, share)| walker.visit(&CoreUse { index, share: *share }));
            service.memory.iter().flat_map(|memory| &memory.tmpfs).for_each(|tmpfs| walker.visit(tmpfs));
            service.filesystems.iter().for_each(|filesystem| walker.visit(filesystem));
            service.disks.iter().for_each(|disk| walker.visit(disk));
            service.network.iter().for_each(|interface| walker.visit(interface));
            service.gpus.iter().for_each(|gpu| walker.visit(gpu));
            service.sensors.iter().for_each(|sensor| walker.visit(sensor));
            service.services.iter().for_each(|service| walker.visit(service));
        }
        Report::Backup(backup) => walker.visit(&**backup),
    }
}

/// Something that wants to see every measured part of a report.
pub trait Walker {
    /// Sees one part.
    fn visit<T: Measured>(&mut self, part: &T);
}

/// Every sample that a report holds, in the order of the catalogue.
///
/// Costs one allocation for each subject and one for each sample's subject name.
pub fn samples(report: &Report) -> Vec<Sample> {
    struct Collect {
        at: WallTime,
        samples: Vec<Sample>,
    }
    impl Walker for Collect {
        fn visit<T: Measured>(&mut self, part: &T) {
            self.samples.extend(samples_of(part, self.at));
        }
    }
    let mut collect = Collect { at: report.timestamp(), samples: Vec::new() };
    walk(report, &mut collect);
    collect.samples
}

/// Every sample of one measured part.
pub fn samples_of<T: Measured>(part: &T, at: WallTime) -> impl Iterator<Item = Sample> {
    let subject = part.subject();
    T::TABLES.iter().copied().flatten().filter_map(move |reading| {
        let value = reading.value(part, at)?;
        Some(Sample { metric: reading.entry.metric.id, subject: subject.clone(), at, value })
    })
}

/// A part of a whole in percent; nothing where either is not told or the whole is nothing.
fn share(part: Option<f64>, whole: Option<f64>) -> Option<f64> {
    let (part, whole) = (part?, whole?);
    (whole > 0.0).then(|| 100.0 * part / whole)
}

/// Yes as 1 and no as 0.
fn flag(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

#[cfg(test)]
mod tests;
