//! A message as JSON: what a webhook and a command are given. Fields are only ever added.

use cm_core::outbox::message::{Message, Urgency};
use cm_core::outbox::sheet::Sheet;
use cm_core::text::json;
use serde::Serialize;

use super::{Most, PLAIN, fitted, lines};

/// The name of the form.
pub const SCHEMA: &str = "cm-dashboard/message/1";

/// The most bytes of the message in words.
const MOST_TEXT: Most = Most::Bytes(64 * 1024);

#[derive(Serialize)]
struct Document<'d> {
    schema: &'static str,
    title: String,
    text: String,
    urgency: &'static str,
    over: bool,
    #[serde(flatten)]
    message: &'d Message,
}

/// How loud a message is, in a word.
pub const fn urgency(message: Urgency) -> &'static str {
    match message {
        Urgency::Low => "low",
        Urgency::Normal => "normal",
        Urgency::High => "high",
    }
}

/// The whole message on one line.
///
/// # Panics
/// Never: a message always has a form in JSON, for it is stored as one.
pub fn json(message: &Message, sheet: &Sheet, program: &str) -> String {
    let document = Document {
        schema: SCHEMA,
        title: PLAIN(&sheet.title),
        text: fitted(&lines(sheet, PLAIN), MOST_TEXT, program),
        urgency: urgency(message.urgency()),
        over: message.is_over(),
        message,
    };
    json::compact(&document).expect("a message always has a form in JSON")
}
