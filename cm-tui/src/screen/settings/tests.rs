use std::path::PathBuf;
use std::time::Duration;

use cm_core::clock::WallTime;
use cm_core::config::{Origin, Shown};
use cm_core::demo::Demo;
use cm_core::text::terminal;
use cm_core::wording::Glyphs;

use crate::preferences::Preferences;
use crate::snapshots::{SIZES, Stage, check};
use crate::theme::Theme;
use crate::update::Effect;

fn stage(size: (u16, u16)) -> Stage {
    let mut stage = Stage::demo(&Demo::new(1, WallTime::from_secs(1_766_000_000)), 2, size);
    let in_force = &mut stage.state.set.in_force;
    in_force.folder = Some("/home/me/.local/state/cm-dashboard".to_owned());
    let theme = in_force.settings.iter_mut().find(|setting| setting.name == "dashboard.theme").unwrap();
    theme.value = "\"light\"".to_owned();
    theme.origin = Origin::File {
        path: PathBuf::from("/home/me/.config/cm-dashboard/dashboard.toml"),
        line: 3,
        column: 9,
        for_host: false,
    };
    stage.state.set.theme = cm_core::config::dashboard::Theme::Light;
    stage.effects();
    stage
}

#[test]
fn settings_at_every_size() {
    for size in SIZES {
        let mut stage = stage(size);
        stage.press(", right j j j j right k k");
        check(&format!("settings-{}", size.0), &stage.text());
    }
    let mut stage = stage((80, 24));
    stage.press(", / t h e m e enter");
    check("settings-filtered", &stage.text());
    let mut stage = Stage::new(Vec::new(), (80, 24));
    stage.press(", G");
    check("settings-no-hosts", &stage.text());
}

#[test]
fn colours_change_at_once_and_are_as_configured_again() {
    let mut stage = stage((120, 40));
    stage.press("enter s right");
    assert_eq!(stage.state.look.theme, Theme::HighContrast);
    assert_eq!(stage.effects(), [Effect::Save, Effect::Redraw]);
    let kept = Preferences::read(&stage.state.preferences.write());
    assert_eq!(kept.theme().unwrap().word(), "high_contrast");
    let text = stage.text();
    assert!(text.contains("chosen here, over light (dashboard.toml:3:9)"), "{text}");
    assert!(text.contains("passed over: chosen here"), "{text}");
    stage.press("d");
    assert_eq!((stage.state.look.theme, stage.state.preferences.theme()), (Theme::Light, None));
    let text = stage.text();
    assert!(!text.contains("chosen here"), "{text}");
    assert!(text.contains("dashboard.theme: /home/me/.config/cm-dashboard/dashboard.toml:3:9"), "{text}");
    // What was not chosen can't be taken back.
    stage.effects();
    stage.press("d");
    assert_eq!(stage.effects(), []);
}

#[test]
fn auto_waits_for_the_terminal_and_a_chosen_theme_does_not() {
    let mut stage = stage((80, 24));
    stage.state.set.in_force.asks = true;
    stage.press(", left left");
    assert_eq!(stage.state.theme().word(), "auto");
    assert!(stage.effects().contains(&Effect::AskBackground));
    stage.tell(crate::update::Event::Background(Theme::Light));
    assert_eq!(stage.state.look.theme, Theme::Light);
    stage.press("right");
    assert_eq!(stage.state.look.theme, Theme::Dark);
    stage.tell(crate::update::Event::Background(Theme::Light));
    assert_eq!(stage.state.look.theme, Theme::Dark);
}

