//! What becomes of a message when the other end says no, goes away, or is never there: above all, that one which may have
//! arrived is never called one that has not.

use crate::message::{failed, news, part};
use crate::receiver::{Leaving, Receiver, STAYS, Script};
use crate::way::{SECRET, TABLES, delivered, mail, over_http};
use cm_notify::carrier::{Lasts, Outcome, Trouble};

/// An outcome in a word, with how long it lasts.
fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Delivered(_) => "delivered".to_owned(),
        Outcome::Unknown(_) => "unknown".to_owned(),
        Outcome::Refused(trouble) => {
            let lasts = match trouble.lasts() {
                Lasts::Passing => "passing",
                Lasts::UntilMended => "until mended",
                Lasts::ForThisMessage => "for this message",
            };
            format!("{} {lasts}", trouble.code())
        }
    }
}

fn said(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Delivered(delivered) => delivered.remark.clone().unwrap_or_default(),
        Outcome::Unknown(trouble) | Outcome::Refused(trouble) => format!("{trouble} {trouble:?}"),
    }
}

#[tokio::test]
async fn an_http_answer_says_whether_it_is_worth_trying_again() {
    for (status, means) in [
        ("200 OK", "delivered"),
        ("204 No Content", "delivered"),
        ("302 Found\r\nlocation: http://127.0.0.1:1/", "CM-0604 until mended"),
        ("400 Bad Request", "CM-0606 for this message"),
        ("401 Unauthorized", "CM-0603 until mended"),
        ("403 Forbidden", "CM-0603 until mended"),
        ("404 Not Found", "CM-0604 until mended"),
        ("408 Request Timeout", "CM-0605 passing"),
        ("413 Too Large", "CM-0606 for this message"),
        ("429 Slow down\r\nretry-after: 120", "CM-0605 passing"),
        ("500 Oh", "CM-0605 passing"),
        ("502 Bad Gateway", "unknown"),
        ("503 Later", "CM-0605 passing"),
        ("504 Gateway Timeout", "unknown"),
    ] {
        // A server may repeat what it was sent, secrets and all.
        let body = format!("{{\"error\": \"no {SECRET} \u{1b}[2J here\"}}");
        let length =
            if status.starts_with("204") { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        let body = if status.starts_with("204") { String::new() } else { body };
        let answer = format!("HTTP/1.1 {status}\r\n{length}connection: close\r\n\r\n{body}");
        let receiver = Receiver::http(&answer, STAYS.to_vec()).await;
        for (name, _) in TABLES {
            let outcome = delivered(&*over_http(name, receiver.port), &news(vec![failed()])).await;
            assert_eq!(word(&outcome), means, "{name}: {status}");
            let said = said(&outcome);
            assert!(!said.contains(SECRET) && !said.contains('\u{1b}'), "{name}: {said}");
            if status.starts_with("429") {
                let Outcome::Refused(trouble) = outcome else { panic!() };
                assert_eq!(trouble.wait().map(|wait| wait.as_secs()), Some(120));
            }
        }
    }
}

#[tokio::test]
async fn nobody_there_is_surely_not_delivered() {
    let port = Receiver::content().await.port;
    let ways = TABLES.map(|(name, _)| over_http(name, port));
    for way in ways.into_iter().chain([mail(port)]) {
        let outcome = delivered(&*way, &news(vec![failed()])).await;
        assert_eq!(word(&outcome), "CM-0601 passing", "{way:?}");
        assert!(
            !said(&outcome).contains(SECRET) && !format!("{way:?}").contains(SECRET),
            "{way:?}: {}",
            said(&outcome)
        );
    }
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let answer = format!("HTTP/1.1 500 Oh\r\ncontent-length: 100000000\r\n\r\n{}", "x".repeat(1 << 20));
    let receiver = Receiver::http(&answer, STAYS.to_vec()).await;
    let outcome = delivered(&*over_http("ntfy", receiver.port), &news(vec![failed()])).await;
    assert_eq!(word(&outcome), "CM-0605 passing");
    assert!(said(&outcome).len() < 2_000);
}

#[tokio::test]
async fn a_line_that_breaks_at_any_byte_of_http_leaves_no_doubt_untold() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    let message = news(vec![part()]);
    let length = {
        let receiver = Receiver::http(answer, STAYS.to_vec()).await;
        delivered(&*over_http("webhook", receiver.port), &message).await;
        receiver.taken(1).await[0].read.len()
    };
    let all = everywhere(length, answer.len());
    let receiver = Receiver::http(answer, all.clone()).await;
    let way = over_http("webhook", receiver.port);
    let mut unknown = 0;
    for (at, leaving) in all.into_iter().enumerate() {
        let outcome = delivered(&*way, &message).await;
        let taken = receiver.taken(at + 1).await.remove(at);
        match outcome {
            Outcome::Delivered(_) => assert!(taken.whole && taken.answered == answer.len(), "{leaving:?}"),
            Outcome::Refused(trouble) => assert!(!taken.whole, "{leaving:?}: {trouble}"),
            Outcome::Unknown(_) => unknown += 1,
        }
    }
    assert!(unknown >= answer.len(), "{unknown}");
}

