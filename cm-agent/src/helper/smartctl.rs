//! smartctl.

mod attribute;
mod json;
mod reading;
mod self_test;

pub use reading::read;
