//! A world for the tests: incidents that are what somebody makes them, a store that keeps what it is given, and a receiver
//! at the end of each channel that remembers what it was told.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::clock::WallTime;
use crate::health::{Subject, SubjectKind};
use crate::host::HostId;
use crate::incident::phase::{End, Side, Sight};
use crate::incident::{
    About, Acknowledgement, Basis, Finding, Hush, Hushed, Incident, IncidentId, Key, Measure, Moment, Overlays, Phase,
    Steady, Worse,
};
use crate::outbox::*;
use crate::severity::Severity;
use crate::text::HostText;
use crate::unit::Unit;

/// 2026-03-02T08:00:00Z, a Monday.
pub(super) const MORNING: i64 = 1_772_438_400;

pub(super) fn name(name: &str) -> ChannelName {
    ChannelName::new(name).unwrap()
}

pub(super) const fn minutes(n: u64) -> Duration {
    Duration::from_mins(n)
}

pub(super) const fn hours(n: u64) -> Duration {
    Duration::from_hours(n)
}

pub(super) const fn days(n: u64) -> Duration {
    Duration::from_hours(24 * n)
}

/// A message as it arrived: its incidents by their numbers, with what was new.
pub(super) type Heard = Vec<(usize, News)>;

/// What sits at the other end of a channel.
#[derive(Debug, Default)]
pub(super) struct Receiver {
    pub(super) messages: Vec<Message>,
    /// Messages that came more than once.
    pub(super) repeats: usize,
    seen: BTreeSet<MessageId>,
    /// What it believes of each incident that it was told of: open at this severity, or over.
    pub(super) believes: BTreeMap<IncidentId, Option<Severity>>,
}

impl Receiver {
    fn take(&mut self, message: &Message) {
        if !self.seen.insert(message.id) {
            self.repeats += 1;
            let first = self.messages.iter().find(|known| known.id == message.id).unwrap();
            assert_eq!(first.parts, message.parts, "the same name, and other words");
            return;
        }
        let sign_of_life = matches!(message.topic, Topic::Weekly { .. });
        for part in message.parts.iter().filter(|_| !sign_of_life) {
            let open = self.believes.get(&part.incident).copied().flatten();
            let fits = match part.news {
                News::Fires | News::Unattended | News::Passed { .. } => open.is_none(),
                News::ComesAndGoes => true,
                News::Over { .. } | News::Still | News::Holds => open.is_some(),
                News::Worse { from } => open == Some(from) && part.severity > from,
                News::Eased { from } => open == Some(from) && part.severity < from,
            };
            assert!(fits, "{:?} to who believes {open:?}", part.news);
            self.believes.insert(part.incident, (!part.news.is_over()).then_some(part.severity));
        }
        self.messages.push(message.clone());
    }
}

/// The whole of it.
pub(super) struct World {
    pub(super) at: Moment,
    pub(super) outbox: Outbox,
    pub(super) incidents: Vec<Incident>,
    pub(super) receivers: BTreeMap<ChannelName, Receiver>,
    /// What was stored, as text.
    messages: BTreeMap<u64, String>,
    entries: BTreeMap<(ChannelName, IncidentId), String>,
    running: Option<String>,
    numbers: u64,
}

impl World {
    pub(super) fn new(plan: Plan) -> Self {
        let start = WallTime::from_secs(MORNING);
        Self {
            at: Moment { wall: start, steady: Steady::from_millis(1_000_000) },
            outbox: Outbox::new(plan),
            incidents: Vec::new(),
            receivers: BTreeMap::new(),
            messages: BTreeMap::new(),
            entries: BTreeMap::new(),
            running: None,
            numbers: 0,
        }
    }

    /// One channel that takes everything at once, changed as the test wants it.
    pub(super) fn with(change: impl FnOnce(&mut Plan)) -> Self {
        let mut plan = Plan { channels: vec![Channel::new(name("phone"))], ..Plan::default() };
        change(&mut plan);
        Self::new(plan)
    }

    pub(super) fn pass(&mut self, span: Duration) {
        self.at = Moment { wall: self.at.wall.after(span), steady: self.at.steady.after(span) };
    }

    /// The wall clock is set: so many seconds on, or back.
    pub(super) fn set_clock(&mut self, secs: i64) {
        self.at.wall = WallTime::from_secs(secs);
    }

    pub(super) fn fire(&mut self, host: &str, severity: Severity) -> usize {
        let n = self.incidents.len();
        let subject = Subject { kind: SubjectKind::Service, name: HostText::new(format!("unit{n}")), identity: None };
        let key = Key::new("service.failed", HostId::new(host).ok(), subject);
        let finding = Finding {
            severity,
            basis: Basis::Reading,
            measure: Some(Measure { value: 91.0, limit: Some(90.0), unit: Unit::Percent, worse: Worse::Higher }),
            name: HostText::default(),
            text: HostText::new(format!("unit{n} has failed")),
            next: HostText::new("systemctl status"),
            runbook: String::new(),
        };
        let id = IncidentId::of(&key, self.at);
        self.numbers += 1;
        self.incidents.push(Incident {
            id,
            key,
            role: None,
            about: About::Thing,
            group: id,
            phase: Phase::Firing { sight: Sight::Seen },
            severity,
            worst: severity,
            since: self.at,
            fired: Some(self.at),
            ended: None,
            spells: 1,
            holds: 0,
            onset: finding.clone(),
            latest: finding,
            overlays: Overlays::default(),
            evidence: None,
            newest: self.numbers,
        });
        n
    }

