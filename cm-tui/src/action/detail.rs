//! Acts of the detail screens, and of the event log.

use super::host::Way;
use super::{Action, Hint, Nature, On, always, hint, key};
use crate::screen::{Kind, Screen, detail, events};
use crate::state::State;
use crate::update::Effect;

const HERE: On = On::Only(&[Kind::Drive, Kind::Service, Kind::Backup, Kind::Facts]);

pub(super) static ACTIONS: &[Action] = &[
    Action {
        word: "previous-item",
        help: "the one before of the same kind, of any host",
        hint: None,
        keys: &[key("left")],
        on: HERE,
        nature: Nature::Look,
        ready: always,
        run: |state| turn(state, Way::Back),
    },
    Action {
        word: "next-item",
        help: "the next of the same kind, of any host",
        hint: Some(Hint { words: "next", rank: 20, after: Some("previous-item") }),
        keys: &[key("right"), key("l")],
        on: HERE,
        nature: Nature::Look,
        ready: always,
        run: |state| turn(state, Way::On),
    },
    Action {
        word: "facts",
        help: "all facts of the host",
        hint: hint(91, "facts"),
        keys: &[key("d")],
        on: On::Only(&[Kind::Overview, Kind::Host, Kind::Drive, Kind::Service, Kind::Backup, Kind::Events]),
        nature: Nature::Look,
        ready: |state| state.top().page().host(state).map(|_| ()).ok_or("no host has the cursor"),
        run: |state| {
            if let Some(host) = state.top().page().host(state) {
                state.open(detail::screen(host, cm_core::health::Subject::host()));
            }
            Vec::new()
        },
    },
    Action {
        word: "events",
        help: "what has happened since the start, on one host or on all",
        hint: hint(92, "events"),
        keys: &[key("e")],
        on: On::Every,
        nature: Nature::Look,
        ready: |state| if state.kind() == Kind::Events { Err("these are the events") } else { Ok(()) },
        run: |state| {
            let whole = matches!(state.kind(), Kind::Overview | Kind::Help);
            let only = if whole { None } else { state.top().page().host(state) };
            state.open(Screen::Events(events::Events::of(only)));
            Vec::new()
        },
    },
];

fn turn(state: &mut State, way: Way) -> Vec<Effect> {
    state.with_top(|screen, rest| {
        if let Some(detail) = screen.detail_mut() {
            detail::turn(detail, rest, way);
        }
    });
    Vec::new()
}
