//! A message as JSON: what a webhook and a command are given. Fields are only ever added.
//!
//! Times are seconds since 1970, spans seconds; what is not known is left out. Texts may quote a host, at most 4 KiB each.

use cm_core::health::SubjectKind;
use cm_core::host::HostId;
use cm_core::incident::IncidentId;
use cm_core::outbox::{Message, News, Part, Sheet, Topic, Urgency};
use cm_core::text::{HostText, json};
use cm_core::unit::Unit;
use serde::Serialize;

use super::{Most, PLAIN, fitted, lines, worst};

/// The name of the form.
pub const SCHEMA: &str = "cm-dashboard/message/1";

/// The most bytes of the message in words.
const MOST_TEXT: Most = Most::Bytes(64 * 1024);

#[derive(Serialize)]
struct Document<'d> {
    schema: &'static str,
    id: &'d str,
    topic: &'static str,
    title: String,
    text: String,
    urgency: &'static str,
    /// Of the worst that is not over.
    severity: &'static str,
    over: bool,
    made: i64,
    may_repeat: bool,
    from: &'d HostText,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread: Option<IncidentId>,
    incidents: Vec<Incident<'d>>,
    /// How many more incidents there are than are told of.
    more: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    audit: Option<&'d str>,
}

#[derive(Serialize)]
struct Incident<'d> {
    id: IncidentId,
    news: &'static str,
    rule: HostText,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'d str>,
    kind: SubjectKind,
    #[serde(skip_serializing_if = "HostText::is_empty")]
    name: &'d HostText,
    severity: &'static str,
    text: &'d HostText,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<Unit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usual_low: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usual_high: Option<f64>,
    since: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<i64>,
    lasted_s: u64,
    spells: u32,
    #[serde(skip_serializing_if = "HostText::is_empty")]
    cause: &'d HostText,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    log: &'d [HostText],
    #[serde(skip_serializing_if = "HostText::is_empty")]
    next: HostText,
    #[serde(skip_serializing_if = "HostText::is_empty")]
    runbook: HostText,
}

/// How loud a message is, in a word.
pub const fn urgency(message: Urgency) -> &'static str {
    match message {
        Urgency::Low => "low",
        Urgency::Normal => "normal",
        Urgency::High => "high",
    }
}

const fn topic(topic: &Topic) -> &'static str {
    match topic {
        Topic::News => "news",
        Topic::Reminder => "reminder",
        Topic::Digest => "digest",
        Topic::Weekly { .. } => "weekly",
        Topic::Trial => "trial",
    }
}

const fn news(news: News) -> &'static str {
    match news {
        News::Fires => "fires",
        News::Unattended => "unattended",
        News::Worse { .. } => "worse",
        News::Eased { .. } => "eased",
        News::ComesAndGoes => "comes_and_goes",
        News::Holds => "holds",
        News::Still => "still",
        News::Over { .. } => "over",
        News::Passed { .. } => "passed",
    }
}

fn incident(part: &Part) -> Incident<'_> {
    Incident {
        id: part.incident,
        news: news(part.news),
        rule: HostText::new(part.rule.as_str()),
        host: part.host.as_ref().map(HostId::as_str),
        kind: part.kind,
        name: &part.name,
        severity: part.severity.word(),
        text: &part.text,
        value: part.measure.map(|measure| measure.value),
        limit: part.measure.and_then(|measure| measure.limit),
        unit: part.measure.map(|measure| measure.unit),
        usual_low: part.usual.map(|usual| usual.low),
        usual_high: part.usual.map(|usual| usual.high),
        since: part.since.secs(),
        ended: part.ended.map(cm_core::clock::WallTime::secs),
        lasted_s: part.lasted.as_secs(),
        spells: part.spells,
        cause: &part.cause,
        log: &part.log,
        next: part.next.clone(),
        runbook: HostText::new(part.runbook.as_str()),
    }
}

/// The whole message on one line.
///
/// # Panics
/// Never: texts and finite numbers have a form in JSON, and others become `null`.
pub fn json(message: &Message, sheet: &Sheet, program: &str) -> String {
    let document = Document {
        schema: SCHEMA,
        id: message.id.as_str(),
        topic: topic(&message.topic),
        title: PLAIN(&sheet.title),
        text: fitted(&lines(sheet, PLAIN), MOST_TEXT, program),
        urgency: urgency(message.urgency()),
        severity: worst(sheet).word(),
        over: message.is_over(),
        made: message.made.secs(),
        may_repeat: message.may_repeat,
        from: &message.from,
        thread: message.thread,
        incidents: message.parts.iter().map(incident).collect(),
        more: message.more,
        audit: message.audit.as_deref(),
    };
    json::compact(&document).expect("texts and numbers have a form in JSON")
}
