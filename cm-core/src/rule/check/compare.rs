//! Comparisons: a number with a number of its kind, a state with a word that it can be.

use super::super::expression::{Expr, Literal, Order, What};
use super::super::fault::Fault;
use super::super::function::Over;
use super::super::label::LabelId;
use super::super::need::Need;
use super::super::program::{Field, Num, Pattern, Read, Tru};
use super::super::quantity::Quantity;
use super::{Checker, Typed};
use crate::metric::Kind;

impl Checker<'_> {
    pub(super) fn compare(&mut self, expr: &Expr, order: Order, left: &Expr, right: &Expr) -> Option<Tru> {
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

    pub(super) fn one_of(&mut self, left: &Expr, among: &[Expr]) -> Option<Tru> {
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
pub(super) fn certain(order: Order, number: Num) -> Num {
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
pub(super) fn with_units(wanted: Quantity, bare: &Expr) -> String {
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
