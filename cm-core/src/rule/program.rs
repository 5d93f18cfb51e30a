//! A checked expression: numbers and truths over places of a list of needs. It is well-typed by construction.

use std::time::Duration;

use super::expression::{Math, Order};
use super::function::Over;
use super::need::Need;
use super::quantity::Quantity;
use crate::metric::Kind;

/// Something that has a number.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Num {
    Const(f64),
    Read(Read),
    Minus(Box<Num>),
    /// The second where the first is not known.
    Fallback(Box<Num>, Box<Num>),
    /// The last is a factor: shares are parts of a hundred.
    Math(Math, Box<Num>, Box<Num>, f64),
}

/// A number that is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Read {
    pub(super) need: Need,
    pub(super) field: Field,
}

/// Which number of a need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Field {
    Now,
    Window(Over, Kind),
    /// By how much a counter has risen at least.
    Risen,
    Warning,
    Critical,
    Middle,
    Left,
}

/// Something that is true, false or not known.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tru {
    Const(bool),
    /// A yes or no that is read as 1 or 0.
    Flag(Num),
    /// Two numbers, and what both count in.
    Compare(Order, Num, Num, Quantity),
    /// Whether two truths are the same.
    Same(Box<Tru>, Box<Tru>),
    Words(Need, Vec<Pattern>),
    Not(Box<Tru>),
    All(Vec<Tru>),
    Any(Vec<Tru>),
    Bit(Num, u64),
    Known(Num),
    Within(Need, Duration),
    Beyond {
        window: Need,
        usual: Need,
    },
    Absent(Need),
    Gone(Need, Duration),
}

/// A text to compare with, or several with stars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    Exact(Box<str>),
    Glob(Box<[char]>),
}

impl Pattern {
    pub(super) fn exact(text: &str) -> Self {
        Self::Exact(text.into())
    }

    /// `*` stands for any number of characters, `?` for one.
    pub(super) fn glob(text: &str) -> Self {
        if text.contains(['*', '?']) { Self::Glob(text.chars().collect()) } else { Self::exact(text) }
    }

    /// Whether it fits a whole text. Time grows with the product of their lengths at most.
    pub(super) fn fits(&self, text: &str) -> bool {
        let pattern = match self {
            Self::Exact(exact) => return **exact == *text,
            Self::Glob(pattern) => pattern,
        };
        let text: Vec<char> = text.chars().collect();
        let (mut p, mut t) = (0, 0);
        // Where the last star stood, and up to where of the text it reaches.
        let mut star: Option<(usize, usize)> = None;
        while t < text.len() {
            match pattern.get(p) {
                Some('*') => {
                    star = Some((p, t));
                    p += 1;
                }
                Some(&c) if c == '?' || c == text[t] => {
                    p += 1;
                    t += 1;
                }
                _ => {
                    let Some((at, reach)) = star else { return false };
                    star = Some((at, reach + 1));
                    p = at + 1;
                    t = reach + 1;
                }
            }
        }
        pattern[p..].iter().all(|c| *c == '*')
    }
}

/// What may be put into a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    Words(String),
    Number(Num, Quantity),
    Truth(Tru),
    Label(Need),
}

impl Num {
    /// Every need in it.
    pub(super) fn needs(&self, into: &mut Vec<Need>) {
        match self {
            Self::Const(_) => {}
            Self::Read(read) => into.push(read.need),
            Self::Minus(inner) => inner.needs(into),
            Self::Math(_, left, right, _) | Self::Fallback(left, right) => {
                left.needs(into);
                right.needs(into);
            }
        }
    }
}

impl Tru {
    /// Every need in it.
    pub(super) fn needs(&self, into: &mut Vec<Need>) {
        match self {
            Self::Const(_) => {}
            Self::Flag(number) | Self::Bit(number, _) | Self::Known(number) => number.needs(into),
            Self::Compare(_, left, right, _) => {
                left.needs(into);
                right.needs(into);
            }
            Self::Same(left, right) => {
                left.needs(into);
                right.needs(into);
            }
            Self::Words(need, _) | Self::Within(need, _) | Self::Absent(need) | Self::Gone(need, _) => into.push(*need),
            Self::Beyond { window, usual } => into.extend([*window, *usual]),
            Self::Not(inner) => inner.needs(into),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.needs(into)),
        }
    }

    /// The numbers that it is about: the first comparison in which one is greater.
    pub(super) fn measure(&self) -> Option<Measured<'_>> {
        match self {
            Self::Compare(order, left, right, quantity) => {
                let higher = match order {
                    Order::More | Order::MoreOrEqual => true,
                    Order::Less | Order::LessOrEqual => false,
                    Order::Equal | Order::Unequal => return None,
                };
                let quantity = *quantity;
                Some(match (left, right) {
                    (Num::Const(_), value) => Measured { value, limit: left, quantity, higher: !higher },
                    (value, limit) => Measured { value, limit, quantity, higher },
                })
            }
            Self::All(parts) | Self::Any(parts) => parts.iter().find_map(Self::measure),
            _ => None,
        }
    }

    /// Whether it rests on what was not told.
    pub(super) fn is_lapse(&self) -> bool {
        match self {
            Self::Absent(_) | Self::Gone(..) => true,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::is_lapse),
            _ => false,
        }
    }
}

/// A number, what it was not to pass, and which way it gets worse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measured<'m> {
    pub(super) value: &'m Num,
    pub(super) limit: &'m Num,
    pub(super) quantity: Quantity,
    pub(super) higher: bool,
}
