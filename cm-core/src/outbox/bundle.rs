//! What becomes one message: the incidents of a group, or everything where it is much at once.

use std::collections::BTreeMap;

use super::compose;
use super::ledger::Entry;
use super::message::{News, Part, Topic};
use super::queue::Tell;
use crate::incident::{Gist, Incident, IncidentId, Moment, Stage};
use crate::severity::Severity;

/// So many messages at once are still told one by one.
pub(super) const MOST_AT_ONCE: usize = 3;

/// One incident of a message that is to be made.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) part: Part,
    pub(super) tell: Tell,
    pub(super) group: IncidentId,
}

impl Item {
    /// What is told of an incident; `round` says how many reminders were due by then.
    pub(super) fn of(incident: &Incident, news: News, round: u32, at: Moment) -> Self {
        let over = Gist { stage: Stage::Over, severity: incident.severity, holds: incident.holds };
        let gist = incident.gist().unwrap_or(over);
        let tell = Tell { incident: incident.id, gist, number: incident.newest, round };
        Self { part: compose::part(incident, news, at), tell, group: incident.group }
    }

    /// The end of an incident of which only the ledger is left.
    pub(super) fn lost(id: IncidentId, entry: &Entry, knows: Option<Gist>, news: News, at: Moment) -> Self {
        let severity = knows.map_or(entry.part.severity, |known| known.severity);
        let gist = Gist { stage: Stage::Over, severity, holds: knows.map_or(0, |known| known.holds) };
        let since = entry.last.or(entry.owed).unwrap_or(at);
        let part = compose::end_of(&entry.part, news, since, at);
        Self { part, tell: Tell { incident: id, gist, number: 0, round: 0 }, group: entry.group }
    }
}

/// How messages are put together at the moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) is_digest: bool,
    pub(super) is_limited: bool,
}

/// One message that is to be made.
#[derive(Debug, Clone)]
pub(super) struct Bundle {
    pub(super) topic: Topic,
    pub(super) thread: Option<IncidentId>,
    pub(super) items: Vec<Item>,
}

impl Bundle {
    /// The messages that some items make, what matters most first.
    pub(super) fn of(items: Vec<Item>, window: Window) -> Vec<Self> {
        if items.is_empty() {
            return Vec::new();
        }
        let mut groups: BTreeMap<IncidentId, Vec<Item>> = BTreeMap::new();
        for item in items {
            groups.entry(item.group).or_default().push(item);
        }
        let is_one = window.is_digest || window.is_limited || groups.len() > MOST_AT_ONCE;
        if is_one {
            let thread = (groups.len() == 1).then(|| groups.keys().next().copied()).flatten();
            let items: Vec<Item> = groups.into_values().flatten().collect();
            let topic = if window.is_digest { Topic::Digest } else { topic(&items) };
            return vec![Self { topic, thread: thread.filter(|_| !window.is_digest), items }];
        }
        let mut bundles: Vec<Self> = groups
            .into_iter()
            .map(|(group, items)| Self { topic: topic(&items), thread: Some(group), items })
            .collect();
        bundles.sort_by_key(|bundle| std::cmp::Reverse(bundle.weight()));
        bundles
    }

    /// Whether it tells of something critical that is not over.
    pub(super) fn is_critical(&self) -> bool {
        self.weight() == Some(Severity::Critical)
    }

    fn weight(&self) -> Option<Severity> {
        let open = self.items.iter().filter(|item| !item.part.news.is_over());
        open.map(|item| item.part.severity).max()
    }
}

fn topic(items: &[Item]) -> Topic {
    if items.iter().all(|item| item.part.news == News::Still) { Topic::Reminder } else { Topic::News }
}
