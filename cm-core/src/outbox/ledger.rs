//! What each channel knows of each incident: the one thing from which it follows what it is still to be told.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::channel::ChannelName;
use super::message::Part;
use crate::incident::{Gist, IncidentId, Moment, Stage};

/// The longest time between two reminders.
const MOST_APART: Duration = Duration::from_hours(7 * 24);

/// What a channel knows of an incident, and what it is owed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// With which others the incident is told as one.
    pub group: IncidentId,
    /// What it was told: delivered, given up, or sent with no answer. None where it knows nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knows: Option<Gist>,
    /// It is to be told even if it is over by then: since when it is held back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owed: Option<Moment>,
    /// The words that were put into its last message, from which its end can be told where nothing else is left of it.
    pub part: Part,
    /// When the channel was first told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Moment>,
    /// When a message of it was last made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Moment>,
    /// How many reminders were due since.
    #[serde(default)]
    pub reminders: u32,
    /// Since when nothing is known of the incident any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Moment>,
}

impl Entry {
    /// Of an incident of which a channel knows nothing.
    pub(super) const fn new(group: IncidentId, part: Part) -> Self {
        Self { group, knows: None, owed: None, part, first: None, last: None, reminders: 0, missing: None }
    }

    /// How many reminders are due by now, the first after `first`, each next after twice as long, up to a week: of one
    /// that fires for a year some sixty, however often anybody looks.
    pub(super) fn reminders_due(&self, first: Duration, at: Moment) -> u32 {
        let Some(told) = self.first.filter(|_| !first.is_zero()) else { return 0 };
        let (mut rest, mut apart, mut due) = (at.since(told), first, 0);
        while rest >= apart {
            rest -= apart;
            due += 1;
            apart = (apart * 2).min(MOST_APART.max(first));
        }
        due
    }
}

/// What all channels know.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Ledger {
    entries: BTreeMap<(ChannelName, IncidentId), Entry>,
    /// What changed since it was stored, with the count of changes when it did.
    changed: BTreeMap<(ChannelName, IncidentId), u64>,
}

impl Ledger {
    pub(super) fn load(entries: impl IntoIterator<Item = (ChannelName, IncidentId, Entry)>) -> Self {
        let entries = entries.into_iter().map(|(channel, incident, entry)| ((channel, incident), entry)).collect();
        Self { entries, changed: BTreeMap::new() }
    }

    pub(super) fn get(&self, channel: &ChannelName, incident: IncidentId) -> Option<&Entry> {
        self.entries.get(&(channel.clone(), incident))
    }

    /// All that one channel knows.
    pub(super) fn of<'l>(&'l self, channel: &'l ChannelName) -> impl Iterator<Item = (IncidentId, &'l Entry)> {
        let own = self.entries.iter().filter(move |((name, _), _)| name == channel);
        own.map(|((_, incident), entry)| (*incident, entry))
    }

    /// Every channel and incident that there is an entry for.
    pub(super) fn places(&self) -> Vec<(ChannelName, IncidentId)> {
        self.entries.keys().cloned().collect()
    }

    /// Changes an entry, making it where there is none. It is marked to be stored only if that changed it.
    pub(super) fn change(
        &mut self,
        channel: &ChannelName,
        incident: IncidentId,
        count: u64,
        new: impl FnOnce() -> Entry,
        change: impl FnOnce(&mut Entry),
    ) {
        let place = (channel.clone(), incident);
        let before = self.entries.get(&place).cloned();
        let entry = self.entries.entry(place.clone()).or_insert_with(new);
        change(entry);
        if before.as_ref() != Some(entry) {
            self.changed.insert(place, count);
        }
    }

    /// Changes an entry that is there.
    pub(super) fn amend(
        &mut self,
        channel: &ChannelName,
        incident: IncidentId,
        count: u64,
        change: impl FnOnce(&mut Entry),
    ) {
        let place = (channel.clone(), incident);
        let Some(entry) = self.entries.get_mut(&place) else { return };
        let before = entry.clone();
        change(entry);
        if before != *entry {
            self.changed.insert(place, count);
        }
    }

    pub(super) fn forget(&mut self, channel: &ChannelName, incident: IncidentId, count: u64) {
        let place = (channel.clone(), incident);
        if self.entries.remove(&place).is_some() {
            self.changed.insert(place, count);
        }
    }

    /// What is to be stored: entries, and none where one is gone.
    pub(super) fn unsaved(&self) -> Vec<(ChannelName, IncidentId, Option<Entry>)> {
        let row = |(channel, incident): &(ChannelName, IncidentId)| {
            (channel.clone(), *incident, self.entries.get(&(channel.clone(), *incident)).cloned())
        };
        self.changed.keys().map(row).collect()
    }

    pub(super) fn saved(&mut self, count: u64) {
        self.changed.retain(|_, changed| *changed > count);
    }
}

/// Whether somebody who knows this believes that it goes on.
pub(super) fn is_open(gist: Option<Gist>) -> bool {
    gist.is_some_and(|gist| gist.stage != Stage::Over)
}
