//! What the engine wants done with the file, and what became of it. A job is data: whoever has the file does it.

use std::time::Duration;

use super::past::asked::{Answered, Asked};
use crate::catalogue::Recording;
use crate::fault::Code;
use crate::incident;
use crate::outbox;
use crate::store::expire::{Expired, Log};
use crate::store::outbox::Permit;
use crate::store::tell::{BackupRun, Linked, Said};
use crate::store::{Claim, Frame, Measured, OpenError, StoreError};

/// Something to do with the file. One at a time: the answer comes back before the next.
#[derive(Debug, Clone, PartialEq)]
pub enum Job {
    /// Open the file, whatever was open before.
    Open,
    /// Ask for the lease.
    Claim,
    /// Hold on to it.
    Renew,
    /// Store words, links and runs.
    Tell(Words),
    /// Store samples.
    Append(Vec<Measured>),
    /// Keep whole reports.
    Keep(Vec<Frame>),
    /// Seal the hours that are over.
    Seal,
    /// Roll up the days that are over.
    RollUp,
    /// Take away what is too old.
    Expire,
    /// Empty the log, which a reader held.
    EmptyLog,
    /// Load incidents, messages, and what channels know.
    Load,
    /// Store incidents and messages, all together. With `sends` some of the messages are to be sent then.
    Commit {
        /// What.
        commit: Box<Commit>,
        /// Whether anything is to be sent once it is stored.
        sends: bool,
    },
    /// Read what people ask for in other programs.
    Listen,
    /// Ask the history, as much as fits into a moment.
    Ask(Vec<Asked>),
    /// Give the lease to a program that sends what there is to tell.
    Yield,
    /// Give the lease back and close the file.
    Leave,
}

/// What judging came to, to be stored together or not at all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Commit {
    /// Incidents, what changed of them, what people decided.
    pub incidents: Option<incident::Unsaved>,
    /// Messages, and what channels know.
    pub outbox: Option<outbox::Unsaved>,
}

/// What judging came to when it was stored last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Loaded {
    /// Incidents.
    pub incidents: incident::Saved,
    /// Messages, and what channels know.
    pub outbox: outbox::Saved,
    /// How many rows could not be read.
    pub unread: u64,
}

impl Job {
    /// What it does, for a log.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Claim => "claim",
            Self::Renew => "renew",
            Self::Tell(_) => "tell",
            Self::Append(_) => "append",
            Self::Keep(_) => "keep",
            Self::Seal => "seal",
            Self::RollUp => "roll_up",
            Self::Expire => "expire",
            Self::EmptyLog => "empty_log",
            Self::Load => "load",
            Self::Commit { .. } => "commit",
            Self::Listen => "listen",
            Self::Ask(_) => "ask",
            Self::Yield => "yield",
            Self::Leave => "leave",
        }
    }
}

/// What hosts said, how they answered, what was saved: on the disk once it is stored.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Words {
    /// Words that changed.
    pub said: Vec<Said>,
    /// Links that changed.
    pub links: Vec<Linked>,
    /// Backup runs that are new or ended.
    pub runs: Vec<BackupRun>,
}

impl Words {
    /// Whether there is nothing to store.
    pub const fn is_empty(&self) -> bool {
        self.said.is_empty() && self.links.is_empty() && self.runs.is_empty()
    }

    pub(super) const fn len(&self) -> usize {
        self.said.len() + self.links.len() + self.runs.len()
    }
}

/// What a job came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Done {
    /// The file is open.
    Opened,
    /// The lease was asked for.
    Claimed(Claim),
    /// It is done, and there is nothing to say of it.
    Well,
    /// Samples were stored.
    Appended {
        /// How many.
        stored: u64,
        /// How long the commit took.
        took: Duration,
        /// The sizes of the file and of its log, in bytes.
        sizes: (u64, u64),
    },
    /// The lease is renewed; another program may want it more.
    Renewed {
        /// Whether one does.
        is_wanted: bool,
    },
    /// What was stored of incidents and messages.
    Loaded(Box<Loaded>),
    /// It is stored; what was claimed may be sent for so long.
    Committed(Option<Permit>),
    /// What people ask for.
    Asked(Vec<incident::request::Asked>),
    /// The history's answers, to the first of the questions.
    Answered(Vec<Answered>),
    /// Whether the log is empty now.
    Emptied(Log),
    /// What is too old went, or not.
    Expired(Expired),
    /// It was refused.
    Refused(Trouble),
}

/// Why a job was refused, and what that means for what is done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What follows from it.
    pub then: Then,
    /// The code under which it is explained.
    pub code: Code,
    /// What happened to which file, why, and what to do.
    pub text: String,
}

/// What follows from a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The same may succeed a little later.
    Wait,
    /// Another records now.
    Follow,
    /// The file under that name is another now: it is opened.
    Reopen,
    /// Nothing goes until somebody has acted; it is tried again every minute.
    Stand,
}

impl Trouble {
    pub(super) fn of_store(error: &StoreError) -> Self {
        let then = match error {
            StoreError::Fenced { .. } | StoreError::NoLease { .. } => Then::Follow,
            StoreError::Replaced { .. } => Then::Reopen,
            error if error.can_retry() => Then::Wait,
            _ => Then::Stand,
        };
        Self { then, code: error.code(), text: error.to_string() }
    }

    pub(super) fn of_open(error: &OpenError) -> Self {
        // Another program that opens it at the same moment is no reason to wait for a minute.
        let then = match error {
            OpenError::Store(error) if error.can_retry() => Then::Wait,
            _ => Then::Stand,
        };
        Self { then, code: error.code(), text: error.to_string() }
    }
}

/// How recording goes, as figures.
pub type Tally = Recording;
