//! Why nothing could be learnt of a backup: the word for programs, and a line for people.

use std::io;
use std::path::Path;

use cm_model::report::backup::Trouble;
use cm_model::trust::Distrust;

use crate::program::{Ended, How};
use crate::trust::Refused;

/// The most characters of what a tool said that are told.
const MOST_SAID: usize = 300;

/// Why nothing could be learnt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// In a word.
    pub(super) trouble: Trouble,
    /// In a line.
    pub(super) said: String,
}

impl Fault {
    pub(super) fn new(trouble: Trouble, said: impl Into<String>) -> Self {
        Self { trouble, said: said.into() }
    }

    /// A file was not read.
    pub(super) fn refused(path: &Path, refused: Refused) -> Self {
        match refused {
            Refused::Untrusted(distrust) => Self::distrusted(&distrust),
            Refused::Unreadable(error) => {
                let trouble = match error.kind() {
                    io::ErrorKind::NotFound => Trouble::Gone,
                    io::ErrorKind::PermissionDenied => Trouble::Forbidden,
                    _ => Trouble::Unreadable,
                };
                Self::new(trouble, format!("{}: {error}", path.display()))
            }
        }
    }

    /// A program is not run.
    pub(super) fn unsettled(distrust: &Distrust) -> Self {
        match distrust {
            Distrust::Unseen { .. } if distrust.is_not_there() => {
                Self::new(Trouble::NotInstalled, distrust.to_string())
            }
            Distrust::Unseen { .. } => Self::new(Trouble::Forbidden, distrust.to_string()),
            distrust => Self::distrusted(distrust),
        }
    }

    fn distrusted(distrust: &Distrust) -> Self {
        let next = distrust.next().map(|next| format!(". {next}")).unwrap_or_default();
        Self::new(Trouble::Untrusted, format!("{distrust}{next}"))
    }

    /// A program ended otherwise than well; `by_code` knows its exit codes and words. `hidden` is not told.
    pub(super) fn ended(ended: &Ended, by_code: fn(i32, &str) -> Trouble, hidden: &[(String, String)]) -> Self {
        match ended.how {
            How::Exit(code) => {
                let trouble = by_code(code, &ended.stderr);
                let said = said(&ended.stderr, hidden);
                Self::new(trouble, said.unwrap_or_else(|| format!("it ended with status {code}")))
            }
            How::Signal(signal) => Self::new(Trouble::Unreadable, format!("it was ended by signal {signal}")),
            How::TooLong => Self::new(Trouble::NoAnswer, "it took longer than it may"),
            How::TooMuch => Self::new(Trouble::Unreadable, "it said more than is read"),
        }
    }
}

/// The last line of what a tool complained about, without what must not be told.
pub(super) fn said(stderr: &str, hidden: &[(String, String)]) -> Option<String> {
    let line = stderr.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    let mut line = line.to_owned();
    for (secret, shown) in hidden.iter().filter(|(secret, _)| !secret.is_empty()) {
        line = line.replace(secret, shown);
    }
    if line.chars().count() > MOST_SAID {
        line = line.chars().take(MOST_SAID).chain(['…']).collect();
    }
    Some(line)
}

/// A repository without the password in its address.
pub(super) fn shown_repository(repository: &str) -> String {
    let Some((scheme, rest)) = repository.split_once("://") else { return repository.to_owned() };
    let authority = rest.split('/').next().unwrap_or_default();
    let Some((user, host)) = authority.rsplit_once('@') else { return repository.to_owned() };
    let Some((name, _)) = user.split_once(':') else { return repository.to_owned() };
    let path = &rest[authority.len()..];
    format!("{scheme}://{name}@{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_addresses_are_not_shown() {
        for (repository, expected) in [
            ("rest:https://ada:s3cret@nas.lan:8000/ada", "rest:https://ada@nas.lan:8000/ada"),
            ("rest:https://ada:s3c@ret@nas.lan:8000", "rest:https://ada@nas.lan:8000"),
            ("ssh://borg@nas.lan/./srv", "ssh://borg@nas.lan/./srv"),
            ("https://nas.lan/a@b:c", "https://nas.lan/a@b:c"),
            ("borg@nas.lan:srv", "borg@nas.lan:srv"),
            ("/srv/backup", "/srv/backup"),
        ] {
            assert_eq!(shown_repository(repository), expected);
        }
    }

    #[test]
    fn what_is_told_is_one_short_line_without_secrets() {
        let hidden =
            [("rest:https://a:s3cret@b".to_owned(), "rest:https://a@b".to_owned()), (String::new(), "x".to_owned())];
        let stderr = "Traceback\n  File\nFatal: cannot open rest:https://a:s3cret@b\n\n";
        assert_eq!(said(stderr, &hidden).as_deref(), Some("Fatal: cannot open rest:https://a@b"));
        assert_eq!(said(&"x".repeat(9_000), &hidden).map(|line| line.chars().count()), Some(MOST_SAID + 1));
        assert_eq!(said("\n \n", &hidden), None);
    }
}
