//! A rule that was checked, as it holds for some hosts: when it holds, when it is over, how much it matters, what to say.

use std::time::Duration;

use super::block::{At, Lines};
use super::check::Checker;
use super::fault::Fault;
use super::need::Need;
use super::program::{Said, Tru};
use crate::health::SubjectKind;
use crate::registry::Registry;
use crate::severity::Severity;

/// A checked rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    pub(super) kind: SubjectKind,
    pub(super) when: Tru,
    pub(super) clear: Option<Tru>,
    /// What holds first decides; the last always holds.
    pub(super) severity: Vec<(Severity, Option<Tru>)>,
    pub(super) text: Vec<Said>,
    pub(super) next: Vec<Said>,
    pub(super) lines: Lines,
    needs: Vec<Need>,
}

impl Body {
    /// Checks a whole rule; `None` where something is wrong with it, which was told then. One that was `before` a change
    /// looks at the same sort of thing after it.
    pub(super) fn check(
        name: &At<String>,
        lines: Lines,
        before: Option<&Self>,
        registry: &Registry,
        faults: &mut Vec<Fault>,
    ) -> Option<Self> {
        let known = faults.len();
        let Some(when) = &lines.when else {
            let next = "Add a line `when CONDITION`: `when drive.wear > 80 %`.";
            faults.push(Fault::grammar(name.span.clone(), "the rule does not say when it holds", next));
            return None;
        };
        let Some(text) = &lines.text else {
            let next = "Add a line `text \"…\"` with values in braces: `text \"{drive} is worn to {drive.wear}\"`.";
            faults.push(Fault::grammar(name.span.clone(), "the rule does not say what to tell", next));
            return None;
        };
        let mut checker = Checker::new(registry, faults);
        if let Some(before) = before {
            checker.settle(before.kind, &name.what, &name.span);
        }
        let when = checker.truth(when);
        let clear = lines.clear.as_ref().and_then(|clear| clear.when.as_ref()).and_then(|clear| checker.truth(clear));
        let mut severity = Vec::new();
        if let Some(critical) = &lines.critical {
            severity.push((Severity::Critical, checker.truth(critical)));
        }
        match &lines.severity {
            Some(arms) => {
                severity.extend(
                    arms.what
                        .iter()
                        .map(|(severity, when)| (*severity, when.as_ref().and_then(|when| checker.truth(when)))),
                );
            }
            None => severity.push((Severity::Warning, None)),
        }
        let text = checker.template(text);
        let next = lines.next.as_ref().map(|next| checker.template(next)).unwrap_or_default();
        let kind = checker.kind();
        if faults.len() > known {
            return None;
        }
        let when = when?;
        let mut body = Self { kind, when, clear, severity, text, next, lines, needs: Vec::new() };
        body.needs = body.all_needs();
        Some(body)
    }

    /// Checks what could be read of a rule or a change of which not all could.
    pub(super) fn look_over(lines: &Lines, registry: &Registry, faults: &mut Vec<Fault>) {
        let mut checker = Checker::new(registry, faults);
        let arms = lines.severity.iter().flat_map(|arms| arms.what.iter().filter_map(|(_, when)| when.as_ref()));
        let clear = lines.clear.as_ref().and_then(|clear| clear.when.as_ref());
        for condition in lines.when.iter().chain(clear).chain(&lines.critical).chain(arms) {
            checker.truth(condition);
        }
        for template in lines.text.iter().chain(&lines.next) {
            checker.template(template);
        }
    }

    fn all_needs(&self) -> Vec<Need> {
        let mut needs = Vec::new();
        self.when.needs(&mut needs);
        self.clear.iter().for_each(|clear| clear.needs(&mut needs));
        self.severity.iter().filter_map(|(_, when)| when.as_ref()).for_each(|when| when.needs(&mut needs));
        for said in self.text.iter().chain(&self.next) {
            match said {
                Said::Words(_) => {}
                Said::Number(number, _) => number.needs(&mut needs),
                Said::Truth(truth) => truth.needs(&mut needs),
                Said::Label(need) => needs.push(*need),
            }
        }
        needs.sort_unstable();
        needs.dedup();
        needs
    }

    /// What sort of thing it looks at.
    pub const fn kind(&self) -> SubjectKind {
        self.kind
    }

    /// What it needs to be judged, each once.
    pub fn needs(&self) -> &[Need] {
        &self.needs
    }

    /// How long it must hold before it is told.
    pub fn hold(&self) -> Duration {
        self.lines.hold.unwrap_or_default()
    }

    /// How long it must be clear before it is over; as long as it must hold where the rule does not say.
    pub fn clear_hold(&self) -> Duration {
        self.lines.clear.as_ref().and_then(|clear| clear.hold).unwrap_or_else(|| self.hold())
    }

    /// Every severity that it can have, the first that may hold first.
    pub fn severities(&self) -> impl Iterator<Item = Severity> {
        self.severity.iter().map(|(severity, _)| *severity)
    }

    /// Where more is written of it.
    pub fn runbook(&self) -> Option<&str> {
        self.lines.runbook.as_deref()
    }

    /// Whom to tell, where the rule says so.
    pub fn tell(&self) -> Option<&str> {
        self.lines.tell.as_deref()
    }

    /// What it is told with when it comes together with others.
    pub fn group(&self) -> Option<&str> {
        self.lines.group.as_deref()
    }

    /// Whether it follows from what was not told.
    pub fn is_lapse(&self) -> bool {
        self.when.is_lapse()
    }

    /// Whether it is about a host that is not reached, which hides what it hosts.
    pub fn is_about_reach(&self) -> bool {
        self.lines.about.as_deref() == Some("reach")
    }

    /// When it holds, in its normal spelling.
    pub fn condition(&self) -> String {
        self.lines.when.as_ref().map_or_else(String::new, ToString::to_string)
    }

    /// All its lines in their normal spelling.
    pub fn text(&self) -> String {
        self.lines.to_string()
    }
}
