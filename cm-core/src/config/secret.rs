//! A secret in a file of its own: who could have written it, who else can read it, and that it is one line.
//!
//! What is wrong is told as a problem without a place, for whoever names the file, and never quotes what the file holds. It
//! does not know what the secret is for.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use cm_model::fault::Code;
use cm_model::problem::{Problem, show_path};
use cm_model::trust::Distrust;

use super::trust;

/// The longest file of a secret, in bytes: servers take no longer header.
const MOST_BYTES: u64 = 8 * 1024;

/// The secret in a file, for `user`: a password, an address that is as good as one. Space and line ends around it are not
/// part of it.
///
/// # Errors
/// A file that is not there, that others could have written or everybody may read, or that holds no line or several.
pub fn secret(path: &Path, user: u32) -> Result<SecretString, Box<Problem>> {
    let text = read(path, user, "secret")?;
    let secret = text.expose_secret();
    if secret.chars().any(char::is_control) {
        return Err(wrong(path, "secret", "holds more than one line, or characters that nobody types"));
    }
    Ok(text)
}

/// What is wrong with a file of such a secret.
pub(super) fn wrong(path: &Path, what: &str, why: &str) -> Box<Problem> {
    let message = format!("the {what} file {} {why}", show_path(path));
    Box::new(Problem::error(Code::TOKEN_UNREADABLE, &message, None))
}

/// What the file of a secret holds, trimmed. Costs a look at each folder on the way to the file, and one read of it.
pub(super) fn read(path: &Path, user: u32, what: &str) -> Result<SecretString, Box<Problem>> {
    let unread = |cause: io::Error| wrong(path, what, &format!("cannot be read: {cause}"));
    match trust::check_secret(path, user) {
        Err(Distrust::Unseen { cause, .. }) => return Err(unread(cause)),
        Err(distrust) => return Err(Box::new(distrust.problem(path))),
        Ok(_) => {}
    }
    // Opening a pipe would wait for its writer.
    if !std::fs::metadata(path).map_err(unread)?.is_file() {
        return Err(wrong(path, what, "is no regular file"));
    }
    let mut text = String::new();
    File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_string(&mut text)).map_err(unread)?;
    // Wiped when it goes, whatever it holds.
    let text = SecretString::from(text);
    match text.expose_secret().trim() {
        "" => Err(wrong(path, what, "is empty")),
        _ if text.expose_secret().len() as u64 > MOST_BYTES => Err(wrong(path, what, &format!("is longer than any {what}"))),
        trimmed => Ok(trimmed.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use super::*;

    #[test]
    fn a_password_may_hold_what_people_type_and_is_never_quoted() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let user = fs::metadata(folder.path()).unwrap().uid();
        let path = folder.path().join("password");
        for (text, mode, held) in [
            ("pässword with spaces\n", 0o600, Ok("pässword with spaces")),
            ("marker\nmarker", 0o600, Err("more than one line")),
            ("marker", 0o644, Err("by everybody")),
            ("\n", 0o600, Err("is empty")),
        ] {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            match (secret(&path, user), held) {
                (Ok(secret), Ok(held)) => assert_eq!(secret.expose_secret(), held),
                (Err(problem), Err(why)) => {
                    assert!(problem.message.contains(why) && !problem.to_string().contains("marker"), "{problem}");
                }
                (read, held) => panic!("{read:?} where {held:?} was expected"),
            }
        }
    }
}
