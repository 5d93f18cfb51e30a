//! Text that came from a host, and its exits.
//!
//! A drive's model, a service's name, a journal line: somebody else wrote them. [`HostText`] has no `Display`; it leaves
//! the program only through an exit, which escapes by the rules of the place it goes to. [`EXITS`] lists them all, so
//! that the hostile corpus in `fixtures/hostile/` walks every one.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
