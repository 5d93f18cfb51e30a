use std::time::Duration;

use cm_core::clock::WallTime;
use cm_core::demo::Demo;
use cm_core::fleet::Member;
use cm_core::health::{Health, Reason, Subject, Verdict};
use cm_core::host::{Host, HostId};
use cm_core::observation::FailureKind;
use cm_core::report::Api;
use cm_core::text::HostText;
use cm_core::wording::Glyphs;

use crate::alerts::{MOST_OF_HOST, Onset, Sight};
use crate::screen::{Kind, Screen};
use crate::snapshots::{SIZES, Stage, check};
use crate::state::Rights;
use crate::update::{Event, Mouse};

fn sick() -> Demo {
    Demo::new(1, WallTime::from_secs(1_766_000_000))
}

/// The sick fleet after a minute, and one of each sort: acknowledged, silent, out of sight, over.
fn busy(size: (u16, u16)) -> Stage {
    let mut stage = Stage::demo(&sick(), 12, size);
    let srv01 = HostId::new("srv01").unwrap();
    let cmbox = HostId::new("cmbox").unwrap();
    let wear = ("drive.wear", "nvme0n1 wear 82 % (limit 70 %)");
    raise(&mut stage, &srv01, &[wear, ("memory.use", "memory 91 % (limit 90 %)")]);
    raise(&mut stage, &cmbox, &[("service.down", "gitea is not running")]);
    let demo = sick();
    for _ in 0..6 {
        stage.wait(5);
        for (host, api) in demo.hosts().iter().flat_map(|host| Api::ALL.map(|api| (host, api))) {
            let at = stage.now().wall;
            stage.observe(&host.id, api, demo.report(&host.id, api, at));
        }
    }
    raise(&mut stage, &srv01, &[wear]);
    let now = stage.now();
    let id = |stage: &Stage, code| stage.state.alerts.active().find(|alert| alert.reason.code == code).unwrap().id;
    let (wear, down) = (id(&stage, "drive.wear"), id(&stage, "service.down"));
    assert!(stage.state.alerts.acknowledge(wear, "a new drive comes on Friday", now));
    let until = now.wall.after(Duration::from_hours(1));
    assert!(stage.state.alerts.silence(down, until, now));
    stage
}

