//! Memory: use, swap, zram, the kernel's settings; and each filesystem in memory.

use super::{Measured, Reading, share};
use crate::health::{Subject, SubjectKind};
use crate::metric::Limits;
use crate::report::service::{Memory, ServiceReport, Sysctls, Tmpfs, Zram};
use crate::unit::{Bytes, BytesPerSecond, Count, Mebibytes, Percent, Ratio, Unit};

type Row = Reading<ServiceReport>;

pub(super) const MEMORY: &[Reading<ServiceReport>] = &[
    Row::gauge(401, "memory.used", "memory used", Unit::Bytes, "Memory in use: total less available.", |r, _| {
        Some(Bytes::from(r.summary.system_memory_used_mb).get())
    }),
    Row::gauge(402, "memory.total", "memory", Unit::Bytes, "Memory of the machine.", |r, _| {
        Some(Bytes::from(r.summary.system_memory_total_mb).get())
    }),
    Row::gauge(403, "memory.use", "memory use", Unit::Percent, "Share of memory in use.", |r, _| {
        share(Some(r.summary.system_memory_used_mb.get()), Some(r.summary.system_memory_total_mb.get()))
    })
    .limits(Limits::above(80.0, 90.0), "See what holds it: `ps aux --sort=-rss | head`; end or limit the largest."),
    Row::gauge(
        404,
        "memory.available",
        "memory available",
        Unit::Bytes,
        "What programs can still get without swapping.",
        |r, _| mib(r, |m| m.available_mb),
    ),
    Row::gauge(405, "memory.cached", "cached", Unit::Bytes, "File contents kept in memory.", |r, _| {
        mib(r, |m| m.cached_mb)
    }),
    Row::gauge(406, "memory.swap_used", "swap used", Unit::Bytes, "Swap in use.", |r, _| mib(r, |m| m.swap_used_mb)),
    Row::gauge(407, "memory.swap_total", "swap", Unit::Bytes, "Swap in all.", |r, _| mib(r, |m| m.swap_total_mb)),
    Row::gauge(408, "memory.swap_use", "swap use", Unit::Percent, "Share of swap in use.", |r, _| {
        share(mib(r, |m| m.swap_used_mb), mib(r, |m| m.swap_total_mb))
    }),
    Row::gauge(409, "memory.swap_in", "swapped in", Unit::BytesPerSecond, "Read back from swap.", |r, _| {
        r.memory.as_ref()?.swap_in_per_s.map(BytesPerSecond::get)
    }),
    Row::gauge(410, "memory.swap_out", "swapped out", Unit::BytesPerSecond, "Written to swap.", |r, _| {
        r.memory.as_ref()?.swap_out_per_s.map(BytesPerSecond::get)
    }),
    Row::counter(
        411,
        "memory.oom_kills",
        "killed for memory",
        Unit::Count,
        "Processes killed for want of memory since the machine started.",
        |r, _| r.memory.as_ref()?.oom_kills.map(|v| v.get() as f64),
    ),
    Row::gauge(
        412,
        "memory.zfs_cache",
        "ZFS cache",
        Unit::Bytes,
        "The ZFS cache, given back when asked for.",
        |r, _| mib(r, |m| m.zfs_cache_mb),
    ),
    Row::gauge(413, "zram.used", "zram memory", Unit::Bytes, "Memory that compressed swap takes.", |r, _| {
        zram(r, |z| z.used_mb)
    }),
    Row::gauge(
        414,
        "zram.stored",
        "zram stored",
        Unit::Bytes,
        "What is stored in compressed swap, before compression.",
        |r, _| zram(r, |z| z.size_mb),
    ),
    Row::gauge(
        415,
        "zram.capacity",
        "zram capacity",
        Unit::Bytes,
        "What may be stored in compressed swap, before compression.",
        |r, _| zram(r, |z| z.capacity_mb),
    ),
    Row::gauge(
        416,
        "zram.compression_ratio",
        "zram compression",
        Unit::Ratio,
        "What compressed swap stores in terms of the memory it takes.",
        |r, _| r.memory.as_ref()?.zram.as_ref()?.compression_ratio.map(Ratio::get),
    ),
    Row::gauge(417, "sysctl.swappiness", "swappiness", Unit::Count, "vm.swappiness: willingness to swap.", |r, _| {
        whole(r, |s| s.swappiness)
    }),
    Row::gauge(
        418,
        "sysctl.dirty_ratio",
        "dirty_ratio",
        Unit::Percent,
        "vm.dirty_ratio: unwritten data at which writers wait.",
        |r, _| sysctls(r)?.dirty_ratio.map(Percent::get),
    ),
    Row::gauge(
        419,
        "sysctl.dirty_background_ratio",
        "dirty_background_ratio",
        Unit::Percent,
        "vm.dirty_background_ratio: unwritten data at which writing starts.",
        |r, _| sysctls(r)?.dirty_background_ratio.map(Percent::get),
    ),
    Row::gauge(
        420,
        "sysctl.vfs_cache_pressure",
        "vfs_cache_pressure",
        Unit::Count,
        "vm.vfs_cache_pressure: willingness to forget directory entries.",
        |r, _| whole(r, |s| s.vfs_cache_pressure),
    ),
];

fn mib(report: &ServiceReport, field: fn(&Memory) -> Option<Mebibytes>) -> Option<f64> {
    field(report.memory.as_ref()?).map(|v| Bytes::from(v).get())
}

fn zram(report: &ServiceReport, field: fn(&Zram) -> Option<Mebibytes>) -> Option<f64> {
    field(report.memory.as_ref()?.zram.as_ref()?).map(|v| Bytes::from(v).get())
}

fn sysctls(report: &ServiceReport) -> Option<&Sysctls> {
    report.memory.as_ref()?.sysctls.as_ref()
}

fn whole(report: &ServiceReport, field: fn(&Sysctls) -> Option<Count>) -> Option<f64> {
    field(sysctls(report)?).map(|v| v.get() as f64)
}

impl Measured for Tmpfs {
    const KIND: SubjectKind = SubjectKind::Tmpfs;
    const TABLES: &'static [&'static [Reading<Self>]] = &[&[
        Reading::<Self>::gauge(451, "tmpfs.used", "used", Unit::Bytes, "In use.", |t, _| {
            t.used_mb.map(|v| Bytes::from(v).get())
        }),
        Reading::<Self>::gauge(452, "tmpfs.size", "size", Unit::Bytes, "Its limit.", |t, _| {
            t.size_mb.map(|v| Bytes::from(v).get())
        }),
        Reading::<Self>::gauge(453, "tmpfs.use", "use", Unit::Percent, "Share of it in use.", |t, _| {
            share(t.used_mb.map(Mebibytes::get), t.size_mb.map(Mebibytes::get))
        })
        .limits(Limits::above(85.0, 95.0), "See what fills it: `du -sh` below the mount point; it takes memory."),
    ]];

    fn subject(&self) -> Subject {
        Subject::named(SubjectKind::Tmpfs, self.mount.clone())
    }
}
