//! From a fleet to rows: one row a host, drive, service, backup or sample.

use std::sync::LazyLock;

use cm_core::catalogue::{self, Measured};
use cm_core::clock::{Now, WallTime};
use cm_core::fleet::{ApiState, Fleet, HostState};
use cm_core::health::Verdict;
use cm_core::report::backup::BackupReport;
use cm_core::report::{Api, ServiceReport};
use cm_core::verdict;

use super::fact::{self, About, Fact};
use super::figure::{self, FIGURES};
use super::{Column, Kind, Row, Sheet, Value};
use crate::request::What;

/// The columns of a command, whatever the fleet.
pub fn columns(what: What) -> Vec<Column> {
    match what {
        What::Status => {
            let figures = FIGURES.iter().map(|figure| Column {
                name: figure.name.to_owned(),
                head: figure.head.to_owned(),
                help: figure.help.to_owned(),
                kind: figure.kind(),
                metric: Some(figure.metric_id()),
            });
            facts(fact::STATUS).chain(figures).chain(facts(fact::STATUS_END)).collect()
        }
        What::Hosts => facts(fact::HOST).chain(readings::<ServiceReport>()).collect(),
        What::Drives => facts(fact::DRIVE).chain(readings::<cm_core::report::smart::Drive>()).collect(),
        What::Services => facts(fact::SERVICE).chain(readings::<cm_core::report::service::Service>()).collect(),
        What::Backups => facts(fact::BACKUP).chain(readings::<BackupReport>()).collect(),
        What::Metrics => SAMPLE
            .iter()
            .map(|(name, head, help, kind)| Column {
                name: (*name).to_owned(),
                head: (*head).to_owned(),
                help: (*help).to_owned(),
                kind: *kind,
                metric: None,
            })
            .collect(),
    }
}

fn facts<T>(facts: &'static [Fact<T>]) -> impl Iterator<Item = Column> {
    facts.iter().map(|fact| Column {
        name: fact.name.to_owned(),
        head: fact.head.to_owned(),
        help: fact.help.to_owned(),
        kind: fact.kind,
        metric: None,
    })
}

fn readings<T: Measured>() -> impl Iterator<Item = Column> {
    T::TABLES.iter().copied().flatten().map(|reading| {
        let metric = reading.entry.metric;
        Column {
            name: metric.column(),
            head: metric.label.to_owned(),
            help: metric.help.to_owned(),
            kind: Kind::Reading(metric.unit),
            metric: Some(metric.id),
        }
    })
}

/// The columns of `metrics`: name, head, help, kind.
const SAMPLE: [(&str, &str, &str, Kind); 8] = [
    ("host", "host", "The host's name.", Kind::Text),
    ("metric", "metric", "The metric's permanent name.", Kind::Text),
    ("subject_kind", "of", "What sort of thing it was measured on.", Kind::Word),
    ("subject", "subject", "Which one; empty for the host and its backup.", Kind::Text),
    ("identity", "identity", "Which one for good: a drive's serial number.", Kind::Text),
    ("value", "value", "The value.", Kind::Number),
    ("unit", "unit", "What it counts in.", Kind::Word),
    ("at", "at", "When it was measured, by the host's clock.", Kind::Time),
];

/// All rows of a command.
pub fn sheet(what: What, fleet: &Fleet, now: Now) -> Sheet {
    let mut rows = Vec::new();
    for host in fleet.hosts() {
        match what {
            What::Status => rows.push(status(fleet, host, now)),
            What::Hosts => rows.push(machine(fleet, host, now)),
            What::Drives => drives(fleet, host, now, &mut rows),
            What::Services => services(fleet, host, now, &mut rows),
            What::Backups => rows.extend(backup(fleet, host, now)),
            What::Metrics => samples(fleet, host, now, &mut rows),
        }
    }
    Sheet { columns: columns(what), rows }
}

