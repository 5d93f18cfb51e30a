use std::time::Duration;

use cm_core::clock::WallTime;
use cm_core::demo::Demo;
use cm_core::fleet::{Freshness, Member};
use cm_core::observation::FailureKind;
use proptest::prelude::*;

use super::*;

fn start() -> Now {
    let hour = Duration::from_hours(1);
    Now { wall: WallTime::from_secs(1_766_000_000), ..Now::default().after(hour) }
}

fn demo() -> Demo {
    Demo::new(1, start().wall)
}

fn past(demo: &Demo) -> Past {
    let members = demo.hosts().iter().cloned().map(Member::new);
    Past::new(Fleet::new(members, Freshness::for_interval(Duration::from_secs(5))))
}

/// What the host at a place tells at so many seconds.
fn observation(demo: &Demo, place: usize, api: Api, seconds: u64) -> Observation {
    let host = demo.hosts()[place].id.clone();
    let at = start().after(Duration::from_secs(seconds));
    let outcome = demo.report(&host, api, at.wall).map_err(|kind| Failure { address: format!("http://{host}"), kind });
    Observation { host, api, way: Way::Demo, at, took: Duration::from_millis(3), outcome }
}

fn at(seconds: u64) -> Now {
    start().after(Duration::from_secs(seconds))
}

/// A live picture that has heard everything until then, at the pace at which the past keeps it.
fn live(demo: &Demo, until: u64) -> Picture {
    let members = demo.hosts().iter().cloned().map(Member::new);
    let mut picture = Picture::new(Fleet::new(members, Freshness::for_interval(Duration::from_secs(5))), start());
    for seconds in (0..=until).step_by(10) {
        for place in 0..demo.hosts().len() {
            for api in Api::ALL {
                picture.observe(observation(demo, place, api, seconds), at(seconds));
            }
        }
    }
    picture
}

fn gathered(demo: &Demo, until: u64) -> Past {
    let mut past = past(demo);
    for seconds in (0..=until).step_by(5) {
        for place in 0..demo.hosts().len() {
            for api in Api::ALL {
                past.keep(place, &observation(demo, place, api, seconds));
            }
        }
    }
    past
}

#[test]
fn a_moment_is_shown_as_it_was() {
    let demo = demo();
    let past = gathered(&demo, 600);
    for seconds in [0, 10, 130, 400, 600] {
        let (then, recent) = past.at(at(seconds), None);
        let known = live(&demo, seconds);
        for (then, known) in then.fleet.hosts().iter().zip(known.fleet.hosts()) {
            for api in Api::ALL {
                assert_eq!(then.api(api), known.api(api), "{} {api:?} at {seconds}", then.member.host.id);
            }
        }
        let verdicts = |picture: &Picture| picture.standing.iter().map(|s| s.verdict.clone()).collect::<Vec<_>>();
        let mut known = known;
        known.pass(at(seconds));
        assert_eq!(verdicts(&then), verdicts(&known), "{seconds}");
        let shown = crate::recent::Shown::new();
        let expected = usize::try_from(seconds / 10 + 1).unwrap().min(LONGEST);
        assert_eq!(recent.of_host(0, shown.memory_use).count(), expected, "{seconds}");
    }
}

#[test]
fn a_failure_is_told_from_when_it_began() {
    let demo = demo();
    let mut past = past(&demo);
    let failing = |seconds: u64| Observation {
        outcome: Err(Failure { address: "http://srv01".to_owned(), kind: FailureKind::Refused }),
        ..observation(&demo, 0, Api::Service, seconds)
    };
    past.keep(0, &observation(&demo, 0, Api::Service, 0));
    // What changes is kept however soon it comes; what stays the same is not.
    past.keep(0, &failing(5));
    past.keep(0, &failing(6));
    past.keep(0, &failing(20));
    assert_eq!(past.order.len(), 3);
    let (then, _) = past.at(at(21), None);
    let state = then.fleet.hosts()[0].api(Api::Service).unwrap();
    assert_eq!(state.failing().unwrap().since, at(5));
    assert_eq!(state.last_good().unwrap().at, at(0));
    let (before, _) = past.at(at(4), None);
    assert!(before.fleet.hosts()[0].api(Api::Service).unwrap().failing().is_none());
}

#[test]
fn the_oldest_is_forgotten_and_what_stood_then_is_still_known() {
    let demo = demo();
    let mut past = past(&demo);
    past.most_bytes = 60_000;
    // The backups are told once, and then never again.
    past.keep(0, &observation(&demo, 0, Api::Backup, 0));
    for seconds in (0..5_000).step_by(10) {
        past.keep(0, &observation(&demo, 0, Api::Service, seconds));
        assert!(past.bytes <= past.most_bytes);
    }
    let first = past.start().unwrap();
    assert!(first.boot > at(100).boot);
    let (then, _) = past.at(first, None);
    assert!(then.fleet.hosts()[0].backup().is_some());
    assert_eq!(then.fleet.hosts()[0].api(Api::Service).unwrap().last_good().unwrap().at, first);
    let weight: usize = past.series.iter().flatten().flat_map(|series| &series.entries).map(Entry::weight).sum();
    assert_eq!(weight, past.bytes);
    assert!(past.order.len() < 500);
}

#[test]
fn an_answer_takes_far_less_than_its_text() {
    let demo = demo();
    let past = gathered(&demo, 1_800);
    let mut whole = 0;
    for seconds in (0..=1_800).step_by(10) {
        for place in 0..demo.hosts().len() {
            for api in Api::ALL {
                whole += observation(&demo, place, api, seconds).outcome.map_or(0, |report| report.write().len());
            }
        }
    }
    assert!(past.bytes * 3 < whole, "{} of {whole} bytes", past.bytes);
    // Half an hour of five hosts is within the bound.
    assert_eq!(past.start().unwrap().boot, at(0).boot, "{} bytes", past.bytes);
}

#[test]
fn whatever_is_known_of_no_host_is_passed_over() {
    let demo = demo();
    let mut past = past(&demo);
    past.keep(99, &observation(&demo, 0, Api::Service, 0));
    assert!(past.start().is_none() && past.moment(at(5).boot).is_none());
}

proptest! {
    #[test]
    fn what_is_told_by_its_difference_is_restored(
        fields in prop::collection::vec(("[a-z\":{}]{0,6}", "[a-z\":{}]{0,6}", any::<bool>()), 0..30)
    ) {
        let join = |words: Vec<String>| words.join(",").into_bytes();
        let one = join(fields.iter().map(|(one, ..)| one.clone()).collect());
        let other = join(fields.iter().map(|(one, two, same)| if *same { one.clone() } else { two.clone() }).collect());
        if let Some(told) = difference(&one, &other) {
            prop_assert_eq!(restored(&one, &told), Some(other));
        }
        if let Some(told) = difference(&one, &one) {
            prop_assert!(told.is_empty());
        }
    }

    #[test]
    fn no_bytes_break_what_restores(whole in prop::collection::vec(any::<u8>(), 0..60), told in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = restored(&whole, &told);
    }
}
