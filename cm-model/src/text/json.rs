//! The exit to JSON: what JSON allows raw inside a string but a terminal or a browser would act on is written `\u009b`.
//!
//! JSON itself escapes only C0, `"` and `\`. [`Harmless`] escapes the rest that cannot be seen: DEL, C1, direction,
//! zero width, line separators, tags, private use, unassigned. Every reader of JSON gets the same text back.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::{Exit, Foreign, harm, visible};

/// The exit for the list.
pub const EXIT: Exit = Exit { name: "json", write: |text| string(text), harmless };

/// A text as a JSON string, quotes included.
///
/// # Panics
/// Never: a string always has a form in JSON.
pub fn string<T: Foreign + ?Sized>(text: &T) -> String {
    compact(text.foreign()).expect("a string always has a form in JSON")
}

/// A value as JSON on one line, without a line end.
pub fn compact<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<String> {
    write_text(value, Harmless::compact())
}

/// A value as JSON over several lines, indented by two, without a line end.
pub fn pretty<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<String> {
    write_text(value, Harmless::pretty())
}

/// Writes a value as JSON on one line to a file or a pipe. Give it a buffered writer: it writes in small pieces.
pub fn write_compact<T: Serialize + ?Sized>(to: impl Write, value: &T) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(to, Harmless::compact()))
}

/// Writes a value as indented JSON to a file or a pipe. Give it a buffered writer: it writes in small pieces.
pub fn write_pretty<T: Serialize + ?Sized>(to: impl Write, value: &T) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(to, Harmless::pretty()))
}

fn write_text<T: Serialize + ?Sized, F: Formatter>(value: &T, formatter: F) -> serde_json::Result<String> {
    let mut json = Vec::with_capacity(128);
    value.serialize(&mut Serializer::with_formatter(&mut json, formatter))?;
    Ok(String::from_utf8(json).expect("JSON is written as UTF-8"))
}

/// A layout of `serde_json` whose strings hold nothing invisible.
#[derive(Debug, Clone, Default)]
pub struct Harmless<F> {
    layout: F,
}

impl Harmless<CompactFormatter> {
    /// All on one line.
    pub const fn compact() -> Self {
        Self { layout: CompactFormatter }
    }
}

impl Harmless<PrettyFormatter<'static>> {
    /// A line a member, indented by two.
    pub fn pretty() -> Self {
        Self { layout: PrettyFormatter::new() }
    }
}

fn write_escaped<W: Write + ?Sized>(to: &mut W, text: &str) -> io::Result<()> {
    if text.bytes().all(|b| b != 0x7f && b.is_ascii()) {
        return to.write_all(text.as_bytes());
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    visible::exactly(text, &mut escaped, |_, _| false, code);
    to.write_all(escaped.as_bytes())
}

/// `\u` and the UTF-16 units in hexadecimal, two of them past the first plane.
fn code(c: char, to: &mut String) {
    use std::fmt::Write;
    for unit in c.encode_utf16(&mut [0; 2]) {
        write!(to, "\\u{unit:04x}").expect("a String takes everything");
    }
}

macro_rules! as_the_layout_does {
    ($($name:ident($($argument:ident: $kind:ty),*);)+) => {
        $(fn $name<W: Write + ?Sized>(&mut self, to: &mut W $(, $argument: $kind)*) -> io::Result<()> {
            self.layout.$name(to $(, $argument)*)
        })+
    };
}

impl<F: Formatter> Formatter for Harmless<F> {
    as_the_layout_does! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: Write + ?Sized>(&mut self, to: &mut W, fragment: &str) -> io::Result<()> {
        write_escaped(to, fragment)
    }
}

/// A JSON string that every reader takes, with nothing in it to see but what is there.
fn harmless(written: &str) -> bool {
    harm::one_calm_line(written) && serde_json::from_str::<String>(written).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped_and_reads_back() {
        for (text, written) in [
            ("a\u{9b}b", r#""a\u009bb""#),
            ("\u{7f}\u{1b}", r#""\u007f\u001b""#),
            ("\u{202e}x", r#""\u202ex""#),
            ("\u{e0041}", r#""\udb40\udc41""#),
            ("Zürich 🚀", r#""Zürich 🚀""#),
            ("a\"\\\n", r#""a\"\\\n""#),
        ] {
            assert_eq!(string(text), written);
            assert_eq!(serde_json::from_str::<String>(written).unwrap(), text);
        }
    }

    #[test]
    fn layout_is_that_of_serde_json_and_keys_are_escaped_too() {
        let value = json!({ "a": [1, 2.5, null, true], "b": {}, "c": { "d": "e" }, "f": [] });
        assert_eq!(compact(&value).unwrap(), serde_json::to_string(&value).unwrap());
        assert_eq!(pretty(&value).unwrap(), serde_json::to_string_pretty(&value).unwrap());
        assert_eq!(compact(&json!({ "k\u{9b}": 1 })).unwrap(), r#"{"k\u009b":1}"#);
        let mut written = Vec::new();
        write_pretty(&mut written, &value).unwrap();
        assert_eq!(written, serde_json::to_vec_pretty(&value).unwrap());
    }
}
