//! Tokens to expressions: precedence, brackets, calls. What a name means is not known here.
//!
//! Depth and size are bounded, so that no file takes the stack or the time of its reader.

mod value;

use std::ops::Range;

use super::expression::{Expr, Math, Order, What};
use super::fault::Fault;
use super::token::{Kind, Token, tokens};

/// How deep brackets, calls and signs may nest.
const DEEPEST: usize = 32;
/// The most parts of one expression.
const MOST_PARTS: usize = 400;

/// Words that join parts, and so are no names.
const JOINTS: [&str; 8] = ["and", "or", "not", "in", "yes", "no", "when", "else"];

/// An expression that is all of a part of a text; `None` once what is wrong was told.
pub(super) fn expression(text: &str, part: Range<usize>, faults: &mut Vec<Fault>) -> Option<Expr> {
    let told = faults.len();
    let tokens = tokens(text, part, faults);
    let mut parser = Parser::new(text, &tokens, &[], faults);
    let expr = parser.expression()?;
    if parser.peek().kind != Kind::End {
        parser.surplus();
    }
    (faults.len() == told).then_some(expr)
}

/// A reader of tokens.
pub(super) struct Parser<'p> {
    pub(super) text: &'p str,
    tokens: &'p [Token],
    at: usize,
    /// Words that begin a line of something else, where they stand first in a line.
    heads: &'p [&'p str],
    pub(super) faults: &'p mut Vec<Fault>,
    depth: usize,
    parts: usize,
}

