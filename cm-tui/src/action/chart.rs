//! Acts of the chart, and the one that opens it.

use super::host::Way;
use super::{Action, Bound, Hint, Nature, On, always, hint, key};
use crate::screen::chart::{ChartPage, Zoom};
use crate::screen::{Kind, Screen};
use crate::state::State;
use crate::travel;
use crate::update::Effect;

const HERE: On = On::Only(&[Kind::Chart]);

pub(super) static ACTIONS: &[Action] = &[
    Action {
        word: "chart",
        help: "the course of what has the cursor, out of the stored history",
        hint: hint(45, "chart"),
        keys: &[key("c")],
        on: On::Only(&[Kind::Overview, Kind::Host, Kind::Drive, Kind::Service, Kind::Facts, Kind::Alert]),
        nature: Nature::Look,
        ready: |state| opened(state).map(|_| ()).ok_or("nothing is told of it yet that has a course"),
        run: |state| {
            if let Some(page) = opened(state) {
                state.open(Screen::Chart(page));
            }
            Vec::new()
        },
    },
    Action {
        word: "cursor-back",
        help: "the cursor a column back",
        hint: None,
        keys: &[key("left")],
        on: HERE,
        nature: Nature::Look,
        ready: always,
        run: |state| on_page(state, |page, rest| page.turn(rest, Way::Back)),
    },
    Action {
        word: "cursor-on",
        help: "the cursor a column on",
        hint: Some(Hint { words: "cursor", rank: 3, after: Some("cursor-back") }),
        keys: &[key("right"), key("l")],
        on: HERE,
        nature: Nature::Look,
        ready: always,
        run: |state| on_page(state, |page, rest| page.turn(rest, Way::On)),
    },
    Action {
        word: "zoom-out",
        help: "more time",
        hint: None,
        keys: &[key("-")],
        on: HERE,
        nature: Nature::Look,
        ready: always,
        run: |state| on_page(state, |page, rest| page.zoom_to(rest, page.zoom().wider())),
    },
    Action {
        word: "zoom-in",
        help: "less time, more of it",
        hint: Some(Hint { words: "zoom", rank: 4, after: Some("zoom-out") }),
        keys: &[key("+"), key("=")],
        on: HERE,
        nature: Nature::Look,
        ready: always,
        run: |state| on_page(state, |page, rest| page.zoom_to(rest, page.zoom().closer())),
    },
    Action {
        word: "moment",
        help: "the whole dashboard as it was at the moment under the cursor",
        hint: hint(5, "that moment"),
        keys: &[key("enter")],
        on: HERE,
        nature: Nature::Look,
        ready: travel::ready,
        run: |state| {
            let at = state.with_top(|screen, rest| match screen {
                Screen::Chart(page) => Some(page.under_cursor(rest)),
                _ => None,
            });
            if let Some(at) = at {
                travel::go(state, at);
            }
            Vec::new()
        },
    },
    zoom("chart-1", "an hour", &[key("1")], |state| zoomed(state, Zoom::Hour)),
    zoom("chart-2", "six hours", &[key("2")], |state| zoomed(state, Zoom::QuarterDay)),
    zoom("chart-3", "a day", &[key("3")], |state| zoomed(state, Zoom::Day)),
    zoom("chart-4", "a week", &[key("4")], |state| zoomed(state, Zoom::Week)),
    zoom("chart-5", "thirty days", &[key("5")], |state| zoomed(state, Zoom::Month)),
    zoom("chart-6", "a year", &[key("6")], |state| zoomed(state, Zoom::Year)),
];

const fn zoom(
    word: &'static str,
    help: &'static str,
    keys: &'static [Bound],
    run: fn(&mut State) -> Vec<Effect>,
) -> Action {
    Action { word, help, hint: None, keys, on: HERE, nature: Nature::Look, ready: always, run }
}

/// The chart of what has the cursor.
fn opened(state: &State) -> Option<ChartPage> {
    let page = state.top().page();
    let (subject, metric) = page.charted(state)?;
    ChartPage::of(state, &page.host(state)?, &subject, metric)
}

fn on_page(state: &mut State, change: impl FnOnce(&mut ChartPage, &State)) -> Vec<Effect> {
    state.with_top(|screen, rest| {
        if let Screen::Chart(page) = screen {
            change(page, rest);
        }
    });
    Vec::new()
}

fn zoomed(state: &mut State, zoom: Zoom) -> Vec<Effect> {
    on_page(state, |page, rest| page.zoom_to(rest, zoom))
}
