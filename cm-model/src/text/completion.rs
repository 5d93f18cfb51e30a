//! The exit to a shell: one word, whatever stands in it, for bash, zsh, fish and plain sh alike.
//!
//! Everything but a plain name stands in single quotes. Quotes and backslashes stand outside them, each after a
//! backslash: inside single quotes fish reads a backslash where the others do not. A dash at the beginning is spelt out,
//! because a quoted option is an option still. A text with invisible characters becomes a word that shows them, and so
//! is no longer the same name: nobody can have typed it.

use std::borrow::Cow;

use super::{Exit, Foreign, harm, visible};

/// The exit for the list.
pub const EXIT: Exit = Exit { name: "completion", write: |text| word(text).into_owned(), harmless };

/// One word of a shell.
pub fn word<T: Foreign + ?Sized>(text: &T) -> Cow<'_, str> {
    let line = visible::for_people(text.foreign());
    let line = match line.strip_prefix('-') {
        Some(rest) => Cow::Owned(format!(r"\x2d{rest}")),
        None => line,
    };
    if !line.is_empty() && line.bytes().all(plain) {
        return line;
    }
    let mut word = String::with_capacity(line.len() + 8);
    word.push('\'');
    for c in line.chars() {
        match c {
            '\'' | '\\' => word.extend(['\'', '\\', c, '\'']),
            c => word.push(c),
        }
    }
    word.push('\'');
    Cow::Owned(word)
}

fn plain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-_./:@+,".contains(&b)
}

/// Reads the word as a shell does, with fish's backslash inside quotes counted as harm.
fn harmless(written: &str) -> bool {
    let mut quoted = false;
    let mut rest = written.chars();
    while let Some(c) = rest.next() {
        match (quoted, c) {
            (_, '\'') => quoted = !quoted,
            (true, '\\') => return false,
            (true, _) => {}
            (false, '\\') => {
                if !matches!(rest.next(), Some('\'' | '\\')) {
                    return false;
                }
            }
            (false, c) if c.is_ascii_alphanumeric() || "-_./:@+,".contains(c) => {}
            (false, _) => return false,
        }
    }
    harm::one_calm_line(written) && !quoted && !written.is_empty() && !written.trim_start_matches('\'').starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_word_in_every_shell() {
        for (text, written) in [
            ("nginx", "nginx"),
            ("my disk", "'my disk'"),
            ("$(rm -rf ~)", "'$(rm -rf ~)'"),
            ("it's", r"'it'\''s'"),
            (r"a\", r"'a'\\''"),
            ("-rf", r"''\\'x2drf'"),
            ("", "''"),
            ("a;b", "'a;b'"),
        ] {
            assert_eq!(word(text), written);
            assert!(harmless(written), "{written}");
        }
        assert!(!harmless("a b") && !harmless("'a") && !harmless(r"'a\'") && !harmless("'-x'"));
    }
}
