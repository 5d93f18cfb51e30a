//! What a setting is: its name, what it takes, what holds when nobody sets it, and how a value of a file is read as one.
//!
//! The lists themselves stand in [`dashboard`](super::dashboard) and [`hosts`](super::hosts); parsing, `config show`, the
//! commented template and the documentation all derive from them. Nothing here knows a single setting by name.

use std::path::PathBuf;

use cm_model::fault::Code;
use cm_model::host::{HostId, Role};
use toml::de::DeValue;

use super::address::{ApiSetting, NoAddress};
use super::command::Command;
use super::value::Value;
use cm_model::nearest::nearest;
use cm_model::problem::quoted;

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its full name, `dashboard.theme`; in a host's it begins with `hosts.NAME.`.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What holds when nobody sets it.
    pub usual: Usual,
    /// One or two sentences.
    pub help: &'static str,
    /// Since when it does something.
    pub effect: Effect,
    /// Whether it may be set for one host alone.
    pub reach: Reach,
}

impl Setting {
    /// The table that it stands in: `dashboard`.
    pub fn table(&self) -> &'static str {
        self.name.rsplit_once('.').map_or("", |(table, _)| table)
    }

    /// Its name within that table: `theme`.
    pub fn key(&self) -> &'static str {
        self.name.rsplit_once('.').map_or(self.name, |(_, key)| key)
    }

    /// The variable of the environment that sets it: `CM_DASHBOARD_THEME`. Hosts and roles are set in files alone.
    pub fn variable(&self) -> Option<String> {
        let alone = matches!(self.takes, Takes::Switch | Takes::Whole { .. } | Takes::Word(_) | Takes::Path);
        let plain = alone && !self.name.contains(".NAME.");
        plain.then(|| format!("CM_{}", self.name.replace('.', "_").to_ascii_uppercase()))
    }
}

/// Whether a setting does something in this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It does.
    Now,
    /// It is checked and kept for a part that comes later.
    Later(&'static str),
}

/// Whether a setting may differ from host to host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It may.
    EachHost,
    /// It concerns the whole dashboard; set for one host it is accepted and does nothing.
    Whole,
}

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// `true` or `false`.
    Switch,
    /// A whole number.
    Whole {
        /// The least.
        low: i64,
        /// The greatest.
        high: i64,
        /// What it counts; empty for a plain number.
        unit: &'static str,
    },
    /// One of some words.
    Word(&'static [&'static str]),
    /// Text to show, at most so many characters.
    Text(usize),
    /// A role: letters, digits, `-`, `_`, `.`.
    Role,
    /// A name or an IP address.
    Address,
    /// A port, a URL, or `false`.
    Api,
    /// A file.
    Path,
    /// A program and its arguments.
    Command,
    /// Limits by metric.
    Thresholds,
}

impl Takes {
    /// What it takes, in words: `a whole number of seconds from 1 to 60`.
    pub fn words(&self) -> String {
        match self {
            Self::Switch => "true or false".to_owned(),
            Self::Whole { low, high, unit: "" } => format!("a whole number from {low} to {high}"),
            Self::Whole { low, high, unit } => format!("a whole number of {unit} from {low} to {high}"),
            Self::Word(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("one of {}", words.join(", "))
            }
            Self::Text(most) => format!("text of at most {most} characters"),
            Self::Role => "a word of letters, digits, `-`, `_` or `.`, in quotes".to_owned(),
            Self::Address => "a name or an IP address, in quotes".to_owned(),
            Self::Api => "a port, a URL in quotes, or false".to_owned(),
            Self::Path => "the name of a file, in quotes".to_owned(),
            Self::Command => "a list of words, each in quotes".to_owned(),
            Self::Thresholds => "a table of metrics, each with { warning, critical } or false".to_owned(),
        }
    }
}

/// What holds when nobody sets it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Usual {
    /// This switch.
    Switch(bool),
    /// This number.
    Whole(i64),
    /// This word, one of those that it takes.
    Word(&'static str),
    /// This file.
    Path(&'static str),
    /// This port.
    Port(u16),
    /// This program with these arguments.
    Command(&'static [&'static str]),
    /// Nothing, or what other settings say; in words, and an example in TOML for the template.
    Words(&'static str, &'static str),
}

impl Usual {
    pub(crate) fn value(self) -> Option<Value> {
        match self {
            Self::Switch(on) => Some(Value::Switch(on)),
            Self::Whole(number) => Some(Value::Whole(number)),
            Self::Word(word) => Some(Value::Word(word)),
            Self::Path(path) => Some(Value::Path(PathBuf::from(path))),
            Self::Port(port) => Some(Value::Api(ApiSetting::Port(port))),
            Self::Command(words) => Command::new(words.iter().copied()).ok().map(Value::Command),
            Self::Words(..) => None,
        }
    }
}

/// Why a value does not fit its setting.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Misfit {
    pub(crate) code: Code,
    /// What came instead, or what is wrong with it; without a full stop.
    pub(crate) message: String,
    pub(crate) next: Option<String>,
}

impl Misfit {
    fn range(message: String, next: Option<String>) -> Self {
        Self { code: Code::CONFIG_OUT_OF_RANGE, message, next }
    }

    fn address(what: &str, error: NoAddress) -> Self {
        Self::range(format!("{what}: {}", error.why), error.next)
    }
}

