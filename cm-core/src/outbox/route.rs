//! Which channels are told of which incidents: by severity, host, group, rule and hour, at once or once nobody looks
//! after one.

use std::time::Duration;

use super::channel::{Channel, ChannelName, DOWN};
use crate::host::{HostId, Role};
use crate::incident::hours::Hours;
use crate::incident::{Incident, Moment};
use crate::severity::Severity;

/// A route: to which channels what goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// To which.
    pub channels: Vec<ChannelName>,
    /// Of this severity or more.
    pub least: Severity,
    /// On these hosts, or hosts of `roles`; on all where both are empty.
    pub hosts: Vec<HostId>,
    /// See `hosts`.
    pub roles: Vec<Role>,
    /// Found by these rules (`drive.*` means all that begin so); by any where it is empty.
    pub rules: Vec<String>,
    /// In these hours; at any where it is empty.
    pub hours: Vec<Hours>,
    /// Once it has fired for so long with nobody looking after it; at once for zero.
    pub after: Duration,
    /// After how long it is told again that it goes on, the first time; never without.
    pub remind: Option<Duration>,
}

impl Route {
    /// Every warning to these channels, at once.
    pub fn to(channels: Vec<ChannelName>) -> Self {
        Self {
            channels,
            least: Severity::Warning,
            hosts: Vec::new(),
            roles: Vec::new(),
            rules: Vec::new(),
            hours: Vec::new(),
            after: Duration::ZERO,
            remind: None,
        }
    }

    fn takes(&self, incident: &Incident, at: Moment) -> bool {
        let key = &incident.key;
        let host = |host: &HostId| self.hosts.contains(host);
        let anywhere = self.hosts.is_empty() && self.roles.is_empty();
        let here =
            key.host.as_ref().is_some_and(host) || incident.role.as_ref().is_some_and(|role| self.roles.contains(role));
        let rule = |pattern: &String| match pattern.strip_suffix('*') {
            Some(begin) => key.rule().starts_with(begin),
            None => key.rule() == pattern,
        };
        // A clock that was not set has no hours: then every hour is one of them.
        let hour = |wall| self.hours.is_empty() || self.hours.iter().any(|hours| hours.spell(wall).is_some());
        incident.severity >= self.least
            && (anywhere || here)
            && (self.rules.is_empty() || self.rules.iter().any(rule))
            && at.calendar().is_none_or(hour)
            && (self.after.is_zero() || incident.unattended(at).is_some_and(|span| span >= self.after))
    }
}

/// Why a channel is to be told of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Only since nobody looks after it.
    pub(super) is_escalated: bool,
    /// After how long it is told that it goes on.
    pub(super) remind: Option<Duration>,
}

/// Why a channel is not told of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unrouted {
    /// It matters less than the channel takes.
    Small,
    /// No route leads there, or not at this hour, or not yet.
    NoRoute,
    /// It says that this very channel is down.
    Itself,
}

/// Whether a channel is to be told of an incident.
pub(super) fn wanted(routes: &[Route], channel: &Channel, incident: &Incident, at: Moment) -> Result<Wanted, Unrouted> {
    if incident.key.rule() == DOWN && incident.key.subject.name.raw() == channel.name.as_str() {
        return Err(Unrouted::Itself);
    }
    if incident.severity < channel.least {
        return Err(Unrouted::Small);
    }
    if routes.is_empty() {
        return Ok(Wanted { is_escalated: false, remind: None });
    }
    let taken = routes.iter().filter(|route| route.channels.contains(&channel.name) && route.takes(incident, at));
    let mut wanted: Option<Wanted> = None;
    for route in taken {
        let so_far = wanted.unwrap_or(Wanted { is_escalated: true, remind: None });
        wanted = Some(Wanted {
            is_escalated: so_far.is_escalated && !route.after.is_zero(),
            remind: match (so_far.remind, route.remind) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
        });
    }
    wanted.ok_or(Unrouted::NoRoute)
}
