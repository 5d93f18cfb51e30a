//! Who plays: the five hosts as plain figures, as they stand when the story begins.
//!
//! Only data. What becomes of the figures as time passes is the business of the rooms that make reports of them.

mod cmbox;
mod labbox;
mod simonbox;
mod srv01;
mod steambox;

use super::rhythm::Day;
use crate::report::service::{BootReason, ServiceKind};
use crate::report::smart::{DriveKind, PoolKind};

/// The five, in the order in which the owner lists them.
pub(super) static HOSTS: [&Pattern; 5] = [&srv01::HOST, &cmbox::HOST, &simonbox::HOST, &steambox::HOST, &labbox::HOST];

/// One host's figures.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) name: &'static str,
    pub(super) role: &'static str,
    pub(super) day: Day,
    pub(super) os: &'static str,
    pub(super) kernel: &'static str,
    pub(super) uptime_s: f64,
    pub(super) boot: BootReason,
    pub(super) reboot_needed: bool,
    pub(super) updates: u64,
    pub(super) cpu: Cpu,
    pub(super) memory: Memory,
    pub(super) filesystems: &'static [Filesystem],
    pub(super) drives: &'static [Drive],
    pub(super) pools: &'static [Pool],
    pub(super) network: &'static [Interface],
    pub(super) gpus: &'static [Gpu],
    pub(super) sensors: &'static [Sensor],
    pub(super) services: &'static [Service],
    pub(super) missing: &'static [(&'static str, &'static str)],
    pub(super) backup: Backup,
    pub(super) plot: Plot,
}

/// What happens to a host, beyond its days. Services are named by their place in the list.
#[derive(Debug)]
pub(super) struct Plot {
    pub(super) game: Option<Game>,
    /// Whether it falls silent at times.
    pub(super) silent: bool,
    pub(super) backup: BackupPlot,
    /// The service that comes back by itself now and then.
    pub(super) restarting: Option<usize>,
    /// The service that fails now and then.
    pub(super) failing: Option<usize>,
    /// The service that is slow now and then.
    pub(super) degraded: Option<usize>,
}

/// A game, once a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Game {
    /// How long before the start of the story one began, in seconds; negative after it.
    pub(super) ago_s: f64,
    /// Whether it fills memory to the brim.
    pub(super) greedy: bool,
}

/// What happens to a host's backups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BackupPlot {
    /// All end well.
    Good,
    /// Some wait for hours.
    Late,
    /// Now and then one fails, and one ends with warnings.
    Failing,
}

impl Plot {
    /// Nothing happens.
    pub(super) const NONE: Self =
        Self { game: None, silent: false, backup: BackupPlot::Good, restarting: None, failing: None, degraded: None };
}

#[derive(Debug)]
pub(super) struct Cpu {
    pub(super) model: &'static str,
    pub(super) cores: u32,
    pub(super) low_mhz: f64,
    pub(super) high_mhz: f64,
    /// The load about which it swings.
    pub(super) load: f64,
    /// What a game adds to it.
    pub(super) game_load: f64,
    pub(super) idle_c: f64,
    /// Warmer by this with all cores at work.
    pub(super) rise_c: f64,
    /// Whether a hypervisor is below.
    pub(super) guest: bool,
}

#[derive(Debug)]
pub(super) struct Memory {
    pub(super) total_mb: f64,
    /// What the system and everything but the services take.
    pub(super) other_mb: f64,
    /// What a game adds at once.
    pub(super) game_mb: f64,
    /// What lies in zram before compression, and how well it compresses.
    pub(super) zram_mb: f64,
    pub(super) zram_capacity_mb: f64,
    pub(super) zram_ratio: f64,
    /// Swap on a disk.
    pub(super) swap_mb: f64,
    pub(super) zfs_cache_mb: Option<f64>,
    /// Mount, used, size in MiB.
    pub(super) tmpfs: &'static [(&'static str, f64, f64)],
    pub(super) swappiness: u64,
    pub(super) dirty_ratio: f64,
    pub(super) dirty_background_ratio: f64,
    pub(super) vfs_cache_pressure: u64,
}

