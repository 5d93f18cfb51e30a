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
    /// The line's text, or the part of a long one around the place.
    pub text: String,
    /// How many of the line's first characters are left out of `text`.
    pub left_out: usize,
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
        let line = text[line_start..line_end].trim_end();
        let column = before[line_start..].chars().count() + 1;
        let width = text[start..end.min(line_end).max(start)].chars().count();
        let left_out = column.saturating_sub(Self::MOST_SHOWN / 2);
        Self {
            path: path.into(),
            line: before.matches('\n').count() + 1,
            column,
            text: line.chars().skip(left_out).take(Self::MOST_SHOWN).collect(),
            left_out,
            width: width.clamp(1, Self::MOST_SHOWN / 2),
        }
    }

    /// The most characters of a line that are shown.
    const MOST_SHOWN: usize = 160;
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { path, line, column, text, left_out, width } = &self.place;
        let gutter = " ".repeat(line.to_string().len());
        writeln!(f, "{}: {}", self.code, terminal::line(&self.message))?;
        writeln!(f, "{gutter}--> {}:{line}:{column}", terminal::line(&path.display().to_string()))?;
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{line} | {}", one_column_each(text))?;
        write!(f, "{gutter} | {}{}", " ".repeat(column - 1 - left_out), "^".repeat(*width))?;
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

/// The most problems that are shown at once.
const MOST_PROBLEMS: usize = 20;

/// Several problems, a blank line between them.
pub(super) fn render(problems: &[Problem]) -> String {
    let mut shown: Vec<_> = problems.iter().take(MOST_PROBLEMS).map(Problem::to_string).collect();
    if let Some(more @ 1..) = problems.len().checked_sub(MOST_PROBLEMS) {
        shown.push(format!("and {more} more"));
    }
    shown.join("\n\n")
}
