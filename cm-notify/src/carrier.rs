//! What takes one message to where it is read: a mail server, a phone, a chat room, this desktop, a program.
//!
//! A carrier tries once and says what came of it. The one question that matters afterwards is whether the message may have
//! arrived: what surely has not is sent again without a second thought, what may have is sent again under the same name.
//! When to try again, to whom, and what a channel knows already are the outbox's; how the words come about is
//! [`dress`](crate::dress).

mod trouble;

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use cm_core::incident::IncidentId;
use cm_core::outbox::{Answer, Message, Sheet, Voice};
use futures_core::future::LocalBoxFuture;

pub use trouble::{Lasts, Trouble};
pub(crate) use trouble::{innermost, is_of_tls, said};

/// How long a carrier may take unless told otherwise: slow mail servers look at a mail for half a minute.
pub const USUAL_LIMIT: Duration = Duration::from_mins(1);

/// What a person can do from within a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// Say that somebody looks after it.
    Acknowledge,
    /// Be told nothing more of it for an hour.
    Silence,
}

impl Act {
    /// All of them, in the order of buttons.
    pub const ALL: [Self; 2] = [Self::Acknowledge, Self::Silence];

    /// What stands on the button.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Acknowledge => "Acknowledge",
            Self::Silence => "Silence 1 h",
        }
    }

    /// Its word where programs read it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Silence => "silence",
        }
    }
}

/// The address at which an act is done by a `POST`, with a right that holds once and for that incident alone; none where
/// nothing takes it.
pub type Links<'c> = &'c dyn Fn(IncidentId, Act) -> Option<String>;

/// What is known besides the message.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// How it is worded.
    pub voice: Voice<'c>,
    /// Where its buttons lead.
    pub links: Option<Links<'c>>,
    /// How long one try may take.
    pub limit: Duration,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("voice", &self.voice).field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// One message on its way.
#[derive(Debug, Clone, Copy)]
pub struct Load<'l> {
    /// The message.
    pub message: &'l Message,
    /// What is known besides.
    pub context: Context<'l>,
    handed: &'l Cell<bool>,
}

impl Load<'_> {
    /// The message in words.
    pub fn sheet(&self) -> Sheet {
        self.message.sheet(self.context.voice)
    }

    /// From here on the message may arrive though no answer does.
    pub fn handed_over(&self) {
        self.handed.set(true);
    }

    /// The one incident that buttons are for: none where a message tells of several, or of what is over.
    pub fn acted_on(&self) -> Option<IncidentId> {
        match self.message.parts.as_slice() {
            [part] if self.message.more == 0 && !part.news.is_over() => Some(part.incident),
            _ => None,
        }
    }

    /// The buttons and where they lead.
    pub fn links(&self) -> Vec<(Act, String)> {
        let (Some(incident), Some(links)) = (self.acted_on(), self.context.links) else { return Vec::new() };
        Act::ALL.into_iter().filter_map(|act| links(incident, act).map(|link| (act, link))).collect()
    }
}

/// It has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivered {
    /// What is worth knowing all the same: one of several recipients was refused.
    pub remark: Option<String>,
}

/// What came of one try.
#[derive(Debug)]
pub enum Outcome {
    /// It has arrived.
    Delivered(Delivered),
    /// It surely has not: [`Trouble::lasts`] says whether it is worth trying again.
    Refused(Trouble),
    /// It may have: the answer was lost.
    Unknown(Trouble),
}

impl Outcome {
    /// What the outbox is told of it. Only what will never be taken is refused there: what somebody has to mend waits until
    /// it is mended.
    pub fn answer(&self) -> Answer {
        match self {
            Self::Delivered(_) => Answer::Delivered,
            Self::Unknown(trouble) => Answer::Unsure { why: trouble.to_string() },
            Self::Refused(trouble) if trouble.lasts() == Lasts::ForThisMessage => {
                Answer::Refused { why: trouble.to_string() }
            }
            Self::Refused(trouble) => Answer::NotSent { why: trouble.to_string() },
        }
    }
}

/// Takes messages to one place.
pub trait Carrier: fmt::Debug {
    /// Where it leads, as it may stand in an error: no address that is a secret.
    fn place(&self) -> &str;

    /// Tries once. [`deliver`] sees to the time.
    fn carry<'a>(&'a self, load: Load<'a>) -> LocalBoxFuture<'a, Result<Delivered, Trouble>>;
}

/// Tries once, within [`Context::limit`]. It must be called inside a tokio runtime with time and I/O.
pub async fn deliver(carrier: &dyn Carrier, message: &Message, context: Context<'_>) -> Outcome {
    let handed = Cell::new(false);
    let load = Load { message, context, handed: &handed };
    match tokio::time::timeout(context.limit, carrier.carry(load)).await {
        Ok(Ok(delivered)) => Outcome::Delivered(delivered),
        Ok(Err(trouble @ Trouble::Lost { .. })) => Outcome::Unknown(trouble),
        Ok(Err(trouble)) => Outcome::Refused(trouble),
        Err(_) => {
            let place = carrier.place().to_owned();
            let why = format!("no answer within {} s", context.limit.as_secs());
            if handed.get() {
                Outcome::Unknown(Trouble::Lost { place, why })
            } else {
                Outcome::Refused(Trouble::Unreached { place, why })
            }
        }
    }
}
