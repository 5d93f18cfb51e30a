use super::*;
use crate::key::Code;
use crate::key::Held;
use crate::screen::Kind;
use crate::screen::overview::Sort;
use crate::snapshots::Stage;
use cm_core::clock::WallTime;
use cm_core::demo::Demo;
use cm_core::report::{Api, Report};
use proptest::prelude::*;

fn stage() -> Stage {
    Stage::demo(&Demo::new(1, WallTime::from_secs(1_766_000_000)), 2, (80, 24))
}

fn cursor(stage: &Stage) -> String {
    stage.state.overview().and_then(|page| page.cursor.clone()).map(|host| host.to_string()).unwrap_or_default()
}

fn names(stage: &Stage) -> Vec<String> {
    let order = &stage.state.overview().unwrap().order;
    order.iter().map(|&at| stage.state.live.fleet.hosts()[at].member.host.id.to_string()).collect()
}

#[test]
fn the_cursor_follows_its_host_and_rows_hold_still_while_keys_are_pressed() {
    let mut stage = stage();
    assert_eq!(names(&stage), ["srv01", "cmbox", "simonbox", "steambox", "labbox"]);
    stage.press("u");
    assert_eq!(names(&stage), ["labbox", "simonbox", "steambox", "cmbox", "srv01"]);
    stage.press("G");
    assert_eq!(cursor(&stage), "srv01");
    // It falls into trouble while keys are pressed: its row stays, and moves once they are not.
    let host = stage.state.live.fleet.hosts()[0].member.host.id.clone();
    let mut report = stage.state.live.fleet.hosts()[0].service().unwrap().clone();
    report.summary.system_memory_used_mb = report.summary.system_memory_total_mb;
    stage.observe(&host, Api::Service, Ok(Report::Service(std::sync::Arc::new(report))));
    stage.wait(1);
    assert_eq!(names(&stage)[4], "srv01");
    stage.press("j");
    stage.wait(1);
    assert_eq!(names(&stage)[4], "srv01");
    stage.wait(2);
    assert_eq!(names(&stage)[0..2], ["labbox", "srv01"]);
    assert_eq!(cursor(&stage), "srv01");
}

#[test]
fn the_filter_works_as_it_is_typed_and_is_kept_or_cleared() {
    let mut stage = stage();
    stage.press("/ b o x");
    assert_eq!(names(&stage).len(), 4);
    stage.press("space g a m i n g");
    assert_eq!(names(&stage), ["simonbox", "steambox"]);
    assert_eq!(stage.effects(), []);
    stage.press("enter q");
    assert_eq!(stage.effects(), [Effect::Quit]);
    assert_eq!(names(&stage).len(), 2);
    stage.press("esc");
    assert_eq!(names(&stage).len(), 5);
    stage.press("/ z z esc");
    assert_eq!((names(&stage).len(), stage.state.overlay.is_none()), (5, true));
    stage.tell(Event::Paste("nothing is typed into".to_owned()));
    stage.press("/");
    stage.tell(Event::Paste("lab\nbox".to_owned()));
    assert_eq!(names(&stage), ["labbox"]);
}

#[test]
fn what_is_in_trouble_is_shown_alone_and_the_order_changes() {
    let mut stage = stage();
    stage.press("!");
    assert_eq!(names(&stage), ["simonbox", "steambox", "labbox"]);
    stage.press("! s");
    assert_eq!(stage.state.preferences.sort(), Sort::Name);
    assert!(stage.effects().contains(&Effect::Save));
    stage.press("u s s");
    assert_eq!((stage.state.preferences.sort(), names(&stage)[0].as_str()), (Sort::Memory, "steambox"));
    stage.press("S");
    assert_eq!(names(&stage)[4], "steambox");
}

#[test]
fn enter_goes_in_and_escape_comes_out_with_everything_as_it_was() {
    let mut stage = stage();
    stage.press("/ b o x enter j");
    let before = stage.state.screens.clone();
    stage.press("enter tab z");
    assert_eq!(stage.state.kind(), Kind::Host);
    stage.press("? j esc");
    stage.press("esc esc esc");
    assert_eq!(stage.state.screens, before);
}

#[test]
fn left_and_right_go_from_host_to_host_in_the_order_of_the_overview() {
    let mut stage = stage();
    stage.press("enter right right");
    let shown = |stage: &Stage| stage.state.top().page().host(&stage.state).unwrap().to_string();
    assert_eq!(shown(&stage), "simonbox");
    stage.press("left left left");
    assert_eq!(shown(&stage), "labbox");
}

#[test]
fn a_paused_picture_stands_and_then_is_now_again() {
    let mut stage = stage();
    stage.press("p");
    let (text, started) = (stage.text(), stage.now());
    stage.wait(30);
    assert_eq!(stage.text(), text);
    assert_eq!(stage.state.picture().now, started);
    stage.press("p");
    assert_eq!(stage.state.picture().now, stage.now());
}

#[test]
fn an_act_that_cannot_be_done_says_why() {
    let mut stage = stage();
    stage.press("x");
    assert_eq!(stage.effects(), []);
    assert!(stage.text().contains("a made-up host has no shell"));
    stage.wait(5);
    assert!(!stage.text().contains("a made-up host has no shell"));
}

