//! Slack, and what takes the same incoming webhooks (Mattermost, Rocket.Chat, Zulip).
//!
//! The title is the message's text, which is what a phone shows; the rest stands below it as plain text, not as Slack's
//! markup. Incoming webhooks have no id by which a repeated message could be told.

use futures_core::future::LocalBoxFuture;
use serde::Serialize;

use crate::carrier::{Carrier, Delivered, Load, Trouble};
use crate::dress::{CHAT, Most, colour, fitted, lines, worst};
use crate::wire::{Address, Request};

/// What one block of text holds.
const MOST: Most = Most::Chars(3000);

/// One incoming webhook, and so one room.
#[derive(Debug)]
pub struct Slack {
    address: Address,
}

#[derive(Serialize)]
struct Post {
    text: String,
    mrkdwn: bool,
    unfurl_links: bool,
    unfurl_media: bool,
    attachments: [Attachment; 1],
}

#[derive(Serialize)]
struct Attachment {
    color: String,
    fallback: String,
    blocks: [Block; 1],
}

#[derive(Serialize)]
struct Block {
    r#type: &'static str,
    text: Words,
}

#[derive(Serialize)]
struct Words {
    r#type: &'static str,
    text: String,
    emoji: bool,
}

impl Slack {
    /// The room of this webhook.
    pub fn new(address: Address) -> Self {
        Self { address }
    }
}

impl Carrier for Slack {
    fn place(&self) -> &str {
        self.address.place()
    }

    fn carry<'a>(&'a self, load: Load<'a>) -> LocalBoxFuture<'a, Result<Delivered, Trouble>> {
        let sheet = load.sheet();
        let title = CHAT(&sheet.title);
        let text = fitted(&lines(&sheet, CHAT), MOST, load.context.voice.program);
        // A block may not be empty.
        let text = if text.is_empty() { title.clone() } else { text };
        let text = Words { r#type: "plain_text", text, emoji: false };
        let post = Post {
            text: title.clone(),
            mrkdwn: false,
            unfurl_links: false,
            unfurl_media: false,
            attachments: [Attachment {
                color: format!("#{:06x}", colour(worst(&sheet))),
                fallback: title,
                blocks: [Block { r#type: "section", text }],
            }],
        };
        let body = super::body(&post);
        Box::pin(async move { self.address.send(load, Request::post(body)).await })
    }
}
