//! How much an alert matters. It does not know what is alerted on, nor who is told.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::health::Health;

/// How much an alert matters: `Note < Warning < Critical`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Seen on the screen, told to nobody.
    Note,
    /// Wants attention.
    Warning,
    /// Has failed, or soon will.
    Critical,
}

/// A word that is no severity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is no severity: note, warning or critical was expected")]
pub struct BadSeverity {
    /// What was given, its first 80 characters.
    pub word: String,
}

impl Severity {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Note, Self::Warning, Self::Critical];

    /// Its word in rules, JSON and configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// How well something is that has an alert of this severity.
    pub const fn health(self) -> Health {
        match self {
            Self::Note => Health::Note,
            Self::Warning => Health::Warning,
            Self::Critical => Health::Critical,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Severity {
    type Err = BadSeverity;

    fn from_str(word: &str) -> Result<Self, BadSeverity> {
        let bad = || BadSeverity { word: word.chars().take(80).collect() };
        Self::ALL.into_iter().find(|severity| severity.word() == word).ok_or_else(bad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_word_is_read_written_and_printed() {
        for severity in Severity::ALL {
            let json = serde_json::to_string(&severity).unwrap();
            assert_eq!(json, format!("\"{severity}\""));
            assert_eq!(serde_json::from_str::<Severity>(&json).unwrap(), severity);
            assert_eq!(severity.word().parse::<Severity>().unwrap(), severity);
        }
        assert!("Warning".parse::<Severity>().is_err());
        assert!(Severity::Note < Severity::Warning && Severity::Warning < Severity::Critical);
    }
}
