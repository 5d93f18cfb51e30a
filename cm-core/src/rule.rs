//! Rules: what is worth an incident, in a small typed language over the metrics.
//!
//! A rule says when it holds, for how long, how much it matters, what to say and what to do next (docs/RULES.md). It is
//! checked against the catalogue and against what was declared before it is ever judged, and says what it
//! [needs](Need). Whoever judges fills a [`Frame`] with that once a round. The [built-in rules](BUILT_IN) stand in the
//! same language in one file.
//!
//! ```
//! use std::time::Duration;
//!
//! use cm_core::clock::WallTime;
//! use cm_core::health::{Subject, SubjectKind};
//! use cm_core::host::{Host, HostId};
//! use cm_core::registry::Registry;
//! use cm_core::rule::{Frame, RuleFile, RuleSet, Standing};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let registry = Registry::default();
//! let text = "rule worn\n  when drive.wear > 80 %\n  text \"{drive} is worn to {drive.wear}\"".to_owned();
//! let (rules, problems) = RuleSet::of(&[RuleFile { path: "own.rules".into(), text }], &registry);
//! assert!(problems.is_empty());
//!
//! let mut frame = Frame::new(WallTime::from_secs(1_766_000_000), Duration::ZERO);
//! let host = frame.host(Host::new(HostId::new("srv01")?));
//! let drive = frame.thing(host, Subject::named(SubjectKind::Drive, "nvme0n1".into()));
//! frame.set(registry.by_name("drive.wear").expect("it is in the catalogue"), drive, 82.0);
//!
//! let judged = &rules.judge(&frame)[0];
//! assert!(matches!(judged.standing(drive), Standing::Holds(_)));
//! let finding = judged.body.finding(&frame, drive).expect("it holds");
//! assert_eq!(finding.text.raw(), "nvme0n1 is worn to 82 %");
//! # Ok(())
//! # }
//! ```
//!
//! | room | what it holds |
//! |---|---|
//! | `token`, `expression`, `parse`, `template`, `block`, `print` | the language: read, and written in its one normal spelling |
//! | [`label`](LABELS), [`function`](FUNCTIONS), `quantity` | its names, functions and units, each once |
//! | `fault` | what is wrong with a file, at a place |
//! | `check`, `call`, `program`, `body` | a rule checked against the metrics |
//! | `overlay`, `set` | what an owner changes of rules, for all, for a role or for a host |
//! | `need`, `window`, `recent`, `frame` | what rules need, windows kept in memory, and everything at one moment in columns |
//! | `truth`, `evaluate`, `judge` | true, false, not known; a round over everything |
//! | `question` | one condition asked of everything |
//! | `present` | a frame that follows the fleet as it is now |
//!
//! Pure: no clock, no file, no database.

mod block;
mod body;
mod call;
mod check;
mod evaluate;
mod expression;
mod fault;
mod frame;
mod function;
mod judge;
mod label;
mod need;
mod overlay;
mod parse;
mod present;
mod print;
mod program;
mod quantity;
mod question;
mod recent;
mod set;
mod template;
mod token;
mod truth;
mod window;

pub use body::Body;
pub use frame::{Frame, Place};
pub use function::{FORETOLD, FUNCTIONS, Function};
pub use judge::{Finding, Judged, Measure, Standing, Worse};
pub use label::{LABELS, Label, LabelId};
pub use need::{Need, Resolution};
pub use present::Present;
pub use quantity::UNITS;
pub use question::Question;
pub use recent::Recent;
pub use set::{BUILT_IN, BUILT_IN_NAME, Rule, RuleFile, RuleSet, told};
pub use truth::Truth;
pub use window::Seen;

#[cfg(test)]
mod tests;
