//! What one look found, for a person or a program.
//!
//! The table is the catalogue's: it lists no metric by hand.

use std::fmt::Write;

use cm_agent::Collection;
use cm_model::catalogue;
use cm_model::clock::Now;
use cm_model::report::Api;
use cm_model::report::smart::Drive;
use cm_model::text::terminal;
use cm_model::verdict::{self, Policy};

/// The three answers under the names of their APIs; one that could not be collected stands under `failed` instead.
pub(crate) fn json(found: &Collection) -> String {
    let mut text = "{\"schema\":\"cm-agent/collect/1\"".to_owned();
    let mut failed = serde_json::Map::new();
    for api in Api::ALL {
        match found.report(api) {
            Ok(report) => {
                let body = String::from_utf8(report.write()).expect("JSON is UTF-8");
                write!(text, ",\"{api}\":{body}").expect("a String takes every write");
            }
            Err(kind) => {
                let told = serde_json::json!({ "code": kind.code().to_string(), "message": kind.to_string() });
                failed.insert(api.word().to_owned(), told);
            }
        }
    }
    if !failed.is_empty() {
        let failed = serde_json::Value::from(failed);
        write!(text, ",\"failed\":{failed}").expect("a String takes every write");
    }
    text.push_str("}\n");
    text
}

/// One drive, and how it is judged.
pub(crate) fn drive(drive: &Drive, now: Now) -> String {
    let verdict = verdict::drive(drive, now.wall, &Policy::new());
    let reasons: Vec<_> = verdict
        .reasons
        .iter()
        .map(|reason| serde_json::json!({ "health": reason.health.word(), "code": reason.code, "text": reason.text }))
        .collect();
    let document = serde_json::json!({ "drive": drive, "health": verdict.health.word(), "reasons": reasons });
    format!("{document:#}\n")
}

/// Every value by subject, and then what is missing and why.
pub(crate) fn table(found: &Collection) -> String {
    let mut rows = Vec::new();
    let mut missing = Vec::new();
    for api in Api::ALL {
        match found.report(api) {
            Ok(report) => rows.extend(catalogue::samples(&report).into_iter().filter_map(|sample| {
                let metric = catalogue::by_id(sample.metric)?.metric;
                let kind = sample.subject.kind.word();
                let name = terminal::line(&sample.subject.name);
                let subject = if name.is_empty() { kind.to_owned() } else { format!("{kind} {name}") };
                Some([subject, metric.name.to_owned(), metric.unit.print(sample.value)])
            })),
            Err(kind) => missing.push((api.word().to_owned(), terminal::line(&kind.to_string()).into_owned())),
        }
    }
    if let Ok(service) = &found.service {
        missing.extend(
            service
                .missing
                .iter()
                .map(|missing| (terminal::line(&missing.what).into_owned(), terminal::line(&missing.why).into_owned())),
        );
    }
    let drives = found.smart.iter().flat_map(|smart| &smart.drives);
    missing.extend(drives.filter_map(|drive| {
        let why = drive.unreadable_reason.as_ref()?;
        Some((format!("drive {}", terminal::line(&drive.name)), terminal::line(why).into_owned()))
    }));
    missing.extend(found.backup.backups.iter().filter_map(|job| {
        let trouble = job.trouble.as_ref()?.word();
        let said = job.message.as_ref().map(|said| format!(": {}", terminal::line(said))).unwrap_or_default();
        Some((format!("backup {}", terminal::line(&job.name)), format!("{trouble}{said}")))
    }));
    let width = |column: usize| rows.iter().map(|row| terminal::columns(&row[column])).max().unwrap_or(0);
    let (subjects, names) = (width(0), width(1));
    let mut text = String::new();
    for [subject, name, value] in &rows {
        let pad = " ".repeat(subjects.saturating_sub(terminal::columns(subject)));
        writeln!(text, "{subject}{pad}  {name:<names$}  {value}").expect("a String takes every write");
    }
    for (what, why) in &missing {
        writeln!(text, "missing: {what}: {why}").expect("a String takes every write");
    }
    text
}
