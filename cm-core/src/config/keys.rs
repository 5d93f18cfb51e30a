//! `[keys]`: which keys do what on the screen. An act takes one key or a list of them, `sort = "o"`, `quit = ["q", "f10"]`;
//! an empty list takes its keys away.
//!
//! Which acts and keys there are only the screen knows: what is read here is their form alone.

use cm_model::fault::Code;
use cm_model::problem::quoted;
use toml::de::{DeTable, DeValue};

use super::origin::Origin;
use super::reader::Reader;
use super::setting::what_came;

/// The keys of one act, as the file has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyBinding {
    /// The act's name.
    pub act: String,
    /// Its keys; none takes them all away.
    pub keys: Vec<String>,
    /// Where that stands.
    pub origin: Origin,
}

/// The table's name.
pub(crate) const TABLE: &str = "keys";
/// What it is about, for the template and the documentation.
pub const ABOUT: &str = "Keys of the full-screen dashboard: an act takes one key or a list of them, and no others then. `?` there shows acts and keys; two acts with one key are found at start.";
/// An example in TOML.
pub const EXAMPLE: &str = "sort = [\"o\", \"f6\"]";

/// The most acts, and the most keys of one: more than any screen has.
const MOST_ACTS: usize = 300;
const MOST_KEYS: usize = 10;
/// The longest name of a key, `ctrl-x ctrl-y ctrl-z` in characters and then some.
const LONGEST: usize = 60;

/// Reads the table.
pub(crate) fn read(reader: &mut Reader<'_>, table: &DeTable<'_>, into: &mut Vec<KeyBinding>) {
    let mut acts: Vec<_> = table.iter().collect();
    acts.sort_by_key(|(act, _)| act.span().start);
    for (act, value) in acts {
        let name = act.get_ref().as_ref();
        let keys = match value.get_ref() {
            DeValue::String(key) => Some(vec![key.to_string()]),
            DeValue::Array(list) if list.len() <= MOST_KEYS => {
                list.iter().map(|key| key.get_ref().as_str().map(str::to_owned)).collect()
            }
            _ => None,
        };
        let sound = keys.filter(|keys| keys.iter().all(|key| !key.is_empty() && key.chars().count() <= LONGEST));
        let Some(keys) = sound.filter(|_| into.len() < MOST_ACTS) else {
            let message = format!(
                "{} takes a key in quotes, or a list of them, not {}",
                quoted(name),
                what_came(value.get_ref())
            );
            reader.error(Code::CONFIG_WRONG_TYPE, value.span(), message, Some(format!("Write it as in {EXAMPLE}")));
            continue;
        };
        let origin = reader.origin(&act.span(), false);
        into.push(KeyBinding { act: name.to_owned(), keys, origin });
    }
}
