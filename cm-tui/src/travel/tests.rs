use cm_core::demo::Demo;
use cm_core::host::HostId;
use cm_core::report::Api;
use proptest::prelude::*;
use ratatui::style::Modifier;

use super::*;
use crate::key::{Code, Press};
use crate::snapshots::{Stage, check, sick};
use crate::update::{Event, Mouse};

const SIZE: (u16, u16) = (120, 40);

fn tell_something_else(stage: &mut Stage, demo: &Demo) {
    let later = stage.now().wall.after(Duration::from_hours(3));
    for host in demo.hosts() {
        for api in Api::ALL {
            stage.observe(&host.id, api, demo.report(&host.id, api, later));
        }
    }
}

#[test]
fn the_past_at_two_sizes() {
    for size in [(80, 24), (120, 40)] {
        let mut stage = Stage::demo(&sick(), 40, size);
        stage.press("[ [ [");
        check(&format!("past-overview-{}", size.0), &stage.text());
        stage.press("enter");
        check(&format!("past-host-{}", size.0), &stage.text());
        stage.press("> > space");
        stage.wait(2);
        check(&format!("past-plays-{}", size.0), &stage.text());
    }
}

#[test]
fn the_past_is_in_reverse_video_and_the_present_is_not() {
    let mut stage = Stage::demo(&sick(), 12, SIZE);
    let reversed = |stage: &Stage| {
        let cells = stage.cells();
        let row = (0..SIZE.0).map(|x| &cells[(x, 0)]);
        row.filter(|cell| cell.modifier.contains(Modifier::REVERSED))
            .map(|cell| cell.symbol().to_owned())
            .collect::<String>()
    };
    assert_eq!(reversed(&stage), "");
    stage.press("[");
    assert!(reversed(&stage).trim().starts_with("THEN 2025-12-17 "), "{}", reversed(&stage));
    stage.press("n");
    assert_eq!(reversed(&stage), "");
}

/// Whatever comes in while the past is shown, the screen stays as it is.
#[test]
fn then_never_shows_live_values() {
    for keys in [
        "",
        "enter",
        "enter right right right",
        "G enter",
        "enter 1 z",
        "enter 8 z",
        "?",
        "d",
        "e",
        "enter e",
        "enter 1 enter",
        "enter 6 enter",
    ] {
        for size in [(60, 15), SIZE, (200, 60)] {
            let mut stage = Stage::demo(&sick(), 12, size);
            stage.press("[ [ [");
            stage.press(keys);
            let before = stage.text();
            tell_something_else(&mut stage, &sick());
            let bar = |text: &str| {
                text.lines().enumerate().filter(|(y, _)| *y != 1).map(|(_, line)| line.to_owned()).collect::<Vec<_>>()
            };
            assert_eq!(bar(&before), bar(&stage.text()), "{keys} {size:?}");
        }
    }
}

#[test]
fn where_nothing_is_gathered_it_is_said() {
    let members = sick().hosts().iter().cloned().map(cm_core::fleet::Member::new).collect();
    let mut stage = Stage::new(members, (80, 24));
    stage.press("[");
    assert!(stage.state.then.is_none());
    assert!(stage.text().contains("nothing is gathered yet"), "{}", stage.text());
    let mut stage = Stage::demo(&sick(), 2, (80, 24));
    stage.state.set.origin = Origin::Replay;
    stage.press("[");
    assert!(stage.text().contains("a snapshot is one moment"), "{}", stage.text());
}

#[test]
fn nothing_is_done_to_a_host_in_the_past() {
    let mut stage = Stage::demo(&sick(), 12, SIZE);
    stage.state.set.origin = Origin::Configured;
    stage.state.set.facts.iter_mut().for_each(|facts| facts.address = Some("192.0.2.1".to_owned()));
    stage.press("[ x");
    assert_eq!(stage.effects(), []);
    assert!(stage.text().contains("this is the past"), "{}", stage.text());
    stage.press("n x");
    assert_eq!(stage.effects().len(), 1);
}

#[test]
fn keys_move_in_time_and_stop_at_its_ends() {
    let ago =
        |stage: &Stage| stage.state.then.as_ref().map(|then| stage.now().boot.since(then.picture.now.boot).as_secs());
    for (keys, expected) in [
        ("[", Some(10)),
        ("[ [ [", Some(30)),
        ("[ [ ]", Some(10)),
        ("[ ]", None),
        ("{", Some(195)),
        ("{ {", Some(195)),
        ("{ ] ]", Some(175)),
        ("{ }", None),
        ("[ n", None),
        ("[ esc", None),
        ("enter [ esc", Some(10)),
        ("enter [ esc esc", None),
        ("[ p", Some(10)),
        ("p [ n", None),
    ] {
        let mut stage = Stage::demo(&sick(), 40, SIZE);
        stage.press(keys);
        assert_eq!(ago(&stage), expected, "{keys}");
    }
}

