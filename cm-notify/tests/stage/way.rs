//! Every channel that speaks over a socket, made as the configuration makes it.

use std::rc::Rc;
use std::time::Duration;

use cm_core::clock::ManualClock;
use cm_core::outbox::Message;
use cm_notify::carrier::{Carrier, Context, Outcome, deliver};
use cm_notify::channel::mail::{MailSettings, Security};
use cm_notify::channel::webhook::Method;
use cm_notify::settings::{Means, Place, Settings, open};
use cm_notify::template::Form;
use cm_notify::wire::{InTheClear, Wire};

use super::message::voice;

/// The marker of every secret.
pub const SECRET: &str = "s3cret-m4rker";

/// The kinds of channel that speak HTTP, with what they are made of for a server on this port.
pub fn over_http(port: u16) -> Vec<(&'static str, Settings)> {
    let place = |path: &str| Place {
        url: format!("http://127.0.0.1:{port}{path}").into(),
        clear: InTheClear::Refused,
    };
    let hook = || place(&format!("/hooks/{SECRET}"));
    let webhook = |template: Option<(&str, Form)>| Settings::Webhook {
        place: hook(),
        method: Method::Post,
        headers: vec![("X-Token".to_owned(), SECRET.into())],
        template: template.map(|(text, form)| (text.to_owned(), form)),
    };
    let json = r#"{"summary": "{{title}}", "details": "{{text}}", "to": "{{host}}", "all": {{json}}}"#;
    vec![
        ("ntfy", Settings::Ntfy { server: place("/"), topic: SECRET.into(), token: Some(SECRET.into()) }),
        ("slack", Settings::Slack(hook())),
        ("discord", Settings::Discord(hook())),
        ("telegram", Settings::Telegram { server: place("/"), token: SECRET.into(), chat: "-100".to_owned() }),
        ("gotify", Settings::Gotify { server: place("/"), token: SECRET.into() }),
        ("matrix", Settings::Matrix { server: place("/"), token: SECRET.into(), room: "!a/b:home".to_owned() }),
        ("webhook", webhook(None)),
        ("webhook-json", webhook(Some((json, Form::Json)))),
        ("webhook-text", webhook(Some(("{{title}}\n{{summary}}\n", Form::Plain)))),
        ("webhook-form", webhook(Some(("title={{title}}&text={{text}}&status={{status}}", Form::Form)))),
    ]
}

/// Mail to these recipients, by a server on this port.
pub fn mail(port: u16, to: &[&str]) -> Settings {
    Settings::Mail(MailSettings {
        server: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        clear: InTheClear::Refused,
        login: None,
        from: "CM Dashboard <monitor@example.org>".to_owned(),
        to: to.iter().map(|&one| one.to_owned()).collect(),
    })
}

/// Makes a channel.
pub fn carrier(name: &str, settings: Settings) -> Box<dyn Carrier> {
    let wire = Wire::new(None).unwrap();
    let means = Means { wire, clock: Rc::new(ManualClock::default()), pressed: None };
    open(name, settings, &means).unwrap()
}

/// Delivers once, within 20 seconds.
pub async fn delivered(carrier: &dyn Carrier, message: &Message) -> Outcome {
    let context = Context { voice: voice(), links: None, limit: Duration::from_secs(20) };
    deliver(carrier, message, context).await
}
