//! Discord, by the webhook of a channel.
//!
//! The title is the message, which is what a phone shows, and the rest an embed below it. It says itself that nobody is to
//! be called by it, besides what the exit to chat rooms does. It waits until the message is stored there; webhooks have no
//! id by which a repeated message could be told.

use futures_core::future::LocalBoxFuture;
use serde::Serialize;

use crate::carrier::{Carrier, Delivered, Load, Trouble};
use crate::dress::{CHAT, Most, colour, fitted, lines, worst};
use crate::wire::{Address, Request};

/// What the text of an embed holds.
const MOST: Most = Most::Utf16(4096);

/// One webhook, and so one channel there.
#[derive(Debug)]
pub struct Discord {
    address: Address,
}

#[derive(Serialize)]
struct Post {
    content: String,
    embeds: [Embed; 1],
    allowed_mentions: Mentions,
}

#[derive(Serialize)]
struct Embed {
    description: String,
    color: u32,
}

#[derive(Serialize)]
struct Mentions {
    parse: [&'static str; 0],
}

impl Discord {
    /// The channel of this webhook.
    pub fn new(address: Address) -> Self {
        Self { address: address.asking("wait", "true") }
    }
}

impl Carrier for Discord {
    fn place(&self) -> &str {
        self.address.place()
    }

    fn carry<'a>(&'a self, load: Load<'a>) -> LocalBoxFuture<'a, Result<Delivered, Trouble>> {
        let sheet = load.sheet();
        let description = fitted(&lines(&sheet, CHAT), MOST, load.context.voice.program);
        let post = Post {
            content: CHAT(&sheet.title),
            embeds: [Embed { description, color: colour(worst(&sheet)) }],
            allowed_mentions: Mentions { parse: [] },
        };
        let body = super::body(&post);
        Box::pin(async move { self.address.send(load, Request::post(body)).await })
    }
}