#[test]
fn it_plays_as_fast_as_it_is_told_and_comes_to_now() {
    let mut stage = Stage::demo(&sick(), 40, SIZE);
    stage.press("{ > > space");
    let begin = stage.state.then.as_ref().unwrap().picture.now;
    stage.wait(3);
    assert_eq!(stage.state.then.as_ref().unwrap().picture.now.boot.since(begin.boot).as_secs(), 30);
    stage.press("space");
    stage.wait(3);
    assert_eq!(stage.state.then.as_ref().unwrap().picture.now.boot.since(begin.boot).as_secs(), 30);
    stage.press("> > > > space");
    stage.wait(3);
    assert!(stage.state.then.is_none());
    assert!(stage.text().contains("LIVE"), "{}", stage.text());
}

#[test]
fn of_many_hosts_the_one_that_is_opened_has_its_whole_course() {
    let many = sick().with_hosts(60);
    let mut stage = Stage::demo(&many, 24, SIZE);
    stage.press("j [");
    let known =
        |stage: &Stage, place: usize| stage.state.readings().of_host(place, stage.state.shown.memory_use).count();
    let place = |stage: &Stage| stage.state.live.place(&stage.state.top().page().host(&stage.state).unwrap()).unwrap();
    let few = known(&stage, place(&stage));
    stage.press("enter");
    let opened = place(&stage);
    assert!(few < 11 && known(&stage, opened) == 11, "{few} {}", known(&stage, opened));
    stage.press("right");
    assert_eq!(known(&stage, place(&stage)), 11);
}

#[test]
fn the_bar_is_dragged() {
    let mut stage = Stage::demo(&sick(), 40, SIZE);
    stage.press("[");
    stage.tell(Event::Mouse(Mouse::Click { x: 1, y: 1 }));
    let then = |stage: &Stage| stage.state.then.as_ref().unwrap().picture.now.boot;
    assert_eq!(then(&stage), range(&stage.state).unwrap().0);
    stage.tell(Event::Mouse(Mouse::Drag { x: 60, y: 1 }));
    let (start, end) = range(&stage.state).unwrap();
    let half = end.since(start).as_secs_f64() / 2.0;
    assert!((then(&stage).since(start).as_secs_f64() - half).abs() < 3.0);
    stage.tell(Event::Mouse(Mouse::Drag { x: SIZE.0 - 1, y: 1 }));
    assert!(stage.state.then.is_none());
}

#[test]
fn the_next_trouble_is_found() {
    let mut stage = Stage::demo(&sick(), 40, SIZE);
    let host = HostId::new("srv01").unwrap();
    for api in Api::ALL {
        stage.observe(&host, api, Err(cm_core::observation::FailureKind::Refused));
    }
    stage.wait(20);
    let began = stage.state.journal.beginnings().map(|(at, _)| at).max().unwrap();
    stage.press("{");
    for _ in 0..50 {
        stage.press("i");
    }
    let then = stage.state.then.as_ref().unwrap().picture.now.wall;
    assert_eq!(then, began);
    assert!(stage.text().contains("no trouble began after this"), "{}", stage.text());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// No sequence of keys, clicks and pauses traps anybody: escape leads back to the overview, now.
    #[test]
    fn nobody_is_trapped(
        keys in prop::collection::vec((0_usize..34, 0_u16..130, 0_u16..42), 0..40), size in 0_usize..4
    ) {
        const KEYS: &[u8; 30] = b"[[[]{}<>n ipzjk?/:sMgGhxayru!1";
        let size = [(60, 15), (80, 24), (120, 40), (20, 4)][size];
        let mut stage = Stage::demo(&sick(), 8, size);
        for (key, x, y) in keys {
            match key {
                30 => stage.press("enter"),
                31 => stage.press("tab"),
                32 => stage.tell(Event::Mouse(Mouse::Click { x, y })),
                33 => { stage.wait(u64::from(x % 4)); tell_something_else(&mut stage, &sick()); }
                key => stage.tell(Event::Key(Press::plain(Code::Char(char::from(KEYS[key]))))),
            }
            stage.text();
        }
        for _ in 0..24 {
            stage.press("esc");
        }
        prop_assert_eq!(stage.state.screens.len(), 1);
        prop_assert!(stage.state.then.is_none() && stage.state.overlay.is_none());
    }
}

#[test]
fn alerts_of_a_moment_are_those_that_held_then_with_what_had_been_done() {
    let mut stage = Stage::demo(&sick(), 12, SIZE);
    let live = |stage: &Stage| stage.state.alerts.active().map(|alert| alert.id).collect::<Vec<_>>();
    let shown = |stage: &Stage| stage.state.alerts().active().map(|alert| alert.id).collect::<Vec<_>>();
    let before = live(&stage);
    assert!(before.len() >= 2);
    stage.wait(20);
    stage.press("a A d o n e enter");
    assert!(stage.text().contains("acknowledged"), "{}", stage.text());
    stage.wait(5);
    stage.press("[");
    assert_eq!(shown(&stage), before, "numbers are those of now");
    assert!(stage.text().contains("THEN") && !stage.text().contains("acknowledged"), "{}", stage.text());
    stage.press("A");
    assert!(stage.state.overlay.is_none(), "what is past is not acknowledged");
    stage.press("n");
    assert!(stage.text().contains("acknowledged: done"), "{}", stage.text());
    stage.wait(30);
    stage.press("[");
    assert!(stage.text().contains("acknowledged: done"), "{}", stage.text());
    stage.press("enter");
    let alert = stage.text();
    assert!(alert.contains("Acknowledged") && alert.contains(": done"), "{alert}");
}
