//! What is in force before anybody chooses anything on the screen, and where each of it comes from.

use cm_core::config::dashboard::Widgets;
use cm_core::config::{self, Origin, Shown};
use cm_core::wording::Glyphs;

use crate::theme::Theme;

/// It, as it was found at start.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InForce {
    /// Every setting of the configuration.
    pub(crate) settings: Vec<Shown>,
    /// Which panels the configuration wants where it says nothing else of a host.
    pub(crate) widgets: Widgets,
    /// The signs that there are.
    pub(crate) signs: Glyphs,
    /// Who says so.
    pub(crate) signs_from: &'static str,
    /// What the theme `auto` comes to, as far as the terminal has answered.
    pub(crate) auto: Theme,
    /// Whether the terminal is asked for its background where the theme is `auto`.
    pub(crate) asks: bool,
    /// The folder in which choices are kept, where there is one.
    pub(crate) folder: Option<String>,
}

impl Default for InForce {
    fn default() -> Self {
        Self {
            settings: defaults(),
            widgets: config::Dashboard::default().widgets,
            signs: Glyphs::Unicode,
            signs_from: "the terminal",
            auto: Theme::Dark,
            asks: false,
            folder: None,
        }
    }
}

impl InForce {
    /// A setting by its full name.
    pub(crate) fn setting(&self, name: &str) -> Option<&Shown> {
        self.settings.iter().find(|setting| setting.name == name)
    }

    /// Puts a value of the command line in the place of a setting's.
    pub(crate) fn say_on_command_line(&mut self, name: &str, value: String, option: &str) {
        if let Some(setting) = self.settings.iter_mut().find(|setting| setting.name == name) {
            setting.value = value;
            setting.origin = Origin::CommandLine(option.to_owned());
        }
    }
}

/// Every setting as it is where nothing is configured.
pub(crate) fn defaults() -> Vec<Shown> {
    let nothing = |_: &str| None;
    let surroundings = config::Surroundings::new(&nothing, 0);
    config::interpret(&[], &[], &surroundings).map(|loaded| loaded.origins).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_command_line_says_is_in_force() {
        let mut in_force = InForce::default();
        assert_eq!(in_force.setting("dashboard.theme").unwrap().origin, Origin::Default);
        in_force.say_on_command_line("dashboard.theme", "\"light\"".to_owned(), "--theme");
        let theme = in_force.setting("dashboard.theme").unwrap();
        assert_eq!((theme.value.as_str(), theme.origin.to_string()), ("\"light\"", "command line --theme".to_owned()));
        assert_eq!(in_force.setting("no.such"), None);
    }
}
