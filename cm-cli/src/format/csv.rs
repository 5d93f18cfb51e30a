//! Rows as CSV that a spreadsheet opens without running anything.

use std::io::{self, Write};

use cm_core::text::csv::cell;

use super::{iso, number};
use crate::document::{Document, Value};

/// Writes a header and a line a row.
pub fn write(to: &mut dyn Write, document: &Document) -> io::Result<()> {
    let mut csv = csv::WriterBuilder::new().from_writer(to);
    csv.write_record(document.sheet.columns.iter().map(|column| column.name.as_str()))?;
    for row in &document.sheet.rows {
        csv.write_record(row.cells.iter().map(text))?;
    }
    csv.flush()
}

fn text(value: &Value) -> String {
    match value {
        Value::None => String::new(),
        Value::Text(text) => cell(text).into_owned(),
        Value::Word(word) => (*word).to_owned(),
        Value::Reading(value, unit) if super::is_flag(*unit) => if *value > 0.5 { "true" } else { "false" }.to_owned(),
        Value::Reading(value, _) => number(*value),
        Value::Time(at) => iso(*at),
        Value::Age(age, _) => number(age.as_secs_f64()),
        Value::Health(health) => health.word().to_owned(),
        Value::Link(link) => link.word().to_owned(),
        Value::Reasons(reasons) => {
            let texts: Vec<_> = reasons.iter().map(|reason| reason.text.raw()).collect();
            cell(&texts.join("; ")).into_owned()
        }
    }
}