impl<'p> Parser<'p> {
    /// A reader that stands before the first token. The last token is the end.
    pub(super) fn new(text: &'p str, tokens: &'p [Token], heads: &'p [&'p str], faults: &'p mut Vec<Fault>) -> Self {
        Self { text, tokens, at: 0, heads, faults, depth: 0, parts: 0 }
    }

    /// The next token.
    pub(super) fn peek(&self) -> &'p Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    /// The next token, passed over.
    pub(super) fn take(&mut self) -> &'p Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    /// The word of a token, if it is one.
    pub(super) fn word(&self, token: &Token) -> Option<&'p str> {
        (token.kind == Kind::Word).then(|| &self.text[token.span.clone()])
    }

    /// Whether the next token begins a line of something else, or nothing comes any more.
    pub(super) fn is_over(&self) -> bool {
        let next = self.peek();
        next.kind == Kind::End || (next.is_first && self.word(next).is_some_and(|word| self.heads.contains(&word)))
    }

    /// Passes over the next token if it is this word and belongs to what is being read.
    pub(super) fn takes_word(&mut self, word: &str) -> bool {
        let is_it = !self.is_over() && self.word(self.peek()) == Some(word);
        self.at += usize::from(is_it);
        is_it
    }

    fn takes_sign(&mut self, sign: &str) -> bool {
        let is_it = matches!(self.peek().kind, Kind::Sign(is) if is == sign);
        self.at += usize::from(is_it);
        is_it
    }

    /// Tells what is wrong, unless the token is one of which that was told already.
    pub(super) fn tell(&mut self, token: &Token, fault: Fault) {
        if token.kind != Kind::Bad {
            self.faults.push(fault);
        }
    }

    /// Says that the next token has no business here.
    pub(super) fn surplus(&mut self) {
        let token = self.peek();
        let what = &self.text[token.span.clone()];
        let next = match token.kind {
            Kind::Word => "Join conditions with `and` or `or`; every field begins a line of its own.",
            Kind::Number(_) | Kind::Text => "Is a comparison missing before it: `>`, `==`?",
            _ => "Leave it out, or see that every bracket has its fellow.",
        };
        let message = format!("{} does not belong here", crate::problem::quoted(what));
        self.tell(token, Fault::grammar(token.span.clone(), message, next));
    }

    /// Reads an expression as far as it goes; `None` once what is wrong was told.
    pub(super) fn expression(&mut self) -> Option<Expr> {
        self.parts = 0;
        self.any()
    }

    fn make(&mut self, from: usize, what: What) -> Option<Expr> {
        let end = self.tokens[self.at.saturating_sub(1).min(self.tokens.len() - 1)].span.end;
        self.parts += 1;
        if self.parts > MOST_PARTS {
            if self.parts == MOST_PARTS + 1 {
                let message = format!("a condition of more than {MOST_PARTS} parts");
                self.faults.push(Fault::grammar(from..end, message, "Make several rules of it."));
            }
            return None;
        }
        Some(Expr { what, span: from..end })
    }

    fn any(&mut self) -> Option<Expr> {
        self.chain("or", Self::all, What::Any)
    }

    fn all(&mut self) -> Option<Expr> {
        self.chain("and", Self::not, What::All)
    }

    fn chain(&mut self, joint: &str, part: fn(&mut Self) -> Option<Expr>, join: fn(Vec<Expr>) -> What) -> Option<Expr> {
        let from = self.peek().span.start;
        let first = part(self)?;
        if self.word(self.peek()) != Some(joint) || self.is_over() {
            return Some(first);
        }
        let mut parts = vec![first];
        while self.takes_word(joint) {
            parts.push(part(self)?);
        }
        self.make(from, join(parts))
    }

    fn not(&mut self) -> Option<Expr> {
        let from = self.peek().span.start;
        if !self.takes_word("not") {
            return self.compare();
        }
        let inner = self.deeper(from, Self::not)?;
        self.make(from, What::Not(Box::new(inner)))
    }

    fn compare(&mut self) -> Option<Expr> {
        let from = self.peek().span.start;
        let left = self.sum()?;
        if self.is_over() {
            return Some(left);
        }
        if let Kind::Sign(sign) = self.peek().kind
            && let Some((_, order)) = Order::ALL.into_iter().find(|(is, _)| *is == sign)
        {
            self.take();
            let right = self.sum()?;
            let compared = self.make(from, What::Compare(order, Box::new(left), Box::new(right)))?;
            return self.only_one_comparison(compared);
        }
        if self.takes_sign("~") {
            let among = vec![self.one_text()?];
            return self.make(from, What::OneOf(Box::new(left), among));
        }
        if self.takes_word("in") {
            let among = self.among()?;
            return self.make(from, What::OneOf(Box::new(left), among));
        }
        if self.takes_word("not") {
            if !self.takes_word("in") {
                let token = self.peek();
                self.tell(
                    token,
                    Fault::grammar(token.span.clone(), "`in` is missing", "Write `not in (\"a\", \"b\")`."),
                );
                return None;
            }
            let among = self.among()?;
            let inner = self.make(from, What::OneOf(Box::new(left), among))?;
            return self.make(from, What::Not(Box::new(inner)));
        }
        Some(left)
    }

    /// `1 < x < 5` means nothing.
    fn only_one_comparison(&mut self, compared: Expr) -> Option<Expr> {
        let token = self.peek();
        if let Kind::Sign(sign) = token.kind
            && Order::ALL.iter().any(|(is, _)| *is == sign)
        {
            let next = "Write two comparisons: `a > 1 and a < 5`.";
            self.faults.push(Fault::grammar(token.span.clone(), "a comparison of a comparison", next));
            return None;
        }
        Some(compared)
    }

    /// `("a", "b*")`.
    fn among(&mut self) -> Option<Vec<Expr>> {
        let open = self.peek();
        if !self.takes_sign("(") {
            let next = "Write the texts in brackets: `in (\"docker\", \"podman\")`.";
            self.tell(open, Fault::grammar(self.place(open), "`(` is missing", next));
            return None;
        }
        let mut among = vec![self.one_text()?];
        while self.takes_sign(",") {
            among.push(self.one_text()?);
        }
        self.closes()?;
        Some(among)
    }

    /// Where a token stands; the end of what came before it where it belongs to the next line.
    pub(super) fn place(&self, token: &Token) -> Range<usize> {
        let before = self.tokens.iter().take_while(|other| other.span.start < token.span.start).last();
        match before {
            Some(before) if token.is_first || token.kind == Kind::End => before.span.end..before.span.end,
            _ => token.span.clone(),
        }
    }

    fn closes(&mut self) -> Option<()> {
        if self.takes_sign(")") {
            return Some(());
        }
        let token = self.peek();
        let next = "Close it with `)`, or put a `,` between two values.";
        self.tell(token, Fault::grammar(self.place(token), "`)` is missing", next));
        None
    }

    fn sum(&mut self) -> Option<Expr> {
        self.math(&["+", "-"], Self::product)
    }

    fn product(&mut self) -> Option<Expr> {
        self.math(&["*", "/"], Self::unary)
    }

    fn math(&mut self, signs: &[&str], part: fn(&mut Self) -> Option<Expr>) -> Option<Expr> {
        let from = self.peek().span.start;
        let mut left = part(self)?;
        while let Kind::Sign(sign) = self.peek().kind
            && signs.contains(&sign)
            && let Some((_, math)) = Math::ALL.into_iter().find(|(is, _)| *is == sign)
        {
            self.take();
            let right = part(self)?;
            left = self.make(from, What::Math(math, Box::new(left), Box::new(right)))?;
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<Expr> {
        let from = self.peek().span.start;
        if !self.takes_sign("-") {
            return self.atom();
        }
        let inner = self.deeper(from, Self::unary)?;
        self.make(from, What::Minus(Box::new(inner)))
    }

    fn deeper(&mut self, from: usize, part: fn(&mut Self) -> Option<Expr>) -> Option<Expr> {
        self.depth += 1;
        let inner = if self.depth > DEEPEST {
            let message = format!("more than {DEEPEST} brackets or signs within each other");
            let span = from..self.peek().span.end.max(from);
            self.faults.push(Fault::grammar(span, message, "Make several rules of it."));
            None
        } else {
            part(self)
        };
        self.depth -= 1;
        inner
    }
}
