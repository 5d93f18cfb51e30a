//! Borgmatic: borg behind a configuration of its own, with one repository or several.
//!
//! Its own `list --json` takes borg's lock; `borgmatic borg list` hands borg's answer through, one JSON value a repository,
//! and borg can be told to go past the lock. Both forms of answer are read.

use serde::Deserialize;

use super::borg::{self, Answer};
use super::state::State;

/// How the archives are asked for.
pub(super) const LIST: &[&str] = &["borg", "list", "--json", "--bypass-lock"];

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Value {
    Several(Vec<Answer>),
    One(Answer),
}

/// Reads the answer to [`LIST`]: one JSON value after the other.
pub(super) fn read(json: &[u8]) -> serde_json::Result<State> {
    let mut archives = Vec::new();
    for value in serde_json::Deserializer::from_slice(json).into_iter::<Value>() {
        match value? {
            Value::Several(answers) => archives.extend(answers.into_iter().flat_map(Answer::archives)),
            Value::One(answer) => archives.extend(answer.archives()),
        }
    }
    Ok(State::of(archives))
}

pub(super) use borg::trouble;

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"archives":[{"name":"web-2026-11-24","start":"2026-11-24T02:00:00.000000"}]}"#;
    const OTHER: &str = r#"{"archives":[{"name":"web-2026-11-25","start":"2026-11-25T02:00:00.000000"}]}"#;

    #[test]
    fn several_repositories_are_read_in_both_forms() {
        for (json, count) in [
            (format!("{ONE}\n{OTHER}\n"), Some(2)),
            (format!("[{ONE}, {OTHER}]"), Some(2)),
            (ONE.to_owned(), Some(1)),
            ("[]".to_owned(), Some(0)),
            (String::new(), Some(0)),
            (format!("{ONE} nonsense"), None),
        ] {
            assert_eq!(read(json.as_bytes()).ok().map(|state| state.count), count, "{json}");
        }
    }
}
