//! Whether the machine is under strain: a function of what the other collectors found at the same look.

use cm_model::report::service::{ServiceReport, Stall};
use cm_model::unit::Percent;

/// How far the machine is past what is called strain: from 1 on it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Strain(f64);

/// Shares of the last 10 s, in percent, from which on waiting is strain: that at least one task stood still for want of a
/// processor, of memory, of a disk; and that all did for want of the last two.
const SOME_CPU: f64 = 60.0;
const SOME_MEMORY: f64 = 10.0;
const FULL_MEMORY: f64 = 5.0;
const SOME_DISK: f64 = 50.0;
const FULL_DISK: f64 = 25.0;
/// Tasks that run or wait, for each core.
const LOAD_PER_CORE: f64 = 2.0;
/// Share of memory in use, in percent: where it is critical by default.
const MEMORY_USE: f64 = 90.0;
/// It is over when all is below this share of it, so that it is not left and entered again at every look.
const OVER: f64 = 0.7;

impl Strain {
    /// The worst of what was found; what was not found counts for nothing.
    pub(super) fn of(report: &ServiceReport) -> Self {
        let pressure = report.pressure.as_ref();
        let share = |stall: Option<&Stall>, read: fn(&Stall) -> Option<Percent>, limit: f64| {
            stall.and_then(read).map_or(0.0, |share| share.get() / limit)
        };
        let (cpu, memory, disk) = (
            pressure.and_then(|p| p.cpu.as_ref()),
            pressure.and_then(|p| p.memory.as_ref()),
            pressure.and_then(|p| p.io.as_ref()),
        );
        let cores = report.cpu.as_ref().and_then(|cpu| cpu.cores).map_or(0.0, |cores| cores.get() as f64);
        let load = if cores > 0.0 { report.summary.cpu_load_1.get() / cores / LOAD_PER_CORE } else { 0.0 };
        let (used, total) = (report.summary.system_memory_used_mb.get(), report.summary.system_memory_total_mb.get());
        // Full memory counts from its limit on, and below it for nothing: many machines stand at 80 % for years.
        let full = if total > 0.0 && 100.0 * used >= MEMORY_USE * total { 1.0 } else { 0.0 };
        let worst = [
            share(cpu, |s| s.some_10, SOME_CPU),
            share(memory, |s| s.some_10, SOME_MEMORY),
            share(memory, |s| s.full_10, FULL_MEMORY),
            share(disk, |s| s.some_10, SOME_DISK),
            share(disk, |s| s.full_10, FULL_DISK),
            load,
            full,
        ];
        Self(worst.into_iter().fold(0.0, f64::max))
    }

    /// Whether there is strain, given whether there was.
    pub(super) fn is_on(self, was_on: bool) -> bool {
        self.0 >= if was_on { OVER } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_model::report::service::{Cpu, Pressure};
    use cm_model::unit::{Count, Load, Mebibytes};

    #[test]
    fn strain_begins_at_its_limit_and_ends_well_below_it() {
        let stall = |some: f64, full: f64| {
            Some(Stall {
                some_10: Percent::try_from(some).ok(),
                full_10: Percent::try_from(full).ok(),
                ..Stall::default()
            })
        };
        let report = |pressure: Pressure, load: f64, used: f64| {
            let mut report = ServiceReport { pressure: Some(pressure), ..ServiceReport::default() };
            report.cpu = Some(Cpu { cores: Some(Count(4)), ..Cpu::default() });
            report.summary.cpu_load_1 = Load::saturating(load);
            report.summary.system_memory_total_mb = Mebibytes::saturating(1000.0);
            report.summary.system_memory_used_mb = Mebibytes::saturating(used);
            report
        };
        let calm = Pressure::default;
        for (report, fresh, lasting) in [
            (report(calm(), 0.5, 850.0), false, false),
            (report(calm(), 8.0, 0.0), true, true),
            (report(calm(), 7.0, 0.0), false, true),
            (report(calm(), 5.0, 0.0), false, false),
            (report(calm(), 0.0, 905.0), true, true),
            (report(Pressure { cpu: stall(61.0, 0.0), ..calm() }, 0.0, 0.0), true, true),
            (report(Pressure { memory: stall(9.0, 0.0), ..calm() }, 0.0, 0.0), false, true),
            (report(Pressure { memory: stall(0.0, 5.0), ..calm() }, 0.0, 0.0), true, true),
            (report(Pressure { io: stall(49.0, 26.0), ..calm() }, 0.0, 0.0), true, true),
            (ServiceReport::default(), false, false),
        ] {
            let strain = Strain::of(&report);
            assert_eq!((strain.is_on(false), strain.is_on(true)), (fresh, lasting), "{strain:?}");
        }
    }
}
