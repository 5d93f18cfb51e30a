use std::sync::Arc;

use cm_core::host::HostId;
use cm_core::observation::FailureKind;
use cm_core::report::service::Process;
use cm_core::report::{Api, Report};
use cm_core::unit::Percent;

use crate::snapshots::{SIZES, Stage, check, sick};

#[test]
fn all_facts_of_a_host_at_every_size() {
    for size in SIZES {
        let mut stage = Stage::demo(&sick(), 12, size);
        stage.press("d");
        check(&format!("facts-{}", size.0), &stage.text());
    }
}

#[test]
fn every_family_of_readings_has_its_place() {
    let mut stage = Stage::demo(&sick(), 2, (120, 300));
    stage.press("d");
    check("facts-whole", &stage.text());
}

#[test]
fn a_host_that_does_not_answer_is_told_with_its_cause() {
    let mut stage = Stage::demo(&sick(), 2, (100, 24));
    let host = HostId::new("srv01").unwrap();
    stage.wait(30);
    for api in Api::ALL {
        stage.observe(&host, api, Err(FailureKind::Refused));
    }
    stage.wait(90);
    stage.press("/ s r v enter d");
    check("facts-unreachable", &stage.text());
}

#[test]
fn what_has_no_screen_of_its_own_is_found_among_the_facts() {
    let mut stage = Stage::demo(&sick(), 2, (80, 24));
    stage.press("enter 4 enter");
    let text = stage.text();
    let first = text.lines().nth(1).unwrap_or_default();
    assert!(first.starts_with("── Filesystems ─"), "{text}");
    stage.press("g g");
    assert!(stage.text().contains("How it answers"), "{}", stage.text());
}

#[test]
fn a_host_whose_clock_goes_differently_is_told_so() {
    let demo = sick();
    let mut stage = Stage::demo(&demo, 2, (120, 24));
    let host = HostId::new("srv01").unwrap();
    for (asked, told) in [(240, "4m ahead"), (-600, "10m behind"), (0, "")] {
        let at = stage.now().wall;
        let looked = cm_core::clock::WallTime::from_secs(at.secs() + asked);
        stage.observe(&host, Api::Backup, demo.report(&host, Api::Backup, looked));
        stage.press("h d");
        let text = stage.text();
        let line = text.lines().find(|line| line.starts_with(" backup")).unwrap_or_default();
        assert!(line.contains(told) && line.contains("its own clock") != told.is_empty(), "{line}");
    }
}

#[test]
fn the_largest_processes_stand_beside_facts_and_alerts() {
    let demo = sick();
    let mut stage = Stage::demo(&demo, 2, (100, 60));
    let host = HostId::new("simonbox").unwrap();
    let Ok(Report::Service(mut report)) = demo.report(&host, Api::Service, stage.now().wall) else {
        panic!("no report")
    };
    let cpu_percent = Percent::try_from(90.0).ok();
    Arc::make_mut(&mut report).processes = vec![Process { name: "restic".into(), cpu_percent, ..Process::default() }];
    stage.observe(&host, Api::Service, Ok(Report::Service(report)));
    for (keys, title) in
        [("/ s i m o n enter d", "Largest processes"), ("h a / s i m o n enter enter", "Largest processes there")]
    {
        stage.press(keys);
        let text = stage.text();
        assert!(text.contains(title) && text.contains("restic: 90 % CPU"), "{text}");
    }
}
