//! Gotify: a message on a phone by a server of one's own. Shown as plain text; the message's id travels in its extras,
//! which Gotify keeps but does not compare.

use cm_core::outbox::Urgency;
use futures_core::future::LocalBoxFuture;
use secrecy::SecretString;
use serde::Serialize;

use crate::carrier::{Carrier, Delivered, Load, Trouble};
use crate::dress::{Most, PLAIN, fitted, lines};
use crate::wire::{Address, AddressError, Request};

/// Gotify names no limit; a phone has one.
const MOST: Most = Most::Chars(8000);

/// One application of a server.
#[derive(Debug)]
pub struct Gotify {
    address: Address,
}

#[derive(Serialize)]
struct Post<'p> {
    title: String,
    message: String,
    priority: u8,
    extras: Extras<'p>,
}

#[derive(Serialize)]
struct Extras<'p> {
    #[serde(rename = "client::display")]
    display: Display,
    #[serde(rename = "cm-dashboard::message")]
    message: Named<'p>,
}

#[derive(Serialize)]
struct Display {
    #[serde(rename = "contentType")]
    content_type: &'static str,
}

#[derive(Serialize)]
struct Named<'p> {
    id: &'p str,
}

impl Gotify {
    /// The application with this token, at the server's root address.
    pub fn new(address: Address, token: &SecretString) -> Result<Self, AddressError> {
        Ok(Self { address: address.below(&["message"]).header("X-Gotify-Key", token)? })
    }
}

impl Carrier for Gotify {
    fn place(&self) -> &str {
        self.address.place()
    }

    fn carry<'a>(&'a self, load: Load<'a>) -> LocalBoxFuture<'a, Result<Delivered, Trouble>> {
        let sheet = load.sheet();
        let message = fitted(&lines(&sheet, PLAIN), MOST, load.context.voice.program);
        let title = PLAIN(&sheet.title);
        let post = Post {
            // A message may not be empty.
            message: if message.is_empty() { title.clone() } else { message },
            title,
            priority: match load.message.urgency() {
                Urgency::Low => 2,
                Urgency::Normal => 5,
                Urgency::High => 8,
            },
            extras: Extras {
                display: Display { content_type: "text/plain" },
                message: Named { id: load.message.id.as_str() },
            },
        };
        let body = super::body(&post);
        Box::pin(async move { self.address.send(load, Request::post(body)).await })
    }
}
