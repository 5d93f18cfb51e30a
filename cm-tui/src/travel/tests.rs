use cm_core::demo::Demo;
use cm_core::host::HostId;
use cm_core::observation::LinkState;
use cm_core::report::{Api, Report};
use proptest::prelude::*;
use ratatui::style::Modifier;

use super::*;
use crate::history::{Ask, record};
use crate::key::{Code, Press};
use crate::snapshots::{SIZES, Stage, check, sick};
use crate::update::{Effect, Event, Mouse};

const SIZE: (u16, u16) = (120, 40);

fn at(stage: &Stage) -> WallTime {
    stage.state.then.as_ref().expect("the past").at
}

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
    let then = |stage: &Stage| stage.state.then.as_ref().unwrap().at;
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

#[test]
fn the_stored_history_at_every_size() {
    for size in SIZES {
        let mut stage = Stage::demo(&sick(), 12, size).over(record::shared());
        stage.press(": a t space 2 d enter");
        check(&format!("stored-overview-{}", size.0), &stage.text());
        stage.press("enter");
        check(&format!("stored-host-{}", size.0), &stage.text());
    }
}

#[test]
fn steps_lead_out_of_what_was_gathered_into_what_is_stored_and_back() {
    let mut stage = Stage::demo(&sick(), 12, SIZE).over(record::shared());
    let ago = |stage: &Stage| stage.now().wall.since(at(stage)).as_secs();
    stage.press("[ [");
    assert_eq!((ago(&stage), stage.state.then.as_ref().unwrap().from), (20, From::Memory));
    stage.press("{");
    let from = stage.state.then.as_ref().unwrap().from;
    assert!(matches!(from, From::History { .. }) && ago(&stage) == 320, "{from:?} {}", ago(&stage));
    // Kept moments lie a minute apart here, and an hour apart further back.
    stage.press("[");
    assert_eq!(ago(&stage), 380);
    stage.press("{");
    assert_eq!(ago(&stage), 3_980);
    stage.press("( [");
    assert_eq!(ago(&stage), 3_980 + 86_400 + 3_600);
    stage.press("] )");
    assert_eq!(ago(&stage), 3_980);
    stage.press("n");
    assert!(stage.state.then.is_none() && stage.text().contains("LIVE"));
    for _ in 0..5 {
        stage.press("(");
    }
    assert_eq!(at(&stage), range(&stage.state).unwrap().0, "no further than what is stored");
}

#[test]
fn a_stored_moment_shows_what_hosts_told_then_and_not_what_they_tell_now() {
    let demo = sick();
    let mut stage = Stage::demo(&demo, 12, SIZE).over(record::shared());
    stage.press(": a t space 3 0 h enter");
    let moment = at(&stage);
    let host = demo.hosts()[0].id.clone();
    let shown = stage.state.picture().fleet.host(&host).unwrap().service().unwrap().clone();
    let Ok(Report::Service(told)) = demo.report(&host, Api::Service, shown.timestamp) else { panic!("it answers") };
    assert_eq!(shown, *told);
    assert!(moment.since(shown.timestamp) <= Duration::from_hours(1));
    let screen = stage.text();
    assert!(screen.contains("THEN 2025-12-16") && !screen.contains("as of "), "{screen}");
    // Where more time lies between than usual, it is said as of when it is.
    stage.press(": a t space 2 5 m enter");
    assert!(stage.text().contains("as of 19:33"), "{}", stage.text());
    // One that did not answer then is said not to.
    stage.press(": a t space 1 8 h enter");
    let steambox = stage.state.picture().place(&HostId::new("steambox").unwrap()).unwrap();
    assert_eq!(stage.state.picture().standing[steambox].link, LinkState::Unreachable);
    let alerts: Vec<_> = stage.state.alerts().active().map(|alert| alert.reason.code).collect();
    assert!(alerts.iter().any(|code| code.starts_with("link.")), "{alerts:?}");
}

#[test]
fn the_stored_history_plays_up_to_3600_times_as_fast() {
    let mut stage = Stage::demo(&sick(), 12, SIZE).over(record::shared());
    stage.press(": a t space 2 d enter > > > > > > > space");
    let before = at(&stage);
    stage.wait(3);
    assert_eq!(at(&stage).since(before), Duration::from_hours(3));
    assert!(stage.text().contains("3600x"), "{}", stage.text());
    stage.press("n");
    assert!(stage.state.then.is_none());
}

/// The next picture is not asked for before the last has come, and no answer that is late moves anybody.
#[test]
fn a_slow_disk_slows_the_playing_and_traps_nobody() {
    let mut stage = Stage::demo(&sick(), 12, SIZE).over(record::shared());
    stage.press(": a t space 2 d enter > > > > > > > space");
    let before = at(&stage);
    let mut room = stage.close().expect("a room");
    stage.wait(2);
    let asked = stage.effects().into_iter().filter_map(|effect| match effect {
        Effect::Look(ask @ Ask::Moment { .. }) => Some(ask),
        _ => None,
    });
    let asked: Vec<_> = asked.collect();
    assert_eq!((asked.len(), at(&stage)), (1, before));
    assert!(stage.text().contains("reading 12-15"), "{}", stage.text());
    stage.press("n");
    let told = room.answer(&asked[0], stage.now().wall);
    stage.tell(Event::Stored(Box::new((asked[0].clone(), told))));
    assert!(stage.state.then.is_none() && stage.state.seeking.is_none());
}

#[test]
fn what_is_wrong_with_the_file_is_said_and_now_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let mut stage = Stage::demo(&sick(), 12, SIZE).over(path.clone());
    stage.press("c");
    assert!(stage.text().contains("there is no history yet"), "{}", stage.text());
    stage.press("esc [");
    assert_eq!(stage.state.then.as_ref().unwrap().from, From::Memory, "what was gathered is there without it");
    stage.press("n");
    // It appears, and is found without a new start.
    std::fs::copy(record::shared(), &path).unwrap();
    stage.wait(70);
    stage.press(": a t space 2 d enter");
    assert!(stage.text().contains("THEN 2025-12-15"), "{}", stage.text());
    // Another file takes its place.
    std::fs::remove_file(&path).unwrap();
    std::fs::write(
        &path,
        b"no database at all, and longer than a header of one hundred bytes would have to be to look like one",
    )
    .unwrap();
    stage.press("{");
    let text = stage.text();
    assert!(text.contains("history.db") && text.contains("THEN 2025-12-15"), "{text}");
    stage.press("n");
    assert!(stage.text().contains("LIVE"));
}
