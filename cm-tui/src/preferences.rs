//! What the user chose on the screen and finds again at the next start: kept in the state folder, never in a
//! configuration file. A choice made here goes over the configuration's until it is taken back.

pub(crate) mod file;

use std::collections::BTreeSet;
use std::time::Duration;

use cm_core::config::dashboard::Theme;
use cm_core::wording::Glyphs;
use serde::{Deserialize, Serialize};

use crate::screen::overview::Sort;

/// Everything that is kept. A field that is absent, or a word that is unknown, is as if it had never been chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Preferences {
    /// The colours, by their word in the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<String>,
    /// Seconds from one round to the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_s: Option<u64>,
    /// Whether only signs of ASCII are drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    ascii: Option<bool>,
    /// The order of the overview, by its word.
    #[serde(skip_serializing_if = "Option::is_none")]
    sort: Option<String>,
    /// Whether that order is turned round.
    pub(crate) reversed: bool,
    /// Whether the overview is one list instead of a group for each role.
    pub(crate) ungrouped: bool,
    /// Whether the mouse is left to the terminal.
    pub(crate) no_mouse: bool,
    /// Panels of the host view that are not shown, by their names.
    pub(crate) hidden_panels: BTreeSet<String>,
    /// Panels of the host view that are shown whatever is configured, by their names.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) shown_panels: BTreeSet<String>,
    /// What the command line says otherwise, in this run alone: what is kept is passed over, and stays kept.
    #[serde(skip)]
    pub(crate) passed_over: PassedOver,
    /// Columns of the overview that are not shown, by their names.
    pub(crate) hidden_columns: BTreeSet<String>,
}

/// Choices that are kept and do not hold in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PassedOver {
    /// The colours.
    pub(crate) theme: bool,
    /// The interval.
    pub(crate) refresh: bool,
    /// The signs.
    pub(crate) signs: bool,
}

/// The themes, in the order in which they are offered.
pub(crate) const THEMES: [Theme; 6] =
    [Theme::Auto, Theme::Dark, Theme::Light, Theme::HighContrast, Theme::Ansi16, Theme::None];

impl Preferences {
    /// Reads the file's text; one that cannot be read is as if there were none.
    pub(crate) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The file's text.
    ///
    /// # Panics
    /// Never: all keys are strings.
    pub(crate) fn write(&self) -> String {
        serde_json::to_string_pretty(self).expect("all keys are strings") + "\n"
    }

    /// The colours that were chosen.
    pub(crate) fn theme(&self) -> Option<Theme> {
        let word = self.theme.as_deref().filter(|_| !self.passed_over.theme)?;
        THEMES.into_iter().find(|theme| theme.word() == word)
    }

    /// Chooses colours, or leaves them to the configuration again.
    pub(crate) fn set_theme(&mut self, theme: Option<Theme>) {
        self.theme = theme.map(|theme| theme.word().to_owned());
        self.passed_over.theme = false;
    }

    /// The interval that was chosen, within what the configuration takes.
    pub(crate) fn refresh(&self) -> Option<Duration> {
        let chosen = self.refresh_s.filter(|seconds| (1..=60).contains(seconds) && !self.passed_over.refresh);
        chosen.map(Duration::from_secs)
    }

    /// Chooses the interval, or leaves it to the configuration again.
    pub(crate) fn set_refresh(&mut self, interval: Option<Duration>) {
        self.refresh_s = interval.map(|interval| interval.as_secs().clamp(1, 60));
        self.passed_over.refresh = false;
    }

    /// The signs that were chosen.
    pub(crate) fn signs(&self) -> Option<Glyphs> {
        let ascii = self.ascii.filter(|_| !self.passed_over.signs)?;
        Some(if ascii { Glyphs::Ascii } else { Glyphs::Unicode })
    }

    /// Chooses the signs, or leaves them to the terminal again.
    pub(crate) fn set_signs(&mut self, signs: Option<Glyphs>) {
        self.ascii = signs.map(|signs| signs == Glyphs::Ascii);
        self.passed_over.signs = false;
    }

    /// Whether a panel is shown, where that was chosen.
    pub(crate) fn panel(&self, name: &str) -> Option<bool> {
        if self.hidden_panels.contains(name) { Some(false) } else { self.shown_panels.contains(name).then_some(true) }
    }

    /// Chooses whether a panel is shown, or leaves it to the configuration again.
    pub(crate) fn set_panel(&mut self, name: &str, shown: Option<bool>) {
        self.hidden_panels.remove(name);
        self.shown_panels.remove(name);
        match shown {
            Some(true) => _ = self.shown_panels.insert(name.to_owned()),
            Some(false) => _ = self.hidden_panels.insert(name.to_owned()),
            None => {}
        }
    }

    /// The order of the overview.
    pub(crate) fn sort(&self) -> Sort {
        self.sort.as_deref().and_then(Sort::from_word).unwrap_or_default()
    }

    /// Chooses the order of the overview.
    pub(crate) fn set_sort(&mut self, sort: Sort) {
        self.sort = Some(sort.word().to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_what_is_broken_is_passed_over() {
        let mut chosen = Preferences { ungrouped: true, ..Preferences::default() };
        chosen.set_theme(Some(Theme::Light));
        chosen.set_sort(Sort::Memory);
        chosen.set_refresh(Some(Duration::from_secs(90)));
        chosen.set_signs(Some(Glyphs::Ascii));
        chosen.set_panel("cpu", Some(false));
        chosen.set_panel("gpu", Some(true));
        assert_eq!(Preferences::read(&chosen.write()), chosen);
        for text in ["", "[]", "{\"theme\": 3}", "\u{0}"] {
            assert_eq!(Preferences::read(text), Preferences::default(), "{text:?}");
        }
        let kept = Preferences::read(&chosen.write());
        assert_eq!(
            (kept.theme(), kept.refresh(), kept.signs(), kept.panel("cpu"), kept.panel("gpu"), kept.panel("nvme")),
            (Some(Theme::Light), Some(Duration::from_mins(1)), Some(Glyphs::Ascii), Some(false), Some(true), None,)
        );
        let strange = Preferences::read(r#"{"theme": "plaid", "refresh_s": 0, "sort": "luck", "later": 1}"#);
        assert_eq!((strange.theme(), strange.refresh(), strange.sort()), (None, None, Sort::Trouble));
    }

    #[test]
    fn what_the_command_line_says_otherwise_holds_for_this_run_and_is_not_kept() {
        let mut chosen = Preferences::default();
        chosen.set_theme(Some(Theme::Light));
        chosen.set_refresh(Some(Duration::from_secs(9)));
        let kept = chosen.clone();
        chosen.passed_over = PassedOver { theme: true, refresh: true, signs: true };
        assert_eq!((chosen.theme(), chosen.refresh()), (None, None));
        assert_eq!(Preferences::read(&chosen.write()), kept);
        // Whoever chooses again means it now.
        chosen.set_theme(Some(Theme::Dark));
        assert_eq!((chosen.theme(), chosen.refresh()), (Some(Theme::Dark), None));
    }
}
