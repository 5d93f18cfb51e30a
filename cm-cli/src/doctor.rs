//! `doctor`: walks over the whole set-up, says of each part how it is, and of each that is not well the next step.
//!
//! It changes nothing and tells no secret. What a part checks stands in a room of its own.

mod around;
mod host;

use cm_core::clock::Clock;
use cm_core::fault::Code;
use cm_core::health::Health;
use cm_core::text::terminal;
use cm_core::wording::{self, plural};
use schemars::JsonSchema;
use serde::Serialize;

use crate::exit::Exit;
use crate::format::json;
use crate::gather::{Gathering, configured};
use crate::paint::{Meaning, pad};
use crate::request::{Format, Request};
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// One part of the set-up, and how it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which part: `configuration`, `host`, `machine`, `terminal`, `state`.
    pub part: &'static str,
    /// Which one of them: a host's name, a file; empty where there is only one.
    pub subject: String,
    /// How well it is.
    pub health: Health,
    /// What was found, in one sentence.
    pub text: String,
    /// The next step; empty where there is none.
    pub next: String,
    /// The code under which it is explained.
    pub code: Option<Code>,
}

impl Check {
    fn well(part: &'static str, subject: impl Into<String>, text: impl Into<String>) -> Self {
        let (subject, text) = (subject.into(), text.into());
        Self { part, subject, health: Health::Ok, text, next: String::new(), code: None }
    }

    fn trouble(self, health: Health, next: impl Into<String>) -> Self {
        Self { health, next: next.into(), ..self }
    }

    fn code(self, code: Code) -> Self {
        Self { code: Some(code), ..self }
    }
}

/// What `doctor` says as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "doctor")]
pub struct DoctorDocument<'a> {
    /// `cm-dashboard/doctor/1`.
    schema: String,
    /// The moment of which it speaks, in seconds since 1970, UTC.
    made_at: f64,
    /// The worst that was found: ok, note, warning, critical or unknown.
    health: &'static str,
    /// Every part that was looked at.
    checks: Vec<CheckDocument<'a>>,
}

/// One part of the set-up.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "check")]
pub struct CheckDocument<'a> {
    /// Which part: `configuration`, `host`, `machine`, `terminal`, `state`.
    part: &'static str,
    /// Which one of them: a host's name, a file; empty where there is only one.
    subject: &'a str,
    /// How well it is: ok, note, warning, critical or unknown.
    health: &'static str,
    /// What was found, in one sentence.
    text: &'a str,
    /// The next step; empty where there is none.
    next: &'a str,
    /// The code under which it is explained.
    code: Option<String>,
}

/// Looks at everything and prints it.
///
/// # Errors
/// A host that nobody knows; output that cannot be written.
pub async fn run(request: &Request, check: bool, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    let checks = look(request, surroundings).await?;
    let health = checks.iter().fold(Health::Ok, |worst, check| worst.fold(check.health));
    if request.output.format == Format::Json {
        json::document(surroundings.out, &document(&checks, health, surroundings.clock))?;
    } else {
        print(&checks, request, surroundings)?;
    }
    Ok(match health {
        _ if !check => Exit::Well,
        Health::Ok | Health::Note => Exit::Well,
        Health::Warning => Exit::Warning,
        Health::Critical => Exit::Critical,
        Health::Unknown => Exit::Unknown,
    })
}

async fn look(request: &Request, surroundings: &Surroundings<'_>) -> Result<Vec<Check>, Stop> {
    let loaded = configured::load(&request.watch, surroundings);
    let mut checks = around::configuration(&loaded);
    if loaded.is_ok() {
        let mut gathering = Gathering::new(&request.watch, None, surroundings)?;
        let now = gathering.round(surroundings.clock).await;
        checks.extend(host::checks(&gathering.fleet, now));
    }
    checks.push(around::state(surroundings));
    checks.extend(around::terminal(request.output, surroundings));
    Ok(checks)
}

fn document<'a>(checks: &'a [Check], health: Health, clock: &dyn Clock) -> DoctorDocument<'a> {
    let checks = checks.iter().map(|check| CheckDocument {
        part: check.part,
        subject: &check.subject,
        health: check.health.word(),
        text: &check.text,
        next: &check.next,
        code: check.code.map(|code| code.to_string()),
    });
    DoctorDocument {
        schema: json::schema_name("doctor"),
        made_at: clock.now().wall.millis() as f64 / 1000.0,
        health: health.word(),
        checks: checks.collect(),
    }
}

fn print(checks: &[Check], request: &Request, surroundings: &mut Surroundings<'_>) -> Result<(), Stop> {
    const INDENT: usize = 4;
    let paint = surroundings.paint(request.output);
    let widest = checks.iter().map(|check| check.part.len()).max().unwrap_or(0);
    let named = |check: &Check| terminal::columns(&terminal::line(&check.subject));
    let subjects = checks.iter().map(named).filter(|&columns| columns <= 24).max().unwrap_or(0);
    for check in checks {
        let mark = paint.dress(wording::mark(check.health, paint.glyphs), check.health.into());
        let subject = paint.spell(&terminal::line(&check.subject));
        let head = format!("{} {}", pad(check.part, widest, false), pad(&subject, subjects, false));
        let text = paint.spell(&terminal::line(&check.text));
        let sentence = match check.code {
            Some(code) => format!("{text} ({code})"),
            None => text,
        };
        // The mark takes one column, the space after it another.
        let first = format!("  {head}  ");
        for (at, line) in paint.wrap(&first, INDENT, &sentence).into_iter().enumerate() {
            let line = if at == 0 { format!("{mark} {}", &line[2..]) } else { line };
            writeln!(surroundings.out, "{line}")?;
        }
        if !check.next.is_empty() {
            let next = paint.spell(&terminal::line(&check.next));
            for line in paint.wrap(&format!("{}next: ", " ".repeat(INDENT)), INDENT + 6, &next) {
                writeln!(surroundings.out, "{}", paint.dress(&line, Meaning::Faint))?;
            }
        }
    }
    let troubled = checks.iter().filter(|check| check.health.trouble() > Health::Note.trouble()).count();
    let end = match troubled {
        0 => "Nothing is wrong with the set-up.".to_owned(),
        number => format!("{} with a next step above.", plural(number, "part")),
    };
    writeln!(surroundings.out, "\n{end}")?;
    Ok(())
}
