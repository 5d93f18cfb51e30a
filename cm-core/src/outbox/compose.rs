//! From an incident to the words about it, and from several of those to one message.

use super::id::MessageId;
use super::message::{MOST_LOG, MOST_PARTS, Message, News, Part, Topic};
use super::queue::Tell;
use crate::incident::{Evidence, Incident, IncidentId, Moment};
use crate::text::HostText;

/// The most pieces of evidence that are named as a cause.
const MOST_CAUSES: usize = 2;

/// What is told of an incident.
pub(super) fn part(incident: &Incident, news: News, at: Moment) -> Part {
    let finding = &incident.latest;
    let name = if finding.name.is_empty() { &incident.key.subject.name } else { &finding.name };
    let evidence = incident.evidence.as_ref();
    let ended = incident.ended;
    Part {
        incident: incident.id,
        rule: incident.key.rule().to_owned(),
        host: incident.key.host.clone(),
        kind: incident.key.subject.kind,
        name: name.clone(),
        news,
        severity: if news.is_over() { incident.worst } else { incident.severity },
        text: finding.text.clone(),
        measure: finding.measure,
        usual: evidence.and_then(|evidence| evidence.usual),
        since: incident.since.wall,
        ended: ended.map(|ended| ended.wall),
        lasted: ended.unwrap_or(at).since(incident.since),
        spells: incident.spells,
        cause: evidence.map(cause).unwrap_or_default(),
        log: evidence
            .map(|evidence| evidence.log[evidence.log.len().saturating_sub(MOST_LOG)..].to_vec())
            .unwrap_or_default(),
        next: finding.next.clone(),
        runbook: finding.runbook.clone(),
    }
}

/// What else went on, nearest first: what was at work, then what changed.
fn cause(evidence: &Evidence) -> HostText {
    let lines: Vec<&str> =
        evidence.activities.iter().chain(&evidence.changes).take(MOST_CAUSES).map(HostText::raw).collect();
    HostText::new(lines.join("; "))
}

/// The end of an incident of which nothing is left but what was told of it.
pub(super) fn end_of(told: &Part, news: News, since: Moment, at: Moment) -> Part {
    Part { news, ended: Some(at.wall), lasted: told.lasted + at.since(since), ..told.clone() }
}

/// What every message of a step has in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'f> {
    pub(super) at: Moment,
    pub(super) from: &'f HostText,
    pub(super) audit: Option<&'f str>,
}

/// One message of some parts; answers with all that it tells, those beyond the most that one message names as well.
pub(super) fn message(
    channel: &str,
    topic: Topic,
    thread: Option<IncidentId>,
    mut parts: Vec<(Part, Tell)>,
    frame: Frame<'_>,
) -> (Message, Vec<Tell>) {
    // What goes on first, what matters most first, what began first.
    parts.sort_by_key(|(part, _)| (part.news.is_over(), std::cmp::Reverse(part.severity), part.since, part.incident));
    let numbers: Vec<String> =
        parts.iter().map(|(part, tell)| format!("{} {} {}", part.incident, tell.number, tell.round)).collect();
    // Digests may say the same twice.
    let hour = if topic == Topic::Digest { frame.at.wall.millis().to_string() } else { String::new() };
    let named: Vec<&str> = numbers.iter().map(String::as_str).chain([channel, word(&topic), &hour]).collect();
    let newest = parts.iter().map(|(_, tell)| tell.number).max().unwrap_or(0);
    let id = MessageId::of(&named, newest);
    let more = parts.len().saturating_sub(MOST_PARTS);
    let (mut parts, tells): (Vec<Part>, Vec<Tell>) = parts.into_iter().unzip();
    parts.truncate(MOST_PARTS);
    let message = Message {
        id,
        topic,
        thread,
        made: frame.at.wall,
        parts,
        more,
        may_repeat: false,
        from: frame.from.clone(),
        audit: frame.audit.map(str::to_owned),
    };
    (message, tells)
}

const fn word(topic: &Topic) -> &'static str {
    match topic {
        Topic::News => "news",
        Topic::Reminder => "reminder",
        Topic::Digest => "digest",
        Topic::Weekly { .. } => "weekly",
        Topic::Trial => "trial",
    }
}
