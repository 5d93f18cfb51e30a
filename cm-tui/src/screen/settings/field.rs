//! What can be changed on the settings screen: its name, its value in force, and where that comes from.

use std::path::Path;

use cm_core::config::Origin;
use cm_core::wording::Glyphs;

use crate::state::State;
use crate::widget::{LIST, Widget};

/// What can be changed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// The colours.
    Theme,
    /// The time from one round of asking to the next.
    Refresh,
    /// Which signs are drawn.
    Signs,
    /// Whether the mouse works here.
    Mouse,
    /// Whether the panel of that place in the list of widgets is shown.
    Panel(usize),
}

impl Field {
    /// All that there are.
    pub(crate) fn all(state: &State) -> impl Iterator<Item = Self> {
        let panels = (0..LIST.len()).filter(|&panel| LIST[panel].is_there(state)).map(Self::Panel);
        [Self::Theme, Self::Refresh, Self::Signs, Self::Mouse].into_iter().chain(panels)
    }

    /// The panel's widget.
    pub(crate) fn widget(self) -> Option<&'static dyn Widget> {
        match self {
            Self::Panel(place) => LIST.get(place).copied(),
            _ => None,
        }
    }

    /// Its full name in the configuration, where it is a setting of that as well.
    pub(super) const fn setting(self) -> Option<&'static str> {
        match self {
            Self::Theme => Some("dashboard.theme"),
            Self::Refresh => Some("dashboard.refresh_interval"),
            _ => None,
        }
    }

    pub(super) fn name(self, state: &State) -> String {
        match self {
            Self::Theme => "theme".to_owned(),
            Self::Refresh => "refresh interval".to_owned(),
            Self::Signs => "signs".to_owned(),
            Self::Mouse => "mouse".to_owned(),
            Self::Panel(_) => self.widget().map(|widget| format!("panel {}", widget.label(state))).unwrap_or_default(),
        }
    }

    /// The value in force.
    pub(super) fn value(self, state: &State) -> String {
        match self {
            Self::Theme => state.theme().word().to_owned(),
            Self::Refresh => format!("{} s", state.interval().as_secs()),
            Self::Signs => signs(state.look.glyphs).to_owned(),
            Self::Mouse => if state.preferences.no_mouse { "the terminal's" } else { "works here" }.to_owned(),
            Self::Panel(_) => {
                let widget = self.widget();
                let shown = widget.is_some_and(|widget| {
                    let configured = widget.is_wanted(&state.set.in_force.widgets);
                    state.preferences.panel(widget.name()).unwrap_or(configured)
                });
                if shown { "shown" } else { "hidden" }.to_owned()
            }
        }
    }

    /// Whether it is the user's choice, and not as configured.
    pub(crate) fn is_chosen(self, state: &State) -> bool {
        let preferences = &state.preferences;
        match self {
            Self::Theme => preferences.theme().is_some(),
            Self::Refresh => preferences.refresh().is_some(),
            Self::Signs => preferences.signs().is_some(),
            Self::Mouse => preferences.no_mouse,
            Self::Panel(_) => self.widget().is_some_and(|widget| preferences.panel(widget.name()).is_some()),
        }
    }

    /// What holds where the user chooses nothing, and who says so.
    fn configured(self, state: &State) -> (String, String) {
        let in_force = &state.set.in_force;
        if let Some(setting) = self.setting().and_then(|name| in_force.setting(name)) {
            let unit = if self == Self::Refresh { " s" } else { "" };
            return (format!("{}{unit}", setting.value.trim_matches('"')), short(&setting.origin));
        }
        match self {
            Self::Signs => (signs(in_force.signs).to_owned(), in_force.signs_from.to_owned()),
            Self::Panel(_) => {
                let shown = self.widget().is_some_and(|widget| widget.is_wanted(&in_force.widgets));
                (if shown { "shown" } else { "hidden" }.to_owned(), "as configured".to_owned())
            }
            _ => ("works here".to_owned(), "default".to_owned()),
        }
    }

    /// Where its value comes from.
    pub(super) fn origin(self, state: &State) -> String {
        let (value, origin) = self.configured(state);
        if self.is_chosen(state) { format!("chosen here, over {value} ({origin})") } else { origin }
    }
}

/// Where a value comes from, without the folder of a file.
pub(super) fn short(origin: &Origin) -> String {
    let name = |path: &Path| path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    match origin {
        Origin::File { path, line, column, for_host: false } => format!("{}:{line}:{column}", name(path)),
        Origin::File { path, line, column, for_host: true } => format!("{}:{line}:{column} (its own)", name(path)),
        Origin::Role { path, line, column } => format!("{}:{line}:{column} (its role)", name(path)),
        other => other.to_string(),
    }
}

const fn signs(glyphs: Glyphs) -> &'static str {
    match glyphs {
        Glyphs::Unicode => "unicode",
        Glyphs::Ascii => "ascii",
    }
}
