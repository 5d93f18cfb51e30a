//! Where the value of a setting comes from, and the list of all settings in force that `config show` prints.

use std::fmt;
use std::path::PathBuf;

use cm_model::problem::show_path;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A file.
    File {
        /// Which.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// Whether it is set for one host alone, over what holds for all.
        for_host: bool,
    },
    /// The role of the host, in this file and line.
    Role {
        /// Which file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
    },
    /// A variable of the environment.
    Environment(String),
    /// An option of the command line, as it is written there: `--refresh`.
    CommandLine(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line, column, for_host } => {
                write!(f, "{}:{line}:{column}", show_path(path))?;
                f.write_str(if *for_host { " (this host alone)" } else { "" })
            }
            Self::Role { path, line, column } => write!(f, "{}:{line}:{column} (its role)", show_path(path)),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::CommandLine(option) => write!(f, "command line {option}"),
        }
    }
}

/// One setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its full name: `dashboard.theme`, `hosts.srv01.address`.
    pub name: String,
    /// Its value as TOML writes it; harmless to print. Never a secret: of a token only the file is known here.
    pub value: String,
    /// Where the value comes from.
    pub origin: Origin,
}
