//! What a round of rules costs: 1,000 rules over 200 hosts with 80 series each. The goal is under 20 ms.
//!
//! `judge` is the judging alone; `round` fills every column first, windows as sums that are at hand; `built-in` judges
//! with the built-in rules; `read` reads and checks the 1,000 rules.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

use cm_core::clock::WallTime;
use cm_core::health::{Subject, SubjectKind};
use cm_core::host::{Host, HostId, Role};
use cm_core::metric::Metric;
use cm_core::registry::Registry;
use cm_core::rule::{Frame, LabelId, Need, Place, RuleFile, RuleSet, Seen};
use criterion::{Criterion, criterion_group, criterion_main};

const HOSTS: usize = 200;
const RULES: usize = 1_000;

/// 48 of the host, 4 drives with 5 each, 6 services with 2 each: 80.
const OF_THE_HOST: usize = 48;
const OF_A_DRIVE: [&str; 5] =
    ["drive.wear", "drive.temperature", "drive.media_errors", "drive.written", "drive.power_on"];
const OF_A_SERVICE: [&str; 2] = ["service.memory_use", "service.restarts"];
const DRIVES: usize = 4;
const SERVICES: usize = 6;

struct Fleet {
    registry: Registry,
    frame: Frame,
    places: Vec<Place>,
}

impl Fleet {
    fn new() -> Self {
        let mut frame = Frame::new(WallTime::from_secs(1_766_000_000), Duration::from_hours(1));
        let mut places = Vec::new();
        for at in 0..HOSTS {
            let role = Role::new(["server", "lab", "gaming"][at % 3]).ok();
            let host = Host { role, ..Host::new(HostId::new(&format!("host{at}")).expect("a name")) };
            let host = frame.host(host);
            places.push(host);
            for drive in 0..DRIVES {
                let subject = Subject::named(SubjectKind::Drive, format!("nvme{drive}n1").into());
                places.push(frame.thing(host, subject));
            }
            for service in 0..SERVICES {
                let subject = Subject::named(SubjectKind::Service, format!("service{service}").into());
                places.push(frame.thing(host, subject));
            }
        }
        Self { registry: Registry::default(), frame, places }
    }

