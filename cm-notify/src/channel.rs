//! The channels, a file each: what the other end is told, in which form and with which limits.
//!
//! | channel | the message's stable id | what it does with the urgency |
//! |---|---|---|
//! | [`mail`] | Message-ID; one thread an incident | `Importance` |
//! | [`ntfy`] | sequence id | priority 2, 3, 5; tags; buttons |
//! | [`slack`], [`discord`] | none there | colour |
//! | [`telegram`] | none there | without a sound |
//! | [`gotify`] | in its extras | priority 2, 5, 8 |
//! | [`matrix`] | transaction id | a notice |
//! | [`webhook`] | `Idempotency-Key` | as its template says |
//! | [`desktop`] | the bubble of the incident is replaced | urgency; buttons |
//! | [`bell`], [`sound`] | none | silent for what can wait |
//! | [`command`] | in its JSON | in its JSON |
//!
//! Each is a [`Carrier`](crate::carrier::Carrier). How long one try takes and what follows from it is not known here.

use cm_core::text::json;

pub mod bell;
pub mod command;
pub mod desktop;
pub mod discord;
pub mod gotify;
pub mod mail;
pub mod matrix;
pub mod ntfy;
pub mod slack;
pub mod sound;
pub mod telegram;
pub mod webhook;
/// A body of JSON, in which nothing invisible stands.
fn body<T: serde::Serialize>(of: &T) -> String {
    json::compact(of).expect("texts and numbers have a form in JSON")
}
