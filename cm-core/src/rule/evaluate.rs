//! Programs over columns: a whole sort of things at once, or one of them alone.
//!
//! What is not known is not-a-number among numbers and [`Truth::Unknown`] among truths. Nothing here can fail.

use std::cmp::Ordering;
use std::ops::Range;
use std::time::Duration;

use super::expression::{Math, Order};
use super::frame::{Column, Frame, Things};
use super::function::Over;
use super::label::LabelId;
use super::need::Need;
use super::program::{Field, Num, Pattern, Read, Tru};
use super::truth::Truth;
use crate::health::SubjectKind;
use crate::host::{Expected, Host, Role};
use crate::metric::Kind;
use crate::text::HostText;

/// A stretch of the things of a sort, at a moment.
#[derive(Clone)]
pub(super) struct Look<'f> {
    pub(super) frame: &'f Frame,
    pub(super) kind: SubjectKind,
    pub(super) range: Range<usize>,
    things: Option<&'f Things>,
}

/// Numbers, one for each thing or one for all.
pub(super) enum Numbers<'f> {
    One(f64),
    Lent(&'f [f64]),
    Own(Vec<f64>),
}

impl Numbers<'_> {
    fn each(&self) -> Result<&[f64], f64> {
        match self {
            Self::One(number) => Err(*number),
            Self::Lent(numbers) => Ok(numbers),
            Self::Own(numbers) => Ok(numbers),
        }
    }

    /// The first of them.
    pub(super) fn first(&self) -> f64 {
        self.each().map_or_else(|number| number, |numbers| numbers.first().copied().unwrap_or(f64::NAN))
    }
}

impl<'f> Look<'f> {
    pub(super) fn new(frame: &'f Frame, kind: SubjectKind, range: Range<usize>) -> Self {
        Self { frame, kind, range, things: frame.things.get(&kind) }
    }

    /// All things of a sort.
    pub(super) fn all(frame: &'f Frame, kind: SubjectKind) -> Self {
        Self::new(frame, kind, 0..frame.count(kind))
    }

    fn len(&self) -> usize {
        self.range.len()
    }

