//! Samples that wait to be stored, in the order in which they came. Bounded: the oldest go first, and are counted.
//!
//! Of each sample its series is kept as a number, so that an hour of five hosts takes some ten megabytes.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::clock::{BootTime, WallTime};
use crate::health::Subject;
use crate::host::HostId;
use crate::metric::{MetricId, Sample};
use crate::store::Measured;

/// The most samples that wait: 12 MB, an hour and more of five hosts.
pub(super) const MOST: usize = 500_000;

/// The most samples of one commit.
pub(super) const AT_ONCE: usize = 20_000;

/// The most series whose numbers are remembered while nothing waits.
const MOST_NAMES: usize = 50_000;

type Name = (HostId, Subject, MetricId);

/// What came at one moment.
#[derive(Debug, Clone)]
struct Round {
    came: BootTime,
    samples: Vec<(u32, WallTime, f64)>,
}

/// The samples that wait.
#[derive(Debug, Default)]
pub(super) struct Held {
    names: Vec<Name>,
    numbers: HashMap<Name, u32>,
    rounds: VecDeque<Round>,
    /// Those that are being stored.
    flying: Vec<Round>,
    waiting: usize,
    dropped: u64,
}

impl Held {
    /// How many wait, those that are being stored included.
    pub(super) fn len(&self) -> usize {
        self.waiting + self.flying.iter().map(|round| round.samples.len()).sum::<usize>()
    }

    /// Whether any wait to be taken.
    pub(super) const fn has_any(&self) -> bool {
        self.waiting > 0
    }

    /// Whether more wait than go into one commit.
    pub(super) const fn has_many(&self) -> bool {
        self.waiting > AT_ONCE
    }

    /// How many were dropped since the start.
    pub(super) const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Takes samples in.
    pub(super) fn push(&mut self, host: &HostId, samples: impl IntoIterator<Item = Sample>, came: BootTime) {
        let samples: Vec<_> = samples
            .into_iter()
            .map(|sample| (self.number((host.clone(), sample.subject, sample.metric)), sample.at, sample.value))
            .collect();
        if samples.is_empty() {
            return;
        }
        self.waiting += samples.len();
        match self.rounds.back_mut() {
            Some(last) if last.came == came => last.samples.extend(samples),
            _ => self.rounds.push_back(Round { came, samples }),
        }
        self.bound();
    }

    fn bound(&mut self) {
        while self.waiting > MOST && self.rounds.len() > 1 {
            let Some(oldest) = self.rounds.pop_front() else { return };
            self.waiting -= oldest.samples.len();
            self.dropped += oldest.samples.len() as u64;
        }
    }

    fn number(&mut self, name: Name) -> u32 {
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).expect("fewer names than samples");
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        number
    }

    /// Takes the oldest out to be stored; [`stored`](Self::stored) or [`refused`](Self::refused) says what became of them.
    pub(super) fn take(&mut self) -> Vec<Measured> {
        let mut taken = 0;
        while let Some(round) = self.rounds.front() {
            if taken > 0 && taken + round.samples.len() > AT_ONCE {
                break;
            }
            taken += round.samples.len();
            self.flying.extend(self.rounds.pop_front());
        }
        self.waiting -= taken;
        let named = |&(number, at, value): &(u32, WallTime, f64)| {
            let (host, subject, metric) = &self.names[number as usize];
            Measured { host: host.clone(), sample: Sample { metric: *metric, subject: subject.clone(), at, value } }
        };
        self.flying.iter().flat_map(|round| &round.samples).map(named).collect()
    }

    /// What was taken is stored.
    pub(super) fn stored(&mut self) {
        self.flying.clear();
        if self.rounds.is_empty() && self.names.len() > MOST_NAMES {
            self.names.clear();
            self.numbers.clear();
        }
    }

    /// What was taken is not stored: it waits again, before all others.
    pub(super) fn refused(&mut self) {
        for round in self.flying.drain(..).rev() {
            self.waiting += round.samples.len();
            self.rounds.push_front(round);
        }
        self.bound();
    }

    /// Lets what came before the last `span` go: another program stores it.
    pub(super) fn keep_last(&mut self, span: Duration, now: BootTime) {
        while self.rounds.front().is_some_and(|round| now.since(round.came) > span) {
            if let Some(round) = self.rounds.pop_front() {
                self.waiting -= round.samples.len();
            }
        }
        self.flying.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host() -> HostId {
        HostId::new("srv01").unwrap()
    }

    fn samples(from: usize, count: usize) -> Vec<Sample> {
        let sample = |value| Sample {
            metric: MetricId(101),
            subject: Subject::host(),
            at: WallTime::from_millis(value),
            value: value as f64,
        };
        (from..from + count).map(|at| sample(i64::try_from(at).unwrap())).collect()
    }

    fn at(secs: u64) -> BootTime {
        BootTime::from_start(Duration::from_secs(secs))
    }

    #[test]
    fn what_was_refused_is_taken_again_first_and_in_order() {
        let mut held = Held::default();
        held.push(&host(), samples(0, 3), at(0));
        let first = held.take();
        assert_eq!(first.len(), 3);
        held.push(&host(), samples(3, 2), at(5));
        held.refused();
        let again: Vec<f64> = held.take().iter().map(|measured| measured.sample.value).collect();
        assert_eq!(again, [0.0, 1.0, 2.0, 3.0, 4.0]);
        held.stored();
        assert_eq!((held.len(), held.has_any(), held.dropped()), (0, false, 0));
    }

    #[test]
    fn commits_are_bounded_and_what_does_not_fit_waits() {
        let mut held = Held::default();
        for round in 0..5 {
            held.push(&host(), samples(round * 9_000, 9_000), at(round as u64));
        }
        assert!(held.has_many());
        assert_eq!(held.take().len(), 18_000);
        held.stored();
        assert_eq!(held.len(), 27_000);
    }

    #[test]
    fn the_oldest_are_dropped_and_counted() {
        let mut held = Held::default();
        for round in 0..6 {
            held.push(&host(), samples(0, 100_000), at(round));
        }
        assert_eq!((held.len(), held.dropped()), (MOST, 100_000));
        // Also what comes back from a file that took it not.
        held.take();
        held.push(&host(), samples(0, 100_000), at(9));
        held.refused();
        assert_eq!((held.len(), held.dropped()), (MOST, 200_000));
    }

    #[test]
    fn only_the_last_moments_are_held_while_another_records() {
        let mut held = Held::default();
        for round in 0..10 {
            held.push(&host(), samples(0, 10), at(round * 5));
        }
        held.take();
        held.refused();
        held.keep_last(Duration::from_secs(15), at(45));
        assert_eq!((held.len(), held.dropped()), (40, 0));
    }
}
