//! The smart API: drives and pools.

use serde::{Deserialize, Serialize};

use super::read::list;
use super::{Status, words};
use crate::clock::WallTime;
use crate::text::HostText;
use crate::unit::{Celsius, Count, Gibibytes, Gigabytes, Hours, Percent, Terabytes};

/// An answer of the smart API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SmartReport {
    /// How the host judges its drives.
    pub status: Status,
    /// Its drives.
    #[serde(deserialize_with = "list")]
    pub drives: Vec<Drive>,
    /// Their sums.
    pub summary: Summary,
    /// What the host finds wrong, in its own words.
    #[serde(deserialize_with = "list")]
    pub issues: Vec<HostText>,
    /// When the host looked, by its own clock.
    pub timestamp: WallTime,
    /// Arrays and pools over several drives: md, ZFS, btrfs.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<Pool>,
}

/// Drives counted by health, and their capacity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Summary {
    /// Drives that are well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthy: Option<Count>,
    /// Drives that want attention.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<Count>,
    /// Drives that have failed or soon will.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical: Option<Count>,
    /// Capacity of all drives, in GB (10^9).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_total_gb: Option<Gigabytes>,
    /// Of that in use, in GB (10^9).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_used_gb: Option<Gigabytes>,
}

/// One drive. It is known by serial or WWN; `name` may change at every start of the machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Drive {
    /// The device's name now: `nvme0n1`, `sda`.
    pub name: HostText,
    /// Its temperature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature_c: Option<Celsius>,
    /// Rated life used, in percent: 100 is the end of the rated life, not of the drive, and it may pass 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wear_level: Option<Percent>,
    /// Hours under power.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_on_hours: Option<Hours>,
    /// Spare blocks left, in percent of those it was made with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_spare: Option<Percent>,
    /// The spare below which the maker calls the drive worn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_spare_threshold: Option<Percent>,
    /// Maker's model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<HostText>,
    /// Serial number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<HostText>,
    /// Firmware revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firmware: Option<HostText>,
    /// What sort of drive.
    #[serde(default)]
    pub kind: DriveKind,
    /// Capacity as the maker states it, in GB (10^9).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_gb: Option<Gigabytes>,
    /// Of that in use by filesystems, in GB (10^9).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_gb: Option<Gigabytes>,
    /// Written by the host over the drive's life, in TB (10^12).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_written_tb: Option<Terabytes>,
    /// Read by the host over the drive's life, in TB (10^12).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_read_tb: Option<Terabytes>,
    /// Times that data could not be read back, or not trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_errors: Option<Count>,
    /// Times that power went away unannounced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsafe_shutdowns: Option<Count>,
    /// The NVMe log's warning bits: 1 spare low, 2 temperature, 4 unreliable, 8 read-only, 16 backup failed, 32 memory region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical_warning: Option<Count>,
    /// The drive's own verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smart_passed: Option<bool>,
    /// Result of the last self-test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_test: Option<SelfTest>,
    /// World-wide name: an identity that outlives cable and bay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wwn: Option<HostText>,
    /// A name given by the owner: bay, shelf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<HostText>,
    /// Whether it spins; drives asleep are left asleep.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_state: Option<PowerState>,
    /// The drive's own limit: too warm from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature_warning_c: Option<Celsius>,
    /// The drive's own limit: harm from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature_critical_c: Option<Celsius>,
    /// Sectors replaced by spare ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reallocated_sectors: Option<Count>,
    /// Sectors that could not be read and wait for a verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_sectors: Option<Count>,
    /// Errors that correction could not mend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncorrectable_errors: Option<Count>,
    /// Errors on the way to the drive: mostly the cable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crc_errors: Option<Count>,
    /// Power-on hours at the last self-test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_test_hours: Option<Hours>,
    /// Why the drive could not be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable_reason: Option<HostText>,
}

/// An array or pool over several drives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Pool {
    /// `md0`, `tank`, a mount point for btrfs.
    pub name: HostText,
    /// What holds it together.
    #[serde(default)]
    pub kind: PoolKind,
    /// Whether it is whole.
    #[serde(default)]
    pub state: PoolState,
    /// Its size, in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_gb: Option<Gibibytes>,
    /// Of that in use, in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_gb: Option<Gibibytes>,
    /// Read, write and checksum errors since they were last cleared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Count>,
    /// When it was last checked from end to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_scrub: Option<WallTime>,
    /// What that check found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scrub_errors: Option<Count>,
    /// How far a scrub, rebuild or reshape is that runs now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<Percent>,
}

words! {
    /// What sort of drive.
    DriveKind {
        /// Flash behind NVMe.
        Nvme = "nvme",
        /// Flash behind SATA, SAS or USB.
        Ssd = "ssd",
        /// Spinning disks.
        Hdd = "hdd",
        /// Soldered flash.
        Emmc = "emmc",
        /// A memory card.
        Card = "card",
        /// A disk that a hypervisor makes up.
        Virtual = "virtual",
    }
}

words! {
    /// Result of a drive's last self-test.
    SelfTest {
        /// Without error.
        Passed = "passed" | "completed" | "ok",
        /// With an error.
        Failed = "failed",
        /// One is under way.
        Running = "running" | "in_progress",
        /// Stopped before its end, by a person or a reset.
        Aborted = "aborted" | "interrupted",
        /// Never run.
        Never = "never" | "none",
    }
}

words! {
    /// Whether a drive spins.
    PowerState {
        /// At work.
        Active = "active",
        /// Ready.
        Idle = "idle",
        /// Spun down; it is not woken to be asked.
        Standby = "standby" | "sleep",
    }
}

words! {
    /// What holds a pool together.
    PoolKind {
        /// Linux software RAID.
        Md = "md",
        /// ZFS.
        Zfs = "zfs",
        /// btrfs.
        Btrfs = "btrfs",
    }
}

words! {
    /// Whether a pool is whole.
    PoolState {
        /// All members at work.
        Online = "online" | "active" | "clean",
        /// At work with a member missing or failed.
        Degraded = "degraded",
        /// Being rebuilt onto a new member.
        Rebuilding = "rebuilding" | "resilvering" | "recovering",
        /// Not at work.
        Faulted = "faulted" | "failed" | "offline" | "inactive",
    }
}
