use std::sync::Arc;

use cm_model::clock::WallTime;
use cm_model::host::Expected;
use cm_model::observation::{FailureKind, Way};
use cm_model::report::service::Going;
use cm_model::report::{Status, smart};

use super::*;

const START: i64 = 1_766_000_000;

fn at(seconds: u64) -> Now {
    let start = Now { wall: WallTime::from_secs(START), ..Now::default() };
    start.after(Duration::from_secs(seconds))
}

fn id() -> HostId {
    HostId::new("srv01").unwrap()
}

fn fleet(host: Host, apis: &[Api]) -> Fleet {
    Fleet::new([Member { apis: apis.to_vec(), ..Member::new(host) }], Freshness::for_interval(Duration::from_secs(5)))
}

fn answer(now: Now, dated: i64) -> Observation {
    let report = SmartReport { status: Status::Ok, timestamp: WallTime::from_secs(dated), ..SmartReport::default() };
    observation(now, Ok(Report::Smart(Arc::new(report))))
}

fn failure(now: Now, kind: FailureKind) -> Observation {
    observation(now, Err(Failure { address: "http://srv01:6127/".into(), kind }))
}

fn observation(at: Now, outcome: Result<Report, Failure>) -> Observation {
    Observation { host: id(), api: Api::Smart, way: Way::Http, at, took: Duration::from_millis(3), outcome }
}

/// How the only host stands: `link, health: codes`.
fn stands(fleet: &Fleet, now: Now) -> String {
    let host = &fleet.hosts()[0];
    let verdict = fleet.verdict(host, now);
    let codes: Vec<_> = verdict.reasons.iter().map(|reason| reason.code).collect();
    format!("{}, {}: {}", fleet.host_link(host, now).word(), verdict.health, codes.join(" "))
}

#[test]
fn a_host_is_unknown_until_it_is_heard() {
    let mut fleet = fleet(Host::new(id()), &[Api::Smart]);
    assert_eq!(stands(&fleet, at(0)), "waiting, unknown: ");
    assert!(!fleet.is_complete());
    assert!(fleet.apply(answer(at(1), START + 1)));
    assert_eq!(stands(&fleet, at(2)), "answering, ok: ");
    assert!(fleet.is_complete());
}

#[test]
fn one_failed_round_changes_nothing_and_lasting_silence_does() {
    let mut fleet = fleet(Host::new(id()), &[Api::Smart]);
    fleet.apply(answer(at(0), START));
    fleet.apply(failure(at(5), FailureKind::Refused));
    assert_eq!(stands(&fleet, at(6)), "answering, ok: ");
    fleet.apply(failure(at(10), FailureKind::Refused));
    assert_eq!(stands(&fleet, at(16)), "unreachable, critical: link.unreachable");
    fleet.apply(answer(at(20), START + 20));
    assert_eq!(stands(&fleet, at(21)), "answering, ok: ");
}

#[test]
fn a_host_that_never_answered_is_unreachable_at_once() {
    let mut fleet = fleet(Host::new(id()), &[Api::Smart]);
    fleet.apply(failure(at(0), FailureKind::Refused));
    assert_eq!(stands(&fleet, at(0)), "unreachable, critical: link.unreachable");
    let verdict = fleet.verdict(&fleet.hosts()[0], at(30));
    assert_eq!(verdict.reasons[0].text.raw(), "no answer for 30 s: connection refused (CM-0102)");
}

#[test]
fn absence_weighs_as_the_owner_expects_it() {
    for (expected, told) in [
        (Expected::Always, "unreachable, critical: link.unreachable"),
        (Expected::Often, "unreachable, note: link.unreachable"),
        (Expected::Sometimes, "off, ok: link.off"),
    ] {
        let mut fleet = fleet(Host { expected, ..Host::new(id()) }, &[Api::Smart]);
        fleet.apply(failure(at(0), FailureKind::Refused));
        assert_eq!(stands(&fleet, at(1)), told);
    }
}

