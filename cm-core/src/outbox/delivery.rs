//! From a waiting message to an answer. It does not know how anything is sent.

use std::time::Duration;

use super::backoff::backoff;
use super::channel::ChannelName;
use super::id::MessageId;
use super::message::{Message, Topic};
use super::queue::{Outcome, Queued, Tell};
use super::round::{Around, Outbox};
use super::schedule::Ping;
use crate::incident::{Moment, Stage, Steady};

/// A message that is to be sent now.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Its number, for the answer.
    pub number: u64,
    /// To which channel.
    pub channel: ChannelName,
    /// The message. Sent again it is the same, under the same name.
    pub message: Message,
    /// The how-manieth attempt it is, from 1.
    pub attempt: u32,
    /// An earlier attempt may have been received.
    pub unsure: bool,
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The receiver took it.
    Delivered,
    /// It certainly did not get it; it is tried again.
    NotSent {
        /// Why.
        why: String,
    },
    /// Nobody knows: the answer was lost. It is tried again, under the same name.
    Unsure {
        /// What happened.
        why: String,
    },
    /// The receiver will never take it.
    Refused {
        /// Why.
        why: String,
    },
}

/// A channel that takes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// Which.
    pub channel: ChannelName,
    /// Since when.
    pub since: Moment,
    /// How many attempts in a row have failed.
    pub failures: u32,
    /// How many messages wait for it.
    pub waiting: usize,
    /// Why, by its last word.
    pub why: String,
}

/// The longest reason that is kept, in bytes.
const LONGEST_WHY: usize = 300;

impl Outbox {
    /// The next message that may be sent now, if there is one, as being sent under this epoch of the lease. Without an epoch
    /// it is sent from memory, and says that it may come again.
    ///
    /// Store this before anything is sent: a program that ends in between leaves a message that may have been received.
    pub fn claim(&mut self, at: Moment, epoch: Option<i64>) -> Option<Delivery> {
        let mark = self.mark();
        let is_ready = |name: &ChannelName| self.running.channels.get(name).is_none_or(|state| state.next <= at.steady);
        let ready = self.plan.channels.iter().filter(|channel| is_ready(&channel.name));
        let number = ready.filter_map(|channel| self.queue.next(&channel.name, at.steady)).min()?;
        self.queue.amend(number, mark, |row| {
            row.claimed = Some(epoch.unwrap_or(0));
            row.attempts += 1;
            row.message.may_repeat |= epoch.is_none();
        });
        let row = self.queue.get(number)?;
        Some(Delivery {
            number,
            channel: row.channel.clone(),
            message: row.message.clone(),
            attempt: row.attempts,
            unsure: row.unsure,
        })
    }

    /// What became of an attempt. `seed` is chance, for the wait until the next one.
    pub fn answered(&mut self, number: u64, answer: Answer, seed: u64, at: Moment) {
        let mark = self.mark();
        let Some(row) = self.queue.get(number).filter(|row| row.ended.is_none()).cloned() else { return };
        let give_up = self.plan.channel(&row.channel).map_or(Duration::ZERO, |channel| channel.give_up);
        let is_tried_enough = at.since(row.queued) >= give_up;
        let state = self.running.channels.entry(row.channel.clone()).or_default();
        let (outcome, why, is_unsure) = match answer {
            Answer::Delivered => (Some(Outcome::Delivered), String::new(), false),
            Answer::Refused { why } => (Some(Outcome::Refused), why, false),
            Answer::NotSent { why } => (is_tried_enough.then_some(Outcome::GivenUp), why, false),
            Answer::Unsure { why } => (is_tried_enough.then_some(Outcome::GivenUp), why, true),
        };
        let why = why[..why.floor_char_boundary(LONGEST_WHY)].to_owned();
        if outcome == Some(Outcome::Delivered) {
            (state.failures, state.failing, state.next) = (0, None, at.steady);
            (state.delivered, state.error) = (Some(at), String::new());
        } else {
            state.failures += 1;
            state.failing = state.failing.or(Some(at));
            state.error.clone_from(&why);
            // A receiver that refuses one message answers: the next one may be to its liking.
            let is_reached = outcome == Some(Outcome::Refused);
            let wait = if is_reached { Duration::ZERO } else { backoff(state.failures, seed, row.channel.as_str()) };
            state.next = at.steady.after(wait);
        }
        let next = at.steady.after(backoff(row.attempts, seed, row.message.id.as_str()));
        self.queue.amend(number, mark, |row| {
            (row.claimed, row.error, row.next) = (None, why, next);
            row.unsure |= is_unsure;
            row.ended = outcome.map(|outcome| (outcome, at));
        });
        if outcome.is_some() {
            self.learned(&row);
        }
    }

