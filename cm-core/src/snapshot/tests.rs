use std::path::Path;
use std::time::Duration;

use cm_model::fault::Code;
use cm_model::host::{Expected, HostId, Role};
use cm_model::observation::{Failure, FailureKind, Way};
use cm_model::report::read::Malformed;
use cm_model::report::{Api, Report};
use cm_model::text::HostText;
use proptest::prelude::*;

use super::*;

fn made_at() -> Now {
    Snapshot::moment(WallTime::from_millis(1_766_000_000_123))
}

fn host(name: &str, role: &str) -> Host {
    Host { id: HostId::new(name).unwrap(), role: Role::new(role).ok(), expected: Expected::Sometimes }
}

fn full(api: Api) -> Report {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../fixtures/api/{api}/full.json"));
    Report::read(api, &std::fs::read(path).unwrap()).unwrap()
}

/// An observation that is so many milliseconds old.
fn observation(name: &str, api: Api, age_ms: u64, outcome: Result<Report, Failure>) -> Observation {
    let since_start = made_at().wall.since(WallTime::default()).saturating_sub(Duration::from_millis(age_ms));
    let at = Now {
        wall: made_at().wall.before(Duration::from_millis(age_ms)),
        boot: BootTime::from_start(since_start),
        mono: MonoTime::from_start(since_start),
    };
    Observation {
        host: HostId::new(name).unwrap(),
        api,
        way: Way::Http,
        at,
        took: Duration::from_micros(1234),
        outcome,
    }
}

fn snapshot(hosts: Vec<Host>, observations: Vec<Observation>) -> Snapshot {
    Snapshot { made_at: made_at(), program: "cm-cli 0.1.0".into(), hosts, observations }
}

fn failure(kind: FailureKind) -> Failure {
    Failure { address: "http://srv01.lan:6127/".into(), kind }
}

fn every_kind() -> Vec<FailureKind> {
    let why = || "its own words".to_owned();
    vec![
        FailureKind::NoSuchName,
        FailureKind::Refused,
        FailureKind::NoRoute,
        FailureKind::TimedOut { waiting_for: "connection", limit: Duration::from_secs(2) },
        FailureKind::TimedOut { waiting_for: "answer", limit: Duration::from_millis(3500) },
        FailureKind::TimedOut { waiting_for: "whole answer", limit: Duration::from_secs(5) },
        FailureKind::BrokenOff { why: why() },
        FailureKind::Tls { why: why() },
        FailureKind::TokenUnusable { code: Code::TOKEN_EXPOSED, why: why() },
        FailureKind::Unauthorised { status: 403 },
        FailureKind::Redirected { status: 302 },
        FailureKind::HttpStatus { status: 500 },
        FailureKind::Unpackable { why: why() },
        FailureKind::NotOffered,
        FailureKind::Unreadable { why: HostText::new(why()) },
        Malformed::TooLarge.into(),
        Malformed::TooDeep.into(),
        Malformed::Empty.into(),
        Malformed::WebPage.into(),
        Malformed::NotUtf8 { at: 7 }.into(),
        Malformed::NotJson { line: 1, column: 2, why: why() }.into(),
        Malformed::WrongShape { path: "drives[0].name".into(), line: 3, column: 4, why: why() }.into(),
    ]
}

#[test]
fn every_failure_reads_back_as_it_was() {
    let observations = every_kind().into_iter().map(|kind| observation("srv01", Api::Smart, 5, Err(failure(kind))));
    let before = snapshot(vec![host("srv01", "server")], observations.collect());
    assert_eq!(Snapshot::from_json(&before.to_json()).unwrap(), before);
}

#[test]
fn every_report_reads_back_as_it_was() {
    let observations = Api::ALL.map(|api| observation("srv01", api, 65_000, Ok(full(api))));
    let before = snapshot(vec![host("srv01", "server"), host("cmbox", "lab")], observations.to_vec());
    assert_eq!(Snapshot::from_json(&before.to_json()).unwrap(), before);
}

#[tokio::test]
async fn a_replayed_snapshot_is_the_fleet_as_it_was() {
    use crate::fleet::{Fleet, Freshness, Member};
    use futures_util::StreamExt;

    let gone = failure(FailureKind::NoRoute);
    let before = snapshot(
        vec![host("srv01", "server"), host("cmbox", "lab")],
        vec![
            observation("srv01", Api::Backup, 3_000, Ok(full(Api::Backup))),
            observation("cmbox", Api::Backup, 100_000, Ok(full(Api::Backup))),
            observation("cmbox", Api::Backup, 95_000, Err(gone)),
        ],
    );
    let read = Snapshot::from_json(&before.to_json()).unwrap();
    let now = read.made_at;
    let member = |host: &Host| Member { apis: read.apis(&host.id), ..Member::new(host.clone()) };
    let mut fleet = Fleet::new(read.hosts.iter().map(member), Freshness::for_interval(Duration::from_secs(5)));
    let mut stream = crate::source::replay(read.clone());
    while let Some(observation) = stream.next().await {
        assert_eq!(observation.way, Way::Replay);
        assert!(fleet.apply(observation));
    }
    let links: Vec<_> = fleet.hosts().iter().map(|host| fleet.host_link(host, now).word()).collect();
    assert_eq!(links[0], "answering");
    assert_ne!(links[1], "answering", "what was old then is old now");
    assert_eq!(fleet.hosts()[1].age(now), Some(Duration::from_secs(100)));
    assert!(fleet.is_complete());
}

