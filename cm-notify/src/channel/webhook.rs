//! Any other program that takes HTTP: the message as JSON, or what a template makes of it. `Idempotency-Key` is the message's
//! id, the same each time it is sent.

use futures_core::future::LocalBoxFuture;

use crate::carrier::{Carrier, Delivered, Load, Trouble};
use crate::dress::document;
use crate::template::Template;
use crate::wire::{Address, Request};

/// One address.
#[derive(Debug)]
pub struct Webhook {
    address: Address,
    template: Option<Template>,
}

impl Webhook {
    /// What is at this address gets each message: as a whole where there is no template.
    pub fn new(address: Address, template: Option<Template>) -> Self {
        Self { address, template }
    }

    /// What it is sent.
    fn request(&self, load: &Load<'_>) -> Request {
        let sheet = load.sheet();
        let program = load.context.voice.program;
        let request = match &self.template {
            None => Request::post(document::json(load.message, &sheet, program)),
            Some(template) => {
                Request::post(template.fill(load.message, &sheet, program)).of(template.form().media_type())
            }
        };
        request.known_by(load.message.id)
    }
}

impl Carrier for Webhook {
    fn place(&self) -> &str {
        self.address.place()
    }

    fn carry<'a>(&'a self, load: Load<'a>) -> LocalBoxFuture<'a, Result<Delivered, Trouble>> {
        let request = self.request(&load);
        Box::pin(async move { self.address.send(load, request).await })
    }
}
