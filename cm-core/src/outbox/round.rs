//! One round: every incident against every channel, and what there is to tell becomes messages.

use std::collections::BTreeMap;
use std::time::Duration;

use super::bundle::{Bundle, Item, Window};
use super::channel::{Channel, ChannelName};
use super::compose::{self, Frame};
use super::decide::{Decision, Hold, Reason, Stand, decide, reminders};
use super::ledger::{Entry, Ledger, is_open};
use super::message::{News, Part};
use super::plan::Plan;
use super::queue::{MOST_WAITING, Queue, Tell};
use super::running::Running;
use crate::incident::look::Gone;
use crate::incident::phase::End;
use crate::incident::{Gist, Incident, IncidentId, Moment, Stage};
use crate::text::HostText;

/// For how long an incident that was told is missing before it is told as over: nobody has it any more.
const MISSING: Duration = Duration::from_mins(10);

/// What is known around a round.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Which machine tells.
    pub from: &'a HostText,
    /// Where the chain of acts ends.
    pub audit: Option<&'a str>,
    /// How many hosts are watched.
    pub hosts: usize,
}

/// All messages, and what every channel knows.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    pub(super) plan: Plan,
    pub(super) ledger: Ledger,
    pub(super) queue: Queue,
    pub(super) running: Running,
    /// How often something was taken out to be stored: what changes is marked with the next.
    pub(super) count: u64,
}

impl Outbox {
    /// Nothing told yet.
    pub fn new(plan: Plan) -> Self {
        Self { plan, ..Self::default() }
    }

    /// Another configuration; it counts from the next round on.
    pub fn replan(&mut self, plan: Plan) {
        self.plan = plan;
    }