#[derive(Debug)]
pub(super) struct Filesystem {
    pub(super) mount: &'static str,
    pub(super) device: &'static str,
    pub(super) kind: &'static str,
    pub(super) used_gb: f64,
    pub(super) total_gb: f64,
    pub(super) grows_gb_a_day: f64,
    /// Places in the list of drives.
    pub(super) on: &'static [usize],
    /// Used and there; none where there is no limit.
    pub(super) inodes: Option<(u64, u64)>,
    pub(super) remote: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Drive {
    pub(super) name: &'static str,
    pub(super) model: &'static str,
    pub(super) serial: &'static str,
    pub(super) firmware: &'static str,
    pub(super) kind: DriveKind,
    pub(super) capacity_gb: f64,
    pub(super) hours: f64,
    pub(super) read_tb: f64,
    pub(super) written_tb: f64,
    /// What it can take before its rated life is over, as it is used here; infinite for spinning disks.
    pub(super) endurance_tb: f64,
    pub(super) read_per_s: f64,
    pub(super) write_per_s: f64,
    /// What it moves at most, in bytes a second.
    pub(super) most_per_s: f64,
    pub(super) wait_ms: f64,
    pub(super) idle_c: f64,
    pub(super) limits_c: Option<(f64, f64)>,
    pub(super) unsafe_shutdowns: u64,
    pub(super) reallocated: u64,
    pub(super) crc_errors: u64,
    pub(super) label: Option<&'static str>,
    pub(super) asleep: bool,
}

#[derive(Debug)]
pub(super) struct Pool {
    pub(super) name: &'static str,
    pub(super) kind: PoolKind,
    pub(super) capacity_gb: f64,
    /// Places in the list of filesystems.
    pub(super) holds: &'static [usize],
    pub(super) scrub_s: f64,
}

#[derive(Debug)]
pub(super) struct Interface {
    pub(super) name: &'static str,
    pub(super) speed_mbit: Option<u64>,
    pub(super) rx_per_s: f64,
    pub(super) tx_per_s: f64,
}

#[derive(Debug)]
pub(super) struct Gpu {
    pub(super) name: &'static str,
    pub(super) memory_mb: f64,
    pub(super) idle_memory_mb: f64,
    /// At rest and in a game.
    pub(super) load_percent: (f64, f64),
    pub(super) temperature_c: (f64, f64),
    pub(super) power_w: (f64, f64),
}

/// A sensor: at rest, and with everything at work.
#[derive(Debug)]
pub(super) enum Sensor {
    FanRpm(&'static str, f64, f64),
    TemperatureC(&'static str, f64, f64),
    PowerW(&'static str, f64, f64),
    ChargePercent(&'static str, f64),
    /// A built-in battery that is kept at this charge, with what it can still hold in percent and its cycles.
    Kept(&'static str, f64, f64, u64),
    Mains(&'static str),
}

#[derive(Debug)]
pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) kind: ServiceKind,
    pub(super) memory_mb: f64,
    pub(super) memory_quota_mb: Option<f64>,
    pub(super) cpu_percent: f64,
    /// Used, quota, and how much more a day, in GiB.
    pub(super) disk: Option<(f64, Option<f64>, f64)>,
    pub(super) restarts: u64,
}

/// A systemd unit.
const fn unit(name: &'static str, description: &'static str, memory_mb: f64, cpu_percent: f64) -> Service {
    let kind = ServiceKind::Systemd;
    Service { name, description, kind, memory_mb, memory_quota_mb: None, cpu_percent, disk: None, restarts: 0 }
}

impl Service {
    const fn by(mut self, kind: ServiceKind) -> Self {
        self.kind = kind;
        self
    }

    const fn quota_mb(mut self, quota: f64) -> Self {
        self.memory_quota_mb = Some(quota);
        self
    }

    const fn disk(mut self, used_gb: f64, quota_gb: Option<f64>, grows_gb_a_day: f64) -> Self {
        self.disk = Some((used_gb, quota_gb, grows_gb_a_day));
        self
    }

    const fn restarted(mut self, times: u64) -> Self {
        self.restarts = times;
        self
    }
}

#[derive(Debug)]
pub(super) struct Backup {
    /// Hour of the day.
    pub(super) hour: f64,
    pub(super) every_days: f64,
    pub(super) takes_s: f64,
    pub(super) size_gb: f64,
    pub(super) stored_gb: f64,
    /// What a run adds to what is covered, in GiB; about a third of that is stored.
    pub(super) grows_gb: f64,
    pub(super) archives: u64,
    pub(super) repository: &'static str,
    /// A second backup, if there is one: its name and where it goes.
    pub(super) other: Option<(&'static str, &'static str)>,
}
