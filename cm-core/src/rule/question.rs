//! A condition by itself, asked of everything: what `rules test` answers.

use std::path::Path;

use super::body::Body;
use super::check::{Checker, Typed};
use super::evaluate::Look;
use super::expression::{Expr, What};
use super::frame::{Frame, Place};
use super::judge::say;
use super::need::Need;
use super::parse;
use super::program::{Said, Tru};
use super::truth::Truth;
use crate::health::SubjectKind;
use crate::problem::{Problems, Text};
use crate::registry::Registry;
use crate::text::HostText;

/// The longest question, in bytes.
const LONGEST: usize = 10_000;

/// A condition that was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    text: String,
    kind: SubjectKind,
    when: Tru,
    /// What it hangs on, each as it is written.
    values: Vec<(String, Said)>,
    needs: Vec<Need>,
}

impl Question {
    /// Reads and checks a condition. What is wrong with it is told as of a file of this name.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn read(text: &str, name: &Path, registry: &Registry) -> Result<Self, Problems> {
        let end = text.floor_char_boundary(LONGEST.min(text.len()));
        let source = Text::new(&text[..end]);
        let mut faults = Vec::new();
        let read = parse::expression(source.as_str(), 0..source.as_str().len(), &mut faults);
        let question = read.and_then(|expr| Self::check(&expr, registry, &mut faults));
        match question {
            Some(question) if faults.is_empty() => Ok(question),
            _ => {
                let mut problems = Problems::default();
                for fault in &faults {
                    problems.push(fault.put(&source, name));
                }
                problems.sort();
                Err(problems)
            }
        }
    }

    fn check(expr: &Expr, registry: &Registry, faults: &mut Vec<super::fault::Fault>) -> Option<Self> {
        let mut checker = Checker::new(registry, faults);
        let when = checker.truth(expr)?;
        let mut parts = Vec::new();
        hangs_on(expr, &mut parts);
        let mut values: Vec<(String, Said)> = Vec::new();
        for part in parts {
            let written = part.to_string();
            if values.iter().any(|(known, _)| *known == written) {
                continue;
            }
            let said = match checker.typed(part)? {
                Typed::Number(number, quantity) => Said::Number(number, quantity),
                Typed::Truth(truth) => Said::Truth(truth),
                Typed::Label(label) => Said::Label(Need::Label(label)),
                Typed::Text(_) => continue,
            };
            values.push((written, said));
        }
        let kind = checker.kind();
        let mut needs = Vec::new();
        when.needs(&mut needs);
        needs.sort_unstable();
        needs.dedup();
        Some(Self { text: expr.to_string(), kind, when, values, needs })
    }

    /// The condition of a rule.
    pub fn of(body: &Body, registry: &Registry) -> Option<Self> {
        Self::check(body.lines.when.as_ref()?, registry, &mut Vec::new())
    }

    /// It in its normal spelling.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What sort of thing it is asked of.
    pub const fn kind(&self) -> SubjectKind {
        self.kind
    }

    /// What it needs to be answered, each once.
    pub fn needs(&self) -> &[Need] {
        &self.needs
    }

    /// The answer for every thing of its sort, in the order of the frame.
    pub fn answers(&self, frame: &Frame) -> Vec<Truth> {
        Look::all(frame, self.kind).truth(&self.when)
    }

    /// What it hangs on, as it is written, and what that is for one thing. It may quote the host.
    pub fn values(&self, frame: &Frame, place: Place) -> Vec<(&str, HostText)> {
        if place.kind != self.kind || place.index >= frame.count(place.kind) {
            return Vec::new();
        }
        let look = Look::new(frame, self.kind, place.index..place.index + 1);
        self.values.iter().map(|(written, said)| (written.as_str(), HostText::new(say(&look, said)))).collect()
    }
}

/// The names and calls in an expression.
fn hangs_on<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    match &expr.what {
        What::Name(_) | What::Call(..) => into.push(expr),
        What::Number(_) | What::Text(_) | What::Truth(_) => {}
        What::Not(inner) | What::Minus(inner) | What::OneOf(inner, _) => hangs_on(inner, into),
        What::All(parts) | What::Any(parts) => parts.iter().for_each(|part| hangs_on(part, into)),
        What::Compare(_, left, right) | What::Math(_, left, right) => {
            hangs_on(left, into);
            hangs_on(right, into);
        }
    }
}