    /// The host of each thing.
    pub(super) fn hosts(&self) -> &'f [usize] {
        self.things.map_or(&[], |things| &things.hosts[self.range.clone()])
    }

    pub(super) fn number(&self, number: &Num) -> Numbers<'f> {
        match number {
            Num::Const(value) => Numbers::One(*value),
            Num::Read(read) => self.read(*read),
            Num::Minus(inner) => map(&self.number(inner), |value| -value),
            Num::Fallback(left, right) => {
                zip(&self.number(left), &self.number(right), |a, b| if a.is_nan() { b } else { a })
            }
            Num::Math(math, left, right, factor) => {
                let (left, right) = (self.number(left), self.number(right));
                match math {
                    Math::Plus => zip(&left, &right, |a, b| a + b),
                    Math::Minus => zip(&left, &right, |a, b| a - b),
                    Math::Times => zip(&left, &right, |a, b| a * b * factor),
                    // Nothing is known of a part of nothing.
                    Math::Over => zip(&left, &right, |a, b| if b == 0.0 { f64::NAN } else { a / b * factor }),
                }
            }
        }
    }

    fn read(&self, read: Read) -> Numbers<'f> {
        let Some((column, is_hosts)) = self.column(read.need) else { return Numbers::One(f64::NAN) };
        let numbers = match (column, read.field) {
            (Column::Numbers(numbers), _) => numbers,
            (Column::Limits { warning, .. }, Field::Warning) => warning,
            (Column::Limits { critical, .. }, _) => critical,
            (Column::Usual { middle, .. }, _) => middle,
            (Column::Windows(windows), field) => {
                let answer = |index: usize| {
                    let Some(seen) = windows.get(index) else { return f64::NAN };
                    match field {
                        Field::Window(over, kind) => seen.answer(over, kind, read.need.window()),
                        _ => seen.risen_at_least(),
                    }
                };
                return Numbers::Own(self.places(is_hosts).map(answer).collect());
            }
            (Column::Words(_), _) => return Numbers::One(f64::NAN),
        };
        match numbers.get(self.range.clone()) {
            Some(part) if !is_hosts => Numbers::Lent(part),
            _ => Numbers::Own(self.places(is_hosts).map(|at| numbers.get(at).copied().unwrap_or(f64::NAN)).collect()),
        }
    }

    /// Where to look in a column: at the thing itself, or at its host.
    fn places(&self, is_hosts: bool) -> impl Iterator<Item = usize> + 'f {
        let (start, hosts) = (self.range.start, self.hosts());
        (0..self.len()).map(move |at| if is_hosts { hosts[at] } else { start + at })
    }

    /// The column of a need, and whether it is over the hosts of the things and not over the things.
    fn column(&self, need: Need) -> Option<(&'f Column, bool)> {
        let (kind, column) = self.frame.filled(need)?;
        Some((column, kind != self.kind))
    }

    pub(super) fn truth(&self, truth: &Tru) -> Vec<Truth> {
        match truth {
            Tru::Const(truth) => vec![Truth::of(*truth); self.len()],
            Tru::Flag(number) => self.compare(Order::More, &self.number(number), &Numbers::One(0.5)),
            Tru::Compare(order, left, right, _) => self.compare(*order, &self.number(left), &self.number(right)),
            Tru::Same(left, right) => join(self.truth(left), self.truth(right), Truth::same),
            Tru::Not(inner) => self.truth(inner).into_iter().map(Truth::negated).collect(),
            Tru::All(parts) => self.joined(parts, Truth::True, Truth::and),
            Tru::Any(parts) => self.joined(parts, Truth::False, Truth::or),
            Tru::Words(need, patterns) => self.words(*need, patterns),
            Tru::Bit(number, bit) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "saturating is what wide counters want"
                )]
                let set = |value: f64| if value.is_nan() { Truth::Unknown } else { Truth::of(value as u64 & bit != 0) };
                self.each(&self.number(number), set)
            }
            Tru::Known(number) => self.each(&self.number(number), |value| Truth::of(!value.is_nan())),
            Tru::Within(need, span) => {
                let left = self.read(Read { need: *need, field: Field::Left });
                self.compare(Order::LessOrEqual, &left, &Numbers::One(span.as_secs_f64()))
            }
            Tru::Gone(need, span) => {
                let unlisted = self.read(Read { need: *need, field: Field::Now });
                self.compare(Order::MoreOrEqual, &unlisted, &Numbers::One(span.as_secs_f64()))
            }
            Tru::Beyond { window, usual } => self.beyond(*window, *usual),
            Tru::Absent(need) => self.absent(*need),
        }
    }

    /// Parts joined by `and` or `or`. Mostly one part decides for everything; then no other is looked at.
    fn joined(&self, parts: &[Tru], neutral: Truth, join_two: impl Fn(Truth, Truth) -> Truth) -> Vec<Truth> {
        let mut all = vec![neutral; self.len()];
        for part in parts {
            all = match uniform(&all) {
                Some(same) if same == neutral => self.truth(part),
                Some(same) if same == neutral.negated() => break,
                _ => join(all, self.truth(part), &join_two),
            };
        }
        all
    }

    fn each(&self, numbers: &Numbers<'_>, judge: impl Fn(f64) -> Truth) -> Vec<Truth> {
        match numbers.each() {
            Ok(numbers) => numbers.iter().map(|number| judge(*number)).collect(),
            Err(number) => vec![judge(number); self.len()],
        }
    }

    fn compare(&self, order: Order, left: &Numbers<'_>, right: &Numbers<'_>) -> Vec<Truth> {
        match order {
            Order::Equal => self.compared(left, right, |a, b| a.partial_cmp(&b).is_some_and(Ordering::is_eq)),
            Order::Unequal => self.compared(left, right, |a, b| a.partial_cmp(&b).is_some_and(Ordering::is_ne)),
            Order::Less => self.compared(left, right, |a, b| a < b),
            Order::LessOrEqual => self.compared(left, right, |a, b| a <= b),
            Order::More => self.compared(left, right, |a, b| a > b),
            Order::MoreOrEqual => self.compared(left, right, |a, b| a >= b),
        }
    }

    fn compared(&self, left: &Numbers<'_>, right: &Numbers<'_>, holds: impl Fn(f64, f64) -> bool) -> Vec<Truth> {
        // No comparison here holds where one of the two is not known.
        let judge = |a: f64, b: f64| {
            if holds(a, b) {
                Truth::True
            } else if a.is_nan() || b.is_nan() {
                Truth::Unknown
            } else {
                Truth::False
            }
        };
        match (left.each(), right.each()) {
            (Ok(left), Ok(right)) => left.iter().zip(right).map(|(a, b)| judge(*a, *b)).collect(),
            (Ok(left), Err(b)) => left.iter().map(|a| judge(*a, b)).collect(),
            (Err(a), Ok(right)) => right.iter().map(|b| judge(a, *b)).collect(),
            (Err(a), Err(b)) => vec![judge(a, b); self.len()],
        }
    }

    /// Whether a name or state is one of several.
    fn words(&self, need: Need, patterns: &[Pattern]) -> Vec<Truth> {
        let Need::Label(label) = need else { return vec![Truth::Unknown; self.len()] };
        let fits = |text: &str| Truth::of(patterns.iter().any(|pattern| pattern.fits(text)));
        if label.is_name() && label.label().subject != SubjectKind::Host {
            let subjects = self.things.map_or(&[][..], |things| &things.subjects[self.range.clone()]);
            return subjects.iter().map(|subject| fits(subject.name.raw())).collect();
        }
        if let Some(of_host) = host_word(label) {
            let by_host: Vec<Truth> =
                self.frame.hosts.iter().map(|host| of_host(host).map_or(Truth::False, fits)).collect();
            return self.hosts().iter().map(|host| by_host[*host]).collect();
        }
        let Some((Column::Words(words), is_hosts)) = self.column(need) else {
            return vec![Truth::Unknown; self.len()];
        };
        let judged: Vec<Truth> = words
            .texts
            .iter()
            .map(|texts| Truth::of(texts.iter().any(|text| fits(text.raw()) == Truth::True)))
            .collect();
        let of = |index: usize| {
            let symbol = words.symbols.get(index).map_or(0, |symbol| *symbol as usize);
            if symbol == 0 { Truth::Unknown } else { judged[symbol - 1] }
        };
        self.places(is_hosts).map(of).collect()
    }

    /// The text of a label for the first thing.
    pub(super) fn text(&self, need: Need) -> Option<String> {
        let Need::Label(label) = need else { return None };
        let host = *self.hosts().first()?;
        if label.is_name() && label.label().subject != SubjectKind::Host {
            return Some(self.things?.subjects.get(self.range.start)?.name.raw().to_owned());
        }
        if let Some(of_host) = host_word(label) {
            return of_host(&self.frame.hosts[host]).map(str::to_owned);
        }
        let (Column::Words(words), is_hosts) = self.column(need)? else { return None };
        let texts = words.of(if is_hosts { host } else { self.range.start })?;
        Some(texts.iter().map(HostText::raw).collect::<Vec<_>>().join(", "))
    }

    /// Above what is usual by more than the usual band is wide, and never by less than a twentieth of what is usual.
    fn beyond(&self, window: Need, usual: Need) -> Vec<Truth> {
        let mean = self.read(Read { need: window, field: Field::Window(Over::Avg, Kind::Gauge) });
        let Some((Column::Usual { low, middle, high }, is_hosts)) = self.column(usual) else {
            return vec![Truth::Unknown; self.len()];
        };
        let far = |index: usize| {
            let at = |column: &[f64]| column.get(index).copied().unwrap_or(f64::NAN);
            let width = (at(high) - at(low)).max(at(middle).abs() / 20.0);
            at(high) + width
        };
        let far = Numbers::Own(self.places(is_hosts).map(far).collect());
        self.compare(Order::More, &mean, &far)
    }

    /// Whether nothing came for a time. Before that time has been watched, nobody can tell.
    fn absent(&self, need: Need) -> Vec<Truth> {
        let length = need.window();
        let watched = self.frame.watching() >= length;
        let Some((Column::Windows(windows), is_hosts)) = self.column(need) else {
            return vec![Truth::Unknown; self.len()];
        };
        let judge = |index: usize| {
            let Some(silent) = windows.get(index).and_then(|seen| seen.silent_s) else { return Truth::Unknown };
            match Duration::try_from_secs_f64(silent) {
                Ok(silent) if silent < length => Truth::False,
                _ if watched => Truth::True,
                _ => Truth::Unknown,
            }
        };
        self.places(is_hosts).map(judge).collect()
    }
}

