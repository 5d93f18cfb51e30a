//! A made-up world for judging: small hosts of which a test says what is wrong, programs that come and go on one file,
//! channels that fail, and a receiver that notes what arrives.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::host::Host;
use crate::incident::{IncidentId, Incidents, Surroundings};
use crate::observation::FailureKind;
use crate::outbox::{Answer, Channel, ChannelName, MessageId, News as Told, Plan};
use crate::report::service::{ServiceStatus, Summary};
use crate::report::smart::{Drive, SmartReport};
use crate::report::{Report, ServiceReport};
use crate::rule::RuleSet;
use crate::text::HostText;
use crate::unit::Celsius;

/// What can be wrong with a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// It does not answer.
    Silent,
    /// Its service has failed.
    Failed,
    /// Its drive is hot.
    Hot,
}

pub(super) const FAULTS: [Fault; 3] = [Fault::Silent, Fault::Failed, Fault::Hot];

/// Hosts, and what is wrong with them now.
#[derive(Debug, Clone)]
pub(super) struct Hosts {
    pub(super) names: Vec<HostId>,
    pub(super) wrong: BTreeSet<(usize, Fault)>,
}

impl Hosts {
    pub(super) fn new(count: usize) -> Self {
        let names = (0..count).map(|n| HostId::new(&format!("host{n}")).unwrap()).collect();
        Self { names, wrong: BTreeSet::new() }
    }

    pub(super) fn members(&self) -> Vec<Member> {
        let member =
            |name: &HostId| Member { apis: vec![Api::Smart, Api::Service], ..Member::new(Host::new(name.clone())) };
        self.names.iter().map(member).collect()
    }

    pub(super) fn ask(&self, place: usize, api: Api, now: Now) -> Observation {
        let is = |fault| self.wrong.contains(&(place, fault));
        let name = &self.names[place];
        let report = match api {
            Api::Smart => Report::Smart(Arc::new(SmartReport {
                timestamp: now.wall,
                drives: vec![Drive {
                    name: HostText::from("sda"),
                    serial: Some(HostText::new(format!("S{place}"))),
                    temperature_c: Some(Celsius::saturating(if is(Fault::Hot) { 80.0 } else { 35.0 })),
                    ..Drive::default()
                }],
                ..SmartReport::default()
            })),
            _ => Report::Service(Arc::new(ServiceReport {
                timestamp: now.wall,
                summary: Summary::default(),
                services: vec![crate::report::service::Service {
                    name: HostText::from("gitea"),
                    status: if is(Fault::Failed) { ServiceStatus::Failed } else { ServiceStatus::Running },
                    log: is(Fault::Failed).then(|| HostText::from("out of file handles")).into_iter().collect(),
                    ..Default::default()
                }],
                ..ServiceReport::default()
            })),
        };
        let outcome = if is(Fault::Silent) {
            Err(Failure {
                address: name.to_string(),
                kind: FailureKind::TimedOut { waiting_for: "answer", limit: Duration::from_secs(2) },
            })
        } else {
            Ok(report)
        };
        Observation { host: name.clone(), api, way: Way::Demo, at: now, took: Duration::ZERO, outcome }
    }
}

/// What a channel does with what it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Mood {
    #[default]
    Takes,
    /// It cannot be reached.
    Down,
    /// It takes it, and the answer is lost.
    Mumbles,
    /// It does not take it, and the answer is lost.
    Drops,
}

/// What arrived.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arrived {
    pub(super) at: i64,
    pub(super) channel: ChannelName,
    pub(super) id: MessageId,
    pub(super) may_repeat: bool,
    pub(super) parts: Vec<(IncidentId, Told)>,
    pub(super) words: String,
}

/// The other end of all channels.
#[derive(Debug, Clone, Default)]
pub(super) struct Receiver {
    pub(super) moods: BTreeMap<ChannelName, Mood>,
    pub(super) arrived: Vec<Arrived>,
    /// Messages of which an answer was lost, so that they may come again.
    pub(super) unsure: BTreeSet<MessageId>,
}

