//! Exit codes, those of the other programs (after `sysexits.h`), and how a program says why it ends with one.

use std::io::{self, Write};

use cm_core::config::Problems;
use cm_core::fault::Code;
use cm_core::text::terminal;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Well = 0,
    /// Done, and something was told: of `check` alone.
    Told = 1,
    /// The command was not understood.
    Usage = 64,
    /// A channel takes nothing before somebody mends it, or refuses the message.
    Refused = 69,
    /// A fault of this program.
    Inner = 70,
    /// Output could not be written.
    Io = 74,
    /// A channel takes nothing now, or its answer was lost; it may at another time.
    Later = 75,
    /// The configuration is wrong.
    Config = 78,
}

impl Exit {
    /// Every exit code with its meaning: what the help prints.
    pub const LIST: [(Self, &'static str); 8] = [
        (Self::Well, "done; of check: nothing was to be told"),
        (Self::Told, "of check: something was told"),
        (Self::Usage, "the command was not understood"),
        (Self::Refused, "a channel refuses what it is sent"),
        (Self::Inner, "a fault of this program"),
        (Self::Io, "output cannot be written"),
        (Self::Later, "a channel cannot be reached now, or its answer was lost"),
        (Self::Config, "the configuration is wrong"),
    ];

    /// The number that the caller sees.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// What went wrong, why, and the next step.
#[derive(Debug)]
pub enum Complaint {
    /// One thing.
    One {
        /// The code under which it is explained.
        code: Code,
        /// What happened.
        what: String,
        /// The next step, where it is another than the code's.
        next: Option<String>,
        /// How the program ends.
        exit: Exit,
    },
    /// A configuration that cannot be used.
    Problems(Problems),
    /// Output that could not be written.
    Output(io::Error),
}

impl From<io::Error> for Complaint {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl Complaint {
    /// One thing, with the code's own next step.
    pub fn new(code: Code, what: impl Into<String>, exit: Exit) -> Self {
        Self::One { code, what: what.into(), next: None, exit }
    }

    /// How the program ends with it. A reader that went away is no fault.
    pub fn exit(&self) -> Exit {
        match self {
            Self::One { exit, .. } => *exit,
            Self::Problems(_) => Exit::Config,
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Well,
            Self::Output(_) => Exit::Io,
        }
    }

    /// Prints it for people.
    pub fn print(&self, to: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::One { code, what, next, .. } => {
                writeln!(to, "error[{code}]: {}", terminal::line(what))?;
                writeln!(to, "next: {}", terminal::line(next.as_deref().unwrap_or(code.fault().next)))
            }
            Self::Problems(problems) => writeln!(to, "{problems}"),
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Self::Output(error) => {
                writeln!(to, "error[{}]: the output cannot be written: {error}", Code::FILE_UNWRITABLE)
            }
        }
    }
}
