//! One message as data: what happened to which incidents, whatever channel it goes to.
//!
//! It is stored as it was made, so that one that is sent again says the same under the same name. How it is worded is
//! known by [`sheet`](super::sheet), how it looks by the channel.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::id::MessageId;
use crate::clock::WallTime;
use crate::health::SubjectKind;
use crate::host::HostId;
use crate::incident::evidence::Usual;
use crate::incident::{End, IncidentId, Measure, Severity};
use crate::text::HostText;

/// The most incidents that one message tells of one by one; of more it says how many.
pub const MOST_PARTS: usize = 20;

/// The most lines of a failed unit's log that go into a message.
pub const MOST_LOG: usize = 10;

/// One message to one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// What it is called, for good: the Message-ID, the `Idempotency-Key`.
    pub id: MessageId,
    /// What it is about.
    pub topic: Topic,
    /// With which messages it belongs together (a mail's thread, a bubble that is replaced): the group of its incidents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<IncidentId>,
    /// When it was made. It may be delivered much later: see [`Voice::now`](super::sheet::Voice).
    pub made: WallTime,
    /// The incidents, what matters most first; at most [`MOST_PARTS`].
    #[serde(default)]
    pub parts: Vec<Part>,
    /// How many more there are.
    #[serde(default)]
    pub more: usize,
    /// It was sent from memory, since nothing could be stored: the same may come again.
    #[serde(default)]
    pub may_repeat: bool,
    /// Which machine tells.
    #[serde(default)]
    pub from: HostText,
    /// Where the chain of acts ended when it was made, for the last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<String>,
}

/// What a message is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "topic")]
pub enum Topic {
    /// Something changed.
    News,
    /// It goes on.
    Reminder,
    /// What was kept for this hour.
    Digest,
    /// A sign of life, once a week.
    Weekly {
        /// How many hosts are watched.
        hosts: usize,
        /// How many incidents began since the last.
        began: usize,
    },
    /// Somebody wanted to see whether messages arrive.
    Trial,
}

/// What happened to one incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Which.
    pub incident: IncidentId,
    /// The rule that found it.
    pub rule: String,
    /// On which host; none for the watcher's own work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostId>,
    /// On what sort of thing.
    pub kind: SubjectKind,
    /// What the thing is called; empty for the host itself.
    #[serde(default, skip_serializing_if = "HostText::is_empty")]
    pub name: HostText,
    /// What is new.
    pub news: News,
    /// How much it matters now; of one that is over, how much it did.
    pub severity: Severity,
    /// What was found, one sentence without the host's name.
    pub text: HostText,
    /// The number behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    /// What is usual, in the measure's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<Usual>,
    /// Since when its condition holds.
    pub since: WallTime,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<WallTime>,
    /// How long it has lasted, by the time that passed, when the message was made.
    pub lasted: Duration,
    /// How often it has fired.
    #[serde(default)]
    pub spells: u32,
    /// What probably caused it; empty where nothing points at anything.
    #[serde(default, skip_serializing_if = "HostText::is_empty")]
    pub cause: HostText,
    /// The last lines of a unit that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<HostText>,
    /// The next step; may be empty. It may quote the host.
    #[serde(default, skip_serializing_if = "HostText::is_empty")]
    pub next: HostText,
    /// Where the owner's own notes are; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub runbook: String,
}

/// What is new of an incident, for this channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "news")]
pub enum News {
    /// It fires.
    Fires,
    /// It fires, and nobody looks after it.
    Unattended,
    /// It matters more than it did.
    Worse {
        /// How much it did.
        from: Severity,
    },
    /// It matters less than it did.
    Eased {
        /// How much it did.
        from: Severity,
    },
    /// It comes and goes: one incident until it is calm.
    ComesAndGoes,
    /// It came and went, and has fired for long without a break.
    Holds,
    /// It still fires.
    Still,
    /// It is over. This channel was told that it began.
    Over {
        /// How.
        how: End,
    },
    /// It came and went before this channel could be told.
    Passed {
        /// How it ended.
        how: End,
    },
}

impl News {
    /// Whether it is over.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Over { .. } | Self::Passed { .. })
    }
}

/// How loud a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// It can wait: what is over, what is seen anyway.
    Low,
    /// A warning.
    Normal,
    /// Something has failed, or soon will.
    High,
}

impl Message {
    /// How loud it is.
    pub fn urgency(&self) -> Urgency {
        let of = |part: &Part| match (part.news, part.severity) {
            (news, _) if news.is_over() => Urgency::Low,
            (News::Eased { .. }, _) | (_, Severity::Note) => Urgency::Low,
            (_, Severity::Warning) => Urgency::Normal,
            (_, Severity::Critical) => Urgency::High,
        };
        let loudest = self.parts.iter().map(of).max().unwrap_or(Urgency::Low);
        match self.topic {
            Topic::Digest | Topic::Weekly { .. } => Urgency::Low,
            Topic::Trial => Urgency::Normal,
            Topic::News | Topic::Reminder => loudest,
        }
    }

    /// Whether all that it tells of is over.
    pub fn is_over(&self) -> bool {
        !self.parts.is_empty() && self.parts.iter().all(|part| part.news.is_over())
    }
}
