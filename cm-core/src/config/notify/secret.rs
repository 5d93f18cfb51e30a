//! Where a secret is: a file of its own, or a credential that the service manager hands over. The configuration never
//! holds one.

use std::fmt;
use std::path::{Path, PathBuf};

use cm_model::fault::Code;
use cm_model::problem::Problem;
use secrecy::SecretString;

use crate::config::token::{self, Holds};

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// In this file, which nobody else may read.
    File(PathBuf),
    /// In this credential of the service (`LoadCredential=`, `LoadCredentialEncrypted=`).
    Credential(String),
}

impl Secret {
    /// The secret. `credentials` is the folder that `$CREDENTIALS_DIRECTORY` names, if it names one.
    ///
    /// # Errors
    /// A file that is not there, that others can read or could have written, or that holds no line of text.
    pub fn read(&self, credentials: Option<&Path>, user: u32) -> Result<SecretString, Box<Problem>> {
        match (self, credentials) {
            (Self::File(path), _) => token::read(path, user, Holds::Line),
            (Self::Credential(name), Some(folder)) => token::read_handed_over(&folder.join(name)),
            (Self::Credential(name), None) => {
                let message = format!("there is no credential `{name}`: no service manager has handed any over");
                let next = format!("Run it as a service with LoadCredentialEncrypted={name}, or name a file instead.");
                Err(Box::new(Problem::error(Code::TOKEN_UNREADABLE, &message, Some(next))))
            }
        }
    }

    pub(super) fn resolve(&mut self, whole: &dyn Fn(&Path) -> PathBuf) {
        if let Self::File(path) = self {
            *path = whole(path);
        }
    }
}

/// Where it is; never the secret.
impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the file {}", cm_model::problem::show_path(path)),
            Self::Credential(name) => write!(f, "the credential {name}"),
        }
    }
}
