//! What a host is busy with: named activities, and under high pressure its largest processes.
//!
//! Neither is judged: they explain other figures. No command line is ever told, since those hold secrets.

use serde::{Deserialize, Serialize};

use super::super::words;
use crate::clock::WallTime;
use crate::text::HostText;
use crate::unit::{BytesPerSecond, Count, Mebibytes, Percent};

/// Something that explains unusual load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Activity {
    /// What sort of thing.
    #[serde(default)]
    pub kind: ActivityKind,
    /// Which: the game, the pool, the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<HostText>,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<WallTime>,
}

words! {
    /// What sort of activity.
    ActivityKind {
        /// A game runs.
        Gaming = "gaming",
        /// A backup runs.
        Backup = "backup",
        /// A pool is being checked.
        Scrub = "scrub",
        /// The system is being upgraded.
        Upgrade = "upgrade",
        /// A pool is being made whole or given another shape.
        Rebuild = "rebuild",
    }
}

/// One of the largest processes at a moment of high pressure, or a unit where single processes may not be looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Process {
    /// The program's name, as the kernel keeps it: its first 15 bytes; or that of a thread of the kernel's own.
    pub name: HostText,
    /// Its number; absent where all processes of a unit are told together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<Count>,
    /// The systemd unit, container or session that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<HostText>,
    /// Its use of the processor since the last look; 100 is one core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<Percent>,
    /// Its memory, in MiB: all that it has resident, what it shares with others too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_mb: Option<Mebibytes>,
    /// Read from disks, in bytes a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_per_s: Option<BytesPerSecond>,
    /// Written to disks, in bytes a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written_per_s: Option<BytesPerSecond>,
}
