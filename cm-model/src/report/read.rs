//! How a body is read: bounded in size, depth and number, and when it is refused, with the place and the cause.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The largest body that is read, in bytes.
pub const MOST_BYTES: usize = 4 * 1024 * 1024;
/// The deepest nesting that is read, in levels.
pub const MOST_LEVELS: usize = 64;
/// The most entries of one list (drives, services, filesystems ...) that one host may have.
pub const MOST_ENTRIES: usize = 4096;

/// Why a body is not a report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Larger than [`MOST_BYTES`].
    #[error("the answer is larger than 4 MiB")]
    TooLarge,
    /// Nested deeper than [`MOST_LEVELS`].
    #[error("the answer is nested deeper than 64 levels")]
    TooDeep,
    /// Nothing at all.
    #[error("the answer is empty")]
    Empty,
    /// Bytes that are no text.
    #[error("the answer is not UTF-8 (byte {at})")]
    NotUtf8 {
        /// Where the text stops being text, in bytes from the start.
        at: usize,
    },
    /// A web page: a login form, a proxy's error, another program on that port.
    #[error("the answer is a web page, not JSON")]
    WebPage,
    /// Text that is no JSON, or JSON that stops in the middle.
    #[error("the answer is not JSON (line {line}, column {column}: {why})")]
    NotJson {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
        /// The parser's own words.
        why: String,
    },
    /// JSON of another shape: a field that must be there is missing, or has the wrong type or an impossible value.
    #[error("{why} (at {path}, line {line}, column {column})")]
    WrongShape {
        /// Where in the document: `drives[0].temperature_c`.
        path: String,
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
        /// What was expected and what came.
        why: String,
    },
}

/// Reads one JSON document of at most [`MOST_BYTES`] and [`MOST_LEVELS`]. A byte-order mark before it is passed over.
///
/// One pass over the bytes for the depth and one for the values; only when that fails a third, to name the field.
pub fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    if bytes.len() > MOST_BYTES {
        return Err(Malformed::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|e| Malformed::NotUtf8 { at: e.valid_up_to() })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = text.trim_ascii_start();
    if start.is_empty() {
        return Err(Malformed::Empty);
    }
    if start.starts_with('<') {
        return Err(Malformed::WebPage);
    }
    if is_too_deep(text.as_bytes()) {
        return Err(Malformed::TooDeep);
    }
    serde_json::from_str(text).map_err(|_| name_the_fault::<T>(text))
}

/// Whether brackets outside of strings open more than [`MOST_LEVELS`] times without closing.
fn is_too_deep(json: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for &byte in json {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > MOST_LEVELS {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cold]
fn name_the_fault<T: DeserializeOwned>(text: &str) -> Malformed {
    let mut json = serde_json::Deserializer::from_str(text);
    let (path, fault) = match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Ok(_) => match json.end() {
            Err(fault) => (String::new(), fault),
            Ok(()) => (String::new(), serde_json::Error::custom("unstable reading")),
        },
        Err(fault) => (fault.path().to_string(), fault.into_inner()),
    };
    let (line, column) = (fault.line(), fault.column());
    let place = format!(" at line {line} column {column}");
    let mut why = fault.to_string();
    if let Some(end) = why.find(&place) {
        why.truncate(end);
    }
    match fault.classify() {
        serde_json::error::Category::Data => {
            let path = if path == "." || path.is_empty() { "the top level".to_owned() } else { path };
            Malformed::WrongShape { path, line, column, why }
        }
        _ => Malformed::NotJson { line, column, why },
    }
}

/// Reads a list that may be missing (with `#[serde(default)]`) or null, of at most [`MOST_ENTRIES`] entries.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct List<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }
        fn visit_unit<E>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(entry) = entries.next_element()? {
                if list.len() == MOST_ENTRIES {
                    return Err(A::Error::custom(format_args!("a list of more than {MOST_ENTRIES} entries")));
                }
                list.push(entry);
            }
            Ok(list)
        }
    }
    deserializer.deserialize_any(List(PhantomData))
}
