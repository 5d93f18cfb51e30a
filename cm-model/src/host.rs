//! Who is watched: names that are safe to print anywhere, roles to group by, and whether a host may be off.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A name that cannot be a name of a host or a group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} cannot be a name: 1 to 63 letters, digits, `-`, `_` or `.`, beginning with a letter or digit")]
pub struct BadName {
    /// What was given.
    pub name: String,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// 1 to 63 ASCII letters, digits, `-`, `_` or `.`, beginning with a letter or digit: safe on a screen, in a URL, in a file name.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes a name, if it is one.
            pub fn new(name: &str) -> Result<Self, BadName> {
                let rest = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
                let good = name.len() <= 63
                    && name.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
                    && name.bytes().all(rest);
                if good { Ok(Self(name.into())) } else { Err(BadName { name: name.chars().take(80).collect() }) }
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(&String::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
    };
}

name! {
    /// The name under which a host is known, given by the owner.
    HostId
}
name! {
    /// What a host is for, given by the owner: `server`, `workstation`, `lab`. Hosts are grouped by it.
    Role
}

/// Whether a host may be off without that being a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    /// Its absence is a fault.
    #[default]
    Always,
    /// Its absence is worth a note.
    Often,
    /// Its absence is nothing.
    Sometimes,
}

/// One watched host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its name.
    pub id: HostId,
    /// What it is for.
    pub role: Option<Role>,
    /// Whether it may be off.
    pub expected: Expected,
}

impl Host {
    /// A host with a name alone, expected always.
    pub const fn new(id: HostId) -> Self {
        Self { id, role: None, expected: Expected::Always }
    }
}
