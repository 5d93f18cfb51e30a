//! The service API: services, and whatever else a host tells of itself.
//!
//! The summary is as old as the API; the blocks after it are newer, and older servers lack them.

mod activity;
mod machine;
mod sensor;

use serde::{Deserialize, Serialize};

pub use activity::*;
pub use machine::*;
pub use sensor::*;

use super::read::list;
use super::words;
use crate::clock::WallTime;
use crate::text::HostText;
use crate::unit::{Celsius, Count, Gibibytes, Load, Mebibytes, Megahertz, Percent, Seconds};

/// An answer of the service API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct ServiceReport {
    /// Sums over services, and the machine's main figures.
    pub summary: Summary,
    /// Its services.
    #[serde(deserialize_with = "list")]
    pub services: Vec<Service>,
    /// When the host looked, by its own clock.
    pub timestamp: WallTime,
    /// The processors, in more detail than the summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Cpu>,
    /// Memory, in more detail than the summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
    /// Filesystems that hold data, a shared pool once.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub filesystems: Vec<Filesystem>,
    /// What the block devices do.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub disks: Vec<Disk>,
    /// Network interfaces that lead somewhere.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<Interface>,
    /// Graphics processors.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<Gpu>,
    /// How long tasks waited for what they lacked (the kernel's PSI).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pressure: Option<Pressure>,
    /// Fans, batteries, power draw and temperatures that belong to no other block.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub sensors: Vec<Sensor>,
    /// Time since the machine started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime_s: Option<Seconds>,
    /// Whether somebody asked for the last start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot_reason: Option<BootReason>,
    /// Kernel release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<HostText>,
    /// The distribution and its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os: Option<HostText>,
    /// Version of the agent that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_version: Option<HostText>,
    /// Whether an update waits for a restart of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reboot_needed: Option<bool>,
    /// Updates that wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updates_pending: Option<Count>,
    /// What explains unusual load.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub activities: Vec<Activity>,
    /// What the machine is about to do, told before it does: after this it may be silent without fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub going: Option<Going>,
    /// Units that failed without being among the services: nobody named them.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub failed_units: Vec<FailedUnit>,
    /// Under high pressure the five largest processes each by processor, memory and disk.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<Process>,
    /// What could not be collected, and why.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
}

/// Sums over services, and the machine's main figures. The fields without `Option` are always there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Summary {
    /// Services that run well.
    pub healthy: Count,
    /// Services that run, but not well.
    pub degraded: Count,
    /// Services that do not run.
    pub failed: Count,
    /// Memory of all services, in MiB.
    pub memory_used_mb: Mebibytes,
    /// Sum of their memory limits, in MiB; 0 where there are none.
    pub memory_quota_mb: Mebibytes,
    /// Memory in use on the whole machine, in MiB (total less available).
    pub system_memory_used_mb: Mebibytes,
    /// Memory of the machine, in MiB; inside a container the container's limit.
    pub system_memory_total_mb: Mebibytes,
    /// In use on the filesystem of `/`, in GiB.
    pub disk_used_gb: Gibibytes,
    /// Size of the filesystem of `/`, in GiB.
    pub disk_total_gb: Gibibytes,
    /// Load average over 1 minute.
    pub cpu_load_1: Load,
    /// Load average over 5 minutes.
    pub cpu_load_5: Load,
    /// Load average over 15 minutes.
    pub cpu_load_15: Load,
    /// Clock rate, averaged over cores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_freq_mhz: Option<Megahertz>,
    /// Temperature of the processor package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_temp_c: Option<Celsius>,
    /// Load of the busiest graphics processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_load_percent: Option<Percent>,
    /// Temperature of the warmest graphics processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_temp_c: Option<Celsius>,
}

/// One service: a systemd unit, a container, a process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Service {
    /// Its name, without `.service`.
    pub name: HostText,
    /// What it does now.
    pub status: ServiceStatus,
    /// Its memory, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_used_mb: Option<Mebibytes>,
    /// Its memory limit, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_quota_mb: Option<Mebibytes>,
    /// Its use of the processor; 100 is one core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<Percent>,
    /// Size of the paths configured for it, in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_used_gb: Option<Gibibytes>,
    /// Limit configured for them, in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_quota_gb: Option<Gibibytes>,
    /// Times it was restarted since it was last started by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restarts: Option<Count>,
    /// When it last started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<WallTime>,
    /// What it is, in its unit's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<HostText>,
    /// What runs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ServiceKind>,
    /// The last lines of its journal, if it failed or restarts: bounded, secrets masked.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<HostText>,
}

/// A unit that failed without being among the services.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct FailedUnit {
    /// Its name, without `.service`; another kind stays.
    pub name: HostText,
    /// What it is, in its file's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<HostText>,
}

words! {
    /// What a service does now.
    ServiceStatus {
        /// It runs.
        Running = "running" | "active" | "healthy",
        /// It runs, but not well.
        Degraded = "degraded" | "unhealthy",
        /// It comes back, or goes round in a loop.
        Restarting = "restarting" | "activating",
        /// It was stopped.
        Stopped = "stopped" | "inactive",
        /// It ended with an error.
        Failed = "failed" | "error",
    }
}

words! {
    /// What a machine is about to do.
    Going {
        /// To switch itself off.
        Shutdown = "shutdown" | "poweroff" | "power-off" | "halt",
        /// To start anew.
        Reboot = "reboot" | "kexec",
        /// To sleep until somebody wakes it.
        Sleep = "sleep" | "suspend" | "hibernate",
    }
}

words! {
    /// What runs a service.
    ServiceKind {
        /// A systemd unit.
        Systemd = "systemd",
        /// A Docker container.
        Docker = "docker",
        /// A Podman container.
        Podman = "podman",
        /// A process that nobody supervises.
        Process = "process",
    }
}
