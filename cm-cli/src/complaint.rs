//! What went wrong in this program: a code, a sentence, the next step; on stderr for people, or as JSON.

use std::io::{self, Write};

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
    /// The place, drawn: a line of a file with a caret. It is made of harmless lines already.
    pub excerpt: Option<String>,
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
}

impl Complaint {
    /// A complaint with the next step that its code knows.
    pub fn new(code: Code, what: impl Into<String>) -> Self {
        Self { code, what: what.into(), excerpt: None, next: code.fault().next.to_owned() }
    }

    /// The same with another next step.
    #[must_use]
    pub fn next(self, next: impl Into<String>) -> Self {
        Self { next: next.into(), ..self }
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
        let head = paint.dress(&format!("error[{}]:", self.code), Meaning::Bad);
        writeln!(to, "{head} {}", terminal::line(&self.what))?;
        if let Some(excerpt) = &self.excerpt {
            writeln!(to, "{excerpt}")?;
        }
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
        };
        writeln!(to, "{}", json::compact(&document).map_err(io::Error::other)?)
    }
}
