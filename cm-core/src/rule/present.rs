//! The fleet as it is now, as a frame: values, limits, names and states. What was, and what will be, others put in.
//!
//! Values of what does not answer are not known. Things stay once they were seen, so that what is gone can be missed.

use std::any::Any;
use std::collections::HashMap;
use std::time::Duration;

use super::frame::{Frame, Place};
use super::label::LabelId;
use crate::catalogue::{self, Measured, Walker};
use crate::clock::{BootTime, Now, WallTime};
use crate::fleet::{Fleet, Good, HostState};
use crate::health::{Subject, SubjectKind};
use crate::host::HostId;
use crate::observation::LinkState;
use crate::report::backup::BackupReport;
use crate::report::service::{Filesystem, Service, ServiceReport};
use crate::report::smart::{Drive, Pool};
use crate::report::{Api, Report};
use crate::text::HostText;
use crate::verdict::{self, Policy};

/// A frame that follows a fleet.
#[derive(Debug, Clone, Default)]
pub struct Present {
    frame: Frame,
    hosts: HashMap<HostId, Place>,
    things: HashMap<(usize, Subject), Thing>,
}

#[derive(Debug, Clone, Copy)]
struct Thing {
    place: Place,
    /// When a host told of it last.
    listed: BootTime,
    api: Option<Api>,
}

impl Present {
    /// A frame of nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the frame one of this moment. `watching` tells for how long readings have been taken in without a break.
    ///
    /// Costs some 100 ns a sample.
    pub fn update(&mut self, fleet: &Fleet, now: Now, watching: Duration) {
        self.frame.renew(now.wall, watching);
        let mut told = HashMap::new();
        for host in fleet.hosts() {
            let id = &host.member.host.id;
            let frame = &mut self.frame;
            let place = *self.hosts.entry(id.clone()).or_insert_with(|| frame.host(host.member.host.clone()));
            self.links(fleet, host, place, now);
            for &api in &host.member.apis {
                let Some(good) = host.api(api).and_then(|state| state.last_good()) else { continue };
                let answers = fleet.link(host, api, now) == LinkState::Answering;
                self.report(&host.member.policy, good, place, answers);
                told.insert((place.index, api), good.at.boot);
            }
        }
        self.unlisted(&told);
    }

    /// The frame, to judge by.
    pub const fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The frame, to put more into it.
    pub const fn frame_mut(&mut self) -> &mut Frame {
        &mut self.frame
    }

    /// Where a thing of a host stands in the frame, if it was ever seen.
    pub fn place(&self, host: &HostId, subject: &Subject) -> Option<Place> {
        let host = self.hosts.get(host)?;
        if subject.kind == SubjectKind::Host {
            return Some(*host);
        }
        self.things.get(&(host.index, subject.clone())).map(|thing| thing.place)
    }

    /// Forgets a thing that its owner has taken away for good. It keeps its place, of which nothing is known any more.
    pub fn forget(&mut self, host: &HostId, subject: &Subject) {
        if let Some(host) = self.hosts.get(host) {
            self.things.remove(&(host.index, subject.clone()));
        }
    }

    fn thing(&mut self, host: Place, subject: Subject, api: Option<Api>, listed: BootTime) -> Place {
        if subject.kind == SubjectKind::Host {
            return host;
        }
        let frame = &mut self.frame;
        let thing = self.things.entry((host.index, subject)).or_insert_with_key(|(_, subject)| Thing {
            place: frame.thing(host, subject.clone()),
            listed,
            api,
        });
        thing.listed = listed;
        thing.place
    }

    fn links(&mut self, fleet: &Fleet, host: &HostState, place: Place, now: Now) {
        let state = fleet.host_link(host, now);
        // Nothing is known of one that has not been asked yet.
        if state != LinkState::Waiting {
            self.word("host.link", place, state.word());
        }
        if let (LinkState::Answering | LinkState::Stale, Some(ahead)) = (state, fleet.is_ahead(host)) {
            self.word("host.clock", place, if ahead { "ahead" } else { "right" });
        }
        for sample in fleet.link_samples(host, now) {
            let thing = self.thing(place, sample.subject, None, now.boot);
            if let Some(entry) = catalogue::by_id(sample.metric) {
                self.frame.set(entry.metric, thing, sample.value);
            }
        }
    }

