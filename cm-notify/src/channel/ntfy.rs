//! ntfy: a message on a phone, with buttons. Published as JSON to the server's root, so that no text stands in a header or
//! in the address; whoever knows the topic reads along, so it counts as a secret.
//!
//! The sequence id is the message's own: a message that is sent again takes the place of its first copy, and two of one
//! incident stand side by side. Servers before 2.16 do not know it and show both copies.

use cm_core::outbox::Urgency;
use futures_core::future::LocalBoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use crate::carrier::{Carrier, Delivered, Load, Trouble};
use crate::dress::{Most, PLAIN, fitted, lines};
use crate::wire::{Address, Request};

/// A longer text becomes a file that has to be opened.
const MOST: Most = Most::Bytes(4096);

/// One topic of a server.
#[derive(Debug)]
pub struct Ntfy {
    address: Address,
    topic: SecretString,
}

#[derive(Serialize)]
struct Publication<'p> {
    topic: &'p str,
    title: String,
    message: String,
    priority: u8,
    tags: [&'static str; 1],
    sequence_id: &'p str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<Button>,
}

#[derive(Serialize)]
struct Button {
    action: &'static str,
    label: &'static str,
    url: String,
    method: &'static str,
    clear: bool,
}

impl Ntfy {
    /// A topic at the server's root address, which brings its token along.
    pub fn new(address: Address, topic: SecretString) -> Self {
        Self { address: address.hiding(&topic), topic }
    }
}

impl Carrier for Ntfy {
    fn place(&self) -> &str {
        self.address.place()
    }

    fn carry<'a>(&'a self, load: Load<'a>) -> LocalBoxFuture<'a, Result<Delivered, Trouble>> {
        let sheet = load.sheet();
        let (priority, tag) = match load.message.urgency() {
            Urgency::Low if load.message.is_over() => (2, "white_check_mark"),
            Urgency::Low => (2, "information_source"),
            Urgency::Normal => (3, "warning"),
            Urgency::High => (5, "rotating_light"),
        };
        let button = |(act, url): (crate::carrier::Act, String)| Button {
            action: "http",
            label: act.label(),
            url,
            method: "POST",
            clear: true,
        };
        let publication = Publication {
            topic: self.topic.expose_secret(),
            title: PLAIN(&sheet.title),
            message: fitted(&lines(&sheet, PLAIN), MOST, load.context.voice.program),
            priority,
            tags: [tag],
            sequence_id: load.message.id.as_str(),
            actions: load.links().into_iter().map(button).collect(),
        };
        let body = super::body(&publication);
        Box::pin(async move { self.address.send(load, Request::post(body)).await })
    }
}
