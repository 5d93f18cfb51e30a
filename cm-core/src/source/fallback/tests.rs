use std::sync::Arc;

use cm_model::clock::Now;
use cm_model::observation::{Failure, FailureKind, Way};
use cm_model::report::{BackupReport, Report};

use super::*;

fn at(second: u64) -> Now {
    Now::default().after(Duration::from_secs(1000 + second))
}

/// `P3` a report from the primary in second 3, `p3` a failure; `S` and `s` the same from the secondary.
fn observation(word: &str) -> (Side, Observation) {
    let (letter, second) = word.split_at(1);
    let (side, way) = match letter {
        "P" | "p" => (Side::Primary, Way::Local),
        _ => (Side::Secondary, Way::Http),
    };
    let outcome = if letter.chars().all(char::is_uppercase) {
        Ok(Report::Backup(Arc::new(BackupReport::default())))
    } else {
        Err(Failure { address: "http://srv01/".into(), kind: FailureKind::Refused })
    };
    let host = HostId::new("srv01").unwrap();
    let at = at(second.parse().unwrap());
    (side, Observation { host, api: Api::Backup, way, at, took: Duration::ZERO, outcome })
}

fn word(observation: &Observation) -> String {
    let letter = match (observation.way, observation.outcome.is_ok()) {
        (Way::Local, true) => "P",
        (Way::Local, false) => "p",
        (_, true) => "S",
        (_, false) => "s",
    };
    format!("{letter}{}", observation.at.boot.since(at(0).boot).as_secs())
}

/// With a limit of 10 seconds: what comes in, and what is passed on.
fn check(comes: &str, passed: &str) {
    let mut choice = Choice::new(Duration::from_secs(10), at(0).boot);
    let got: Vec<String> = comes
        .split_whitespace()
        .filter_map(|it| {
            let (side, observation) = observation(it);
            choice.pass(side, observation).as_ref().map(word)
        })
        .collect();
    assert_eq!(got.join(" "), passed, "{comes}");
}

#[test]
fn the_second_source_speaks_where_the_first_does_not() {
    check("P0 S1 P5 S6 P10 S11", "P0 P5 P10"); // the primary alone while it speaks
    check("P0 S5 p6 S7 S9 P10 S11", "P0 S5 S7 S9 P10"); // it fails: what was held back comes at once
    check("P0 S5 S10 S11 S15 P16 S17", "P0 S11 S15 P16"); // it falls silent
    check("S1 S2 P3 S4", "S1 S2 P3"); // a first picture is not held back
    check("s1 s9 s11 P12", "s11 P12"); // but a failure is, until the primary has had its time
    check("p1 p2 S3 p4 p5 S6", "p1 p2 S3 S6"); // the primary's failures are told only while nothing better is there
    check("p1 s2 p3 s4", "p1 s2 s4"); // both fail: told once, by the second
    check("P0 s1 p2 s3", "P0 s1 s3"); // the second has been failing already
    check("P0 S5 p30 S31", "P0 p30 S31"); // what was held back too long is not passed for new
    check("P0 S5 P6 p7 S8", "P0 P6 S8"); // nor what is older than the primary's last word
}

#[test]
fn hosts_and_apis_are_chosen_apart() {
    let mut choice = Choice::new(Duration::from_secs(10), at(0).boot);
    let mut pass = |host: &str, api, it: &str| {
        let (side, mut observation) = observation(it);
        observation.host = HostId::new(host).unwrap();
        observation.api = api;
        choice.pass(side, observation).is_some()
    };
    assert!(pass("srv01", Api::Backup, "P0"));
    assert!(!pass("srv01", Api::Backup, "S1"));
    assert!(pass("srv02", Api::Backup, "S1"));
    assert!(pass("srv01", Api::Smart, "S1"));
}

#[tokio::test]
async fn both_sources_are_read_to_their_end() {
    let stream = |words: &'static [&'static str]| -> Observations {
        Box::pin(stream::iter(words.iter().map(|it| observation(it).1)))
    };
    let clock = cm_model::clock::ManualClock::at(at(0));
    let passed = fallback(stream(&["p1", "P3"]), stream(&["S2"]), Duration::from_secs(10), &clock);
    let words: Vec<String> = passed.map(|it| word(&it)).collect().await;
    assert_eq!(words, ["p1", "S2", "P3"]);
}
