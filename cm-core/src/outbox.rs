//! Who is told what, and when: messages, the channels that take them, and what each channel knows.
//!
//! | room | what it holds |
//! |---|---|
//! | [`message`], [`id`] | one message as data, whatever channel it goes to, and what it is called |
//! | [`channel`], [`route`], [`plan`] | who is told, as it is configured |
//! | [`decide`] | whether a channel is told of an incident now, with the reason |
//! | [`ledger`] | what each channel knows, and what it is owed |
//! | [`round`] | every incident against every channel; what there is to tell becomes messages |
//! | [`queue`], [`delivery`] | messages on their way, one attempt after another, until there is an answer |
//! | [`rate`], [`schedule`] | how much a channel takes; what is told by the clock |
//! | [`save`] | what is to be stored |
//! | [`sheet`] | a message in words: a title, rows, lines; as plain text |
//!
//! What is told is not a stream of events but a difference: between how an incident stands and what a channel knows of
//! it. So no order of events loses anything, and an end is owed exactly where a beginning was told. Everything here is a
//! function of its arguments: no clock, no chance, no database, no socket.

mod backoff;
mod bundle;
mod calendar;
pub mod channel;
mod compose;
pub mod decide;
pub mod delivery;
pub mod id;
pub mod ledger;
pub mod message;
pub mod plan;
pub mod queue;
pub mod rate;
pub mod round;
pub mod route;
mod running;
pub mod save;
pub mod schedule;
pub mod sheet;
mod title;

pub use channel::{Channel, ChannelName};
pub use decide::{Decision, Hold, Reason};
pub use delivery::{Answer, Delivery, Failing};
pub use id::MessageId;
pub use message::{Message, News, Part, Topic, Urgency};
pub use plan::Plan;
pub use queue::{Outcome, Queued};
pub use rate::Rate;
pub use round::{Around, Outbox};
pub use route::Route;
pub use save::{Saved, Unsaved};
pub use schedule::{Deadman, Ping, Weekly};
pub use sheet::{Block, Label, Row, Sheet, Voice};

#[cfg(test)]
mod tests;
