//! Acts that move the cursor, and go in and out.

use super::{Action, Hint, Nature, On, always, hint, key};
use crate::screen::overview::Filter;
use crate::screen::{Kind, Step};
use crate::state::State;
use crate::update::Effect;

pub(super) static ACTIONS: &[Action] = &[
    Action {
        word: "up",
        help: "one up",
        hint: None,
        keys: &[key("up"), key("k")],
        on: On::Every,
        nature: Nature::Look,
        ready: always,
        run: |state| step(state, Step::Up),
    },
    Action {
        word: "down",
        help: "one down",
        hint: None,
        keys: &[key("down"), key("j")],
        on: On::Every,
        nature: Nature::Look,
        ready: always,
        run: |state| step(state, Step::Down),
    },
    Action {
        word: "page-up",
        help: "a page up",
        hint: None,
        keys: &[key("pageup"), key("ctrl-b")],
        on: On::Every,
        nature: Nature::Look,
        ready: always,
        run: |state| step(state, Step::PageUp),
    },
    Action {
        word: "page-down",
        help: "a page down",
        hint: None,
        keys: &[key("pagedown"), key("ctrl-f")],
        on: On::Every,
        nature: Nature::Look,
        ready: always,
        run: |state| step(state, Step::PageDown),
    },
    Action {
        word: "top",
        help: "to the top",
        hint: None,
        keys: &[key("g g"), key("home")],
        on: On::Every,
        nature: Nature::Look,
        ready: always,
        run: |state| step(state, Step::Top),
    },
    Action {
        word: "bottom",
        help: "to the bottom",
        hint: None,
        keys: &[key("G"), key("end")],
        on: On::Every,
        nature: Nature::Look,
        ready: always,
        run: |state| step(state, Step::Bottom),
    },
    Action {
        word: "open",
        help: "open what has the cursor",
        hint: hint(10, "open"),
        keys: &[key("enter")],
        on: On::Only(&[Kind::Overview, Kind::Host, Kind::Events, Kind::Alerts, Kind::Alert]),
        nature: Nature::Look,
        ready: |state| state.top().page().inside(state).map(|_| ()).ok_or("nothing to open here"),
        run: open,
    },
    Action {
        word: "back",
        help: "back, with everything as you left it",
        hint: hint(90, "back"),
        keys: &[key("esc"), key("backspace")],
        on: On::Every,
        nature: Nature::Look,
        ready: |state| if is_anywhere(state) { Ok(()) } else { Err("these are all hosts; q quits") },
        run: back,
    },
    Action {
        word: "previous-host",
        help: "the host before",
        hint: None,
        keys: &[key("left")],
        on: On::Only(&[Kind::Host]),
        nature: Nature::Look,
        ready: always,
        run: |state| super::host::turn(state, super::host::Way::Back),
    },
    Action {
        word: "next-host",
        help: "the next host",
        hint: Some(Hint { words: "next host", rank: 20, after: Some("previous-host") }),
        keys: &[key("right"), key("l")],
        on: On::Only(&[Kind::Host]),
        nature: Nature::Look,
        ready: always,
        run: |state| super::host::turn(state, super::host::Way::On),
    },
];

fn step(state: &mut State, step: Step) -> Vec<Effect> {
    state.with_top(|screen, rest| screen.page_mut().step(rest, step));
    Vec::new()
}

pub(crate) fn open(state: &mut State) -> Vec<Effect> {
    if let Some(screen) = state.top().page().inside(state) {
        state.open(screen);
    }
    Vec::new()
}

/// Whether there is anything to come back from.
fn is_anywhere(state: &State) -> bool {
    let is_filtered = state.overview().is_some_and(|page| page.filter != Filter::default());
    state.screens.len() > 1 || is_filtered || !state.marks.is_empty() || state.then.is_some()
}

fn back(state: &mut State) -> Vec<Effect> {
    let gave_up = state.with_top(|screen, _| screen.page_mut().give_up());
    if gave_up {
        return Vec::new();
    }
    if state.screens.len() > 1 {
        state.screens.pop();
    } else if state.then.is_some() {
        crate::travel::now(state);
    } else {
        state.marks.clear();
    }
    Vec::new()
}
