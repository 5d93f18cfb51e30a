//! One incident as others read it: the messages, the lists, the screen.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::finding::Finding;
use super::id::IncidentId;
use super::key::Key;
use super::look::About;
use super::overlay::{Hush, Overlays};
use super::phase::Phase;
use super::standing::Standing;
use super::time::Moment;
use crate::host::Role;
use crate::severity::Severity;

/// One incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// What it is called.
    pub id: IncidentId,
    /// What it is about.
    pub key: Key,
    /// The role of its host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// What sort of trouble it is.
    #[serde(default)]
    pub about: About,
    /// With which others it is told as one: the name of the first of them, which may be its own.
    pub group: IncidentId,
    /// Where it stands by itself.
    #[serde(flatten)]
    pub phase: Phase,
    /// How much it matters now.
    pub severity: Severity,
    /// How much it mattered at its worst.
    pub worst: Severity,
    /// Since when its condition holds.
    pub since: Moment,
    /// When it fired first; none while it is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fired: Option<Moment>,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Moment>,
    /// How often it has fired: more than once for one that comes and goes.
    pub spells: u32,
    /// How often it was found, as one that comes and goes, to fire for good.
    pub holds: u32,
    /// What was found when it fired; while it is pending, when it began.
    pub onset: Finding,
    /// What was found last.
    pub latest: Finding,
    /// What lies over it.
    #[serde(default)]
    pub overlays: Overlays,
    /// What was known when it fired, if anybody collected it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// The number of its newest transition.
    pub newest: u64,
}

/// What somebody who was told of an incident would know: where it differs from what was told, there is something to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Gist {
    /// How it stands.
    pub stage: Stage,
    /// How much it matters.
    pub severity: Severity,
    /// How often it was found to fire for good.
    pub holds: u32,
}

/// How an incident stands, for somebody who is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// It fires.
    Firing,
    /// It comes and goes.
    Flapping,
    /// It is over.
    Over,
}

impl Incident {
    /// Its standing in one word.
    pub fn standing(&self) -> Standing {
        Standing::of(self.phase, &self.overlays)
    }

    /// Why nothing new of it is told now, if that is so; the strongest reason. Its end is told whatever this says.
    pub fn hush(&self) -> Option<&Hush> {
        self.overlays.hushes.first().map(|hushed| &hushed.hush)
    }

    /// What there is to know of it; nothing while it is pending, and of one that never fired.
    pub fn gist(&self) -> Option<Gist> {
        self.fired?;
        let stage = match self.phase {
            Phase::Pending => return None,
            Phase::Firing { .. } => Stage::Firing,
            Phase::Flapping { .. } => Stage::Flapping,
            Phase::Resolved { .. } => Stage::Over,
        };
        Some(Gist { stage, severity: self.severity, holds: self.holds })
    }

    /// For how long it has fired with nobody looking after it, and nothing hushing it: what escalation goes by. None if it does
    /// not fire, is acknowledged, or is hushed now.
    pub fn unattended(&self, at: Moment) -> Option<Duration> {
        let fired = self.fired.filter(|_| self.phase.has_fired())?;
        if self.overlays.acknowledged.is_some() || self.hush().is_some() {
            return None;
        }
        let open = self.overlays.unhushed.unwrap_or(fired);
        Some(at.since(fired).min(at.since(open)))
    }
}
