//! What a host tells of the machine itself: processors, memory, filesystems, disks, network, graphics.

use serde::{Deserialize, Serialize};

use super::super::read::list;
use super::super::words;
use crate::text::HostText;
use crate::unit::{BytesPerSecond, Celsius, Count, Gibibytes, Mebibytes, Milliseconds, Percent, Ratio, Watts};

/// The processors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Cpu {
    /// Maker's model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<HostText>,
    /// Logical cores that may be used; inside a container its quota, rounded up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<Count>,
    /// Share of time that all cores together were at work, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_percent: Option<Percent>,
    /// Share of time that cores had nothing to do but wait for a disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iowait_percent: Option<Percent>,
    /// Share of time that the hypervisor gave to others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steal_percent: Option<Percent>,
    /// Share of time at work, core by core.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub core_use_percent: Vec<Percent>,
    /// Times that heat slowed the processor since the machine started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttled: Option<Count>,
}

/// Memory beyond the summary's two figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Memory {
    /// What programs can still get without swapping, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_mb: Option<Mebibytes>,
    /// File contents kept in memory, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_mb: Option<Mebibytes>,
    /// Swap in use, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swap_used_mb: Option<Mebibytes>,
    /// Swap in all, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swap_total_mb: Option<Mebibytes>,
    /// Read back from swap, in bytes a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swap_in_per_s: Option<BytesPerSecond>,
    /// Written to swap, in bytes a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swap_out_per_s: Option<BytesPerSecond>,
    /// Processes killed for want of memory since the machine started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oom_kills: Option<Count>,
    /// The ZFS cache, in MiB: given back when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zfs_cache_mb: Option<Mebibytes>,
    /// Compressed swap in memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zram: Option<Zram>,
    /// Filesystems in memory.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub tmpfs: Vec<Tmpfs>,
    /// Kernel settings that shape memory's use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sysctls: Option<Sysctls>,
}

/// Compressed swap in memory, all devices together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Zram {
    /// Memory that it takes, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_mb: Option<Mebibytes>,
    /// What is stored in it before compression, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_mb: Option<Mebibytes>,
    /// What may be stored in it before compression, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_mb: Option<Mebibytes>,
    /// What is stored in terms of the memory that it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression_ratio: Option<Ratio>,
}

/// A filesystem in memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Tmpfs {
    /// Where it is mounted.
    pub mount: HostText,
    /// In use, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_mb: Option<Mebibytes>,
    /// Its limit, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_mb: Option<Mebibytes>,
}

/// Kernel settings that shape memory's use. Their names on the wire are the kernel's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Sysctls {
    /// Willingness to swap, 0 to 200.
    #[serde(rename = "vm.swappiness")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swappiness: Option<Count>,
    /// Share of memory that may hold unwritten data before writers wait.
    #[serde(rename = "vm.dirty_ratio")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dirty_ratio: Option<Percent>,
    /// Share of memory that may hold unwritten data before writing starts.
    #[serde(rename = "vm.dirty_background_ratio")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dirty_background_ratio: Option<Percent>,
    /// Willingness to forget directory entries; 100 is even.
    #[serde(rename = "vm.vfs_cache_pressure")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vfs_cache_pressure: Option<Count>,
}

/// A filesystem that holds data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Filesystem {
    /// Where it is mounted; the shortest of several places.
    pub mount: HostText,
    /// What it lies on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<HostText>,
    /// Its type: `ext4`, `zfs`, `nfs4`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<HostText>,
    /// In use, in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_gb: Option<Gibibytes>,
    /// Its size, in GiB, without what is reserved for root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_gb: Option<Gibibytes>,
    /// What an ordinary user can still write, in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_gb: Option<Gibibytes>,
    /// Files and directories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inodes_used: Option<Count>,
    /// How many there may be; absent where there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inodes_total: Option<Count>,
    /// Whether it refuses writing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// Whether it lies on another machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<bool>,
}

/// What a block device does. Rates are means since the last look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Disk {
    /// The device's name now.
    pub name: HostText,
    /// Read since the machine started, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_bytes: Option<Count>,
    /// Written since the machine started, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written_bytes: Option<Count>,
    /// Read, in bytes a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_per_s: Option<BytesPerSecond>,
    /// Written, in bytes a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written_per_s: Option<BytesPerSecond>,
    /// Share of time with a request under way, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub busy_percent: Option<Percent>,
    /// Mean time from request to answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<Milliseconds>,
    /// Mean number of requests under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_length: Option<Ratio>,
}

/// A network interface. Rates are means since the last look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Interface {
    /// The interface's name.
    pub name: HostText,
    /// Whether it has a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up: Option<bool>,
    /// Link speed in Mbit/s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed_mbit: Option<Count>,
    /// Received since the machine started, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rx_bytes: Option<Count>,
    /// Sent since the machine started, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx_bytes: Option<Count>,
    /// Received, in bytes a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rx_per_s: Option<BytesPerSecond>,
    /// Sent, in bytes a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx_per_s: Option<BytesPerSecond>,
    /// Frames received with an error since the machine started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rx_errors: Option<Count>,
    /// Frames that could not be sent since the machine started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx_errors: Option<Count>,
    /// Frames received and thrown away since the machine started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rx_dropped: Option<Count>,
    /// Frames thrown away before sending since the machine started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx_dropped: Option<Count>,
}

/// A graphics processor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Gpu {
    /// Its model, or its place where it has none.
    pub name: HostText,
    /// Share of time at work, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_percent: Option<Percent>,
    /// Its memory in use, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_used_mb: Option<Mebibytes>,
    /// Its memory, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_total_mb: Option<Mebibytes>,
    /// Its temperature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature_c: Option<Celsius>,
    /// Power draw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_w: Option<Watts>,
}

/// The kernel's pressure stall information: share of the last time that tasks stood still.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Pressure {
    /// For want of a processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Stall>,
    /// For want of memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Stall>,
    /// For want of a disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub io: Option<Stall>,
}

/// Share of time, in percent, that some or all tasks stood still.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Stall {
    /// At least one task, over 10 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub some_10: Option<Percent>,
    /// At least one task, over 60 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub some_60: Option<Percent>,
    /// At least one task, over 300 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub some_300: Option<Percent>,
    /// All tasks at once, over 10 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_10: Option<Percent>,
    /// All tasks at once, over 60 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_60: Option<Percent>,
    /// All tasks at once, over 300 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_300: Option<Percent>,
}

/// Something that could not be collected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Missing {
    /// The collector, and the part of it: `filesystem /mnt/nas`.
    pub what: HostText,
    /// The cause.
    pub why: HostText,
}

words! {
    /// Whether somebody asked for the last start of the machine.
    BootReason {
        /// The one before ended in good order.
        Asked = "asked",
        /// Power or kernel went away.
        Unasked = "unasked",
    }
}