    fn report(&mut self, policy: &Policy, good: &Good, host: Place, answers: bool) {
        let Good { report, at, .. } = good;
        let api = Some(report.api());
        let mut visit = Visit { present: self, policy, host, api, at: report.timestamp(), boot: at.boot, answers };
        catalogue::walk(report, &mut visit);
        if let (Report::Backup(report), true) = (report, answers) {
            for job in report.backups.iter().filter(|job| !job.name.is_empty()) {
                let subject = Subject::named(SubjectKind::Backup, job.name.clone());
                let place = self.thing(host, subject, api, at.boot);
                self.word("backup.state", place, verdict::job_state(job, report.timestamp).word());
            }
        }
    }

    /// For how long each host has told nothing of things of which it told before.
    fn unlisted(&mut self, told: &HashMap<(usize, Api), BootTime>) {
        for ((host, _), thing) in &self.things {
            if let Some(last) = thing.api.and_then(|api| told.get(&(*host, api))) {
                self.frame.set_unlisted(thing.place, last.since(thing.listed));
            }
        }
    }

    fn word(&mut self, label: &str, place: Place, word: &str) {
        self.words(label, place, &[HostText::from(word)]);
    }

    fn words(&mut self, label: &str, place: Place, texts: &[HostText]) {
        let label = LabelId::by_name(label).expect("it stands in the list");
        self.frame.set_words(label, place, texts);
    }

    fn drive(&mut self, drive: &Drive, place: Place) {
        self.word("drive.kind", place, drive.kind.word());
        if let Some(test) = drive.self_test {
            self.word("drive.self_test", place, test.word());
        }
        if let Some(power) = drive.power_state {
            self.word("drive.power", place, power.word());
        }
        let unreadable = drive.unreadable_reason.clone().unwrap_or_default();
        self.words("drive.unreadable", place, &[unreadable]);
        for (label, text) in [("drive.model", &drive.model), ("drive.label", &drive.label)] {
            self.text(label, place, text.as_ref());
        }
    }

    fn text(&mut self, label: &str, place: Place, text: Option<&HostText>) {
        if let Some(text) = text {
            self.words(label, place, std::slice::from_ref(text));
        }
    }

    fn service_report(&mut self, report: &ServiceReport, host: Place) {
        if let Some(reason) = report.boot_reason {
            self.word("host.boot_reason", host, reason.word());
        }
        let going: Vec<HostText> = report.going.iter().map(|going| going.word().into()).collect();
        self.words("host.going", host, &going);
        let busy: Vec<HostText> = report.activities.iter().map(|activity| activity.kind.word().into()).collect();
        self.words("host.activity", host, &busy);
        self.text("host.kernel", host, report.kernel.as_ref());
        self.text("host.os", host, report.os.as_ref());
    }

    /// What one part of a report is called and what state it is in.
    fn labels(&mut self, part: &dyn Any, place: Place) {
        if let Some(drive) = part.downcast_ref::<Drive>() {
            self.drive(drive, place);
        } else if let Some(pool) = part.downcast_ref::<Pool>() {
            self.word("pool.kind", place, pool.kind.word());
            self.word("pool.state", place, pool.state.word());
        } else if let Some(service) = part.downcast_ref::<Service>() {
            self.word("service.state", place, service.status.word());
            let kind = service.kind.map_or("unknown", |kind| kind.word());
            self.word("service.kind", place, kind);
        } else if let Some(filesystem) = part.downcast_ref::<Filesystem>() {
            self.text("filesystem.kind", place, filesystem.kind.as_ref());
            self.text("filesystem.device", place, filesystem.device.as_ref());
        } else if let Some(report) = part.downcast_ref::<ServiceReport>() {
            self.service_report(report, place);
        } else if let Some(report) = part.downcast_ref::<BackupReport>()
            && report.backups.is_empty()
        {
            self.word("backup.state", place, verdict::backup_state(report).word());
        }
    }
}

struct Visit<'v> {
    present: &'v mut Present,
    policy: &'v Policy,
    host: Place,
    api: Option<Api>,
    at: WallTime,
    boot: BootTime,
    answers: bool,
}

impl Walker for Visit<'_> {
    fn visit<T: Measured>(&mut self, part: &T) {
        let place = self.present.thing(self.host, part.subject(), self.api, self.boot);
        if !self.answers {
            return;
        }
        for reading in T::TABLES.iter().copied().flatten() {
            let metric = reading.entry.metric;
            let limits = self.policy.limits(metric.id).unwrap_or_else(|| reading.limits_for(part));
            self.present.frame.set_limits(metric, place, limits);
            if let Some(value) = reading.value(part, self.at) {
                self.present.frame.set(metric, place, value);
            }
        }
        self.present.labels(part, place);
    }
}

#[cfg(test)]
mod tests;
