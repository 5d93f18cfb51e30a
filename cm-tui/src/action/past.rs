//! Acts that move in time.

use super::{Action, Nature, On, hint, key};
use crate::state::State;
use crate::travel::{self, Stretch, Towards};
use crate::update::Effect;

pub(super) static ACTIONS: &[Action] = &[
    Action {
        word: "past",
        help: "a step back: ten seconds, or to what was stored before",
        hint: hint(94, "past"),
        keys: &[key("[")],
        on: On::Every,
        nature: Nature::Look,
        ready: travel::ready,
        run: |state| step(state, Towards::Past, Stretch::Step),
    },
    Action {
        word: "far-past",
        help: "five minutes back, or an hour of what is stored",
        hint: None,
        keys: &[key("{")],
        on: On::Every,
        nature: Nature::Look,
        ready: travel::ready,
        run: |state| step(state, Towards::Past, Stretch::Stride),
    },
    Action {
        word: "later",
        help: "a step on",
        hint: Some(super::Hint { words: "step", rank: 2, after: Some("past") }),
        keys: &[key("]")],
        on: On::Then,
        nature: Nature::Look,
        ready: is_then,
        run: |state| step(state, Towards::Now, Stretch::Step),
    },
    Action {
        word: "much-later",
        help: "five minutes on, or an hour of what is stored",
        hint: None,
        keys: &[key("}")],
        on: On::Then,
        nature: Nature::Look,
        ready: is_then,
        run: |state| step(state, Towards::Now, Stretch::Stride),
    },
    Action {
        word: "day-back",
        help: "a day back",
        hint: None,
        keys: &[key("(")],
        on: On::Every,
        nature: Nature::Look,
        ready: travel::ready,
        run: |state| step(state, Towards::Past, Stretch::Day),
    },
    Action {
        word: "day-on",
        help: "a day on",
        hint: None,
        keys: &[key(")")],
        on: On::Then,
        nature: Nature::Look,
        ready: is_then,
        run: |state| step(state, Towards::Now, Stretch::Day),
    },
    Action {
        word: "slower",
        help: "play the past slower",
        hint: None,
        keys: &[key("<")],
        on: On::Then,
        nature: Nature::Look,
        ready: is_then,
        run: |state| speed(state, Towards::Past),
    },
    Action {
        word: "faster",
        help: "play the past faster",
        hint: hint(5, "speed"),
        keys: &[key(">")],
        on: On::Then,
        nature: Nature::Look,
        ready: is_then,
        run: |state| speed(state, Towards::Now),
    },
    Action {
        word: "play",
        help: "let the past go on, or stand",
        hint: hint(3, "play"),
        keys: &[key("space")],
        on: On::Then,
        nature: Nature::Look,
        ready: is_then,
        run: |state| {
            travel::play_or_stop(state);
            Vec::new()
        },
    },
    Action {
        word: "next-incident",
        help: "to where the next trouble began",
        hint: hint(6, "incident"),
        keys: &[key("i")],
        on: On::Then,
        nature: Nature::Look,
        ready: is_then,
        run: |state| {
            if !travel::next_incident(state) {
                state.say("no trouble began after this");
            }
            Vec::new()
        },
    },
    Action {
        word: "now",
        help: "back to now",
        hint: hint(1, "now"),
        keys: &[key("n")],
        on: On::Then,
        nature: Nature::Look,
        ready: is_then,
        run: |state| {
            travel::now(state);
            Vec::new()
        },
    },
];

fn is_then(state: &State) -> Result<(), &'static str> {
    state.then.as_ref().map(|_| ()).ok_or("this is now: [ goes into the past")
}

fn step(state: &mut State, towards: Towards, stretch: Stretch) -> Vec<Effect> {
    travel::step(state, towards, stretch);
    Vec::new()
}

fn speed(state: &mut State, towards: Towards) -> Vec<Effect> {
    travel::change_speed(state, towards);
    Vec::new()
}