#[test]
fn a_shell_gets_the_address_as_one_word_and_readonly_hides_it() {
    let mut stage = stage();
    stage.state.set.origin = crate::state::Origin::Configured;
    stage.state.set.facts[0].address = Some("srv01.lan; rm -rf /".to_owned());
    stage.press("x");
    let words: Vec<std::ffi::OsString> = ["ssh", "--", "srv01.lan; rm -rf /"].map(Into::into).to_vec();
    assert_eq!(stage.effects(), [Effect::HandOver(words)]);
    stage.state.set.facts[0].hand_over.command =
        cm_core::config::command::Command::new(["tmux", "new-window", "-n", "{host}", "ssh {address}"]).unwrap();
    stage.press("x");
    let words: Vec<std::ffi::OsString> =
        ["tmux", "new-window", "-n", "srv01", "ssh srv01.lan; rm -rf /"].map(Into::into).to_vec();
    assert_eq!(stage.effects(), [Effect::HandOver(words)]);
    stage.state.set.rights = crate::state::Rights::Read;
    stage.press("x");
    assert_eq!(stage.effects(), []);
    assert!(!stage.text().contains("ssh"));
}

#[test]
fn a_click_takes_the_cursor_and_a_second_one_opens() {
    let mut stage = stage();
    stage.tell(Event::Mouse(Mouse::Click { x: 10, y: 5 }));
    assert_eq!(cursor(&stage), "cmbox");
    stage.tell(Event::Mouse(Mouse::Click { x: 10, y: 5 }));
    assert_eq!(stage.state.kind(), Kind::Host);
    stage.press("esc");
    stage.tell(Event::Mouse(Mouse::WheelDown));
    assert_eq!(cursor(&stage), "simonbox");
}

#[test]
fn sheets_are_scrolled_by_the_wheel_and_by_their_scroll_bar() {
    for keys in ["?", "d", "enter 1 enter", "enter 5 enter", "a enter"] {
        let mut stage = Stage::demo(&crate::snapshots::sick(), 3, (80, 10));
        stage.press(keys);
        let top = stage.text();
        stage.tell(Event::Mouse(Mouse::WheelDown));
        let by_wheel = stage.text();
        stage.press("g g j j j");
        assert_eq!(stage.text(), by_wheel, "{keys}");
        assert_ne!(by_wheel, top, "{keys}");
        stage.tell(Event::Mouse(Mouse::Click { x: 79, y: 8 }));
        let bottom = stage.text();
        stage.press("G");
        assert_eq!(stage.text(), bottom, "{keys}");
        stage.tell(Event::Mouse(Mouse::Drag { x: 79, y: 1 }));
        assert_eq!(stage.text(), top, "{keys}");
    }
}

#[test]
fn marks_are_put_taken_away_and_given_up() {
    let mut stage = stage();
    stage.press("space space");
    assert_eq!(stage.state.marks.len(), 2);
    stage.press("k space");
    assert_eq!(stage.state.marks.len(), 1);
    stage.press("esc");
    assert_eq!(stage.state.marks.len(), 0);
}

#[test]
fn what_is_copied_is_plain_text() {
    let mut stage = stage();
    stage.press("G y");
    let [Effect::Copy(text)] = &stage.effects()[..] else { panic!("nothing was copied") };
    assert!(text.starts_with("labbox critical\n  no answer"), "{text}");
}

fn event() -> impl Strategy<Value = Event> {
    let codes = prop::sample::select(vec![
        Code::Enter,
        Code::Esc,
        Code::Tab,
        Code::Backspace,
        Code::Left,
        Code::Right,
        Code::Up,
        Code::Down,
        Code::Home,
        Code::End,
        Code::PageUp,
        Code::PageDown,
        Code::F(1),
        Code::Char(' '),
        Code::Delete,
    ]);
    // `q` and what stops or hands over end the story too soon.
    let letters =
        prop::sample::select("abdefghijklmnoprstuvwyzGSMRHAIE/?!:,.[]{}<>123456789".chars().collect::<Vec<_>>());
    let held = prop::sample::select(vec![Held::Nothing, Held::Shift, Held::Ctrl, Held::Alt]);
    let size = (prop_oneof![1_u16..400, Just(60), Just(120)], prop_oneof![1_u16..120, Just(15), Just(40)]);
    let place = (0_u16..300, 0_u16..100);
    prop_oneof![
        8 => letters.prop_map(|c| Event::Key(Press::plain(Code::Char(c)))),
        6 => codes.prop_map(|code| Event::Key(Press::plain(code))),
        1 => (held, any::<char>()).prop_map(|(held, c)| Event::Key(Press { code: Code::Char(c), held })),
        1 => size.prop_map(|(width, height)| Event::Resize(Size { width, height })),
        2 => place.prop_map(|(x, y)| Event::Mouse(Mouse::Click { x, y })),
        1 => Just(Event::Mouse(Mouse::WheelDown)),
        1 => any::<String>().prop_map(Event::Paste),
        1 => Just(Event::Tick),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// No sequence of keys, sizes and events panics or traps anybody: escape always comes back to all hosts, and then `q`
    /// quits.
    #[test]
    fn nobody_is_trapped(events in prop::collection::vec(event(), 1..60), hosts in 0_usize..8) {
        let demo = Demo::new(1, WallTime::from_secs(1_766_000_000)).with_hosts(hosts);
        let mut stage = Stage::demo(&demo, 1, (80, 24));
        for event in events {
            stage.tell(event);
            stage.cells();
        }
        for _ in 0..40 {
            stage.press("esc");
        }
        prop_assert_eq!(stage.state.screens.len(), 1);
        prop_assert!(stage.state.overlay.is_none());
        prop_assert_eq!(stage.state.overview().map(|page| page.order.len()), Some(hosts));
        stage.effects();
        stage.press("q");
        prop_assert_eq!(stage.effects(), [Effect::Quit]);
    }
}
