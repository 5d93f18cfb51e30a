//! A file of rules as its blocks: `rule`, `change`, `off` and `on`, each with its lines. What is wrong in one line keeps
//! no other from being read, so that all slips of a file are told at once.
//!
//! What the names in conditions mean is not known here, nor which rules there are.

mod line;

use std::ops::Range;
use std::time::Duration;

use super::expression::{Expr, unquote};
use super::fault::Fault;
use super::parse::Parser;
use super::template::Template;
use super::token::{Kind, tokens};
use crate::problem::quoted;
use crate::severity::Severity;

/// The most blocks of one file.
const MOST_BLOCKS: usize = 5_000;
/// The longest name of a rule.
const LONGEST_NAME: usize = 63;

const BLOCKS: [&str; 4] = ["rule", "change", "off", "on"];
const FIELDS: [&str; 11] =
    ["when", "for", "clear", "severity", "critical", "text", "next", "runbook", "tell", "group", "about"];
/// What begins a line.
const HEADS: [&str; 15] = [
    "rule", "change", "off", "on", "when", "for", "clear", "severity", "critical", "text", "next", "runbook", "tell",
    "group", "about",
];

/// Something that stands somewhere.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    pub(super) what: T,
    pub(super) span: Range<usize>,
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.what == other.what
    }
}

/// One block.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    pub(super) does: Act,
    pub(super) name: At<String>,
    pub(super) scope: Scope,
    /// Those of its lines that could be read.
    pub(super) lines: Lines,
    /// Whether all of them could.
    pub(super) sound: bool,
}

/// What a block does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Rule,
    Change,
    Off,
    On,
}

/// For whom a block holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    All,
    Role(String),
    /// A host's name, or several with stars.
    Host(String),
}

/// Severities, each with when it holds.
pub(super) type Arms = Vec<(Severity, Option<Expr>)>;

/// The lines of a block.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Lines {
    pub(super) when: Option<Expr>,
    pub(super) hold: Option<Duration>,
    pub(super) clear: Option<Clear>,
    /// From the first to the last: what holds decides. The last has no condition.
    pub(super) severity: Option<At<Arms>>,
    pub(super) critical: Option<Expr>,
    pub(super) text: Option<Template>,
    pub(super) next: Option<Template>,
    pub(super) runbook: Option<String>,
    pub(super) tell: Option<String>,
    pub(super) group: Option<String>,
    pub(super) about: Option<String>,
}

/// When it is over.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Clear {
    pub(super) when: Option<Expr>,
    pub(super) hold: Option<Duration>,
}

/// Every block of a part of a text that can be read.
pub(super) fn blocks(text: &str, part: Range<usize>, faults: &mut Vec<Fault>) -> Vec<Block> {
    let tokens = tokens(text, part, faults);
    let mut reader = Reader { parser: Parser::new(text, &tokens, &HEADS, faults), faulty: false };
    let mut blocks = Vec::new();
    while reader.parser.peek().kind != Kind::End {
        if blocks.len() == MOST_BLOCKS {
            let span = reader.parser.peek().span.clone();
            let message = format!("more than {MOST_BLOCKS} rules in one file");
            reader.parser.faults.push(Fault::grammar(span, message, "Spread them over several files."));
            break;
        }
        blocks.extend(reader.block());
    }
    blocks
}

struct Reader<'r> {
    parser: Parser<'r>,
    /// Whether a line of the block could not be read.
    faulty: bool,
}

