//! The drive helper.

pub mod smartctl;
