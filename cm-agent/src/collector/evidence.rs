//! The largest processes while the machine is under strain: who it was, for whoever asks later.
//!
//! Reading them costs a small file for each process and for root another (7.6 ms of processor time for 430 processes), so that
//! it is done only under strain: when tasks stand still for want of something, when more wait than the cores can do, or when
//! memory is nearly gone. Then the five largest by processor time, by memory and by disk traffic are told; rates need a look
//! before, of which the counters are kept as long as the strain lasts. Memory is what a process has resident: what it shares
//! with others counts with each.
//!
//! What a process moves from and to disks only its owner and root may know. Without that right the traffic of whole units
//! stands for it, which every user may read in their cgroups.

mod strain;
mod unit;

use std::cmp::Reverse;
use std::time::Duration;

use cm_model::clock::MonoTime;
use cm_model::report::service::Process;
use cm_model::text::HostText;
use cm_model::unit::{Bytes, Count, Percent};

use super::activity::{OTHERS_HIDDEN, are_all};
use super::counter::{bytes_per_second, per_second, rise};
use super::{Absent, CollectOptions, Collector, Draft, Look};
use crate::machine::process::{self, Pid, TICKS};
use crate::machine::{Cause, Machine};
use strain::Strain;

/// When the largest processes are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum When {
    /// While the machine is under strain.
    #[default]
    Strained,
    /// At every look: for somebody who asks once.
    Always,
}

/// The collector.
#[derive(Debug)]
pub struct Evidence {
    when: When,
    is_strained: bool,
    before: Option<Before>,
}

/// What the look before found.
#[derive(Debug)]
struct Before {
    at: MonoTime,
    /// By number, rising.
    counters: Vec<Counters>,
    units: Vec<unit::Traffic>,
    told: Vec<Process>,
}

/// One process's figures at one look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counters {
    pid: Pid,
    start: u64,
    ticks: u64,
    pages: u64,
    /// Bytes read and written, where they may be known.
    bytes: Option<(u64, u64)>,
}

/// So many are told by each measure.
const LARGEST: usize = 5;
/// Under strain they are read no more often than this: in between the last ones stand.
const APART: Duration = Duration::from_secs(4);

impl Evidence {
    /// As the options say.
    pub const fn new(options: &CollectOptions) -> Self {
        Self { when: options.evidence, is_strained: false, before: None }
    }
}

impl Collector for Evidence {
    fn name(&self) -> &'static str {
        "evidence"
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        self.is_strained = Strain::of(&draft.service).is_on(self.is_strained);
        if !self.is_strained && self.when == When::Strained {
            self.before = None;
            return Err(Absent::NothingHere);
        }
        let (machine, now) = (look.machine, look.now.mono);
        if let Some(before) = self.before.as_ref().filter(|_| self.when == When::Strained)
            && now.since(before.at) < APART
        {
            draft.service.processes.clone_from(&before.told);
            return Ok(());
        }
        let pids = process::all(machine).map_err(Absent::unless_there)?;
        if !are_all(&pids) {
            draft.missing("evidence", OTHERS_HIDDEN);
        }
        let (counters, refused) = counters(machine, &pids);
        let units = if refused && look.container.is_none() { unit::traffic(machine) } else { Vec::new() };
        if refused && units.is_empty() {
            let why = "only root may know what the processes of other users move; with `DefaultIOAccounting=yes` in \
                       system.conf of systemd their units tell it to everybody";
            draft.missing("evidence disk", why);
        }
        let earlier = self.before.as_ref().map(|before| (before, now.since(before.at)));
        let told = told(machine, &counters, &units, earlier);
        draft.service.processes.clone_from(&told);
        self.before = Some(Before { at: now, counters, units, told });
        Ok(())
    }
}

/// The figures of all processes, and whether the traffic of some is refused to this agent. Those of the kernel's own threads,
/// which have no memory, are asked for no traffic.
fn counters(machine: &Machine, pids: &[Pid]) -> (Vec<Counters>, bool) {
    let mut refused = false;
    let counters = pids.iter().filter_map(|&pid| {
        let stat = process::stat(machine, pid)?;
        let bytes = (stat.pages > 0).then(|| process::bytes(machine, pid));
        refused |= matches!(&bytes, Some(Err(error)) if matches!(error.cause, Cause::Forbidden(_)));
        Some(Counters {
            pid,
            start: stat.start,
            ticks: stat.ticks,
            pages: stat.pages,
            bytes: bytes.and_then(Result::ok),
        })
    });
    (counters.collect(), refused)
}

