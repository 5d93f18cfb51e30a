//! One act, and the bytes that stand for it in every proof. It does not know how it is proven.

use super::chain::Link;
use crate::clock::WallTime;
use crate::text::HostText;

/// An act of a person, or of a program in somebody's name.
///
/// Its texts are typed by people and name things of hosts: they leave through an exit like any text from a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When, by the wall clock of the machine on which it is recorded.
    pub when: WallTime,
    /// Who: the user, or whose right was used.
    pub who: HostText,
    /// From which program.
    pub program: HostText,
    /// What was done.
    pub deed: Deed,
    /// Why, in their words; empty where they said nothing.
    pub why: HostText,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Something, in words: `acknowledge 7KQ2M4XT9A`.
    Done(HostText),
    /// The acts up to this one were forgotten.
    Pruned {
        /// The last that was forgotten.
        through: u64,
        /// Its link, on which the first that is left stands.
        base: Link,
    },
}

impl Deed {
    /// In words.
    pub fn words(&self) -> HostText {
        match self {
            Self::Done(words) => words.clone(),
            Self::Pruned { through, .. } => HostText::new(format!("forget acts up to {through}")),
        }
    }
}

/// The form of the bytes below; another would be another number.
const FORM: u8 = 1;

impl Record {
    /// The bytes of the act at a place in the chain: each text behind its length, so that no two acts have the same.
    pub fn bytes(&self, seq: u64) -> Vec<u8> {
        let mut bytes = vec![FORM];
        bytes.extend(seq.to_le_bytes());
        bytes.extend(self.when.millis().to_le_bytes());
        put(&mut bytes, self.who.raw().as_bytes());
        put(&mut bytes, self.program.raw().as_bytes());
        match &self.deed {
            Deed::Done(words) => {
                bytes.push(0);
                put(&mut bytes, words.raw().as_bytes());
            }
            Deed::Pruned { through, base } => {
                bytes.push(1);
                bytes.extend(through.to_le_bytes());
                bytes.extend(base.bytes());
            }
        }
        put(&mut bytes, self.why.raw().as_bytes());
        bytes
    }
}

fn put(bytes: &mut Vec<u8>, text: &[u8]) {
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend(text);
}
