//! What the user chose on the screen and finds again at the next start: kept in the state folder, never in a
//! configuration file. A choice made here goes over the configuration's until it is taken back.

pub(crate) mod file;

use std::collections::BTreeSet;
use std::time::Duration;

use cm_core::config::dashboard::Theme;
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
    /// Columns of the overview that are not shown, by their names.
    pub(crate) hidden_columns: BTreeSet<String>,
}

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
        const ALL: [Theme; 6] =
            [Theme::Auto, Theme::Dark, Theme::Light, Theme::HighContrast, Theme::Ansi16, Theme::None];
        let word = self.theme.as_deref()?;
        ALL.into_iter().find(|theme| theme.word() == word)
    }

    /// Chooses colours, or leaves them to the configuration again.
    pub(crate) fn set_theme(&mut self, theme: Option<Theme>) {
        self.theme = theme.map(|theme| theme.word().to_owned());
    }

    /// The interval that was chosen, within what the configuration takes.
    pub(crate) fn refresh(&self) -> Option<Duration> {
        self.refresh_s.filter(|seconds| (1..=60).contains(seconds)).map(Duration::from_secs)
    }

    /// Chooses the interval, or leaves it to the configuration again.
    pub(crate) fn set_refresh(&mut self, interval: Option<Duration>) {
        self.refresh_s = interval.map(|interval| interval.as_secs().clamp(1, 60));
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
        assert_eq!(Preferences::read(&chosen.write()), chosen);
        for text in ["", "[]", "{\"theme\": 3}", "\u{0}"] {
            assert_eq!(Preferences::read(text), Preferences::default(), "{text:?}");
        }
        let strange = Preferences::read(r#"{"theme": "plaid", "refresh_s": 0, "sort": "luck", "later": 1}"#);
        assert_eq!((strange.theme(), strange.refresh(), strange.sort()), (None, None, Sort::Trouble));
    }
}
