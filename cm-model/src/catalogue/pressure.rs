//! Pressure: how long tasks stood still for what they lacked, as the kernel tells it (PSI).

use super::Reading;
use crate::metric::Limits;
use crate::report::service::{Pressure, ServiceReport, Stall};
use crate::unit::{Percent, Unit};

const STARVED: &str = "Memory is short: end or limit the largest process, or add memory.";

type Row = Reading<ServiceReport>;

pub(super) const PRESSURE: &[Reading<ServiceReport>] = &[
    Row::gauge(
        481,
        "pressure.cpu_some_10",
        "cpu pressure (some, 10 s)",
        Unit::Percent,
        "Share of the last 10 s that at least one task stood still for want of a processor.",
        |r, _| share(r, |p| p.cpu.as_ref(), |s| s.some_10),
    ),
    Row::gauge(
        482,
        "pressure.cpu_some_60",
        "cpu pressure (some, 60 s)",
        Unit::Percent,
        "Share of the last 60 s that at least one task stood still for want of a processor.",
        |r, _| share(r, |p| p.cpu.as_ref(), |s| s.some_60),
    ),
    Row::gauge(
        483,
        "pressure.cpu_some_300",
        "cpu pressure (some, 300 s)",
        Unit::Percent,
        "Share of the last 300 s that at least one task stood still for want of a processor.",
        |r, _| share(r, |p| p.cpu.as_ref(), |s| s.some_300),
    ),
    Row::gauge(
        484,
        "pressure.memory_some_10",
        "memory pressure (some, 10 s)",
        Unit::Percent,
        "Share of the last 10 s that at least one task stood still for want of memory.",
        |r, _| share(r, |p| p.memory.as_ref(), |s| s.some_10),
    ),
    Row::gauge(
        485,
        "pressure.memory_some_60",
        "memory pressure (some, 60 s)",
        Unit::Percent,
        "Share of the last 60 s that at least one task stood still for want of memory.",
        |r, _| share(r, |p| p.memory.as_ref(), |s| s.some_60),
    ),
    Row::gauge(
        486,
        "pressure.memory_some_300",
        "memory pressure (some, 300 s)",
        Unit::Percent,
        "Share of the last 300 s that at least one task stood still for want of memory.",
        |r, _| share(r, |p| p.memory.as_ref(), |s| s.some_300),
    )
    .limits(Limits::warn_above(20.0), STARVED),
    Row::gauge(
        487,
        "pressure.memory_full_10",
        "memory pressure (full, 10 s)",
        Unit::Percent,
        "Share of the last 10 s that all tasks stood still for want of memory.",
        |r, _| share(r, |p| p.memory.as_ref(), |s| s.full_10),
    ),
    Row::gauge(
        488,
        "pressure.memory_full_60",
        "memory pressure (full, 60 s)",
        Unit::Percent,
        "Share of the last 60 s that all tasks stood still for want of memory.",
        |r, _| share(r, |p| p.memory.as_ref(), |s| s.full_60),
    )
    .limits(Limits::above(10.0, 40.0), STARVED),
    Row::gauge(
        489,
        "pressure.memory_full_300",
        "memory pressure (full, 300 s)",
        Unit::Percent,
        "Share of the last 300 s that all tasks stood still for want of memory.",
        |r, _| share(r, |p| p.memory.as_ref(), |s| s.full_300),
    ),
    Row::gauge(
        490,
        "pressure.io_some_10",
        "io pressure (some, 10 s)",
        Unit::Percent,
        "Share of the last 10 s that at least one task stood still for want of a disk.",
        |r, _| share(r, |p| p.io.as_ref(), |s| s.some_10),
    ),
    Row::gauge(
        491,
        "pressure.io_some_60",
        "io pressure (some, 60 s)",
        Unit::Percent,
        "Share of the last 60 s that at least one task stood still for want of a disk.",
        |r, _| share(r, |p| p.io.as_ref(), |s| s.some_60),
    ),
    Row::gauge(
        492,
        "pressure.io_some_300",
        "io pressure (some, 300 s)",
        Unit::Percent,
        "Share of the last 300 s that at least one task stood still for want of a disk.",
        |r, _| share(r, |p| p.io.as_ref(), |s| s.some_300),
    ),
    Row::gauge(
        493,
        "pressure.io_full_10",
        "io pressure (full, 10 s)",
        Unit::Percent,
        "Share of the last 10 s that all tasks stood still for want of a disk.",
        |r, _| share(r, |p| p.io.as_ref(), |s| s.full_10),
    ),
    Row::gauge(
        494,
        "pressure.io_full_60",
        "io pressure (full, 60 s)",
        Unit::Percent,
        "Share of the last 60 s that all tasks stood still for want of a disk.",
        |r, _| share(r, |p| p.io.as_ref(), |s| s.full_60),
    ),
    Row::gauge(
        495,
        "pressure.io_full_300",
        "io pressure (full, 300 s)",
        Unit::Percent,
        "Share of the last 300 s that all tasks stood still for want of a disk.",
        |r, _| share(r, |p| p.io.as_ref(), |s| s.full_300),
    ),
];

fn share(
    report: &ServiceReport,
    of: fn(&Pressure) -> Option<&Stall>,
    window: fn(&Stall) -> Option<Percent>,
) -> Option<f64> {
    window(of(report.pressure.as_ref()?)?).map(Percent::get)
}
