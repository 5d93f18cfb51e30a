//! What was done, by whom and why, so that whoever takes the machine later cannot rewrite it unnoticed.
//!
//! | room | what it holds |
//! |---|---|
//! | [`record`] | one act, and its bytes |
//! | [`ratchet`] | keys, each made from the one before it, which is then forgotten |
//! | [`chain`] | an act sealed under its key and linked to the act before it |
//! | `verify` | which acts were edited, dropped, put elsewhere or cut off, one by one |
//!
//! Two proofs stand beside each other. The **tag** is an HMAC under a key that serves this one act: the key of the next
//! is made from it, and it is erased. Who comes later has no key of what was before; who wrote down a key earlier (a
//! [`Foothold`], kept elsewhere) can make all later ones, and so tell of each act whether it is as it was, whatever
//! became of its neighbours. The **link** is a plain hash over everything so far. It needs no secret, so its
//! [`Head`] goes where others keep it, into the footer of a mail: who saw one notices another past.
//!
//! It does not know where acts are stored, nor what they did.

pub mod chain;
pub mod ratchet;
pub mod record;
pub mod verify;

pub use chain::{Head, Link, Sealed, Tag};
pub use ratchet::{Foothold, Ratchet};
pub use record::{Deed, Record};
pub use verify::{Evidence, Fault, Verified, verify};

#[cfg(test)]
mod tests;
