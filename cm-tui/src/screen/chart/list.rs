//! What can be seen as a chart: the gauges that a host tells of, and which of them stands for a thing.

use cm_core::catalogue::{self, Measured, Walker};
use cm_core::clock::WallTime;
use cm_core::fleet::HostState;
use cm_core::health::{Subject, SubjectKind};
use cm_core::metric::MetricId;
use cm_core::report::{Api, Report};

use crate::history::Of;
use crate::recent;

/// What stands for a thing of a kind, where it tells of that.
const FIRST: &[(SubjectKind, &str)] = &[
    (SubjectKind::Host, "cpu.use"),
    (SubjectKind::Drive, "drive.temperature"),
    (SubjectKind::Filesystem, "filesystem.use"),
    (SubjectKind::Interface, "network.receive_rate"),
    (SubjectKind::Gpu, "gpu.load"),
    (SubjectKind::Service, "service.memory"),
];

struct Collecting<'h> {
    host: &'h HostState,
    at: WallTime,
    found: Vec<Of>,
}

impl Walker for Collecting<'_> {
    fn visit<T: Measured>(&mut self, part: &T) {
        let subject = part.subject();
        for reading in T::TABLES.iter().copied().flatten().filter(|reading| recent::is_drawn(&reading.entry)) {
            if reading.value(part, self.at).is_some() {
                let (host, metric) = (self.host.member.host.id.clone(), reading.entry.metric.id);
                self.found.push(Of { host, subject: subject.clone(), metric });
            }
        }
    }
}

/// Everything of a host that has a course, in the order in which it tells of it.
pub(super) fn of_host(host: &HostState) -> Vec<Of> {
    let mut collecting = Collecting { host, at: WallTime::default(), found: Vec::new() };
    let reports = Api::ALL.into_iter().filter_map(|api| Some(&host.api(api)?.last_good()?.report));
    for report in reports {
        let report: &Report = report;
        collecting.at = report.timestamp();
        catalogue::walk(report, &mut collecting);
    }
    collecting.found
}

/// The course that stands for a thing: that of `wanted`, else of what is looked at first in its kind, else any.
pub(super) fn first(host: &HostState, subject: &Subject, wanted: Option<MetricId>) -> Option<Of> {
    let all = of_host(host);
    let usual = FIRST.iter().find(|(kind, _)| *kind == subject.kind).and_then(|(_, name)| catalogue::by_name(name));
    let usual = usual.map(|entry| entry.metric.id);
    let mine = || all.iter().filter(|of| of.subject.kind == subject.kind && of.subject.name == subject.name);
    let named = |metric: Option<MetricId>| mine().find(|of| Some(of.metric) == metric);
    named(wanted).or_else(|| named(usual)).or_else(|| mine().next()).cloned()
}
