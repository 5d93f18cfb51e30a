//! The words, numbers, texts and signs of a file of rules, each with its place in bytes.
//!
//! Written by hand, as the parser is: a rule's owner is helped by a sentence for each slip (`&&` for `and`, `'` for `"`,
//! a unit in the wrong case), and by hearing of all slips of a file at once, which a combinator library leaves to be
//! built on top of it. It knows no grammar.

use std::ops::Range;

use super::fault::Fault;
use crate::problem::quoted;

/// What stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// A word, with dots: `drive.wear`, `and`.
    Word,
    /// A number without sign.
    Number(f64),
    /// A text in quotes; its span holds the quotes.
    Text,
    /// One of [`SIGNS`].
    Sign(&'static str),
    /// What is nothing of these. It has been told already.
    Bad,
    /// The end of the file.
    End,
}

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
    /// Whether it is the first of its line.
    pub(super) is_first: bool,
}

/// Every sign, the longer before the shorter that it begins with.
const SIGNS: [&str; 17] = ["==", "!=", "<=", ">=", "≤", "≥", "<", ">", "+", "-", "*", "/", "%", "(", ")", ",", "~"];

/// What people write who come from elsewhere, and what stands here.
const FOREIGN: [(&str, &str); 9] = [
    ("&&", "Write `and`."),
    ("||", "Write `or`."),
    ("<>", "Write `!=`."),
    ("=~", "Write `~` and a text with stars: `host ~ \"srv*\"`."),
    ("!", "Write `not`."),
    ("=", "Write `==` to compare; a field takes no sign: `when drive.wear > 80 %`."),
    (":", "A field takes no colon: `when drive.wear > 80 %`."),
    (";", "A new line is enough."),
    ("{", "Rules take no braces: fields follow the line `rule NAME`."),
];

/// The longest number and the longest text, in bytes.
const LONGEST_NUMBER: usize = 30;
const LONGEST_TEXT: usize = 600;

/// The tokens of a part of a text, the end among them. Time is linear in its length.
pub(super) fn tokens(text: &str, part: Range<usize>, faults: &mut Vec<Fault>) -> Vec<Token> {
    let mut reader = Reader { text, at: part.start, end: part.end, is_first: true, tokens: Vec::new(), faults };
    while reader.at < reader.end {
        reader.next();
    }
    reader.push(Kind::End, part.end);
    reader.tokens
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    end: usize,
    is_first: bool,
    tokens: Vec<Token>,
    faults: &'t mut Vec<Fault>,
}

impl Reader<'_> {
    fn next(&mut self) {
        let rest = &self.text[self.at..self.end];
        let Some(first) = rest.chars().next() else { return };
        match first {
            '\n' => {
                self.is_first = true;
                self.at += 1;
            }
            first if first.is_whitespace() => self.at += first.len_utf8(),
            '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
            '"' => self.text(rest),
            '\'' => {
                let line = rest.lines().next().unwrap_or(rest).trim_end();
                let length = line[1..].find('\'').map_or(1, |at| at + 2);
                self.bad(length, "`'` means nothing in a rule".to_owned(), "Texts stand in double quotes: \"srv*\".");
            }
            '0'..='9' => self.number(rest),
            first if first.is_alphabetic() || first == '_' || rest.starts_with("°C") => {
                let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
                let length = rest.find(|c: char| !word(c) && c != '°').unwrap_or(rest.len());
                self.push(Kind::Word, self.at + length);
            }
            _ => self.sign(rest, first),
        }
    }

    fn push(&mut self, kind: Kind, end: usize) {
        self.tokens.push(Token { kind, span: self.at..end, is_first: self.is_first });
        self.is_first = false;
        self.at = end;
    }

    fn bad(&mut self, length: usize, message: String, next: &str) {
        let span = self.at..self.at + length;
        self.faults.push(Fault::grammar(span.clone(), message, next));
        self.push(Kind::Bad, span.end);
    }

    fn text(&mut self, rest: &str) {
        let mut escaped = false;
        for (at, c) in rest.char_indices().skip(1) {
            match c {
                '\n' => break,
                '"' if !escaped && at > LONGEST_TEXT => {
                    self.bad(at + 1, format!("a text of more than {LONGEST_TEXT} bytes"), "Make it shorter.");
                    return;
                }
                '"' if !escaped => {
                    self.push(Kind::Text, self.at + at + 1);
                    return;
                }
                _ => escaped = c == '\\' && !escaped,
            }
        }
        let line = rest.lines().next().unwrap_or(rest).trim_end().len();
        self.bad(line, "a text that does not end on its line".to_owned(), "Close it with `\"`.");
    }

    fn number(&mut self, rest: &str) {
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
        let mut length = digits(rest);
        if let Some(after) = rest[length..].strip_prefix('.')
            && after.starts_with(|c: char| c.is_ascii_digit())
        {
            length += 1 + digits(after);
        }
        let plain = rest[..length].replace('_', "");
        match plain.parse() {
            Ok(value) if length <= LONGEST_NUMBER => self.push(Kind::Number(value), self.at + length),
            _ => {
                let message = format!("a number of more than {LONGEST_NUMBER} characters");
                self.bad(length, message, "Write it in a larger unit: `2 TiB`.");
            }
        }
    }

    fn sign(&mut self, rest: &str, first: char) {
        let foreign = FOREIGN.iter().find(|(sign, _)| rest.starts_with(sign));
        if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign))
            && !rest.starts_with("<>")
        {
            let length = sign.len();
            let sign = match sign {
                "≤" => "<=",
                "≥" => ">=",
                sign => sign,
            };
            self.push(Kind::Sign(sign), self.at + length);
            return;
        }
        if let Some((sign, next)) = foreign {
            self.bad(sign.len(), format!("`{sign}` means nothing in a rule"), next);
        } else {
            let message = format!("{} means nothing in a rule", quoted(&first.to_string()));
            self.bad(first.len_utf8(), message, "docs/RULES.md has the language on two pages.");
        }
    }
}
