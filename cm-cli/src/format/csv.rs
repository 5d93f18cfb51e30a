//! Rows as CSV that a spreadsheet opens without running anything.

use std::io::{self, Write};

use cm_core::text::csv::cell;
use cm_core::unit::Unit;

use super::{iso, rfc3339, rounded, significant};
use crate::document::{Document, Sheet, Value};

/// Writes a line a row, after a header where it is the first of several rounds or the only one.
pub fn write(to: &mut dyn Write, document: &Document, first: bool) -> io::Result<()> {
    sheet(to, &document.sheet, first)
}

/// The same of a sheet.
pub fn sheet(to: &mut dyn Write, sheet: &Sheet, first: bool) -> io::Result<()> {
    let mut csv = csv::WriterBuilder::new().from_writer(to);
    if first {
        csv.write_record(sheet.columns.iter().map(|column| column.name.as_str())).map_err(cause)?;
    }
    for row in &sheet.rows {
        csv.write_record(row.cells.iter().map(text)).map_err(cause)?;
    }
    csv.flush()
}

/// The system's own error, by whose kind a reader that went away is known.
fn cause(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::None => String::new(),
        Value::Text(text) => cell(text).into_owned(),
        Value::Word(word) => (*word).to_owned(),
        Value::Reading(value, unit) if super::is_flag(*unit) => if *value > 0.5 { "true" } else { "false" }.to_owned(),
        Value::Reading(value, unit) => rounded(*value, *unit).to_string(),
        Value::Change(value, _) => significant(*value).to_string(),
        Value::Time(at) => iso(*at),
        Value::Moment(at, _) => rfc3339(*at),
        Value::Words(words) => cell(&words.join("; ")).into_owned(),
        Value::Age(age, _) => rounded(age.as_secs_f64(), Unit::Seconds).to_string(),
        Value::Health(health) => health.word().to_owned(),
        Value::Link(link) => link.word().to_owned(),
        Value::Reasons(reasons) => {
            let texts: Vec<_> = reasons.iter().map(|reason| reason.text.raw()).collect();
            cell(&texts.join("; ")).into_owned()
        }
    }
}