    /// Every series of the fleet.
    fn metrics(&self, kind: SubjectKind) -> Vec<Metric<'_>> {
        let named = |names: &[&str]| {
            names.iter().map(|name| self.registry.by_name(name).expect("it is in the catalogue")).collect()
        };
        match kind {
            SubjectKind::Drive => named(&OF_A_DRIVE),
            SubjectKind::Service => named(&OF_A_SERVICE),
            kind => self.registry.iter().filter(|metric| metric.subject == kind).take(OF_THE_HOST).collect(),
        }
    }

    fn fill(&mut self, needs: &[Need]) -> usize {
        let registry = Registry::default();
        self.frame.renew(WallTime::from_secs(1_766_000_005), Duration::from_hours(1));
        let state = LabelId::by_name("service.state").expect("a label");
        let running = [cm_core::text::HostText::from("running")];
        let mut series = 0;
        let of: Vec<(SubjectKind, Vec<Metric<'_>>)> = [SubjectKind::Host, SubjectKind::Drive, SubjectKind::Service]
            .map(|kind| {
                let known = Self { registry: Registry::default(), frame: Frame::default(), places: Vec::new() };
                let ids: Vec<_> = known.metrics(kind).iter().map(|metric| metric.id).collect();
                (kind, ids.into_iter().filter_map(|id| registry.get(id)).collect())
            })
            .into();
        for (at, place) in self.places.iter().enumerate() {
            let (_, metrics) = of.iter().find(|(kind, _)| *kind == place.kind).expect("one of the three");
            for metric in metrics {
                // Some of it holds for some.
                let value = ((at * 7 + series) % 53) as f64;
                self.frame.set(*metric, *place, value);
                series += 1;
            }
            if place.kind == SubjectKind::Service {
                self.frame.set_words(state, *place, &running);
            }
        }
        for need in needs {
            let Need::Window { metric, length } = *need else { continue };
            let metric = registry.get(metric).expect("it is in the catalogue");
            for place in self.places.iter().filter(|place| place.kind == metric.subject) {
                let seen =
                    Seen { count: 120, least: 1.0, greatest: 40.0, sum: 2_400.0, span_s: 600.0, ..Seen::default() };
                self.frame.set_window(metric, length, *place, seen);
            }
        }
        series
    }

    /// Rules as owners write them: a limit, two of them, a window, a name, a state.
    fn rules(&self) -> String {
        let of = |kind| -> Vec<String> {
            let plain = |metric: &&Metric<'_>| metric.unit.word() == "percent" || metric.unit.word() == "count";
            self.metrics(kind).iter().filter(plain).map(|metric| metric.name.to_owned()).collect()
        };
        let hosts = of(SubjectKind::Host);
        let drives: Vec<String> = vec!["drive.media_errors".into(), "drive.wear".into()];
        let unit = |name: &str| {
            if self.registry.by_name(name).expect("known").unit.word() == "percent" { " %" } else { "" }
        };
        let gauge = |name: &str| self.registry.by_name(name).expect("known").kind == cm_core::metric::Kind::Gauge;
        let mut text = String::new();
        for at in 0..RULES {
            let host = &hosts[at % hosts.len()];
            let other = &hosts[(at * 13 + 1) % hosts.len()];
            let drive = &drives[at % drives.len()];
            let limit = 51 + at % 40;
            let when = match at % 6 {
                0 => format!("{drive} > {limit}{}", unit(drive)),
                1 => format!("{host} > {limit}{} and {other} > 10{}", unit(host), unit(other)),
                2 if gauge(host) => format!("avg({host}, 10m) > {limit}{}", unit(host)),
                2 => format!("delta({host}, 10m) > {limit}"),
                3 => format!("host in (\"host1*\", \"nas\") and {host} > {limit}{}", unit(host)),
                4 => "service.state == \"failed\" or service.memory_use > 90 %".to_owned(),
                _ => format!("drive.temperature > {limit} C and role == \"server\" or drive.wear * 2 > 190 %"),
            };
            let _ = write!(text, "rule own-{at}\n  when {when}\n  text \"it is so\"\n");
        }
        text
    }
}

fn round(c: &mut Criterion) {
    let mut fleet = Fleet::new();
    let file = [RuleFile { path: "own.rules".into(), text: fleet.rules() }];
    let registry = Registry::default();
    let (rules, problems) = RuleSet::of(&file, &registry);
    assert!(problems.is_empty(), "{problems}");
    assert_eq!(rules.rules().len(), RULES);
    let series = fleet.fill(rules.needs());
    assert_eq!(series, HOSTS * 80);
    let judged = rules.judge(&fleet.frame);
    assert_eq!(judged.iter().map(|one| one.standings.len()).sum::<usize>(), 565_800, "questions a round");
    assert!(judged.iter().any(|one| one.holding().next().is_some()), "some of it holds");
    let mut group = c.benchmark_group("rule");
    group.bench_function("judge", |b| b.iter(|| black_box(rules.judge(black_box(&fleet.frame)))));
    group.bench_function("round", |b| {
        b.iter(|| {
            fleet.fill(rules.needs());
            black_box(rules.judge(black_box(&fleet.frame)));
        });
    });
    let built_in = RuleSet::built_in(&registry);
    fleet.fill(built_in.needs());
    group.bench_function("built-in", |b| b.iter(|| black_box(built_in.judge(black_box(&fleet.frame)))));
    group.bench_function("read", |b| b.iter(|| black_box(RuleSet::of(black_box(&file), &registry))));
    group.finish();
}

criterion_group!(benches, round);
criterion_main!(benches);
