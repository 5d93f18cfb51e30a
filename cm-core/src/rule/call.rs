//! Calls of functions: what each takes, and what comes of it.

use std::time::Duration;

use super::check::{Checker, Typed};
use super::expression::{Expr, Literal, Math, What};
use super::fault::Fault;
use super::function::{Does, FORETOLD, Function, Over};
use super::label::LabelId;
use super::need::Need;
use super::program::{Field, Num, Pattern, Read, Tru};
use super::quantity::{Dimension, Quantity};
use crate::health::SubjectKind;
use crate::metric::{Kind, Metric};
use crate::unit::Unit;

/// The shortest and the longest window.
const WINDOWS: (Duration, Duration) = (Duration::from_secs(10), Duration::from_hours(400 * 24));
/// What [`Does::Beyond`] takes the mean of: usual values are learnt from the means of hours.
const HOUR: Duration = Duration::from_hours(1);

impl<'c> Checker<'c> {
    /// A call of a known function.
    pub(super) fn call(&mut self, expr: &Expr, function: &'static Function, given: &[Expr]) -> Option<Typed> {
        let takes = function.usage.matches(',').count() + 1;
        if given.len() != takes {
            let much = if given.len() < takes { "too little" } else { "too much" };
            let message = format!("{much} is given to `{}`", function.name);
            let next = format!("Write `{}`. {}", function.usage, function.help);
            self.faults.push(Fault::grammar(expr.span.clone(), message, next));
            return None;
        }
        match function.does {
            Does::Window(over) => {
                let metric = self.given_metric(function, &given[0]);
                let length = self.given_span(function, &given[1]);
                self.window(over, metric?, length?, &given[0])
            }
            Does::Absent => {
                let metric = self.given_metric(function, &given[0]);
                let length = self.given_span(function, &given[1]);
                Some(Typed::Truth(Tru::Absent(Need::Window { metric: metric?.id, length: length? })))
            }
            Does::Gone => {
                let kind = self.given_thing(function, &given[0]);
                let length = self.given_span(function, &given[1]);
                Some(Typed::Truth(Tru::Gone(Need::Listing(kind?), length?)))
            }
            Does::Forecast => {
                let metric = self.foretold(function, &given[0]);
                let length = self.given_span(function, &given[1]);
                Some(Typed::Truth(Tru::Within(Need::Forecast(metric?.id), length?)))
            }
            Does::Left => {
                let metric = self.foretold(function, &given[0])?;
                Some(Typed::Number(read(Need::Forecast(metric.id), Field::Left), Quantity::TIME))
            }
            Does::Usual => {
                let metric = self.number_of(function, &given[0])?;
                Some(Typed::Number(read(Need::Usual(metric.id), Field::Middle), Quantity::of(metric.unit)))
            }
            Does::Beyond => {
                let metric = self.number_of(function, &given[0])?.id;
                let window = Need::Window { metric, length: HOUR };
                Some(Typed::Truth(Tru::Beyond { window, usual: Need::Usual(metric) }))
            }
            Does::Limit | Does::CriticalLimit => {
                let metric = self.number_of(function, &given[0])?;
                let field = if function.does == Does::Limit { Field::Warning } else { Field::Critical };
                Some(Typed::Number(read(Need::Limits(metric.id), field), Quantity::of(metric.unit)))
            }
            Does::Wanted => {
                let kind = self.given_thing(function, &given[0])?;
                if kind != SubjectKind::Service {
                    let next = "Write `wanted(service)`.";
                    return self.mismatch(&given[0], "only services are wanted or not", next);
                }
                Some(Typed::Truth(wanted()))
            }
            Does::Known => match self.typed(&given[0])? {
                Typed::Number(number, _) | Typed::Truth(Tru::Flag(number)) => Some(Typed::Truth(Tru::Known(number))),
                _ => self.mismatch(&given[0], "`known` takes a metric", format!("Write `{}`.", function.usage)),
            },
            Does::Fallback => {
                let (first, second) = (self.number(&given[0]), self.number(&given[1]));
                let ((first, quantity), (second, other)) = (first?, second?);
                if quantity.dimension != other.dimension && second != Num::Const(0.0) {
                    let message = format!("{} stands in for {}", other.dimension.words(), quantity.dimension.words());
                    return self.mismatch(&given[1], message, "Write both in the same unit.");
                }
                Some(Typed::Number(Num::Fallback(Box::new(first), Box::new(second)), quantity))
            }
            Does::Bit => {
                let (number, quantity) = self.number(&given[0])?;
                let bit = self.given_bit(&given[1])?;
                if quantity.dimension != Dimension::PLAIN {
                    let message = format!("{} has no bits", quantity.dimension.words());
                    return self.mismatch(&given[0], message, format!("Write `{}`.", function.usage));
                }
                Some(Typed::Truth(Tru::Bit(number, bit)))
            }
        }
    }