#[test]
fn a_host_that_said_goodbye_is_off_until_it_answers_again() {
    let service = |now: Now, going| {
        let report = ServiceReport { going, timestamp: now.wall, ..ServiceReport::default() };
        Observation { api: Api::Service, ..observation(now, Ok(Report::Service(Arc::new(report)))) }
    };
    let silent = |now| Observation { api: Api::Service, ..failure(now, FailureKind::NoRoute) };
    for (going, soon, later) in [
        (Some(Going::Shutdown), "off, ok: link.off", "off, ok: link.off"),
        (Some(Going::Sleep), "off, ok: link.off", "off, ok: link.off"),
        (Some(Going::Reboot), "off, ok: link.off", "unreachable, critical: link.unreachable host.going"),
        (None, "unreachable, critical: link.unreachable", "unreachable, critical: link.unreachable"),
    ] {
        let mut fleet = fleet(Host::new(id()), &[Api::Service]);
        fleet.apply(service(at(0), going));
        fleet.apply(silent(at(5)));
        if going.is_some() {
            assert_eq!(stands(&fleet, at(6)), "answering, note: host.going", "one failed round changes nothing");
        }
        fleet.apply(silent(at(20)));
        assert_eq!(stands(&fleet, at(60)), soon, "{going:?}");
        assert_eq!(stands(&fleet, at(3_600)), later, "{going:?}");
        fleet.apply(service(at(3_601), None));
        assert_eq!(stands(&fleet, at(3_602)), "answering, ok: ", "{going:?}");
        fleet.apply(silent(at(3_700)));
        assert_eq!(stands(&fleet, at(3_701)), "unreachable, critical: link.unreachable", "what it said is over");
    }
}

#[test]
fn old_data_never_looks_new() {
    let mut fleet = fleet(Host::new(id()), &[Api::Smart]);
    fleet.apply(answer(at(0), START - 3_600));
    assert_eq!(stands(&fleet, at(0)), "stale, warning: link.stale");
    fleet.apply(answer(at(5), START + 5));
    assert_eq!(stands(&fleet, at(5)), "answering, ok: ");
    // The source itself stands still: after a night's suspend the boot clock has moved on.
    assert_eq!(stands(&fleet, at(40_000)), "stale, warning: link.stale");
}

#[test]
fn a_clock_that_is_ahead_is_named() {
    let mut fleet = fleet(Host::new(id()), &[Api::Smart]);
    fleet.apply(answer(at(0), START + 7_200));
    assert_eq!(stands(&fleet, at(1)), "answering, warning: link.clock_ahead");
}

#[test]
fn an_api_that_fails_alone_is_named_beside_those_that_answer() {
    let mut fleet = fleet(Host::new(id()), &[Api::Smart, Api::Backup]);
    fleet.apply(answer(at(0), START));
    fleet.apply(Observation { api: Api::Backup, ..failure(at(0), FailureKind::Unauthorised { status: 401 }) });
    assert_eq!(stands(&fleet, at(1)), "answering, warning: link.failing");
}

#[test]
fn what_all_apis_fail_of_alike_is_said_once_for_the_host() {
    let mut fleet = fleet(Host::new(id()), &Api::ALL);
    for (api, status) in [(Api::Smart, 401), (Api::Service, 401), (Api::Backup, 403)] {
        fleet.apply(Observation { api, ..failure(at(0), FailureKind::Unauthorised { status }) });
    }
    assert_eq!(stands(&fleet, at(0)), "unauthorised, warning: link.failing link.failing link.failing");
    fleet.apply(Observation { api: Api::Backup, ..failure(at(0), FailureKind::Unauthorised { status: 401 }) });
    assert_eq!(stands(&fleet, at(0)), "unauthorised, warning: link.failing");
    let verdict = fleet.verdict(&fleet.hosts()[0], at(0));
    assert_eq!(
        cm_model::text::terminal::line(&verdict.reasons[0].text),
        "the host refuses the token (HTTP 401) (CM-0107)"
    );
}

#[test]
fn a_stranger_is_not_taken_in() {
    let mut fleet = fleet(Host::new(id()), &[Api::Smart]);
    let stranger = Observation { host: HostId::new("stranger").unwrap(), ..answer(at(0), START) };
    assert!(!fleet.apply(stranger));
}

#[test]
fn samples_tell_the_link_too() {
    let mut fleet = fleet(Host::new(id()), &[Api::Smart]);
    let drive = smart::Drive {
        name: "sda".into(),
        wear_level: Some(cm_model::unit::Percent::saturating(4.0)),
        ..Default::default()
    };
    let report = SmartReport { timestamp: at(0).wall, drives: vec![drive], ..SmartReport::default() };
    fleet.apply(observation(at(0), Ok(Report::Smart(Arc::new(report)))));
    let names: Vec<_> = fleet
        .samples(&fleet.hosts()[0], at(2))
        .iter()
        .map(|s| catalogue::by_id(s.metric).unwrap().metric.name)
        .collect();
    assert_eq!(names, ["drive.wear", "link.up", "link.age", "link.answer_time"]);
}
