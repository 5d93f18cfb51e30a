use std::path::PathBuf;

use cm_core::wording::Glyphs;

use super::*;
use crate::history::record;
use crate::snapshots::{SIZES, Stage, check, sick, start};
use crate::theme::Theme;
use crate::update::{Event, Mouse};

fn over_history(size: (u16, u16)) -> Stage {
    Stage::demo(&sick(), 12, size).over(record::shared())
}

fn page(stage: &Stage) -> &ChartPage {
    match stage.state.top() {
        crate::screen::Screen::Chart(page) => page,
        other => panic!("no chart: {:?}", other.kind()),
    }
}

#[test]
fn a_course_at_every_size_and_zoom() {
    for size in SIZES {
        let mut stage = over_history(size);
        stage.press("c 5");
        check(&format!("chart-month-{}", size.0), &stage.text());
        stage.press("left left left left left");
        check(&format!("chart-cursor-{}", size.0), &stage.text());
    }
    let mut stage = over_history((80, 24));
    stage.press("c");
    for (keys, name) in [("1", "hour"), ("2", "six-hours"), ("3", "day"), ("4", "week"), ("6", "year")] {
        stage.press(keys);
        check(&format!("chart-{name}"), &stage.text());
    }
}

#[test]
fn in_ascii_a_chart_is_ascii_and_without_colour_it_tells_as_much() {
    let mut stage = over_history((80, 24));
    stage.state.look.glyphs = Glyphs::Ascii;
    stage.state.look.theme = Theme::None;
    stage.press("c 5");
    let text = stage.text();
    assert!(text.is_ascii(), "{text}");
    check("chart-ascii", &text);
    assert!(["|", ":", "*"].iter().all(|sign| text.contains(sign)), "each layer has a sign of its own");
}

#[test]
fn any_screen_opens_the_course_of_what_has_the_cursor() {
    for (keys, metric) in [
        ("c", "cpu.use"),
        ("enter c", "cpu.use"),
        ("enter 2 c", "memory.use"),
        ("enter 1 c", "drive.temperature"),
        ("enter 1 enter c", "drive.temperature"),
        ("enter 4 c", "filesystem.use"),
        ("d c", "cpu.use"),
    ] {
        let mut stage = over_history((120, 40));
        stage.press(keys);
        let name = catalogue::by_id(page(&stage).of.metric).unwrap().metric.name;
        assert_eq!(name, metric, "{keys}");
        stage.press("esc");
        assert_ne!(stage.state.kind(), crate::screen::Kind::Chart);
    }
}

#[test]
fn the_cursor_goes_through_values_and_takes_the_time_along_at_the_edge() {
    let mut stage = over_history((80, 24));
    stage.press("c 4");
    let newest = page(&stage).under_cursor(&stage.state);
    stage.press("left");
    let column = newest.since(page(&stage).under_cursor(&stage.state));
    assert!((Duration::from_mins(145)..Duration::from_mins(170)).contains(&column), "{column:?}");
    stage.press("right right");
    assert_eq!(page(&stage).cursor, None, "at the newest it follows again");
    let before = page(&stage).window(&stage.state);
    stage.press("g g left");
    let after = page(&stage).window(&stage.state);
    assert_eq!(before.1.since(after.1), Zoom::Week.span() / 4);
    assert!(page(&stage).under_cursor(&stage.state) < before.0);
    stage.press("G");
    assert_eq!(page(&stage).window(&stage.state), before);
    stage.press("pageup");
    assert_eq!(before.1.since(page(&stage).window(&stage.state).1), Zoom::Week.span() / 2);
    stage.press("pagedown");
    assert_eq!(page(&stage).window(&stage.state), before);
    stage.press("pageup esc");
    assert_eq!(page(&stage).window(&stage.state), before, "escape first gives up where one is");
}

#[test]
fn zooming_keeps_the_moment_under_the_cursor_in_its_place() {
    let mut stage = over_history((120, 40));
    stage.press("c 5");
    for _ in 0..40 {
        stage.press("left");
    }
    let moment = page(&stage).under_cursor(&stage.state);
    let along = |stage: &Stage| {
        let (since, until) = page(stage).window(&stage.state);
        moment.since(since).as_secs_f64() / until.since(since).as_secs_f64()
    };
    let before = along(&stage);
    for keys in ["+", "+", "-", "-", "6", "1"] {
        stage.press(keys);
        assert_eq!(page(&stage).under_cursor(&stage.state), moment, "{keys}");
        // A year before now ends at now, wherever the cursor stood.
        assert!(keys == "6" || (along(&stage) - before).abs() < 0.01 || along(&stage) > before, "{keys}");
    }
    stage.press("- - - - - - - - -");
    assert_eq!(page(&stage).zoom(), Zoom::Year);
    stage.press("+ + + + + + + + +");
    assert_eq!(page(&stage).zoom(), Zoom::Hour);
}

#[test]
fn the_moment_under_the_cursor_is_one_key_away() {
    let mut stage = over_history((120, 40));
    stage.press("c 4 pageup left left enter");
    let then = stage.state.then.as_ref().expect("the past");
    assert_eq!(then.at.max(start().before(Duration::from_hours(72))), then.at, "not before the first kept moment");
    assert!(stage.text().contains("THEN "));
    // A chart of the past ends with its moment.
    assert!(page(&stage).window(&stage.state).1 <= then.at.after(Duration::from_millis(1)));
    stage.press("n");
    assert!(stage.text().contains("LIVE"));
}

#[test]
fn a_click_puts_the_cursor_there() {
    let mut stage = over_history((80, 24));
    stage.press("c 4");
    stage.tell(Event::Mouse(Mouse::Click { x: plot::AXIS + 2, y: 5 }));
    let (since, until) = page(&stage).window(&stage.state);
    let first = until.since(since) / (2 * u32::from(ChartPage::columns(&stage.state)));
    assert_eq!(page(&stage).cursor.unwrap().since(since).as_secs(), first.as_secs());
    stage.tell(Event::Mouse(Mouse::Click { x: 3, y: 5 }));
    assert_eq!(page(&stage).cursor.unwrap().since(since).as_secs(), first.as_secs(), "the axis is no moment");
}

#[test]
fn what_a_host_does_not_tell_of_and_what_is_not_stored_is_said() {
    let mut stage = over_history((80, 24));
    stage.press("c pageup pageup j j");
    assert!(stage.text().contains("Nothing was measured in this time"), "{}", stage.text());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    drop(record::writer(&path));
    let mut stage = Stage::demo(&sick(), 2, (80, 24)).over(path);
    stage.press("c");
    assert!(stage.text().contains("Nothing of this is stored"), "{}", stage.text());
    let mut stage = Stage::demo(&sick(), 2, (80, 24));
    stage.press("c");
    assert!(stage.text().contains("No history is stored here."), "{}", stage.text());
    let mut stage = Stage::demo(&sick(), 2, (80, 24)).over(PathBuf::from("/nowhere/history.db"));
    stage.press("c");
    assert!(stage.text().contains("/nowhere/history.db"), "{}", stage.text());
}

#[test]
fn no_size_breaks_a_chart() {
    for size in [(1, 1), (20, 1), (20, 2), (20, 3), (20, 8), (5, 24), (13, 24), (14, 9), (300, 100)] {
        for keys in ["c", "c left left", "c 6 g g", "c j"] {
            let mut stage = over_history(size);
            stage.press(keys);
            stage.text();
        }
    }
}