/// What a host's owner says of it.
fn host_word(label: LabelId) -> Option<fn(&Host) -> Option<&str>> {
    match label.label().name {
        "host" => Some(|host| Some(host.id.as_str())),
        "role" => Some(|host| host.role.as_ref().map(Role::as_str)),
        "expected" => Some(|host| {
            Some(match host.expected {
                Expected::Always => "always",
                Expected::Often => "often",
                Expected::Sometimes => "sometimes",
            })
        }),
        _ => None,
    }
}

/// What all of them are, if they are the same.
pub(super) fn uniform(truths: &[Truth]) -> Option<Truth> {
    let first = *truths.first()?;
    truths.iter().all(|truth| *truth == first).then_some(first)
}

fn join(mut all: Vec<Truth>, part: Vec<Truth>, join_two: impl Fn(Truth, Truth) -> Truth) -> Vec<Truth> {
    all.iter_mut().zip(part).for_each(|(all, part)| *all = join_two(*all, part));
    all
}

fn map<'f>(numbers: &Numbers<'_>, act: impl Fn(f64) -> f64) -> Numbers<'f> {
    match numbers.each() {
        Ok(numbers) => Numbers::Own(numbers.iter().map(|number| act(*number)).collect()),
        Err(number) => Numbers::One(act(number)),
    }
}

fn zip<'f>(left: &Numbers<'_>, right: &Numbers<'_>, act: impl Fn(f64, f64) -> f64) -> Numbers<'f> {
    match (left.each(), right.each()) {
        (Ok(left), Ok(right)) => Numbers::Own(left.iter().zip(right).map(|(a, b)| act(*a, *b)).collect()),
        (Ok(left), Err(b)) => Numbers::Own(left.iter().map(|a| act(*a, b)).collect()),
        (Err(a), Ok(right)) => Numbers::Own(right.iter().map(|b| act(a, *b)).collect()),
        (Err(a), Err(b)) => Numbers::One(act(a, b)),
    }
}