impl Reader<'_> {
    fn tell(&mut self, span: Range<usize>, message: impl Into<String>, next: impl Into<String>) {
        self.parser.faults.push(Fault::grammar(span, message, next));
        self.faulty = true;
    }

    /// Passes over what is left of a line that could not be read, and of the lines that go on with it.
    fn skip(&mut self) {
        self.faulty = true;
        while !self.parser.is_over() {
            self.parser.take();
        }
    }

    fn block(&mut self) -> Option<Block> {
        self.faulty = false;
        let head = self.parser.take();
        let does = match self.parser.word(head) {
            Some("rule") => Act::Rule,
            Some("change") => Act::Change,
            Some("off") => Act::Off,
            Some("on") => Act::On,
            word => {
                let what = &self.parser.text[head.span.clone()];
                let next = "Begin with `rule NAME`, `change NAME`, `off NAME` or `on NAME`.";
                let fault = match word {
                    Some(word) if FIELDS.contains(&word) => {
                        Fault::grammar(head.span.clone(), format!("`{word}` belongs to no rule"), next)
                    }
                    _ => Fault::unknown(head.span.clone(), "beginning of a rule", what, BLOCKS, next),
                };
                self.parser.tell(head, fault);
                self.skip_block();
                return None;
            }
        };
        let (Some(name), scope) = (self.name("rule"), self.scope(does)) else {
            self.skip_block();
            return None;
        };
        let mut lines = Lines::default();
        let mut seen = Vec::new();
        while !self.at_block() {
            self.line(does, &mut lines, &mut seen);
        }
        let sound = !self.faulty;
        Some(Block { does, name, scope: scope.unwrap_or(Scope::All), lines, sound })
    }

    /// Whether another block begins, or nothing comes any more.
    fn at_block(&self) -> bool {
        let head = self.parser.peek();
        let is_block = |word| head.is_first && BLOCKS.contains(&word);
        head.kind == Kind::End || self.parser.word(head).is_some_and(is_block)
    }

    /// Passes over the lines of something that cannot be told to be a block.
    fn skip_block(&mut self) {
        while !self.at_block() {
            self.parser.take();
        }
    }

    /// A name, which may hold `-`: tokens that stand together.
    fn name(&mut self, what: &str) -> Option<At<String>> {
        let first = self.parser.peek();
        let starts = self.parser.word(first).is_some() && !first.is_first;
        if !starts {
            let next = format!("Write `{what} NAME`: small letters, digits and `-`.");
            self.tell(self.parser.place(first), "a name is missing", next);
            self.skip();
            return None;
        }
        let mut span = self.parser.take().span.clone();
        while self.parser.peek().span.start == span.end && self.parser.peek().kind != Kind::End {
            span.end = self.parser.take().span.end;
        }
        let name = &self.parser.text[span.clone()];
        let good = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'));
        if !good || name.len() > LONGEST_NAME {
            let message = format!("{} cannot be a name", quoted(name));
            self.tell(span, message, format!("A name is small letters, digits, `-` and `_`, at most {LONGEST_NAME}."));
            self.skip();
            return None;
        }
        Some(At { what: name.to_owned(), span })
    }

    fn scope(&mut self, does: Act) -> Option<Scope> {
        let from = self.parser.peek().span.start;
        let follows = !self.parser.peek().is_first && does != Act::Rule;
        // `for` begins a line of its own elsewhere.
        if !follows || self.parser.word(self.parser.peek()) != Some("for") {
            return self.end_of_line().then_some(Scope::All);
        }
        self.parser.take();
        let make: fn(String) -> Scope = match self.parser.word(self.parser.peek()) {
            Some("host") => Scope::Host,
            Some("role") => Scope::Role,
            _ => {
                let end = self.parser.peek().span.end.max(from + 3);
                self.tell(from..end, "for whom?", "Write `for host \"srv*\"` or `for role \"lab\"`.");
                self.skip();
                return None;
            }
        };
        self.parser.take();
        let name = self.quoted("Write `for host \"srv*\"` or `for role \"lab\"`.")?;
        self.end_of_line().then(|| make(name))
    }

    fn quoted(&mut self, next: &str) -> Option<String> {
        let token = self.parser.peek();
        if token.kind != Kind::Text {
            let fault = Fault::grammar(token.span.clone(), "a text in double quotes is missing", next);
            self.parser.tell(token, fault);
            self.skip();
            return None;
        }
        self.parser.take();
        Some(unquote(&self.parser.text[token.span.clone()]))
    }

    /// Whether nothing more stands in this line; what does is told and passed over.
    fn end_of_line(&mut self) -> bool {
        let next = self.parser.peek();
        if next.is_first || next.kind == Kind::End {
            return true;
        }
        self.parser.surplus();
        self.skip();
        false
    }

    fn line(&mut self, does: Act, lines: &mut Lines, seen: &mut Vec<String>) {
        let head = self.parser.take();
        let word = self.parser.word(head).unwrap_or_default();
        let known = head.is_first && FIELDS.contains(&word);
        if !known {
            let what = &self.parser.text[head.span.clone()];
            let next = format!("A rule has these lines: {}.", FIELDS.join(", "));
            self.parser.tell(head, Fault::unknown(head.span.clone(), "line of a rule", what, HEADS, &next));
            return self.skip();
        }
        if matches!(does, Act::Off | Act::On) {
            self.tell(
                head.span.clone(),
                "a rule that is switched on or off takes no lines",
                "Write `change NAME` to change it.",
            );
            return self.skip();
        }
        if seen.iter().any(|before| before == word) {
            self.tell(head.span.clone(), format!("`{word}` stands here twice"), "Delete one of the two lines.");
            return self.skip();
        }
        seen.push(word.to_owned());
        let before = lines.clone();
        let read = self.field(word, head, lines);
        if read.is_none() || !self.end_of_line() {
            // Half a line would be judged as if it were a whole one.
            *lines = before;
            self.skip();
        }
    }
}
