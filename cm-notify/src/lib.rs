//! Telling people: a message of `cm_core::outbox` becomes a mail, a message on a phone, a bubble, a line in a chat room, or
//! goes to a program of the owner's.
//!
//! | room | what it holds |
//! |---|---|
//! | [`carrier`] | what takes one message to one place, once: delivered, refused, or nobody knows |
//! | [`dress`] | a message in words becomes the text that a place shows |
//! | [`template`] | what a webhook is sent, by the owner's own text |
//! | [`wire`] | HTTP, and what its answers mean for a message |
//! | [`program`] | a program of the owner's, run within limits |
//! | [`channel`] | the channels, a file each |
//! | [`contact`] | from a channel of the configuration to what carries its messages |
//! | [`site`] | who is watched, into which history, by which rules, as it is configured |
//! | [`post`] | a message that the outbox hands out, to what became of it |
//! | [`press`] | what a button of the desktop asks for |
//! | [`watch`], [`check`] | the service, and one round for cron |
//! | [`waiting`] | the messages that wait, as a list |
//! | [`args`], [`run`], [`exit`] | the program: what was asked for, doing it, how it ends |
//!
//! What is told to whom, when, and what a channel already knows stands in `cm_core::outbox`.

pub mod args;
pub mod carrier;
pub mod channel;
pub mod check;
pub mod contact;
pub mod dress;
pub mod exit;
pub mod post;
pub mod press;
pub mod program;
pub mod run;
pub mod site;
pub mod template;
pub mod waiting;
pub mod watch;
pub mod wire;
