//! The whole program as a library: arguments in, text and exit code out, in surroundings of the tests' own.

mod exits;
mod golden;
mod hostile;
mod room;
mod snapshots;
