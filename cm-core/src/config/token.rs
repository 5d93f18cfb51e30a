//! A bearer token in a file of its own: who could have written it, who else can read it, and whether it is one.
//!
//! What is wrong is told as a problem without a place, for whoever names the file. It does not know whom the token is for.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use cm_model::fault::Code;
use cm_model::problem::{Problem, show_path};
use cm_model::trust::Distrust;

use super::trust;
use crate::api::is_token;

/// The longest token's file, in bytes: servers take no longer header.
const MOST_BYTES: u64 = 8 * 1024;

/// What a file of a secret holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// A bearer token: one word of ASCII.
    Token,
    /// A line of text: a password, an address.
    Line,
}

/// The secret in a file, for `user`. Costs a look at each folder on the way to the file, and one read of it.
pub(crate) fn read(path: &Path, user: u32, holds: Holds) -> Result<SecretString, Box<Problem>> {
    match trust::check_secret(path, user) {
        Err(Distrust::Unseen { cause, .. }) => Err(wrong(path, holds, &format!("cannot be read: {cause}"))),
        Err(distrust) => Err(Box::new(distrust.problem(path))),
        Ok(_) => contents(path, holds),
    }
}

/// The secret in a credential that the service manager handed over: who may read those is its concern.
pub(crate) fn read_handed_over(path: &Path) -> Result<SecretString, Box<Problem>> {
    contents(path, Holds::Line)
}

fn wrong(path: &Path, holds: Holds, what: &str) -> Box<Problem> {
    let name = if holds == Holds::Token { "token" } else { "secret" };
    let message = format!("the {name} file {} {what}", show_path(path));
    Box::new(Problem::error(Code::TOKEN_UNREADABLE, &message, None))
}

fn contents(path: &Path, holds: Holds) -> Result<SecretString, Box<Problem>> {
    let wrong = |what: &str| wrong(path, holds, what);
    let unread = |cause: io::Error| wrong(&format!("cannot be read: {cause}"));
    // Opening a pipe would wait for its writer.
    if !std::fs::metadata(path).map_err(unread)?.is_file() {
        return Err(wrong("is no regular file"));
    }
    let mut text = String::new();
    File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_string(&mut text)).map_err(unread)?;
    // Wiped when it goes, whatever it holds.
    let text = SecretString::from(text);
    let token = text.expose_secret().trim();
    match token {
        "" => Err(wrong("is empty")),
        _ if text.expose_secret().len() as u64 > MOST_BYTES => Err(wrong("is longer than any token")),
        _ if holds == Holds::Line && token.chars().any(char::is_control) => Err(wrong("holds more than one line")),
        _ if holds == Holds::Token && !is_token(token) => {
            Err(wrong("holds characters that no token has: one line of ASCII is one"))
        }
        _ => Ok(token.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use super::*;

    #[test]
    fn a_token_is_there_and_closed() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let user = fs::metadata(folder.path()).unwrap().uid();
        let path = folder.path().join("token");
        let long = "x".repeat(100_000);
        for (text, mode, message, next) in [
            (Some("marker\n"), 0o600, "", ""),
            (Some("marker"), 0o440, "", ""),
            (Some(" \n"), 0o600, "is empty", ""),
            (None, 0, "cannot be read", ""),
            (Some("marker two"), 0o600, "holds characters", ""),
            (Some("m\u{e9}rker"), 0o600, "holds characters", ""),
            (Some(long.as_str()), 0o600, "is longer", ""),
            (Some("marker"), 0o644, "by everybody", "Run: chmod 600 "),
            (Some("marker"), 0o620, "its group", "Run: chmod g-w "),
        ] {
            if let Some(text) = text {
                fs::write(&path, text).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            }
            match read(&path, user, Holds::Token) {
                Ok(token) => assert_eq!((token.expose_secret(), message), ("marker", "")),
                Err(problem) => {
                    assert!(!message.is_empty() && problem.message.contains(message), "{text:?} {mode:o}: {problem}");
                    assert!(problem.next.starts_with(next), "{problem}");
                    assert!(!problem.to_string().contains("marker"), "{problem}");
                }
            }
            let _ = fs::remove_file(&path);
        }
    }
}
