//! Who is told what, and when: messages, the channels that take them, and what each channel knows.
//!
//! | room | what it holds |
//! |---|---|
//! | [`message`], [`id`] | one message as data, whatever channel it goes to, and what it is called |
//! | [`sheet`] | a message in words: a title, rows, lines; as plain text |
//!
//! What is told is not a stream of events but a difference: between how an incident stands and what a channel knows of
//! it. So no order of events loses anything, and an end is owed exactly where a beginning was told. Everything here is a
//! function of its arguments: no clock, no chance, no database, no socket.

pub mod id;
pub mod message;
pub mod sheet;
mod title;

pub use id::MessageId;
pub use message::{Message, News, Part, Topic, Urgency};
pub use sheet::{Block, Label, Row, Sheet, Voice};
