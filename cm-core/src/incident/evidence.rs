//! What was known when an incident fired, kept with it: values around the moment, what is usual, what else went on.
//!
//! Whoever judges collects it, once, when an incident fires. Everything in it is bounded, since hosts write it.

use serde::{Deserialize, Serialize};

use super::finding::exact;
use crate::clock::WallTime;
use crate::text::HostText;

/// The most samples that are kept.
pub const MOST_SAMPLES: usize = 120;
/// The most lines, processes, activities and changes each.
pub const MOST_LINES: usize = 20;
/// The most bytes of one line.
pub const LONGEST_LINE: usize = 400;

/// One value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// When.
    pub at: WallTime,
    /// The value.
    #[serde(with = "exact")]
    pub value: f64,
}

/// What is usual for this host at this hour of the week.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Usual {
    /// Below it is unusual.
    #[serde(with = "exact")]
    pub low: f64,
    /// Above it is unusual.
    #[serde(with = "exact")]
    pub high: f64,
}

/// What was known when an incident fired.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// When it was collected.
    pub at: WallTime,
    /// Values before the moment, by time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<Point>,
    /// What is usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<Usual>,
    /// The last lines of a unit that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<HostText>,
    /// The processes that used most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<HostText>,
    /// What went on: a backup, a scrub, an upgrade.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub activities: Vec<HostText>,
    /// What else changed in the hour before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<HostText>,
}

impl Evidence {
    /// The same within its bounds: the newest samples and log lines, the first of everything else.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        let surplus = |len: usize, most: usize| len.saturating_sub(most);
        self.samples.drain(..surplus(self.samples.len(), MOST_SAMPLES));
        self.log.drain(..surplus(self.log.len(), MOST_LINES));
        for lines in [&mut self.processes, &mut self.activities, &mut self.changes] {
            lines.truncate(MOST_LINES);
        }
        for line in [&mut self.log, &mut self.processes, &mut self.activities, &mut self.changes].into_iter().flatten()
        {
            if line.raw().len() > LONGEST_LINE {
                let end = line.raw().floor_char_boundary(LONGEST_LINE - '…'.len_utf8());
                *line = HostText::new(format!("{}…", &line.raw()[..end]));
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_bounded_and_keeps_the_newest_samples() {
        let point = |n: u32| Point { at: WallTime::from_secs(i64::from(n)), value: f64::from(n) };
        let lines = |most: usize| vec![HostText::new("ä".repeat(3_000)); most];
        let evidence = Evidence {
            samples: (0..5_000).map(point).collect(),
            log: lines(500),
            processes: lines(500),
            activities: lines(500),
            changes: lines(500),
            ..Evidence::default()
        };
        let bounded = evidence.bounded();
        assert_eq!(bounded.samples.last(), Some(&point(4_999)));
        assert!(bounded.samples.len() == MOST_SAMPLES && bounded.changes.len() == MOST_LINES);
        let json = serde_json::to_string(&bounded).unwrap();
        assert!(json.len() < 48 << 10, "{}", json.len());
        assert_eq!(serde_json::from_str::<Evidence>(&json).unwrap(), bounded);
    }
}
