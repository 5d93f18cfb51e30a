//! From an expression to a program: every name is looked up, every unit compared, and one sort of thing settled on.
//!
//! What it accepts cannot fail when it is judged; at worst something is not known. Functions are checked in [`call`](super::call).

use std::ops::Range;

use super::expression::{Expr, Literal, Math, Order, What};
use super::fault::Fault;
use super::function::{FUNCTIONS, Function, Over};
use super::label::{LABELS, LabelId};
use super::need::Need;
use super::program::{Field, Num, Pattern, Read, Said, Tru};
use super::quantity::{Measure, Quantity};
use super::template::{Part, Template};
use crate::health::SubjectKind;
use crate::metric::{Kind, Metric};
use crate::registry::Registry;
use crate::unit::Unit;

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

    fn compare(&mut self, expr: &Expr, order: Order, left: &Expr, right: &Expr) -> Option<Tru> {
        let (a, b) = (self.typed(left), self.typed(right));
        let equal = matches!(order, Order::Equal | Order::Unequal);
        let same = |truth| if order == Order::Unequal { Tru::Not(Box::new(truth)) } else { truth };
        match (a?, b?) {
            (Typed::Number(a, left_is), Typed::Number(b, right_is)) => {
                let zero = |number: &Num| *number == Num::Const(0.0);
                if left_is.dimension != right_is.dimension && !zero(&a) && !zero(&b) {
                    let (bare, other) = if matches!(left.what, What::Number(Literal { unit: None, per: None, .. })) {
                        (left, right_is)
                    } else {
                        (right, left_is)
                    };
                    let message =
                        format!("{} cannot be compared with {}", left_is.dimension.words(), right_is.dimension.words());
                    return self.mismatch(expr, message, with_units(other, bare));
                }
                let quantity = if matches!(a, Num::Const(_)) { right_is } else { left_is };
                Some(Tru::Compare(order, certain(order, a), b, quantity))
            }
            (Typed::Truth(a), Typed::Truth(b)) if equal => Some(same(Tru::Same(Box::new(a), Box::new(b)))),
            (Typed::Label(label), Typed::Text(text)) if equal => {
                self.one_word(label, &text, right, false)?;
                Some(same(Tru::Words(Need::Label(label), vec![Pattern::exact(&text)])))
            }
            (Typed::Text(text), Typed::Label(label)) if equal => {
                self.one_word(label, &text, left, false)?;
                Some(same(Tru::Words(Need::Label(label), vec![Pattern::exact(&text)])))
            }
            (Typed::Label(_), Typed::Text(_)) | (Typed::Text(_), Typed::Label(_)) => {
                self.mismatch(expr, "texts are not greater or smaller", "Write `==`, `!=`, or `in (\"a\", \"b*\")`.")
            }
            (Typed::Label(label), _) | (_, Typed::Label(label)) => {
                let next = match label.label().words {
                    [] => format!("Write a text in double quotes: `{} == \"…\"`.", label.label().name),
                    words => format!("It is one of: {}; in double quotes.", words.join(", ")),
                };
                self.mismatch(expr, format!("`{}` is compared with a text", label.label().name), next)
            }
            (Typed::Truth(_), Typed::Number(..)) | (Typed::Number(..), Typed::Truth(_)) => {
                let next = "A yes or no stands alone: `filesystem.read_only`, `not service.running`.";
                self.mismatch(expr, "a yes or no cannot be compared with a number", next)
            }
            _ => self.mismatch(
                expr,
                "these two cannot be compared",
                "Compare a number with a number, a name with a text, a yes or no with yes or no.",
            ),
        }
    }

    fn one_of(&mut self, left: &Expr, among: &[Expr]) -> Option<Tru> {
        let Typed::Label(label) = self.typed(left)? else {
            let next = "Write a name before it: `host in (\"srv*\", \"nas\")`.";
            return self.mismatch(left, "only names and states are one of several texts", next);
        };
        let mut patterns = Vec::new();
        for one in among {
            let What::Text(text) = &one.what else { continue };
            self.one_word(label, text, one, true)?;
            patterns.push(Pattern::glob(text));
        }
        Some(Tru::Words(Need::Label(label), patterns))
    }

    /// A word that a state can never be is a slip.
    fn one_word(&mut self, label: LabelId, text: &str, at: &Expr, stars: bool) -> Option<()> {
        let words = label.label().words;
        let pattern = if stars { Pattern::glob(text) } else { Pattern::exact(text) };
        if words.is_empty() || words.iter().any(|word| pattern.fits(word)) {
            return Some(());
        }
        let what = format!("state that `{}` can be", label.label().name);
        let next = format!("It is one of: {}.", words.join(", "));
        self.faults.push(Fault::unknown(at.span.clone(), &what, text, words.iter().copied(), &next));
        None
    }
}

/// That a counter has risen by more than so much is certain before its whole window was seen.
fn certain(order: Order, number: Num) -> Num {
    match number {
        Num::Read(Read { need, field: Field::Window(Over::Delta, Kind::Counter) })
            if matches!(order, Order::More | Order::MoreOrEqual) =>
        {
            Num::Read(Read { need, field: Field::Risen })
        }
        number => number,
    }
}

/// What to write for a number that lacks its unit, or has the wrong one.
fn with_units(wanted: Quantity, bare: &Expr) -> String {
    let units = wanted.dimension.units();
    match (&bare.what, units.as_slice()) {
        (What::Number(Literal { value, unit: None, per: None }), [first, ..]) => {
            let space = if matches!(*first, "ms" | "s") { "" } else { " " };
            let first = if *first == "ms" { "s" } else { first };
            let all = if units.len() > 1 { format!(" (or in {})", units.join(", ")) } else { String::new() };
            format!("Write `{value}{space}{first}`{all}.")
        }
        (What::Number(literal), [])
            if wanted.times(Quantity::TIME).is_some_and(|(of, _)| of.dimension == literal.quantity().1.dimension) =>
        {
            format!("Write `{literal}/s`.")
        }
        (_, []) => format!("{} is wanted here.", capital(&wanted.dimension.words())),
        (_, units) => format!("{} is wanted here: {}.", capital(&wanted.dimension.words()), units.join(", ")),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
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
