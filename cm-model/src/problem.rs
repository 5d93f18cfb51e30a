//! What is wrong with a configuration, where, and what to do: one sentence, the line with a caret, the next step.
//!
//! Everything here is harmless to print: whatever a file says has gone through one place before it is kept. It does
//! not know what a right configuration looks like.

mod text;

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::fault::Code;
use crate::text::terminal;

pub use text::Text;

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The configuration is not used; of a token: the host that it is for is not asked.
    Error,
    /// It is used; something in it does not do what it seems to.
    Note,
}

impl Severity {
    /// Its word in messages and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Note => "note",
        }
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1; a tab is one character.
    pub column: usize,
    /// The same in bytes of the file, without its byte-order mark if it has one. May be empty, at the end of the file too.
    pub span: Range<usize>,
}

/// A line of the file, ready to print, and what in it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, or the part of it around the place, with tabs as spaces and nothing that a terminal would obey.
    pub text: String,
    /// Terminal columns before the caret.
    pub indent: usize,
    /// Terminal columns under which the caret stands, at least 1.
    pub width: usize,
}

/// One thing that is wrong, or worth knowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How much it matters.
    pub severity: Severity,
    /// The code under which it is explained; a note is no fault and has none.
    pub code: Option<Code>,
    /// The file, where it is about one.
    pub file: Option<PathBuf>,
    /// Where in the file.
    pub place: Option<Place>,
    /// The place as it reads, unless a password may stand there.
    pub excerpt: Option<Excerpt>,
    /// What is wrong and what was expected, without a full stop.
    pub message: String,
    /// The next step, in one line.
    pub next: String,
}

impl Problem {
    /// A problem with its own next step, or the one that belongs to its code.
    pub fn error(code: Code, message: &str, next: Option<String>) -> Self {
        let next = next.unwrap_or_else(|| code.fault().next.to_owned());
        Self::new(Severity::Error, Some(code), message, &next)
    }

    /// Something that is worth knowing, and what may be done.
    pub fn note(message: &str, next: &str) -> Self {
        Self::new(Severity::Note, None, message, next)
    }

    fn new(severity: Severity, code: Option<Code>, message: &str, next: &str) -> Self {
        let (message, next) = (harmless(message), harmless(next));
        Self { severity, code, file: None, place: None, excerpt: None, message, next }
    }

    /// The same problem, about a file.
    #[must_use]
    pub fn about(mut self, file: &Path) -> Self {
        self.file = Some(file.to_owned());
        self
    }

    /// `FILE:LINE:COLUMN` as far as they are known; empty where no file is meant.
    pub fn location(&self) -> String {
        let file = self.file.as_deref().map(show_path).unwrap_or_default();
        match &self.place {
            Some(place) => format!("{file}:{}:{}", place.line, place.column),
            None => file,
        }
    }
}

/// As a compiler says it: the sentence, the place, the line with a caret, the next step. Several lines, no line feed at
/// the end, no colour.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.severity.word())?;
        if let Some(code) = self.code {
            write!(f, "[{code}]")?;
        }
        write!(f, ": {}", self.message)?;
        let digits = self.place.as_ref().map_or(1, |place| place.line.to_string().len());
        if self.file.is_some() {
            write!(f, "\n{:digits$}--> {}", "", self.location())?;
        }
        if let (Some(place), Some(excerpt)) = (&self.place, &self.excerpt) {
            write!(f, "\n{:digits$} |\n{} | {}", "", place.line, excerpt.text)?;
            write!(
                f,
                "\n{:digits$} | {:indent$}{:^<width$}",
                "",
                "",
                "",
                indent = excerpt.indent,
                width = excerpt.width
            )?;
        }
        write!(f, "\n{:digits$} = next: {}", "", self.next)
    }
}

/// All that was found, by file and line; never empty when it is an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems {
    list: Vec<Problem>,
    left_out: usize,
}

impl Problems {
    /// The most problems kept: a file of nonsense is not worth more.
    pub const MOST: usize = 200;

