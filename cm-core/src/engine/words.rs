//! What a report says in words: states, messages, versions. Figures are samples.
//!
//! It names them; which of them have changed is for another to find.

use crate::catalogue::Measured as _;
use crate::health::{Subject, SubjectKind};
use crate::host::HostId;
use crate::metric::MetricId;
use crate::report::{BackupReport, Report, ServiceReport, SmartReport};
use crate::series::{Entity, SeriesKey};
use crate::store::tell::BackupRun;
use crate::text::HostText;

/// Words of one subject of a host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) entity: Entity,
    pub(super) subject: String,
    pub(super) what: &'static str,
}

/// All words of a report with where they belong, a state before its message.
pub(super) fn of(host: &HostId, report: &Report) -> Vec<(Place, HostText)> {
    let mut words = Words { host, told: Vec::new() };
    match report {
        Report::Smart(report) => words.smart(report),
        Report::Service(report) => words.service(report),
        Report::Backup(report) => words.backup(report),
    }
    words.told
}

/// The backup runs that a report tells of. The report's own are those of the one backup of a host that has no others.
pub(super) fn runs(host: &HostId, report: &BackupReport) -> Vec<BackupRun> {
    let run = |job: &HostText, run| BackupRun { host: host.clone(), job: job.clone(), run };
    if report.backups.is_empty() {
        let none = HostText::default();
        return report.backup.history.iter().map(|one| run(&none, one.clone())).collect();
    }
    report.backups.iter().flat_map(|job| job.history.iter().map(move |one| run(&job.name, one.clone()))).collect()
}

struct Words<'w> {
    host: &'w HostId,
    told: Vec<(Place, HostText)>,
}

impl Words<'_> {
    fn say(&mut self, subject: &Subject, what: &'static str, text: HostText) {
        let key = SeriesKey::about(self.host, subject, MetricId(0));
        self.told.push((Place { subject: key.subject_text(), entity: key.entity, what }, text));
    }

    fn word(&mut self, subject: &Subject, what: &'static str, word: &'static str) {
        self.say(subject, what, HostText::new(word));
    }

    fn text(&mut self, subject: &Subject, what: &'static str, text: Option<&HostText>) {
        if let Some(text) = text {
            self.say(subject, what, text.clone());
        }
    }

    /// A message that may go away: that it has is told by an empty one.
    fn message(&mut self, subject: &Subject, text: Option<&HostText>) {
        self.say(subject, "message", text.cloned().unwrap_or_default());
    }

    fn smart(&mut self, report: &SmartReport) {
        self.word(&Subject::named(SubjectKind::Api, "smart".into()), "state", report.status.word());
        for drive in &report.drives {
            let subject = drive.subject();
            self.text(&subject, "firmware", drive.firmware.as_ref());
            if let Some(passed) = drive.smart_passed {
                self.word(&subject, "state", if passed { "passed" } else { "failed" });
            }
            if let Some(test) = drive.self_test {
                self.word(&subject, "self_test", test.word());
            }
            self.message(&subject, drive.unreadable_reason.as_ref());
        }
        for pool in &report.pools {
            self.word(&pool.subject(), "state", pool.state.word());
        }
    }

    fn service(&mut self, report: &ServiceReport) {
        let host = Subject::host();
        self.text(&host, "kernel", report.kernel.as_ref());
        self.text(&host, "os", report.os.as_ref());
        self.text(&host, "agent", report.agent_version.as_ref());
        if let Some(reason) = report.boot_reason {
            self.word(&host, "boot_reason", reason.word());
        }
        self.word(&host, "going", report.going.map_or("", |going| going.word()));
        for service in &report.services {
            let subject = service.subject();
            self.word(&subject, "state", service.status.word());
            // The last lines of one that failed say why.
            let why = service.log.last().filter(|_| !matches!(service.status.word(), "running" | "stopped"));
            self.message(&subject, why);
        }
    }

    fn backup(&mut self, report: &BackupReport) {
        let subject = report.subject();
        self.word(&subject, "state", report.overall_status.word());
        self.message(&subject, report.service.last_message.as_ref());
        for job in report.backups.iter().filter(|job| !job.name.is_empty()) {
            let subject = Subject::named(SubjectKind::Backup, job.name.clone());
            self.word(&subject, "state", job.state.word());
            self.message(&subject, job.message.as_ref());
        }
    }
}
