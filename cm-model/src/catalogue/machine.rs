//! The machine as a whole: processors, and the sums that its service API gives. Memory and pressure have rooms of their own.

use super::{Measured, Reading, flag, memory, pressure};
use crate::health::{Subject, SubjectKind};
use crate::metric::Limits;
use crate::report::service::ServiceReport;
use crate::text::HostText;
use crate::unit::{Celsius, Megahertz, Percent, Seconds, Unit};

impl Measured for ServiceReport {
    const KIND: SubjectKind = SubjectKind::Host;
    const TABLES: &'static [&'static [Reading<Self>]] = &[CPU, memory::MEMORY, pressure::PRESSURE, HOST];

    fn subject(&self) -> Subject {
        Subject::host()
    }
}

type Row = Reading<ServiceReport>;

const CPU: &[Reading<ServiceReport>] = &[
    Row::gauge(301, "cpu.load_1", "load", Unit::Load, "Load average over 1 minute.", |r, _| {
        Some(r.summary.cpu_load_1.get())
    }),
    Row::gauge(302, "cpu.load_5", "load over 5 minutes", Unit::Load, "Load average over 5 minutes.", |r, _| {
        Some(r.summary.cpu_load_5.get())
    }),
    Row::gauge(303, "cpu.load_15", "load over 15 minutes", Unit::Load, "Load average over 15 minutes.", |r, _| {
        Some(r.summary.cpu_load_15.get())
    }),
    Row::gauge(
        304,
        "cpu.load_per_core",
        "load per core over 5 minutes",
        Unit::Load,
        "Load average over 5 minutes for each core.",
        |r, _| {
            let cores = r.cpu.as_ref()?.cores?.get() as f64;
            (cores > 0.0).then(|| r.summary.cpu_load_5.get() / cores)
        },
    )
    .limits(
        Limits::warn_above(2.0),
        "See what runs: `top`, sorted by CPU; tasks in state D point to a slow disk or network mount.",
    ),
    Row::gauge(
        305,
        "cpu.use",
        "CPU use",
        Unit::Percent,
        "Share of time that all cores together were at work.",
        |r, _| r.cpu.as_ref()?.use_percent.map(Percent::get),
    ),
    Row::gauge(
        306,
        "cpu.iowait",
        "waiting for disks",
        Unit::Percent,
        "Share of time that cores had nothing to do but wait for a disk.",
        |r, _| r.cpu.as_ref()?.iowait_percent.map(Percent::get),
    ),
    Row::gauge(
        307,
        "cpu.steal",
        "stolen time",
        Unit::Percent,
        "Share of time that the hypervisor gave to others.",
        |r, _| r.cpu.as_ref()?.steal_percent.map(Percent::get),
    ),
    Row::gauge(308, "cpu.frequency", "clock rate", Unit::Megahertz, "Clock rate, averaged over cores.", |r, _| {
        r.summary.cpu_freq_mhz.map(Megahertz::get)
    }),
    Row::gauge(
        309,
        "cpu.temperature",
        "CPU temperature",
        Unit::Celsius,
        "Temperature of the processor package.",
        |r, _| r.summary.cpu_temp_c.map(Celsius::get),
    )
    .limits(Limits::above(95.0, 105.0), "Look at fan, dust and thermal paste; the processor slows down by itself."),
    Row::gauge(310, "cpu.cores", "cores", Unit::Count, "Logical cores that may be used.", |r, _| {
        r.cpu.as_ref()?.cores.map(|v| v.get() as f64)
    }),
    Row::counter(
        311,
        "cpu.throttled",
        "times slowed by heat",
        Unit::Count,
        "Times that heat slowed the processor since the machine started.",
        |r, _| r.cpu.as_ref()?.throttled.map(|v| v.get() as f64),
    ),
];

const HOST: &[Reading<ServiceReport>] = &[
    Row::gauge(1001, "host.uptime", "up", Unit::Seconds, "Time since the machine started.", |r, _| {
        r.uptime_s.map(Seconds::get)
    }),
    Row::gauge(1002, "host.services_healthy", "services well", Unit::Count, "Services that run well.", |r, _| {
        Some(r.summary.healthy.get() as f64)
    }),
    Row::gauge(
        1003,
        "host.services_degraded",
        "services degraded",
        Unit::Count,
        "Services that run, but not well.",
        |r, _| Some(r.summary.degraded.get() as f64),
    ),
    Row::gauge(1004, "host.services_failed", "services failed", Unit::Count, "Services that do not run.", |r, _| {
        Some(r.summary.failed.get() as f64)
    }),
    Row::gauge(1005, "host.updates_pending", "updates", Unit::Count, "Updates that wait.", |r, _| {
        r.updates_pending.map(|v| v.get() as f64)
    }),
    Row::gauge(
        1006,
        "host.reboot_needed",
        "restart needed",
        Unit::Flag,
        "Whether an update waits for a restart of the machine.",
        |r, _| r.reboot_needed.map(flag),
    ),
];

/// One core's share of time at work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoreUse {
    /// Which core, from 0.
    pub index: usize,
    /// Its share of time at work, 0 to 100.
    pub share: Percent,
}

impl Measured for CoreUse {
    const KIND: SubjectKind = SubjectKind::Core;
    const TABLES: &'static [&'static [Reading<Self>]] = &[&[Reading::<Self>::gauge(
        320,
        "core.use",
        "core use",
        Unit::Percent,
        "Share of time that this core was at work.",
        |core, _| Some(core.share.get()),
    )]];

    fn subject(&self) -> Subject {
        Subject::named(SubjectKind::Core, HostText::new(format!("cpu{}", self.index)))
    }
}
