//! Memory: services, the system and a game share it; what lies in swap and zram follows.

use super::rhythm::{cell, day_level, noise};
use super::service::memory_mb;
use super::story::Moment;
use crate::report::service::{Memory, Service, Sysctls, Tmpfs, Zram};
use crate::unit::{BytesPerSecond, Count, Mebibytes, Percent, Ratio};

const MIB: f64 = 1_048_576.0;

/// Share of memory that a greedy game takes slowly, beyond what it takes at once.
const GREED: f64 = 0.08;
/// Over this many seconds.
const SLOWLY: f64 = 2_400.0;

/// Memory in use: total less available.
pub(super) fn used_mb(m: &Moment<'_>, services: &[Service]) -> Mebibytes {
    let plan = &m.host.memory;
    let course = 0.02 * day_level(m.host.day, m.t) + 0.03 * noise(m.part("memory", ""), m.t);
    let other = plan.other_mb * (1.0 + course);
    let game = if m.well { plan.game_mb * 0.8 } else { plan.game_mb };
    let game = game * m.game(240.0) * (1.0 + 0.01 * noise(m.part("memory", "game"), m.t));
    let greed = if greedy(m) { GREED * plan.total_mb * m.game(SLOWLY) } else { 0.0 };
    Mebibytes::saturating((memory_mb(services) + other + game + greed).min(0.97 * plan.total_mb)).rounded(1)
}

/// Whether games here push other programs out of memory.
pub(super) fn greedy(m: &Moment<'_>) -> bool {
    !m.well && m.host.plot.game.is_some_and(|game| game.greedy)
}

/// What is swapped out, in MiB: it lies in zram first.
fn swapped_mb(m: &Moment<'_>) -> f64 {
    let pushed_out = if greedy(m) { 0.055 * m.host.memory.total_mb * m.game(SLOWLY) } else { 0.0 };
    m.host.memory.zram_mb + pushed_out
}

/// Memory beyond the summary's two figures.
pub(super) fn memory(m: &Moment<'_>, used: Mebibytes) -> Memory {
    let plan = &m.host.memory;
    let free = plan.total_mb - used.get();
    let in_zram = swapped_mb(m);
    let before = swapped_mb(&Moment { t: m.t - 10.0, ..*m });
    let rate = |mib: f64| Some(BytesPerSecond::saturating(mib.max(0.0) * MIB / 10.0).rounded(0));
    let mib = |amount: f64| Some(Mebibytes::saturating(amount).rounded(2));
    Memory {
        available_mb: mib(free),
        cached_mb: mib(free * (0.78 + 0.06 * noise(m.part("cache", ""), m.t))),
        swap_used_mb: mib(in_zram),
        swap_total_mb: mib(plan.zram_capacity_mb + plan.swap_mb),
        swap_in_per_s: rate(before - in_zram),
        swap_out_per_s: rate(in_zram - before),
        oom_kills: Some(Count(0)),
        zfs_cache_mb: plan.zfs_cache_mb.and_then(|most| mib(most * (0.94 + 0.05 * noise(m.part("arc", ""), m.t)))),
        zram: Some(Zram {
            used_mb: mib(in_zram / plan.zram_ratio),
            size_mb: mib(in_zram),
            capacity_mb: mib(plan.zram_capacity_mb),
            compression_ratio: (in_zram > 0.0).then(|| Ratio::saturating(plan.zram_ratio)),
        }),
        tmpfs: plan.tmpfs.iter().map(|&(mount, used, size)| tmpfs(m, mount, used, size)).collect(),
        sysctls: Some(Sysctls {
            swappiness: Some(Count(plan.swappiness)),
            dirty_ratio: Some(Percent::saturating(plan.dirty_ratio)),
            dirty_background_ratio: Some(Percent::saturating(plan.dirty_background_ratio)),
            vfs_cache_pressure: Some(Count(plan.vfs_cache_pressure)),
        }),
    }
}

/// Filled a little over some hours and cleared again.
fn tmpfs(m: &Moment<'_>, mount: &str, used: f64, size: f64) -> Tmpfs {
    let (_, hours) = cell(m.t - m.start, 21_600.0);
    Tmpfs {
        mount: mount.into(),
        used_mb: Some(Mebibytes::saturating((used * (1.0 + 0.2 * hours)).min(size)).rounded(3)),
        size_mb: Some(Mebibytes::saturating(size)),
    }
}
