//! What a host tells: the bodies of the three APIs, one set of types for the wire and for the inside.
//!
//! Reading is lenient ([`read`]): unknown fields are passed over, unknown status words become `Unknown`, numbers come as
//! integers or floats, any field that is an `Option` or a list may be missing or null. Writing is strict: what we write,
//! we read back the same. Field names are those of the wire and only ever grow in number.

pub mod backup;
pub mod read;
pub mod service;
pub mod smart;

use std::fmt;
use std::sync::Arc;

pub use backup::BackupReport;
pub use service::ServiceReport;
pub use smart::SmartReport;

use crate::clock::WallTime;

/// Which of a host's three APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Api {
    /// Drives and pools.
    Smart,
    /// Services, CPU, memory, filesystems and whatever else the host tells of itself.
    Service,
    /// Backups.
    Backup,
}

impl Api {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Smart, Self::Service, Self::Backup];

    /// Its name in configuration, JSON and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Smart => "smart",
            Self::Service => "service",
            Self::Backup => "backup",
        }
    }

    /// The port on which hosts serve it unless told otherwise.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Smart => 6127,
            Self::Service => 6128,
            Self::Backup => 6129,
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// One answer of one API. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// An answer of the smart API.
    Smart(Arc<SmartReport>),
    /// An answer of the service API.
    Service(Arc<ServiceReport>),
    /// An answer of the backup API.
    Backup(Arc<BackupReport>),
}

impl Report {
    /// Reads the body of an answer. See [`read::body`] for what is refused.
    pub fn read(api: Api, body: &[u8]) -> Result<Self, read::Malformed> {
        Ok(match api {
            Api::Smart => Self::Smart(Arc::new(read::body(body)?)),
            Api::Service => Self::Service(Arc::new(read::body(body)?)),
            Api::Backup => Self::Backup(Arc::new(read::body(body)?)),
        })
    }

    /// Writes it as the JSON that [`Report::read`] takes.
    ///
    /// # Panics
    /// Never: all keys are strings and all numbers finite.
    pub fn write(&self) -> Vec<u8> {
        match self {
            Self::Smart(report) => serde_json::to_vec(&**report),
            Self::Service(report) => serde_json::to_vec(&**report),
            Self::Backup(report) => serde_json::to_vec(&**report),
        }
        .expect("report types have string keys and finite numbers")
    }

    /// Which API answered.
    pub const fn api(&self) -> Api {
        match self {
            Self::Smart(_) => Api::Smart,
            Self::Service(_) => Api::Service,
            Self::Backup(_) => Api::Backup,
        }
    }

    /// When the host says that it looked, by its own clock.
    pub fn timestamp(&self) -> WallTime {
        match self {
            Self::Smart(report) => report.timestamp,
            Self::Service(report) => report.timestamp,
            Self::Backup(report) => report.timestamp,
        }
    }
}

/// An enum of status words: known words by name, every other word read as `Unknown`.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal $(| $also:literal)*),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A word that this version does not know, or none.
            #[default]
            Unknown,
        }

        impl $name {
            /// The word on the wire and on the screen.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unknown => "unknown",
                }
            }

            /// What a word means; letter case does not matter.
            pub fn from_word(word: &str) -> Self {
                $(if word.eq_ignore_ascii_case($word) $(|| word.eq_ignore_ascii_case($also))* { return Self::$variant; })+
                Self::Unknown
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Word;
                impl serde::de::Visitor<'_> for Word {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a status word")
                    }
                    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<$name, E> {
                        Ok($name::from_word(word))
                    }
                }
                deserializer.deserialize_str(Word)
            }
        }
    };
}
pub(crate) use words;

words! {
    /// How a host judges itself.
    Status {
        /// Nothing to say.
        Ok = "ok" | "healthy" | "good",
        /// Something wants attention.
        Warning = "warning" | "degraded",
        /// Something has failed or soon will.
        Critical = "critical" | "failed",
    }
}

#[cfg(test)]
mod tests;
