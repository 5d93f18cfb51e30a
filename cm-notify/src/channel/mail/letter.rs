//! The mail itself: two forms of one text, headers by which one incident is one thread and no holiday answer comes back,
//! and nothing drawn at random. Sent again it is the same, byte for byte.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cm_core::outbox::{Message, Sheet, Urgency};
use cm_core::text::mail::header;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};

use crate::dress::{MAIL, Most, fitted, html};

/// The most bytes of the text: a mail that takes seconds to open is not read.
const MOST: Most = Most::Bytes(128 * 1024);

/// The most bytes of the same text as HTML: past them the text stands alone.
const MOST_HTML: usize = 1 << 20;

/// Writes the mail.
pub fn write(
    message: &Message,
    sheet: &Sheet,
    program: &str,
    from: &Mailbox,
    to: &[Mailbox],
) -> Result<Vec<u8>, lettre::error::Error> {
    let domain = domain(from);
    let mut builder = lettre::Message::builder()
        .from(from.clone())
        .subject(header(&sheet.title).into_owned())
        .date(date(message))
        .message_id(Some(format!("<{}@{domain}>", message.id)));
    for mailbox in to {
        builder = builder.to(mailbox.clone());
    }
    if let Some(thread) = message.thread {
        // No mail bears this name: all of an incident answer to it, so that none of them has to be the first.
        let root = format!("<incident.{thread}@{domain}>");
        builder = builder.in_reply_to(root.clone()).references(root);
    }
    let is_high = message.urgency() == Urgency::High;
    let extra = [
        ("Auto-Submitted", Some("auto-generated")),
        ("Precedence", Some("bulk")),
        ("X-Auto-Response-Suppress", Some("All")),
        ("Importance", is_high.then_some("high")),
    ];
    for (name, value) in extra {
        let Some(value) = value else { continue };
        builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned()));
    }
    let plain = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(plain(sheet, program));
    let page = html::page(sheet);
    let letter = if page.len() > MOST_HTML {
        builder.singlepart(plain)
    } else {
        let page = SinglePart::builder().header(ContentType::TEXT_HTML).body(page);
        let boundary = format!("part-{}", message.id);
        builder.multipart(MultiPart::alternative().boundary(boundary).singlepart(plain).singlepart(page))
    };
    Ok(letter?.formatted())
}

/// The plain text: columns stay columns where letters have one width, and read well where they have not.
fn plain(sheet: &Sheet, program: &str) -> String {
    let whole = sheet.plain(MAIL);
    let lines: Vec<String> = whole.lines().map(str::to_owned).collect();
    let mut text = fitted(&lines, MOST, program);
    text.push('\n');
    text
}

/// When the message was made: a clock before 1970 is told as 1970.
fn date(message: &Message) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(message.made.secs()).unwrap_or(0))
}

/// The part of a Message-ID behind its `@`: the sender's own domain, which nobody else makes names in.
fn domain(from: &Mailbox) -> String {
    let domain = from.email.domain();
    let is_plain = domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    if is_plain { domain.to_owned() } else { "cm-dashboard.invalid".to_owned() }
}
