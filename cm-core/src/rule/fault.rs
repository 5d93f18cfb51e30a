//! What is wrong with a file of rules, at a range of its bytes. It becomes a problem with a place once the file is known.

use std::ops::Range;
use std::path::Path;

use crate::fault::Code;
use crate::nearest::nearest;
use crate::problem::{Problem, Text, quoted};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    pub(super) span: Range<usize>,
    code: Code,
    message: String,
    next: String,
}

impl Fault {
    /// It is not put together as rules are.
    pub(super) fn grammar(span: Range<usize>, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self { span, code: Code::RULE_UNREADABLE, message: message.into(), next: next.into() }
    }

    /// Its parts do not go together: a temperature and a percentage.
    pub(super) fn mismatch(span: Range<usize>, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self { span, code: Code::RULE_MISMATCH, message: message.into(), next: next.into() }
    }

    /// Two parts of the rules say different things.
    pub(super) fn contradiction(span: Range<usize>, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self { span, code: Code::RULE_CONTRADICTION, message: message.into(), next: next.into() }
    }

    /// A name that means nothing: the nearest one that does, or else where all are listed.
    pub(super) fn unknown<'k>(
        span: Range<usize>,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'k str>,
        otherwise: &str,
    ) -> Self {
        let next = match nearest(name, known) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => otherwise.to_owned(),
        };
        Self { span, code: Code::RULE_UNKNOWN_NAME, message: format!("{} is no {what}", quoted(name)), next }
    }

    /// The problem, at its place in a file.
    pub(super) fn put(&self, text: &Text, file: &Path) -> Problem {
        text.put(file, self.span.clone(), Problem::error(self.code, &self.message, Some(self.next.clone())))
    }
}
