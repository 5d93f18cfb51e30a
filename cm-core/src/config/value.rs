//! A value that its setting takes, how TOML writes it, and the values that somebody set, each with its origin.
//!
//! It does not know which settings there are, nor how a value is read.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::ops::Range;
use std::path::PathBuf;

use cm_model::host::Role;
use cm_model::text::terminal;

use super::address::{Address, ApiSetting};
use super::command::Command;
use super::origin::Origin;
use super::setting::Setting;

/// A value that has been read and holds what its setting takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A switch.
    Switch(bool),
    /// A whole number, within its range.
    Whole(i64),
    /// One of the setting's words.
    Word(&'static str),
    /// Text.
    Text(String),
    /// A role.
    Role(Role),
    /// An address.
    Address(Address),
    /// Where an API answers.
    Api(ApiSetting),
    /// A file, as it was written.
    Path(PathBuf),
    /// A program and its arguments.
    Command(Command),
}

/// As TOML writes it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(on) => on.fmt(f),
            Self::Whole(number) => number.fmt(f),
            Self::Word(word) => write!(f, "\"{word}\""),
            Self::Text(text) => write_text(f, text),
            Self::Role(role) => write!(f, "\"{role}\""),
            Self::Address(address) => write!(f, "\"{address}\""),
            Self::Api(ApiSetting::Absent) => f.write_str("false"),
            Self::Api(ApiSetting::Port(port)) => port.fmt(f),
            Self::Api(ApiSetting::Url(url)) => write_text(f, url.as_str()),
            Self::Path(path) => write_text(f, &path.to_string_lossy()),
            Self::Command(command) => command.fmt(f),
        }
    }
}

/// A basic string of TOML that reads back as the same text, with what the terminal's exit would alter escaped.
pub(crate) fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        let mut bytes = [0; 4];
        let alone: &str = c.encode_utf8(&mut bytes);
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            _ if terminal::line(alone) != alone => write!(f, "\\U{:08X}", u32::from(c))?,
            _ => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

/// A byte range of one of the files that are read together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct At {
    /// Which of the files.
    pub(crate) file: usize,
    pub(crate) span: Range<usize>,
}

/// A value that somebody set.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Set {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
    /// Where in a file, if in one.
    pub(crate) at: Option<At>,
}

/// The settings that somebody set, by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Values(BTreeMap<&'static str, Set>);

impl Values {
    /// Sets a value; what is set later goes before what was set earlier.
    pub(crate) fn set(&mut self, setting: &Setting, set: Set) {
        self.0.insert(setting.name, set);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Set> {
        self.0.get(name)
    }

    /// The value in force and where it comes from; `None` where nobody set it and it has no fixed default.
    pub(crate) fn in_force(&self, setting: &Setting) -> Option<(Value, Origin)> {
        let set = self.get(setting.name).map(|set| (set.value.clone(), set.origin.clone()));
        set.or_else(|| Some((setting.usual.value()?, Origin::Default)))
    }

    /// These over those of `below`.
    pub(crate) fn over(&self, below: &Self) -> Self {
        let mut both = below.clone();
        both.0.extend(self.0.iter().map(|(name, set)| (*name, set.clone())));
        both
    }
}
