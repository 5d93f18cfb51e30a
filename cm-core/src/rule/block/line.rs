//! What stands in each line of a rule behind its first word.

use std::time::Duration;

use super::super::fault::Fault;
use super::super::template::Template;
use super::super::token::Token;
use super::{Arms, At, Clear, Lines, Reader};
use crate::severity::Severity;

/// The longest `for`.
const LONGEST: Duration = Duration::from_hours(400 * 24);

impl Reader<'_> {
    pub(super) fn field(&mut self, word: &str, head: &Token, lines: &mut Lines) -> Option<()> {
        match word {
            "when" => lines.when = Some(self.parser.expression()?),
            "for" if matches!(self.parser.word(self.parser.peek()), Some("host" | "role")) => {
                let next = "Write it in one line: `change NAME for host \"srv*\"`.";
                self.tell(self.parser.peek().span.clone(), "whom a change is for stands behind its name", next);
                return None;
            }
            "for" => lines.hold = Some(self.span()?),
            "clear" => lines.clear = Some(self.clear()?),
            "severity" => lines.severity = Some(self.severity(head)?),
            "critical" => {
                if !self.parser.takes_word("when") {
                    let span = head.span.end..head.span.end;
                    self.tell(span, "`when` is missing", "Write `critical when CONDITION`.");
                    return None;
                }
                lines.critical = Some(self.parser.expression()?);
            }
            "text" => lines.text = Some(self.template()?),
            "next" => lines.next = Some(self.template()?),
            "runbook" => {
                let token = self.parser.peek();
                let address = self.quoted("Write the address in double quotes: runbook \"https://…\".")?;
                if !(address.starts_with("https://") || address.starts_with("http://")) {
                    let next = "Write an address that begins with https:// or http://.";
                    self.tell(token.span.clone(), "not an address of a page", next);
                    return None;
                }
                lines.runbook = Some(address);
            }
            "tell" => lines.tell = Some(self.name("tell")?.what),
            "group" => lines.group = Some(self.name("group")?.what),
            _ => {
                let name = self.name("about")?;
                if !matches!(name.what.as_str(), "reach" | "thing") {
                    let next =
                        "Write `about reach` where a host is not reached and hides what it hosts, or leave it out.";
                    self.tell(name.span, "a rule is about reach or about a thing", next);
                    return None;
                }
                lines.about = Some(name.what);
            }
        }
        Some(())
    }

    fn template(&mut self) -> Option<Template> {
        let token = self.parser.peek();
        self.quoted("Write it in double quotes: text \"{drive} is worn\".")?;
        let before = self.parser.faults.len();
        let template = Template::read(self.parser.text, token.span.clone(), self.parser.faults);
        (self.parser.faults.len() == before).then_some(template)
    }

    /// A span of time: `5m`.
    fn span(&mut self) -> Option<Duration> {
        let expr = self.parser.expression()?;
        let span = expr.span_of_time().filter(|span| *span <= LONGEST);
        if span.is_none() {
            self.tell(expr.span, "not a span of time", "Write a number with its unit: 30s, 5m, 2h, 7d; at most 400d.");
        }
        span
    }

    /// `clear CONDITION`, `clear for 10m`, `clear CONDITION for 10m`.
    fn clear(&mut self) -> Option<Clear> {
        let mut clear = Clear::default();
        let is_for = |reader: &Self| {
            let next = reader.parser.peek();
            !next.is_first && reader.parser.word(next) == Some("for")
        };
        if !is_for(self) {
            clear.when = Some(self.parser.expression()?);
        }
        if is_for(self) {
            self.parser.take();
            clear.hold = Some(self.span()?);
        }
        Some(clear)
    }

    /// `severity critical when CONDITION else warning`.
    fn severity(&mut self, head: &Token) -> Option<At<Arms>> {
        let mut arms = Vec::new();
        loop {
            let token = self.parser.peek();
            let word = self.parser.word(token).filter(|_| !self.parser.is_over()).unwrap_or_default();
            let Some(severity) = Severity::ALL.into_iter().find(|severity| severity.word() == word) else {
                let words = Severity::ALL.map(Severity::word);
                let next = "Write note, warning or critical: `severity critical when CONDITION else warning`.";
                let what = if self.parser.is_over() { "" } else { &self.parser.text[token.span.clone()] };
                let fault = Fault::unknown(token.span.clone(), "severity", what, words, next);
                self.parser.tell(token, fault);
                return None;
            };
            self.parser.take();
            if !self.parser.takes_word("when") {
                arms.push((severity, None));
                return Some(At { what: arms, span: head.span.clone() });
            }
            arms.push((severity, Some(self.parser.expression()?)));
            if !self.parser.takes_word("else") {
                let end = head.span.clone();
                self.tell(end, "it is not said how much it matters otherwise", "Add `else warning`.");
                return None;
            }
        }
    }
}
