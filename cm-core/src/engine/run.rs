//! A thread that owns the file: answers go in, notices come out, and the store blocks nobody else.
//!
//! It knows no screen and no configuration.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc;

use super::hand::Hand;
use super::progress::Progress;
use super::{Effect, Engine, Input, Judging, Notice, Sending, Tally};
use crate::clock::Clock;
use crate::fleet::{Freshness, Member};
use crate::host::HostId;
use crate::observation::Observation;
use crate::outbox::Answer;
use crate::series::retention::Policy;
use crate::store::Holder;

/// The most notices that wait to be read; more of them are dropped, for nobody reads.
const NOTICES: usize = 256;

/// The most messages that wait to be sent: one a channel is under way at a time.
const MESSAGES: usize = 256;

/// How long is waited at a time while recording ends.
const STOPPING: Duration = Duration::from_millis(50);

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
    /// What is judged by, and who is told; without it nothing is judged.
    pub judging: Option<Judging>,
}

/// Recording, under way.
pub struct Recorder {
    shared: Arc<Shared>,
    notices: mpsc::Receiver<Notice>,
    messages: mpsc::Receiver<Sending>,
    beats: mpsc::Receiver<()>,
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
    /// What became of messages that were sent.
    sent: Vec<(u64, Answer)>,
    most: usize,
    lost: u64,
    is_stopping: bool,
    has_ended: bool,
    tally: Tally,
    progress: Progress,
}

/// What recording has to say.
#[derive(Debug)]
pub enum Heard {
    /// To a person.
    Notice(Notice),
    /// Through a channel. Each is to be [answered](Recorder::answered); whether it still [may go](Sending::may_go) is to be
    /// asked right before it is sent.
    Message(Box<Sending>),
    /// All that had come was dealt with.
    Beat(Progress),
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
        let (deliver, messages) = mpsc::channel(MESSAGES);
        let (beat, beats) = mpsc::channel(1);
        let thread = std::thread::Builder::new().name("history".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || {
                record(options, &shared, &Mouth { tell, deliver, beat }, &clock);
                shared.lock().has_ended = true;
                shared.changed.notify_all();
            }
        })?;
        Ok(Self { shared, notices, messages, beats, thread: Some(thread) })
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

    /// The next thing that it has to say, messages first; none once it has ended and all was said. A beat tells how it
    /// stands now: of several that nobody heard one is left.
    pub async fn heard(&mut self) -> Option<Heard> {
        std::future::poll_fn(|cx| {
            if let Poll::Ready(Some(message)) = self.messages.poll_recv(cx) {
                return Poll::Ready(Some(Heard::Message(Box::new(message))));
            }
            if let Poll::Ready(Some(notice)) = self.notices.poll_recv(cx) {
                return Poll::Ready(Some(Heard::Notice(notice)));
            }
            self.beats.poll_recv(cx).map(|beat| beat.map(|()| Heard::Beat(self.shared.lock().progress.clone())))
        })
        .await
    }

    /// What became of an attempt to send a message.
    pub fn answered(&self, number: u64, answer: Answer) {
        self.shared.lock().sent.push((number, answer));
        self.shared.changed.notify_all();
    }

    /// How recording goes.
    pub fn tally(&self) -> Tally {
        let inbox = self.shared.lock();
        Tally { dropped: inbox.tally.dropped + inbox.lost, ..inbox.tally }
    }

    /// Begins the end: what waits is stored, what was sent is waited for, and the lease is given back. Whoever answers to
    /// messages goes on until nothing more is [heard](Self::heard).
    pub fn finish(&self) {
        self.shared.lock().is_stopping = true;
        self.shared.changed.notify_all();
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

/// Where what is to be said goes out.
struct Mouth {
    tell: mpsc::Sender<Notice>,
    deliver: mpsc::Sender<Sending>,
    beat: mpsc::Sender<()>,
}

fn record(options: Options, shared: &Shared, mouth: &Mouth, clock: &(impl Clock + Clone + Send + 'static)) {
    let Options { path, holder, watcher, members, freshness, policy, judging } = options;
    let mut engine = Engine::new(members, freshness, watcher, holder.name.clone());
    let mut hand = Hand::new(path, holder, policy);
    if let Some(judging) = judging {
        hand.judges(&judging);
        engine = engine.judging(judging);
    }
    let mut wait = Duration::ZERO;
    loop {
        let (inputs, is_stopping) = next(shared, wait);
        let last = if is_stopping { Input::Stop } else { Input::Tick };
        let mut has_ended = false;
        for input in inputs.into_iter().chain([last]) {
            has_ended |= turn(&mut engine, &mut hand, input, clock, |said| match said {
                Said::Notice(notice) => {
                    // Where nobody reads them any more, nobody is to be told.
                    let _ = mouth.tell.try_send(notice);
                }
                Said::Message(sending) => mouth.send(*sending, shared),
            });
        }
        let mut inbox = shared.lock();
        (inbox.tally, inbox.progress) = (engine.tally(), engine.progress());
        drop(inbox);
        // One that nobody has heard yet tells of this as well.
        let _ = mouth.beat.try_send(());
        if has_ended {
            return;
        }
        wait = engine.pace();
    }
}

impl Mouth {
    /// Hands a message to whoever sends it. One that nobody takes was not sent.
    fn send(&self, sending: Sending, shared: &Shared) {
        let number = sending.delivery.number;
        if self.deliver.try_send(sending).is_err() {
            let why = "nobody takes messages to send".to_owned();
            shared.lock().sent.push((number, Answer::NotSent { why }));
        }
    }
}

/// Waits for something to happen or the end, for so long at most, and takes what there is. Once the end has begun it
/// waits for no more than what ends it.
fn next(shared: &Shared, wait: Duration) -> (Vec<Input>, bool) {
    let inbox = shared.lock();
    let (wait, was_stopping) = if inbox.is_stopping { (wait.min(STOPPING), true) } else { (wait, false) };
    let nothing =
        |inbox: &mut Inbox| inbox.answers.is_empty() && inbox.sent.is_empty() && (was_stopping || !inbox.is_stopping);
    let woken = shared.changed.wait_timeout_while(inbox, wait, nothing);
    let mut inbox = woken.map_or_else(|poisoned| poisoned.into_inner().0, |(inbox, _)| inbox);
    let sent = inbox.sent.drain(..).map(|(number, answer)| Input::Answered { number, answer });
    let mut inputs: Vec<Input> = sent.collect();
    inputs.extend(inbox.answers.drain(..).map(Input::Observed));
    (inputs, inbox.is_stopping)
}

/// What is said while the engine turns.
pub(super) enum Said {
    /// To a person here.
    Notice(Notice),
    /// Through a channel.
    Message(Box<Sending>),
}

/// One input and all that follows from it. Answers whether it has ended.
pub(super) fn turn(
    engine: &mut Engine,
    hand: &mut Hand,
    input: Input,
    clock: &(impl Clock + Clone + Send + 'static),
    mut say: impl FnMut(Said),
) -> bool {
    let mut next = Some(input);
    while let Some(input) = next.take() {
        for effect in engine.step(input, clock.now()) {
            match effect {
                Effect::Do(job) => next = Some(Input::Done(hand.perform(&job, clock))),
                Effect::Tell(notice) => say(Said::Notice(notice)),
                Effect::Deliver(sending) => say(Said::Message(sending)),
                Effect::End => return true,
            }
        }
    }
    false
}
