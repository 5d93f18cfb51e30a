//! `schema COMMAND`: the JSON Schema (draft 2020-12) of each document, made from the columns and types that are printed.

use cm_core::unit::Unit;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value as Json, json};

use crate::args::no_such_command;
use crate::audit::{ActsDocument, VerifiedDocument};
use crate::complaint::{Complaint, ErrorDocument};
use crate::config::{CheckDocument, PathsDocument, ShowDocument};
use crate::doctor::DoctorDocument;
use crate::document::past::Tale;
use crate::document::{Column, Document, Kind, Silent, list};
use crate::explain::ExplainDocument;
use crate::format::json::{Counts, ReasonDocument, schema_name};
use crate::history::care::{CheckedDocument, CompactedDocument, SalvagedDocument, StatsDocument};
use crate::history::samples::ExportDocument;
use crate::request::What;
use crate::rules;

/// What has a schema, beside the commands that look at the fleet.
const OTHERS: [&str; 16] = [
    "audit-show",
    "audit-verify",
    "config-check",
    "config-paths",
    "config-show",
    "doctor",
    "explain",
    "export",
    "history-check",
    "history-compact",
    "history-salvage",
    "history-stats",
    "rules-check",
    "rules-list",
    "rules-test",
    "error",
];

/// Everything that has a schema, by name.
pub fn names() -> Vec<&'static str> {
    What::ALL.iter().map(|what| what.word()).chain(Tale::ALL.iter().map(|tale| tale.word())).chain(OTHERS).collect()
}

/// The schema of one document as indented text; of all, as an object by name, where none is named.
///
/// # Errors
/// A name that is no document.
pub fn text(command: Option<&str>) -> Result<String, Complaint> {
    let schema = match command {
        Some(name) => of(name).ok_or_else(|| no_such_command(name, &names()))?,
        None => Json::Object(names().into_iter().filter_map(|name| Some((name.to_owned(), of(name)?))).collect()),
    };
    Ok(format!("{schema:#}\n"))
}

/// The schema of the document of this name.
pub fn of(name: &str) -> Option<Json> {
    if let Some(what) = What::ALL.into_iter().find(|what| what.word() == name) {
        return Some(of_sheet(what));
    }
    if let Some(tale) = Tale::ALL.into_iter().find(|tale| tale.word() == name) {
        return Some(of_tale(tale));
    }
    let mut generator = generator();
    let schema = match name {
        "audit-show" => generator.root_schema_for::<ActsDocument<'_>>(),
        "audit-verify" => generator.root_schema_for::<VerifiedDocument>(),
        "config-check" => generator.root_schema_for::<CheckDocument>(),
        "config-paths" => generator.root_schema_for::<PathsDocument>(),
        "config-show" => generator.root_schema_for::<ShowDocument>(),
        "doctor" => generator.root_schema_for::<DoctorDocument<'_>>(),
        "explain" => generator.root_schema_for::<ExplainDocument>(),
        "export" => generator.root_schema_for::<ExportDocument<'_>>(),
        "history-check" => generator.root_schema_for::<CheckedDocument>(),
        "history-compact" => generator.root_schema_for::<CompactedDocument>(),
        "history-salvage" => generator.root_schema_for::<SalvagedDocument>(),
        "history-stats" => generator.root_schema_for::<StatsDocument>(),
        "rules-check" => generator.root_schema_for::<rules::check::CheckDocument>(),
        "rules-list" => generator.root_schema_for::<rules::list::ListDocument>(),
        "rules-test" => generator.root_schema_for::<rules::test::TestDocument>(),
        "error" => generator.root_schema_for::<ErrorDocument<'_>>(),
        _ => return None,
    };
    let mut schema = schema.to_value();
    let about = schema.as_object_mut()?;
    about.insert("title".to_owned(), json!(schema_name(name)));
    Some(schema)
}

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().for_serialize().into_generator()
}

fn of_sheet(what: What) -> Json {
    let mut generator = generator();
    let counts = generator.subschema_for::<Counts>();
    let silent = generator.subschema_for::<Silent>();
    let reason = generator.subschema_for::<ReasonDocument<'_>>().to_value();
    let columns = list::columns(what);
    let properties: Map<String, Json> =
        columns.iter().map(|column| (column.name.clone(), property(column, &reason))).collect();
    let rows = Document::rows_name(what);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": schema_name(what.word()),
        "type": "object",
        "properties": {
            "schema": { "const": schema_name(what.word()) },
            "made_at": { "type": "number", "description": "The moment of which it speaks, in seconds since 1970, UTC." },
            "health": health("The worst of all hosts."),
            "counts": counts,
            "silent": { "type": "array", "items": silent, "description": "What should have been told and was not." },
            rows: {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": properties,
                    "description": "With --fields only the columns that were named; otherwise all of them.",
                },
            },
        },
        "required": ["schema", "made_at", "health", "counts", "silent", rows],
        "$defs": generator.take_definitions(true),
    })
}

fn of_tale(tale: Tale) -> Json {
    let mut properties = Map::new();
    properties.insert("schema".to_owned(), json!({ "const": schema_name(tale.word()) }));
    let as_of = "The moment of which it speaks, UTC.";
    properties.insert("as_of".to_owned(), json!({ "type": "string", "format": "date-time", "description": as_of }));
    let of = |column: &Column| (column.name.clone(), property(column, &Json::Null));
    properties.extend(tale.facts().iter().map(|fact| of(&fact.column())));
    let fields: Map<String, Json> = tale.columns().iter().map(|fact| of(&fact.column())).collect();
    let required: Vec<String> = properties.keys().cloned().chain([tale.rows_name().to_owned()]).collect();
    properties.insert(
        tale.rows_name().to_owned(),
        json!({
            "type": "array",
            "items": {
                "type": "object",
                "properties": fields,
                "description": "With --fields only the columns that were named; otherwise all of them.",
            },
        }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": schema_name(tale.word()),
        "type": "object",
        "properties": properties,
        "required": required,
    })
}

fn health(description: &str) -> Json {
    json!({ "enum": ["ok", "note", "warning", "critical", "unknown"], "description": description })
}

fn property(column: &Column, reason: &Json) -> Json {
    let about = &column.help;
    match column.kind {
        Kind::Text | Kind::Word => json!({ "type": ["string", "null"], "description": about }),
        Kind::Reading(Unit::Flag) => json!({ "type": ["boolean", "null"], "description": about }),
        Kind::Reading(unit) => json!({ "type": ["number", "null"], "description": about, "x-unit": unit.word() }),
        Kind::Number => json!({ "type": ["number", "boolean", "null"], "description": about }),
        Kind::Time => {
            json!({ "type": ["number", "null"], "description": about, "x-unit": "seconds since 1970, UTC" })
        }
        Kind::Moment => json!({ "type": ["string", "null"], "format": "date-time", "description": about }),
        Kind::Words => json!({ "type": "array", "items": { "type": "string" }, "description": about }),
        Kind::Age => json!({ "type": ["number", "null"], "description": about, "x-unit": "seconds" }),
        Kind::Health => health(about),
        Kind::Link => json!({
            "enum": ["waiting", "answering", "stale", "unreachable", "unauthorised", "malformed", "faulty", "off"],
            "description": about,
        }),
        Kind::Reasons => json!({ "type": "array", "items": reason, "description": about }),
    }
}
