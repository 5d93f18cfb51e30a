//! Acts of the settings: to see them, to change what has the cursor, to take a choice back.

use std::time::Duration;

use cm_core::config::dashboard::Theme as Choice;
use cm_core::fleet::Freshness;
use cm_core::wording::Glyphs;

use super::{Action, Hint, Nature, On, Way, always, hint, key};
use crate::preferences::THEMES;
use crate::screen::settings::{Field, SettingsPage};
use crate::screen::{Kind, Screen};
use crate::state::{Origin, State};
use crate::theme::Theme;
use crate::update::Effect;

const HERE: On = On::Only(&[Kind::Settings]);

pub(super) static ACTIONS: &[Action] = &[
    Action {
        word: "settings",
        help: "every setting in force, and some to change",
        hint: hint(75, "settings"),
        keys: &[key(","), key("s").but_on(&[Kind::Overview, Kind::Alerts, Kind::Events])],
        on: On::Every,
        nature: Nature::Look,
        ready: always,
        run: |state| {
            if state.kind() == Kind::Settings {
                state.screens.pop();
            } else {
                state.open(Screen::Settings(SettingsPage::default()));
            }
            Vec::new()
        },
    },
    Action {
        word: "lower",
        help: "the value before, or less",
        hint: None,
        keys: &[key("left")],
        on: HERE,
        nature: Nature::Look,
        ready: |state| field(state).map(|_| ()),
        run: |state| change(state, Way::Back),
    },
    Action {
        word: "raise",
        help: "the next value, or more",
        hint: Some(Hint { words: "change", rank: 10, after: Some("lower") }),
        keys: &[key("right"), key("enter")],
        on: HERE,
        nature: Nature::Look,
        ready: |state| field(state).map(|_| ()),
        run: |state| change(state, Way::On),
    },
    Action {
        word: "as-configured",
        help: "take the choice back: as it is configured",
        hint: hint(12, "as configured"),
        keys: &[key("d"), key("delete")],
        on: HERE,
        nature: Nature::Look,
        ready: |state| {
            if field(state)?.is_chosen(state) { Ok(()) } else { Err("nothing was chosen here") }
        },
        run: |state| field(state).map(|field| set(state, field, None)).unwrap_or_default(),
    },
];

/// What has the cursor, where it can be changed.
fn field(state: &State) -> Result<Field, &'static str> {
    let Screen::Settings(page) = state.top() else { return Err("no setting has the cursor") };
    let field = page.field(state).ok_or("that stands in the configuration, which is not written here")?;
    if field == Field::Refresh && state.set.origin == Origin::Replay {
        return Err("a snapshot does not change");
    }
    Ok(field)
}

/// Moves a choice on or back.
fn change(state: &mut State, way: Way) -> Vec<Effect> {
    field(state).map(|field| set(state, field, Some(way))).unwrap_or_default()
}

/// Moves what is chosen on or back from what is in force, or takes the choice back; and makes it so at once.
fn set(state: &mut State, field: Field, way: Option<Way>) -> Vec<Effect> {
    let mut effects = vec![Effect::Save];
    match field {
        Field::Theme => {
            let at = THEMES.iter().position(|theme| *theme == state.theme());
            state.preferences.set_theme(way.map(|way| THEMES[way.from(at, THEMES.len())]));
            paint(state, &mut effects);
        }
        Field::Refresh => {
            let now = state.interval().as_secs();
            let chosen = way.map(|way| match way {
                Way::On => (now + 1).min(60),
                Way::Back => now.saturating_sub(1).max(1),
            });
            state.preferences.set_refresh(chosen.map(Duration::from_secs));
            let freshness = Freshness::for_interval(state.interval());
            state.live.fleet.set_freshness(freshness);
            state.is_to_ask = true;
        }
        Field::Signs => {
            let other = if state.look.glyphs == Glyphs::Ascii { Glyphs::Unicode } else { Glyphs::Ascii };
            state.preferences.set_signs(way.map(|_| other));
            state.look.glyphs = state.preferences.signs().unwrap_or(state.set.in_force.signs);
            effects.push(Effect::Redraw);
        }
        Field::Mouse => {
            state.preferences.no_mouse = way.is_some() && !state.preferences.no_mouse;
            effects.push(Effect::Mouse(!state.preferences.no_mouse));
        }
        Field::Panel(_) => {
            let Some(widget) = field.widget() else { return Vec::new() };
            let configured = widget.is_wanted(&state.set.in_force.widgets);
            let shown = state.preferences.panel(widget.name()).unwrap_or(configured);
            state.preferences.set_panel(widget.name(), way.map(|_| !shown));
        }
    }
    effects
}

/// The colours as they are chosen now.
pub(crate) fn paint(state: &mut State, effects: &mut Vec<Effect>) {
    let choice = state.theme();
    state.look.theme = Theme::chosen(choice).unwrap_or(state.set.in_force.auto);
    if choice == Choice::Auto && state.set.in_force.asks {
        effects.push(Effect::AskBackground);
    }
    effects.push(Effect::Redraw);
}
