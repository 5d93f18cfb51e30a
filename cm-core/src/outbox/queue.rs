//! Messages on their way: which waits, which is being sent, and what became of each.
//!
//! One message of a channel is sent at a time. What was certainly not sent may still be replaced by a newer one that says
//! more; what may have been sent is sent again as it was, under the same name, until there is an answer. Later messages
//! about the same incidents wait for the earlier ones.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::channel::ChannelName;
use super::message::Message;
use crate::incident::{Gist, IncidentId, Moment, Steady};

/// The most messages that wait for one channel.
pub const MOST_WAITING: usize = 200;

/// How many messages that have ended are at hand.
const MOST_ENDED: usize = 200;

/// What a message tells of one incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tell {
    /// Which.
    pub incident: IncidentId,
    /// How it stands.
    pub gist: Gist,
    /// The number of its newest transition.
    pub number: u64,
    /// The how-manieth message of it that says the same: reminders.
    #[serde(default)]
    pub round: u32,
}

/// One message on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queued {
    /// Its number; they rise.
    #[serde(skip)]
    pub number: u64,
    /// To which channel.
    pub channel: ChannelName,
    /// The message.
    pub message: Message,
    /// All that it tells.
    pub tells: Vec<Tell>,
    /// When it was first wanted.
    pub queued: Moment,
    /// How often it was tried.
    #[serde(default)]
    pub attempts: u32,
    /// When it is tried next, at the earliest.
    #[serde(default)]
    pub next: Steady,
    /// It may have been received: one attempt at least had no answer.
    #[serde(default)]
    pub unsure: bool,
    /// It is being sent, under this epoch of the lease; 0 from memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<i64>,
    /// Why the last attempt failed; empty where none did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// What became of it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<(Outcome, Moment)>,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The receiver took it.
    Delivered,
    /// The receiver refused it for good.
    Refused,
    /// It was tried for as long as its channel allows.
    GivenUp,
    /// Its channel is not configured any more.
    Orphaned,
}

impl Outcome {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::GivenUp => "given up",
            Self::Orphaned => "no channel",
        }
    }
}

impl Queued {
    /// Whether a newer message may take its place.
    fn can_be_replaced(&self) -> bool {
        self.ended.is_none() && self.claimed.is_none() && !self.unsure
    }

    fn shares(&self, other: &Self) -> bool {
        let thread = self.message.thread.is_some() && self.message.thread == other.message.thread;
        thread || self.tells.iter().any(|tell| other.tells.iter().any(|its| its.incident == tell.incident))
    }
}

/// All messages.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Queue {
    rows: BTreeMap<u64, Queued>,
    last: u64,
    changed: BTreeMap<u64, u64>,
}

impl Queue {
    /// What was stored. A message that was being sent when the last program ended may have been received.
    pub(super) fn load(rows: impl IntoIterator<Item = Queued>, last: u64) -> Self {
        let lost = |mut row: Queued| {
            row.unsure |= row.claimed.take().is_some();
            (row.number, row)
        };
        let rows: BTreeMap<u64, Queued> = rows.into_iter().map(lost).collect();
        let last = rows.keys().next_back().copied().unwrap_or(0).max(last);
        Self { rows, last, changed: BTreeMap::new() }
    }

    pub(super) fn put(&mut self, queued: Queued, count: u64) -> u64 {
        self.last += 1;
        self.rows.insert(self.last, Queued { number: self.last, ..queued });
        self.changed.insert(self.last, count);
        self.last
    }

    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    pub(super) fn get(&self, number: u64) -> Option<&Queued> {
        self.rows.get(&number)
    }

    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &Queued> {
        self.rows.values()
    }

    /// Those of a channel that have not ended, by number.
    pub(super) fn waiting<'q>(&'q self, channel: &'q ChannelName) -> impl DoubleEndedIterator<Item = &'q Queued> {
        self.rows.values().filter(move |row| row.ended.is_none() && row.channel == *channel)
    }

    /// Changes a message.
    pub(super) fn amend(&mut self, number: u64, count: u64, change: impl FnOnce(&mut Queued)) {
        let Some(row) = self.rows.get_mut(&number) else { return };
        change(row);
        self.changed.insert(number, count);
        self.forget_ended(count);
    }

    /// Takes back the messages of a channel that may still be replaced and say of an incident what is not so any more.
    pub(super) fn recall(&mut self, channel: &ChannelName, is_old: impl Fn(&Tell) -> bool, count: u64) -> Vec<Queued> {
        let old = self.waiting(channel).filter(|row| row.can_be_replaced() && row.tells.iter().any(&is_old));
        let numbers: Vec<u64> = old.map(|row| row.number).collect();
        numbers.iter().filter_map(|number| self.remove(*number, count)).collect()
    }

    fn remove(&mut self, number: u64, count: u64) -> Option<Queued> {
        self.changed.insert(number, count);
        self.rows.remove(&number)
    }

    /// The next message of a channel that may be tried: the one that was tried least, what is loudest first, then the
    /// oldest; none while one is being sent.
    pub(super) fn next(&self, channel: &ChannelName, at: Steady) -> Option<u64> {
        let waiting: Vec<&Queued> = self.waiting(channel).collect();
        if waiting.iter().any(|row| row.claimed.is_some()) {
            return None;
        }
        let is_free = |place: usize| waiting[..place].iter().all(|earlier| !earlier.shares(waiting[place]));
        let free = (0..waiting.len()).filter(|place| waiting[*place].next <= at && is_free(*place));
        let free = free.map(|place| waiting[place]);
        let order = |row: &&Queued| (row.attempts, std::cmp::Reverse(row.message.urgency()), row.number);
        free.min_by_key(order).map(|row| row.number)
    }

    /// What each incident will be known as, to a channel, once all that waits has gone out.
    pub(super) fn promised(&self, channel: &ChannelName) -> BTreeMap<IncidentId, Gist> {
        self.waiting(channel).flat_map(|row| &row.tells).map(|tell| (tell.incident, tell.gist)).collect()
    }

    /// The channels of messages that have not ended.
    pub(super) fn channels(&self) -> BTreeSet<ChannelName> {
        self.rows.values().filter(|row| row.ended.is_none()).map(|row| row.channel.clone()).collect()
    }

    fn forget_ended(&mut self, count: u64) {
        let ended: Vec<u64> = self.rows.values().filter(|row| row.ended.is_some()).map(|row| row.number).collect();
        for number in ended.iter().take(ended.len().saturating_sub(MOST_ENDED)) {
            self.remove(*number, count);
        }
    }

    /// What is to be stored: messages, and none where one is gone.
    pub(super) fn unsaved(&self) -> Vec<(u64, Option<Queued>)> {
        self.changed.keys().map(|number| (*number, self.rows.get(number).cloned())).collect()
    }

    pub(super) fn saved(&mut self, count: u64) {
        self.changed.retain(|_, changed| *changed > count);
    }
}
