//! Two sources made one: the second speaks where the first fails or falls silent.
//!
//! Decided for each API of each host alone, by what has come and not by timers. Both sources are read all the time, so
//! that the second knows the answer at the moment when the first fails; on the wire that costs what both cost.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};

use cm_model::clock::{BootTime, Clock};
use cm_model::host::HostId;
use cm_model::observation::Observation;
use cm_model::report::Api;

use super::Observations;

/// Passes what `primary` yields. For an API of a host that it fails to report, or says nothing of for longer than
/// `silence_limit`, passes what `secondary` yields, until a report comes from `primary` again.
///
/// Ends when both have ended.
pub fn fallback(
    primary: Observations,
    secondary: Observations,
    silence_limit: Duration,
    clock: &dyn Clock,
) -> Observations {
    let mut choice = Choice::new(silence_limit, clock.now().boot);
    let primary = primary.map(|observation| (Side::Primary, observation));
    let secondary = secondary.map(|observation| (Side::Secondary, observation));
    Box::pin(
        stream::select(primary, secondary)
            .filter_map(move |(side, observation)| std::future::ready(choice.pass(side, observation))),
    )
}

/// Which of the two sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Primary,
    Secondary,
}

/// What has come of one API of one host.
#[derive(Debug, Default)]
struct Heard {
    /// When the primary last gave a report, and whether it has failed since.
    primary: Option<BootTime>,
    primary_failed: bool,
    /// What the secondary said last, and whether it has been passed on.
    secondary: Option<Observation>,
    secondary_passed: bool,
}

/// What has come of all, and how long silence may last.
#[derive(Debug)]
struct Choice {
    silence_limit: Duration,
    start: BootTime,
    heard: HashMap<(HostId, Api), Heard>,
}

impl Choice {
    fn new(silence_limit: Duration, start: BootTime) -> Self {
        Self { silence_limit, start, heard: HashMap::new() }
    }

    /// What is passed on now that this has come: it, or something held back before, or nothing.
    fn pass(&mut self, side: Side, observation: Observation) -> Option<Observation> {
        let now = observation.at.boot;
        let is_fresh = |at: BootTime| now.since(at) <= self.silence_limit;
        let heard = self.heard.entry((observation.host.clone(), observation.api)).or_default();
        match (side, observation.outcome.is_ok()) {
            (Side::Primary, true) => {
                heard.primary = Some(now);
                heard.primary_failed = false;
                // What was held back is older than this and would turn the clock back if it came later.
                heard.secondary_passed = true;
                Some(observation)
            }
            (Side::Primary, false) => {
                heard.primary_failed = true;
                match &heard.secondary {
                    Some(held) if is_fresh(held.at.boot) => {
                        let passed_before = std::mem::replace(&mut heard.secondary_passed, true);
                        (!passed_before).then(|| held.clone())
                    }
                    _ => Some(observation),
                }
            }
            (Side::Secondary, _) => {
                let primary_speaks = !heard.primary_failed
                    && match heard.primary {
                        Some(at) => is_fresh(at),
                        // Before its first word a report is worth more than waiting; a failure is not.
                        None => observation.outcome.is_err() && is_fresh(self.start),
                    };
                heard.secondary_passed = !primary_speaks;
                heard.secondary = Some(observation.clone());
                (!primary_speaks).then_some(observation)
            }
        }
    }
}

#[cfg(test)]
mod tests;
