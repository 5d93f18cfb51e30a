//! Keys that lead forward and never back: the key of an act makes that of the next.
//!
//! Which moment's key is kept where, and how the old one is erased, is known by who keeps it.

use std::fmt;
use std::str::FromStr;

use ring::hmac;
use secrecy::zeroize::Zeroize as _;
use secrecy::{ExposeSecret as _, SecretBox};

use super::chain::Tag;

/// The bytes of a key.
pub const KEY_BYTES: usize = 32;

/// The key of one act, which makes the keys of all later ones.
pub struct Ratchet {
    seq: u64,
    key: SecretBox<[u8; KEY_BYTES]>,
}

impl Ratchet {
    /// The key of the act with this number. The bytes must be random, or come from another ratchet.
    pub fn new(seq: u64, mut key: [u8; KEY_BYTES]) -> Self {
        let kept = Self { seq, key: SecretBox::new(Box::new(key)) };
        key.zeroize();
        kept
    }

    /// Of which act.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The key of the next act; this one is erased from memory.
    #[must_use]
    pub fn next(self) -> Self {
        Self::new(self.seq + 1, self.mac(b"ratchet\0", &[]))
    }

    /// The key of a later act. Cost: 1 µs an act between.
    #[must_use]
    pub fn at(self, seq: u64) -> Self {
        let mut reached = self;
        while reached.seq < seq {
            reached = reached.next();
        }
        reached
    }

    /// The tag of some bytes under this key.
    pub fn tag(&self, bytes: &[u8]) -> Tag {
        Tag(self.mac(b"act\0", bytes))
    }

    /// What is written down elsewhere, to prove this act and all later ones by.
    pub fn foothold(&self) -> Foothold {
        Foothold(Self::new(self.seq, *self.key.expose_secret()))
    }

    /// The bytes, for who keeps them.
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        self.key.expose_secret()
    }

    fn mac(&self, purpose: &[u8], bytes: &[u8]) -> [u8; KEY_BYTES] {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, self.key.expose_secret()));
        context.update(purpose);
        context.update(bytes);
        let mut mac = [0; KEY_BYTES];
        mac.copy_from_slice(context.sign().as_ref());
        mac
    }
}

impl fmt::Debug for Ratchet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ratchet").field("seq", &self.seq).finish_non_exhaustive()
    }
}

/// A key as a person keeps it elsewhere: with it every act from there on can be proven, and forged by who takes it.
#[derive(Debug)]
pub struct Foothold(Ratchet);

impl Foothold {
    /// The first act that it proves.
    pub const fn seq(&self) -> u64 {
        self.0.seq
    }

    /// The ratchet that stands there.
    pub fn ratchet(&self) -> Ratchet {
        Ratchet::new(self.0.seq, *self.0.key.expose_secret())
    }

    /// The text to write down: the number of the act, then the key. Secret.
    pub fn expose(&self) -> String {
        format!("{}-{}", self.0.seq, hex(self.0.expose()))
    }
}

/// Why a text is no foothold. It does not quote the text, which may be nearly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a key of the audit log: it is the number of an act, a hyphen and 64 digits from 0 to f, as `cm-cli audit key` prints it"
)]
pub struct NotAFoothold;

impl FromStr for Foothold {
    type Err = NotAFoothold;

    fn from_str(text: &str) -> Result<Self, NotAFoothold> {
        let (seq, key) = text.trim().split_once('-').ok_or(NotAFoothold)?;
        let seq = seq.parse().ok().filter(|seq| *seq > 0).ok_or(NotAFoothold)?;
        Ok(Self(Ratchet::new(seq, unhex(key).ok_or(NotAFoothold)?)))
    }
}

/// Bytes as digits from 0 to f.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// The bytes again.
pub(super) fn unhex(text: &str) -> Option<[u8; KEY_BYTES]> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    if digits.len() == 2 * KEY_BYTES { bytes.try_into().ok() } else { None }
}
