//! A thread that owns the file: answers go in, notices come out, and the store blocks nobody else.
//!
//! It knows no screen and no configuration.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc;

use super::hand::Hand;
use super::{Effect, Engine, Input, Notice, Tally};
use crate::clock::Clock;
use crate::fleet::{Freshness, Member};
use crate::host::HostId;
use crate::observation::Observation;
use crate::registry::Registry;
use crate::series::retention::Policy;
use crate::store::{Holder, Opening};

/// The most notices that wait to be read; more of them are dropped, for nobody reads.
const NOTICES: usize = 256;

/// How long is waited for what waits to be stored when recording ends.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is recorded, by whom, into which file.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which file; it is made where there is none.
    pub path: PathBuf,
    /// Who records, as the lease has it.
    pub holder: Holder,
    /// The machine that records, to which the figures of recording belong.
    pub watcher: HostId,
    /// Who is watched.
    pub members: Vec<Member>,
    /// When their data counts as old.
    pub freshness: Freshness,
    /// How long things are kept.
    pub policy: Policy,
}

/// Recording, under way.
pub struct Recorder {
    shared: Arc<Shared>,
    notices: mpsc::Receiver<Notice>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<Inbox>,
    changed: Condvar,
}

/// What waits for the thread.
#[derive(Default)]
struct Inbox {
    answers: VecDeque<Observation>,
    most: usize,
    lost: u64,
    is_stopping: bool,
    has_ended: bool,
    tally: Tally,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inbox> {
        // Whoever panicked left plain data.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder {
    /// Begins to record. Whether that succeeds is told by the [notices](Self::notice).
    pub fn start(options: Options, clock: impl Clock + Clone + Send + 'static) -> io::Result<Self> {
        let apis: usize = options.members.iter().map(|member| member.apis.len()).sum();
        let inbox = Inbox { most: 256 + 4 * apis, ..Inbox::default() };
        let shared = Arc::new(Shared { state: Mutex::new(inbox), changed: Condvar::new() });
        let (tell, notices) = mpsc::channel(NOTICES);
        let thread = std::thread::Builder::new().name("history".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || {
                record(options, &shared, &tell, &clock);
                shared.lock().has_ended = true;
                shared.changed.notify_all();
            }
        })?;
        Ok(Self { shared, notices, thread: Some(thread) })
    }

    /// Hands an answer on. Never waits: while the file takes nothing for long the oldest answers are dropped, and counted.
    pub fn observe(&self, observation: Observation) {
        let mut inbox = self.shared.lock();
        if inbox.answers.len() >= inbox.most {
            inbox.answers.pop_front();
            inbox.lost += 1;
        }
        inbox.answers.push_back(observation);
        drop(inbox);
        self.shared.changed.notify_all();
    }

    /// The next thing that a person should know; none once recording has ended.
    pub async fn notice(&mut self) -> Option<Notice> {
        self.notices.recv().await
    }

    /// What a person should know that has come already.
    pub fn notice_now(&mut self) -> Option<Notice> {
        self.notices.try_recv().ok()
    }

    /// How recording goes.
    pub fn tally(&self) -> Tally {
        let inbox = self.shared.lock();
        Tally { dropped: inbox.tally.dropped + inbox.lost, ..inbox.tally }
    }

    /// Ends it: what waits is stored and the lease given back. Waits for that, for ten seconds at most; answers how it
    /// went, samples that were not stored being those that still wait.
    pub fn stop(mut self) -> Tally {
        self.end();
        self.tally()
    }

    fn end(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        let mut inbox = self.shared.lock();
        inbox.is_stopping = true;
        self.shared.changed.notify_all();
        let ended = self.shared.changed.wait_timeout_while(inbox, PATIENCE, |inbox| !inbox.has_ended);
        let has_ended = ended.map_or_else(|poisoned| poisoned.into_inner().0.has_ended, |(inbox, _)| inbox.has_ended);
        if has_ended {
            // Its end was told; a panic was printed where it happened.
            let _ = thread.join();
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("tally", &self.tally()).finish_non_exhaustive()
    }
}

fn record(
    options: Options,
    shared: &Shared,
    tell: &mpsc::Sender<Notice>,
    clock: &(impl Clock + Clone + Send + 'static),
) {
    let Options { path, holder, watcher, members, freshness, policy } = options;
    let mut engine = Engine::new(members, freshness, watcher, holder.name.clone());
    let open = Box::new(Opening::at);
    let mut hand = Hand { path, holder, policy, registry: Registry::default(), open, writer: None };
    let mut wait = Duration::ZERO;
    loop {
        let (answers, is_stopping) = next(shared, wait);
        let inputs = answers.into_iter().map(Input::Observed);
        let last = if is_stopping { Input::Stop } else { Input::Tick };
        let mut has_ended = false;
        for input in inputs.chain([last]) {
            has_ended |= turn(&mut engine, &mut hand, input, clock, |notice| {
                // Where nobody reads them any more, nobody is to be told.
                let _ = tell.try_send(notice);
            });
        }
        shared.lock().tally = engine.tally();
        if has_ended {
            return;
        }
        wait = engine.pace();
    }
}

/// Waits for answers or the end, for so long at most, and takes what there is.
fn next(shared: &Shared, wait: Duration) -> (VecDeque<Observation>, bool) {
    let inbox = shared.lock();
    let woken = shared.changed.wait_timeout_while(inbox, wait, |inbox| inbox.answers.is_empty() && !inbox.is_stopping);
    let mut inbox = woken.map_or_else(|poisoned| poisoned.into_inner().0, |(inbox, _)| inbox);
    (std::mem::take(&mut inbox.answers), inbox.is_stopping)
}

/// One input and all that follows from it. Answers whether it has ended.
pub(super) fn turn(
    engine: &mut Engine,
    hand: &mut Hand,
    input: Input,
    clock: &(impl Clock + Clone + Send + 'static),
    mut tell: impl FnMut(Notice),
) -> bool {
    let mut next = Some(input);
    while let Some(input) = next.take() {
        for effect in engine.step(input, clock.now()) {
            match effect {
                Effect::Do(job) => next = Some(Input::Done(hand.perform(&job, clock))),
                Effect::Tell(notice) => tell(notice),
                Effect::End => return true,
            }
        }
    }
    false
}
