//! For how long something was seen, counted only over time in which it could be seen.
//!
//! A span counts if the looks at both its ends lie close enough together; so neither a restart nor absent data fills a
//! `for` or a clear time, and neither empties it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::time::Steady;

/// For how long something was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Watch {
    held: Duration,
    last: Option<Steady>,
}

impl Watch {
    /// Begins now.
    pub(super) const fn from(at: Steady) -> Self {
        Self { held: Duration::ZERO, last: Some(at) }
    }

    /// It was seen now; answers with for how long in all. Time since a look longer ago than `gap` does not count.
    pub(super) fn look(&mut self, at: Steady, gap: Duration) -> Duration {
        let passed = self.last.map_or(Duration::ZERO, |last| at.since(last));
        if passed <= gap {
            self.held += passed;
        }
        self.last = Some(at);
        self.held
    }

    /// It could not be seen: the time until the next look does not count.
    pub(super) const fn cut(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_time_between_looks_that_lie_close_together_counts() {
        let gap = Duration::from_secs(10);
        let mut watch = Watch::default();
        let mut look = |secs: u64| watch.look(Steady::from_millis(secs * 1000), gap).as_secs();
        assert_eq!([look(0), look(5), look(15), look(3_600), look(3_605)], [0, 5, 15, 15, 20]);
        watch.cut();
        assert_eq!(watch.look(Steady::from_millis(3_606_000), gap).as_secs(), 20);
    }
}
