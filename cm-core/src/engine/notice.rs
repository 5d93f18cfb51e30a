//! What a person is told of recording: once when it begins to be so, and once when it is over.
//!
//! It does not know where it is printed.

use std::fmt;

use crate::clock::WallTime;
use crate::fault::Code;
use crate::unit::human;

/// Something that a person should know.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// When it began to be so, by this machine's clock.
    pub at: WallTime,
    /// What.
    pub what: News,
}

/// What is so now.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// This program records.
    Records,
    /// Another program records; this one takes over when it ends.
    Follows {
        /// Which, in its own words.
        by: String,
    },
    /// Recording is held up.
    Trouble {
        /// The code under which it is explained.
        code: Code,
        /// What happened to which file, why, and what to do.
        text: String,
    },
    /// Recording goes on.
    Over {
        /// What held it up.
        code: Code,
        /// Samples and reports that were dropped meanwhile.
        dropped: u64,
    },
    /// The clock of this machine leapt by so many milliseconds, back where it is negative.
    ClockSet {
        /// How far.
        by_ms: i64,
    },
}

impl Notice {
    /// The code under which it is explained; none where nothing is wrong.
    pub const fn code(&self) -> Option<Code> {
        match self.what {
            News::Trouble { code, .. } => Some(code),
            News::ClockSet { .. } => Some(Code::HISTORY_CLOCK_SET),
            News::Records | News::Follows { .. } | News::Over { .. } => None,
        }
    }
}

/// One sentence, whose text may hold a path: it leaves through an exit.
impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            News::Records => f.write_str("the history is recorded here"),
            News::Follows { by } => write!(f, "{by} records the history; this program takes over when that ends"),
            News::Trouble { text, .. } => f.write_str(text),
            News::Over { dropped: 0, .. } => f.write_str("the history is recorded again, and nothing was dropped"),
            News::Over { dropped, .. } => {
                let were = if *dropped == 1 { "sample was" } else { "samples were" };
                write!(f, "the history is recorded again; {dropped} {were} dropped meanwhile")
            }
            News::ClockSet { by_ms } => {
                let way = if *by_ms < 0 { "back" } else { "forward" };
                let span = human::span(by_ms.unsigned_abs() as f64 / 1000.0);
                write!(
                    f,
                    "this machine's clock was set {way} by {span}; nothing expires until it has gone steadily for an hour"
                )
            }
        }
    }
}