    fn window(&mut self, over: Over, metric: Metric<'_>, length: Duration, at: &Expr) -> Option<Typed> {
        let number = read(Need::Window { metric: metric.id, length }, Field::Window(over, metric.kind));
        let quantity = Quantity::of(metric.unit);
        let is_flag = metric.unit == Unit::Flag;
        Some(match over {
            Over::Count => Typed::Number(number, Quantity::COUNT),
            Over::Avg if is_flag => {
                let percent = Num::Math(Math::Times, Box::new(number), Box::new(Num::Const(100.0)), 1.0);
                Typed::Number(percent, Quantity::PERCENT)
            }
            Over::Min | Over::Max if is_flag => Typed::Truth(Tru::Flag(number)),
            Over::Rate | Over::Delta if is_flag => {
                let next =
                    "avg tells the share of time that it was so, min whether it always was, max whether it ever was.";
                return self.mismatch(at, format!("`{}` is a yes or no and does not rise", metric.name), next);
            }
            Over::Avg if metric.kind == Kind::Counter => {
                let next = format!("Write `rate({}, …)` or `delta({}, …)`.", metric.name, metric.name);
                return self.mismatch(at, format!("`{}` only rises: its mean says nothing", metric.name), next);
            }
            Over::Rate => Typed::Number(number, quantity.over(Quantity::TIME)?.0),
            Over::Avg | Over::Min | Over::Max | Over::Delta => Typed::Number(number, quantity),
        })
    }

    fn given_metric(&mut self, function: &Function, given: &Expr) -> Option<Metric<'c>> {
        let What::Name(name) = &given.what else {
            let message = format!("`{}` takes the name of a metric", function.name);
            let next = format!("Write `{}`; reckon with what comes of it.", function.usage);
            return self.mismatch(given, message, next);
        };
        if LabelId::by_name(name).is_some() {
            let message = format!("`{}` takes a metric, and `{name}` is a text", function.name);
            return self.mismatch(given, message, format!("Write `{}`.", function.usage));
        }
        self.metric(name, &given.span)
    }

    /// A metric that is a number, not a yes or no.
    fn number_of(&mut self, function: &Function, given: &Expr) -> Option<Metric<'c>> {
        let metric = self.given_metric(function, given)?;
        if metric.unit == Unit::Flag {
            let message = format!("`{}` is a yes or no", metric.name);
            return self.mismatch(given, message, format!("`{}` takes a number. {}", function.name, function.help));
        }
        Some(metric)
    }

    fn foretold(&mut self, function: &Function, given: &Expr) -> Option<Metric<'c>> {
        let metric = self.given_metric(function, given)?;
        if FORETOLD.iter().all(|(name, _)| *name != metric.name) {
            let known: Vec<_> = FORETOLD.iter().map(|(name, _)| *name).collect();
            let message = format!("nothing is foretold of `{}`", metric.name);
            return self.mismatch(given, message, format!("The end is foretold of: {}.", known.join(", ")));
        }
        Some(metric)
    }

    fn given_span(&mut self, function: &Function, given: &Expr) -> Option<Duration> {
        let span = given.span_of_time().filter(|span| (WINDOWS.0..=WINDOWS.1).contains(span));
        if span.is_none() {
            let message = format!("`{}` takes a span of time here", function.name);
            let next = "Write a number with its unit, from 10s to 400d: 30s, 10m, 2h, 7d.";
            return self.mismatch(given, message, next);
        }
        span
    }

    fn given_thing(&mut self, function: &Function, given: &Expr) -> Option<SubjectKind> {
        let label = match &given.what {
            What::Name(name) => LabelId::by_name(name).filter(|label| label.is_name()),
            _ => None,
        };
        let Some(label) = label.filter(|label| label.label().subject != SubjectKind::Host) else {
            let message = format!("`{}` takes a sort of thing", function.name);
            return self.mismatch(given, message, format!("Write `{}`.", function.usage));
        };
        let kind = label.label().subject;
        self.settle(kind, label.label().name, &given.span)?;
        Some(kind)
    }

    fn given_bit(&mut self, given: &Expr) -> Option<u64> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and within 2^32")]
        let bit = match given.what {
            What::Number(Literal { value, unit: None, per: None })
                if value.fract() == 0.0 && (1.0..=4_294_967_296.0).contains(&value) =>
            {
                Some(value as u64)
            }
            _ => None,
        };
        let bit = bit.filter(|bit| bit.is_power_of_two());
        if bit.is_none() {
            return self.mismatch(given, "not a bit", "Bits are 1, 2, 4, 8, 16 and so on.");
        }
        bit
    }
}

/// An engine keeps containers that were stopped, or that did what they were for, until somebody removes them.
fn wanted() -> Tru {
    let label = |name| Need::Label(LabelId::by_name(name).expect("it stands in the list"));
    let words = |name, words: &[&str]| Tru::Words(label(name), words.iter().map(|word| Pattern::exact(word)).collect());
    let container = words("service.kind", &["docker", "podman"]);
    let stopped = words("service.state", &["stopped"]);
    Tru::Not(Box::new(Tru::All(vec![container, stopped])))
}

const fn read(need: Need, field: Field) -> Num {
    Num::Read(Read { need, field })
}