    /// The configuration.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// One round over all incidents that are open or at hand: `incidents` must have them all, since one that is missing for
    /// ten minutes is taken for over. Answers with the numbers of the messages that were made.
    ///
    /// Cost: some hundred nanoseconds for each incident and channel where there is nothing to tell.
    pub fn step<'i>(
        &mut self,
        incidents: impl IntoIterator<Item = &'i Incident>,
        around: Around<'_>,
        at: Moment,
    ) -> Vec<u64> {
        let incidents: BTreeMap<IncidentId, &Incident> =
            incidents.into_iter().map(|incident| (incident.id, incident)).collect();
        let frame = Frame { at, from: around.from, audit: around.audit };
        let mut made = Vec::new();
        for channel in self.plan.channels.clone() {
            self.channel(&channel, &incidents, frame, &mut made);
        }
        self.weekly(&incidents, around.hosts, frame, &mut made);
        self.drop_orphans(at);
        self.running.judged = at;
        made
    }

    /// What would be decided now for an incident, by channel: for people who ask why they were told, or not.
    pub fn explain(&self, incident: &Incident, at: Moment) -> Vec<(ChannelName, Decision)> {
        let of = |channel: &Channel| {
            let entry = self.ledger.get(&channel.name, incident.id);
            let promised = self.queue.promised(&channel.name).get(&incident.id).copied();
            let knows = promised.or(entry.and_then(|entry| entry.knows));
            let group_last = self.group_lasts(&channel.name).get(&incident.group).copied();
            let stand = Stand { knows, entry, group_last, is_digest: false };
            (channel.name.clone(), decide(incident, channel, &self.plan.routes, stand, at))
        };
        self.plan.channels.iter().map(of).collect()
    }

    /// The mark of what changes from now until the next time something is stored.
    pub(super) const fn mark(&self) -> u64 {
        self.count + 1
    }

    fn channel(
        &mut self,
        channel: &Channel,
        incidents: &BTreeMap<IncidentId, &Incident>,
        frame: Frame<'_>,
        made: &mut Vec<u64>,
    ) {
        let at = frame.at;
        let is_digest = self.is_digest(channel, at);
        let recalled = self.recall(channel, incidents);
        let promised = self.queue.promised(&channel.name);
        let group_lasts = self.group_lasts(&channel.name);
        let mut items = Vec::new();
        for incident in incidents.values().copied() {
            let entry = self.ledger.get(&channel.name, incident.id);
            let knows = promised.get(&incident.id).copied().or(entry.and_then(|entry| entry.knows));
            let stand = Stand { knows, entry, group_last: group_lasts.get(&incident.group).copied(), is_digest };
            match decide(incident, channel, &self.plan.routes, stand, at) {
                Decision::Tell(news) => {
                    let of = |entry| reminders(incident, channel, &self.plan.routes, entry, at);
                    items.push(Item::of(incident, news, entry.map_or(0, of), at));
                }
                Decision::Hold(_) if !is_open(knows) => self.owe(channel, incident, at),
                Decision::Nothing(Reason::Hushed(_) | Reason::Acknowledged) => self.release(channel, incident.id),
                Decision::Hold(_) | Decision::Nothing(_) => {}
            }
        }
        self.missing(channel, incidents, &promised, at, &mut items);
        let state = self.running.channels.entry(channel.name.clone()).or_default();
        let window = Window { is_digest, is_limited: state.is_limited };
        for bundle in Bundle::of(items, window) {
            self.send(channel, bundle, &recalled, frame, made);
        }
    }

    /// Makes a message of a bundle, if the channel takes one more now.
    fn send(
        &mut self,
        channel: &Channel,
        bundle: Bundle,
        recalled: &BTreeMap<IncidentId, Moment>,
        frame: Frame<'_>,
        made: &mut Vec<u64>,
    ) {
        let at = frame.at;
        // What replaces a message that was never sent was allowed already.
        let is_paid = bundle.items.iter().any(|item| recalled.contains_key(&item.tell.incident));
        if let Err(hold) = self.room(channel, &bundle, is_paid, at) {
            let state = self.running.channels.entry(channel.name.clone()).or_default();
            state.is_limited |= matches!(hold, Hold::RateLimited { .. });
            for item in bundle.items {
                self.owe_item(channel, item, at);
            }
            return;
        }
        let queued =
            bundle.items.iter().filter_map(|item| recalled.get(&item.tell.incident)).min_by_key(|at| at.steady);
        let queued = queued.copied().unwrap_or(at);
        let parts: Vec<(Part, Tell)> = bundle.items.iter().map(|item| (item.part.clone(), item.tell)).collect();
        let (message, tells) = compose::message(channel.name.as_str(), bundle.topic, bundle.thread, parts, frame);
        made.push(self.put(&channel.name, message, tells, queued));
        for item in bundle.items {
            self.note(channel, item, at);
        }
    }

    /// Whether the channel takes one message more now; if so, it is counted.
    fn room(&mut self, channel: &Channel, bundle: &Bundle, is_paid: bool, at: Moment) -> Result<(), Hold> {
        if self.queue.waiting(&channel.name).count() >= MOST_WAITING {
            return Err(Hold::Full);
        }
        let state = self.running.channels.entry(channel.name.clone()).or_default();
        let Some(rate) = channel.rate.filter(|_| !is_paid) else { return Ok(()) };
        rate.allows(state.whole_at, at.steady, bundle.is_critical()).map_err(|until| Hold::RateLimited { until })?;
        state.whole_at = rate.spent(state.whole_at, at.steady);
        state.is_limited = false;
        Ok(())
    }

    /// Remembers what a message says of an incident.
    fn note(&mut self, channel: &Channel, item: Item, at: Moment) {
        let mark = self.mark();
        let Item { part, tell, group, .. } = item;
        let new = || Entry::new(group, part.clone());
        self.ledger.change(&channel.name, tell.incident, mark, new, |entry| {
            if part.news != News::Still {
                entry.first = entry.first.or(Some(at));
            }
            entry.reminders = entry.reminders.max(tell.round);
            (entry.group, entry.part, entry.last, entry.owed) = (group, part.clone(), Some(at), None);
        });
    }

    fn owe(&mut self, channel: &Channel, incident: &Incident, at: Moment) {
        if self.ledger.get(&channel.name, incident.id).is_none_or(|entry| entry.owed.is_none()) {
            self.owe_item(channel, Item::of(incident, News::Fires, 0, at), at);
        }
    }

    fn owe_item(&mut self, channel: &Channel, item: Item, at: Moment) {
        let mark = self.mark();
        let Item { part, tell, group, .. } = item;
        let new = || Entry::new(group, part);
        self.ledger.change(&channel.name, tell.incident, mark, new, |entry| {
            if !is_open(entry.knows) {
                entry.owed = entry.owed.or(Some(at));
            }
        });
    }

    /// What was held back is not owed any more: somebody looks after it, or wants nothing told of it.
    fn release(&mut self, channel: &Channel, incident: IncidentId) {
        let mark = self.mark();
        self.ledger.amend(&channel.name, incident, mark, |entry| entry.owed = None);
    }

    /// Takes back messages that were never sent and are not so any more; answers with what they told of, and since when
    /// that was wanted.
    fn recall(
        &mut self,
        channel: &Channel,
        incidents: &BTreeMap<IncidentId, &Incident>,
    ) -> BTreeMap<IncidentId, Moment> {
        let mark = self.mark();
        let promised = self.queue.promised(&channel.name);
        let is_old = |tell: &Tell| {
            let now = incidents.get(&tell.incident).and_then(|incident| incident.gist());
            now.is_some_and(|now| promised.get(&tell.incident) != Some(&now))
        };
        let mut recalled = BTreeMap::new();
        for row in self.queue.recall(&channel.name, is_old, mark) {
            for tell in row.tells {
                recalled.entry(tell.incident).or_insert(row.queued);
                self.ledger.amend(&channel.name, tell.incident, mark, |entry| {
                    if !is_open(entry.knows) {
                        entry.owed = entry.owed.or(Some(row.queued));
                    }
                });
            }
        }
        recalled
    }

    /// Ends what was told and is nowhere to be found; forgets what nobody knows of.
    fn missing(
        &mut self,
        channel: &Channel,
        incidents: &BTreeMap<IncidentId, &Incident>,
        promised: &BTreeMap<IncidentId, Gist>,
        at: Moment,
        items: &mut Vec<Item>,
    ) {
        let mark = self.mark();
        let mut seen_again = Vec::new();
        let mut forgotten = Vec::new();
        let mut missing = Vec::new();
        for (id, entry) in self.ledger.of(&channel.name) {
            let knows = promised.get(&id).copied().or(entry.knows);
            let news = match (is_open(knows), entry.owed) {
                (true, _) => Some(News::Over { how: End::Gone(Gone::Unwatched) }),
                (false, Some(_)) => Some(News::Passed { how: End::Gone(Gone::Unwatched) }),
                (false, None) => None,
            };
            let gist = incidents.get(&id).map(|incident| incident.gist());
            let is_done = gist.is_none_or(|gist| gist.is_some_and(|gist| gist.stage == Stage::Over));
            if gist.is_some() && entry.missing.is_some() {
                seen_again.push(id);
            }
            match news {
                None if is_done && !promised.contains_key(&id) => forgotten.push(id),
                Some(news) if gist.is_none() => missing.push((id, news, knows)),
                _ => {}
            }
        }
        for id in seen_again {
            self.ledger.amend(&channel.name, id, mark, |entry| entry.missing = None);
        }
        for id in forgotten {
            self.ledger.forget(&channel.name, id, mark);
        }
        for (id, news, knows) in missing {
            self.ledger.amend(&channel.name, id, mark, |entry| entry.missing = entry.missing.or(Some(at)));
            let Some(entry) = self.ledger.get(&channel.name, id) else { continue };
            if entry.missing.is_some_and(|since| at.since(since) >= MISSING) {
                items.push(Item::lost(id, entry, knows, news, at));
            }
        }
    }

    fn group_lasts(&self, channel: &ChannelName) -> BTreeMap<IncidentId, Moment> {
        let mut lasts: BTreeMap<IncidentId, Moment> = BTreeMap::new();
        for (_, entry) in self.ledger.of(channel) {
            let Some(last) = entry.last else { continue };
            let kept = lasts.entry(entry.group).or_insert(last);
            if kept.steady < last.steady {
                *kept = last;
            }
        }
        lasts
    }
}
