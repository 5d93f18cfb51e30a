//! The one place where state changes: an event comes in, state is another, and what is to be done outside comes out as
//! effects. No I/O, and the time is handed in.

mod typing;

use std::ffi::OsString;

use cm_core::clock::Now;
use cm_core::config::dashboard::Theme as Choice;
use cm_core::engine::Notice;
use cm_core::observation::Observation;

use crate::action::Action;
use crate::alerts::{Onset, Sight};
use crate::external::{Panel, Trouble};
use crate::history::desk::Told;
use crate::history::{self, Answer, Ask};
use crate::key::Press;
use crate::keymap::{Meaning, When};
use crate::record;
use crate::screen::{Hit, Step};
use crate::state::{NOTICE, Origin, Overlay, Size, State};
use crate::theme::Theme;
use crate::{travel, view};

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// A key was pressed.
    Key(Press),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something.
    Mouse(Mouse),
    /// The screen has another size.
    Resize(Size),
    /// A source told something.
    Observed(Box<Observation>),
    /// A program of the owner, by its place in the list, said something, or could not.
    External(usize, Box<Result<Panel, Trouble>>),
    /// Something about recording that the user should know.
    Recorded(Box<Notice>),
    /// The history told what it was asked, or could not.
    Stored(Box<Told>),
    /// Time has passed.
    Tick,
    /// The terminal told whether its background is dark or light.
    Background(Theme),
    /// The terminal is ours again after another program had it; how that ended, in words, where there is something to say.
    Returned(Option<String>),
    /// What was to be done outside failed.
    Failed(String),
}

/// What the mouse did, at a column and row of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mouse {
    /// The left button went down.
    Click {
        /// Column.
        x: u16,
        /// Row.
        y: u16,
    },
    /// The left button is held and moved.
    Drag {
        /// Column.
        x: u16,
        /// Row.
        y: u16,
    },
    /// The wheel turned away.
    WheelUp,
    /// The wheel turned towards.
    WheelDown,
}

/// What is to be done outside.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// End the program.
    Quit,
    /// Leave the terminal to the shell that started us, until it says to go on.
    Suspend,
    /// Put text on the terminal's clipboard.
    Copy(String),
    /// Run a program in this terminal, and come back when it ends.
    HandOver(Vec<OsString>),
    /// Keep the preferences.
    Save,
    /// Ask all hosts now, at the interval in force from then on.
    Refresh,
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Ask the terminal for its background.
    AskBackground,
    /// Draw everything anew.
    Redraw,
    /// Ask the stored history.
    Look(Ask),
}

/// Takes in an event as of `now`.
pub(crate) fn update(state: &mut State, event: Event, now: Now) -> Vec<Effect> {
    pass(state, now, matches!(event, Event::Tick));
    let mut effects = match event {
        Event::Key(press) => key(state, press),
        Event::Paste(text) => {
            match &mut state.overlay {
                Some(Overlay::Filter(line) | Overlay::Comment { line, .. }) => {
                    line.insert(&text);
                    typing::apply_filter(state);
                }
                Some(Overlay::Command(command)) => {
                    command.line.insert(&text);
                    command.settle();
                }
                Some(Overlay::Silence { .. }) | None => {}
            }
            Vec::new()
        }
        Event::Mouse(mouse) => self::mouse(state, mouse),
        Event::Resize(size) => {
            state.size = size;
            Vec::new()
        }
        Event::Observed(observation) => {
            observe(state, *observation);
            Vec::new()
        }
        Event::External(place, told) => {
            if let Some(external) = state.externals.get_mut(place) {
                external.told = Some(*told);
            }
            Vec::new()
        }
        Event::Recorded(notice) => {
            record::tell(state, &notice);
            Vec::new()
        }
        Event::Stored(told) => {
            stored(state, *told);
            Vec::new()
        }
        // Whoever holds a key down asks once, at the interval at which it was let go.
        Event::Tick if state.is_to_ask && !state.holds_still() => {
            state.is_to_ask = false;
            vec![Effect::Refresh]
        }
        Event::Tick | Event::Returned(None) => Vec::new(),
        Event::Background(theme) => {
            state.set.in_force.auto = theme;
            if state.theme() == Choice::Auto {
                state.look.theme = theme;
            }
            Vec::new()
        }
        Event::Returned(Some(why)) | Event::Failed(why) => {
            state.say(why);
            Vec::new()
        }
    };
    settle(state);
    effects.extend(history::asks(state).into_iter().map(Effect::Look));
    effects
}

/// Takes in what the history told.
fn stored(state: &mut State, (ask, told): Told) {
    let trouble = told.as_ref().err().cloned();
    let rest = state.history.take(&ask, told, state.live.now.mono);
    match (ask, rest) {
        (Ask::Moment { at, .. }, Some(Answer::Moment(moment))) => travel::arrive(state, at, moment),
        (Ask::Moment { at, .. }, None) if state.seeking.is_some_and(|seek| seek.at == at) => {
            if let Some(why) = trouble {
                travel::fail(state, &why);
            }
        }
        (_, Some(Answer::Readings(all))) => {
            for readings in &all {
                if let Some(place) = state.live.place(&readings.host) {
                    state.recent.prepend(place, &readings.name, readings.metric, &readings.values);
                }
            }
        }
        _ => {}
    }
}

