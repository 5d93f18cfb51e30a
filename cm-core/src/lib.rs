//! CM Dashboard's library.

pub mod fleet;
