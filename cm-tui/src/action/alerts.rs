//! Acts about alerts: to see them, to acknowledge one with a comment, to silence it for a time.

use super::{Action, Nature, On, hint, key};
use crate::alerts::{Alert, AlertId, Span};
use crate::key::{Code, Press};
use crate::prompt::Prompt;
use crate::screen::alerts::AlertsPage;
use crate::screen::{Kind, Screen};
use crate::state::{Origin, Overlay, State};

const HERE: On = On::Only(&[Kind::Alerts, Kind::Alert]);

pub(super) static ACTIONS: &[Action] = &[
    Action {
        word: "alerts",
        help: "all alerts, those that hold and those that are over",
        hint: hint(45, "alerts"),
        keys: &[key("a")],
        on: On::Every,
        nature: Nature::Look,
        ready: |state| if state.kind() == Kind::Alerts { Err("these are all alerts") } else { Ok(()) },
        run: |state| {
            // One list of alerts is enough: whoever looks at one of them goes back to it.
            match state.screens.iter().position(|screen| screen.kind() == Kind::Alerts) {
                Some(at) => state.screens.truncate(at + 1),
                None => state.open(Screen::Alerts(AlertsPage::default())),
            }
            Vec::new()
        },
    },
    Action {
        word: "explain",
        help: "the alert with its evidence",
        hint: None,
        keys: &[key("E")],
        on: On::Only(&[Kind::Alerts]),
        nature: Nature::Look,
        ready: |state| chosen(state).map(|_| ()),
        run: super::moving::open,
    },
    Action {
        word: "acknowledge",
        help: "say that somebody knows of it, with a comment",
        hint: hint(12, "acknowledge"),
        keys: &[key("A")],
        on: HERE,
        nature: Nature::Change,
        ready: |state| active(state).map(|_| ()),
        run: |state| {
            let Ok(alert) = active(state) else { return Vec::new() };
            let said = alert.acknowledged.as_ref().map_or("", |known| known.comment.as_str());
            let (alert, line) = (alert.id, Prompt::with(said));
            state.overlay = Some(Overlay::Comment { alert, line });
            Vec::new()
        },
    },
    Action {
        word: "reopen",
        help: "take an acknowledgement back",
        hint: None,
        keys: &[key("U")],
        on: HERE,
        nature: Nature::Change,
        ready: |state| match active(state)?.acknowledged {
            Some(_) => Ok(()),
            None => Err("it is not acknowledged"),
        },
        run: |state| {
            let now = state.live.now;
            if let Ok(alert) = active(state).map(|alert| alert.id)
                && state.alerts.reopen(alert, now)
            {
                note(state, alert, "acknowledgement taken back".to_owned());
                state.say("open again");
            }
            Vec::new()
        },
    },
    Action {
        word: "silence",
        help: "keep it silent for a time, or no longer",
        hint: hint(14, "silence"),
        keys: &[key("S")],
        on: HERE,
        nature: Nature::Change,
        ready: |state| active(state).map(|_| ()),
        run: |state| {
            if let Ok(alert) = active(state).map(|alert| alert.id) {
                state.overlay = Some(Overlay::Silence { alert });
            }
            Vec::new()
        },
    },
];

/// The alert that has the cursor.
fn chosen(state: &State) -> Result<&Alert, &'static str> {
    let id: Option<AlertId> = match state.top() {
        Screen::Alerts(page) => page.chosen(),
        Screen::Alert(page) => Some(page.id),
        _ => None,
    };
    id.and_then(|id| state.alerts().get(id)).ok_or("no alert has the cursor")
}

/// The same, where something can still be done about it.
fn active(state: &State) -> Result<&Alert, &'static str> {
    if state.set.origin == Origin::Replay {
        return Err("a snapshot does not change");
    }
    if state.paused.is_some() {
        return Err("the picture is held: let it go on first");
    }
    let alert = chosen(state)?;
    if alert.is_active() { Ok(alert) } else { Err("it is over") }
}

/// A key while a comment is typed.
pub(crate) fn comment_key(state: &mut State, press: Press) {
    let Some(Overlay::Comment { alert, line }) = &mut state.overlay else { return };
    let alert = *alert;
    match press.code {
        Code::Esc => state.overlay = None,
        Code::Enter => {
            let comment = line.text();
            state.overlay = None;
            if !state.alerts.acknowledge(alert, &comment, state.live.now) {
                return state.say(GONE);
            }
            let said = if comment.trim().is_empty() { String::new() } else { format!(" ({})", comment.trim()) };
            note(state, alert, format!("acknowledged{said}"));
            state.say("acknowledged");
        }
        _ => {
            line.press(press);
        }
    }
}

/// A key while a time for a silence is chosen.
pub(crate) fn silence_key(state: &mut State, press: Press) {
    let Some(Overlay::Silence { alert }) = state.overlay else { return };
    let now = state.live.now;
    let Code::Char(c) = press.code else {
        state.overlay = None;
        return;
    };
    let nth = c.to_digit(10).and_then(|digit| usize::try_from(digit).ok()?.checked_sub(1));
    let told = match (nth.and_then(|nth| Span::ALL.get(nth)), c) {
        (Some(span), _) => {
            let until = span.until(now.wall, state.set.ahead_s);
            if state.alerts.silence(alert, until, now) {
                let until = crate::local::day(until, now.wall, state.set.ahead_s);
                let told = format!("silent until {until}");
                note(state, alert, told.clone());
                told
            } else {
                GONE.to_owned()
            }
        }
        (None, '0') if state.alerts.lift(alert, now) => {
            note(state, alert, "not silent any more".to_owned());
            "not silent any more".to_owned()
        }
        (None, '0') => "it was not silent".to_owned(),
        (None, _) => return,
    };
    state.overlay = None;
    state.say(told);
}

/// Notes in the journal what was done about an alert.
fn note(state: &mut State, alert: AlertId, what: String) {
    let now = state.live.now.wall;
    if let Some(alert) = state.alerts.get(alert) {
        state.journal.note(&alert.host, now, &alert.reason, what);
    }
}

const GONE: &str = "it is over meanwhile";

/// What a silence is chosen from, in one line.
pub(crate) fn spans() -> String {
    let each = (1..).zip(Span::ALL).map(|(key, span)| format!("{key} {}", span.words()));
    let each: Vec<String> = each.chain(["0 lift".to_owned(), "esc".to_owned()]).collect();
    each.join("  ")
}
