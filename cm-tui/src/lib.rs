//! The dashboard: every Linux machine you own on one screen, what is wrong and why. State, update, view.
//!
//! | room | what it holds |
//! |---|---|
//! | `theme`, `layout`, `paint` | colours by meaning; what fits; drawing within a rectangle |
//! | `key`, `keymap`, `action` | keys; which keys do what; every act once |
//! | `command` | what a line typed behind `:` means |
//! | `picture`, `recent`, `journal` | the fleet at one moment, judged; the last readings; what has happened |
//! | `past`, `travel` | what was gathered since the start; being at a moment of it, or of the stored history |
//! | `history` | what is asked of the stored history, and the thread that reads it |
//! | `record` | which fleets are recorded, and what is said of it |
//! | `in_force` | what is configured, and where that stands |
//! | `alerts` | troubles that somebody should know of, and what was done about them |
//! | `state`, `screen`, `widget` | everything that is shown, as data; the screens; the panels of a host |
//! | `update` | the one place where state changes |
//! | `view` | draws the state, and changes nothing |
//! | `term`, `app` | the terminal; the loop |
//! | `external` | programs of the owner whose output is a panel |
//! | `gather`, `args`, `run` | sources; the command line; the program |
//! | `rehearsal` | the program over a source with a fault, for a test |
//!
//! Only [`program`] is public: this library is what `main.rs` calls and what its tests look into.

mod action;
mod alerts;
mod app;
mod args;
mod command;
mod external;
mod gather;
mod history;
mod in_force;
mod journal;
mod key;
mod keymap;
mod layout;
mod linear;
mod local;
mod paint;
mod past;
mod picture;
mod preferences;
mod prompt;
mod recent;
mod record;
mod rehearsal;
mod run;
mod screen;
mod state;
mod surroundings;
mod term;
mod theme;
mod travel;
mod update;
mod view;
mod widget;

#[doc(hidden)]
pub use rehearsal::{Where, program_with_a_fault};
pub use run::program;

#[cfg(test)]
mod snapshots;
