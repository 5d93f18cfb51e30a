//! What a Linux machine tells of itself: for programs that want its figures inside their own process, and as an agent that
//! serves them over HTTP.
//!
//! | room | what it holds |
//! |---|---|
//! | [`program`] | other programs: which may be run, and running them within limits |
//! | [`dbus`], [`systemd`] | a client of D-Bus; what systemd says of its units over it |
//! | [`journal`] | the last lines of a unit that failed, without secrets |
//! | [`machine`] | the machine that is read, this one or one in a box, with limits on each reading |
//! | [`engine`] | Docker and Podman, asked over their sockets |
//! | [`collector`] | the collectors, a subject a file, and the list of them |
//! | [`helper`] | the drive helper: the one part that holds rights, a process of its own |
//! | [`report`] | the three reports, put together from what they find |
//! | [`mod@watch`] | the machine as a stream of observations |
//! | [`serve`] | the three APIs over HTTP, on a port each and on one together, with limits on what a client may take |
//! | [`config`] | `agent.toml` |
//! | [`logfile`] | a log that is turned over by size and forgotten by age |
//! | [`notify`] | what the service manager is told |
//! | [`run`] | collecting at intervals, for a server to answer from |
//! | [`doctor`] | what each collector sees and may not see, and whether the sandbox holds |
//! | [`simulate`] | the demo fleet behind real HTTP |
//!
//! It needs no rights, writes nothing, and runs no program but journalctl and those that its configuration names, none of
//! which anybody else could have written. Whoever asks it can read and do nothing else.

pub mod collector;
pub mod config;
pub mod dbus;
pub mod doctor;
pub mod engine;
mod farewell;
pub mod helper;
pub mod journal;
pub mod logfile;
mod lookout;
pub mod machine;
pub mod notify;
mod pattern;
pub mod program;
pub mod report;
pub mod run;
pub mod serve;
pub mod simulate;
pub mod systemd;
mod trust;
pub mod watch;

pub use collector::{Choice, CollectOptions};
pub use machine::Machine;
pub use report::{Agent, Collection};
pub use watch::{Rounds, Watch, WatchOptions, collect_once, watch};
