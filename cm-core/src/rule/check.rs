//! From an expression to a program: every name is looked up, every unit compared, and one sort of thing settled on.
//!
//! What it accepts cannot fail when it is judged; at worst something is not known. Functions are checked in [`call`](super::call).

mod compare;

use std::ops::Range;

use super::expression::{Expr, Literal, Math, Order, What};
use super::fault::Fault;
use super::function::{FUNCTIONS, Function};
use super::label::{LABELS, LabelId};
use super::need::Need;
use super::program::{Field, Num, Read, Said, Tru};
use super::quantity::{Measure, Quantity};
use super::template::{Part, Template};
use crate::health::SubjectKind;
use crate::metric::Metric;
use crate::registry::Registry;
use crate::unit::Unit;
use compare::{certain, with_units};

/// What functions are called elsewhere.
const ALSO_CALLED: [(&str, &str); 6] = [
    ("average", "avg"),
    ("mean", "avg"),
    ("increase", "delta"),
    ("predict", "forecast"),
    ("default", "fallback"),
    ("exists", "known"),
];

/// What a part of an expression is.
pub(super) enum Typed {
    Number(Num, Quantity),
    Truth(Tru),
    Label(LabelId),
    Text(Box<str>),
}

/// One rule while it is being checked.
pub(super) struct Checker<'c> {
    pub(super) registry: &'c Registry,
    pub(super) faults: &'c mut Vec<Fault>,
    /// What the rule looks at, and the name that settled it.
    kind: Option<(SubjectKind, String)>,
}

impl<'c> Checker<'c> {
    pub(super) fn new(registry: &'c Registry, faults: &'c mut Vec<Fault>) -> Self {
        Self { registry, faults, kind: None }
    }

    /// What the rule looks at: the host where nothing else is named.
    pub(super) fn kind(&self) -> SubjectKind {
        self.kind.as_ref().map_or(SubjectKind::Host, |(kind, _)| *kind)
    }

    /// A condition.
    pub(super) fn truth(&mut self, expr: &Expr) -> Option<Tru> {
        match self.typed(expr)? {
            Typed::Truth(truth) => Some(truth),
            Typed::Number(_, quantity) => {
                let message = format!("a condition is expected here, not {}", quantity.dimension.words());
                self.mismatch(expr, message, format!("Compare it with something: `{expr} > …`."))
            }
            Typed::Label(_) => {
                let next = format!("Compare it with a text: `{expr} == \"…\"`.");
                self.mismatch(expr, "a condition is expected here, not a text", next)
            }
            Typed::Text(_) => {
                let next = "Write what is to be so: `host == \"srv01\"`.";
                self.mismatch(expr, "a condition is expected here, not a text", next)
            }
        }
    }

    pub(super) fn mismatch<T>(
        &mut self,
        expr: &Expr,
        message: impl Into<String>,
        next: impl Into<String>,
    ) -> Option<T> {
        self.faults.push(Fault::mismatch(expr.span.clone(), message, next));
        None
    }

    /// A text with its values.
    pub(super) fn template(&mut self, template: &Template) -> Vec<Said> {
        let said = template.parts.iter().filter_map(|part| {
            let value = match part {
                Part::Words(words) => return Some(Said::Words(words.clone())),
                Part::Value(value) => value,
            };
            Some(match self.typed(value)? {
                Typed::Number(number, quantity) => Said::Number(certain(Order::More, number), quantity),
                Typed::Truth(truth) => Said::Truth(truth),
                Typed::Label(label) => Said::Label(Need::Label(label)),
                Typed::Text(text) => Said::Words(text.into()),
            })
        });
        said.collect()
    }

    pub(super) fn typed(&mut self, expr: &Expr) -> Option<Typed> {
        Some(match &expr.what {
            What::Number(literal) => {
                let (value, quantity) = literal.quantity();
                Typed::Number(Num::Const(value), quantity)
            }
            What::Text(text) => Typed::Text(text.clone()),
            What::Truth(truth) => Typed::Truth(Tru::Const(*truth)),
            What::Name(name) => self.name(name, &expr.span)?,
            What::Call(name, given) => {
                let Some(function) = Function::by_name(name) else {
                    let known = FUNCTIONS.iter().map(|function| function.name);
                    let span = expr.span.start..expr.span.start + name.len();
                    let meant = ALSO_CALLED.iter().find(|(other, _)| **other == **name).map(|(_, ours)| *ours);
                    if let Some(ours) = meant {
                        self.faults.push(Fault::unknown(span, "function", name, [], &format!("Write `{ours}(…)`.")));
                        return None;
                    }
                    let next = format!("Functions: {}.", known.clone().collect::<Vec<_>>().join(", "));
                    self.faults.push(Fault::unknown(span, "function", name, known, &next));
                    return None;
                };
                self.call(expr, function, given)?
            }
            What::Not(inner) => Typed::Truth(Tru::Not(Box::new(self.truth(inner)?))),
            What::All(parts) => Typed::Truth(Tru::All(self.truths(parts)?)),
            What::Any(parts) => Typed::Truth(Tru::Any(self.truths(parts)?)),
            What::Minus(inner) => {
                let (number, quantity) = self.number(inner)?;
                let number =
                    if let Num::Const(value) = number { Num::Const(-value) } else { Num::Minus(Box::new(number)) };
                Typed::Number(number, quantity)
            }
            What::Math(math, left, right) => self.math(expr, *math, left, right)?,
            What::Compare(order, left, right) => Typed::Truth(self.compare(expr, *order, left, right)?),
            What::OneOf(left, among) => Typed::Truth(self.one_of(left, among)?),
        })
    }

