//! CM Dashboard's library.

pub mod config;
pub mod fleet;
