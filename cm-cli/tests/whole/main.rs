//! The whole program as a library: arguments in, text and exit code out, in surroundings of the tests' own.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod audit;
mod exits;
mod golden;
mod hostile;
mod past;
mod recorded;
mod room;
mod rules;
mod snapshots;