/// A host is judged like this; the demo has said otherwise, and says nothing more.
fn raise(stage: &mut Stage, host: &HostId, told: &[(&'static str, &str)]) {
    let reason = |&(code, text): &(&'static str, &str)| Reason {
        health: Health::Warning,
        code,
        subject: Subject::host(),
        metric: None,
        text: text.into(),
        next: "Look for what has changed.",
    };
    let verdict = Verdict::from_reasons(told.iter().map(reason).collect());
    let now = stage.now();
    // A host that nobody watches keeps what it was judged to be.
    let host = HostId::new(&format!("{host}-b")).unwrap();
    stage.state.alerts.judge(&host, &verdict, (Sight::Clear, Onset::Seen), now);
}

#[test]
fn all_alerts_at_every_size() {
    for size in SIZES {
        let mut stage = busy(size);
        stage.press("a j");
        check(&format!("alerts-sick-{}", size.0), &stage.text());
        let mut stage = Stage::demo(&sick().calm(), 12, size);
        stage.press("a");
        check(&format!("alerts-calm-{}", size.0), &stage.text());
    }
    let mut stage = Stage::new(Vec::new(), (80, 24));
    stage.press("a");
    check("alerts-no-hosts", &stage.text());
}

#[test]
fn an_alert_with_its_evidence_at_every_size() {
    for size in SIZES {
        let mut stage = busy(size);
        stage.press("a / s i m o n enter j enter");
        check(&format!("alert-{}", size.0), &stage.text());
    }
    let mut stage = busy((80, 24));
    stage.press("a / f r i d a y enter E");
    check("alert-acknowledged", &stage.text());
    stage.press("esc esc esc G enter");
    let mut stage = busy((80, 24));
    stage.press("a G enter");
    check("alert-over", &stage.text());
}

#[test]
fn an_alert_is_acknowledged_with_a_comment_and_opened_again() {
    let mut stage = Stage::demo(&sick(), 12, (80, 24));
    stage.press("a A o n space i t");
    assert!(stage.text().contains("comment on it"), "{}", stage.text());
    stage.press("enter");
    let known = |stage: &Stage| {
        stage.state.alerts.active().find_map(|alert| alert.acknowledged.as_ref().map(|known| known.comment.clone()))
    };
    assert_eq!(known(&stage).as_deref(), Some("on it"));
    let count = stage.state.alerts.count(stage.now());
    assert_eq!(count.1, 1);
    // What is acknowledged moved down, and the cursor with it.
    stage.press("U");
    assert_eq!(known(&stage), None);
    stage.press("A x esc");
    assert_eq!((known(&stage), &stage.state.overlay), (None, &None));
}

#[test]
fn an_alert_is_silenced_and_heard_again() {
    let mut stage = Stage::demo(&sick(), 12, (60, 15));
    stage.press("a S");
    let text = stage.text();
    let offered = "silence  1 1 h  2 4 h  3 morning  4 a week  0 lift  esc\n";
    assert!(text.ends_with(offered), "{text}");
    stage.press("9 1");
    assert_eq!(stage.state.alerts.count(stage.now()).1, 1);
    assert!(stage.text().contains("silent until 21:34"), "{}", stage.text());
    stage.press("S 0");
    assert_eq!(stage.state.alerts.count(stage.now()).1, 0);
    stage.press("S 1");
    stage.wait(3_601);
    assert_eq!(stage.state.alerts.count(stage.now()).1, 0);
    stage.press("S esc");
    assert_eq!(stage.state.overlay, None);
}

#[test]
fn where_only_looking_is_allowed_nothing_is_done_and_nothing_offered() {
    let mut stage = Stage::demo(&sick(), 12, (120, 40));
    stage.state.set.rights = Rights::Read;
    stage.press("a");
    let text = stage.text();
    assert!(!text.contains("acknowledge") && !text.contains("ends with this program"), "{text}");
    stage.press("A S");
    assert_eq!(stage.state.overlay, None);
}

#[test]
fn a_held_picture_holds_its_alerts() {
    let mut stage = Stage::demo(&sick(), 12, (80, 24));
    stage.press("p a");
    let before = stage.state.alerts().active().count();
    for api in Api::ALL {
        stage.observe(&HostId::new("srv01").unwrap(), api, Err(FailureKind::Refused));
    }
    stage.wait(60);
    assert!(stage.state.alerts.active().count() > before);
    assert_eq!(stage.state.alerts().active().count(), before);
    stage.press("A");
    assert_eq!(stage.state.overlay, None);
    stage.press("p");
    assert!(stage.state.alerts().active().count() > before);
}

#[test]
fn enter_goes_from_alerts_to_the_alert_and_on_to_its_host() {
    let mut stage = Stage::demo(&sick(), 12, (80, 24));
    stage.press("a enter enter");
    let Screen::Host(page) = stage.state.top() else { panic!("{:?}", stage.state.kind()) };
    assert_eq!(page.host.as_str(), "labbox");
    stage.press("a");
    assert_eq!((stage.state.kind(), stage.state.screens.len()), (Kind::Alerts, 2));
    stage.press("esc");
    assert_eq!(stage.state.kind(), Kind::Overview);
}

#[test]
fn what_stands_beside_an_alert_is_opened_by_a_click_and_left_as_it_was() {
    for (told, kind) in [("the backup was due", Kind::Backup), ("no answer", Kind::Host)] {
        let mut stage = busy((120, 24));
        stage.press("a");
        let id =
            stage.state.alerts.active().find(|alert| alert.reason.text.raw().contains("jellyfin")).unwrap().clone();
        stage.state.open(Screen::Alert(crate::screen::alert::AlertPage::of(&id)));
        let lines = stage.text();
        let y = lines
            .lines()
            .collect::<Vec<_>>()
            .iter()
            .rposition(|line| line.contains(told))
            .unwrap_or_else(|| panic!("{told}: {lines}"));
        let click = Mouse::Click { x: 20, y: u16::try_from(y).unwrap() };
        stage.tell(Event::Mouse(click));
        assert_eq!(stage.state.kind(), kind, "{told}");
        stage.press("esc");
        assert_eq!((stage.state.kind(), stage.text()), (Kind::Alert, lines), "{told}");
        stage.press("enter");
        let Screen::Host(page) = stage.state.top() else { panic!("enter goes to its host as before") };
        assert_eq!(page.host.as_str(), "simonbox");
    }
}

#[test]
fn too_many_of_one_host_are_counted_and_not_listed() {
    let mut stage = Stage::demo(&sick(), 1, (80, 24));
    let reasons = (0..5_000).map(|n| Reason {
        health: Health::Warning,
        code: "drive.wear",
        subject: Subject::named(cm_core::health::SubjectKind::Drive, format!("sd{n}").into()),
        metric: None,
        text: "worn".into(),
        next: "",
    });
    let now = stage.now();
    let host = HostId::new("other").unwrap();
    stage.state.alerts.judge(&host, &Verdict::from_reasons(reasons.collect()), (Sight::Clear, Onset::Seen), now);
    stage.press("a");
    for _ in 0..60 {
        stage.press("pagedown");
    }
    let left_out = format!("and {} more", 5_000 - MOST_OF_HOST);
    stage.press("G");
    stage.press("j");
    assert_eq!(stage.state.alerts.left_out(), 5_000 - MOST_OF_HOST);
    let shown = stage.text();
    assert!(shown.contains(&left_out), "{shown}");
}

/// Every hostile text where a host and where the user may write one.
#[test]
fn hostile_texts_disturb_no_alert() {
    #[derive(serde::Deserialize)]
    struct Hostile {
        text: String,
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/hostile/texts.json");
    let texts: Vec<Hostile> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(texts.len() > 50);
    let host = HostId::new("srv01").unwrap();
    for Hostile { text } in texts {
        let mut stage = Stage::new(vec![Member::new(Host::new(host.clone()))], (120, 40));
        let reason = Reason {
            health: Health::Critical,
            code: "drive.wear",
            subject: Subject::named(cm_core::health::SubjectKind::Drive, HostText::new(text.as_str())),
            metric: None,
            text: HostText::new(text.as_str()),
            next: "",
        };
        let now = stage.now();
        let verdict = Verdict::from_reasons(vec![reason]);
        stage.state.alerts.judge(&host, &verdict, (Sight::Hidden, Onset::Seen), now);
        stage.press("a A");
        stage.tell(crate::update::Event::Paste(text.clone()));
        for keys in ["home", "enter", "enter", "y"] {
            stage.press(keys);
            for cell in stage.cells().content() {
                assert!(!cell.symbol().chars().any(char::is_control), "{text:?} {:?}", cell.symbol());
            }
            let shown = stage.text();
            assert!(shown.lines().all(|line| cm_core::text::terminal::columns(line) <= 120), "{text:?}\n{shown}");
            assert!(shown.starts_with(" CM"), "{text:?}");
        }
    }
}

#[test]
fn in_ascii_alerts_are_ascii() {
    for keys in ["a", "a enter", "a S", "a A"] {
        let mut stage = busy((120, 40));
        stage.state.look.glyphs = Glyphs::Ascii;
        stage.press(keys);
        assert!(stage.text().is_ascii(), "{}", stage.text());
    }
}

#[test]
fn an_acknowledgement_stands_on_the_host_and_among_what_happened() {
    let mut stage = Stage::demo(&sick(), 3, (120, 40));
    stage.press("a");
    while stage.state.top().page().host(&stage.state).is_none_or(|host| host.as_str() != "simonbox") {
        stage.press("j");
    }
    stage.press("A o n space i t enter enter enter");
    assert!(matches!(stage.state.top(), Screen::Host(page) if page.host.as_str() == "simonbox"));
    let host = stage.text();
    let reasons: Vec<&str> = host.lines().skip(1).take(2).collect();
    assert!(reasons.iter().any(|line| line.contains("acknowledged: on it")), "{host}");
    assert!(host.contains("acknowledged (on it): "), "the Recent panel: {host}");
    stage.press("h e");
    assert!(
        stage.text().lines().nth(1).is_some_and(|line| line.contains("acknowledged (on it): ")),
        "{}",
        stage.text()
    );
    stage.press("esc");
    assert!(stage.text().contains("simonbox"));
}

#[test]
fn an_entry_of_the_recent_panel_opens_its_alert_or_the_thing_that_it_is_about() {
    for (host, kind) in [("simonbox", Kind::Alert), ("steambox", Kind::Facts)] {
        let mut stage = Stage::demo(&sick(), 3, (120, 40));
        stage.press(": h o s t space");
        for c in host.chars() {
            stage.press(&c.to_string());
        }
        stage.press("enter");
        assert!(matches!(stage.state.top(), Screen::Host(page) if page.host.as_str() == host), "{host}");
        while !matches!(stage.state.top(), Screen::Host(page) if page.panel() == Some("recent")) {
            stage.press("tab");
        }
        stage.press("enter");
        assert_eq!(stage.state.kind(), kind, "{host}: {}", stage.text());
        stage.press("esc");
        assert_eq!(stage.state.kind(), Kind::Host);
    }
}
