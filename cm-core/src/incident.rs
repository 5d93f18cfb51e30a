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
//! | `track`, `watch`, `shift`, `flap` | the machine of one key: time that was seen to pass, severities, coming and going |
//! | `inhibit`, `hush` | which incident is the cause of which, and what lies over one now |
//! | [`act`], `decide`, [`scope`] | what people decide, and over which incidents |
//! | [`request`] | the same from programs that do not judge |
//! | [`around`], [`hours`] | who depends on whom; windows that come again by a local clock |
//! | `group` | what is told as one |
//! | `round` | all incidents, and a round of looks over them |
//! | [`save`] | what is to be stored, and going on from it |
//!
//! Everything here is a function of its arguments: no clock, no database, no rule's language, and nobody is told.
//!
//! ```
//! use std::time::Duration;
//!
//! use cm_core::clock::{Now, WallTime};
//! use cm_core::health::Subject;
//! use cm_core::host::HostId;
//! use cm_core::incident::*;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut incidents = Incidents::new(Surroundings::default());
//! let key = Key::new("disk.full", Some(HostId::new("srv01")?), Subject::host());
//! let terms = Terms { hold: Duration::from_secs(60), ..Terms::default() };
//! let full = Finding::new(Severity::Warning, "the disk is full");
//!
//! let mut now = Now { wall: WallTime::from_secs(1_800_000_000), ..Now::default() };
//! let mut told = Vec::new();
//! for _ in 0..=3 {
//!     let at = incidents.moment(now, "this start of the machine");
//!     told.extend(incidents.step([Look { key: &key, terms: &terms, condition: Condition::Holds(&full) }], at));
//!     now = now.after(Duration::from_secs(20));
//! }
//! let words: Vec<_> = told.iter().map(|transition| transition.change.word()).collect();
//! assert_eq!(words, ["pending", "fired"]);
//! assert_eq!(incidents.open().next().map(|open| open.standing().word()), Some("firing"));
//! # Ok(())
//! # }
//! ```

pub mod act;
pub mod around;
mod decide;
pub mod evidence;
pub mod finding;
mod flap;
mod group;
pub mod hours;
mod hush;
pub mod id;
mod inhibit;
pub mod key;
pub mod look;
pub mod overlay;
pub mod phase;
pub mod record;
pub mod request;
mod round;
pub mod save;
pub mod scope;
mod shift;
pub mod standing;
pub mod time;
mod track;
pub mod transition;
mod watch;

pub use crate::severity::Severity;
pub use act::{Act, ActError, Deed, Lapse, Life};
pub use around::{Surroundings, Window};
pub use decide::Author;
pub use evidence::Evidence;
pub use finding::{Basis, Finding, Measure, Worse};
pub use group::{JOIN_WITHIN, OPEN_FOR};
pub use hours::{Hours, Zone};
pub use id::IncidentId;
pub use key::{Key, RuleName};
pub use look::{About, Condition, Flap, Gone, Look, Terms};
pub use overlay::{Acknowledgement, Hush, Hushed, Overlays};
pub use phase::{End, Phase, Side, Sight};
pub use record::{Gist, Incident, Stage};
pub use request::{Asked, Asking, Outcome, Request};
pub use round::{Incidents, MOST, MOST_OF_HOST, MOST_PAST};
pub use save::{Extent, Saved, Unsaved};
pub use scope::Scope;
pub use standing::Standing;
pub use time::{Moment, Passage, Steady};
pub use transition::{Change, Transition};

#[cfg(test)]
pub(crate) mod tests;
