//! Why a configuration is not used, and what to do about it.

use std::path::PathBuf;

use cm_model::fault::Code;
use cm_model::problem::Problems;
use cm_model::trust::Distrust;

use super::token::TokenError;

/// Why a configuration is not used. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named does not exist.
    #[error("{}: there is no such file", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("{}: cannot be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Somebody else could have written it.
    #[error("{}: not used", .path.display())]
    Untrusted {
        /// The file.
        path: PathBuf,
        /// Who could, and what mends it.
        #[source]
        source: Distrust,
    },
    /// What is wrong in it, in the order of the file; never empty.
    #[error("{problems}")]
    Wrong {
        /// All of it, as far as it is kept.
        problems: Problems,
    },
    /// A token cannot be used.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl ConfigError {
    /// The code under which it is explained: of several problems the first one's.
    pub fn code(&self) -> Code {
        match self {
            Self::Missing { .. } => Code::CONFIG_MISSING,
            Self::Unreadable { .. } => Code::CONFIG_UNREADABLE,
            Self::Untrusted { source, .. } => source.code(),
            Self::Wrong { problems } => problems.code().unwrap_or(Code::INNER_FAULT),
            Self::Token(error) => error.code(),
        }
    }
}

impl ConfigError {
    /// The next step, where it is known better than the code knows it.
    pub fn next(&self) -> Option<String> {
        match self {
            Self::Untrusted { source, .. } => source.next(),
            Self::Token(error) => error.next(),
            Self::Missing { .. } | Self::Unreadable { .. } | Self::Wrong { .. } => None,
        }
    }
}
