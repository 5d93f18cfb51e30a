//! An expression as it was written: its parts and their places, and its one normal spelling.
//!
//! Two expressions are equal where they say the same, wherever they stand. What a name means is not known here.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use super::quantity::Measure;

/// A part of a rule that has a value.
#[derive(Debug, Clone)]
pub(super) struct Expr {
    pub(super) what: What,
    /// Where it stands, in bytes of the file.
    pub(super) span: Range<usize>,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.what == other.what
    }
}

/// What it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    Number(Literal),
    Text(Box<str>),
    Truth(bool),
    Name(Box<str>),
    Call(Box<str>, Vec<Expr>),
    Not(Box<Expr>),
    Minus(Box<Expr>),
    /// `and` between all of them.
    All(Vec<Expr>),
    /// `or` between all of them.
    Any(Vec<Expr>),
    Compare(Order, Box<Expr>, Box<Expr>),
    Math(Math, Box<Expr>, Box<Expr>),
    /// `service.kind in ("docker", "podman")`.
    OneOf(Box<Expr>, Vec<Expr>),
}

/// A number with its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Literal {
    pub(super) value: f64,
    pub(super) unit: Option<&'static Measure>,
    /// The unit of time below the line.
    pub(super) per: Option<&'static Measure>,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Order {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

impl Order {
    pub(super) const ALL: [(&'static str, Self); 6] = [
        ("==", Self::Equal),
        ("!=", Self::Unequal),
        ("<=", Self::LessOrEqual),
        (">=", Self::MoreOrEqual),
        ("<", Self::Less),
        (">", Self::More),
    ];

    pub(super) fn sign(self) -> &'static str {
        Self::ALL.iter().find(|(_, order)| *order == self).map_or("", |(sign, _)| sign)
    }
}

/// Arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Math {
    Plus,
    Minus,
    Times,
    Over,
}

impl Math {
    pub(super) const ALL: [(&'static str, Self); 4] =
        [("+", Self::Plus), ("-", Self::Minus), ("*", Self::Times), ("/", Self::Over)];

    fn sign(self) -> &'static str {
        Self::ALL.iter().find(|(_, math)| *math == self).map_or("", |(sign, _)| sign)
    }
}

impl Expr {
    /// How tightly it holds together: a part that holds less tightly than the whole stands in brackets.
    const fn tightness(&self) -> u8 {
        match self.what {
            What::Any(_) => 0,
            What::All(_) => 1,
            What::Not(_) => 2,
            What::Compare(..) | What::OneOf(..) => 3,
            What::Math(Math::Plus | Math::Minus, ..) => 4,
            What::Math(Math::Times | Math::Over, ..) => 5,
            What::Minus(_) => 6,
            _ => 7,
        }
    }

    fn part(&self, f: &mut fmt::Formatter<'_>, least: u8) -> fmt::Result {
        if self.tightness() < least { write!(f, "({self})") } else { write!(f, "{self}") }
    }
}

fn list(f: &mut fmt::Formatter<'_>, parts: &[Expr], between: &str, least: u8) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        f.write_str(if at > 0 { between } else { "" })?;
        part.part(f, least)?;
    }
    Ok(())
}

/// The normal spelling: one space, no bracket too many.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Number(literal) => literal.fmt(f),
            What::Text(text) => f.write_str(&quote(text)),
            What::Truth(truth) => f.write_str(if *truth { "yes" } else { "no" }),
            What::Name(name) => f.write_str(name),
            What::Call(name, given) => {
                write!(f, "{name}(")?;
                list(f, given, ", ", 0)?;
                f.write_str(")")
            }
            What::Not(inner) => {
                f.write_str("not ")?;
                inner.part(f, 2)
            }
            What::Minus(inner) => {
                f.write_str("-")?;
                inner.part(f, 7)
            }
            What::All(parts) => list(f, parts, " and ", 2),
            What::Any(parts) => list(f, parts, " or ", 1),
            What::Compare(order, left, right) => {
                left.part(f, 4)?;
                write!(f, " {} ", order.sign())?;
                right.part(f, 4)
            }
            What::Math(math, left, right) => {
                left.part(f, self.tightness())?;
                write!(f, " {} ", math.sign())?;
                right.part(f, self.tightness() + 1)
            }
            What::OneOf(left, among) => {
                left.part(f, 4)?;
                f.write_str(" in (")?;
                list(f, among, ", ", 0)?;
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value)?;
        if let Some(unit) = self.unit {
            write!(f, "{}{}", if unit.is_time() { "" } else { " " }, unit.word)?;
        }
        if let Some(per) = self.per {
            write!(f, "/{}", per.word)?;
        }
        Ok(())
    }
}

/// A text as a file of rules holds it.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// What a text between quotes says: a sign after `\` stands for itself.
pub(super) fn unquote(written: &str) -> String {
    let inner = written.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(written);
    let mut out = String::with_capacity(inner.len());
    let mut signs = inner.chars();
    while let Some(c) = signs.next() {
        out.push(if c == '\\' { signs.next().unwrap_or(c) } else { c });
    }
    out
}

impl Expr {
    /// The span of time that a literal says.
    pub(super) fn span_of_time(&self) -> Option<Duration> {
        match self.what {
            What::Number(Literal { value, unit: Some(unit), per: None }) if unit.is_time() => {
                Duration::try_from_secs_f64(value * unit.factor).ok()
            }
            _ => None,
        }
    }
}
