//! What is due by the clock in a round: a channel's digest, the weekly sign of life. A clock that was not set makes nothing
//! due.

use std::collections::BTreeMap;

use super::bundle::Item;
use super::channel::Channel;
use super::compose::{self, Frame};
use super::id::MessageId;
use super::message::{News, Topic};
use super::round::Outbox;
use crate::clock::WallTime;
use crate::incident::{Incident, IncidentId, Moment};

impl Outbox {
    /// Whether the channel's digest is due. The hours before it was first looked at are not.
    pub(super) fn is_digest(&mut self, channel: &Channel, at: Moment) -> bool {
        let Some(wall) = at.calendar().filter(|_| !channel.digest.is_empty()) else { return false };
        let state = self.running.channels.entry(channel.name.clone()).or_default();
        let since = state.digested;
        let is_first = since == WallTime::default();
        let is_due = !is_first && channel.digest_due(since, wall);
        if is_first || is_due {
            state.digested = wall;
        }
        is_due
    }

    pub(super) fn weekly(
        &mut self,
        incidents: &BTreeMap<IncidentId, &Incident>,
        hosts: usize,
        frame: Frame<'_>,
        made: &mut Vec<u64>,
    ) {
        let at = frame.at;
        let (Some(weekly), Some(wall)) = (self.plan.weekly.clone(), at.calendar()) else { return };
        let since = self.running.weekly;
        let is_first = since == WallTime::default();
        let is_due = weekly.hours.iter().any(|hours| hours.due(since, wall).is_some());
        if is_first || is_due {
            self.running.weekly = wall;
        }
        if is_first || !is_due {
            return;
        }
        let last = self.running.weekly_made.replace(at);
        let began = incidents
            .values()
            .filter(|incident| incident.fired.is_some_and(|fired| last.is_none_or(|last| fired.steady >= last.steady)));
        let topic = Topic::Weekly { hosts, began: began.count() };
        for channel in self.plan.channels.clone() {
            if !weekly.channels.is_empty() && !weekly.channels.contains(&channel.name) {
                continue;
            }
            let open = incidents.values().filter(|incident| {
                incident.phase.has_fired() && incident.severity >= channel.least && incident.hush().is_none()
            });
            let items: Vec<Item> = open.map(|incident| Item::of(incident, News::Still, 0, at)).collect();
            let parts = items.into_iter().map(|item| (item.part, item.tell)).collect();
            let (mut message, _) = compose::message(channel.name.as_str(), topic.clone(), None, parts, frame);
            message.id = MessageId::of(&[channel.name.as_str(), "weekly"], wall.millis().unsigned_abs());
            // It tells nothing of an incident that the ledger would have to know: it is a sign of life.
            made.push(self.put(&channel.name, message, Vec::new(), at));
        }
    }
}
