//! Where an incident stands by itself, whatever people and circumstances laid over it.

use serde::{Deserialize, Serialize};

use super::look::Gone;

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "phase")]
pub enum Phase {
    /// Its condition holds, not yet for as long as it must.
    Pending,
    /// It fires.
    Firing {
        /// How it is seen.
        sight: Sight,
    },
    /// It comes and goes: one incident until it is calm.
    Flapping {
        /// On which side it is.
        side: Side,
    },
    /// It is over.
    Resolved {
        /// How it came to an end.
        how: End,
    },
}

/// How a firing incident is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sight {
    /// Its condition holds, or its clear condition does not.
    Seen,
    /// Its clear condition holds, not yet for as long as it must.
    Clearing,
    /// Nothing is known of it: it is not over for that.
    Unseen,
}

/// On which side a flapping incident is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// It fires.
    Up,
    /// It does not, not yet for as long as it must to be calm.
    Down,
    /// Nothing is known of it.
    Unseen,
}

/// How an incident came to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// All is well.
    Cleared,
    /// It came and went, and has been well for long.
    Calm,
    /// It never fired: its condition did not hold for as long as it must, or was not seen for an hour.
    Passed,
    /// What it was about is gone.
    Gone(Gone),
}

impl Phase {
    /// Whether it was or is to be told: it fires, or comes and goes.
    pub const fn has_fired(self) -> bool {
        matches!(self, Self::Firing { .. } | Self::Flapping { .. })
    }

    /// Whether it is over.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Resolved { .. })
    }
}
