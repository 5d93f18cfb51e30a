//! The exit to a log: one value of a `key=value` line, which forges neither another key nor another line.
//!
//! A value of plain letters stands bare, every other in double quotes; inside them `\` and `"` are escaped as well as
//! all that cannot be seen, so the text can be read back. No value begins with `<`, by which the journal reads a
//! priority from the start of a line; with at most [`HostText::MOST_BYTES`](super::HostText::MOST_BYTES) before
//! escaping it stays below the journal's 48 KiB a line.

use super::{Exit, Foreign, harm, visible};

/// The exit for the list.
pub const EXIT: Exit = Exit { name: "log", write: |text| value(text), harmless };

/// One value for a log line.
pub fn value<T: Foreign + ?Sized>(text: &T) -> String {
    let text = text.foreign();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:/@+%".contains(&b)) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 8);
    quoted.push('"');
    let special = |c: char, to: &mut String| {
        let escaped = matches!(c, '"' | '\\');
        if escaped {
            to.extend(['\\', c]);
        }
        escaped
    };
    visible::exactly(text, &mut quoted, special, visible::escape);
    quoted.push('"');
    quoted
}

/// Bare without anything that separates, or quoted with no quote before the last.
fn harmless(written: &str) -> bool {
    if !harm::one_calm_line(written) || written.is_empty() {
        return false;
    }
    let Some(inner) = written.strip_prefix('"') else {
        return !written.contains([' ', '=', '"', '<', '\'', '\\']);
    };
    let Some(inner) = inner.strip_suffix('"') else { return false };
    let without_pairs = inner.replace(r"\\", "").replace("\\\"", "");
    !without_pairs.contains('"') && !without_pairs.ends_with('\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_forges_no_key_and_no_line() {
        for (text, written) in [
            ("nginx.service", "nginx.service"),
            ("two words", r#""two words""#),
            ("", r#""""#),
            ("x level=error", r#""x level=error""#),
            ("a\" level=\"error", r#""a\" level=\"error""#),
            ("a\\", r#""a\\""#),
            ("a\nERROR b", r#""a\nERROR b""#),
            ("<0>panic", r#""<0>panic""#),
        ] {
            assert_eq!(value(text), written);
            assert!(harmless(written), "{written}");
        }
        assert!(!harmless(r#""a" b=c""#) && !harmless(r#""a\""#) && !harmless("a b"));
    }
}
