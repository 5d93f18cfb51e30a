//! What a rule found on a thing at one moment: how bad it is, the number behind it, and the words for people.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::severity::Severity;
use crate::text::HostText;
use crate::unit::Unit;

/// Which way a number gets worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Worse {
    /// More is worse.
    Higher,
    /// Less is worse.
    Lower,
}

impl Worse {
    /// Whether `value` is worse than `than`.
    pub fn passed(self, value: f64, than: f64) -> bool {
        match self {
            Self::Higher => value > than,
            Self::Lower => value < than,
        }
    }
}

/// The number behind a finding.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// The number.
    #[serde(with = "exact")]
    pub value: f64,
    /// The number that it was not to pass, where there is one.
    #[serde(with = "exact::option", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// What both count in.
    pub unit: Unit,
    /// Which way it gets worse.
    pub worse: Worse,
}

/// What a finding rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// The host told it now.
    #[default]
    Reading,
    /// It follows from what was not told, or from time that went by: a backup that is late.
    Lapse,
}

/// What a rule found on a thing at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What it rests on.
    #[serde(default)]
    pub basis: Basis,
    /// The number behind it; none for a state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    /// What the thing is called on its host now; empty for the host itself.
    #[serde(default, skip_serializing_if = "HostText::is_empty")]
    pub name: HostText,
    /// One sentence with the values, without the host's name. It may quote the host, so it leaves through an exit.
    pub text: HostText,
    /// The next step, in one line; may be empty. It may quote the host as well.
    #[serde(default, skip_serializing_if = "HostText::is_empty")]
    pub next: HostText,
    /// Where the owner's own notes on it are; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub runbook: String,
}

impl Finding {
    /// A finding in words alone, which the host told itself.
    pub fn new(severity: Severity, text: impl Into<HostText>) -> Self {
        Self {
            severity,
            basis: Basis::Reading,
            measure: None,
            name: HostText::default(),
            text: text.into(),
            next: HostText::default(),
            runbook: String::new(),
        }
    }
}

/// Numbers in JSON as text: read back bit for bit, and never lost for being infinite.
pub(super) mod exact {
    use super::{Deserialize, Deserializer, Serializer, de};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub(crate) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }

    pub(crate) mod option {
        use super::{Deserialize, Deserializer, Serializer, de};

        #[expect(clippy::ref_option, reason = "serde asks for it")]
        pub(crate) fn serialize<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
            match value {
                Some(value) => serializer.collect_str(value),
                None => serializer.serialize_none(),
            }
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
            let text = Option::<String>::deserialize(deserializer)?;
            text.map(|text| text.parse().map_err(de::Error::custom)).transpose()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_bit_for_bit() {
        for value in [0.1 + 0.2, f64::MIN_POSITIVE, 1e300, f64::INFINITY, -0.0, 5.0] {
            let measure = Measure { value, limit: Some(value), unit: Unit::DecimalBytes, worse: Worse::Lower };
            let json = serde_json::to_string(&measure).unwrap();
            let back: Measure = serde_json::from_str(&json).unwrap();
            assert_eq!(back.value.to_bits(), value.to_bits(), "{json}");
            assert_eq!(back, measure);
        }
    }
}
