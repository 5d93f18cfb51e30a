//! Channels as the configuration makes them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::rc::Rc;
use std::time::Duration;

use cm_core::clock::ManualClock;
use cm_core::config::{File, Kind, Surroundings, interpret};
use cm_core::outbox::Message;
use cm_notify::carrier::{Carrier, Context, Outcome, deliver};
use cm_notify::contact::{Means, Unusable, carrier};
use cm_notify::wire::Wire;

use crate::message::voice;

/// The marker of every secret.
pub(crate) const SECRET: &str = "s3cret-m4rker";

/// The channels that speak HTTP, and mail: each by what stands in its table, with PORT for the server's.
pub(crate) const TABLES: [(&str, &str); 10] = [
    ("ntfy", "server = 'http://127.0.0.1:PORT/'\ntopic_file = 'secret'\ntoken_file = 'secret'"),
    ("slack", "url_file = 'hook'"),
    ("discord", "url_file = 'hook'"),
    ("telegram", "server = 'http://127.0.0.1:PORT/'\ntoken_file = 'secret'\nchat = '-100'"),
    ("gotify", "server = 'http://127.0.0.1:PORT/'\ntoken_file = 'secret'"),
    ("matrix", "server = 'http://127.0.0.1:PORT/'\ntoken_file = 'secret'\nroom = '!a/b:home'"),
    ("webhook", "url_file = 'hook'\ntoken_file = 'secret'"),
    ("webhook-json", "url_file = 'hook'\ntemplate = 'body.json'"),
    ("webhook-txt", "url_file = 'hook'\ntemplate = 'body.txt'"),
    ("webhook-form", "url_file = 'hook'\ntemplate = 'body.form'"),
];

/// The table of a mail channel with two recipients.
pub(crate) const MAIL: &str = "server = '127.0.0.1'\nport = PORT\nsecurity = 'none'\nfrom = 'monitor@example.org'\nto = ['anna@example.org', 'ben@example.org']";

/// A channel by its table, for a server on this port; `name` begins with its kind.
pub(crate) fn made(name: &str, table: &str, port: u16) -> Result<Box<dyn Carrier>, Unusable> {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (name, text) in [
        ("secret", SECRET.to_owned()),
        ("hook", format!("http://127.0.0.1:{port}/hooks/{SECRET}")),
        (
            "body.json",
            r#"{"summary": "{{title}}", "details": "{{text}}", "to": "{{host}}", "all": {{json}}}"#.to_owned(),
        ),
        ("body.txt", "{{title}}\n{{summary}}\n".to_owned()),
        ("body.form", "title={{title}}&text={{text}}&status={{status}}".to_owned()),
    ] {
        fs::write(at(name), text).unwrap();
        fs::set_permissions(at(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let kind = name.split('-').next().unwrap();
    let text =
        format!("[[notify.channel]]\nname = '{name}'\nkind = '{kind}'\n{table}\n").replace("PORT", &port.to_string());
    let user = rustix::process::geteuid().as_raw();
    let file = File::new(at("dashboard.toml"), Kind::Dashboard, text);
    let notify = interpret(&[file], &[], &Surroundings::new(&|_| None, user)).unwrap().config.notify;
    let means = Means {
        wire: Wire::new(None).unwrap(),
        clock: Rc::new(ManualClock::default()),
        pressed: None,
        credentials: None,
        user,
    };
    carrier(&notify.contacts[0], &means)
}

/// One of [`TABLES`].
pub(crate) fn over_http(name: &str, port: u16) -> Box<dyn Carrier> {
    let (_, table) = TABLES.iter().find(|(one, _)| *one == name).unwrap();
    made(name, table, port).unwrap()
}

/// Mail to two.
pub(crate) fn mail(port: u16) -> Box<dyn Carrier> {
    made("mail", MAIL, port).unwrap()
}

/// Delivers once, within 20 seconds.
pub(crate) async fn delivered(carrier: &dyn Carrier, message: &Message) -> Outcome {
    let context = Context { voice: voice(), links: None, limit: Duration::from_secs(20) };
    deliver(carrier, message, context).await
}
