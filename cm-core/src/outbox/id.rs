//! What a message is called: the same each time it is sent, so that a receiver who got it twice can tell.

use std::fmt;
use std::str::FromStr;

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Letters and digits that pass through a Message-ID, a header and a URL as they are.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// What a message is called: 20 letters and digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId([u8; 20]);

/// Text that names no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} names no message: twenty letters and digits were expected")]
pub struct BadMessageId {
    /// What was given, its first 80 characters.
    pub text: String,
}

impl MessageId {
    /// The name that follows from what a message is made of: its channel, what it belongs to, and the number of the newest
    /// that it tells. 100 bits: no two are alike.
    pub fn of(parts: &[&str], number: u64) -> Self {
        let mut sum = Context::new(&SHA256);
        for part in parts {
            sum.update(&(part.len() as u64).to_le_bytes());
            sum.update(part.as_bytes());
        }
        sum.update(&number.to_le_bytes());
        let sum = sum.finish();
        Self(std::array::from_fn(|place| LETTERS[usize::from(sum.as_ref()[place] & 31)]))
    }

    /// Its letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MessageId {
    type Err = BadMessageId;

    fn from_str(text: &str) -> Result<Self, BadMessageId> {
        let bad = || BadMessageId { text: text.chars().take(80).collect() };
        let letters: [u8; 20] = text.as_bytes().try_into().map_err(|_| bad())?;
        if letters.iter().all(|letter| LETTERS.contains(letter)) { Ok(Self(letters)) } else { Err(bad()) }
    }
}

impl Serialize for MessageId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for MessageId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
