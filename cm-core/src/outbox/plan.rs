//! Who is to be told what, as it is configured.

use super::channel::{Channel, ChannelName};
use super::route::Route;
use super::schedule::{Deadman, Weekly};

/// Channels, the routes to them, and what is told by the clock.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// The channels, each name once.
    pub channels: Vec<Channel>,
    /// The routes; without any every channel is told of every incident that it takes.
    pub routes: Vec<Route>,
    /// The weekly sign of life.
    pub weekly: Option<Weekly>,
    /// What notices elsewhere that nobody watches any more.
    pub deadman: Option<Deadman>,
}

impl Plan {
    /// A channel by its name.
    pub fn channel(&self, name: &ChannelName) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name == *name)
    }
}
