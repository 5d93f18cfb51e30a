//! `cm-agent doctor`: says of each part how it is, and of each that is not well the next step: the configuration, what each
//! collector sees and may not see, with the right or group that lets it, and whether the sandbox holds.
//!
//! It changes nothing, tells no secret, and stays apart from an agent that runs. Its manner is that of `cm-cli doctor`.

mod backups;
mod collectors;
mod doors;
mod inhibitor;
mod programs;
mod right;
mod sandbox;
mod surroundings;

use std::fmt::Write;

use cm_model::clock::{Clock, WallTime};
use cm_model::fault::Code;
use cm_model::health::Health;
use cm_model::text::terminal;
use cm_model::wording::{self, Glyphs, plural};
use serde::Serialize;

pub use self::surroundings::Surroundings;
use crate::collector::CollectOptions;
use crate::machine::Machine;

/// One part, and how it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which part: `configuration`, `agent`, `collector`, `backup`, `access`, `program`, `sandbox`.
    pub part: &'static str,
    /// Which one of them: a collector's name, a path; empty where there is only one.
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
    /// A part that is well.
    pub fn well(part: &'static str, subject: impl Into<String>, text: impl Into<String>) -> Self {
        let (subject, text) = (subject.into(), text.into());
        Self { part, subject, health: Health::Ok, text, next: String::new(), code: None }
    }

    /// The same, but not well, and what to do about it.
    #[must_use]
    pub fn trouble(self, health: Health, next: impl Into<String>) -> Self {
        Self { health, next: next.into(), ..self }
    }

    /// The same, explained under a code.
    #[must_use]
    pub fn code(self, code: Code) -> Self {
        Self { code: Some(code), ..self }
    }
}

/// All that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    at: WallTime,
    checks: Vec<Check>,
}

/// Looks at everything on this machine: `configuration` is what reading it came to. To be awaited within a tokio runtime that
/// has time and I/O enabled. Takes a second or two, up to half a minute where backups are configured or a
/// drive is slow to answer, and at most `collectors::LIMIT` more for each collector that hangs.
pub async fn look(
    configuration: Vec<Check>,
    options: &CollectOptions,
    around: &Surroundings,
    clock: &(impl Clock + ?Sized),
) -> Findings {
    let machine = Machine::itself();
    let mut checks = configuration;
    checks.push(Check::well("agent", "", around.told()));
    checks.extend(collectors::checks(&machine, options, around, clock.now()).await);
    checks.extend(doors::checks(&machine, options, around));
    checks.extend(inhibitor::checks(&options.bus, around));
    checks.extend(programs::checks(options));
    checks.extend(sandbox::checks(around));
    Findings { at: clock.now().wall, checks }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    made_at: WallTime,
    health: &'static str,
    checks: Vec<CheckDocument<'a>>,
}

#[derive(Serialize)]
struct CheckDocument<'a> {
    part: &'static str,
    subject: std::borrow::Cow<'a, str>,
    health: &'static str,
    text: std::borrow::Cow<'a, str>,
    next: std::borrow::Cow<'a, str>,
    code: Option<String>,
}

impl Findings {
    /// The worst of them.
    pub fn health(&self) -> Health {
        self.checks.iter().fold(Health::Ok, |worst, check| worst.fold(check.health))
    }

    /// As JSON: the fields of `cm-cli doctor --json`, under `cm-agent/doctor/1`.
    pub fn json(&self) -> String {
        let checks = self.checks.iter().map(|check| CheckDocument {
            part: check.part,
            subject: terminal::line(&check.subject),
            health: check.health.word(),
            text: terminal::line(&check.text),
            next: terminal::line(&check.next),
            code: check.code.map(|code| code.to_string()),
        });
        let document = Document {
            schema: "cm-agent/doctor/1",
            made_at: self.at,
            health: self.health().word(),
            checks: checks.collect(),
        };
        let mut text = serde_json::to_string(&document).unwrap_or_default();
        text.push('\n');
        text
    }

    /// A line a part, and below each that is not well the next step.
    pub fn table(&self, glyphs: Glyphs) -> String {
        let widest = self.checks.iter().map(|check| check.part.len()).max().unwrap_or(0);
        let named = |check: &Check| terminal::columns(&terminal::line(&check.subject));
        let subjects = self.checks.iter().map(named).filter(|&columns| columns <= 24).max().unwrap_or(0);
        let mut text = String::new();
        for check in &self.checks {
            let pad = " ".repeat(subjects.saturating_sub(named(check)));
            let code = check.code.map(|code| format!(" ({code})")).unwrap_or_default();
            let (mark, subject, said) =
                (wording::mark(check.health, glyphs), terminal::line(&check.subject), terminal::line(&check.text));
            writeln!(text, "{mark} {:widest$} {subject}{pad}  {said}{code}", check.part)
                .expect("a String takes every write");
            if !check.next.is_empty() {
                writeln!(text, "    next: {}", terminal::line(&check.next)).expect("a String takes every write");
            }
        }
        let troubled = self.checks.iter().filter(|check| check.health.trouble() > Health::Note.trouble()).count();
        let end = match troubled {
            0 => "Nothing is wrong with the set-up.".to_owned(),
            number => format!("{} with a next step above.", plural(number, "part")),
        };
        writeln!(text, "\n{end}").expect("a String takes every write");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(healths: &[Health]) -> Findings {
        let check = |&health| Check::well("collector", "disk", "2 disks").trouble(health, "Look\u{1b}[2J.");
        Findings { at: WallTime::from_secs(1), checks: healths.iter().map(check).collect() }
    }

    #[test]
    fn the_worst_stands_for_all_and_a_note_is_no_trouble() {
        for (healths, worst, end) in [
            (&[][..], Health::Ok, "Nothing is wrong"),
            (&[Health::Ok, Health::Note], Health::Note, "Nothing is wrong"),
            (&[Health::Warning, Health::Note, Health::Critical], Health::Critical, "2 parts with a next step above."),
        ] {
            let findings = findings(healths);
            assert_eq!(findings.health(), worst);
            assert!(findings.table(Glyphs::Ascii).contains(end), "{healths:?}");
        }
    }

    #[test]
    fn both_forms_say_the_same_and_no_text_moves_the_cursor() {
        let findings = findings(&[Health::Warning]);
        let value: serde_json::Value = serde_json::from_str(&findings.json()).unwrap();
        assert_eq!(value["schema"], "cm-agent/doctor/1");
        assert_eq!(value["health"], "warning");
        assert_eq!(value["checks"][0]["subject"], "disk");
        let table = findings.table(Glyphs::Ascii);
        assert!(table.starts_with("! collector disk  2 disks\n    next: Look"), "{table}");
        assert!(!table.contains('\u{1b}') && !findings.json().contains('\u{1b}'));
    }
}
