//! What surrounds the program: its environment, and what follows from it. It is passed in, so that tests have a room of
//! their own.

use std::ffi::OsString;
use std::fmt;

use chrono::{DateTime, Local, Offset, TimeZone};
use cm_core::clock::WallTime;
use cm_core::config::dashboard::Theme as Choice;
use cm_core::wording::Glyphs;

use crate::theme::Theme;

/// The environment and the user.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'s> {
    /// Variables of the environment.
    pub(crate) variables: &'s dyn Fn(&str) -> Option<OsString>,
    /// The effective user id: whose files are trusted.
    pub(crate) user: u32,
}

impl fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Surroundings<'_> {
    /// A variable that is not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        (self.variables)(name)?.into_string().ok().filter(|value| !value.is_empty())
    }

    /// The signs that the terminal has: ASCII where the locale is not UTF-8, and on the Linux console, whose font lacks
    /// the marks. Where no variable says anything it is the C locale.
    pub(crate) fn glyphs(&self) -> Glyphs {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| self.variable(name)).unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        let is_utf8 = locale.contains("utf-8") || locale.contains("utf8");
        let is_console = self.variable("TERM").as_deref() == Some("linux");
        if is_utf8 && !is_console { Glyphs::Unicode } else { Glyphs::Ascii }
    }

    /// Whether the terminal can't draw a screen at all.
    pub(crate) fn is_dumb(&self) -> bool {
        matches!(self.variable("TERM").as_deref(), None | Some("dumb"))
    }

    /// Whether the terminal is tmux, behind which there is another one.
    pub(crate) fn is_tmux(&self) -> bool {
        self.variable("TMUX").is_some()
    }

    /// The theme to begin with for a choice. `auto` is without colour where `NO_COLOR` says so, has sixteen on the Linux
    /// console, is light where `COLORFGBG` says so, and else dark until the terminal says more.
    pub(crate) fn theme(&self, choice: Choice) -> Theme {
        if let Some(theme) = Theme::chosen(choice) {
            return theme;
        }
        if self.variable("NO_COLOR").is_some() {
            return Theme::None;
        }
        if self
            .variable("TERM")
            .is_some_and(|term| term == "linux" || !term.contains("256color") && term.starts_with("vt"))
        {
            return Theme::Ansi16;
        }
        let behind = self.variable("COLORFGBG");
        match behind.as_deref().and_then(|colours| colours.rsplit(';').next()) {
            Some("7" | "15") => Theme::Light,
            _ => Theme::Dark,
        }
    }

    /// Whether the terminal is asked for its background: only where its answer decides.
    pub(crate) fn asks_background(&self, choice: Choice) -> bool {
        choice == Choice::Auto && matches!(self.theme(choice), Theme::Dark | Theme::Light)
    }
}

/// How many seconds this machine's local time is ahead of UTC at a moment.
pub(crate) fn ahead_s(at: WallTime) -> i32 {
    let utc = DateTime::from_timestamp_millis(at.millis()).unwrap_or_default();
    Local.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(variables: &[(&str, &str)], look: impl FnOnce(Surroundings<'_>) -> T) -> T {
        let find = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value));
        look(Surroundings { variables: &find, user: 0 })
    }

    #[test]
    fn signs_follow_the_locale_and_the_console() {
        for (variables, glyphs) in [
            (&[("LANG", "de_DE.UTF-8")][..], Glyphs::Unicode),
            (&[("LANG", "C.utf8"), ("TERM", "xterm")], Glyphs::Unicode),
            (&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")], Glyphs::Ascii),
            (&[("LANG", "de_DE.UTF-8"), ("TERM", "linux")], Glyphs::Ascii),
            (&[], Glyphs::Ascii),
        ] {
            assert_eq!(with(variables, |s| s.glyphs()), glyphs, "{variables:?}");
        }
    }

    #[test]
    fn colours_follow_the_choice_and_then_the_environment() {
        for (variables, choice, theme, asks) in [
            (&[][..], Choice::Auto, Theme::Dark, true),
            (&[("COLORFGBG", "0;15")], Choice::Auto, Theme::Light, true),
            (&[("NO_COLOR", "1")], Choice::Auto, Theme::None, false),
            (&[("NO_COLOR", "1")], Choice::Dark, Theme::Dark, false),
            (&[("TERM", "linux")], Choice::Auto, Theme::Ansi16, false),
            (&[("NO_COLOR", "")], Choice::Auto, Theme::Dark, true),
        ] {
            assert_eq!(with(variables, |s| s.theme(choice)), theme, "{variables:?}");
            assert_eq!(with(variables, |s| s.asks_background(choice)), asks, "{variables:?}");
        }
    }
}
