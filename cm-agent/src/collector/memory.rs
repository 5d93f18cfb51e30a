//! Memory: in use and available, swap and its traffic, kills for want of it, zram, the ZFS cache, the kernel's settings.
//!
//! Counted as an owner does. The ZFS cache gives way when programs ask, down to its minimum, but the kernel does not count it
//! as available: here it is. Inside a container the cgroup's limit and use stand for the machine's.

use std::time::Duration;

use cm_model::clock::MonoTime;
use cm_model::report::service::{Memory as Block, Sysctls, Zram};
use cm_model::unit::{Bytes, BytesPerSecond, Count, Percent, Ratio};

use super::counter::{per_second, rise};
use super::rarely::Rarely;
use super::{Absent, Collector, Draft, Look};
use crate::machine::container::{self, keyed};
use crate::machine::{Machine, Unreadable};

/// The collector.
#[derive(Debug, Default)]
pub struct Memory {
    /// Pages read from and written to swap, at the look before.
    before: Option<(Swapped, MonoTime)>,
    sysctls: Rarely<Option<Sysctls>>,
}

#[derive(Debug, Clone, Copy)]
struct Swapped {
    read: u64,
    written: u64,
}

impl Collector for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        let machine = look.machine;
        let sysctls = self.sysctls.get(|| sysctls(machine)).clone();
        // In a container the devices are those of the machine around it, and hold everybody's pages.
        let zram = if look.container.is_none() { zram(machine) } else { None };
        let mut block = Block { zram, sysctls, ..Block::default() };
        self.events(look, &mut block);
        let text = machine.read("/proc/meminfo");
        let info = text.and_then(|text| {
            Info::parse(&text).ok_or_else(|| Unreadable::garbled("/proc/meminfo", "amounts of memory"))
        });
        let result = info.map(|info| {
            let mut sums = info.sums();
            if let Some(container) = look.container {
                sums.narrow(&container.memory(machine));
            } else if let Ok(text) = machine.read("/proc/spl/kstat/zfs/arcstats") {
                let cache = Cache::parse(&text);
                sums.available = (sums.available + cache.reclaimable() as f64).min(sums.total);
                sums.used = sums.total - sums.available;
                block.zfs_cache_mb = Some(Bytes::new(cache.size as f64).mebibytes());
            }
            draft.service.summary.system_memory_total_mb = Bytes::new(sums.total).mebibytes();
            draft.service.summary.system_memory_used_mb = Bytes::new(sums.used).mebibytes();
            block.available_mb = Some(Bytes::new(sums.available).mebibytes());
            block.cached_mb = Some(Bytes::new(sums.cached).mebibytes());
            block.swap_total_mb = Some(Bytes::new(sums.swap_total).mebibytes());
            block.swap_used_mb = Some(Bytes::new(sums.swap_used).mebibytes());
            if sums.oom_kills.is_some() {
                block.oom_kills = sums.oom_kills.map(Count);
            }
        });
        let memory = draft.service.memory.get_or_insert_default();
        *memory = Block { tmpfs: std::mem::take(&mut memory.tmpfs), ..block };
        result.map_err(Absent::Unread)
    }
}

impl Memory {
    /// What `/proc/vmstat` counts: swap traffic and kills.
    fn events(&mut self, look: &Look<'_>, block: &mut Block) {
        let Ok(text) = look.machine.read("/proc/vmstat") else { return };
        block.oom_kills = keyed(&text, "oom_kill").map(Count);
        // The traffic of a container is not told apart from that of the machine around it.
        if look.container.is_some() {
            return;
        }
        let swapped = keyed(&text, "pswpin").zip(keyed(&text, "pswpout"));
        let Some(now) = swapped.map(|(read, written)| Swapped { read, written }) else { return };
        if let Some((before, at)) = self.before {
            let span = look.now.mono.since(at);
            let page = look.machine.page_size();
            block.swap_in_per_s = pages_per_second(before.read, now.read, span, page);
            block.swap_out_per_s = pages_per_second(before.written, now.written, span, page);
        }
        self.before = Some((now, look.now.mono));
    }
}

fn pages_per_second(before: u64, after: u64, span: Duration, page: u64) -> Option<BytesPerSecond> {
    let pages = per_second(rise(before, after)?, span)?;
    Some(BytesPerSecond::saturating((pages * page as f64).round()))
}

/// `/proc/meminfo`, in kB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Info {
    total: u64,
    free: u64,
    available: Option<u64>,
    buffers: u64,
    cached: u64,
    reclaimable: u64,
    shared: u64,
    swap_total: u64,
    swap_free: u64,
}

impl Info {
    /// Reads the file; nothing if it does not state the total.
    pub fn parse(text: &str) -> Option<Self> {
        let mut info = Self::default();
        for line in text.lines() {
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.trim_start();
            let Ok(value) = value.split(' ').next().unwrap_or(value).parse() else { continue };
            match key {
                "MemTotal" => info.total = value,
                "MemFree" => info.free = value,
                "MemAvailable" => info.available = Some(value),
                "Buffers" => info.buffers = value,
                "Cached" => info.cached = value,
                "SReclaimable" => info.reclaimable = value,
                "Shmem" => info.shared = value,
                "SwapTotal" => info.swap_total = value,
                "SwapFree" => info.swap_free = value,
                _ => {}
            }
        }
        (info.total > 0).then_some(info)
    }

