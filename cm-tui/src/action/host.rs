//! Acts of the single-host view.

use super::{Action, Bound, Nature, On, always, hint, key};
use crate::screen::host::HostPage;
use crate::screen::{Kind, Screen};
use crate::state::State;
use crate::update::Effect;

const HERE: On = On::Only(&[Kind::Host]);

pub(super) static ACTIONS: &[Action] = &[
    Action {
        word: "next-panel",
        help: "the next panel",
        hint: hint(30, "panel"),
        keys: &[key("tab")],
        on: HERE,
        nature: Nature::Look,
        ready: always,
        run: |state| on_page(state, |page, rest| page.turn(rest, Way::On)),
    },
    Action {
        word: "previous-panel",
        help: "the panel before",
        hint: None,
        keys: &[key("shift-tab")],
        on: HERE,
        nature: Nature::Look,
        ready: always,
        run: |state| on_page(state, |page, rest| page.turn(rest, Way::Back)),
    },
    Action {
        word: "zoom",
        help: "the panel over the whole screen, and back",
        hint: hint(40, "zoom"),
        keys: &[key("z")],
        on: HERE,
        nature: Nature::Look,
        ready: always,
        run: |state| on_page(state, HostPage::zoom),
    },
    panel("panel-1", "the first panel", &[key("1")], |state| nth(state, 0)),
    panel("panel-2", "the second panel", &[key("2")], |state| nth(state, 1)),
    panel("panel-3", "the third panel", &[key("3")], |state| nth(state, 2)),
    panel("panel-4", "the fourth panel", &[key("4")], |state| nth(state, 3)),
    panel("panel-5", "the fifth panel", &[key("5")], |state| nth(state, 4)),
    panel("panel-6", "the sixth panel", &[key("6")], |state| nth(state, 5)),
    panel("panel-7", "the seventh panel", &[key("7")], |state| nth(state, 6)),
    panel("panel-8", "the eighth panel", &[key("8")], |state| nth(state, 7)),
    panel("panel-9", "the ninth panel", &[key("9")], |state| nth(state, 8)),
];

/// Which way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// To what comes after.
    On,
    /// To what came before.
    Back,
}

impl Way {
    /// The place after or before `at` among `number`, going round; the first where there was none.
    pub(crate) const fn from(self, at: Option<usize>, number: usize) -> usize {
        match (self, at) {
            (_, _) if number == 0 => 0,
            (Self::On, Some(at)) => (at + 1) % number,
            (Self::Back, Some(at)) => (at + number - 1) % number,
            (Self::On, None) => 0,
            (Self::Back, None) => number - 1,
        }
    }
}

const fn panel(
    word: &'static str,
    help: &'static str,
    keys: &'static [Bound],
    run: fn(&mut State) -> Vec<Effect>,
) -> Action {
    Action { word, help, hint: None, keys, on: HERE, nature: Nature::Look, ready: always, run }
}

fn on_page(state: &mut State, change: impl FnOnce(&mut HostPage, &State)) -> Vec<Effect> {
    state.with_top(|screen, rest| {
        if let Screen::Host(page) = screen {
            change(page, rest);
        }
    });
    Vec::new()
}

fn nth(state: &mut State, nth: usize) -> Vec<Effect> {
    on_page(state, |page, rest| page.choose(rest, nth))
}

/// Turns the page of a host into that of the next, in the order of the overview.
pub(super) fn turn(state: &mut State, way: Way) -> Vec<Effect> {
    let order = state.overview().map(|page| page.order.clone()).unwrap_or_default();
    on_page(state, |page, rest| {
        let hosts = rest.picture().fleet.hosts();
        let here = order.iter().position(|&at| hosts.get(at).is_some_and(|host| host.member.host.id == page.host));
        let next = order.get(way.from(here, order.len())).and_then(|&at| hosts.get(at));
        if let Some(next) = next {
            page.show(next.member.host.id.clone());
        }
    })
}
