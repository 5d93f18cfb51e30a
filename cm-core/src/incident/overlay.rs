//! What lies over an incident: what people and circumstances decided about telling it. Each has its own time and its own
//! end, so that one that ends leaves the others as they were. None of them keeps an incident from ending.

use serde::{Deserialize, Serialize};

use super::id::IncidentId;
use super::time::Moment;
use crate::host::HostId;

/// Why nothing new of an incident is told now. In the order of precedence: what hushes most comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Hush {
    /// The owner knows the fault and accepts it as it is.
    Accepted,
    /// The watcher itself is cut off.
    CutOff {
        /// The incident that says so.
        by: IncidentId,
    },
    /// Its host is off, and may be.
    Off {
        /// Which host.
        host: HostId,
    },
    /// Another incident is its cause.
    Inhibited {
        /// Which.
        by: IncidentId,
        /// On which host.
        host: HostId,
    },
    /// Its host is being worked on.
    Maintenance {
        /// The window's name.
        window: String,
    },
    /// Somebody wants quiet for a while.
    Silenced {
        /// The silence's number.
        act: u64,
    },
}

/// A hush that lies over an incident, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hushed {
    /// Since when.
    pub since: Moment,
    /// Why.
    #[serde(flatten)]
    pub hush: Hush,
}

/// Somebody has seen it and looks after it. Ends with the incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// When.
    pub at: Moment,
    /// Who.
    pub by: String,
    /// What they said; may be empty.
    pub comment: String,
}

/// All that lies over an incident.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Overlays {
    /// Somebody looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledgement>,
    /// Why nothing new is told, in the order of precedence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hushes: Vec<Hushed>,
    /// When the last hush ended, if there were any and there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unhushed: Option<Moment>,
}
