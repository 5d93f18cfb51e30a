//! The few figures that say how a host stands in one line: the worst of many readings, by the catalogue's names.

use cm_core::catalogue;
use cm_core::clock::Now;
use cm_core::fleet::{Fleet, HostState};
use cm_core::metric::{Metric, MetricId};
use cm_core::unit::Unit;

use super::value::{Kind, Value};

/// How many readings become one figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fold {
    Highest,
    Sum,
    Number,
}

/// One figure of a host.
#[derive(Debug)]
pub struct Figure {
    /// Its column.
    pub name: &'static str,
    /// What stands over it.
    pub head: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// The metric that it is made of.
    pub metric: &'static str,
    fold: Fold,
}

/// The figures of `status`, in their order.
pub const FIGURES: &[Figure] = &[
    Figure {
        name: "drive_wear_percent",
        head: "wear",
        help: "Rated life used, of the drive that has used the most.",
        metric: "drive.wear",
        fold: Fold::Highest,
    },
    Figure {
        name: "memory_use_percent",
        head: "memory",
        help: "Share of memory in use.",
        metric: "memory.use",
        fold: Fold::Highest,
    },
    Figure {
        name: "cpu_load_1",
        head: "load",
        help: "Load average over 1 minute.",
        metric: "cpu.load_1",
        fold: Fold::Highest,
    },
    Figure {
        name: "filesystem_use_percent",
        head: "disk",
        help: "Share in use, of the fullest filesystem.",
        metric: "filesystem.use",
        fold: Fold::Highest,
    },
    Figure {
        name: "services_running_count",
        head: "running",
        help: "Services that run, well or degraded.",
        metric: "service.running",
        fold: Fold::Sum,
    },
    Figure {
        name: "services_count",
        head: "services",
        help: "Services that are watched.",
        metric: "service.running",
        fold: Fold::Number,
    },
    Figure {
        name: "backup_age_seconds",
        head: "backup",
        help: "Time since a backup last ended well.",
        metric: "backup.age",
        fold: Fold::Highest,
    },
];

impl Figure {
    /// The metric that it is made of.
    fn made_of(&self) -> Metric<'static> {
        catalogue::by_name(self.metric)
            .expect("a figure is made of a metric of the catalogue, which a test holds")
            .metric
    }

    /// The number of the metric that it is made of.
    pub fn metric_id(&self) -> MetricId {
        self.made_of().id
    }

    /// What it counts in.
    pub fn unit(&self) -> Unit {
        if self.fold == Fold::Highest { self.made_of().unit } else { Unit::Count }
    }

    /// What its column holds.
    pub fn kind(&self) -> Kind {
        Kind::Reading(self.unit())
    }
}

/// The figures of a host, in the order of [`FIGURES`].
pub fn figures(fleet: &Fleet, host: &HostState, now: Now) -> Vec<Value> {
    let samples = fleet.samples(host, now);
    let of = |figure: &Figure| {
        let metric = figure.metric_id();
        let mut values = samples.iter().filter(|sample| sample.metric == metric).map(|sample| sample.value).peekable();
        values.peek()?;
        Some(match figure.fold {
            Fold::Highest => values.fold(f64::NEG_INFINITY, f64::max),
            Fold::Sum => values.sum(),
            Fold::Number => values.count() as f64,
        })
    };
    FIGURES.iter().map(|figure| Value::reading(of(figure), figure.unit())).collect()
}
