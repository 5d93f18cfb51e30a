//! Stands empty for the moment.

pub mod config;