/// Reads a value as what the setting takes.
pub(crate) fn read(setting: &Setting, value: &DeValue<'_>) -> Result<Value, Misfit> {
    let wrong = |next: Option<String>| {
        let message = format!("`{}` takes {}, not {}", setting.key(), setting.takes.words(), what_came(value));
        Misfit { code: Code::CONFIG_WRONG_TYPE, message, next }
    };
    let text = || value.as_str().ok_or_else(|| wrong(quote_it(value)));
    match &setting.takes {
        Takes::Switch => value.as_bool().map(Value::Switch).ok_or_else(|| wrong(switch_meant(value))),
        Takes::Whole { low, high, .. } => {
            let DeValue::Integer(digits) = value else { return Err(wrong(number_meant(value))) };
            let number = i64::from_str_radix(digits.as_str(), digits.radix()).ok();
            number.filter(|number| (*low..=*high).contains(number)).map(Value::Whole).ok_or_else(|| {
                let nearest = number.map_or(*high, |number| number.clamp(*low, *high));
                let message = format!("`{}` takes {}", setting.key(), setting.takes.words());
                Misfit::range(message, Some(format!("Write {} = {nearest}, the nearest that it takes.", setting.key())))
            })
        }
        Takes::Word(words) => {
            let word = text()?;
            words.iter().find(|known| **known == word).map(|known| Value::Word(known)).ok_or_else(|| {
                let message = format!("`{}` takes {}", setting.key(), setting.takes.words());
                let near = nearest(word, words.iter().copied());
                Misfit::range(message, near.map(|near| format!("Did you mean \"{near}\"?")))
            })
        }
        Takes::Text(most) => {
            let text = text()?;
            if text.is_empty() || text.chars().count() > *most {
                let message = format!("`{}` takes text of 1 to {most} characters", setting.key());
                return Err(Misfit::range(message, None));
            }
            Ok(Value::Text(text.to_owned()))
        }
        Takes::Role => {
            let text = text()?;
            Role::new(text).map(Value::Role).map_err(|_| {
                let message = format!("{} cannot be a role: {}", quoted(text), setting.takes.words());
                Misfit::range(message, None)
            })
        }
        Takes::Address => {
            let text = text()?;
            text.parse().map(Value::Address).map_err(|error| Misfit::address(&quoted_address(text), error))
        }
        Takes::Api => read_api(setting, value).map_err(|misfit| misfit.unwrap_or_else(|| wrong(None))),
        Takes::Path => {
            let text = text()?;
            if text.is_empty() || text.contains('\0') {
                return Err(Misfit::range(format!("`{}` takes {}", setting.key(), setting.takes.words()), None));
            }
            Ok(Value::Path(PathBuf::from(text)))
        }
        Takes::Command => Command::read(setting.key(), value).map(Value::Command),
        Takes::Thresholds => Err(wrong(None)),
    }
}

fn read_api(setting: &Setting, value: &DeValue<'_>) -> Result<Value, Option<Misfit>> {
    let api = match value {
        DeValue::Boolean(false) => ApiSetting::Absent,
        DeValue::Boolean(true) => {
            let message = format!("`{}` takes {}, not true", setting.key(), setting.takes.words());
            let next = Some("Delete the line: the usual port is asked unless told otherwise.".to_owned());
            return Err(Some(Misfit { code: Code::CONFIG_WRONG_TYPE, message, next }));
        }
        DeValue::Integer(digits) => {
            let port = u16::from_str_radix(digits.as_str(), digits.radix()).ok().filter(|port| *port > 0);
            let wrong = || Misfit::range("a port is a number from 1 to 65535".to_owned(), None);
            ApiSetting::Port(port.ok_or_else(|| Some(wrong()))?)
        }
        DeValue::String(text) => {
            ApiSetting::read_url(text).map_err(|error| Some(Misfit::address(&quoted_address(text), error)))?
        }
        _ => return Err(None),
    };
    Ok(Value::Api(api))
}

/// An address for a sentence, without what may be a password in it.
fn quoted_address(text: &str) -> String {
    text.rfind('@').map_or_else(|| quoted(text), |at| quoted(&format!("…{}", &text[at..])))
}

/// What stands there, in the words of TOML.
pub(crate) fn what_came(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(_) => "text".to_owned(),
        DeValue::Integer(digits) if digits.as_str().len() <= 20 => format!("the number {digits}"),
        DeValue::Integer(_) => "a number".to_owned(),
        DeValue::Float(_) => "a number with a fraction".to_owned(),
        DeValue::Boolean(on) => on.to_string(),
        DeValue::Datetime(_) => "a date or a time".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

fn switch_meant(value: &DeValue<'_>) -> Option<String> {
    let on = match value {
        DeValue::Integer(digits) if digits.as_str() == "1" => true,
        DeValue::Integer(digits) if digits.as_str() == "0" => false,
        DeValue::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => true,
            "false" | "no" | "off" | "0" => false,
            _ => return None,
        },
        _ => return None,
    };
    Some(format!("Write {on}, without quotes."))
}

fn number_meant(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => {
            let digits: String = text.trim().chars().take_while(char::is_ascii_digit).take(18).collect();
            (!digits.is_empty()).then(|| format!("Write the number alone, without quotes: {digits}"))
        }
        DeValue::Float(text) => {
            let number: f64 = text.as_str().parse().ok().filter(|n: &f64| n.abs() < 1e15)?;
            Some(format!("Write a whole number: {number:.0}"))
        }
        _ => None,
    }
}

fn quote_it(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::Integer(digits) if digits.as_str().len() <= 20 => Some(format!("Write it in quotes: \"{digits}\"")),
        _ => None,
    }
}

/// A host's or group's name, read where a key of a table is one.
pub(crate) fn read_name(key: &str) -> Result<HostId, Misfit> {
    HostId::new(key).map_err(|_| {
        let message = format!("{} cannot be a name", quoted(key));
        let next = "A name has 1 to 63 letters, digits, `-`, `_` or `.` and begins with a letter or digit; text to show goes at `name`.";
        Misfit::range(message, Some(next.to_owned()))
    })
}
