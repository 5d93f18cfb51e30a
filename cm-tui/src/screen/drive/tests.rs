use std::sync::Arc;

use cm_core::fleet::Member;
use cm_core::host::{Host, HostId};
use cm_core::report::smart::{Drive, DriveKind, SmartReport};
use cm_core::report::{Api, Report};
use cm_core::unit::Celsius;

use crate::history::record;
use crate::snapshots::{SIZES, Stage, check, sick, start};

/// The screen of the only drive of a host.
fn alone(drive: Drive) -> Stage {
    let host = Host::new(HostId::new("srv01").unwrap());
    let mut stage = Stage::new(vec![Member::new(host.clone())], (80, 24));
    tell(&mut stage, vec![drive]);
    stage.press("enter 1 enter");
    stage
}

fn tell(stage: &mut Stage, drives: Vec<Drive>) {
    let report = SmartReport { drives, timestamp: start(), ..SmartReport::default() };
    stage.observe(&HostId::new("srv01").unwrap(), Api::Smart, Ok(Report::Smart(Arc::new(report))));
}

#[test]
fn a_drive_at_every_size() {
    for size in SIZES {
        let mut stage = Stage::demo(&sick(), 12, size);
        stage.press("enter 1 enter");
        check(&format!("drive-{}", size.0), &stage.text());
    }
}

#[test]
fn a_drive_that_tells_nothing_has_a_screen_that_says_so() {
    let silent = Drive {
        name: "sdb".into(),
        unreadable_reason: Some("the bridge passes no commands on".into()),
        ..Drive::default()
    };
    check("drive-silent", &alone(silent).text());
    let card = alone(Drive { name: "mmcblk0".into(), kind: DriveKind::Card, ..Drive::default() }).text();
    assert!(card.contains("Memory cards and soldered flash mostly keep no health counters."), "{card}");
}

#[test]
fn a_drive_that_was_taken_out_is_missed_calmly() {
    let mut stage = alone(Drive { name: "sdb".into(), ..Drive::default() });
    tell(&mut stage, Vec::new());
    assert!(stage.text().contains("srv01 tells of no drive sdb any more."), "{}", stage.text());
}

#[test]
fn a_drives_course_is_drawn_or_said_to_be_steady_or_too_short() {
    for (readings, told) in [
        (&[41.0][..], "Too few readings so far"),
        (&[41.0, 41.0, 41.0], "temperature 41 °C in all of 3 readings"),
        (&[41.0, 43.0, 52.0], "temperature, the last 3 readings"),
    ] {
        let reading = |degrees: f64| Drive {
            name: "sdb".into(),
            temperature_c: Some(Celsius::saturating(degrees)),
            ..Drive::default()
        };
        let mut stage = alone(reading(readings[0]));
        for degrees in &readings[1..] {
            tell(&mut stage, vec![reading(*degrees)]);
        }
        stage.press("G");
        let text = stage.text();
        assert!(text.contains(told), "{text}");
    }
}

#[test]
fn a_drives_life_and_its_end_at_every_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    record::worn(&path, 46.0);
    for size in SIZES {
        let mut stage = Stage::demo(&sick(), 12, size).over(path.clone());
        stage.press("enter 1 enter");
        check(&format!("drive-life-{}", size.0), &stage.text());
    }
    let mut stage = Stage::demo(&sick(), 12, (80, 24)).over(path.clone());
    stage.state.look.glyphs = cm_core::wording::Glyphs::Ascii;
    stage.press("enter 1 enter");
    assert!(stage.text().is_ascii(), "{}", stage.text());
    check("drive-life-ascii", &stage.text());
    for size in [(1, 1), (20, 1), (20, 10), (24, 24), (300, 100)] {
        let mut stage = Stage::demo(&sick(), 12, size).over(path.clone());
        stage.press("enter 1 enter j j j");
        stage.text();
    }
}

#[test]
fn a_drive_without_an_end_in_sight_says_why_and_draws_what_there_is() {
    let mut stage = Stage::demo(&sick(), 12, (80, 24)).over(record::shared());
    stage.press("enter 1 enter");
    check("drive-life-short", &stage.text());
    // A disk that does not wear has no such section.
    stage.press("right");
    assert!(!stage.text().contains("Life so far"), "{}", stage.text());
}
