//! What is wrong in a file, and where: line, column, the line itself with a caret under the place.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use cm_model::fault::Code;
use cm_model::text::terminal;

/// One thing that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The code under which it is explained.
    pub code: Code,
    /// What is wrong, and what was expected.
    pub message: String,
    /// The nearest valid name, or which names there are.
    pub hint: Option<String>,
    /// Where.
    pub place: Place,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The line's text.
    pub text: String,
    /// How many characters of it are meant; at least 1.
    pub width: usize,
}

impl Place {
    /// The place of a span of bytes.
    pub(super) fn of(path: &Path, text: &str, span: Range<usize>) -> Self {
        let start = text.floor_char_boundary(span.start);
        let end = text.floor_char_boundary(span.end.max(start));
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[line_start..].find('\n').map_or(text.len(), |at| line_start + at);
        let meant = &text[start..end.min(line_end).max(start)];
        Self {
            path: path.into(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            text: text[line_start..line_end].trim_end().to_owned(),
            width: meant.chars().count().max(1),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { path, line, column, text, width } = &self.place;
        let gutter = " ".repeat(line.to_string().len());
        writeln!(f, "{}: {}", self.code, terminal::line(&self.message))?;
        writeln!(f, "{gutter}--> {}:{line}:{column}", terminal::line(&path.display().to_string()))?;
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{line} | {}", one_column_each(text))?;
        write!(f, "{gutter} | {}{}", " ".repeat(column - 1), "^".repeat(*width))?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " {}", terminal::line(hint)))
    }
}

/// A line out of a file, every character in one column, so that the caret points true.
fn one_column_each(text: &str) -> String {
    let harmless = |c: char| terminal::line(c.encode_utf8(&mut [0; 4]) as &str).chars().eq([c]);
    text.chars()
        .map(|c| {
            if c == '\t' {
                ' '
            } else if harmless(c) {
                c
            } else {
                '\u{FFFD}'
            }
        })
        .collect()
}

/// Several problems, a blank line between them.
pub(super) fn render(problems: &[Problem]) -> String {
    let all: Vec<_> = problems.iter().map(Problem::to_string).collect();
    all.join("\n\n")
}
