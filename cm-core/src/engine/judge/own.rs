//! What the watcher finds of itself: how recording goes, that it is cut off from all that it watches, that a channel takes
//! nothing. No rule can say these of all hosts at once; they are incidents like any other.

use std::time::Duration;

use super::Judge;
use super::look::{Found, Saw};
use crate::catalogue::{self, Recording};
use crate::clock::{BootTime, Now};
use crate::engine::past::Past;
use crate::fleet::Fleet;
use crate::health::{Subject, SubjectKind};
use crate::host::{Host, HostId};
use crate::incident::{About, Basis, Finding, Key, Severity, Terms};
use crate::metric::Sample;
use crate::observation::LinkState;
use crate::outbox::Failing;
use crate::outbox::channel::DOWN;
use crate::registry::Registry;
use crate::rule::{Frame, Place, Present};
use crate::text::HostText;

/// The rule under which a watcher that is itself cut off is an incident.
pub(super) const CUT_OFF: &str = "watcher.cut-off";

/// From how many silent hosts on it is likelier that the watcher is cut off than that all of them are down.
const FROM_HOSTS: usize = 2;

/// How often the figures of recording are taken in.
const MEASURE_EVERY: Duration = Duration::from_secs(10);

/// How recording itself goes, and on which machine.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct OwnFigures<'t> {
    pub(in crate::engine) host: &'t HostId,
    pub(in crate::engine) tally: &'t Recording,
}

/// Where the figures of recording itself stand in the frame.
#[derive(Debug, Default)]
pub(super) struct Own {
    place: Option<(HostId, Place)>,
    measured: Option<BootTime>,
}

impl Own {
    /// Takes in how recording goes, for windows.
    pub(super) fn measure(&mut self, figures: OwnFigures<'_>, past: &mut Past, now: Now) {
        if self.measured.is_none_or(|last| now.boot.since(last) >= MEASURE_EVERY) {
            self.measured = Some(now.boot);
            let samples: Vec<Sample> = catalogue::samples_of(figures.tally, now.wall).collect();
            past.push(figures.host, &samples);
        }
    }

    /// Puts how recording goes into a frame.
    pub(super) fn put(&mut self, figures: OwnFigures<'_>, present: &mut Present, registry: &Registry) {
        let OwnFigures { host, tally } = figures;
        if self.place.is_none() {
            let known = present.place(host, &Subject::host());
            let frame = present.frame_mut();
            let whose = known.unwrap_or_else(|| frame.host(Host::new(host.clone())));
            self.place = Some((host.clone(), frame.thing(whose, history())));
        }
        let Some((_, place)) = self.place else { return };
        let frame: &mut Frame = present.frame_mut();
        for sample in catalogue::samples_of(tally, frame.at()) {
            if let Some(metric) = registry.get(sample.metric) {
                frame.set(metric, place, sample.value);
            }
        }
    }

    pub(super) fn place(&self, host: &HostId, subject: &Subject) -> Option<Place> {
        let (own, place) = self.place.as_ref()?;
        (own == host && subject.kind == SubjectKind::History).then_some(*place)
    }
}

fn history() -> Subject {
    Subject { kind: SubjectKind::History, name: HostText::default(), identity: None }
}

/// Whether a key is one of these.
pub(super) fn is_own(key: &Key) -> bool {
    key.host.is_none() && matches!(key.rule(), DOWN | CUT_OFF)
}

/// What the watcher finds of itself.
pub(super) fn all(judge: &Judge, fleet: &Fleet, gap: Duration, now: Now) -> Vec<Found> {
    let mut found = vec![cut_off(judge, fleet, gap, now)];
    let failing = judge.outbox.failing();
    found.extend(failing.iter().map(|failing| down(failing, gap)));
    for key in judge.incidents.keys().filter(|key| key.host.is_none() && key.rule() == DOWN) {
        if failing.iter().any(|failing| failing.channel.as_str() == key.subject.name.raw()) {
            continue;
        }
        found.push(Found { key: key.clone(), terms: channel_terms(gap), saw: Saw::Clear });
    }
    found
}

/// That no host answers any more, whatever is wrong with each.
fn cut_off(judge: &Judge, fleet: &Fleet, gap: Duration, now: Now) -> Found {
    let watcher = judge.options.around.watcher.as_ref();
    let others = fleet.hosts().iter().filter(|host| Some(&host.member.host.id) != watcher);
    let links = others.map(|host| fleet.host_link(host, now));
    let told: Vec<LinkState> = links.filter(|link| !matches!(link, LinkState::Off | LinkState::Waiting)).collect();
    let silent = told.iter().filter(|link| **link == LinkState::Unreachable).count();
    let saw = if silent < told.len() {
        Saw::Clear
    } else if silent < FROM_HOSTS {
        Saw::Absent
    } else {
        Saw::Holds(Box::new(Finding {
            severity: Severity::Critical,
            basis: Basis::Lapse,
            measure: None,
            name: HostText::default(),
            text: HostText::new(format!("none of the {silent} hosts answers: this machine is probably cut off")),
            next: "Look at this machine's own network: its cable, its router, `ip route`.".into(),
            runbook: String::new(),
        }))
    };
    let terms = Terms {
        hold: Duration::from_secs(45),
        clear: Duration::from_secs(10),
        gap,
        about: About::CutOff,
        ..Terms::default()
    };
    Found { key: Key::new(CUT_OFF, None, Subject::host()), terms, saw }
}

fn down(failing: &Failing, gap: Duration) -> Found {
    let name = HostText::new(failing.channel.as_str());
    let finding = Finding {
        severity: Severity::Warning,
        basis: Basis::Reading,
        measure: None,
        name: name.clone(),
        text: HostText::new(format!("the channel {} takes no message: {}", failing.channel, failing.why)),
        next: HostText::new(format!("`cm-notify test {}` says what is wrong.", failing.channel)),
        runbook: String::new(),
    };
    let subject = Subject { kind: SubjectKind::Host, name, identity: None };
    Found { key: Key::new(DOWN, None, subject), terms: channel_terms(gap), saw: Saw::Holds(Box::new(finding)) }
}

fn channel_terms(gap: Duration) -> Terms {
    Terms { hold: Duration::from_mins(2), gap, ..Terms::default() }
}
