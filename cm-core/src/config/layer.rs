//! Settings that come from outside of the files: the environment, and options of the command line.

use cm_model::fault::Code;
use toml::de::DeValue;

use super::dashboard::SETTINGS;
use super::origin::Origin;
use super::place::Surroundings;
use super::setting::{self, Setting, Takes};
use super::value::{Set, Values};
use cm_model::nearest::nearest;
use cm_model::problem::{Problem, Problems, quoted};

/// A setting of the dashboard given on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Override<'o> {
    /// Its full name: `dashboard.refresh_interval`.
    pub setting: &'o str,
    /// Its value; text may stand without quotes.
    pub value: &'o str,
    /// The option, as it is written there: `--refresh`.
    pub option: &'o str,
}

/// What the environment sets: `CM_DASHBOARD_THEME` and its like. An empty variable is as if it were not set.
pub(crate) fn of_environment(surroundings: &Surroundings<'_>, problems: &mut Problems) -> Values {
    let mut values = Values::default();
    for setting in SETTINGS {
        let Some(name) = setting.variable() else { continue };
        let Some(text) = (surroundings.variable)(&name).filter(|text| !text.is_empty()) else { continue };
        set(&mut values, problems, setting, &text.to_string_lossy(), &name, Origin::Environment(name.clone()));
    }
    values
}

/// What the command line sets.
pub(crate) fn of_command_line(overrides: &[Override<'_>], problems: &mut Problems) -> Values {
    let mut values = Values::default();
    for given in overrides {
        if let Some(setting) = SETTINGS.iter().find(|setting| setting.name == given.setting) {
            let origin = Origin::CommandLine(given.option.to_owned());
            set(&mut values, problems, setting, given.value, given.option, origin);
        } else {
            let message = format!("{}: {} is no setting", given.option, quoted(given.setting));
            let near = nearest(given.setting, SETTINGS.iter().map(|setting| setting.name));
            problems.push(Problem::error(Code::USAGE, &message, near.map(|near| format!("Did you mean `{near}`?"))));
        }
    }
    values
}

fn set(values: &mut Values, problems: &mut Problems, setting: &Setting, text: &str, by: &str, origin: Origin) {
    let as_text = || DeValue::String(text.into());
    let value = match setting.takes {
        Takes::Switch | Takes::Whole { .. } => {
            DeValue::parse(text).map_or_else(|_| as_text(), toml::Spanned::into_inner)
        }
        _ => as_text(),
    };
    match setting::read(setting, &value) {
        Ok(value) => values.set(setting, Set { value, origin, at: None }),
        Err(misfit) => {
            let message = format!("{by}: {}", misfit.message);
            // The next step of a value in a file, "write it so", would not fit here.
            let next = format!("Give {by} a value that `{}` takes: {}.", setting.name, setting.takes.words());
            problems.push(Problem::error(misfit.code, &message, Some(next)));
        }
    }
}
