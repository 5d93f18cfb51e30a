//! What is handed in: one look of a rule at one thing, and the terms that the rule sets.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::key::Key;
use crate::host::Role;

/// One look of a rule at one thing.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Which rule looked at what.
    pub key: &'a Key,
    /// The terms that the rule sets.
    pub terms: &'a Terms,
    /// What it saw.
    pub condition: Condition<'a>,
}

/// What a rule saw of a thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition<'a> {
    /// Its condition holds.
    Holds(&'a Finding),
    /// Neither its condition nor its clear condition: what stands, stands.
    Between,
    /// Its clear condition holds: all is well.
    Clear,
    /// There is nothing to judge by: neither well nor ill.
    Absent,
    /// What was looked at is no longer there to be looked at.
    Gone(Gone),
}

/// Why a thing is no longer looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gone {
    /// The owner took the rule or the host away.
    Unwatched,
    /// Another stands in its place: a new drive.
    Replaced,
    /// Its host says that it has it no more: an unmounted filesystem, a removed service.
    Removed,
}

/// What sort of trouble a rule looks for, as far as one hides another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A thing on a host.
    #[default]
    Thing,
    /// Whether the host answers at all.
    Reach,
    /// Whether the watcher itself is cut off from all that it watches.
    CutOff,
}

/// Whether coming and going is damped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flap {
    /// Three firings in three hours, or four in seven days, are one incident until it is calm.
    #[default]
    Damped,
    /// Each firing is an incident of its own.
    Each,
}

/// The terms that a rule sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// For how long its condition must have been seen to hold before it fires; a higher severity likewise.
    pub hold: Duration,
    /// For how long its clear condition must have been seen before it is over; a lower severity likewise.
    pub clear: Duration,
    /// How far two looks may lie apart for the time between them to count.
    pub gap: Duration,
    /// What sort of trouble it looks for.
    pub about: About,
    /// The role of the host.
    pub role: Option<Role>,
    /// Firings with the same label that come close together are told as one; none is told alone.
    pub group: Option<String>,
    /// Whether coming and going is damped.
    pub flap: Flap,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            hold: Duration::ZERO,
            clear: Duration::ZERO,
            gap: Duration::from_mins(1),
            about: About::Thing,
            role: None,
            group: None,
            flap: Flap::Damped,
        }
    }
}
