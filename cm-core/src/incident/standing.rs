//! An incident's standing in one of eight words, derived from its phase and from what lies over it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::overlay::{Hush, Overlays};
use super::phase::Phase;

/// How an incident stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Its condition holds, not yet for as long as it must.
    Pending,
    /// It fires, and is told.
    Firing,
    /// It comes and goes, and is told as one.
    Flapping,
    /// Somebody looks after it.
    Acknowledged,
    /// Nothing new is told for a while: a silence or maintenance.
    Silenced,
    /// Another incident is its cause, its host is off, or the watcher is cut off.
    Inhibited,
    /// The owner accepts it as it is.
    Accepted,
    /// It is over.
    Resolved,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Firing,
        Self::Flapping,
        Self::Acknowledged,
        Self::Silenced,
        Self::Inhibited,
        Self::Accepted,
        Self::Resolved,
    ];

    /// The standing that a phase has under what lies over it. Resolved and pending say all there is to say; of what lies
    /// over the rest, the one that hushes most is named.
    pub fn of(phase: Phase, overlays: &Overlays) -> Self {
        let hush = overlays.hushes.first().map(|hushed| &hushed.hush);
        match (phase, hush) {
            (Phase::Resolved { .. }, _) => Self::Resolved,
            (Phase::Pending, _) => Self::Pending,
            (_, Some(Hush::Accepted)) => Self::Accepted,
            (_, Some(Hush::CutOff { .. } | Hush::Off { .. } | Hush::Inhibited { .. })) => Self::Inhibited,
            (_, Some(Hush::Maintenance { .. } | Hush::Silenced { .. })) => Self::Silenced,
            (_, None) if overlays.acknowledged.is_some() => Self::Acknowledged,
            (Phase::Flapping { .. }, None) => Self::Flapping,
            (Phase::Firing { .. }, None) => Self::Firing,
        }
    }

    /// Its word in JSON, in tables and on the screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Flapping => "flapping",
            Self::Acknowledged => "acknowledged",
            Self::Silenced => "silenced",
            Self::Inhibited => "inhibited",
            Self::Accepted => "accepted",
            Self::Resolved => "resolved",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
