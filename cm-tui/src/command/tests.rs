use cm_core::demo::Demo;

use crate::snapshots::{Stage, check, sick};
use crate::state::Overlay;
use crate::theme::Theme;
use crate::update::{Effect, Event, Mouse};

fn stage() -> Stage {
    Stage::demo(&sick(), 12, (80, 24))
}

fn typed(stage: &mut Stage, line: &str) {
    stage.press(":");
    stage.tell(Event::Paste(line.to_owned()));
}

#[test]
fn acts_are_done_by_their_words() {
    for (line, effects, told) in [
        ("q", vec![Effect::Quit], ""),
        ("quit", vec![Effect::Quit], ""),
        ("  refresh ", vec![Effect::Refresh], "asking all hosts"),
        ("theme light", vec![Effect::Save, Effect::Redraw], ""),
        ("theme auto", vec![Effect::Save, Effect::Redraw], ""),
        ("", vec![], ""),
        ("help", vec![], "help"),
        ("host srv01", vec![], "CM ▸ srv01"),
        ("host srv", vec![], "CM ▸ srv01"),
        ("host srv00", vec![], "there is no host \"srv00\"; did you mean srv01?"),
        ("host", vec![], "host wants one name"),
        ("host a b", vec![], "host wants one name"),
        ("theme drak", vec![], "did you mean dark?"),
        ("qiut", vec![], "there is no command \"qiut\"; did you mean quit?"),
        ("zoom", vec![], "there is no command \"zoom\""),
        ("frobnicate", vec![], "tab goes through what there is"),
        ("quit now", vec![], "quit takes no word more"),
        ("now", vec![], "this is now"),
    ] {
        let mut stage = stage();
        typed(&mut stage, line);
        stage.press("enter");
        assert_eq!(stage.effects(), effects, "{line}");
        assert!(stage.text().contains(told), "{line}\n{}", stage.text());
        assert!(stage.state.overlay.is_none());
    }
}

#[test]
fn a_theme_is_taken_at_once() {
    let mut stage = stage();
    typed(&mut stage, "theme high_contrast");
    stage.press("enter");
    assert_eq!(stage.state.look.theme, Theme::HighContrast);
}

#[test]
fn auto_is_what_the_terminal_says_at_once_and_asks_it_anew() {
    let mut stage = stage();
    stage.state.set.in_force.asks = true;
    stage.tell(Event::Background(Theme::Light));
    typed(&mut stage, "theme dark");
    stage.press("enter");
    assert_eq!((stage.state.look.theme, stage.effects()), (Theme::Dark, vec![Effect::Save, Effect::Redraw]));
    typed(&mut stage, "theme auto");
    stage.press("enter");
    assert_eq!(stage.state.look.theme, Theme::Light);
    assert_eq!(stage.effects(), [Effect::Save, Effect::AskBackground, Effect::Redraw]);
}

#[test]
fn tab_finishes_what_is_begun_and_goes_round() {
    for (line, tabs, expected) in [
        ("ref", 1, "refresh"),
        ("hos", 1, "host"),
        ("hos", 2, "hosts"),
        ("hos", 3, "host"),
        ("host s", 1, "host srv01"),
        ("host s", 2, "host simonbox"),
        ("them", 1, "theme "),
        ("theme h", 1, "theme high_contrast"),
        ("zzz", 1, "zzz"),
        ("quit x", 1, "quit x"),
    ] {
        let mut stage = stage();
        typed(&mut stage, line);
        for _ in 0..tabs {
            stage.press("tab");
        }
        let Some(Overlay::Command(command)) = &stage.state.overlay else { panic!("{line}") };
        assert_eq!(command.line.text(), expected, "{line} {tabs}");
    }
}

#[test]
fn esc_and_a_backspace_too_many_leave_the_line() {
    for keys in [": esc", ": backspace", ": a backspace backspace", ": enter"] {
        let mut stage = stage();
        stage.press(keys);
        assert!(stage.state.overlay.is_none(), "{keys}");
    }
    let mut stage = stage();
    stage.press(": ctrl-c");
    assert_eq!(stage.effects(), [Effect::Quit]);
}

#[test]
fn the_line_shows_how_it_can_go_on() {
    let mut stage = stage();
    typed(&mut stage, "h");
    check("command-line", &stage.text());
}

#[test]
fn hints_and_crumbs_are_clicked() {
    let mut stage = stage();
    stage.press("enter ?");
    let line = |stage: &Stage, y: usize| stage.text().lines().nth(y).unwrap().to_owned();
    assert!(line(&stage, 0).starts_with(" CM ▸ help"));
    stage.tell(Event::Mouse(Mouse::Click { x: 1, y: 0 }));
    assert_eq!(stage.state.screens.len(), 1);
    let shown = line(&stage, 23);
    let column = |words: &str| {
        let before = shown.split(words).next().unwrap();
        u16::try_from(before.chars().count()).unwrap()
    };
    stage.tell(Event::Mouse(Mouse::Click { x: column("help"), y: 23 }));
    assert!(line(&stage, 0).starts_with(" CM ▸ help"), "{shown}");
    stage.tell(Event::Mouse(Mouse::Click { x: 79, y: 23 }));
    stage.press("esc");
    stage.tell(Event::Mouse(Mouse::Click { x: column("quit"), y: 23 }));
    assert_eq!(stage.effects(), [Effect::Quit]);
}

#[test]
fn what_is_clicked_twice_is_opened_and_the_wheel_moves_the_cursor() {
    let demo: Demo = sick();
    let mut stage = Stage::demo(&demo, 12, (80, 24));
    let host = |stage: &Stage| stage.state.top().page().host(&stage.state).unwrap().to_string();
    let first = host(&stage);
    stage.tell(Event::Mouse(Mouse::WheelDown));
    assert_ne!(host(&stage), first);
    stage.tell(Event::Mouse(Mouse::WheelUp));
    assert_eq!(host(&stage), first);
    let y = stage.text().lines().position(|line| line.contains("cmbox")).unwrap();
    let click = Event::Mouse(Mouse::Click { x: 5, y: u16::try_from(y).unwrap() });
    stage.tell(click.clone());
    assert_eq!((host(&stage).as_str(), stage.state.screens.len()), ("cmbox", 1));
    stage.tell(click);
    assert_eq!(stage.state.screens.len(), 2);
}
