//! Any other program that takes HTTP: the message as JSON, or what a template makes of it. `Idempotency-Key` is the message's
//! id, the same each time it is sent.

use futures_core::future::LocalBoxFuture;

use crate::carrier::{Carrier, Delivered, Load, Trouble};
use crate::dress::document;
use crate::template::{Form, Template};
use crate::wire::{Address, Request};

/// How it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// `POST`.
    #[default]
    Post,
    /// `PUT`.
    Put,
}

/// One address.
#[derive(Debug)]
pub struct Webhook {
    address: Address,
    method: Method,
    template: Option<Template>,
}

impl Webhook {
    /// What is at this address gets each message: as a whole where there is no template.
    pub fn new(address: Address, method: Method, template: Option<Template>) -> Self {
        Self { address, method, template }
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
        let request = request.with("idempotency-key", load.message.id.as_str());
        if self.method == Method::Put { request.put() } else { request }
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

/// The form of a template's text, unless it is told.
pub const USUAL_FORM: Form = Form::Json;
