//! `rules test CONDITION`: whether it holds now, for each thing that it looks at, and what it hangs on.
//!
//! It sees the fleet as it is. Windows, forecasts and usual values are not known here.

use std::path::Path;
use std::time::Duration;

use cm_core::fault::Code;
use cm_core::health::Health;
use cm_core::nearest::nearest;
use cm_core::registry::Registry;
use cm_core::rule::{Frame, Need, Place, Present, Question, Rule, Truth};
use cm_core::text::HostText;
use schemars::JsonSchema;
use serde::Serialize;

use super::{column, in_force, print};
use crate::complaint::Complaint;
use crate::document::table::shown;
use crate::document::{Kind, Row, Value};
use crate::exit::Exit;
use crate::format::{json, rfc3339};
use crate::gather::Gathering;
use crate::paint::Meaning;
use crate::request::{Format, Request};
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// What `rules test` says as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "rules_test")]
pub struct TestDocument {
    /// `cm-dashboard/rules-test/1`.
    schema: String,
    /// The moment of which it speaks, UTC.
    #[schemars(extend("format" = "date-time"))]
    as_of: String,
    /// The condition in its normal spelling.
    condition: String,
    /// What sort of thing it looks at.
    subject_kind: &'static str,
    /// Whether it hangs on windows, forecasts or usual values, which are not known here.
    needs_history: bool,
    /// Every thing of that sort, those for which it holds first.
    things: Vec<ThingDocument>,
}

/// One thing.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "thing")]
pub struct ThingDocument {
    /// The host's name.
    host: String,
    /// Which one; empty for the host itself.
    subject: HostTextDocument,
    /// Whether the condition holds; null where that is not known.
    holds: Option<bool>,
    /// What it hangs on.
    values: Vec<ValueDocument>,
}

/// A value as people read it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "value")]
pub struct ValueDocument {
    /// As it stands in the condition.
    name: String,
    /// What it is now.
    value: HostTextDocument,
}

/// A text that may come from a host.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct HostTextDocument(#[schemars(with = "String")] HostText);

/// One thing that was asked about.
struct Answer {
    host: String,
    subject: HostText,
    truth: Truth,
    values: Vec<(String, HostText)>,
}

/// Asks everything.
///
/// # Errors
/// A condition that cannot be read; a configuration that cannot be used; output that cannot be written.
pub async fn run(condition: &str, request: &Request, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    let question = question(condition, request, surroundings)?;
    let mut gathering = Gathering::new(&request.watch, None, surroundings)?;
    let now = gathering.round(surroundings.clock).await;
    let mut present = Present::new();
    present.update(&gathering.fleet, now, Duration::ZERO);
    let mut answers = answers(&question, present.frame());
    answers.sort_by_key(|answer| std::cmp::Reverse(answer.truth));
    let needs_history =
        question.needs().iter().any(|need| matches!(need, Need::Window { .. } | Need::Usual(_) | Need::Forecast(_)));
    if request.output.format == Format::Json {
        let document = TestDocument {
            schema: json::schema_name("rules-test"),
            as_of: rfc3339(now.wall),
            condition: question.text().to_owned(),
            subject_kind: question.kind().word(),
            needs_history,
            things: answers.into_iter().map(ThingDocument::from).collect(),
        };
        json::document(surroundings.out, &document)?;
        return Ok(Exit::Well);
    }
    let columns = [("host", Kind::Text), (question.kind().word(), Kind::Text), ("holds", Kind::Word)];
    let columns: Vec<_> =
        columns.into_iter().chain([("values", Kind::Text)]).map(|(name, kind)| column(name, kind)).collect();
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let lanes = [("host", 0), (question.kind().word(), 0), ("holds", 0), ("values", 1)];
    let is_of_hosts = names[0] == names[1];
    let mut shown: Vec<_> = lanes.into_iter().map(|(name, gives_way)| shown(name, gives_way)).collect();
    if is_of_hosts {
        shown.remove(1);
    }
    let nothing = answers.is_empty();
    let rows = answers.into_iter().map(row).collect();
    print(columns, rows, &shown, now.wall, request.output, surroundings)?;
    if !request.output.quiet {
        surroundings.out.flush()?;
        let paint = surroundings.err_paint(request.output);
        let mut note = |what: &str| writeln!(surroundings.err, "{} {what}", paint.dress("note:", Meaning::Faint));
        if nothing {
            note("there is nothing of the sort that it looks at")?;
        }
        if needs_history {
            note("windows, forecasts and usual values need the history and are not known here")?;
        }
    }
    Ok(Exit::Well)
}

/// What was asked: the condition of the rule of that name, or a condition, which is never one word of small letters.
fn question(condition: &str, request: &Request, surroundings: &Surroundings<'_>) -> Result<Question, Complaint> {
    let registry = Registry::default();
    let of_names = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    if condition.is_empty() || !condition.bytes().all(of_names) {
        return Question::read(condition, Path::new("CONDITION"), &registry).map_err(Complaint::of_problems);
    }
    let (rules, _) = in_force(request, surroundings)?;
    let Some(rule) = rules.rule(condition) else {
        let near = nearest(condition, rules.rules().iter().map(Rule::name));
        let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        let what = format!("there is no rule {condition}{near}");
        return Err(Complaint::new(Code::RULE_UNKNOWN_NAME, what).next("`cm-cli rules list` lists the rules."));
    };
    let body = rule.usual().or_else(|| rule.bodies().next());
    body.and_then(|body| Question::of(body, &registry)).ok_or_else(|| {
        let what = format!("the rule {condition} is switched off");
        Complaint::new(Code::USAGE, what).next("Give a condition in quotes instead.")
    })
}

fn answers(question: &Question, frame: &Frame) -> Vec<Answer> {
    let truths = question.answers(frame).into_iter().enumerate();
    truths
        .filter_map(|(index, truth)| {
            let place = Place { kind: question.kind(), index };
            let (host, subject) = frame.whose(place)?;
            let values = question.values(frame, place);
            let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            Some(Answer { host: host.id.to_string(), subject: subject.name.clone(), truth, values })
        })
        .collect()
}

impl From<Answer> for ThingDocument {
    fn from(answer: Answer) -> Self {
        let holds = match answer.truth {
            Truth::True => Some(true),
            Truth::False => Some(false),
            Truth::Unknown => None,
        };
        let values = answer.values.into_iter();
        let values = values.map(|(name, value)| ValueDocument { name, value: HostTextDocument(value) }).collect();
        Self { host: answer.host, subject: HostTextDocument(answer.subject), holds, values }
    }
}

fn row(answer: Answer) -> Row {
    // The names themselves stand in columns already.
    let values = answer.values.iter().filter(|(name, _)| name.contains(['.', '(']));
    let values: Vec<String> = values.map(|(name, value)| format!("{name}: {}", value.raw())).collect();
    let health = if answer.truth == Truth::True { Health::Warning } else { Health::Ok };
    let cells = vec![
        Value::name(&answer.host),
        Value::Text(answer.subject),
        Value::Word(answer.truth.word()),
        Value::Text(HostText::new(values.join("; "))),
    ];
    Row { host: None, health, cells }
}
