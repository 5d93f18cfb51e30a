//! How far recording and judging have come, for whoever waits for a round to be over.

use super::{Engine, Standing};

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// How many observations were taken in.
    pub observed: u64,
    /// How many rounds were judged.
    pub rounds: u64,
    /// Whether this program records.
    pub records: bool,
    /// Who records in its stead, in its own words.
    pub follows: Option<String>,
    /// Whether all that was observed is judged by all that the history knows of it, stored, and no answer to a message is
    /// awaited.
    pub is_settled: bool,
    /// Whether all that was observed is judged from memory, for the file takes nothing, and no answer to a message is awaited.
    pub is_from_memory: bool,
    /// How many incidents fire.
    pub firing: usize,
    /// How many messages wait, those that are being sent among them.
    pub waiting: usize,
}

impl Engine {
    /// How far it has come.
    pub fn progress(&self) -> Progress {
        let records = self.standing == Standing::Recording;
        let told = self.telling.as_deref().map(super::telling::Telling::told).unwrap_or_default();
        Progress {
            observed: self.observed,
            records,
            follows: self.follows.clone(),
            is_settled: records && self.flying.is_none() && told.is_settled,
            ..told
        }
    }
}