fn status(fleet: &Fleet, host: &HostState, now: Now) -> Row {
    let verdict = fleet.verdict(host, now);
    let about = About {
        host,
        now,
        link: fleet.host_link(host, now),
        age: host.age(now),
        health: verdict.health,
        reasons: &verdict.reasons,
        told: true,
    };
    let mut cells: Vec<_> = fact::STATUS.iter().map(|fact| (fact.value)(&about, &())).collect();
    cells.extend(figure::figures(fleet, host, now));
    cells.extend(fact::STATUS_END.iter().map(|fact| (fact.value)(&about, &())));
    Row { host: Some(host.member.host.id.clone()), health: verdict.health, cells }
}

fn machine(fleet: &Fleet, host: &HostState, now: Now) -> Row {
    static UNTOLD: LazyLock<ServiceReport> = LazyLock::new(ServiceReport::default);
    let verdict = fleet.verdict(host, now);
    let report = host.service();
    let about = About {
        host,
        now,
        link: fleet.host_link(host, now),
        age: host.age(now),
        health: verdict.health,
        reasons: &verdict.reasons,
        told: report.is_some(),
    };
    let report = report.unwrap_or(&UNTOLD);
    row(&about, report, report.timestamp, fact::HOST)
}

/// What is known around the parts of one report of a host.
fn around<'a>(fleet: &Fleet, host: &'a HostState, api: Api, now: Now, verdict: &'a Verdict) -> About<'a> {
    let good = host.api(api).and_then(ApiState::last_good);
    About {
        host,
        now,
        link: fleet.link(host, api, now),
        age: good.map(|good| now.boot.since(good.at.boot)),
        health: verdict.health,
        reasons: &verdict.reasons,
        told: true,
    }
}

fn drives(fleet: &Fleet, host: &HostState, now: Now, rows: &mut Vec<Row>) {
    let Some(report) = host.smart() else { return };
    for drive in &report.drives {
        let verdict = verdict::drive(drive, report.timestamp, &host.member.policy);
        rows.push(row(&around(fleet, host, Api::Smart, now, &verdict), drive, report.timestamp, fact::DRIVE));
    }
}

fn services(fleet: &Fleet, host: &HostState, now: Now, rows: &mut Vec<Row>) {
    let Some(report) = host.service() else { return };
    for service in &report.services {
        let verdict = verdict::service(service, report.timestamp, &host.member.policy);
        rows.push(row(&around(fleet, host, Api::Service, now, &verdict), service, report.timestamp, fact::SERVICE));
    }
}

fn backup(fleet: &Fleet, host: &HostState, now: Now) -> Option<Row> {
    let report = host.backup()?;
    let verdict = verdict::backup(report, &host.member.policy);
    Some(row(&around(fleet, host, Api::Backup, now, &verdict), report, report.timestamp, fact::BACKUP))
}

fn row<T: Measured>(about: &About<'_>, part: &T, at: WallTime, facts: &'static [Fact<T>]) -> Row {
    let mut cells: Vec<_> = facts.iter().map(|fact| (fact.value)(about, part)).collect();
    cells.extend(T::TABLES.iter().copied().flatten().map(|reading| {
        let value = reading.value(part, at).filter(|_| about.told);
        Value::reading(value, reading.entry.metric.unit)
    }));
    Row { host: Some(about.host.member.host.id.clone()), health: about.health, cells }
}

fn samples(fleet: &Fleet, host: &HostState, now: Now, rows: &mut Vec<Row>) {
    let health = fleet.verdict(host, now).health;
    let id = &host.member.host.id;
    for sample in fleet.samples(host, now) {
        let Some(entry) = catalogue::by_id(sample.metric) else { continue };
        let metric = entry.metric;
        let cells = vec![
            Value::name(id.as_str()),
            Value::name(metric.name),
            Value::Word(sample.subject.kind.word()),
            Value::text(Some(&sample.subject.name)),
            Value::text(sample.subject.identity.as_ref()),
            Value::Reading(sample.value, metric.unit),
            Value::Word(metric.unit.word()),
            Value::Time(sample.at),
        ];
        rows.push(Row { host: Some(id.clone()), health, cells });
    }
}
