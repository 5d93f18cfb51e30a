//! Days of the made-up fleet through the whole engine: of what is benign nothing is told, of what is not everything.
//!
//! `CM_ORDEAL` multiplies the days.

use std::collections::BTreeSet;

use super::world::{Receiver, judging};
use super::*;
use crate::report::service::ServiceStatus;
use crate::report::{Report, ServiceReport};

const EVERY: Duration = Duration::from_mins(10);

/// The made-up fleet, watched.
struct Days {
    program: Program,
    receiver: Receiver,
    /// Services that have failed.
    failed: BTreeSet<HostId>,
    _folder: tempfile::TempDir,
}

impl Days {
    fn new(demo: Demo) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let time = Time::new();
        let mut program = Program::new("one", &folder.path().join("history.db"), &time);
        program.demo = demo;
        let by = judging(true, &["phone"]);
        program.hand.judges(&by);
        let members = program.demo.hosts().iter().cloned().map(Member::new);
        let freshness = Freshness::for_interval(EVERY);
        program.engine = Engine::new(members, freshness, HostId::new("desk").unwrap(), "one").judging(by);
        Self { program, receiver: Receiver::default(), failed: BTreeSet::new(), _folder: folder }
    }

    fn go_on(&mut self, span: Duration) {
        for _ in 0..span.as_secs() / EVERY.as_secs() {
            let now = self.program.time.now();
            let hosts: Vec<HostId> = self.program.demo.hosts().iter().map(|host| host.id.clone()).collect();
            for host in hosts {
                for api in Api::ALL {
                    let outcome =
                        self.program.demo.report(&host, api, now.wall).map(|report| self.spoilt(&host, report));
                    let outcome = outcome.map_err(|kind| Failure { address: host.to_string(), kind });
                    let observation =
                        Observation { host: host.clone(), api, way: Way::Demo, at: now, took: Duration::ZERO, outcome };
                    self.program.input(Input::Observed(observation));
                }
            }
            self.program.time.pass(2);
            self.program.tick();
            for sending in std::mem::take(&mut self.program.messages) {
                let answer = self.receiver.take(&sending, self.program.time.now());
                self.program.input(Input::Answered { number: sending.delivery.number, answer });
            }
            self.program.time.pass(EVERY.as_secs() - 2);
        }
    }

    fn spoilt(&self, host: &HostId, report: Report) -> Report {
        match report {
            Report::Service(report) if self.failed.contains(host) => {
                let mut report = ServiceReport::clone(&report);
                report.services[0].status = ServiceStatus::Failed;
                Report::Service(Arc::new(report))
            }
            report => report,
        }
    }

    fn told(&self) -> Vec<&str> {
        self.receiver.arrived.iter().map(|one| one.words.as_str()).collect()
    }
}

fn days() -> u64 {
    std::env::var("CM_ORDEAL").ok().and_then(|factor| factor.parse().ok()).unwrap_or(1)
}

#[test]
fn of_a_calm_fleet_nothing_is_told_and_of_a_fault_in_it_one_message_and_its_end() {
    let mut world = Days::new(Demo::new(7, WallTime::from_millis(NEW_YEAR)).calm());
    world.go_on(Duration::from_hours(24) * u32::try_from(days()).unwrap());
    assert_eq!(world.told(), [] as [&str; 0]);
    world.failed.insert(srv01());
    world.go_on(Duration::from_hours(1));
    let told = world.told();
    assert!(told.len() == 1 && told[0].contains("has failed"), "{told:?}");
    world.failed.clear();
    world.go_on(Duration::from_hours(1));
    let told = world.told();
    assert!(told.len() == 2 && told[1].starts_with("Over"), "{told:?}");
}

#[test]
fn of_a_fleet_with_faults_those_are_told_and_nothing_of_the_hosts_that_are_well() {
    let mut world = Days::new(Demo::new(1, WallTime::from_millis(NEW_YEAR)));
    world.go_on(Duration::from_hours(12) * u32::try_from(days()).unwrap());
    let about: BTreeSet<String> = world
        .program
        .engine
        .incidents()
        .unwrap()
        .open()
        .filter(|open| open.severity > crate::severity::Severity::Note && open.fired.is_some())
        .map(|open| open.key.to_string())
        .collect();
    let told = world.told().join("\n");
    for well in ["srv01", "cmbox", "steambox"] {
        assert!(!about.iter().any(|key| key.contains(well)), "{about:?}\n{told}");
    }
    assert!(told.contains("backup"), "simonbox' backup is late: {told}");
    assert!(world.receiver.arrived.len() <= 12 * usize::try_from(days()).unwrap(), "{told}");
}
