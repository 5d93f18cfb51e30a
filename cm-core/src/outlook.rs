//! What the history says of tomorrow and of what is usual: readings out of the store, handed to the forecasts.
//!
//! | room | what it holds |
//! |---|---|
//! | [`contents`] | what the history knows, found by the names that people use |
//! | [`curve`] | a series over a span: a column for each place of a chart |
//! | [`drive`] | when a drive comes to its limit |
//! | [`volume`] | when a filesystem, its files, a pool or a quota is full |
//! | [`foretold`] | both together, the soonest first, in words |
//! | [`usual`] | which values are usual for a series |
//!
//! Each room reads and then hands on to pure functions. How a forecast is made is not known here (that is
//! [`forecast`](crate::forecast)), nor how anything is drawn.

pub mod contents;
pub mod curve;
pub mod drive;
pub mod foretold;
pub mod usual;
pub mod volume;

pub use contents::{Contents, Thing};
pub use curve::Curve;
pub use foretold::Foretold;

#[cfg(test)]
mod tests;