    pub(super) fn change(&mut self, n: usize, change: impl FnOnce(&mut Incident)) {
        self.numbers += 1;
        let incident = &mut self.incidents[n];
        change(incident);
        incident.newest = self.numbers;
    }

    pub(super) fn over(&mut self, n: usize) {
        let at = self.at;
        self.change(n, |incident| {
            incident.phase = Phase::Resolved { how: End::Cleared };
            incident.ended = Some(at);
            incident.overlays = Overlays::default();
        });
    }

    pub(super) fn rate(&mut self, n: usize, severity: Severity) {
        self.change(n, |incident| {
            incident.severity = severity;
            incident.worst = incident.worst.max(severity);
        });
    }

    pub(super) fn flap(&mut self, n: usize) {
        self.change(n, |incident| {
            incident.phase = Phase::Flapping { side: Side::Up };
            incident.spells += 2;
        });
    }

    pub(super) fn acknowledge(&mut self, n: usize) {
        let at = self.at;
        self.change(n, |incident| {
            incident.overlays.acknowledged =
                Some(Acknowledgement { at, by: "anna".to_owned(), comment: String::new() });
        });
    }

    pub(super) fn hush(&mut self, n: usize, is_hushed: bool) {
        let at = self.at;
        self.change(n, |incident| {
            incident.overlays.hushes =
                if is_hushed { vec![Hushed { since: at, hush: Hush::Silenced { act: 1 } }] } else { Vec::new() };
            incident.overlays.unhushed = (!is_hushed).then_some(at);
        });
    }

    /// A round, stored.
    pub(super) fn step(&mut self) {
        self.judge();
        self.store();
    }

    /// A round that is not stored yet.
    pub(super) fn judge(&mut self) {
        let from = HostText::new("cmbox");
        let around = Around { from: &from, audit: None, hosts: 5 };
        self.outbox.step(&self.incidents, around, self.at);
    }

    pub(super) fn store(&mut self) {
        let unsaved = self.outbox.unsaved();
        for (number, message) in &unsaved.messages {
            match message {
                Some(message) => _ = self.messages.insert(*number, serde_json::to_string(message).unwrap()),
                None => _ = self.messages.remove(number),
            }
        }
        for (channel, incident, entry) in &unsaved.entries {
            let place = (channel.clone(), *incident);
            match entry {
                Some(entry) => _ = self.entries.insert(place, serde_json::to_string(entry).unwrap()),
                None => _ = self.entries.remove(&place),
            }
        }
        self.running = Some(unsaved.running.clone());
        self.outbox.saved(&unsaved);
    }

    /// Another program goes on from what was stored.
    pub(super) fn restart(&mut self) {
        let message =
            |(number, text): (&u64, &String)| Queued { number: *number, ..serde_json::from_str(text).unwrap() };
        let entry = |((channel, incident), text): (&(ChannelName, IncidentId), &String)| {
            (channel.clone(), *incident, serde_json::from_str(text).unwrap())
        };
        let saved = Saved {
            messages: self.messages.iter().map(message).collect(),
            entries: self.entries.iter().map(entry).collect(),
            running: self.running.clone(),
        };
        self.outbox = Outbox::load(saved, self.outbox.plan().clone()).unwrap();
    }

    /// Takes the next message, stored as being sent.
    pub(super) fn claim(&mut self) -> Option<Delivery> {
        let delivery = self.outbox.claim(self.at, Some(1));
        self.store();
        delivery
    }

    /// The message arrives.
    pub(super) fn receive(&mut self, delivery: &Delivery) {
        self.receivers.entry(delivery.channel.clone()).or_default().take(&delivery.message);
    }

    pub(super) fn answer(&mut self, delivery: &Delivery, answer: Answer) {
        self.outbox.answered(delivery.number, answer, 1, self.at);
        self.store();
    }

    /// Everything that may be sent now arrives and is answered.
    pub(super) fn deliver(&mut self) {
        while let Some(delivery) = self.claim() {
            self.receive(&delivery);
            self.answer(&delivery, Answer::Delivered);
        }
    }

    /// A round, and what it says arrives.
    pub(super) fn go(&mut self) {
        self.step();
        self.deliver();
    }

    /// Rounds over a span, one a step.
    pub(super) fn run(&mut self, span: Duration, step: Duration) {
        let end = self.at.steady.after(span);
        while self.at.steady < end {
            self.pass(step);
            self.go();
        }
    }

    /// The messages that a channel got since this was last asked.
    pub(super) fn heard(&mut self, channel: &str) -> Vec<Heard> {
        let place = |id: IncidentId| self.incidents.iter().position(|incident| incident.id == id).unwrap_or(usize::MAX);
        let messages = self.receivers.get_mut(&name(channel)).map(|receiver| std::mem::take(&mut receiver.messages));
        let of = |message: Message| message.parts.iter().map(|part| (place(part.incident), part.news)).collect();
        messages.unwrap_or_default().into_iter().map(of).collect()
    }
}

/// Over, well again.
pub(super) const OVER: News = News::Over { how: End::Cleared };
/// It was, and is well again.
pub(super) const PASSED: News = News::Passed { how: End::Cleared };
