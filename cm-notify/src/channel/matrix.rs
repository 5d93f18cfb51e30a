//! Matrix: an event in a room. The message's id is the transaction's, so a server that got it twice keeps one.
//!
//! What can wait is a notice, which most programs show without a sound. It says itself that it calls nobody. Rooms with
//! encryption are out of reach: their events have to be made by a device that holds the room's keys.

use cm_core::outbox::Urgency;
use cm_core::text::html;
use futures_core::future::LocalBoxFuture;
use secrecy::SecretString;
use serde::Serialize;

use crate::carrier::{Carrier, Delivered, Load, Trouble};
use crate::dress::{CHAT, Most, fitted, lines};
use crate::wire::{Address, AddressError, Request};

/// An event has at most 64 KiB, and the text stands in it twice, once escaped.
const MOST: Most = Most::Bytes(8 * 1024);

/// One room.
#[derive(Debug)]
pub struct Matrix {
    address: Address,
}

#[derive(Serialize)]
struct Event {
    msgtype: &'static str,
    body: String,
    format: &'static str,
    formatted_body: String,
    #[serde(rename = "m.mentions")]
    mentions: Mentions,
}

#[derive(Serialize)]
struct Mentions {}

impl Matrix {
    /// A room (`!abc:example.org`) on the home server at this address, as the user whose token this is.
    pub fn new(address: Address, token: &SecretString, room: &str) -> Result<Self, AddressError> {
        let path = ["_matrix", "client", "v3", "rooms", room, "send", "m.room.message"];
        Ok(Self { address: address.below(&path).bearer(token)? })
    }
}

impl Carrier for Matrix {
    fn place(&self) -> &str {
        self.address.place()
    }

    fn carry<'a>(&'a self, load: Load<'a>) -> LocalBoxFuture<'a, Result<Delivered, Trouble>> {
        let sheet = load.sheet();
        let title = CHAT(&sheet.title);
        let text = fitted(&lines(&sheet, CHAT), MOST, load.context.voice.program);
        let shown: Vec<_> = text.lines().map(|line| html::text(line).into_owned()).collect();
        let event = Event {
            msgtype: if load.message.urgency() == Urgency::Low { "m.notice" } else { "m.text" },
            body: format!("{title}\n\n{text}"),
            format: "org.matrix.custom.html",
            formatted_body: format!("<strong>{}</strong><br><br>{}", html::text(&title), shown.join("<br>")),
            mentions: Mentions {},
        };
        let request = Request::post(super::body(&event)).put().below(load.message.id.as_str());
        Box::pin(async move { self.address.send(load, request).await })
    }
}
