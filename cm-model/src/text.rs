//! Text that came from a host, and its exits.
//!
//! A drive's model, a service's name, a journal line: somebody else wrote them. [`HostText`] has no `Display`; it leaves
//! the program only through an exit, which escapes by the rules of the place it goes to. [`EXITS`] lists them all, so
//! that the hostile corpus in `fixtures/hostile/` walks every one.
//!
//! | exit | where the text goes | exact |
//! |---|---|---|
//! | [`terminal`] | a screen, a table, a line of output | no |
//! | [`log`] | a value in a log line, the journal | yes |
//! | [`csv`] | a cell that a spreadsheet opens | no |
//! | [`json`] | JSON that may be printed on a terminal | yes |
//! | [`html`] | text or a quoted attribute | no |
//! | [`mail`] | a header's value, a line of a body | no |
//! | [`chat`] | a message to a chat room | no |
//! | [`prometheus`] | a label's value | yes |
//! | [`dbus`] | the body of a desktop notification | no |
//! | [`completion`] | a word that a shell completes | plain text only |
//!
//! *Exact* means that the text can be read back, and that two texts never come out alike. Every exit gives one line and
//! nothing invisible. Letters of right-to-left scripts and look-alike letters of other alphabets pass: they are text.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub mod chat;
pub mod completion;
pub mod csv;
pub mod dbus;
mod harm;
pub mod html;
pub mod json;
pub mod log;
pub mod mail;
pub mod prometheus;
pub mod terminal;
mod visible;

/// Text from a host: kept as it came, printed only through an exit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct HostText(Box<str>);

impl HostText {
    /// The most bytes of one text that are kept; what is longer is cut and ends in `…`.
    pub const MOST_BYTES: usize = 4096;

    /// Takes a text over from a host.
    pub fn new<'a>(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if text.len() <= Self::MOST_BYTES {
            return Self(text.into_owned().into_boxed_str());
        }
        let end = text.floor_char_boundary(Self::MOST_BYTES - '…'.len_utf8());
        Self(format!("{}…", &text[..end]).into_boxed_str())
    }

    /// The text as it came: to compare, to sort and to key by. To show it, go through an exit.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for HostText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl From<&str> for HostText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for HostText {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl Serialize for HostText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for HostText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// What an exit takes: a [`HostText`], or a sentence of ours in which a host is quoted.
pub trait Foreign {
    /// The text as it came.
    fn foreign(&self) -> &str;
}

impl Foreign for HostText {
    fn foreign(&self) -> &str {
        &self.0
    }
}

impl Foreign for str {
    fn foreign(&self) -> &str {
        self
    }
}

impl Foreign for String {
    fn foreign(&self) -> &str {
        self
    }
}

impl Foreign for Cow<'_, str> {
    fn foreign(&self) -> &str {
        self
    }
}

/// One way out of the program, for the tests that walk them all.
#[derive(Debug, Clone, Copy)]
pub struct Exit {
    /// The place that the text goes to.
    pub name: &'static str,
    /// Writes a text for that place.
    pub write: fn(&HostText) -> String,
    /// Whether something written can do no harm there: judged by rules of its own, not by those of `write`.
    pub harmless: fn(&str) -> bool,
}

/// All exits.
pub const EXITS: &[Exit] = &[
    terminal::EXIT,
    log::EXIT,
    csv::EXIT,
    json::EXIT,
    html::EXIT,
    mail::HEADER,
    mail::BODY,
    chat::EXIT,
    prometheus::EXIT,
    dbus::EXIT,
    completion::EXIT,
];