#[test]
fn the_interval_stays_between_a_second_and_a_minute_and_hosts_are_asked_once() {
    let mut stage = stage((80, 24));
    stage.press(", j");
    for _ in 0..80 {
        stage.press("right");
    }
    assert_eq!(stage.state.interval(), Duration::from_mins(1));
    assert!(!stage.effects().contains(&Effect::Refresh));
    stage.wait(5);
    assert_eq!(stage.effects(), [Effect::Refresh]);
    // At that interval a minute-old answer is no old one.
    stage.wait(60);
    assert!(!stage.state.live.standing.iter().any(|host| host.link == cm_core::observation::LinkState::Stale));
    for _ in 0..80 {
        stage.press("left");
    }
    assert_eq!(stage.state.interval(), Duration::from_secs(1));
    stage.press("d");
    assert_eq!(stage.state.interval(), Duration::from_secs(5));
}

#[test]
fn signs_mouse_and_panels_change_at_once_and_are_found_again() {
    let mut stage = stage((120, 40));
    stage.press(", j j right");
    assert!(stage.text().is_ascii(), "{}", stage.text());
    stage.press("j right j right");
    assert!(stage.effects().contains(&Effect::Mouse(false)));
    let kept = Preferences::read(&stage.state.preferences.write());
    assert_eq!((kept.signs(), kept.no_mouse, kept.panel("nvme")), (Some(Glyphs::Ascii), true, Some(false)));
    assert_eq!(kept, stage.state.preferences);
    stage.press("esc enter");
    assert!(!stage.text().contains("Drives"), "{}", stage.text());
    stage.press(", j j j j d esc");
    assert!(stage.text().contains("Drives"), "{}", stage.text());
}

#[test]
fn a_panel_that_the_configuration_hides_can_be_shown() {
    let mut stage = stage((120, 40));
    for facts in &mut stage.state.set.facts {
        facts.widgets.drives = false;
    }
    stage.state.set.in_force.widgets.drives = false;
    stage.press("enter");
    assert!(!stage.text().contains("Drives"), "{}", stage.text());
    stage.press(", j j j j right");
    assert!(stage.text().contains("chosen here, over hidden (as configured)"), "{}", stage.text());
    stage.press("esc");
    assert!(stage.text().contains("Drives"), "{}", stage.text());
}

#[test]
fn what_stands_in_the_configuration_is_not_written_here() {
    let mut stage = stage((120, 40));
    stage.press(", G right enter d");
    assert_eq!(stage.effects(), []);
    assert_eq!(stage.state.preferences, Preferences::default());
}

/// Values of the configuration may quote anything.
#[test]
fn hostile_texts_disturb_no_setting() {
    #[derive(serde::Deserialize)]
    struct Hostile {
        text: String,
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/hostile/texts.json");
    let texts: Vec<Hostile> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(texts.len() > 50);
    for Hostile { text } in texts {
        let mut stage = stage((120, 40));
        stage.state.set.in_force.folder = Some(text.clone());
        stage.state.set.in_force.settings =
            vec![Shown { name: text.clone(), value: text.clone(), origin: Origin::Environment(text.clone()) }];
        stage.press(", G");
        for cell in stage.cells().content() {
            assert!(!cell.symbol().chars().any(char::is_control), "{text:?} {:?}", cell.symbol());
        }
        let shown = stage.text();
        assert!(shown.lines().all(|line| terminal::columns(line) <= 120), "{text:?}\n{shown}");
        assert!(shown.starts_with(" CM"), "{text:?}");
    }
}

#[test]
fn a_program_of_the_owner_has_a_switch_by_its_name_and_others_have_none() {
    let mut stage = stage((120, 40));
    stage.press(",");
    assert!(!stage.text().contains("panel external") && stage.text().contains("panel recent"), "{}", stage.text());
    let widget = cm_core::config::ExternalWidget {
        name: cm_core::host::HostId::new("ups").unwrap(),
        program: "/usr/local/bin/ups-panel".into(),
        arguments: Vec::new(),
        every: std::time::Duration::from_secs(30),
        host: None,
    };
    stage.state.externals.push(crate::external::External { widget, told: None });
    assert!(stage.text().contains("panel ups") && !stage.text().contains("panel external"), "{}", stage.text());
}
