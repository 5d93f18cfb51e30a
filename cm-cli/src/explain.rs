//! `explain CM-0103`: what a code means and what to do, from the one list of faults.

use cm_core::fault::{Code, Fault};
use schemars::JsonSchema;
use serde::Serialize;

use crate::complaint::Complaint;
use crate::exit::Exit;
use crate::format::json;
use crate::paint::{Meaning, Paint};
use crate::request::{Format, Output};
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// What `explain` says as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "explain")]
pub struct ExplainDocument {
    /// `cm-dashboard/explain/1`.
    schema: String,
    /// The faults that were asked for.
    faults: Vec<FaultDocument>,
}

/// One fault.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "fault")]
pub struct FaultDocument {
    /// Its code, which never changes.
    code: String,
    /// A few words.
    title: &'static str,
    /// What has happened, and what it usually comes from.
    meaning: &'static str,
    /// The next step.
    next: &'static str,
}

/// Explains one code, or lists all.
///
/// # Errors
/// A code that no fault has; output that cannot be written.
pub fn run(code: Option<&str>, output: Output, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    let asked = match code {
        None => cm_core::fault::FAULTS.iter().collect(),
        Some(text) => vec![text.parse::<Code>().map_err(|_| no_such(text))?.fault()],
    };
    if output.format == Format::Json {
        let faults = asked.into_iter().map(document).collect();
        json::document(surroundings.out, &ExplainDocument { schema: json::schema_name("explain"), faults })?;
        return Ok(Exit::Well);
    }
    let paint = surroundings.paint(output);
    for line in if code.is_some() { entry(asked[0], paint) } else { list(&asked, paint) } {
        writeln!(surroundings.out, "{line}")?;
    }
    Ok(Exit::Well)
}

fn no_such(text: &str) -> Complaint {
    let text: String = text.chars().take(40).collect();
    Complaint::new(Code::NO_SUCH_CODE, format!("no fault has the code {text:?}"))
}

fn document(fault: &Fault) -> FaultDocument {
    FaultDocument { code: fault.code.to_string(), title: fault.title, meaning: fault.meaning, next: fault.next }
}

fn entry(fault: &Fault, paint: Paint) -> Vec<String> {
    let code = paint.dress(&fault.code.to_string(), Meaning::Title);
    let mut lines = vec![format!("{code}  {}", fault.title), String::new()];
    lines.extend(paint.wrap("", 0, fault.meaning));
    lines.push(String::new());
    lines.extend(paint.wrap("next: ", 6, fault.next));
    lines
}

fn list(faults: &[&Fault], paint: Paint) -> Vec<String> {
    faults
        .iter()
        .map(|fault| format!("{}  {}", paint.dress(&fault.code.to_string(), Meaning::Title), fault.title))
        .collect()
}