impl Receiver {
    /// Takes a message, or not; what the sender learns of it.
    pub(super) fn take(&mut self, sending: &Sending, now: Now) -> Answer {
        let message = &sending.delivery.message;
        let channel = sending.delivery.channel.clone();
        let mood = self.moods.get(&channel).copied().unwrap_or_default();
        if mood == Mood::Down {
            return Answer::NotSent { why: "no route to host".to_owned() };
        }
        if mood != Mood::Drops {
            let parts = message.parts.iter().map(|part| (part.incident, part.news)).collect();
            let words = message.parts.iter().map(|part| format!("{:?} {}", part.news, part.text.raw()));
            let words = words.collect::<Vec<_>>().join("; ");
            let (at, id, may_repeat) = (now.wall.millis(), message.id, message.may_repeat);
            self.arrived.push(Arrived { at, channel, id, may_repeat, parts, words });
        }
        if mood == Mood::Takes {
            return Answer::Delivered;
        }
        self.unsure.insert(message.id);
        Answer::Unsure { why: "connection reset".to_owned() }
    }
}

pub(super) fn channel(name: &str) -> ChannelName {
    ChannelName::new(name).unwrap()
}

pub(super) fn plan(names: &[&str]) -> Plan {
    Plan { channels: names.iter().map(|name| Channel::new(channel(name))).collect(), ..Plan::default() }
}

/// The built-in rules, telling these channels.
pub(super) fn judging(tells: bool, names: &[&str]) -> Judging {
    let registry = Registry::default();
    Judging {
        rules: RuleSet::built_in(&registry),
        registry,
        around: Surroundings::default(),
        plan: plan(names),
        from: HostText::from("desk"),
        start: "start-1".to_owned(),
        tells,
        seed: 7,
        ahead_s: 0,
    }
}

/// A program on a file.
pub(super) struct Watcher {
    pub(super) engine: Engine,
    hand: Hand,
    pub(super) told: Vec<News>,
    /// The file takes nothing.
    pub(super) is_full: bool,
    /// Messages that were handed out and not sent yet.
    pub(super) outgoing: Vec<Sending>,
}

impl Watcher {
    pub(super) fn new(name: &str, path: &Path, hosts: &Hosts, judging: Judging, interval: Duration) -> Self {
        let freshness = Freshness::for_interval(interval);
        let holder = Holder { name: name.to_owned(), boot: judging.start.clone() };
        let mut hand = Hand::new(path.to_owned(), holder, Policy::default());
        hand.judges(&judging);
        let engine = Engine::new(hosts.members(), freshness, HostId::new("desk").unwrap(), name).judging(judging);
        Self { engine, hand, told: Vec::new(), is_full: false, outgoing: Vec::new() }
    }

    /// An input and all that follows from it, but for messages, which wait.
    pub(super) fn input(&mut self, input: Input, time: &Time) -> bool {
        let mut next = Some(input);
        let mut has_ended = false;
        while let Some(input) = next.take() {
            for effect in self.engine.step(input, time.now()) {
                match effect {
                    Effect::Do(job) => next = Some(Input::Done(self.perform(&job, time))),
                    Effect::Tell(notice) => self.told.push(notice.what),
                    Effect::Deliver(sending) => self.outgoing.push(*sending),
                    Effect::End => has_ended = true,
                }
            }
        }
        has_ended
    }

    fn perform(&mut self, job: &Job, time: &Time) -> Done {
        let writes = !matches!(job, Job::Open | Job::Leave | Job::Ask(_) | Job::Load);
        if self.is_full && writes {
            let (then, code) = (Then::Wait, Code::HISTORY_FULL);
            return Done::Refused(Trouble { then, code, text: "the disk is full".to_owned() });
        }
        self.hand.perform(job, time)
    }

    /// Sends what waits to be sent.
    pub(super) fn send(&mut self, receiver: &mut Receiver, time: &Time) {
        for sending in std::mem::take(&mut self.outgoing) {
            let now = time.now();
            let answer = if sending.may_go(now) {
                receiver.take(&sending, now)
            } else {
                Answer::NotSent { why: "the lease has run out".to_owned() }
            };
            self.input(Input::Answered { number: sending.delivery.number, answer }, time);
        }
    }

    pub(super) fn incidents(&mut self) -> &Incidents {
        self.engine.incidents().expect("it judges")
    }
}
