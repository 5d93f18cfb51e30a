//! What was measured over time: one series, how it is sealed, summed up, kept and looked at.
//!
//! | room | what it holds |
//! |---|---|
//! | [`key`] | which series a sample belongs to, and its form in a database |
//! | [`chunk`] | many series of one span as few bytes, which tell damage from values |
//! | [`rollup`] | minutes, hours and days: least, most, sum, last, count |
//! | [`retention`] | how long each resolution is kept, and from when on it is gone |
//! | [`window`] | which resolution answers for a span of time |
//! | [`thin`] | fewer points, with the extremes among them |
//!
//! All of it is computed from arguments. It does not know where series are stored, who writes them, or what time it is.

pub mod chunk;
pub mod key;
pub mod retention;
pub mod rollup;
pub mod thin;
pub mod window;

pub(crate) use key::drive_identity;
pub use key::{Entity, SeriesKey};

use crate::clock::WallTime;

/// One value of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// When it was measured, by the host's clock.
    pub at: WallTime,
    /// The value, in the metric's unit; any bits, NaN included.
    pub value: f64,
}

impl Point {
    /// A value at a moment.
    pub const fn new(at: WallTime, value: f64) -> Self {
        Self { at, value }
    }
}
