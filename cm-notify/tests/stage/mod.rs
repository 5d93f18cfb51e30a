//! What the tests of this crate share: messages as the outbox makes them, and a receiver at the other end.

#![allow(dead_code, reason = "no test uses all of it")]

pub mod message;
pub mod receiver;
pub mod way;
