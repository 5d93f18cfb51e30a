//! The drive helper's one answer: what it writes to whoever connects to its socket, and how that is read.

use cm_model::report::smart::{Drive, Pool};
use serde::{Deserialize, Serialize};

/// Everything that the helper knows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Answer {
    /// The drives that it asked, each with its counters or with why there are none.
    pub drives: Vec<Drive>,
    /// Pools of which only a program knows (ZFS).
    #[serde(default)]
    pub pools: Vec<Pool>,
}

impl Answer {
    /// The most bytes of an answer that are read.
    pub const MOST_BYTES: usize = 1024 * 1024;
    /// The most drives that are asked and told.
    pub const MOST_DRIVES: usize = 256;

    /// Reads an answer.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let mut answer: Self = serde_json::from_slice(bytes)?;
        answer.drives.truncate(Self::MOST_DRIVES);
        answer.pools.truncate(Self::MOST_DRIVES);
        Ok(answer)
    }

    /// Writes it, as JSON on one line.
    ///
    /// # Panics
    /// Never: all keys are strings and all numbers finite.
    pub fn write(&self) -> String {
        let mut text = serde_json::to_string(self).expect("report types have string keys and finite numbers");
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let drive = Drive { name: "sda".into(), serial: Some("S1".into()), ..Drive::default() };
        let answer = Answer { drives: vec![drive], pools: vec![Pool { name: "tank".into(), ..Pool::default() }] };
        assert_eq!(Answer::read(answer.write().as_bytes()).unwrap(), answer);
        assert!(Answer::read(b"{\"drives\":[{").is_err());
    }
}
