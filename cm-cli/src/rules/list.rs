//! `rules list`: every rule, whether it is in force, and where it stands.

use cm_core::health::Health;
use cm_core::rule::{Body, Rule};
use schemars::JsonSchema;
use serde::Serialize;

use super::{column, in_force, print, tell};
use crate::document::table::shown;
use crate::document::{Kind, Row, Value};
use crate::exit::Exit;
use crate::format::json;
use crate::request::{Format, Request};
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// What `rules list` says as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "rules_list")]
pub struct ListDocument {
    /// `cm-dashboard/rules-list/1`.
    schema: String,
    /// How many errors there are in files of rules; `rules check` tells them.
    errors: usize,
    /// Every rule, in the order in which they are judged.
    rules: Vec<RuleDocument>,
}

/// One rule.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "rule")]
pub struct RuleDocument {
    /// Its name.
    name: String,
    /// The file in which it stands; `built-in` where that is this program.
    file: String,
    /// The line in which it begins, from 1.
    line: usize,
    /// Whether it is in force for hosts for which nothing else is said.
    on: bool,
    /// Whether anything of it was changed or switched.
    changed: bool,
    /// How it holds: one entry where it is the same for all hosts, several where it differs by role or host, none where it is off for all.
    ways: Vec<WayDocument>,
}

/// One way in which a rule holds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "way")]
pub struct WayDocument {
    /// What sort of thing it looks at.
    subject_kind: &'static str,
    /// When it holds.
    condition: String,
    /// For how long it must hold before it counts, in seconds.
    for_seconds: f64,
    /// For how long it must be clear before it is over, in seconds.
    clear_seconds: f64,
    /// Every severity that it can have: note, warning, critical.
    severities: Vec<&'static str>,
    /// Where more is written of it.
    runbook: Option<String>,
    /// All its lines, as a file of rules holds them.
    text: String,
}

/// Lists them.
///
/// # Errors
/// A configuration that cannot be used; output that cannot be written.
pub fn run(request: &Request, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    let (rules, problems) = in_force(request, surroundings)?;
    if request.output.format == Format::Json {
        let rules = rules.rules().iter().map(document).collect();
        let document =
            ListDocument { schema: json::schema_name("rules-list"), errors: problems.errors().count(), rules };
        json::document(surroundings.out, &document)?;
        return Ok(Exit::Well);
    }
    let columns = [("rule", Kind::Text), ("stands", Kind::Word), ("severity", Kind::Text), ("of", Kind::Word)];
    let columns = columns.into_iter().chain([("where", Kind::Text), ("when", Kind::Text)]);
    let columns = columns.map(|(name, kind)| column(name, kind)).collect();
    let rows = rules.rules().iter().map(row).collect();
    let lanes = ["rule", "stands", "severity", "of", "where", "when"];
    let gives_way = [0, 0, 1, 3, 2, 4];
    let shown: Vec<_> = lanes.into_iter().zip(gives_way).map(|(name, gives)| shown(name, gives)).collect();
    let now = surroundings.clock.now().wall;
    print(columns, rows, &shown, now, request.output, surroundings)?;
    tell(&problems, request.output, surroundings)?;
    Ok(Exit::Well)
}

fn document(rule: &Rule) -> RuleDocument {
    let (file, line) = rule.place();
    RuleDocument {
        name: rule.name().to_owned(),
        file: file.display().to_string(),
        line,
        on: rule.usual().is_some(),
        changed: rule.is_changed(),
        ways: rule.bodies().map(way).collect(),
    }
}

fn way(body: &Body) -> WayDocument {
    WayDocument {
        subject_kind: body.kind().word(),
        condition: body.condition(),
        for_seconds: body.hold().as_secs_f64(),
        clear_seconds: body.clear_hold().as_secs_f64(),
        severities: severities(body),
        runbook: body.runbook().map(str::to_owned),
        text: body.text(),
    }
}

fn severities(body: &Body) -> Vec<&'static str> {
    let mut words: Vec<_> = body.severities().map(cm_core::severity::Severity::word).collect();
    words.dedup();
    words
}

fn row(rule: &Rule) -> Row {
    let body = rule.usual().or_else(|| rule.bodies().next());
    let stands = match (rule.usual().is_some(), rule.bodies().next().is_some(), rule.is_changed()) {
        (_, false, _) => "off",
        (true, _, false) => "on",
        (true, _, true) => "changed",
        (false, true, _) => "in part",
    };
    let (file, line) = rule.place();
    let place = if rule.is_built_in() { file.display().to_string() } else { format!("{}:{line}", file.display()) };
    let cells = vec![
        Value::name(rule.name()),
        Value::Word(stands),
        body.map_or(Value::None, |body| Value::name(&severities(body).join(", "))),
        Value::word(body.map(|body| body.kind().word())),
        Value::name(&place),
        body.map_or(Value::None, |body| Value::name(&body.condition())),
    ];
    Row { host: None, health: Health::Ok, cells }
}
