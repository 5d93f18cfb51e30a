//! An act sealed under its key, and linked to everything before it.

use std::fmt;
use std::str::FromStr;

use ring::digest;
use subtle::ConstantTimeEq as _;

use super::ratchet::{KEY_BYTES, Ratchet, hex, unhex};
use super::record::Record;

/// What proves one act to who has its key.
#[derive(Clone, Copy)]
pub struct Tag(pub(super) [u8; KEY_BYTES]);

impl Tag {
    /// As it was stored.
    pub const fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// To be stored.
    pub const fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl PartialEq for Tag {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Tag {}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({})", hex(&self.0[..4]))
    }
}

/// A hash over an act and all before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Link([u8; KEY_BYTES]);

impl Link {
    /// On which the first act of all stands.
    pub fn genesis() -> Self {
        Self::hash(&[b"cm-dashboard audit 1\0"])
    }

    /// As it was stored.
    pub const fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// To be stored.
    pub const fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// From its text.
    pub fn read(text: &str) -> Option<Self> {
        unhex(text).map(Self)
    }

    /// Of an act that stands on this one.
    #[must_use]
    pub fn on(self, tag: &Tag, bytes: &[u8]) -> Self {
        Self::hash(&[&self.0, &tag.0, bytes])
    }

    fn hash(parts: &[&[u8]]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in parts {
            context.update(part);
        }
        let mut link = [0; KEY_BYTES];
        link.copy_from_slice(context.finish().as_ref());
        Self(link)
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({})", hex(&self.0[..4]))
    }
}

/// An act as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its number, from 1.
    pub seq: u64,
    /// The act.
    pub act: Record,
    /// What proves it by itself.
    pub tag: Tag,
    /// What binds it to all before it.
    pub link: Link,
}

impl Sealed {
    /// Seals an act at the ratchet's place, on the link before it. The ratchet is to be moved on once this is stored.
    pub fn new(act: Record, ratchet: &Ratchet, before: Link) -> Self {
        let seq = ratchet.seq();
        let bytes = act.bytes(seq);
        let tag = ratchet.tag(&bytes);
        Self { seq, tag, link: before.on(&tag, &bytes), act }
    }

    /// The chain as it ends with this act.
    pub fn head(&self) -> Head {
        Head::new(self.seq, self.link)
    }
}

/// How many digits of a link a head shows: 96 bits, more than anybody can search for a second past.
const HEAD_DIGITS: usize = 24;

/// Where the chain ended at some moment, as others keep it: `42-9f2c…`, a number and the beginning of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The last act.
    pub seq: u64,
    link: String,
}

impl Head {
    /// The chain ends with this act.
    pub fn new(seq: u64, link: Link) -> Self {
        let mut link = link.to_string();
        link.truncate(HEAD_DIGITS);
        Self { seq, link }
    }

    /// Whether a link is the one that was seen.
    pub fn is_of(&self, link: &Link) -> bool {
        link.to_string().starts_with(&self.link)
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.seq, self.link)
    }
}

/// Why a text is no head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a head of the audit log: it is the number of an act, a hyphen and at least 16 digits from 0 to f, as in a mail's last line"
)]
pub struct NotAHead;

impl FromStr for Head {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Self, NotAHead> {
        let (seq, link) = text.trim().split_once('-').ok_or(NotAHead)?;
        let fits = (16..=2 * KEY_BYTES).contains(&link.len()) && link.chars().all(|c| c.is_ascii_hexdigit());
        let seq = seq.parse().ok().filter(|seq| *seq > 0 && fits).ok_or(NotAHead)?;
        Ok(Self { seq, link: link.to_ascii_lowercase() })
    }
}
