//! What a Linux machine tells of itself, for programs that want its figures inside their own process.
//!
//! | room | what it holds |
//! |---|---|
//! | [`machine`] | the machine that is read, this one or one in a box, with limits on each reading |
//! | [`collector`] | the collectors, a subject a file, and the list of them |
//! | [`report`] | the three reports, put together from what they find |
//! | [`mod@watch`] | the machine as a stream of observations |
//!
//! It needs no rights, writes nothing, and runs no program.

pub mod collector;
pub mod machine;
pub mod report;
pub mod watch;

pub use collector::{Choice, CollectOptions};
pub use machine::Machine;
pub use report::{Agent, Collection};
pub use watch::{Rounds, Watch, WatchOptions, collect_once, watch};