    /// Takes one more; past [`Problems::MOST`] it is only counted, but for an error, which takes a note's place.
    pub fn push(&mut self, problem: Problem) {
        if !self.is_full() || (problem.severity == Severity::Error && self.drop_a_note()) {
            self.list.push(problem);
        } else {
            self.left_out += 1;
        }
    }

    /// Whether what comes now is counted and no more.
    pub fn is_full(&self) -> bool {
        self.list.len() >= Self::MOST
    }

    /// How many there were, those left out included.
    pub fn count(&self) -> usize {
        self.list.len() + self.left_out
    }

    /// Whether any of them keeps the configuration from being used.
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// Counts one more that is not kept.
    pub fn leave_out(&mut self) {
        self.left_out += 1;
    }

    /// An error is never left out for a note.
    fn drop_a_note(&mut self) -> bool {
        let Some(index) = self.list.iter().rposition(|problem| problem.severity == Severity::Note) else {
            return false;
        };
        self.list.remove(index);
        self.left_out += 1;
        true
    }

    /// Puts them in the order in which they are told: errors first, then notes, each by file and line.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|problem| {
            let start = problem.place.as_ref().map_or(0, |place| place.span.start);
            (problem.severity, problem.file.clone(), start)
        });
    }

    /// Errors first, then notes, each by file and line.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// Those that keep the configuration, or a host of it, from being used.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter().filter(|problem| problem.severity == Severity::Error)
    }

    /// Those that are only worth knowing.
    pub fn notes(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter().filter(|problem| problem.severity == Severity::Note)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many more there were than are kept.
    pub const fn left_out(&self) -> usize {
        self.left_out
    }

    /// The code of the first error: what to exit with and to explain.
    pub fn code(&self) -> Option<Code> {
        self.errors().find_map(|problem| problem.code)
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// All of them, a blank line between.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.iter().enumerate() {
            write!(f, "{}{problem}", if index > 0 { "\n\n" } else { "" })?;
        }
        if self.left_out > 0 {
            write!(f, "\n\nand {} more", self.left_out)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// The most characters of a line that are shown around a place.
const LINE_SHOWN: usize = 100;

impl Excerpt {
    /// The part of `line` around its byte range `span`; `None` for a line in which a password may stand (`name:password@`).
    pub fn of(line: &str, span: Range<usize>) -> Option<Self> {
        if line.rfind('@').is_some_and(|at| line[..at].contains(':')) {
            return None;
        }
        let characters_before = line[..span.start].chars().count();
        let skipped = characters_before.saturating_sub(LINE_SHOWN / 2);
        let from = line.char_indices().nth(skipped).map_or(line.len(), |(at, _)| at);
        let to = line[from..].char_indices().nth(LINE_SHOWN).map_or(line.len(), |(at, _)| from + at);
        let end = span.end.clamp(span.start, to);
        let [before, meant, after] = [&line[from..span.start], &line[span.start..end], &line[end..to]].map(printable);
        let lead = if skipped > 0 { "…" } else { "" };
        let trail = if to < line.len() { "…" } else { "" };
        Some(Self {
            indent: terminal::columns(lead) + terminal::columns(&before),
            width: terminal::columns(&meant).max(1),
            text: format!("{lead}{before}{meant}{after}{trail}"),
        })
    }
}

fn printable(text: &str) -> String {
    harmless(&text.replace('\t', "    "))
}

/// Text of a file or of the environment as text to print: the one place in this room where it becomes that.
pub fn harmless(text: &str) -> String {
    terminal::line(text).into_owned()
}

/// A name or value out of a file, short enough for a sentence.
pub fn quoted(text: &str) -> String {
    const MOST: usize = 60;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("`{}`", harmless(&short))
}

/// A path as text to print.
pub fn show_path(path: &Path) -> String {
    harmless(&path.to_string_lossy())
}

/// A path as a word for the shell.
pub fn shell_path(path: &Path) -> String {
    let text = show_path(path);
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'-' | b'_' | b'+' | b'@' | b':' | b'~');
    if text.bytes().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
