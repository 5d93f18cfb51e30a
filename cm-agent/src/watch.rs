//! The machine as a source of observations, like any host that is asked over the network.
//!
//! The first look is followed by a second a moment later, and only that one is told: rates need two. A machine in a box has
//! its later state, if any, recorded with its distance; it is not waited for.

mod once;

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use cm_model::clock::{Clock, Now};
use cm_model::host::HostId;
use cm_model::observation::{Failure, FailureKind, Observation, Way};
use cm_model::report::{Api, Report};
use futures_core::Stream;
use tokio::time::{Sleep, sleep};

use crate::collector::CollectOptions;
use crate::lookout::{Found, Lookout};
use crate::machine::Machine;
use crate::report::Agent;

pub use self::once::collect_once;

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

    /// The name that a machine has given itself; `localhost` where that could not be printed anywhere.
    ///
    /// # Panics
    /// Never: `localhost` is a name.
    pub fn own_name(machine: &Machine) -> HostId {
        let told = machine.line("/proc/sys/kernel/hostname").and_then(|name| HostId::new(name.trim()).ok());
        told.unwrap_or_else(|| HostId::new("localhost").expect("letters"))
    }

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
/// It must be polled within a tokio runtime that has time and I/O enabled: container engines are asked on it. This machine is looked at on a thread of its own, so
/// that a device that hangs holds up nobody: within seconds it is told as missing. A machine in a box is read within the
/// poll.
pub fn watch<C: Clock>(options: WatchOptions, clock: C) -> Watch<C> {
    let WatchOptions { host, machine, rounds, gap, collect } = options;
    let eye = if machine.is_itself() {
        Eye::Thread(Some(Lookout::new(move || Agent::new(machine.clone(), &collect))))
    } else {
        let later = machine.later();
        Eye::Here(Box::new(Agent::new(machine, &collect)), later)
    };
    Watch { host, eye, clock, rounds, gap, next: Next::FirstLook, told: VecDeque::new() }
}

/// The stream that [`watch`] gives.
#[derive(Debug)]
pub struct Watch<C> {
    host: HostId,
    eye: Eye,
    clock: C,
    rounds: Rounds,
    gap: Duration,
    next: Next,
    told: VecDeque<Observation>,
}

/// Who looks.
#[derive(Debug)]
enum Eye {
    /// A thread; nobody while it looks.
    Thread(Option<Lookout>),
    /// The poll itself, at a machine in a box: with its later state, until it is turned to, and how much later it is.
    Here(Box<Agent>, Option<(Machine, Duration)>),
}

enum Next {
    FirstLook,
    Wait(Pin<Box<Sleep>>),
    Look(Looking),
    Nothing,
}

/// A look under way on the thread.
struct Looking {
    now: Now,
    /// The first is not told: rates need two.
    is_first: bool,
    found: Pin<Box<dyn Future<Output = (Lookout, Found)> + Send>>,
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FirstLook => "FirstLook",
            Self::Wait(_) => "Wait",
            Self::Look(_) => "Look",
            Self::Nothing => "Nothing",
        })
    }
}

impl<C: Clock> Watch<C> {
    /// Begins a look at this machine, or looks at one in a box.
    fn look(&mut self, is_first: bool) {
        let now = self.clock.now();
        match &mut self.eye {
            Eye::Thread(lookout) => {
                let mut lookout = lookout.take().expect("one look at a time");
                let found = Box::pin(async move {
                    let found = lookout.look(now, Api::ALL.to_vec()).await;
                    (lookout, found)
                });
                self.next = Next::Look(Looking { now, is_first, found });
            }
            Eye::Here(agent, later) => {
                let mut at = now;
                if let Some((machine, span)) = later.take() {
                    agent.look(now);
                    agent.turn_to(machine);
                    at = now.after(span);
                }
                let found = agent.look(at);
                self.tell(Api::ALL.map(|api| (api, found.report(api))), at, now);
            }
        }
    }

    /// Puts down what was found, and what comes next.
    fn tell(&mut self, found: impl IntoIterator<Item = (Api, Result<Report, FailureKind>)>, at: Now, began: Now) {
        let took = self.clock.now().mono.since(began.mono);
        for (api, report) in found {
            let outcome = report.map_err(|kind| Failure { address: "this machine".to_owned(), kind });
            self.told.push_back(Observation { host: self.host.clone(), api, way: Way::Local, at, took, outcome });
        }
        self.next = match self.rounds {
            Rounds::Once => Next::Nothing,
            Rounds::Every(span) => Next::Wait(Box::pin(sleep(span))),
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
                Next::FirstLook => watch.look(true),
                Next::Wait(sleep) => {
                    ready!(sleep.as_mut().poll(context));
                    watch.look(false);
                }
                Next::Look(Looking { now, is_first, found }) => {
                    let (lookout, found) = ready!(found.as_mut().poll(context));
                    let (now, is_first) = (*now, *is_first);
                    watch.eye = Eye::Thread(Some(lookout));
                    if is_first {
                        watch.next = Next::Wait(Box::pin(sleep(watch.gap)));
                    } else {
                        watch.tell(found, now, now);
                    }
                }
            }
        }
    }
}