/// One process, and what it did since the look before.
#[derive(Debug, Clone, Copy)]
struct One {
    pid: Pid,
    pages: u64,
    ticks: Option<u64>,
    bytes: Option<(u64, u64)>,
}

impl One {
    fn of(now: &Counters, before: Option<&Before>) -> Self {
        let before = before.and_then(|before| {
            let at = before.counters.binary_search_by_key(&now.pid, |counters| counters.pid).ok()?;
            Some(&before.counters[at]).filter(|before| before.start == now.start)
        });
        let bytes = before.and_then(|before| {
            let ((read, written), (now_read, now_written)) = (before.bytes?, now.bytes?);
            Some((rise(read, now_read)?, rise(written, now_written)?))
        });
        let ticks = before.and_then(|before| rise(before.ticks, now.ticks));
        Self { pid: now.pid, pages: now.pages, ticks, bytes }
    }

    fn worked(&self) -> u64 {
        self.ticks.unwrap_or(0)
    }

    const fn held(&self) -> u64 {
        self.pages
    }

    fn moved(&self) -> u64 {
        self.bytes.map_or(0, |(read, written)| read.saturating_add(written))
    }

    /// By name; nothing if it is gone since, for then there is nobody to name.
    fn told(&self, machine: &Machine, span: Duration) -> Option<Process> {
        let name = process::name(machine, self.pid)?;
        let rate = |bytes: u64| bytes_per_second(0, bytes, span);
        let cpu = self.ticks.and_then(|ticks| per_second(ticks, span)).map(|ticks| 100.0 * ticks / TICKS);
        Some(Process {
            name: HostText::from(name),
            pid: Some(Count(u64::from(self.pid))),
            unit: process::unit(machine, self.pid).map(HostText::from),
            cpu_percent: cpu.map(|percent| Percent::saturating(percent).rounded(1)),
            // The kernel's own threads have none.
            memory_mb: (self.pages > 0).then(|| Bytes::new(self.pages as f64 * machine.page_size() as f64).mebibytes()),
            read_per_s: self.bytes.and_then(|(read, _)| rate(read)),
            written_per_s: self.bytes.and_then(|(_, written)| rate(written)),
        })
    }
}

/// The largest by each measure, each process once: first by processor time, then by memory, then by traffic; after them units,
/// if processes did not tell.
fn told(
    machine: &Machine,
    counters: &[Counters],
    units: &[unit::Traffic],
    earlier: Option<(&Before, Duration)>,
) -> Vec<Process> {
    let all: Vec<One> = counters.iter().map(|now| One::of(now, earlier.map(|(before, _)| before))).collect();
    let mut chosen: Vec<&One> = Vec::with_capacity(3 * LARGEST);
    for measure in [One::worked, One::held, One::moved] {
        let mut largest: Vec<&One> = all.iter().filter(|one| measure(one) > 0).collect();
        largest.sort_by_key(|one| (Reverse(measure(one)), one.pid));
        largest.truncate(LARGEST);
        largest.retain(|one| !chosen.iter().any(|known| known.pid == one.pid));
        chosen.append(&mut largest);
    }
    let span = earlier.map_or(Duration::ZERO, |(_, span)| span);
    let mut told: Vec<Process> = chosen.into_iter().filter_map(|one| one.told(machine, span)).collect();
    if let Some((before, span)) = earlier {
        told.extend(busiest(units, &before.units, span));
    }
    told
}

/// The units that moved the most.
fn busiest(now: &[unit::Traffic], before: &[unit::Traffic], span: Duration) -> Vec<Process> {
    let mut moved: Vec<(u64, Process)> = now
        .iter()
        .filter_map(|unit| {
            let earlier = before.iter().find(|earlier| earlier.unit == unit.unit)?;
            let (read, written) = (rise(earlier.read, unit.read)?, rise(earlier.written, unit.written)?);
            let rate = |bytes: u64| bytes_per_second(0, bytes, span);
            let name = HostText::from(&*unit.unit);
            let told = Process {
                name: name.clone(),
                unit: Some(name),
                read_per_s: rate(read),
                written_per_s: rate(written),
                ..Process::default()
            };
            Some((read.saturating_add(written), told))
        })
        .filter(|(moved, _)| *moved > 0)
        .collect();
    moved.sort_by_key(|(moved, _)| Reverse(*moved));
    moved.into_iter().take(LARGEST).map(|(_, told)| told).collect()
}

#[cfg(test)]
mod tests;
