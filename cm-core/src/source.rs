//! Where observations come from: each source is a stream of them, and whoever reads it need not know which.
//!
//! A source ends when it has nothing more to say; dropping it ends everything that it does. None of them judges what it
//! carries.

use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream;

use cm_model::observation::Observation;

mod demo;
mod fallback;
mod http;
mod replay;

pub use demo::demo;
pub use fallback::fallback;
pub use http::http;
pub use replay::replay;

/// What a source yields.
pub type Observations = Pin<Box<dyn Stream<Item = Observation> + Send>>;

/// How often a source asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounds {
    /// Each API once; the stream ends when each has answered or failed.
    Once,
    /// Again and again at this interval, until the stream is dropped.
    Every(Duration),
}
