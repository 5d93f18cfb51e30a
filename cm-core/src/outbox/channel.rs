//! A channel as far as telling is concerned: its name, how much it takes and when. What is at its other end is not known
//! here.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::rate::Rate;
use crate::clock::WallTime;
use crate::incident::hours::{Hours, Spell};
use crate::severity::Severity;

/// The rule under which a channel that is down is an incident like any other; its subject has the channel's name.
pub const DOWN: &str = "notify.channel";

/// A channel's name, as it stands in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelName(Arc<str>);

/// Text that cannot be a channel's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a channel's name has 1 to 63 letters, digits, `-`, `_` or `.`")]
pub struct BadChannelName;

impl ChannelName {
    /// Takes a name.
    pub fn new(name: &str) -> Result<Self, BadChannelName> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if (1..=63).contains(&name.len()) && name.chars().all(fits) {
            Ok(Self(name.into()))
        } else {
            Err(BadChannelName)
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for ChannelName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ChannelName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// How a channel is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Its name.
    pub name: ChannelName,
    /// Below this nothing is told.
    pub least: Severity,
    /// When nothing is told but what is `loud`.
    pub quiet: Vec<Hours>,
    /// From which severity on quiet hours do not count.
    pub loud: Severity,
    /// When what was kept is told; empty where nothing is kept.
    pub digest: Vec<Hours>,
    /// From which severity on nothing is kept for the digest.
    pub at_once: Severity,
    /// How many messages at most; any number without.
    pub rate: Option<Rate>,
    /// For how long a message is tried.
    pub give_up: Duration,
}

impl Channel {
    /// A channel that is told every warning at once, at any hour.
    pub fn new(name: ChannelName) -> Self {
        Self {
            name,
            least: Severity::Warning,
            quiet: Vec::new(),
            loud: Severity::Critical,
            digest: Vec::new(),
            at_once: Severity::Critical,
            rate: None,
            give_up: Duration::from_hours(7 * 24),
        }
    }

    /// The quiet hours in which a moment lies.
    pub(super) fn quiet_at(&self, at: WallTime) -> Option<Spell> {
        self.quiet.iter().filter_map(|hours| hours.spell(at)).max_by_key(|spell| spell.end)
    }

    /// Whether a digest became due after `since`, up to `at`.
    pub(super) fn digest_due(&self, since: WallTime, at: WallTime) -> bool {
        self.digest.iter().any(|hours| hours.due(since, at).is_some())
    }
}
