//! A bearer token out of its file.

use std::path::{Path, PathBuf};

use cm_model::fault::Code;
use cm_model::guard::{BadToken, Token};
use cm_model::trust::Distrust;

use crate::trust::{self, Refused};

/// Why a token cannot be used. It never holds the token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be read.
    #[error("{}: the token cannot be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// What is in it is no token.
    #[error("{}: {source}", .path.display())]
    NoToken {
        /// The file.
        path: PathBuf,
        /// What a token is.
        source: BadToken,
    },
    /// Others could have written it, or can read it.
    #[error("{}: the token is not used", .path.display())]
    Untrusted {
        /// The file.
        path: PathBuf,
        /// Who could, and what mends it.
        #[source]
        source: Distrust,
    },
}

impl TokenError {
    /// The code under which it is explained.
    pub const fn code(&self) -> Code {
        match self {
            Self::Unreadable { .. } | Self::NoToken { .. } => Code::TOKEN_UNREADABLE,
            Self::Untrusted { source, .. } => source.code(),
        }
    }

    /// What mends it, where that is known better than the code knows.
    pub fn next(&self) -> Option<String> {
        match self {
            Self::Untrusted { source, .. } => source.next(),
            Self::Unreadable { .. } | Self::NoToken { .. } => None,
        }
    }
}

/// Reads a token file.
pub(super) fn read(path: &Path) -> Result<Token, TokenError> {
    let most = 2 * Token::MOST_BYTES as u64;
    let text = trust::read_secret(path, most).map_err(|refused| match refused {
        Refused::Untrusted(source) => TokenError::Untrusted { path: path.into(), source },
        Refused::Unreadable(source) => TokenError::Unreadable { path: path.into(), source },
    })?;
    Token::new(&text).map_err(|source| TokenError::NoToken { path: path.into(), source })
}
