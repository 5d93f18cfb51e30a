//! The machine as a source of observations, like any host that is asked over the network.
//!
//! The first look is followed by a second a moment later, and only that one is told: rates need two. A machine in a box has
//! its later state, if any, recorded with its distance; it is not waited for.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use cm_model::clock::{Clock, Now};
use cm_model::host::HostId;
use cm_model::observation::{Failure, Observation, Way};
use cm_model::report::Api;
use futures_core::Stream;
use tokio::time::{Sleep, sleep};

use crate::collector::CollectOptions;
use crate::machine::Machine;
use crate::report::{Agent, Collection};

/// How often to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounds {
    /// Once; the stream ends after the three observations.
    Once,
    /// For ever, this long after the end of each round.
    Every(Duration),
}

/// What to watch, and how.
#[derive(Debug, Clone)]
pub struct WatchOptions {
    /// The name that observations bear.
    pub host: HostId,
    /// The machine.
    pub machine: Machine,
    /// How often.
    pub rounds: Rounds,
    /// Time between the first two looks, from which the first rates come.
    pub gap: Duration,
    /// What is collected.
    pub collect: CollectOptions,
}

impl WatchOptions {
    /// Time between the first two looks unless told otherwise: short enough not to be noticed, long enough for rates.
    pub const GAP: Duration = Duration::from_millis(200);

    /// This machine under a name, once, with everything else as it comes.
    pub fn this_machine(host: HostId) -> Self {
        Self {
            host,
            machine: Machine::itself(),
            rounds: Rounds::Once,
            gap: Self::GAP,
            collect: CollectOptions::default(),
        }
    }
}

/// Watches a machine: three observations a round, one of each API, in the order of [`Api::ALL`].
///
/// It must be polled within a tokio runtime that has time enabled. Collecting happens within the poll, in well under a
/// millisecond on most machines; see [`Agent::look`].
pub fn watch<C: Clock>(options: WatchOptions, clock: C) -> Watch<C> {
    let later = options.machine.later();
    let agent = Agent::new(options.machine, &options.collect);
    Watch {
        host: options.host,
        agent,
        later,
        clock,
        rounds: options.rounds,
        gap: options.gap,
        next: Next::FirstLook,
        told: VecDeque::new(),
    }
}

/// Looks once, as [`watch`] does with [`Rounds::Once`], and gives the reports.
pub async fn collect_once(
    machine: Machine,
    collect: &CollectOptions,
    gap: Duration,
    clock: &(impl Clock + ?Sized),
) -> Collection {
    let later = machine.later();
    let mut agent = Agent::new(machine, collect);
    let first = clock.now();
    let found = agent.look(first);
    match later {
        Some((machine, span)) => {
            agent.turn_to(machine);
            agent.look(first.after(span))
        }
        None if agent.machine().is_itself() => {
            sleep(gap).await;
            agent.look(clock.now())
        }
        None => found,
    }
}

/// The stream that [`watch`] gives.
#[derive(Debug)]
pub struct Watch<C> {
    host: HostId,
    agent: Agent,
    /// The later state of a machine in a box, until it is turned to, and how much later it is.
    later: Option<(Machine, Duration)>,
    clock: C,
    rounds: Rounds,
    gap: Duration,
    next: Next,
    told: VecDeque<Observation>,
}

#[derive(Debug)]
enum Next {
    FirstLook,
    Look(Pin<Box<Sleep>>),
    Nothing,
}

impl<C: Clock> Watch<C> {
    /// Looks, and puts down what is to be told.
    fn look(&mut self, now: Now) {
        let before = self.clock.now();
        let found = self.agent.look(now);
        let took = self.clock.now().mono.since(before.mono);
        for api in Api::ALL {
            let outcome = found.report(api).map_err(|kind| Failure { address: "this machine".to_owned(), kind });
            self.told.push_back(Observation { host: self.host.clone(), api, way: Way::Local, at: now, took, outcome });
        }
        self.next = match self.rounds {
            Rounds::Once => Next::Nothing,
            Rounds::Every(span) => Next::Look(Box::pin(sleep(span))),
        };
    }
}

impl<C: Clock + Unpin> Stream for Watch<C> {
    type Item = Observation;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Observation>> {
        let watch = self.get_mut();
        loop {
            if let Some(observation) = watch.told.pop_front() {
                return Poll::Ready(Some(observation));
            }
            match &mut watch.next {
                Next::Nothing => return Poll::Ready(None),
                Next::Look(sleep) => {
                    ready!(sleep.as_mut().poll(context));
                    let now = watch.clock.now();
                    watch.look(now);
                }
                Next::FirstLook => {
                    let now = watch.clock.now();
                    if let Some((machine, span)) = watch.later.take() {
                        watch.agent.look(now);
                        watch.agent.turn_to(machine);
                        watch.look(now.after(span));
                    } else if watch.agent.machine().is_itself() {
                        watch.agent.look(now);
                        watch.next = Next::Look(Box::pin(sleep(watch.gap)));
                    } else {
                        watch.look(now);
                    }
                }
            }
        }
    }
}