#[test]
fn ages_are_as_they_were_though_the_wall_clock_jumped_between() {
    let mut old = observation("srv01", Api::Backup, 90_000, Ok(full(Api::Backup)));
    old.at.wall = WallTime::from_secs(5); // it was set only after this had come
    let read = Snapshot::from_json(&snapshot(vec![], vec![old]).to_json()).unwrap();
    let at = read.observations[0].at;
    assert_eq!(read.made_at.boot.since(at.boot), Duration::from_secs(90));
    assert_eq!(read.made_at.mono.since(at.mono), Duration::from_secs(90));
    assert_eq!(at.wall, WallTime::from_secs(5));
}

#[test]
fn what_a_newer_version_adds_is_passed_over() {
    let text = r#"{"schema": "cm-dashboard/snapshot/1", "made_at": 1766000000.5, "mood": [1], "hosts": [{"id": "a", "rack": 7}],
        "observations": [
            {"host": "a", "api": "weather", "way": "http", "received_at": 1, "age_ms": 0, "took_us": 0, "report": {"rain": true}},
            {"host": "a", "api": "smart", "way": "pigeon", "received_at": 1, "age_ms": 0, "took_us": 0, "failure": {"address": "x", "kind": "eaten"}}
        ]}"#;
    let read = Snapshot::from_json(text).unwrap();
    assert_eq!(read.observations.len(), 1);
    assert_eq!(read.observations[0].way, Way::Replay);
    let Err(failure) = &read.observations[0].outcome else { panic!("a failure") };
    assert!(failure.to_string().contains("eaten"), "{failure}");
}

