//! A text with values in it: `"{drive} is {drive.temperature} hot"`. Two braces stand for one.
//!
//! It finds the values; what they are worth is for others to say.

use std::fmt;
use std::ops::Range;

use super::expression::Expr;
use super::fault::Fault;
use super::parse;

/// The most values of one text.
const MOST_VALUES: usize = 12;

/// A text as it was written, in parts.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Template {
    pub(super) parts: Vec<Part>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Words(String),
    Value(Expr),
}

impl Template {
    /// Reads the text that stands, quotes and all, at a range of bytes.
    pub(super) fn read(text: &str, span: Range<usize>, faults: &mut Vec<Fault>) -> Self {
        let (mut parts, mut values) = (Vec::new(), 0);
        let mut words = String::new();
        let (mut at, end) = (span.start + 1, span.end - 1);
        while at < end {
            let rest = &text[at..end];
            if rest.starts_with("{{") || rest.starts_with("}}") {
                words.push_str(&rest[..1]);
                at += 2;
            } else if rest.starts_with('{') {
                let Some(length) = rest.find('}') else {
                    let next = "Close it with `}`; for the sign itself write `{{`.";
                    faults.push(Fault::grammar(at..end, "a value that does not end", next));
                    break;
                };
                values += 1;
                if values == MOST_VALUES + 1 {
                    let message = format!("a text with more than {MOST_VALUES} values");
                    faults.push(Fault::grammar(at..at + length + 1, message, "Leave some of them out."));
                }
                push_words(&mut parts, &mut words);
                if values <= MOST_VALUES {
                    parts.extend(parse::expression(text, at + 1..at + length, faults).map(Part::Value));
                }
                at += length + 1;
            } else if rest.starts_with('}') {
                let next = "Write `}}` for the sign itself.";
                faults.push(Fault::grammar(at..at + 1, "a `}` without its `{`", next));
                at += 1;
            } else {
                let escaped = usize::from(rest.starts_with('\\'));
                let length = rest.chars().take(1 + escaped).map(char::len_utf8).sum::<usize>();
                words.push_str(&rest[escaped..length]);
                at += length;
            }
        }
        push_words(&mut parts, &mut words);
        Self { parts }
    }
}

/// The parts joined, as a file of rules holds them.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for part in &self.parts {
            match part {
                Part::Words(words) => {
                    for c in words.chars() {
                        match c {
                            '"' | '\\' => write!(f, "\\{c}")?,
                            '{' | '}' => write!(f, "{c}{c}")?,
                            c => write!(f, "{c}")?,
                        }
                    }
                }
                Part::Value(value) => write!(f, "{{{value}}}")?,
            }
        }
        f.write_str("\"")
    }
}

fn push_words(parts: &mut Vec<Part>, words: &mut String) {
    if !words.is_empty() {
        parts.push(Part::Words(std::mem::take(words)));
    }
}
