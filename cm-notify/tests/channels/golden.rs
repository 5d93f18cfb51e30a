//! What people get to read, looked at as carefully as code: mails byte for byte, and what phones and chat rooms are sent.
//!
//! `CM_BLESS=1 cargo test -p cm-notify --test channels` writes the files anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::message::{all, failed, news, voice};
use crate::receiver::Receiver;
use crate::way::{TABLES, over_http};
use cm_core::incident::IncidentId;
use cm_notify::carrier::{Act, Context, deliver};
use cm_notify::channel::mail::letter;

/// Compares with a file, or writes it.
fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("CM_BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{name} is not what is kept; CM_BLESS=1 writes it anew:\n{text}");
}

#[test]
fn mails_read_as_they_are_kept_and_are_the_same_each_time() {
    let from = "CM Dashboard <monitor@example.org>".parse().unwrap();
    let to = ["anna@example.org".parse().unwrap(), "Ben Öz <ben@example.org>".parse().unwrap()];
    for (name, message) in all() {
        let write = || letter::write(&message, &message.sheet(voice()), "cm-cli", &from, &to).unwrap();
        let mail = String::from_utf8(write()).unwrap();
        assert!(mail == String::from_utf8(write()).unwrap(), "{name} differs from itself");
        // Line ends of a mail are its own business; a file keeps them as everybody's.
        check(&format!("{name}.eml"), &mail.replace("\r\n", "\n"));
    }
}

#[tokio::test]
async fn phones_and_rooms_are_sent_what_is_kept() {
    let links =
        |incident: IncidentId, act: Act| Some(format!("https://cm.home.lan/act/{incident}/{}/1time", act.word()));
    let mut seen = String::new();
    for (name, _) in TABLES {
        let receiver = Receiver::content().await;
        let context = Context { links: Some(&links), voice: voice(), limit: std::time::Duration::from_secs(20) };
        deliver(&*over_http(name, receiver.port), &news(vec![failed()]), context).await;
        let request = String::from_utf8(receiver.taken(1).await.remove(0).read).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let head = head.replace(&receiver.port.to_string(), "PORT").replace("\r\n", "\n");
        let version = concat!("cm-notify/", env!("CARGO_PKG_VERSION"));
        let body = serde_json::from_str::<serde_json::Value>(body)
            .map_or_else(|_| body.to_owned(), |body| serde_json::to_string_pretty(&body).unwrap());
        let head = head.replace(version, "cm-notify/VERSION");
        writeln!(seen, "=== {name}\n{head}\n\n{body}\n").unwrap();
    }
    check("rooms.txt", &seen);
}
