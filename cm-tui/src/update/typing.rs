//! Keys while a line is typed: a filter, a command, a comment.

use super::{Effect, act};
use crate::action;
use crate::command::{self, Meant};
use crate::key::{Code, Press};
use crate::prompt::Prompt;
use crate::screen::host::HostPage;
use crate::screen::{Screen, Step};
use crate::state::{Overlay, State};
use crate::travel;

/// What a key does while a line is typed.
pub(super) fn key(state: &mut State, press: Press) -> Vec<Effect> {
    match state.overlay {
        Some(Overlay::Filter(_)) => filter_key(state, press),
        Some(Overlay::Command(_)) => return type_command(state, press),
        Some(Overlay::Comment { .. }) => action::alerts::comment_key(state, press),
        Some(Overlay::Silence { .. }) => action::alerts::silence_key(state, press),
        None => {}
    }
    Vec::new()
}

fn type_command(state: &mut State, press: Press) -> Vec<Effect> {
    let Some(Overlay::Command(mut command)) = state.overlay.take() else { return Vec::new() };
    match press.code {
        Code::Esc => return Vec::new(),
        Code::Enter => return obey(state, &command.line.text()),
        // As in a shell, deleting what is not there leaves the line.
        Code::Backspace if command.line.text().is_empty() => return Vec::new(),
        Code::Tab => command.complete(state),
        _ => {
            command.line.press(press);
            command.settle();
        }
    }
    state.overlay = Some(Overlay::Command(command));
    Vec::new()
}

/// Does what a command says, or tells what is wrong with it.
fn obey(state: &mut State, line: &str) -> Vec<Effect> {
    match command::meaning(state, line) {
        Ok(Meant::Nothing) => Vec::new(),
        Ok(Meant::Act(action)) => act(state, action),
        Ok(Meant::Host(host)) => {
            let host = host.clone();
            state.screens.truncate(1);
            state.open(Screen::Host(HostPage::of(host)));
            Vec::new()
        }
        Ok(Meant::Moment(at)) => {
            travel::go(state, at);
            Vec::new()
        }
        Ok(Meant::Theme(theme)) => {
            state.preferences.set_theme(Some(theme));
            let mut effects = vec![Effect::Save];
            action::settings::paint(state, &mut effects);
            effects
        }
        Err(why) => {
            state.say(why);
            Vec::new()
        }
    }
}

fn filter_key(state: &mut State, press: Press) {
    let Some(Overlay::Filter(line)) = &mut state.overlay else { return };
    match press.code {
        Code::Enter => state.overlay = None,
        Code::Esc => {
            *line = Prompt::default();
            apply_filter(state);
            state.overlay = None;
        }
        Code::Up | Code::Down => {
            let step = if press.code == Code::Up { Step::Up } else { Step::Down };
            state.with_top(|screen, rest| screen.page_mut().step(rest, step));
        }
        _ => {
            line.press(press);
            apply_filter(state);
        }
    }
}

pub(super) fn apply_filter(state: &mut State) {
    let Some(Overlay::Filter(line)) = &state.overlay else { return };
    let text = line.text();
    state.with_top(|screen, _| screen.page_mut().filter(text));
}
