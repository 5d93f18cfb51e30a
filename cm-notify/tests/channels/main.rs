//! Every channel as the configuration makes it, against the other end of it on loopback: what people get to read, what
//! becomes of a message when the other end says no or goes away, and hostile texts through all of them.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

mod answers;
mod golden;
mod hostile;
mod message;
mod receiver;
mod way;
