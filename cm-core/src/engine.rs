//! Recording and judging: what sources tell goes into the history, and through the rules into incidents and messages, by
//! whichever program holds the lease.
//!
//! | room | what it holds |
//! |---|---|
//! | [`job`] | what is to be done with the file, and what became of it |
//! | `intake`, `words` | what is new in an answer: samples, words, a whole report that is due |
//! | `held` | samples that wait, bounded |
//! | `answer` | what follows from what a job came to |
//! | `duty` | what is due when |
//! | `leap` | leaps of the wall clock |
//! | [`past`] | what rules ask of the past and of tomorrow |
//! | [`judge`] | the round that judges: rules, incidents, messages |
//! | [`telling`] | when it is judged, on what footing, and what goes out |
//! | [`notice`] | what a person is told, once |
//! | [`progress`] | how far it has come |
//! | `hand` | does the jobs, with the store |
//! | [`run`] | a thread that owns the file, for programs |
//!
//! [`Engine::step`] takes what happened and answers with what is to be done: it is pure. A commit is an effect, whose
//! answer comes back as an input; one is under way at a time. While the file takes nothing, samples wait in memory, the
//! newest half a million; while another program records, the last quarter of a minute does, so that taking over leaves
//! no gap. It knows no front end, and does not ask for the time.

mod answer;
mod duty;
mod hand;
mod held;
mod intake;
pub mod job;
pub mod judge;
mod leap;
pub mod notice;
pub mod past;
pub mod progress;
pub mod run;
pub mod telling;
mod words;

pub use job::{Done, Job, Tally, Trouble};
pub use judge::Judging;
pub use notice::{News, Notice};
pub use progress::Progress;
pub use run::{Heard, Options, Recorder};
pub use telling::Sending;

use std::collections::VecDeque;
use std::time::Duration;

use crate::catalogue;
use crate::clock::{BootTime, Now};
use crate::fleet::{Fleet, Freshness, Member};
use crate::host::HostId;
use crate::observation::{FailureKind, Observation};
use crate::outbox::Answer;
use crate::store::writer::EARLIEST_MS;
use crate::store::{Frame, lease};

use answer::HeldUp;
use duty::Duties;
use held::Held;
use intake::Intake;
use job::Words;
use leap::Leaps;
use telling::Telling;

/// How often what was measured is stored.
pub const BATCH_EVERY: Duration = Duration::from_secs(5);

/// How much of the past is held while another records: as long as taking over takes, and an interval.
const HOLD: Duration = Duration::from_secs(15);

/// How often the figures of recording itself are told.
const TELL_EVERY: Duration = Duration::from_mins(1);

/// The most words that wait, and the most bytes of whole reports.
const MOST_WORDS: usize = 20_000;
const MOST_FRAME_BYTES: usize = 4 << 20;

/// What happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// A host told something, or did not.
    Observed(Observation),
    /// Time passed.
    Tick,
    /// A job came to this.
    Done(Done),
    /// What became of an attempt to send a message.
    Answered {
        /// Its number.
        number: u64,
        /// What became of it.
        answer: Answer,
    },
    /// Recording is to end; what waits is stored first.
    Stop,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Do this, and say what became of it.
    Do(Job),
    /// Tell a person.
    Tell(Notice),
    /// Send this message, and say what became of it.
    Deliver(Box<Sending>),
    /// Nothing more comes: it has ended.
    End,
}

/// How the file stands to this program.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    /// It is not open; from then on it is opened.
    Closed(BootTime),
    /// Another holds the lease; from then on it is asked for.
    Following(BootTime),
    /// We hold the lease.
    Recording,
    /// Nothing is done any more.
    Ended,
}

