//! A configuration file as text, and where in it something stands. It does not know what settings there are.

use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use cm_model::fault::Code;
use cm_model::problem::{Place, Problem, Text, show_path};

/// What a file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `hosts.toml`: who is watched.
    Hosts,
    /// `dashboard.toml`: how.
    Dashboard,
    /// A file named with `--config`: either, or both.
    Either,
}

impl Kind {
    /// The name of such a file.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Hosts => "hosts.toml",
            Self::Dashboard => "dashboard.toml",
            Self::Either => "config.toml",
        }
    }
}

/// The most bytes that are read of one file: some thousand hosts.
pub const MOST_BYTES: u64 = 1 << 20;

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    path: PathBuf,
    kind: Kind,
    text: Text,
}

impl File {
    /// A file with this text.
    pub fn new(path: impl Into<PathBuf>, kind: Kind, text: impl Into<String>) -> Self {
        Self { path: path.into(), kind, text: Text::new(text) }
    }

    /// Reads at most [`MOST_BYTES`] of a file.
    pub(crate) fn read(path: &Path, kind: Kind) -> Result<Self, Box<Problem>> {
        let unreadable = |cause: &dyn std::fmt::Display| {
            let message = format!("{} cannot be read: {cause}", show_path(path));
            Box::new(Problem::error(Code::CONFIG_UNREADABLE, &message, None).about(path))
        };
        let about = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
        if !about.is_file() {
            // Opening a pipe would wait for its writer.
            return Err(unreadable(&"it is no regular file"));
        }
        let file = std::fs::File::open(path).map_err(|error| unreadable(&error))?;
        let mut bytes = Vec::new();
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(unreadable(&"it is larger than 1 MiB"));
        }
        String::from_utf8(bytes)
            .map(|text| Self::new(path, kind, text))
            .map_err(|error| Box::new(not_utf8(path, kind, &error)))
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it may hold.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// What it says, without a byte-order mark.
    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// Line and column of a range of bytes. What lies outside the text is moved to its end.
    pub(crate) fn place(&self, span: Range<usize>) -> Place {
        self.text.place(span)
    }

    /// Puts a problem at a range of bytes.
    pub(crate) fn put(&self, span: Range<usize>, problem: Problem) -> Problem {
        self.text.put(&self.path, span, problem)
    }
}

fn not_utf8(path: &Path, kind: Kind, error: &std::string::FromUtf8Error) -> Problem {
    let bytes = error.as_bytes();
    let good = error.utf8_error().valid_up_to();
    // What cannot be read is shown as the replacement character, so that the line can be shown at all.
    let file = File::new(path, kind, String::from_utf8_lossy(bytes));
    let mark = if bytes.starts_with("\u{feff}".as_bytes()) { '\u{feff}'.len_utf8() } else { 0 };
    let at = good.saturating_sub(mark);
    let message = format!("not UTF-8: byte 0x{:02x} is part of no character", bytes[good]);
    let next = "Save the file as UTF-8 in your editor.".to_owned();
    file.put(at..at + 1, Problem::error(Code::CONFIG_NOT_TOML, &message, Some(next)))
}
