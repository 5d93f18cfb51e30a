//! What goes on beside messages and ledger, through restarts: how it went with each channel, and up to when the clock was
//! looked at.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::channel::ChannelName;
use crate::clock::WallTime;
use crate::incident::{Moment, Steady};

/// How it went with one channel.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// Failures in a row.
    #[serde(default)]
    pub(super) failures: u32,
    /// Since when it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failing: Option<Moment>,
    /// When it is tried next, at the earliest.
    #[serde(default)]
    pub(super) next: Steady,
    /// When its whole allowance is there again.
    #[serde(default)]
    pub(super) whole_at: Steady,
    /// Something was held back for its rate: what goes next goes as one message.
    #[serde(default)]
    pub(super) is_limited: bool,
    /// Up to when digests were looked for.
    #[serde(default)]
    pub(super) digested: WallTime,
    /// When it last took a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) delivered: Option<Moment>,
    /// Why it failed last; empty where it does not fail.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) error: String,
}

/// What goes on beside messages and ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Running {
    #[serde(default)]
    pub(super) channels: BTreeMap<ChannelName, State>,
    /// The number of the last message.
    #[serde(default)]
    pub(super) last: u64,
    /// Up to when the weekly sign of life was looked for.
    #[serde(default)]
    pub(super) weekly: WallTime,
    /// When it was last made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) weekly_made: Option<Moment>,
    /// When the dead man's switch was last pinged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pinged: Option<Moment>,
    /// When the last round ended.
    #[serde(default)]
    pub(super) judged: Moment,
}