    fn truths(&mut self, parts: &[Expr]) -> Option<Vec<Tru>> {
        let truths: Vec<_> = parts.iter().map(|part| self.truth(part)).collect();
        truths.into_iter().collect()
    }

    pub(super) fn number(&mut self, expr: &Expr) -> Option<(Num, Quantity)> {
        match self.typed(expr)? {
            Typed::Number(number, quantity) => Some((number, quantity)),
            Typed::Truth(_) => {
                let next = "A yes or no is no number: use it with `and`, `or` and `not`.";
                self.mismatch(expr, "a number is expected here, not a condition", next)
            }
            Typed::Label(_) | Typed::Text(_) => {
                self.mismatch(expr, "a number is expected here, not a text", "Name a metric, or write a number.")
            }
        }
    }

    fn name(&mut self, name: &str, span: &Range<usize>) -> Option<Typed> {
        if let Some(label) = LabelId::by_name(name) {
            self.settle(label.label().subject, name, span)?;
            return Some(Typed::Label(label));
        }
        let metric = self.metric(name, span)?;
        let read = Num::Read(Read { need: Need::Now(metric.id), field: Field::Now });
        Some(if metric.unit == Unit::Flag {
            Typed::Truth(Tru::Flag(read))
        } else {
            Typed::Number(read, Quantity::of(metric.unit))
        })
    }

    /// The metric of this name, which the rule is then about.
    pub(super) fn metric(&mut self, name: &str, span: &Range<usize>) -> Option<Metric<'c>> {
        let Some(metric) = self.registry.by_name(name) else {
            if let Some(function) = Function::by_name(name) {
                let next = format!("Write `{}`.", function.usage);
                self.faults.push(Fault::grammar(span.clone(), format!("`{name}` is a function"), next));
                return None;
            }
            let known: Vec<_> = self.registry.iter().map(|metric| metric.name).collect();
            let known = known.into_iter().chain(LABELS.iter().map(|label| label.name));
            let next = "docs/METRICS.md lists the metrics; a text stands in double quotes.";
            self.faults.push(Fault::unknown(span.clone(), "metric", name, known, next));
            return None;
        };
        self.settle(metric.subject, metric.name, span)?;
        Some(metric)
    }

    /// One rule looks at one sort of thing, and at the host that has it.
    pub(super) fn settle(&mut self, kind: SubjectKind, name: &str, span: &Range<usize>) -> Option<()> {
        match &self.kind {
            _ if kind == SubjectKind::Host => Some(()),
            None => {
                self.kind = Some((kind, name.to_owned()));
                Some(())
            }
            Some((settled, _)) if *settled == kind => Some(()),
            Some((settled, first)) => {
                let message = format!(
                    "`{first}` is of a {} and `{name}` of a {}: a rule looks at one sort of thing",
                    settled.word(),
                    kind.word()
                );
                self.faults.push(Fault::mismatch(span.clone(), message, "Make two rules of it."));
                None
            }
        }
    }

    fn math(&mut self, expr: &Expr, math: Math, left: &Expr, right: &Expr) -> Option<Typed> {
        let (a, b) = (self.number(left), self.number(right));
        let ((a, left_is), (b, right_is)) = (a?, b?);
        let joined = match math {
            Math::Plus | Math::Minus if left_is.dimension == right_is.dimension => Some((left_is, 1.0)),
            Math::Plus | Math::Minus => {
                let (verb, joint) = if math == Math::Plus { ("added", "to") } else { ("taken", "from") };
                let message =
                    format!("{} cannot be {verb} {joint} {}", right_is.dimension.words(), left_is.dimension.words());
                return self.mismatch(expr, message, with_units(left_is, right));
            }
            Math::Times => left_is.times(right_is),
            Math::Over => left_is.over(right_is),
        };
        let Some((quantity, factor)) = joined else {
            return self.mismatch(expr, "its unit leads nowhere", "Divide and multiply in fewer steps.");
        };
        Some(Typed::Number(Num::Math(math, Box::new(a), Box::new(b), factor), quantity))
    }
}

impl Literal {
    /// The value in base units, and what it counts in.
    fn quantity(&self) -> (f64, Quantity) {
        let mut value = self.value * self.unit.map_or(1.0, |unit| unit.factor);
        let mut quantity = self.unit.map_or(Quantity::PLAIN, Measure::quantity);
        if let Some(per) = self.per {
            value /= per.factor;
            quantity = quantity.over(per.quantity()).map_or(quantity, |(quantity, _)| quantity);
        }
        (value, quantity)
    }
}
