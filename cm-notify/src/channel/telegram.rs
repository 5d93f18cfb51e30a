//! Telegram, by a bot. Its token stands in the address, as Telegram wants it, and nowhere else.
//!
//! The text is sent without a parse mode, so that nothing in it is markup; addresses and names it would find by itself the
//! exit to chat rooms has made harmless. Bots have no id by which a repeated message could be told.

use cm_core::outbox::Urgency;
use futures_core::future::LocalBoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use crate::carrier::{Carrier, Delivered, Load, Trouble};
use crate::dress::{CHAT, Most, fitted, lines};
use crate::wire::{Address, Request};

/// What one message holds.
const MOST: Most = Most::Utf16(4096);

/// Where bots are spoken to, unless told otherwise.
pub const SERVER: &str = "https://api.telegram.org/";

/// One chat of a bot.
#[derive(Debug)]
pub struct Telegram {
    address: Address,
    chat: String,
}

#[derive(Serialize)]
struct Post<'p> {
    chat_id: &'p str,
    text: String,
    disable_notification: bool,
    link_preview_options: Preview,
}

#[derive(Serialize)]
struct Preview {
    is_disabled: bool,
}

impl Telegram {
    /// A chat (`-1001234`, `@name`) of the bot with this token.
    pub fn new(address: Address, token: &SecretString, chat: String) -> Self {
        let bot = format!("bot{}", token.expose_secret());
        Self { address: address.hiding(token).below(&[&bot, "sendMessage"]), chat }
    }
}

impl Carrier for Telegram {
    fn place(&self) -> &str {
        self.address.place()
    }

    fn carry<'a>(&'a self, load: Load<'a>) -> LocalBoxFuture<'a, Result<Delivered, Trouble>> {
        let sheet = load.sheet();
        let mut text = vec![CHAT(&sheet.title), String::new()];
        text.extend(lines(&sheet, CHAT));
        let post = Post {
            chat_id: &self.chat,
            text: fitted(&text, MOST, load.context.voice.program),
            disable_notification: load.message.urgency() == Urgency::Low,
            link_preview_options: Preview { is_disabled: true },
        };
        let body = super::body(&post);
        Box::pin(async move { self.address.send(load, Request::post(body)).await })
    }
}
