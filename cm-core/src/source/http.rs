//! Asks many hosts at once over HTTP, again and again.
//!
//! Every API is asked for itself: nothing waits for a host that hangs. A [`lane`] keeps a fleet from being asked in
//! one burst, and [`schedule`] says when each is asked again.

mod lane;
mod schedule;

use std::pin::{Pin, pin};

use futures_util::future::{self, Either};
use futures_util::stream::{self, FuturesUnordered, StreamExt};
use tokio::time::{Instant, sleep_until};

use cm_model::clock::{Clock, Now};
use cm_model::host::HostId;
use cm_model::observation::{Failure, Observation, Way};
use cm_model::report::{Api, Report};

use self::lane::Lane;
use self::schedule::{Outcome, Schedule, Spread};
use super::{Observations, Rounds};
use crate::api::{Client, Endpoint};

/// Observations of all these endpoints. `seed` spreads the hosts within the interval and jitters what is asked again
/// after a failure: any number, another one in each process.
///
/// The first round begins at once. One endpoint is never asked twice at the same time, and after a suspend or a stall
/// what was missed is left out, not made up for. An endpoint whose host does not answer is asked again after about one
/// second, then two, then every three, whatever the interval, so that a return is noticed within five seconds; once one
/// API of a host answers again, its others are asked at once.
///
/// Must be read inside a tokio runtime with time and I/O. Holds one connection per endpoint, and one file descriptor
/// for each.
pub fn http(
    endpoints: Vec<Endpoint>,
    client: Client,
    rounds: Rounds,
    clock: impl Clock + Send + 'static,
    seed: u64,
) -> Observations {
    let targets = endpoints.iter().map(|endpoint| (endpoint.host().clone(), endpoint.api())).collect();
    let ask = move |index: usize| -> Ask {
        let (client, endpoint) = (client.clone(), endpoints[index].clone());
        Box::pin(async move { client.ask(&endpoint).await })
    };
    poll(targets, ask, rounds, clock, seed)
}

type Ask = Pin<Box<dyn Future<Output = Result<Report, Failure>> + Send>>;
type Asked = Pin<Box<dyn Future<Output = (usize, Now, Result<Report, Failure>)> + Send>>;

/// The same for any way of asking, which is how it is tested.
fn poll(
    targets: Vec<(HostId, Api)>,
    ask: impl FnMut(usize) -> Ask + Send + 'static,
    rounds: Rounds,
    clock: impl Clock + Send + 'static,
    seed: u64,
) -> Observations {
    let spread = Spread::new(seed);
    let now = Instant::now();
    let targets = targets
        .into_iter()
        .map(|(host, api)| Target { phase: spread.phase(&host), host, api, failures: 0, next: Next::At(now) })
        .collect();
    let poller = Poller {
        targets,
        ask,
        rounds,
        clock,
        spread,
        start: now,
        lane: Lane::default(),
        asks: FuturesUnordered::new(),
        wake: Some(now),
        is_held_up: false,
    };
    Box::pin(stream::unfold(poller, |mut poller| async move {
        let observation = poller.next().await?;
        Some((observation, poller))
    }))
}

struct Poller<A, C> {
    targets: Vec<Target>,
    ask: A,
    rounds: Rounds,
    clock: C,
    spread: Spread,
    start: Instant,
    lane: Lane,
    asks: FuturesUnordered<Asked>,
    /// When somebody is due next, so that not all are looked at with each answer.
    wake: Option<Instant>,
    /// Whether somebody is due who has no place yet.
    is_held_up: bool,
}

struct Target {
    host: HostId,
    api: Api,
    /// Where in the interval this host has its place, from 0 to 1.
    phase: f64,
    /// How many asks in a row came to nothing.
    failures: u32,
    next: Next,
}

/// What happens next with a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// It is asked then.
    At(Instant),
    /// Its answer comes.
    Answer,
    /// Nothing: it was asked as often as was wanted.
    Nothing,
}

impl<A: FnMut(usize) -> Ask, C: Clock> Poller<A, C> {
    async fn next(&mut self) -> Option<Observation> {
        loop {
            let now = Instant::now();
            if self.wake.is_some_and(|at| at <= now) {
                self.ask_those_due(now);
            }
            let ended = match (self.asks.is_empty(), self.wake) {
                (true, None) => return None,
                (true, Some(at)) => {
                    sleep_until(at).await;
                    continue;
                }
                (false, None) => self.asks.next().await,
                (false, Some(at)) => match future::select(self.asks.next(), pin!(sleep_until(at))).await {
                    Either::Left((ended, _)) => ended,
                    Either::Right(_) => continue,
                },
            };
            if let Some((index, asked_at, outcome)) = ended {
                return Some(self.arrived(index, asked_at, outcome));
            }
        }
    }

    /// Starts what is due as far as there are places.
    fn ask_those_due(&mut self, now: Instant) {
        let mut due: Vec<usize> = Vec::new();
        (self.wake, self.is_held_up) = (None, false);
        for index in 0..self.targets.len() {
            match self.targets[index].next {
                Next::At(at) if at <= now => due.push(index),
                Next::At(at) => self.wake_by(at),
                Next::Answer | Next::Nothing => {}
            }
        }
        // Those that failed last time wait behind those that will answer at once.
        due.sort_by_key(|&index| self.targets[index].failures.min(1));
        for index in due {
            if let Err(at) = self.lane.enter(index, now) {
                self.is_held_up = true;
                return self.wake_by(at);
            }
            self.targets[index].next = Next::Answer;
            let (asked_at, ask) = (self.clock.now(), (self.ask)(index));
            self.asks.push(Box::pin(async move { (index, asked_at, ask.await) }));
        }
    }

    /// Looks for those who are due at this moment at the latest.
    fn wake_by(&mut self, at: Instant) {
        self.wake = Some(self.wake.map_or(at, |earliest| earliest.min(at)));
    }

    fn arrived(&mut self, index: usize, asked_at: Now, outcome: Result<Report, Failure>) -> Observation {
        let now = Instant::now();
        self.lane.leave(index);
        let kind = Outcome::of(&outcome);
        let came_back = kind == Outcome::Answered && self.targets[index].failures > 0;
        let target = &mut self.targets[index];
        target.failures = if kind == Outcome::Absent { target.failures.saturating_add(1) } else { 0 };
        let (host, api) = (target.host.clone(), target.api);
        target.next = Next::Nothing;
        if let Rounds::Every(interval) = self.rounds {
            let schedule = Schedule::new(interval, target.phase);
            let elapsed = now.duration_since(self.start);
            let at = self.start + schedule.next(elapsed, target.failures, self.spread.jitter());
            target.next = Next::At(at);
            self.wake_by(at);
        }
        if came_back {
            self.ask_siblings_now(&host, now);
        }
        if came_back || self.is_held_up {
            self.wake_by(now);
        }
        let at = self.clock.now();
        Observation { host, api, way: Way::Http, at, took: at.mono.since(asked_at.mono), outcome }
    }

    /// One API of a host is back: its others need not wait for their turn.
    fn ask_siblings_now(&mut self, host: &HostId, now: Instant) {
        for sibling in self.targets.iter_mut().filter(|sibling| sibling.host == *host && sibling.failures > 0) {
            if let Next::At(at) = &mut sibling.next {
                *at = now.min(*at);
            }
        }
    }
}

#[cfg(test)]
mod tests;