/// Takes in what a source told as of `now`. Screens are not brought in line with it: [`settle`] does that, once for many.
pub(crate) fn take_in(state: &mut State, observation: Observation, now: Now) {
    pass(state, now, false);
    observe(state, observation);
}

/// Brings the screen in line with what is known: the order of its rows, and where it stands in them.
pub(crate) fn settle(state: &mut State) {
    travel::settle(state);
    state.with_top(|screen, rest| screen.page_mut().settle(rest));
}

/// Lets time pass. Whatever is judged by its age is judged anew at ticks alone; in between the clock goes on.
fn pass(state: &mut State, now: Now, judge: bool) {
    if judge {
        let changes = state.live.pass(now);
        for host in changes {
            note(state, host, Onset::Seen);
        }
        state.alerts.pass(now);
    } else {
        state.live.now = now;
    }
    travel::pass(state);
    if state.notice.as_ref().is_some_and(|notice| now.mono.since(notice.since) >= NOTICE) {
        state.notice = None;
    }
    // What keeps the history from being recorded stands there while nobody needs the line.
    if state.notice.is_none()
        && !state.holds_still()
        && let Some(trouble) = &state.trouble_recording
    {
        state.say(trouble.clone());
    }
}

fn observe(state: &mut State, observation: Observation) {
    let now = state.live.now;
    let good = observation.outcome.as_ref().ok().cloned();
    if state.set.origin != Origin::Replay
        && let Some(place) = state.live.place(&observation.host)
    {
        state.past.keep(place, &observation);
    }
    let known = state.live.fleet.host(&observation.host).and_then(|host| host.api(observation.api)?.last_good());
    let onset = if known.is_some() { Onset::Seen } else { Onset::Found };
    let Some(host) = state.live.observe(observation, now) else { return };
    note(state, host, onset);
    if let Some(report) = good {
        state.recent.feed(host, &report);
    }
}

/// Notes what has become of a host, once each of its APIs has been heard: before that nothing is known of it as a whole.
fn note(state: &mut State, place: usize, onset: Onset) {
    let Some((host, standing)) = state.live.host(place) else { return };
    if host.member.apis.iter().all(|&api| host.api(api).is_some()) {
        let (id, now) = (&host.member.host.id, state.live.now);
        state.journal.see(id, now.wall, &standing.verdict);
        state.alerts.judge(id, &standing.verdict, (Sight::through(standing.link), onset), now);
    }
}

fn key(state: &mut State, press: Press) -> Vec<Effect> {
    state.last_key = Some(state.live.now.mono);
    state.notice = None;
    if press != Press::ctrl('c') && state.overlay.is_some() {
        return typing::key(state, press);
    }
    state.typed.push(press);
    let when = if state.then.is_some() { When::Then } else { When::Now };
    match state.keys.meaning(&state.typed, state.kind(), when) {
        Meaning::Act(action) => {
            state.typed.clear();
            act(state, action)
        }
        Meaning::Beginning => Vec::new(),
        // A key that goes on with no sequence may begin one of its own, or be an act.
        Meaning::Nothing if state.typed.len() > 1 => {
            state.typed.clear();
            key(state, press)
        }
        Meaning::Nothing => {
            state.typed.clear();
            Vec::new()
        }
    }
}

/// Does an act where it is offered and can be done; otherwise says why not.
pub(crate) fn act(state: &mut State, action: &Action) -> Vec<Effect> {
    if !action.is_offered(state, state.kind()) {
        return Vec::new();
    }
    if let Err(why) = action.can_run(state) {
        state.say(why);
        return Vec::new();
    }
    (action.run)(state)
}

fn mouse(state: &mut State, mouse: Mouse) -> Vec<Effect> {
    match mouse {
        Mouse::WheelUp | Mouse::WheelDown => {
            state.last_key = Some(state.live.now.mono);
            let step = if mouse == Mouse::WheelUp { Step::Up } else { Step::Down };
            state.with_top(|screen, rest| screen.page_mut().wheel(rest, step));
        }
        Mouse::Click { x, y: 0 } => {
            if let Some(screens) = view::crumb_at(state, x) {
                state.overlay = None;
                state.screens.truncate(screens);
            }
        }
        Mouse::Click { x, y } | Mouse::Drag { x, y } if y < state.above() => {
            if let Some(moment) = view::time_bar::moment(state, x) {
                travel::go(state, moment);
            }
        }
        Mouse::Click { x, y } if y + 1 == state.size.height => {
            if let Some(action) = view::hint_at(state, x) {
                return act(state, action);
            }
        }
        Mouse::Click { x, y } if y < state.above() + state.body().height => {
            state.last_key = Some(state.live.now.mono);
            let above = state.above();
            let hit = state.with_top(|screen, rest| screen.page_mut().click(rest, x, y - above));
            if hit == Hit::Same {
                return crate::action::by_word("open").map(|open| act(state, open)).unwrap_or_default();
            }
        }
        Mouse::Drag { x, y } if y < state.above() + state.body().height => {
            let above = state.above();
            state.with_top(|screen, rest| screen.page_mut().drag(rest, x, y - above));
        }
        Mouse::Click { .. } | Mouse::Drag { .. } => {}
    }
    Vec::new()
}

#[cfg(test)]
mod tests;