/// All that recording knows.
#[derive(Debug)]
pub struct Engine {
    /// As the lease has us.
    name: String,
    watcher: HostId,
    fleet: Fleet,
    intake: Intake,
    held: Held,
    words: Words,
    frames: VecDeque<Frame>,
    /// What is being done, and with what.
    flying: Option<Job>,
    standing: Standing,
    /// Whom we follow, if somebody was told so.
    follows: Option<String>,
    duties: Duties,
    /// Nothing is tried before.
    not_before: BootTime,
    /// What holds recording up, if anything.
    trouble: Option<HeldUp>,
    /// Since when a reader holds the log, and whether somebody was told.
    log_held: Option<(BootTime, bool)>,
    leaps: Leaps,
    tally: Tally,
    is_stopping: bool,
    /// How long an answer of a host stands.
    stands_for: Duration,
    /// Judging, where this program judges.
    telling: Option<Box<Telling>>,
    /// Another program wants the lease.
    is_wanted: bool,
    /// How many observations were taken in.
    observed: u64,
}

impl Engine {
    /// Recording of these hosts, under the name that the lease gets. `watcher` is the machine that records: the figures of
    /// recording itself are its own.
    pub fn new(
        members: impl IntoIterator<Item = Member>,
        freshness: Freshness,
        watcher: HostId,
        name: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            watcher,
            fleet: Fleet::new(members, freshness),
            intake: Intake::default(),
            held: Held::default(),
            words: Words::default(),
            frames: VecDeque::new(),
            flying: None,
            standing: Standing::Closed(BootTime::default()),
            follows: None,
            duties: Duties::default(),
            not_before: BootTime::default(),
            trouble: None,
            log_held: None,
            leaps: Leaps::default(),
            tally: Tally::default(),
            is_stopping: false,
            stands_for: freshness.stands_for,
            telling: None,
            is_wanted: false,
            observed: 0,
        }
    }

    /// How recording goes.
    pub fn tally(&self) -> Tally {
        let waiting = self.held.len() as u64;
        let dropped = self.tally.dropped + self.held.dropped();
        Tally { waiting, dropped, clock_steps: self.leaps.count, ..self.tally }
    }

    /// Whether this program records now.
    pub fn is_recording(&self) -> bool {
        self.standing == Standing::Recording
    }

    /// How long it may be until the next [`Input::Tick`].
    pub fn pace(&self) -> Duration {
        if let Some(gap) = self.pressing() {
            return gap;
        }
        match self.standing {
            Standing::Recording => Duration::from_secs(1),
            _ => lease::RENEW_EVERY,
        }
    }

    /// Takes in what happened at `now`; answers with what is to be done, in order, a job at most.
    pub fn step(&mut self, input: Input, now: Now) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Some(by_ms) = self.leaps.look(now) {
            effects.push(tell(now, News::ClockSet { by_ms }));
        }
        match input {
            Input::Observed(observation) => self.observe(observation, now),
            Input::Tick => {}
            Input::Done(done) => self.done(done, now, &mut effects),
            Input::Answered { number, answer } => self.answered(number, answer, now),
            Input::Stop => self.is_stopping = true,
        }
        self.judge(now, &mut effects);
        if self.flying.is_none()
            && let Some(job) = self.next(now)
        {
            self.flying = Some(job.clone());
            effects.push(Effect::Do(job));
        }
        if self.standing == Standing::Ended {
            effects.push(Effect::End);
        }
        effects
    }

    fn observe(&mut self, observation: Observation, now: Now) {
        self.observed += 1;
        if let Err(failure) = &observation.outcome
            && matches!(failure.kind, FailureKind::Malformed(_) | FailureKind::Unpackable { .. })
        {
            self.tally.unreadable += 1;
        }
        // Words and whole reports are dated by our own clock, which has to be set for that.
        let told = !self.follows_another() && now.wall.millis() >= EARLIEST_MS;
        let fresh = self.intake.look(&observation, told);
        if let Some(telling) = &mut self.telling {
            telling.judge().observe(&observation.host, &fresh.samples, &fresh.words.said, now);
        }
        self.held.push(&observation.host, fresh.samples, now.boot);
        self.words.said.extend(fresh.words.said);
        self.words.runs.extend(fresh.words.runs);
        self.frames.extend(fresh.frame);
        let host = observation.host.clone();
        if self.fleet.apply(observation) && told {
            self.look_at_link(&host, now);
        }
        self.bound(now);
    }

    fn look_at_link(&mut self, host: &HostId, now: Now) {
        let Some(state) = self.fleet.host(host) else { return };
        let link = self.fleet.host_link(state, now);
        self.words.links.extend(self.intake.link(host, link, now));
    }

    const fn follows_another(&self) -> bool {
        matches!(self.standing, Standing::Following(_))
    }

    /// Keeps what waits within its bounds.
    fn bound(&mut self, now: Now) {
        if self.follows_another() {
            self.held.keep_last(HOLD, now.boot);
            return;
        }
        let too_many = self.words.len().saturating_sub(MOST_WORDS);
        self.tally.dropped += too_many as u64;
        let said = too_many.min(self.words.said.len());
        self.words.said.drain(..said);
        self.words.links.drain(..(too_many - said).min(self.words.links.len()));
        let mut bytes: usize = self.frames.iter().map(|frame| frame.text.len()).sum();
        while bytes > MOST_FRAME_BYTES
            && let Some(oldest) = self.frames.pop_front()
        {
            bytes -= oldest.text.len();
            self.tally.dropped += 1;
        }
    }

    /// The next thing to do with the file, if anything is due.
    fn next(&mut self, now: Now) -> Option<Job> {
        match self.standing {
            Standing::Ended => None,
            Standing::Closed(_) | Standing::Following(_) if self.is_stopping => Some(Job::Leave),
            Standing::Closed(from) => (now.boot >= from).then_some(Job::Open),
            Standing::Following(from) => (now.boot >= from).then_some(Job::Claim),
            Standing::Recording => self.next_while_recording(now),
        }
    }

    fn next_while_recording(&mut self, now: Now) -> Option<Job> {
        if self.duties.renew.is_due(now.boot) {
            return Some(Job::Renew);
        }
        if self.yields() && !self.is_stopping {
            return Some(Job::Yield);
        }
        if let Some(job) = self.next_of_judging(now) {
            return Some(job);
        }
        if now.boot < self.not_before {
            // What the file does not take now it will not take at the end either: that would be waited for in vain.
            return self.is_stopping.then_some(Job::Leave);
        }
        if self.duties.batch.take(now.boot) {
            self.round(now);
        }
        if !self.words.is_empty() {
            return Some(Job::Tell(std::mem::take(&mut self.words)));
        }
        let is_time = self.duties.append.is_due(now.boot) || self.is_stopping;
        if self.held.has_many() || (self.held.has_any() && is_time) {
            self.duties.append.done(now.boot);
            return Some(Job::Append(self.held.take()));
        }
        if !self.frames.is_empty() && (self.duties.keep.is_due(now.boot) || self.is_stopping) {
            self.duties.keep.done(now.boot);
            return Some(Job::Keep(self.frames.drain(..).collect()));
        }
        if self.is_stopping {
            return (!self.waits_for_answers(now)).then_some(Job::Leave);
        }
        if self.log_held.is_some() && self.duties.empty_log.take(now.boot) {
            return Some(Job::EmptyLog);
        }
        if self.duties.expire.take(now.boot) {
            return Some(Job::Expire);
        }
        if self.duties.seal.take(now.boot) {
            return Some(Job::Seal);
        }
        self.duties.roll_up.take(now.boot).then_some(Job::RollUp)
    }

    /// What is true of every host as time passes, and of recording itself.
    fn round(&mut self, now: Now) {
        let is_set = now.wall.millis() >= EARLIEST_MS;
        let hosts: Vec<HostId> = self.fleet.hosts().iter().map(|host| host.member.host.id.clone()).collect();
        for id in hosts {
            if is_set {
                self.look_at_link(&id, now);
            }
            if let Some(host) = self.fleet.host(&id) {
                let samples: Vec<_> = self.fleet.link_samples(host, now).collect();
                self.held.push(&id, samples, now.boot);
            }
        }
        if self.duties.own.take(now.boot) {
            let tally = self.tally();
            self.held.push(&self.watcher, catalogue::samples_of(&tally, now.wall), now.boot);
            self.tally.commit_time = None;
        }
    }
}

fn tell(now: Now, what: News) -> Effect {
    Effect::Tell(Notice { at: now.wall, what })
}

#[cfg(test)]
mod tests;
