//! One alert and its life: how it began, how bad it is and was, what was done about it, and how it ended.

use std::collections::VecDeque;

use cm_core::clock::{Now, WallTime};
use cm_core::health::{Health, Reason};
use cm_core::host::HostId;
use cm_core::text::terminal;

/// The number of an alert, from 1, in the order in which they appeared since the program started.
pub(crate) type AlertId = u64;

/// How many turns of one alert are kept.
pub(super) const MOST_TURNS: usize = 40;

/// Whether an alert was seen to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Onset {
    /// It was.
    Seen,
    /// It was there when the host was first heard: it began before.
    Found,
}

/// What became of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It holds.
    Active,
    /// It held when its host fell silent.
    Unseen {
        /// Since when nobody can tell.
        since: Now,
    },
    /// It is over.
    Ended {
        /// When that was seen.
        at: Now,
    },
}

/// That somebody knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acknowledgement {
    /// When it was given.
    pub(crate) at: WallTime,
    /// What was said with it; may be empty.
    pub(crate) comment: String,
}

/// One step in the life of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It appeared, that bad.
    Began(Health),
    /// It became that bad.
    Worsened(Health),
    /// It is only that bad any more.
    Eased(Health),
    /// Its host fell silent.
    Hid,
    /// Its host is heard again, and it still holds.
    Reappeared,
    /// It was acknowledged.
    Acknowledged,
    /// The acknowledgement was taken back.
    Reopened,
    /// It was silenced until then.
    Silenced(WallTime),
    /// The silence ran out, or was lifted.
    Audible,
    /// It is over.
    Ended,
}

impl Turn {
    /// What happened, in words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Began(health) => format!("began: {health}"),
            Self::Worsened(health) => format!("worse: {health}"),
            Self::Eased(health) => format!("better: {health}"),
            Self::Hid => "its host fell silent".to_owned(),
            Self::Reappeared => "its host is heard again, and it still holds".to_owned(),
            Self::Acknowledged => "acknowledged".to_owned(),
            Self::Reopened => "acknowledgement taken back".to_owned(),
            Self::Silenced(_) => "silenced".to_owned(),
            Self::Audible => "silence over".to_owned(),
            Self::Ended => "over".to_owned(),
        }
    }
}

/// One alert.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alert {
    /// Its number.
    pub(crate) id: AlertId,
    /// On which host.
    pub(crate) host: HostId,
    /// What is wrong, as it was told last.
    pub(crate) reason: Reason,
    /// How bad it has been.
    pub(crate) worst: Health,
    /// When it was first seen.
    pub(crate) since: Now,
    /// Whether it was seen to begin.
    pub(crate) onset: Onset,
    /// What became of it.
    pub(crate) phase: Phase,
    /// Whether somebody knows of it; that ends with the alert.
    pub(crate) acknowledged: Option<Acknowledgement>,
    /// Its life, the oldest step first.
    pub(crate) turns: VecDeque<(WallTime, Turn)>,
}

impl Alert {
    /// Whether it is not over.
    pub(crate) const fn is_active(&self) -> bool {
        !matches!(self.phase, Phase::Ended { .. })
    }

    /// How it is marked: as bad as it is, or as it has been where it is over.
    pub(crate) const fn health(&self) -> Health {
        if self.is_active() { self.reason.health } else { self.worst }
    }

    /// Whether it is about that trouble.
    pub(super) fn is_about(&self, reason: &Reason) -> bool {
        self.reason.code == reason.code && self.reason.subject == reason.subject
    }

    pub(super) fn turn(&mut self, at: WallTime, turn: Turn) {
        if self.turns.len() == MOST_TURNS {
            // How it began stays.
            self.turns.remove(1);
        }
        self.turns.push_back((at, turn));
    }

    /// Whether every word is found in what is told of it.
    pub(crate) fn matches(&self, words: &str) -> bool {
        let words = words.to_lowercase();
        let comment = self.acknowledged.as_ref().map_or("", |known| known.comment.as_str());
        let text = terminal::line(&self.reason.text);
        let hay = format!("{} {} {} {text} {comment}", self.host, self.health(), self.reason.code).to_lowercase();
        words.split_whitespace().all(|word| hay.contains(word))
    }
}

impl Alert {
    pub(super) fn hold(&mut self, reason: &Reason, now: Now) {
        if matches!(self.phase, Phase::Unseen { .. }) {
            self.phase = Phase::Active;
            self.turn(now.wall, Turn::Reappeared);
        }
        let (before, after) = (self.reason.health, reason.health);
        if after.trouble() > before.trouble() {
            self.turn(now.wall, Turn::Worsened(after));
        } else if after.trouble() < before.trouble() {
            self.turn(now.wall, Turn::Eased(after));
        }
        self.worst = self.worst.fold(after);
        if self.reason != *reason {
            self.reason = reason.clone();
        }
    }

    pub(super) fn hide(&mut self, now: Now) {
        if self.phase == Phase::Active {
            self.phase = Phase::Unseen { since: now };
            self.turn(now.wall, Turn::Hid);
        }
    }
}