    /// Put together in bytes.
    fn sums(&self) -> Sums {
        let bytes = |kb: u64| kb as f64 * 1024.0;
        let files =
            self.cached.saturating_add(self.buffers).saturating_add(self.reclaimable).saturating_sub(self.shared);
        // Kernels before 3.14 state no available memory: what they could give up is near enough.
        let available = self.available.unwrap_or_else(|| self.free.saturating_add(files));
        Sums {
            total: bytes(self.total),
            used: bytes(self.total.saturating_sub(available)),
            available: bytes(available.min(self.total)),
            cached: bytes(files),
            swap_total: bytes(self.swap_total),
            swap_used: bytes(self.swap_total.saturating_sub(self.swap_free)),
            oom_kills: None,
        }
    }
}

/// In bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sums {
    total: f64,
    /// The total less what is available; in a container what it takes itself.
    used: f64,
    available: f64,
    cached: f64,
    swap_total: f64,
    swap_used: f64,
    oom_kills: Option<u64>,
}

impl Sums {
    /// Within a container's limits, and with what it takes.
    fn narrow(&mut self, within: &container::Memory) {
        if let Some(limit) = within.limit {
            self.total = self.total.min(limit as f64);
        }
        if let Some(used) = within.used {
            self.used = (used as f64).min(self.total);
            self.available = self.available.min(self.total - self.used);
        }
        self.available = self.available.min(self.total);
        if let Some(cached) = within.cached {
            self.cached = cached as f64;
        }
        if let Some(limit) = within.swap_limit {
            self.swap_total = self.swap_total.min(limit as f64);
        }
        if let Some(used) = within.swap_used {
            self.swap_used = (used as f64).min(self.swap_total);
        }
        self.oom_kills = within.oom_kills;
    }
}

/// The ZFS cache, by `arcstats`: lines of name, type and value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cache {
    size: u64,
    least: u64,
}

impl Cache {
    /// Reads the file; what it does not state is 0.
    pub fn parse(text: &str) -> Self {
        let value = |name: &str| {
            text.lines().find_map(|line| {
                let mut fields = line.split_whitespace();
                (fields.next()? == name).then(|| fields.nth(1)?.parse().ok())?
            })
        };
        Self { size: value("size").unwrap_or(0), least: value("c_min").unwrap_or(0) }
    }

    /// What of it gives way to programs.
    const fn reclaimable(self) -> u64 {
        self.size.saturating_sub(self.least)
    }
}

/// All zram devices that are set up, together.
fn zram(machine: &Machine) -> Option<Zram> {
    let mut sums: Option<[f64; 3]> = None;
    for index in 0..8 {
        let device = format!("/sys/block/zram{index}");
        // The kernel numbers them without gaps unless one was removed, which nobody does to the first.
        let Some(capacity) = machine.number::<u64>(&format!("{device}/disksize")) else { break };
        let Some(stat) = machine.line(&format!("{device}/mm_stat")).filter(|_| capacity > 0) else { continue };
        let Some([original, used]) = stored(&stat) else { continue };
        let [all_original, all_used, all_capacity] = sums.unwrap_or_default();
        sums = Some([all_original + original as f64, all_used + used as f64, all_capacity + capacity as f64]);
    }
    sums.map(|[original, used, capacity]| Zram {
        used_mb: Some(Bytes::new(used).mebibytes()),
        size_mb: Some(Bytes::new(original).mebibytes()),
        capacity_mb: Some(Bytes::new(capacity).mebibytes()),
        compression_ratio: (used > 0.0 && original > 0.0).then(|| Ratio::saturating(original / used).rounded(2)),
    })
}

/// Of `mm_stat` (Documentation/admin-guide/blockdev/zram.rst): stored before compression, and memory taken.
pub fn stored(line: &str) -> Option<[u64; 2]> {
    let mut fields = line.split_whitespace();
    let original = fields.next()?.parse().ok()?;
    let used = fields.nth(1)?.parse().ok()?;
    Some([original, used])
}

fn sysctls(machine: &Machine) -> Option<Sysctls> {
    let count = |name: &str| machine.number(&format!("/proc/sys/vm/{name}")).map(Count);
    let percent =
        |name: &str| machine.number(&format!("/proc/sys/vm/{name}")).and_then(|v: f64| Percent::try_from(v).ok());
    let sysctls = Sysctls {
        swappiness: count("swappiness"),
        dirty_ratio: percent("dirty_ratio"),
        dirty_background_ratio: percent("dirty_background_ratio"),
        vfs_cache_pressure: count("vfs_cache_pressure"),
    };
    (sysctls != Sysctls::default()).then_some(sysctls)
}

#[cfg(test)]
mod tests;
