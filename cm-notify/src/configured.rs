//! The channels as they stand in the configuration: `[[notify.channel]]`, a table each, with a `name`, a `kind` and what that
//! kind takes (docs/NOTIFY.md). Secrets are named as files, and read here.
//!
//! A channel that is wrong keeps no other from being used. Who is told what, and when, stands in the same tables and is read
//! elsewhere.

mod table;

use std::path::Path;

use cm_core::config::{Problem, Problems};
use cm_core::fault::Code;
use cm_core::nearest::nearest;
use cm_core::outbox::ChannelName;
use cm_core::problem::quoted;
use serde::Deserialize;
use toml::Table;

use crate::settings::Settings;

/// The most channels.
pub const MOST: usize = 64;

/// What a channel's table says of who is told what and when: read elsewhere.
const TELLING: [&str; 8] = ["least", "quiet", "loud", "digest", "at_once", "rate", "give_up", "remind"];

#[derive(Deserialize)]
struct Whole {
    #[serde(default)]
    notify: Notify,
}

#[derive(Deserialize, Default)]
struct Notify {
    #[serde(default)]
    channel: Vec<Table>,
}

/// One channel of the configuration.
#[derive(Debug)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is made of, or why it cannot be made.
    pub settings: Result<Settings, Box<Problem>>,
}

/// The channels in a file, in its order, as `user` may read them. Costs one read of the file and of each secret.
pub fn read(path: &Path, user: u32) -> Result<Vec<Entry>, Problems> {
    let one = |problem: Problem| {
        let mut problems = Problems::default();
        problems.push(problem.about(path));
        problems
    };
    if let Some(problem) = cm_core::config::program_problem(path, user) {
        return Err(one(problem));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|fault| one(Problem::error(Code::CONFIG_UNREADABLE, &format!("it cannot be read: {fault}"), None)))?;
    let whole: Whole = toml::from_str(&text)
        .map_err(|fault| one(Problem::error(Code::CONFIG_NOT_TOML, &fault.message().replace('\n', " "), None)))?;
    let mut entries: Vec<Entry> = Vec::new();
    for table in whole.notify.channel.into_iter().take(MOST) {
        let number = entries.len() + 1;
        let entry = entry(table, number, user).map_err(|problem| one(*problem))?;
        if entries.iter().any(|other| other.name == entry.name) {
            let message = format!("two channels are called {}", quoted(&entry.name));
            return Err(one(Problem::error(Code::CONFIG_CONTRADICTION, &message, None)));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn entry(mut table: Table, number: usize, user: u32) -> Result<Entry, Box<Problem>> {
    let mut word = |key: &str| match table.remove(key) {
        Some(toml::Value::String(word)) => Ok(word),
        Some(_) => Err(wrong(Code::CONFIG_WRONG_TYPE, &format!("`{key}` of channel {number} is no text"))),
        None => Err(wrong(Code::CONFIG_OUT_OF_RANGE, &format!("channel {number} has no `{key}`"))),
    };
    let (name, kind) = (word("name")?, word("kind")?);
    if let Err(bad) = ChannelName::new(&name) {
        return Err(wrong(Code::CONFIG_OUT_OF_RANGE, &format!("{}: {bad}", quoted(&name))));
    }
    for key in TELLING {
        table.remove(key);
    }
    let settings = match table::KINDS.iter().find(|(word, _)| *word == kind) {
        Some((_, read)) => read(table, user).map_err(|mut problem| {
            problem.message = format!("the channel {name}: {}", problem.message);
            problem
        }),
        None => Err(unknown(&name, &kind)),
    };
    Ok(Entry { name, settings })
}

fn unknown(name: &str, kind: &str) -> Box<Problem> {
    let known = || table::KINDS.iter().map(|(word, _)| *word);
    let next = match nearest(kind, known()) {
        Some(nearest) => format!("Write kind = \"{nearest}\"."),
        None => format!("There are {}.", known().collect::<Vec<_>>().join(", ")),
    };
    let message = format!("the channel {name}: {} is no kind of channel", quoted(kind));
    Box::new(Problem::error(Code::CONFIG_OUT_OF_RANGE, &message, Some(next)))
}

fn wrong(code: Code, message: &str) -> Box<Problem> {
    Box::new(Problem::error(code, message, Some("docs/NOTIFY.md shows each channel's table.".to_owned())))
}

#[cfg(test)]
mod tests;