/// A server that goes away after each byte that it reads, and after each that it writes.
fn everywhere(read: usize, written: usize) -> Vec<Leaving> {
    let reading = (0..=read).map(|read| Leaving { read: Some(read), written: None });
    reading.chain((0..=written).map(|written| Leaving { read: None, written: Some(written) })).collect()
}

#[tokio::test]
async fn a_line_that_breaks_at_any_byte_of_smtp_is_in_doubt_only_once_the_mail_is_out() {
    let message = news(vec![part()]);
    let (length, dialogue) = {
        let receiver = Receiver::smtp(Script::CONTENT, STAYS.to_vec()).await;
        delivered(&*mail(receiver.port), &message).await;
        let read = receiver.taken(1).await.remove(0).read;
        let dialogue = String::from_utf8_lossy(&read).find("DATA\r\n").unwrap() + 6;
        (read.len() - "QUIT\r\n".len(), dialogue)
    };
    let answers = "220 stage ready\r\n250-stage\r\n250 8BITMIME\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go on\r\n".len();
    let last = Script::CONTENT.mail.len() + 2;
    let all = everywhere(length, answers + last);
    let receiver = Receiver::smtp(Script::CONTENT, all.clone()).await;
    let way = mail(receiver.port);
    let (mut delivered_count, mut unknown) = (0, 0);
    for (at, leaving) in all.into_iter().enumerate() {
        let outcome = delivered(&*way, &message).await;
        let taken = receiver.taken(at + 1).await.remove(at);
        match &outcome {
            Outcome::Delivered(_) => {
                delivered_count += 1;
                assert!(taken.whole && taken.answered == last, "{leaving:?}");
            }
            Outcome::Refused(trouble) => {
                assert!(!taken.whole, "{leaving:?}: {trouble}");
                assert!(matches!(trouble, Trouble::Unreached { .. }), "{leaving:?}: {trouble:?}");
            }
            Outcome::Unknown(_) => {
                unknown += 1;
                let early = leaving.read.is_some_and(|read| read < dialogue)
                    || leaving.written.is_some_and(|written| written < answers);
                assert!(!early, "{leaving:?} is in doubt though no mail was out");
            }
        }
    }
    assert!(delivered_count >= 1 && unknown >= last, "{delivered_count} {unknown}");
}

#[tokio::test]
async fn a_mail_server_says_whom_and_what_it_refuses() {
    let content = Script::CONTENT;
    for (script, means, words) in [
        (content, "delivered", ""),
        (Script { sender: "550 not you", ..content }, "CM-0604 until mended", "not you"),
        (Script { sender: "530 log in first", ..content }, "CM-0603 until mended", "log in"),
        (Script { recipients: &["550 no such box"], ..content }, "CM-0604 until mended", "no such box"),
        (Script { recipients: &["451 greylisted"], ..content }, "CM-0605 passing", "greylisted"),
        (Script { recipients: &["550 no", "451 later"], ..content }, "CM-0605 passing", "later"),
        (Script { recipients: &["250 ok", "550 no such box"], ..content }, "delivered", "not told: ben@example.org"),
        (Script { data: "451 later", ..content }, "CM-0605 passing", "later"),
        (Script { mail: "554 spam", ..content }, "CM-0606 for this message", "spam"),
        (Script { mail: "452 full", ..content }, "CM-0605 passing", "full"),
        (Script { mail: "what", ..content }, "unknown", ""),
    ] {
        let receiver = Receiver::smtp(script, STAYS.to_vec()).await;
        let outcome = delivered(&*mail(receiver.port), &news(vec![failed()])).await;
        assert_eq!(word(&outcome), means, "{script:?}");
        assert!(said(&outcome).contains(words), "{script:?}: {}", said(&outcome));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_not_waited_for_for_ever() {
    // The listener takes connections into its queue, and nobody ever speaks.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let outcome = delivered(&*mail(port), &news(vec![failed()])).await;
    assert_eq!(word(&outcome), "CM-0601 passing");
    let outcome = delivered(&*over_http("webhook", port), &news(vec![failed()])).await;
    assert_eq!(word(&outcome), "unknown");
}
