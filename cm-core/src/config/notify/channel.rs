//! `[[notify.channel]]`: what every channel has, and then what its kind has.

use std::ops::Range;
use std::time::Duration;

use cm_model::fault::Code;
use cm_model::nearest::nearest;
use cm_model::problem::quoted;
use toml::de::DeTable;

use super::field::{Field, Form, Given};
use super::kind::{About, KINDS, Kind, Security};
use super::table::Table;
use super::{ChannelHours, Contact, Said};
use crate::config::reader::Reader;
use crate::outbox::{Channel, ChannelName};

/// The key within `[notify]`.
pub(super) const TABLE: &str = "channel";

const PLAIN: &[&str] = &["never", "allowed"];

/// What every channel has.
pub static FIELDS: &[Field] = &[
    Field::needed("name", Form::Text(63), "Its name, for routes and for people: letters, digits, `-`, `_`, `.`."),
    Field::needed("kind", Form::Text(32), "What it is; the kinds and their own settings stand below."),
    Field::new("least", Form::Severity, "\"warning\"", "Below this nothing is told."),
    Field::new(
        "quiet",
        Form::Hours,
        "never",
        "When nothing is told but what is `loud`; what comes then is told at their end.",
    ),
    Field::new("loud", Form::Severity, "\"critical\"", "From which severity on quiet hours do not count."),
    Field::new("digest", Form::Hours, "none", "When what is less than `at_once` is told, in one message: `18:00`."),
    Field::new("at_once", Form::Severity, "\"critical\"", "From which severity on nothing is kept for the digest."),
    Field::new(
        "rate",
        Form::Rate,
        "any number",
        "The most messages in a span; the last is kept for what is critical, and what is held back comes in one message.",
    ),
    Field::new(
        "plain",
        Form::Word(PLAIN),
        "\"never\"",
        "Whether messages and secrets may go to another machine over a line that everybody on the way can read.",
    ),
    Field::new("give_up", Form::Span { low: 60, high: 30 * 86_400 }, "7d", "For how long a message is tried."),
];

pub(super) fn read(reader: &mut Reader<'_>, table: &DeTable<'_>, span: Range<usize>, said: &mut Said) {
    let word = table.get("kind").and_then(|kind| kind.get_ref().as_str());
    let about = word.and_then(|word| KINDS.iter().find(|about| about.word == word));
    let own = about.map_or(&[][..], |about| about.fields);
    let fields: Vec<Field> = FIELDS.iter().chain(own).copied().collect();
    let Some(about) = about.or_else(|| word.is_none().then_some(&KINDS[0])) else {
        return unknown_kind(reader, word.unwrap_or(""), table, span);
    };
    let mut values = Table::read(reader, "notify.channel", table, &fields, &[]);
    let given = table.get("name").and_then(|name| name.get_ref().as_str()).unwrap_or("?");
    values.need(reader, &format!("the channel {}", quoted(given)), &fields, &span);
    values.note(&format!("notify.channel.{given}"), said);
    let Some((Given::Text(name), name_span)) = values.take_with_place("name") else { return };
    let Ok(name) = ChannelName::new(&name) else {
        let message = format!("{} cannot be a channel's name", quoted(&name));
        let next = Some("A name has 1 to 63 letters, digits, `-`, `_` or `.`.".to_owned());
        return reader.error(Code::CONFIG_OUT_OF_RANGE, name_span, message, next);
    };
    let is_new = !said.named.contains(&name);
    said.named.push(name.clone());
    if !is_new {
        let message = format!("two channels are called `{name}`");
        return reader.error(
            Code::CONFIG_CONTRADICTION,
            name_span,
            message,
            Some("Give one of them another name.".to_owned()),
        );
    }
    if values.has_errors {
        return;
    }
    let contact = contact(name, about, &mut values);
    check(reader, &contact, span);
    said.notify.contacts.push(contact);
}

fn unknown_kind(reader: &mut Reader<'_>, word: &str, table: &DeTable<'_>, span: Range<usize>) {
    let words = || KINDS.iter().map(|about| about.word);
    let next = match nearest(word, words()) {
        Some(near) => format!("Did you mean \"{near}\"?"),
        None => format!("Known here: {}.", words().collect::<Vec<_>>().join(", ")),
    };
    let span = table.get("kind").map_or(span, toml::Spanned::span);
    reader.error(Code::CONFIG_OUT_OF_RANGE, span, format!("{} is no kind of channel", quoted(word)), Some(next));
}

fn contact(name: ChannelName, about: &About, values: &mut Table) -> Contact {
    let usual = Channel::new(name);
    let mut severity = |key: &str, usual| values.take(key).and_then(Given::severity).unwrap_or(usual);
    let (least, loud, at_once) =
        (severity("least", usual.least), severity("loud", usual.loud), severity("at_once", usual.at_once));
    let mut hours = |key: &str| values.take(key).map(Given::hours).unwrap_or_default();
    let hours = ChannelHours { quiet: hours("quiet"), digest: hours("digest") };
    let rate = values.take("rate").and_then(Given::rate);
    let give_up: Option<Duration> = values.take("give_up").and_then(Given::span);
    let give_up = give_up.unwrap_or(usual.give_up);
    let channel = Channel { least, loud, at_once, rate, give_up, ..usual };
    let plain = values.take("plain").and_then(Given::word) == Some("allowed");
    Contact { channel, hours, plain, kind: about.make(values) }
}

/// What two settings of a channel say together.
fn check(reader: &mut Reader<'_>, contact: &Contact, span: Range<usize>) {
    let Kind::Mail(mail) = &contact.kind else { return };
    let name = contact.name();
    let mut contradiction = |message: String, next: &str| {
        reader.error(Code::CONFIG_CONTRADICTION, span.clone(), message, Some(next.to_owned()));
    };
    if mail.user.is_some() != mail.password.is_some() {
        let message = format!("the channel `{name}` has one of `user` and `password_file`, and a login takes both");
        contradiction(message, "Name both, or none where the server asks for no login.");
    }
    let is_here = matches!(mail.server.as_str(), "localhost" | "127.0.0.1" | "::1");
    if mail.security == Security::None && mail.password.is_some() && !is_here {
        let message = format!("the channel `{name}` would send its password over a line that anybody can read");
        contradiction(message, "Write security = \"starttls\" or \"tls\".");
    }
    for address in mail.to.iter().chain([&mail.from]).filter(|address| !is_address(address)) {
        contradiction(format!("{} is no address of a mail", quoted(address)), "Write it as in anna@example.org.");
    }
}

fn is_address(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"' | '\\');
    text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !text.contains(odd)
}
