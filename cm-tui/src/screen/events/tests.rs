use cm_core::clock::WallTime;
use cm_core::host::HostId;
use cm_core::observation::FailureKind;
use cm_core::report::Api;

use crate::screen::Kind;
use crate::snapshots::{SIZES, Stage, check, sick, start};

/// A fleet in which srv01 comes and goes.
fn eventful(size: (u16, u16), turns: u32) -> Stage {
    let mut stage = Stage::demo(&sick(), 12, size);
    for _ in 0..turns {
        away(&mut stage);
        back(&mut stage);
    }
    stage
}

fn away(stage: &mut Stage) {
    stage.wait(30);
    each(stage, |_, _| None);
}

fn back(stage: &mut Stage) {
    each(stage, |api, at| sick().report(&HostId::new("srv01").unwrap(), api, at).ok());
}

fn each(stage: &mut Stage, told: impl Fn(Api, WallTime) -> Option<cm_core::report::Report>) {
    let host = HostId::new("srv01").unwrap();
    for api in Api::ALL {
        let at = stage.now().wall;
        stage.observe(&host, api, told(api, at).ok_or(FailureKind::Refused));
    }
}

#[test]
fn the_event_log_at_every_size() {
    for size in SIZES {
        let mut stage = eventful(size, 3);
        stage.press("e");
        check(&format!("events-{}", size.0), &stage.text());
    }
}

#[test]
fn where_nothing_happened_that_is_said() {
    let mut stage = Stage::demo(&sick().calm(), 2, (80, 24));
    stage.press("e");
    check("events-none", &stage.text());
    assert!(stage.state.started <= start());
}

#[test]
fn the_cursor_keeps_its_entry_while_new_ones_come_and_opens_what_it_is_about() {
    let mut stage = eventful((80, 24), 3);
    stage.press("e j j y");
    let before = stage.effects();
    away(&mut stage);
    stage.press("y");
    assert_eq!(stage.effects(), before);
    stage.press("enter");
    assert_ne!(stage.state.kind(), Kind::Events);
    stage.press("esc y");
    assert_eq!(stage.effects(), before);
}

#[test]
fn over_one_host_its_own_events_are_told() {
    let mut stage = eventful((80, 24), 2);
    stage.press("enter e");
    let text = stage.text();
    assert!(text.starts_with(" CM ▸ "), "{text}");
    stage.press("esc esc e");
    assert!(stage.text().starts_with(" CM ▸ events"), "{}", stage.text());
}
