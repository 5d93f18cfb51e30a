//! Incidents: what a rule found, from the first suspicion to the end, and what was decided over it.
//!
//! | room | what it holds |
//! |---|---|
//! | [`time`] | time that passes through restarts |
//! | [`key`], [`id`] | what an incident is about, and what it is called |
//! | [`look`], [`finding`] | what is handed in: a rule's look at a thing, its terms, what it found |
//! | [`phase`] | where an incident stands by itself |
//! | [`overlay`] | what people and circumstances laid over it |
//! | [`standing`] | both in one of eight words |
//! | [`record`] | one incident as others read it |
//! | [`evidence`] | what was known when it fired |
//! | [`transition`] | what changed |
//!
//! Everything here is a function of its arguments: no clock, no database, no rule's language, and nobody is told.

pub mod evidence;
pub mod finding;
pub mod id;
pub mod key;
pub mod look;
pub mod overlay;
pub mod phase;
pub mod record;
pub mod standing;
pub mod time;
pub mod transition;

pub use crate::severity::Severity;
pub use evidence::Evidence;
pub use finding::{Basis, Finding, Measure, Worse};
pub use id::IncidentId;
pub use key::{Key, RuleName};
pub use look::{About, Condition, Flap, Gone, Look, Terms};
pub use overlay::{Acknowledgement, Hush, Hushed, Overlays};
pub use phase::{End, Phase, Side, Sight};
pub use record::{Gist, Incident, Stage};
pub use standing::Standing;
pub use time::{Moment, Passage, Steady};
pub use transition::{Change, Transition};
