//! The title of a message: at most 40 columns, which a locked phone shows whole. What is most needed comes first: the
//! mark, what is new, the host, then as much as fits of what was found.

use std::collections::BTreeSet;

use super::message::{Message, News, Part, Topic};
use crate::health::Health;
use crate::severity::Severity;
use crate::text::{HostText, terminal};
use crate::wording::{Glyphs, mark, plural};

/// The most columns of a title.
pub(super) const COLUMNS: usize = 40;

/// The title, calm as if it went to a terminal. What it quotes of hosts leaves through the channel's exit all the same.
pub(super) fn title(message: &Message) -> HostText {
    let text = match (&message.topic, message.parts.as_slice()) {
        (Topic::Trial, _) => format!("a test from {}", terminal::line(&message.from)),
        (Topic::Weekly { hosts, .. }, []) => format!("{} all well: {}", sign(Health::Ok), plural(*hosts, "host")),
        (Topic::Weekly { .. }, parts) => format!("{} this week: {}", worst(parts), counts(message)),
        (Topic::Digest, parts) => format!("{} digest: {}", worst(parts), counts(message)),
        (_, [part]) if message.more == 0 => return fitted(&format!("{} {}", worst(&message.parts), one(part))),
        (_, parts) => format!("{} {}", worst(parts), many(message)),
    };
    fitted(&text)
}

fn fitted(text: &str) -> HostText {
    HostText::new(terminal::fitted(text, COLUMNS))
}

fn sign(health: Health) -> &'static str {
    mark(health, Glyphs::Unicode)
}

/// The mark of the worst that is not over.
fn worst(parts: &[Part]) -> &'static str {
    let open = parts.iter().filter(|part| !part.news.is_over()).map(|part| part.severity).max();
    sign(open.map_or(Health::Ok, Severity::health))
}

fn one(part: &Part) -> String {
    let text = terminal::line(&part.text);
    let text = text.trim_end_matches('.');
    let place = part.host.as_ref().map_or_else(String::new, |host| format!("{host}: "));
    match part.news {
        News::Fires => format!("{place}{text}"),
        News::Unattended => format!("unattended: {place}{text}"),
        News::Worse { .. } => format!("worse: {place}{text}"),
        News::Eased { .. } => format!("eased: {place}{text}"),
        News::ComesAndGoes => format!("comes and goes: {place}{text}"),
        News::Holds => format!("for good: {place}{text}"),
        News::Still => format!("still, {}: {place}{text}", super::sheet::roughly(part.lasted)),
        News::Over { .. } => format!("over: {place}{text}"),
        News::Passed { .. } => format!("was: {place}{text}"),
    }
}

/// Several: on which host, or on how many.
fn many(message: &Message) -> String {
    let hosts: BTreeSet<_> = message.parts.iter().filter_map(|part| part.host.as_ref()).collect();
    let counts = counts(message);
    match hosts.len() {
        0 => counts,
        1 => format!("{}: {counts}", message.parts[0].host.as_ref().map_or("", |host| host.as_str())),
        hosts => format!("{hosts} hosts: {counts}"),
    }
}

/// `5 open, 2 over`.
pub(super) fn counts(message: &Message) -> String {
    let over = message.parts.iter().filter(|part| part.news.is_over()).count();
    let open = message.parts.len() - over + message.more;
    match (open, over) {
        (open, 0) => format!("{open} open"),
        (0, over) => format!("{over} over"),
        (open, over) => format!("{open} open, {over} over"),
    }
}
