//! Why a message did not arrive, or may not have: told in words that hold no secret, whatever the other end said.

use std::error::Error;
use std::time::Duration;

use cm_core::fault::Code;
use cm_core::text::{Foreign, terminal};
use secrecy::{ExposeSecret as _, SecretString};

/// The most columns of the other end's own words.
const MOST_SAID: usize = 200;

/// The longest that is waited because the other end asked for it.
const MOST_WAIT: Duration = Duration::from_hours(24);

/// Why a message did not arrive, or may not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No connection, or one that broke off before the message was through.
    #[error("{place} cannot be reached: {why}")]
    Unreached {
        /// Where to.
        place: String,
        /// Why.
        why: String,
    },
    /// No encryption could be agreed on, and without it nothing is sent.
    #[error("no secure connection to {place}: {why}")]
    Insecure {
        /// Where to.
        place: String,
        /// Why.
        why: String,
    },
    /// Login or token are refused.
    #[error("{place} refuses the login: {said}")]
    Login {
        /// Where to.
        place: String,
        /// What it said.
        said: String,
    },
    /// It answers, but knows no such recipient, room or address.
    #[error("{place} knows no such recipient: {said}")]
    Gone {
        /// Where to.
        place: String,
        /// What it said.
        said: String,
    },
    /// It takes nothing now.
    #[error("{place} takes nothing at the moment: {said}")]
    Busy {
        /// Where to.
        place: String,
        /// What it said.
        said: String,
        /// How long it asked to be left alone.
        wait: Option<Duration>,
    },
    /// It will never take this message.
    #[error("{place} refuses this message: {said}")]
    Message {
        /// Where to.
        place: String,
        /// What it said.
        said: String,
    },
    /// The message was handed over whole, and no answer came.
    #[error("whether {place} took the message is not known: {why}")]
    Lost {
        /// Where to.
        place: String,
        /// Why.
        why: String,
    },
    /// A program could not be run, or says that it failed.
    #[error("{place} failed: {said}")]
    Program {
        /// Which.
        place: String,
        /// What it said, or how it ended.
        said: String,
    },
    /// There is no desktop, terminal or sound on this machine.
    #[error("{place} is not there: {why}")]
    Absent {
        /// What.
        place: String,
        /// Why.
        why: String,
    },
}

/// How long a refusal lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    /// It may pass by itself: the message is tried again.
    Passing,
    /// Somebody has to mend the channel. Messages wait for it; that it is down is told elsewhere.
    UntilMended,
    /// This message will never be taken; others may.
    ForThisMessage,
}

impl Trouble {
    /// The code under which it is explained.
    pub const fn code(&self) -> Code {
        match self {
            Self::Unreached { .. } => Code::CHANNEL_UNREACHED,
            Self::Insecure { .. } => Code::CHANNEL_INSECURE,
            Self::Login { .. } => Code::CHANNEL_LOGIN,
            Self::Gone { .. } => Code::CHANNEL_GONE,
            Self::Busy { .. } => Code::CHANNEL_BUSY,
            Self::Message { .. } => Code::CHANNEL_REFUSES,
            Self::Lost { .. } => Code::CHANNEL_ANSWER_LOST,
            Self::Program { .. } => Code::CHANNEL_PROGRAM,
            Self::Absent { .. } => Code::CHANNEL_ABSENT,
        }
    }

    /// How long it lasts.
    pub const fn lasts(&self) -> Lasts {
        match self {
            Self::Unreached { .. }
            | Self::Busy { .. }
            | Self::Lost { .. }
            | Self::Program { .. }
            | Self::Absent { .. } => Lasts::Passing,
            Self::Insecure { .. } | Self::Login { .. } | Self::Gone { .. } => Lasts::UntilMended,
            Self::Message { .. } => Lasts::ForThisMessage,
        }
    }

    /// How long the other end asked to be left alone: a day at most.
    pub fn wait(&self) -> Option<Duration> {
        let Self::Busy { wait, .. } = self else { return None };
        wait.map(|wait| wait.min(MOST_WAIT))
    }
}

/// What the other end said, fit to be shown: one calm line, short, and without any of our secrets, which a server may well
/// repeat.
pub(crate) fn said<T: Foreign + ?Sized>(text: &T, secrets: &[&SecretString]) -> String {
    let mut hidden = text.foreign().trim().to_owned();
    for secret in secrets.iter().map(|secret| secret.expose_secret()).filter(|secret| !secret.is_empty()) {
        if hidden.contains(secret) {
            hidden = hidden.replace(secret, "(secret)");
        }
    }
    if hidden.is_empty() { "it gave no reason".to_owned() } else { terminal::fitted(&hidden, MOST_SAID).into_owned() }
}

/// What the layer of an error furthest inside says, in the same way.
pub(crate) fn innermost(fault: &(dyn Error + 'static), secrets: &[&SecretString]) -> String {
    let mut layer = fault;
    while let Some(inner) = inside(layer) {
        layer = inner;
    }
    said(&layer.to_string(), secrets)
}

/// The next layer in. An I/O error hides what it wraps from `source`.
fn inside<'a>(layer: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match layer.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => layer.source(),
    }
}

/// Whether any layer of an error is of TLS.
pub(crate) fn is_of_tls(fault: &(dyn Error + 'static)) -> bool {
    let mut layer = Some(fault);
    while let Some(here) = layer {
        if here.is::<rustls::Error>() {
            return true;
        }
        layer = inside(here);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_repeats_of_our_secrets_is_hidden() {
        let secret = SecretString::from("hunter2");
        assert_eq!(said("535 hunter2 is wrong\r\n", &[&secret]), "535 (secret) is wrong");
        assert_eq!(said("", &[&secret, &SecretString::from("")]), "it gave no reason");
        assert!(!said("a\u{1b}[2Jb", &[]).contains('\u{1b}'));
        assert_eq!(said(&"x".repeat(1 << 20), &[]).chars().count(), MOST_SAID);
    }

    #[test]
    fn nobody_waits_longer_than_a_day() {
        let busy = |wait| Trouble::Busy { place: String::new(), said: String::new(), wait };
        assert_eq!(busy(Some(Duration::from_secs(u64::MAX))).wait(), Some(MOST_WAIT));
        assert_eq!(busy(None).wait(), None);
    }
}
