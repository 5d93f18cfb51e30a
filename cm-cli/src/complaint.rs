//! What went wrong in this program: a code, a sentence, the next step; on stderr for people, or as JSON.

use std::io::{self, Write};

use cm_core::config::{Problem, Problems};
use cm_core::fault::Code;
use cm_core::text::{json, terminal};
use schemars::JsonSchema;
use serde::Serialize;

use crate::exit::Exit;
use crate::paint::{Meaning, Paint};

/// Something that stopped the program, or part of its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Under which it is explained.
    pub code: Code,
    /// What happened, where and why, without a full stop. It may quote a file or a host: it is escaped when printed.
    pub what: String,
    /// What is wrong with the configuration, one by one, where that is what went wrong.
    pub problems: Option<Box<Problems>>,
    /// The next step.
    pub next: String,
}

/// How a complaint is written where a program reads it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "error")]
pub struct ErrorDocument<'a> {
    /// `cm-dashboard/error/1`.
    schema: &'static str,
    /// The stable code, `CM-0203`.
    code: String,
    /// A few words for that code.
    title: &'static str,
    /// What happened, where and why.
    message: &'a str,
    /// The next step.
    next: &'a str,
    /// The exit code with which the program ends.
    exit_code: u8,
    /// What is wrong with the configuration, one by one.
    problems: Vec<ProblemDocument>,
}

/// One thing that is wrong with the configuration, where a program reads it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "problem")]
pub struct ProblemDocument {
    /// `error`, or `note` for what does not keep it from being used.
    severity: &'static str,
    /// The stable code; a note has none.
    code: Option<String>,
    /// The file.
    file: Option<String>,
    /// The line, from 1.
    line: Option<usize>,
    /// The column in characters, from 1.
    column: Option<usize>,
    /// What is wrong and what was expected.
    message: String,
    /// The next step.
    next: String,
}

impl From<&Problem> for ProblemDocument {
    fn from(problem: &Problem) -> Self {
        Self {
            severity: problem.severity.word(),
            code: problem.code.map(|code| code.to_string()),
            file: problem.file.as_ref().map(|file| file.display().to_string()),
            line: problem.place.as_ref().map(|place| place.line),
            column: problem.place.as_ref().map(|place| place.column),
            message: problem.message.clone(),
            next: problem.next.clone(),
        }
    }
}

impl Complaint {
    /// A complaint with the next step that its code knows.
    pub fn new(code: Code, what: impl Into<String>) -> Self {
        Self { code, what: what.into(), problems: None, next: code.fault().next.to_owned() }
    }

    /// The same with another next step.
    #[must_use]
    pub fn next(self, next: impl Into<String>) -> Self {
        Self { next: next.into(), ..self }
    }

    /// A configuration that cannot be used.
    pub fn of_problems(problems: Problems) -> Self {
        let first = problems.errors().next();
        let code = first.and_then(|problem| problem.code).unwrap_or(Code::CONFIG_UNREADABLE);
        let what = first.map_or_else(String::new, |problem| problem.message.clone());
        let next = first.map_or_else(|| code.fault().next.to_owned(), |problem| problem.next.clone());
        Self { code, what, next, problems: Some(Box::new(problems)) }
    }

    /// Output that could not be written.
    pub fn unwritten(error: &io::Error) -> Self {
        Self::new(Code::FILE_UNWRITABLE, format!("the output cannot be written: {error}"))
            .next("Check the free space where the output goes: `df -h`.")
    }

    /// The exit code for it.
    pub fn exit(&self) -> Exit {
        Exit::of(self.code)
    }

    /// Prints it for people.
    pub fn print(&self, to: &mut dyn Write, paint: Paint) -> io::Result<()> {
        if let Some(problems) = &self.problems {
            // Each has its own head, place and next step, of harmless lines.
            return writeln!(to, "{problems}");
        }
        let head = paint.dress(&format!("error[{}]:", self.code), Meaning::Bad);
        writeln!(to, "{head} {}", terminal::line(&self.what))?;
        writeln!(to, "{} {}", paint.dress("next:", Meaning::Title), terminal::line(&self.next))
    }

    /// Prints it as one line of JSON.
    pub fn print_json(&self, to: &mut dyn Write) -> io::Result<()> {
        let document = ErrorDocument {
            schema: "cm-dashboard/error/1",
            code: self.code.to_string(),
            title: self.code.fault().title,
            message: &self.what,
            next: &self.next,
            exit_code: self.exit().number(),
            problems: self.problems.iter().flat_map(|problems| problems.iter()).map(ProblemDocument::from).collect(),
        };
        writeln!(to, "{}", json::compact(&document).map_err(io::Error::other)?)
    }
}
