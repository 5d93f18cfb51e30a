//! When an API is asked again: pure arithmetic on the time since the start.
//!
//! A fixed grid while all is well, a quick and capped back-off while nobody answers. Nothing is ever made up for: after
//! a stall the next place on the grid counts.

use std::time::Duration;

use cm_model::host::HostId;
use cm_model::observation::{Failure, FailureKind, LinkState};
use cm_model::report::Report;

/// The least interval that is kept to.
const LEAST_INTERVAL: Duration = Duration::from_millis(100);
/// The longest wait after a failure. With the two seconds in which a connection fails it makes up the five in which a
/// host's return is to be noticed.
const LONGEST_WAIT: Duration = Duration::from_millis(2_800);
/// The wait after a first failure: most are a restart of the agent.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The widest that hosts are spread within an interval, so that a round is still over within a second.
const WIDEST_SPREAD: Duration = Duration::from_millis(500);

/// Hosts share so many places in the interval: those of one place are asked at one waking, and most of their answers are
/// there at the next.
const SPREAD_PLACES: f64 = 16.0;

/// How an ask ended, as far as the next one depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A report came.
    Answered,
    /// Something answers, and will say the same in a second: it is asked at the usual time.
    Objected,
    /// Nobody is there, or only a proxy that says so: it is asked again soon.
    Absent,
}

impl Outcome {
    pub(super) fn of(outcome: &Result<Report, Failure>) -> Self {
        let Err(failure) = outcome else { return Self::Answered };
        match &failure.kind {
            FailureKind::HttpStatus { status: 502..=504 } => Self::Absent,
            kind if kind.state() == LinkState::Unreachable => Self::Absent,
            _ => Self::Objected,
        }
    }
}

/// The grid of one API.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    interval: Duration,
    offset: Duration,
}

impl Schedule {
    /// A grid of this interval, with a place in it from 0 to 1.
    pub(super) fn new(interval: Duration, phase: f64) -> Self {
        let interval = interval.max(LEAST_INTERVAL);
        Self { interval, offset: (interval / 4).min(WIDEST_SPREAD).mul_f64(phase) }
    }

    /// When to ask next, from the time since the start and the number of failures in a row. `jitter` lies between 0 and 1.
    pub(super) fn next(self, elapsed: Duration, failures: u32, jitter: f64) -> Duration {
        if failures > 0 {
            let wait = FIRST_WAIT.saturating_mul(1 << (failures - 1).min(8)).min(LONGEST_WAIT);
            return elapsed + wait.mul_f64(1.0 - 0.25 * jitter);
        }
        let since_first = elapsed.saturating_sub(self.offset).as_nanos();
        let rounds = since_first / self.interval.as_nanos() + 1;
        let mut next = self.offset + self.interval * u32::try_from(rounds).unwrap_or(u32::MAX);
        // An answer that came late would otherwise be followed by the next ask at once.
        if next < elapsed + self.interval / 4 {
            next += self.interval;
        }
        next
    }
}

/// Where chance comes in: a small generator (`SplitMix64`), which is good enough to spread and needs no dependency.
#[derive(Debug)]
pub(super) struct Spread(u64);

impl Spread {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number from 0 to 1.
    pub(super) fn jitter(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        part(mix(self.0))
    }

    /// A host's place in the interval, from 0 to 1: the same for all its APIs, so that it is woken once and not thrice.
    pub(super) fn phase(&self, host: &HostId) -> f64 {
        let start = mix(self.0.wrapping_add(0x9e37_79b9_7f4a_7c15));
        let own = part(host.as_str().bytes().fold(start, |mixed, byte| mix(mixed.wrapping_add(u64::from(byte)))));
        (own * SPREAD_PLACES).floor() / SPREAD_PLACES
    }
}

const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn part(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn a_well_host_is_asked_on_a_grid_that_does_not_drift() {
        let schedule = Schedule::new(MS(5000), 0.5);
        let mut asked = MS(0);
        for round in 1..100 {
            let answered = asked + MS(37);
            asked = schedule.next(answered, 0, 0.3);
            assert_eq!(asked, MS(250) + MS(5000) * round);
        }
    }

    #[test]
    fn what_a_stall_has_missed_is_not_made_up_for() {
        let schedule = Schedule::new(MS(5000), 0.0);
        let cases = [(3_600_123, 3_605_000), (4_900, 10_000), (3_700, 5_000), (5_000, 10_000)];
        for (elapsed, next) in cases {
            assert_eq!(schedule.next(MS(elapsed), 0, 0.0), MS(next), "{elapsed}");
        }
    }

    #[test]
    fn a_return_is_noticed_within_five_seconds_whatever_the_interval() {
        let connection = crate::api::Limits::default().connection;
        for interval in [1, 5, 60, 3600] {
            let schedule = Schedule::new(Duration::from_secs(interval), 0.7);
            for failures in [1, 2, 3, 10, u32::MAX] {
                let wait = schedule.next(MS(10_000), failures, 0.0).saturating_sub(MS(10_000));
                assert!(wait + connection < MS(5000), "{failures} failures: {wait:?}");
                assert!(wait >= MS(1000), "{failures} failures: {wait:?}");
            }
        }
    }

    #[test]
    fn jitter_only_shortens_and_hosts_are_spread() {
        let mut spread = Spread::new(7);
        let phases: Vec<f64> = (0..200).map(|n| spread.phase(&HostId::new(&format!("host{n}")).unwrap())).collect();
        let early = phases.iter().filter(|&&phase| phase < 0.5).count();
        assert!((70..130).contains(&early), "{early}");
        assert!(phases.iter().all(|phase| (0.0..1.0).contains(phase)));
        let waits: Vec<Duration> =
            (0..50).map(|_| Schedule::new(MS(5000), 0.0).next(MS(0), 5, spread.jitter())).collect();
        assert!(waits.iter().all(|wait| (LONGEST_WAIT.mul_f64(0.75)..=LONGEST_WAIT).contains(wait)), "{waits:?}");
        assert!(waits.windows(2).any(|pair| pair[0] != pair[1]));
    }
}