    /// A channel knows what a message told it; of one that was given up it counts as known as well, or it would be told
    /// again and again.
    fn learned(&mut self, row: &Queued) {
        let mark = self.mark();
        let promised = self.queue.promised(&row.channel);
        for Tell { incident, gist, .. } in &row.tells {
            self.ledger.amend(&row.channel, *incident, mark, |entry| entry.knows = Some(*gist));
            if gist.stage == Stage::Over && !promised.contains_key(incident) {
                self.ledger.forget(&row.channel, *incident, mark);
            }
        }
    }

    /// Puts a message that is to show whether messages arrive behind the others of a channel.
    pub fn trial(&mut self, channel: &ChannelName, around: Around<'_>, at: Moment) -> u64 {
        let number = self.queue.last() + 1;
        let message = Message {
            id: MessageId::of(&[channel.as_str(), "trial", &at.wall.millis().to_string()], number),
            topic: Topic::Trial,
            thread: None,
            made: at.wall,
            parts: Vec::new(),
            more: 0,
            may_repeat: false,
            from: around.from.clone(),
            audit: around.audit.map(str::to_owned),
        };
        self.put(channel, message, Vec::new(), at)
    }

    pub(super) fn put(&mut self, channel: &ChannelName, message: Message, tells: Vec<Tell>, queued: Moment) -> u64 {
        let queued = Queued {
            number: 0,
            channel: channel.clone(),
            message,
            tells,
            queued,
            attempts: 0,
            next: Steady::default(),
            unsure: false,
            claimed: None,
            error: String::new(),
            ended: None,
        };
        self.queue.put(queued, self.mark())
    }

    /// All messages that wait, and the last that have ended, by number.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &Queued> {
        self.queue.all()
    }

    /// When the next message may be tried, if none may now: the earliest moment at which [`claim`](Self::claim) has
    /// something to give.
    pub fn due(&self) -> Option<Steady> {
        let of = |row: &Queued| {
            let gate = self.running.channels.get(&row.channel).map_or(Steady::default(), |state| state.next);
            row.next.max(gate)
        };
        self.queue.all().filter(|row| row.ended.is_none() && row.claimed.is_none()).map(of).min()
    }

    /// The channels that take nothing, for the others to tell of.
    pub fn failing(&self) -> Vec<Failing> {
        let of = |(name, state): (&ChannelName, &super::running::State)| {
            self.plan.channel(name)?;
            Some(Failing {
                channel: name.clone(),
                since: state.failing?,
                failures: state.failures,
                waiting: self.queue.waiting(name).count(),
                why: state.error.clone(),
            })
        };
        self.running.channels.iter().filter_map(of).collect()
    }

    /// Whether the dead man's switch is pinged now; none where there is none. Say [`pinged`](Self::pinged) once it was.
    pub fn ping(&self, at: Moment) -> Option<Ping> {
        let failing = self.failing();
        let all_down = !failing.is_empty() && failing.len() == self.plan.channels.len();
        let down = failing.iter().map(|failing| failing.since).max_by_key(|since| since.steady).filter(|_| all_down);
        Some(self.plan.deadman?.ping(self.running.pinged, self.running.judged, down, at))
    }

    /// The dead man's switch was pinged.
    pub const fn pinged(&mut self, at: Moment) {
        self.running.pinged = Some(at);
    }

    /// Ends what waits for channels that are not configured any more, and forgets what those know.
    pub(super) fn drop_orphans(&mut self, at: Moment) {
        let mark = self.mark();
        for channel in self.queue.channels() {
            if self.plan.channel(&channel).is_some() {
                continue;
            }
            let numbers: Vec<u64> = self.queue.waiting(&channel).map(|row| row.number).collect();
            for number in numbers {
                self.queue.amend(number, mark, |row| {
                    (row.claimed, row.ended) = (None, Some((Outcome::Orphaned, at)));
                });
            }
        }
        let plan = &self.plan;
        self.running.channels.retain(|name, _| plan.channel(name).is_some());
        for (channel, incident) in self.ledger.places() {
            if self.plan.channel(&channel).is_none() {
                self.ledger.forget(&channel, incident, mark);
            }
        }
    }
}
