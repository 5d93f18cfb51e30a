//! The exit to Prometheus' text format: the value of a label, without the quotes around it.
//!
//! The format escapes `\`, `"` and the newline and nothing else, so a raw escape sequence would pass to whoever prints
//! the page. What cannot be seen is therefore coded inside the value as `⟨1b⟩`, and `⟨` itself as `⟨27e8⟩`: two texts
//! never give one value, because two series with the same labels make Prometheus refuse the whole page. Backslashes, as
//! in `dev-disk\x2dhome.mount`, arrive as they are.

use std::borrow::Cow;
use std::fmt::Write;

use super::{Exit, Foreign, harm, visible};

/// The exit for the list.
pub const EXIT: Exit = Exit { name: "prometheus", write: |text| label(text).into_owned(), harmless };

/// The value of a label, to stand between double quotes.
pub fn label<T: Foreign + ?Sized>(text: &T) -> Cow<'_, str> {
    let text = text.foreign();
    if text.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\') {
        return Cow::Borrowed(text);
    }
    let mut value = String::with_capacity(text.len() + 8);
    let special = |c: char, to: &mut String| {
        match c {
            '"' | '\\' => to.extend(['\\', c]),
            '⟨' => code(c, to),
            _ => return false,
        }
        true
    };
    visible::exactly(text, &mut value, special, code);
    Cow::Owned(value)
}

fn code(c: char, to: &mut String) {
    write!(to, "⟨{:x}⟩", u32::from(c)).expect("a String takes everything");
}

/// No quote ends the value early, and every backslash begins one of the three escapes.
fn harmless(written: &str) -> bool {
    let without = written.replace(r"\\", "").replace("\\\"", "").replace(r"\n", "");
    harm::one_calm_line(written) && !without.contains(['"', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_stays_one_label() {
        for (text, value) in [
            ("nvme0n1", "nvme0n1"),
            ("a\",b=\"c", r#"a\",b=\"c"#),
            (r"dev\x2dhome", r"dev\\x2dhome"),
            ("a\nb", "a⟨a⟩b"),
            ("\u{1b}[2J", "⟨1b⟩[2J"),
            ("⟨1b⟩", "⟨27e8⟩1b⟩"),
        ] {
            assert_eq!(label(text), value);
            assert!(harmless(value), "{value}");
        }
        assert!(!harmless("a\"b") && !harmless(r"a\x"));
    }
}
