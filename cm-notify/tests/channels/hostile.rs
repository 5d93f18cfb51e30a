//! The hostile texts through every channel: whatever a host says, it adds no header, no line of the dialogue, no field and
//! no recipient, it calls nobody, and it takes no more room than the other end has.

use std::fs;

use crate::message::{failed, hostile, news};
use crate::receiver::{Receiver, STAYS, Script};
use crate::way::{TABLES, delivered, mail, over_http};
use cm_notify::carrier::Outcome;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Hostile {
    class: String,
    name: String,
    text: String,
}

/// The corpus, and what is long.
fn corpus() -> Vec<(String, String)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/hostile/texts.json");
    let texts: Vec<Hostile> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert!(texts.len() > 50, "{}", texts.len());
    let mut corpus: Vec<_> = texts.into_iter().map(|one| (format!("{}: {}", one.class, one.name), one.text)).collect();
    for (name, text) in [
        ("1 MB", "x".repeat(1 << 20)),
        ("1 MB of lines", "line\r\n.\r\n".repeat(1 << 17)),
        ("1 MB of wide letters", "日".repeat(350_000)),
        ("1 MB of what is escaped", "\u{1b}&<\"".repeat(1 << 18)),
        ("nul", "a\0b".to_owned()),
        ("header", "x\r\nBcc: all@example.org\r\n\r\n<b>".to_owned()),
        ("everyone", "@everyone @here <!channel> <@U123> [x](http://evil.example)".to_owned()),
        ("template", "{{json}} \", \"to\": \"all".to_owned()),
    ] {
        corpus.push((name.to_owned(), text));
    }
    corpus
}

/// The room of each channel's longest text, in bytes of UTF-8 or units, as its maker says.
fn fits(name: &str, body: &Value) -> bool {
    let text =
        |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{name}{pointer}"));
    match name {
        "ntfy" => text("/message").len() <= 4096 && text("/title").chars().count() <= 250,
        "slack" => text("/attachments/0/blocks/0/text/text").chars().count() <= 3000,
        "discord" => {
            text("/embeds/0/description").encode_utf16().count() <= 4096 && text("/content").chars().count() <= 2000
        }
        "telegram" => text("/text").encode_utf16().count() <= 4096,
        "gotify" => text("/message").chars().count() <= 8000,
        "matrix" => body.to_string().len() < 60_000,
        _ => true,
    }
}

/// All texts of a body, but those that are ours to be marked up, or that are data.
fn shown<'b>(name: &str, body: &'b Value) -> Vec<&'b str> {
    let pointers: &[&str] = match name {
        "ntfy" | "gotify" => &["/title", "/message"],
        "slack" => &["/text", "/attachments/0/fallback", "/attachments/0/blocks/0/text/text"],
        "discord" => &["/content", "/embeds/0/description"],
        "telegram" => &["/text"],
        "matrix" => &["/body"],
        _ => &[],
    };
    pointers.iter().map(|pointer| body.pointer(pointer).unwrap().as_str().unwrap()).collect()
}

#[tokio::test]
async fn phones_rooms_and_webhooks_get_one_request_of_the_same_shape() {
    for (name, _) in TABLES {
        let receiver = Receiver::content().await;
        let channel = over_http(name, receiver.port);
        delivered(&*channel, &news(vec![failed(), failed()])).await;
        for (count, (what, text)) in corpus().into_iter().enumerate() {
            let outcome = delivered(&*channel, &hostile(&text)).await;
            assert!(matches!(outcome, Outcome::Delivered(_)), "{name}: {what}: {outcome:?}");
            let taken = receiver.taken(count + 2).await;
            assert_eq!(taken.len(), count + 2, "{name}: {what}");
            let request = |at: usize| String::from_utf8(taken[at].read.clone()).unwrap();
            let (calm, hostile) = (request(0), request(count + 1));
            let head = |text: &str| {
                let head = text.split_once("\r\n\r\n").unwrap().0.to_owned();
                head.lines().filter(|line| !line.starts_with("content-length")).map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(head(&hostile), head(&calm), "{name}: {what}: a host chose a header");
            let body = hostile.split_once("\r\n\r\n").unwrap().1;
            assert!(body.len() < 2 << 20, "{name}: {what}: {} bytes", body.len());
            let is_calm = |c: char| !c.is_control() || c == '\n';
            assert!(body.chars().all(is_calm), "{name}: {what}: a control character travels");
            match name {
                "webhook-txt" => assert_eq!(body.lines().count(), 2, "{what}: {body}"),
                "webhook-form" => {
                    let keys: Vec<_> = url_keys(body);
                    assert_eq!(keys, ["title", "text", "status"], "{what}");
                }
                _ => {
                    let body: Value =
                        serde_json::from_str(body).unwrap_or_else(|fault| panic!("{name}: {what}: {fault}"));
                    let calm: Value = serde_json::from_str(calm.split_once("\r\n\r\n").unwrap().1).unwrap();
                    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
                    assert_eq!(keys(&body), keys(&calm), "{name}: {what}: a host added a field");
                    assert!(fits(name, &body), "{name}: {what}: too long");
                    let is_room = matches!(name, "slack" | "discord" | "telegram" | "matrix");
                    for text in shown(name, &body) {
                        let calls = text.contains(['@', '<', '>', '`', '*', '[']);
                        assert!(!is_room || !calls, "{name}: {what}: {text}");
                    }
                }
            }
        }
    }
}

/// The keys of `a=1&b=2`.
fn url_keys(body: &str) -> Vec<&str> {
    body.split('&').map(|pair| pair.split('=').next().unwrap()).collect()
}

#[tokio::test]
async fn a_mail_stays_one_mail_with_the_headers_and_recipients_that_it_has() {
    let receiver = Receiver::smtp(Script::CONTENT, STAYS.to_vec()).await;
    let channel = mail(receiver.port);
    delivered(&*channel, &news(vec![failed(), failed()])).await;
    for (count, (what, text)) in corpus().into_iter().enumerate() {
        let outcome = delivered(&*channel, &hostile(&text)).await;
        assert!(matches!(outcome, Outcome::Delivered(_)), "{what}: {outcome:?}");
        let taken = receiver.taken(count + 2).await;
        let dialogue = |at: usize| String::from_utf8(taken[at].read.clone()).unwrap();
        let (calm, hostile) = (dialogue(0), dialogue(count + 1));
        let verbs = |text: &str| {
            let (before, rest) = text.split_once("DATA\r\n").unwrap();
            let (_, after) = rest.split_once("\r\n.\r\n").unwrap();
            format!("{before}|{after}")
        };
        assert_eq!(verbs(&hostile), verbs(&calm), "{what}: a host spoke to the server");
        let mail = hostile.split_once("DATA\r\n").unwrap().1;
        let headers = |mail: &str| {
            let head = mail.split_once("\r\n\r\n").unwrap().0.replace("\r\n ", " ").replace("\r\n\t", " ");
            head.split("\r\n").map(|line| line.split_once(": ").unwrap().0.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(headers(mail), headers(calm.split_once("DATA\r\n").unwrap().1), "{what}: a host added a header");
        assert!(mail.split("\r\n").all(|line| line.len() <= 998), "{what}: a line is longer than a mail's may be");
        assert!(mail.bytes().all(|byte| byte.is_ascii() && (byte >= 32 || b"\r\n\t".contains(&byte))), "{what}");
        assert!(mail.len() < 4 << 20, "{what}: {} bytes", mail.len());
    }
}
