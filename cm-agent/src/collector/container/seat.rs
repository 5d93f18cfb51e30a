//! One engine: when it is asked, and what it told last.
//!
//! A question is put at one look and its answer taken at a later one. Docker runs all the time and is asked every few
//! seconds. Podman is mostly started by systemd for each question and takes longer for it than a round of all our
//! looking, so it is asked when a control group came or went, and otherwise once a minute.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cm_model::clock::MonoTime;
use tokio::runtime::Handle;
use tokio::sync::oneshot::{self, Receiver, error::TryRecvError};
use tokio::task::AbortHandle;

use crate::engine::{Admits, Failure, Id, Kind, LIMIT, Memory, Question, Told};

/// From one question to Docker to the next.
const DOCKER: Duration = Duration::from_secs(5);
/// From one question to a Podman that has containers to the next, if nothing happens before.
const PODMAN: Duration = Duration::from_mins(1);
/// The same for a Podman that has none.
const IDLE_PODMAN: Duration = Duration::from_mins(10);
/// The same for an engine that has not answered.
const FAILED: Duration = Duration::from_secs(15);
/// The shortest time between two questions, whatever happens.
const SHORTEST: Duration = Duration::from_secs(2);
/// How long after an engine has stopped answering its last answer stands.
const STANDS: Duration = Duration::from_secs(30);

/// An engine's socket, and what is known through it.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) socket: PathBuf,
    /// The last good answer.
    last: Option<Told>,
    /// Why the last question failed, and since when all have, if it did.
    failure: Option<(Failure, MonoTime)>,
    asking: Option<Asking>,
    memory: Memory,
    asked: Option<MonoTime>,
    /// What the control groups looked like when it was last asked.
    groups: u64,
}

/// A question under way. It is given up when this is dropped.
#[derive(Debug)]
struct Asking {
    since: MonoTime,
    answer: Receiver<(Memory, Result<Told, Failure>)>,
    task: AbortHandle,
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Seat {
    pub(super) fn new(socket: PathBuf) -> Self {
        Self { socket, last: None, failure: None, asking: None, memory: Memory::default(), asked: None, groups: 0 }
    }

    /// What it has told, as long as that stands.
    pub(super) fn told(&self, now: MonoTime) -> Option<&Told> {
        let fails = self.failure.as_ref().is_some_and(|(_, since)| now.since(*since) >= STANDS);
        self.last.as_ref().filter(|_| !fails)
    }

    /// Why the last question failed, if it did.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref().map(|(failure, _)| failure)
    }

    /// Whether it has never told or failed: then nothing is known, not even that something is wrong.
    pub(super) const fn is_new(&self) -> bool {
        self.last.is_none() && self.failure.is_none()
    }

    /// Whether it was asked and may still answer.
    pub(super) const fn is_asked(&self) -> bool {
        self.asking.is_some()
    }

    /// Takes the answer if it has come.
    pub(super) fn take(&mut self, now: MonoTime) {
        let Some(asking) = &mut self.asking else { return };
        let failure = match asking.answer.try_recv() {
            Ok((memory, told)) => {
                self.memory = memory;
                told.map(|told| self.last = Some(told)).err()
            }
            // The runtime itself has not come round to it in twice the time.
            Err(TryRecvError::Empty) if now.since(asking.since) < 2 * LIMIT => return,
            Err(_) => Some(Failure::Silent { socket: self.socket.clone(), path: "all questions".to_owned() }),
        };
        let since = self.failure.take().map_or(now, |(_, since)| since);
        self.failure = failure.map(|failure| (failure, since));
        self.asking = None;
    }

    /// Puts the next question if it is time: `changed` are containers that are known to have changed, `groups` says what
    /// the control groups look like.
    pub(super) fn ask(&mut self, runtime: &Handle, admits: &Arc<Admits>, changed: Vec<Id>, groups: u64, now: MonoTime) {
        let is_news = !changed.is_empty() || groups != self.groups;
        if self.asking.is_some() || !self.is_due(is_news, now) {
            return;
        }
        (self.asked, self.groups) = (Some(now), groups);
        let (answer, receiver) = oneshot::channel();
        let mut memory = std::mem::take(&mut self.memory);
        let (socket, admits) = (self.socket.clone(), Arc::clone(admits));
        let task = runtime.spawn(async move {
            let question = Question { socket: &socket, admits: &*admits, now, changed: &changed };
            let told = question.ask(&mut memory).await;
            // Whoever no longer listens has given the question up.
            let _ = answer.send((memory, told));
        });
        self.asking = Some(Asking { since: now, answer: receiver, task: task.abort_handle() });
    }

    fn is_due(&self, is_news: bool, now: MonoTime) -> bool {
        let Some(asked) = self.asked else { return true };
        let waited = now.since(asked);
        let interval = match &self.last {
            _ if self.failure.is_some() => FAILED,
            Some(told) => interval(told),
            None => DOCKER,
        };
        waited >= interval || (is_news && waited >= SHORTEST)
    }
}

fn interval(told: &Told) -> Duration {
    match (told.kind, told.containers.is_empty()) {
        (Kind::Docker, _) => DOCKER,
        (Kind::Podman, false) => PODMAN,
        (Kind::Podman, true) => IDLE_PODMAN,
    }
}
