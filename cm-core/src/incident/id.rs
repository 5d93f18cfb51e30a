//! What an incident is called: ten letters that follow from what it is about and when it began, so that they are the same
//! where the store is gone and only memory knows it.

use std::fmt;
use std::str::FromStr;

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::key::Key;
use super::time::Moment;

/// 32 letters and digits that nobody takes for one another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// What an incident is called: ten letters and digits, none of which looks like another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentId([u8; 10]);

/// Text that names no incident.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} names no incident: ten letters and digits were expected, as `alerts` lists them")]
pub struct BadId {
    /// What was given, its first 80 characters.
    pub text: String,
}

impl IncidentId {
    /// The name of the incident of this key that began then. Of 50 bits: among 100,000 incidents two are alike once in 200,000.
    pub fn of(key: &Key, since: Moment) -> Self {
        let mut sum = Context::new(&SHA256);
        let host = key.host.as_ref().map_or("", |host| host.as_str());
        let identity = key.subject.identity.as_ref().map_or("", |text| text.raw());
        for part in [key.rule(), host, key.subject.kind.word(), key.subject.name.raw(), identity] {
            sum.update(&(part.len() as u64).to_le_bytes());
            sum.update(part.as_bytes());
        }
        sum.update(&since.wall.millis().to_le_bytes());
        sum.update(&since.steady.millis().to_le_bytes());
        let sum = sum.finish();
        // Five bits of a byte each: 256 is a multiple of 32, so every letter is as likely.
        Self(std::array::from_fn(|place| LETTERS[usize::from(sum.as_ref()[place] & 31)]))
    }

    /// Its letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for IncidentId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId { text: text.chars().take(80).collect() };
        let letters: [u8; 10] = text.as_bytes().try_into().map_err(|_| bad())?;
        if letters.iter().all(|letter| LETTERS.contains(letter)) { Ok(Self(letters)) } else { Err(bad()) }
    }
}

impl Serialize for IncidentId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for IncidentId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
