//! Acts of the overview.

use super::{Action, Nature, On, always, hint, key};
use crate::prompt::Prompt;
use crate::screen::overview::{Filter, Overview};
use crate::screen::{Kind, Screen};
use crate::state::{Overlay, State};
use crate::update::Effect;

const HERE: On = On::Only(&[Kind::Overview]);

pub(super) static ACTIONS: &[Action] = &[
    Action {
        word: "filter",
        help: "show only what matches, as you type",
        hint: hint(20, "filter"),
        keys: &[key("/"), key("f")],
        on: On::Only(&[Kind::Overview, Kind::Alerts, Kind::Settings]),
        nature: Nature::Look,
        ready: always,
        run: |state| {
            let words = state.top().page().filtered(state).map(|filtered| filtered.words).unwrap_or_default();
            state.overlay = Some(Overlay::Filter(Prompt::with(&words)));
            Vec::new()
        },
    },
    Action {
        word: "sort",
        help: "the next order: trouble, name, wear, memory, load, age",
        hint: hint(25, "sort"),
        keys: &[key("s")],
        on: HERE,
        nature: Nature::Look,
        ready: always,
        run: |state| {
            let sort = state.preferences.sort().next();
            state.preferences.set_sort(sort);
            state.preferences.reversed = false;
            reorder(state, |_| {});
            state.say(format!("sorted by {}", sort.word()));
            vec![Effect::Save]
        },
    },
    Action {
        word: "reverse",
        help: "turn the order round",
        hint: None,
        keys: &[key("S")],
        on: HERE,
        nature: Nature::Look,
        ready: always,
        run: |state| {
            state.preferences.reversed = !state.preferences.reversed;
            reorder(state, |_| {});
            vec![Effect::Save]
        },
    },
    Action {
        word: "trouble",
        help: "show only what is in trouble, and all again",
        hint: hint(30, "trouble"),
        keys: &[key("!")],
        on: HERE,
        nature: Nature::Look,
        ready: always,
        run: |state| {
            reorder(state, |filter| filter.only_trouble = !filter.only_trouble);
            Vec::new()
        },
    },
    Action {
        word: "group",
        help: "a group for each role, or one list",
        hint: None,
        keys: &[key("u")],
        on: HERE,
        nature: Nature::Look,
        ready: always,
        run: |state| {
            state.preferences.ungrouped = !state.preferences.ungrouped;
            reorder(state, |_| {});
            vec![Effect::Save]
        },
    },
    Action {
        word: "mark",
        help: "mark the host, or take the mark away",
        hint: hint(35, "mark"),
        keys: &[key("space")],
        on: HERE,
        nature: Nature::Look,
        ready: |state| state.top().page().host(state).map(|_| ()).ok_or("no host has the cursor"),
        run: |state| {
            if let Some(host) = state.top().page().host(state)
                && !state.marks.remove(&host)
            {
                state.marks.insert(host);
            }
            state.with_top(|screen, rest| screen.page_mut().step(rest, crate::screen::Step::Down));
            Vec::new()
        },
    },
];

/// Changes what is shown, and puts it in order at once.
fn reorder(state: &mut State, change: impl FnOnce(&mut Filter)) {
    state.with_top(|screen, _| {
        if let Screen::Overview(Overview { filter, order, .. }) = screen {
            change(filter);
            order.clear();
        }
    });
}
