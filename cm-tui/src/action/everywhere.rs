//! Acts that work on every screen.

use std::ffi::OsString;

use cm_core::host::HostId;

use super::{Action, Nature, On, always, hint, key};
use crate::command::Command;
use crate::screen::{Kind, Screen, help};
use crate::state::{Origin, Overlay, State};
use crate::update::Effect;

pub(super) static ACTIONS: &[Action] = &[
    Action {
        word: "hosts",
        help: "all hosts",
        hint: hint(15, "hosts"),
        keys: &[key("h").but_on(&[Kind::Overview])],
        on: On::Every,
        nature: Nature::Look,
        ready: |state| if state.screens.len() > 1 { Ok(()) } else { Err("these are all hosts") },
        run: |state| {
            state.screens.truncate(1);
            Vec::new()
        },
    },
    Action {
        word: "refresh",
        help: "ask all hosts now",
        hint: hint(70, "refresh"),
        keys: &[key("r")],
        on: On::Every,
        nature: Nature::Look,
        ready: |state| if state.set.origin == Origin::Replay { Err("a snapshot does not change") } else { Ok(()) },
        run: |state| {
            state.say("asking all hosts");
            vec![Effect::Refresh]
        },
    },
    Action {
        word: "pause",
        help: "hold the picture, and let it go on",
        hint: hint(60, "pause"),
        keys: &[key("p")],
        on: On::Every,
        nature: Nature::Look,
        ready: |state| match state.set.origin {
            Origin::Replay => Err("a snapshot stands still anyway"),
            _ if state.then.is_some() => Err("this is the past: space lets it play and stand"),
            _ => Ok(()),
        },
        run: |state| {
            state.paused = if state.paused.is_some() { None } else { Some(state.live.clone()) };
            state.held_alerts = state.paused.is_some().then(|| state.alerts.clone());
            Vec::new()
        },
    },
    Action {
        word: "copy",
        help: "copy what has the cursor, through the terminal",
        hint: hint(65, "copy"),
        keys: &[key("y")],
        on: On::Every,
        nature: Nature::Look,
        ready: |state| state.top().page().copied(state).map(|_| ()).ok_or("nothing to copy here"),
        run: |state| {
            let Some(text) = state.top().page().copied(state) else { return Vec::new() };
            state.say("handed to the terminal's clipboard");
            vec![Effect::Copy(text)]
        },
    },
    Action {
        word: "shell",
        help: "ssh to the host, or what [hand_over] says, and come back",
        hint: hint(55, "ssh"),
        keys: &[key("x")],
        on: On::Only(&[
            Kind::Overview,
            Kind::Host,
            Kind::Drive,
            Kind::Service,
            Kind::Backup,
            Kind::Facts,
            Kind::Alerts,
            Kind::Alert,
        ]),
        nature: Nature::Change,
        ready: |state| shell(state).map(|_| ()),
        run: |state| shell(state).map(|command| vec![Effect::HandOver(command)]).unwrap_or_default(),
    },
    Action {
        word: "command",
        help: "type a command: any act by its word, host NAME, theme WORD, at MOMENT",
        hint: None,
        keys: &[key(":")],
        on: On::Every,
        nature: Nature::Look,
        ready: always,
        run: |state| {
            state.overlay = Some(Overlay::Command(Command::default()));
            Vec::new()
        },
    },
    Action {
        word: "mouse",
        help: "take the mouse, or leave it to the terminal",
        hint: None,
        keys: &[key("M")],
        on: On::Every,
        nature: Nature::Look,
        ready: always,
        run: |state| {
            state.preferences.no_mouse = !state.preferences.no_mouse;
            state.say(if state.preferences.no_mouse { "the mouse is the terminal's" } else { "the mouse works here" });
            vec![Effect::Mouse(!state.preferences.no_mouse), Effect::Save]
        },
    },
    Action {
        word: "redraw",
        help: "draw the whole screen anew",
        hint: None,
        keys: &[key("ctrl-l")],
        on: On::Every,
        nature: Nature::Look,
        ready: always,
        run: |_| vec![Effect::Redraw],
    },
    Action {
        word: "suspend",
        help: "leave the terminal to the shell; `fg` comes back",
        hint: None,
        keys: &[key("ctrl-z")],
        on: On::Every,
        nature: Nature::Look,
        ready: always,
        run: |_| vec![Effect::Suspend],
    },
    Action {
        word: "help",
        help: "which keys do what",
        hint: hint(95, "help"),
        keys: &[key("?"), key("f1")],
        on: On::Every,
        nature: Nature::Look,
        ready: always,
        run: |state| {
            if state.kind() == Kind::Help {
                state.screens.pop();
            } else {
                state.open(Screen::Help(help::Help::over(state.kind())));
            }
            Vec::new()
        },
    },
    Action {
        word: "quit",
        help: "quit",
        hint: hint(99, "quit"),
        keys: &[key("q"), key("ctrl-c")],
        on: On::Every,
        nature: Nature::Look,
        ready: always,
        run: |_| vec![Effect::Quit],
    },
];

/// The command that `x` runs, or why there is none.
fn shell(state: &State) -> Result<Vec<OsString>, &'static str> {
    match state.set.origin {
        Origin::Demo => return Err("a made-up host has no shell"),
        Origin::Replay => return Err("a snapshot has no shell"),
        Origin::ThisMachine => return Err("this is the machine that you are on"),
        Origin::Configured => {}
    }
    let host: HostId = state.top().page().host(state).ok_or("no host has the cursor")?;
    let place = state.live.place(&host).ok_or("that host is not watched any more")?;
    let facts = state.set.facts.get(place);
    let (facts, address) =
        facts.and_then(|facts| Some((facts, facts.address.as_deref()?))).ok_or("its address is not known")?;
    Ok(facts.hand_over.command.fill(address, host.as_str()).into_iter().map(OsString::from).collect())
}