#[test]
fn a_refusal_says_what_was_expected() {
    let whole = snapshot(vec![host("a", "b")], vec![observation("a", Api::Backup, 1, Ok(full(Api::Backup)))]).to_json();
    let cases = [
        ("[]", "Head"),
        ("{}", "schema"),
        (&whole.replace("snapshot/1", "snapshot/2")[..], "snapshot/2"),
        (&whole[..whole.len() / 2], "EOF"),
        (&whole.replace("\"made_at\"", "\"made\""), "made_at"),
        (&whole.replace("\"id\":\"a\"", "\"id\":\"../a\""), "cannot be a name"),
        (
            &whole.replace("\"overall_status\":\"ok\",", ""),
            "the backup observation of a: missing field `overall_status`",
        ),
        (&whole.replace("\"report\":", "\"rapport\":"), "neither one report nor one failure"),
    ];
    for (text, expected) in cases {
        let said = Snapshot::from_json(text).unwrap_err().to_string();
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

#[test]
fn a_strangers_file_moves_no_cursor() {
    let kind = FailureKind::BrokenOff { why: "\u{1b}[2J\u{9b}31m\r\n\u{202e}gpj".into() };
    let mut hostile = observation("srv01", Api::Smart, 5, Err(failure(kind)));
    if let Err(failure) = &mut hostile.outcome {
        failure.address = "\u{1b}]8;;evil\u{7}".into();
    }
    let mut before = snapshot(vec![], vec![hostile]);
    before.program = "cm\u{1b}c".into();
    let read = Snapshot::from_json(&before.to_json()).unwrap();
    let said = format!("{} {}", read.program, read.observations[0].outcome.as_ref().unwrap_err());
    assert!(!said.chars().any(|c| c.is_control() || c == '\u{202e}'), "{said:?}");
}

#[test]
fn under_other_names_nobody_is_recognised_and_everything_is_still_told() {
    let mut service = String::from_utf8(full(Api::Service).write()).unwrap();
    service = service
        .replace("no answer within 2 s", "srv01.lan (192.168.7.21:2049, fe80::aa:1) did not answer SRV01")
        .replace("\"enp4s0\"", "\"enx00e04c6800aa\"")
        .replace("/mnt/media", "/home/anna/media")
        .replace("starting", "password is hunter2");
    let service = Report::read(Api::Service, service.as_bytes()).unwrap();
    let tls = FailureKind::Tls { why: "certificate not valid for srv01.lan; valid for nas.lan".into() };
    let before = snapshot(
        vec![host("cmbox", "workstation"), host("srv01", "server")],
        vec![
            observation("srv01", Api::Smart, 7, Ok(full(Api::Smart))),
            observation("srv01", Api::Service, 7, Ok(service)),
            observation("cmbox", Api::Backup, 7, Ok(full(Api::Backup))),
            observation("srv01", Api::Smart, 5, Err(failure(tls))),
        ],
    );
    let text = before.renamed().to_json();
    let gone = [
        "cmbox",
        "srv01",
        "srv01.lan",
        "S5GXNX0T000001",
        "2SG00001",
        "eui.0025385000000001",
        "0x5000cca000000001",
        "borg@",
        "nas.lan",
        "192.168.7.21",
        "fe80",
        "00e04c6800aa",
        "anna",
        "hunter2",
    ];
    for word in gone {
        assert!(!text.to_lowercase().contains(&word.to_lowercase()), "{word} in {text}");
    }
    let kept = [
        "host01",
        "host02",
        "serial01",
        "serial02",
        "wwn02",
        "repository01",
        "remote01",
        "enx01",
        "/home/user/media",
        "Samsung SSD 980 PRO 1TB",
        "gitea",
        "\"status\":\"failed\"",
        "\"role\":\"server\"",
        ":2049",
    ];
    for word in kept {
        assert!(text.contains(word), "{word} not in {text}");
    }
    let after = before.renamed();
    assert_eq!(after.renamed().to_json(), text, "what is renamed already stays as it is");
    assert_eq!(after.observations[3].outcome.as_ref().unwrap_err().address, "http://host02:6127/");
}

#[test]
fn a_name_is_replaced_only_where_it_stands_alone() {
    let of = |text: &str| {
        let mut report = String::from_utf8(full(Api::Backup).write()).unwrap();
        report = report.replace("Connection closed by remote host", text);
        let report = Report::read(Api::Backup, report.as_bytes()).unwrap();
        let before =
            snapshot(vec![host("nas", "x"), host("ok", "x")], vec![observation("nas", Api::Backup, 1, Ok(report))]);
        let Ok(Report::Backup(after)) = before.renamed().observations.remove(0).outcome else { panic!("a report") };
        assert_eq!(after.overall_status, cm_model::report::Status::Ok, "a status word is no name");
        after.backup.history[1].message.as_ref().unwrap().raw().to_owned()
    };
    let cases = [
        ("nas is away", "host01 is away"),
        ("NAS-2025-11-24T03:00", "host01-2025-11-24T03:00"),
        ("banana nasal nas2", "banana nasal nas2"),
        ("ätsch nas ß", "ätsch host01 ß"),
        ("İ nas", "İ host01"),
        ("to 10.0.0.9: refused, 127.0.0.1 too, version 1.2.3", "to address02: refused, 127.0.0.1 too, version 1.2.3"),
        ("aa:bb:cc:dd:ee:ff at 10:15:20", "mac01 at 10:15:20"),
    ];
    for (text, expected) in cases {
        assert_eq!(of(text), expected);
    }
}

fn kinds() -> impl Strategy<Value = FailureKind> {
    let words = "[ -~äöü]{0,40}";
    prop_oneof![
        prop::sample::select(every_kind()),
        (0_u16..1000).prop_map(|status| FailureKind::HttpStatus { status }),
        words.prop_map(|why| FailureKind::BrokenOff { why }),
        (words, words, 0_usize..100, 0_usize..100).prop_map(|(path, why, line, column)| Malformed::WrongShape {
            path,
            line,
            column,
            why
        }
        .into()),
        (0_u64..100_000)
            .prop_map(|ms| FailureKind::TimedOut { waiting_for: "answer", limit: Duration::from_millis(ms) }),
    ]
}

fn outcomes() -> impl Strategy<Value = (Api, Result<Report, Failure>)> {
    prop_oneof![
        prop::sample::select(&Api::ALL[..]).prop_map(|api| (api, Ok(full(api)))),
        (prop::sample::select(&Api::ALL[..]), kinds()).prop_map(|(api, kind)| (api, Err(failure(kind)))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn reading_back_what_was_written_is_the_identity(
        seen in prop::collection::vec(("[a-z][a-z0-9._-]{0,12}", outcomes(), 0_u64..10_000_000_000), 0..8),
        expected in prop::sample::select(vec![Expected::Always, Expected::Often, Expected::Sometimes]),
    ) {
        let hosts = seen.iter().map(|(name, _, _)| Host { expected, ..host(name, "server") }).collect();
        let observations = seen.into_iter().map(|(name, (api, outcome), age)| observation(&name, api, age, outcome));
        let before = snapshot(hosts, observations.collect());
        prop_assert_eq!(Snapshot::from_json(&before.to_json()).unwrap(), before.clone());
        prop_assert!(Snapshot::from_json(&before.renamed().to_json()).is_ok());
    }

    #[test]
    fn no_text_whatever_panics(text in "\\PC{0,200}") {
        let _ = Snapshot::from_json(&text);
        let head = format!("{{\"schema\":\"{SCHEMA}\",{text}");
        let _ = Snapshot::from_json(&head);
    }
}
