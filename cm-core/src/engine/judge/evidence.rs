//! What was known when an incident fired: the last lines of a unit that failed, who used most, what went on, what else
//! changed in the hour before, what is usual; and, asked of the history, the values before.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::time::Duration;

use super::Judge;
use crate::catalogue::Measured;
use crate::clock::{BootTime, Now};
use crate::engine::past::asked::{Asked, What};
use crate::fleet::{Fleet, HostState};
use crate::health::{Subject, SubjectKind};
use crate::host::HostId;
use crate::incident::evidence::{MOST_LINES, Point, Usual};
use crate::incident::{Evidence, Incident, IncidentId, Incidents, Key};
use crate::metric::Metric;
use crate::report::service::{Activity, Process};
use crate::rule::{Body, Need};
use crate::series::Entity;
use crate::store::tell::Said;
use crate::text::HostText;
use crate::unit::human;

/// How far back changes are looked for.
const BACK: Duration = Duration::from_hours(1);

/// The most changes that are remembered of a host.
const MOST: usize = 64;

/// The most things of which is remembered that something was said.
const MOST_KNOWN: usize = 50_000;

/// The most incidents that wait for their values.
const MOST_WANTED: usize = 256;

/// What is worth naming where it changes.
const WORDS: [&str; 7] = ["state", "kernel", "os", "firmware", "agent", "going", "self_test"];

/// The words of hosts that changed lately.
#[derive(Debug, Default)]
pub(super) struct Changes {
    lately: BTreeMap<HostId, VecDeque<(BootTime, HostText)>>,
    /// What was said at all: that it is said for the first time is no change.
    known: BTreeSet<(HostId, String)>,
}

impl Changes {
    /// Takes in words that are new.
    pub(super) fn note(&mut self, host: &HostId, said: &[Said], now: BootTime) {
        for said in said.iter().filter(|said| WORDS.contains(&said.what.as_str())) {
            let of = match &said.entity {
                Entity::Drive(identity) => format!("drive {}: {}", identity.raw(), said.what),
                Entity::Host(_) => format!("{}: {}", said.subject, said.what),
            };
            if self.known.len() >= MOST_KNOWN {
                self.known.clear();
            }
            if self.known.insert((host.clone(), of.clone())) || said.text.is_empty() {
                continue;
            }
            let lately = self.lately.entry(host.clone()).or_default();
            if lately.len() >= MOST {
                lately.pop_front();
            }
            lately.push_back((now, HostText::new(format!("{of} {}", said.text.raw()))));
        }
    }

    fn of(&self, host: &HostId, now: BootTime) -> Vec<HostText> {
        let lately = self.lately.get(host).into_iter().flatten().rev();
        let recent = lately.filter(|(at, _)| now.since(*at) <= BACK).take(MOST_LINES);
        let line = |(at, text): &(BootTime, HostText)| {
            HostText::new(format!("{} before: {}", human::span(now.since(*at).as_secs_f64()), text.raw()))
        };
        recent.map(line).collect()
    }
}

/// Values that are still to be put to incidents.
#[derive(Debug, Default)]
pub(super) struct Wanted(Vec<(Asked, IncidentId)>);

impl Wanted {
    /// Takes out some of what is to be asked; each is [answered](Self::answered), or asked again.
    pub(super) fn ask(&self) -> Vec<Asked> {
        self.0.iter().take(4).map(|(asked, _)| asked.clone()).collect()
    }

    pub(super) fn answered(&mut self, asked: &Asked, samples: Vec<Point>, incidents: &mut Incidents) {
        let Some(place) = self.0.iter().position(|(wanted, _)| wanted == asked) else { return };
        let (_, id) = self.0.remove(place);
        let Some(evidence) = incidents.get(id).and_then(|incident| incident.evidence.clone()) else { return };
        incidents.attach(id, Evidence { samples, ..evidence });
    }
}

/// Puts what is known now to an incident that fires.
pub(super) fn attach(judge: &mut Judge, id: IncidentId, fleet: &Fleet, now: Now) {
    let Some(incident) = judge.incidents.get(id).cloned() else { return };
    let mut evidence = Evidence { at: now.wall, ..Evidence::default() };
    if let Some(host) = incident.key.host.as_ref().and_then(|host| fleet.host(host)) {
        let host_id = &host.member.host.id;
        evidence.changes = judge.changes.of(host_id, now.boot);
        of_host(&mut evidence, &incident, host);
        if let Some((subject, metric)) = metric(judge, &incident, host) {
            let band = judge.past.usual(host_id, &subject, metric.id);
            evidence.usual = band.map(|band| Usual { low: band.low, high: band.high });
            let asked = Asked { host: host_id.clone(), subject, metric: metric.id, what: What::Samples };
            if judge.wanted.0.len() < MOST_WANTED {
                judge.wanted.0.push((asked, id));
            }
        }
    }
    judge.incidents.attach(id, evidence);
}

fn of_host(evidence: &mut Evidence, incident: &Incident, host: &HostState) {
    let Some(report) = host.service() else { return };
    evidence.activities = report.activities.iter().map(activity).collect();
    evidence.processes = report.processes.iter().map(process).collect();
    let key = &incident.key;
    if key.subject.kind == SubjectKind::Service
        && let Some(service) = report.services.iter().find(|service| service.subject() == key.subject)
    {
        evidence.log.clone_from(&service.log);
    }
}

fn activity(activity: &Activity) -> HostText {
    let name = activity.name.as_ref().map(HostText::raw).unwrap_or_default();
    HostText::new(format!("{} {name}", activity.kind.word()).trim_end().to_owned())
}

fn process(process: &Process) -> HostText {
    let mut text = process.name.raw().to_owned();
    let mut say = |what: std::fmt::Arguments<'_>| {
        // A text takes all that is written to it.
        let _ = text.write_fmt(what);
    };
    if let Some(unit) = &process.unit {
        say(format_args!(" ({})", unit.raw()));
    }
    if let Some(cpu) = process.cpu_percent {
        say(format_args!(", processor {cpu}"));
    }
    if let Some(memory) = process.memory_mb {
        say(format_args!(", memory {memory}"));
    }
    HostText::new(text)
}

/// The metric that an incident is about, and the thing under the name that it has now.
fn metric<'j>(judge: &'j Judge, incident: &Incident, host: &HostState) -> Option<(Subject, Metric<'j>)> {
    let measure = incident.latest.measure?;
    let rule = judge.options.rules.rule(incident.key.rule())?;
    let of_need = |need: &Need| match need {
        Need::Now(metric) | Need::Window { metric, .. } => judge.options.registry.get(*metric),
        _ => None,
    };
    let own = &incident.key.subject;
    let metric = rule
        .bodies()
        .flat_map(Body::needs)
        .filter_map(of_need)
        .find(|metric| metric.subject == own.kind && metric.unit == measure.unit)?;
    if own.identity.is_none() {
        return Some((own.clone(), metric));
    }
    let names = host.smart()?.drives.iter().map(Measured::subject);
    let subject = names.into_iter().find(|subject| Key::new("", None, subject.clone()).subject == *own)?;
    Some((subject, metric))
}
