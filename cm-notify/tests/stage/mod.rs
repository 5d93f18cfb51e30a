//! What the tests of this crate share: messages as the outbox makes them, and a receiver at the other end.

#![allow(dead_code, reason = "no test uses all of it")]

pub(crate) mod message;
pub(crate) mod receiver;
pub(crate) mod way;
