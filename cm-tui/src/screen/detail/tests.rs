use std::path::Path;
use std::sync::Arc;

use cm_core::fleet::Member;
use cm_core::host::{Host, HostId};
use cm_core::report::service::{Activity, Missing, Process, ServiceStatus};
use cm_core::report::{Api, Report};
use cm_core::text::{HostText, terminal};
use cm_core::wording::Glyphs;

use crate::screen::Kind;
use crate::snapshots::{Stage, check, sick, start};
use crate::update::Effect;

#[test]
fn out_of_a_detail_everything_is_as_it_was_left() {
    for (keys, kind) in [("1 enter", Kind::Drive), ("5 j j enter", Kind::Service), ("6 enter", Kind::Backup)] {
        let mut stage = Stage::demo(&sick(), 3, (120, 40));
        stage.press("enter");
        let (open, _) = keys.split_at(keys.len() - "enter".len());
        stage.press(open);
        let before = stage.text();
        stage.press("enter");
        assert_eq!(stage.state.kind(), kind, "{keys}");
        stage.press("G esc");
        assert_eq!(stage.text(), before, "{keys}");
    }
}

#[test]
fn left_and_right_go_through_all_of_a_kind_and_come_round() {
    for keys in ["enter 1 enter", "enter 5 enter", "enter 6 enter", "d"] {
        let mut stage = Stage::demo(&sick(), 3, (120, 40));
        stage.press(keys);
        let first = stage.text();
        let mut hosts = vec![stage.state.top().page().host(&stage.state)];
        let mut steps = 0;
        loop {
            stage.press("right");
            steps += 1;
            assert!(steps < 200, "{keys} never comes round");
            hosts.push(stage.state.top().page().host(&stage.state));
            if stage.text() == first {
                break;
            }
        }
        hosts.dedup();
        assert!(hosts.len() >= 4, "{keys} stays on {hosts:?}");
        stage.press("left right");
        assert_eq!(stage.text(), first, "{keys}");
    }
}

#[test]
fn what_is_copied_is_all_that_is_told_as_text() {
    for (name, keys) in [("drive", "enter 1 enter y"), ("backup", "enter 6 enter y"), ("facts", "d y")] {
        let mut stage = Stage::demo(&sick(), 3, (60, 15));
        stage.press(keys);
        let effects = stage.effects();
        let [Effect::Copy(text)] = &effects[..] else { panic!("{effects:?}") };
        check(&format!("copied-{name}"), text);
    }
}

#[test]
fn at_any_size_a_detail_is_drawn_and_scrolled() {
    for size in [(1, 1), (10, 3), (40, 10), (60, 15), (99, 20), (100, 20), (300, 100)] {
        for keys in ["enter 1 enter", "enter 5 enter", "enter 6 enter", "d", "e"] {
            let mut stage = Stage::demo(&sick(), 2, (120, 40));
            stage.press(keys);
            stage.tell(crate::update::Event::Resize(crate::state::Size { width: size.0, height: size.1 }));
            stage.press("j pagedown G k");
            let text = stage.text();
            assert!(text.lines().all(|line| terminal::columns(line) <= usize::from(size.0)), "{keys} {size:?}\n{text}");
        }
    }
}

#[test]
fn in_ascii_a_detail_is_ascii() {
    for keys in ["enter 1 enter", "enter 5 enter", "enter 6 enter", "d", "e"] {
        let mut stage = Stage::demo(&sick(), 12, (120, 80));
        stage.press(keys);
        let marks = |text: &str| text.matches('?').count();
        let finer = marks(&stage.text());
        stage.state.look.glyphs = Glyphs::Ascii;
        let text = stage.text();
        assert!(text.is_ascii(), "{keys}\n{text}");
        assert_eq!(marks(&text), finer, "a sign has no equal: {keys}\n{text}");
    }
}

/// Every hostile text in every place of a report that a detail screen shows.
#[test]
fn hostile_texts_disturb_no_detail() {
    #[derive(serde::Deserialize)]
    struct Hostile {
        text: String,
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/hostile/texts.json");
    let texts: Vec<Hostile> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let demo = sick();
    let host = Host::new(HostId::new("srv01").unwrap());
    for Hostile { text } in texts {
        let text = HostText::new(text);
        let mut stage = Stage::new(vec![Member::new(host.clone())], (80, 60));
        for api in Api::ALL {
            let mut report = demo.report(&host.id, api, start()).unwrap();
            infect(&mut report, &text);
            stage.observe(&host.id, api, Ok(report));
        }
        for keys in ["enter 1 enter", "h enter 5 enter", "h enter 6 enter", "h d", "G", "h e"] {
            stage.press(keys);
            let harm = |c: char| {
                c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c)
            };
            assert!(stage.cells().content().iter().all(|cell| !cell.symbol().chars().any(harm)), "{text:?}");
            let shown = stage.text();
            assert!(shown.starts_with(" CM"), "{text:?}");
            assert!(shown.lines().count() == 60 && shown.lines().all(|line| terminal::columns(line) <= 80), "{shown}");
            stage.press("y");
            for effect in stage.effects() {
                let Effect::Copy(copied) = effect else { continue };
                assert!(!copied.chars().any(|c| c != '\n' && harm(c)), "{text:?} {copied:?}");
            }
        }
    }
}

fn infect(report: &mut Report, text: &HostText) {
    let told = || Some(text.clone());
    match report {
        Report::Smart(report) => {
            let report = Arc::make_mut(report);
            for drive in &mut report.drives {
                (drive.name, drive.model, drive.serial, drive.firmware) = (text.clone(), told(), told(), told());
                (drive.wwn, drive.label, drive.unreadable_reason) = (told(), told(), told());
            }
            report.issues = vec![text.clone()];
        }
        Report::Service(report) => {
            let report = Arc::make_mut(report);
            (report.os, report.kernel, report.agent_version) = (told(), told(), told());
            for service in &mut report.services {
                (service.name, service.description, service.status) = (text.clone(), told(), ServiceStatus::Failed);
                service.log = vec![text.clone(); 3];
            }
            report
                .filesystems
                .iter_mut()
                .for_each(|fs| (fs.mount, fs.device, fs.kind) = (text.clone(), told(), told()));
            report.disks.iter_mut().for_each(|disk| disk.name = text.clone());
            report.network.iter_mut().for_each(|interface| interface.name = text.clone());
            report.sensors.iter_mut().for_each(|sensor| sensor.name = text.clone());
            report.activities = vec![Activity { name: told(), ..Activity::default() }];
            report.processes = vec![Process { name: text.clone(), unit: told(), ..Process::default() }];
            report.missing = vec![Missing { what: text.clone(), why: text.clone() }];
        }
        Report::Backup(report) => {
            let report = Arc::make_mut(report);
            (report.backup.repository, report.service.last_message) = (told(), told());
            report.backup.history.iter_mut().for_each(|run| run.message = told());
        }
    }
}
