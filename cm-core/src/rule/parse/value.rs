//! What stands alone in an expression: numbers with their units, texts, names, calls, brackets.

use super::super::expression::{Expr, Literal, What, unquote};
use super::super::fault::Fault;
use super::super::quantity::{MEASURES, Measure};
use super::super::token::{Kind, Token};
use super::{JOINTS, Parser};
use crate::problem::quoted;

const WANTED: &str = "Write a metric, a number with its unit, or a condition: `drive.wear > 80 %`.";

impl Parser<'_> {
    pub(super) fn one_text(&mut self) -> Option<Expr> {
        let token = self.take();
        if token.kind != Kind::Text {
            let next = "Write a text in double quotes: \"srv*\".";
            self.tell(token, Fault::grammar(self.place(token), "a text is missing", next));
            return None;
        }
        self.make(token.span.start, What::Text(unquote(&self.text[token.span.clone()]).into()))
    }

    pub(super) fn atom(&mut self) -> Option<Expr> {
        let token = self.peek();
        if self.is_over() {
            self.faults.push(Fault::grammar(self.place(token), "a value is missing", WANTED));
            return None;
        }
        let from = token.span.start;
        match token.kind {
            Kind::Number(value) => {
                self.take();
                let literal = self.literal(value)?;
                self.make(from, What::Number(literal))
            }
            Kind::Text => self.one_text(),
            Kind::Sign("(") => {
                self.take();
                let inner = self.deeper(from, Self::any)?;
                self.closes()?;
                Some(inner)
            }
            Kind::Word => self.name(token),
            _ => {
                let what = quoted(&self.text[token.span.clone()]);
                let message = format!("a value is missing before {what}");
                self.tell(token, Fault::grammar(token.span.clone(), message, WANTED));
                None
            }
        }
    }

    fn name(&mut self, token: &Token) -> Option<Expr> {
        let from = token.span.start;
        let word = &self.text[token.span.clone()];
        self.take();
        match word {
            "yes" | "no" => return self.make(from, What::Truth(word == "yes")),
            "not" => {
                let next = "Put it in brackets: `(not service.running)`.";
                self.faults.push(Fault::grammar(
                    token.span.clone(),
                    "`not` stands before a condition, not in one",
                    next,
                ));
                return None;
            }
            word if JOINTS.contains(&word) => {
                let message = format!("a value is missing before `{word}`");
                self.faults.push(Fault::grammar(token.span.clone(), message, WANTED));
                return None;
            }
            _ => {}
        }
        let open = self.peek();
        if open.is_first || !self.takes_sign("(") {
            return self.make(from, What::Name(word.into()));
        }
        let mut given = Vec::new();
        if !self.takes_sign(")") {
            given.push(self.deeper(from, Self::any)?);
            while self.takes_sign(",") {
                given.push(self.deeper(from, Self::any)?);
            }
            self.closes()?;
        }
        self.make(from, What::Call(word.into(), given))
    }

    /// The unit after a number, and the unit of time below it.
    fn literal(&mut self, value: f64) -> Option<Literal> {
        let mut unit = None;
        if self.takes_sign("%") {
            unit = Measure::by_word("%");
        } else if let Some(word) = self.word(self.peek()).filter(|word| !JOINTS.contains(word) && !self.is_over())
            && !(self.peek().is_first || *word == *"for")
        {
            unit = Some(self.unit()?);
        }
        let slash = self.peek();
        let after = self.tokens.get(self.at + 1);
        let below = after.filter(|after| {
            let glued = self.tokens[self.at - 1].span.end == slash.span.start && slash.span.end == after.span.start;
            slash.kind == Kind::Sign("/") && after.kind == Kind::Word && glued
        });
        let Some(below) = below.cloned() else { return Some(Literal { value, unit, per: None }) };
        self.take();
        let per = self.unit()?;
        if !per.is_time() {
            let message = format!("`{}` is no unit of time", per.word);
            self.faults.push(Fault::grammar(below.span, message, "Write a rate as `5 MiB/s` or `3/h`."));
            return None;
        }
        Some(Literal { value, unit, per: Some(per) })
    }

    fn unit(&mut self) -> Option<&'static Measure> {
        let token = self.take();
        let word = &self.text[token.span.clone()];
        let measure = Measure::by_word(word);
        if measure.is_none() {
            let known = MEASURES.iter().map(|measure| measure.word);
            let same = known.clone().find(|known| known.eq_ignore_ascii_case(word));
            let list = known.clone().collect::<Vec<_>>().join(" ");
            let fault = match same {
                Some(near) => Fault::unknown(token.span.clone(), "unit", word, [near], ""),
                None => Fault::unknown(token.span.clone(), "unit", word, known, &format!("Units: {list}.")),
            };
            self.faults.push(fault);
        }
        measure
    }
}
