//! The exit to a cell of CSV: no spreadsheet takes it for a formula, and printed on a terminal it does nothing.
//!
//! A formula begins with `=`, `+`, `-` or `@`, or their full-width and small forms, which some spreadsheets read as the
//! same. An apostrophe goes before such a sign where a cell begins, and also after a separator or a quote inside, where
//! a reader with another separator would begin a cell. Tabs and line ends are spelt out. A host's text that is a
//! negative number gets its apostrophe too: readings are numbers, are written as numbers, and never come by this exit.
//!
//! Quoting is the CSV writer's; this exit knows nothing of it.

use std::borrow::Cow;

use super::{Exit, Foreign, harm, visible};

/// The exit for the list.
pub const EXIT: Exit = Exit { name: "csv", write: |text| cell(text).into_owned(), harmless };

/// The text of a cell, before the CSV writer quotes it. Writing it twice changes nothing more.
pub fn cell<T: Foreign + ?Sized>(text: &T) -> Cow<'_, str> {
    let line = visible::for_people(text.foreign());
    if !line.contains(begins_formula) {
        return line;
    }
    let mut guarded = String::with_capacity(line.len() + 2);
    let mut cell_begins = true;
    for c in line.chars() {
        if cell_begins && begins_formula(c) {
            guarded.push('\'');
        }
        cell_begins = matches!(c, ',' | ';' | '|' | '"') || (cell_begins && c == ' ');
        guarded.push(c);
    }
    Cow::Owned(guarded)
}

fn begins_formula(c: char) -> bool {
    matches!(
        c,
        '=' | '+'
            | '-'
            | '@'
            | '＝'
            | '＋'
            | '－'
            | '＠'
            | '\u{2212}'
            | '\u{fe62}'
            | '\u{fe63}'
            | '\u{fe66}'
            | '\u{fe6b}'
    )
}

/// Splits the text as every spreadsheet might, and looks at how the pieces begin.
fn harmless(written: &str) -> bool {
    const SIGNS: &[&str] = &[
        "=", "+", "-", "@", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}", "\u{2212}", "\u{fe62}", "\u{fe63}",
        "\u{fe66}", "\u{fe6b}",
    ];
    harm::one_calm_line(written)
        && written
            .split([',', ';', '|', '"'])
            .map(str::trim_start)
            .all(|piece| !SIGNS.iter().any(|sign| piece.starts_with(sign)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula() {
        for (text, written) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-1+1", "'-1+1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", r"\t=1"),
            ("  =1", "  '=1"),
            ("a,=1", "a,'=1"),
            ("a\";=1", "a\";'=1"),
            ("a\n=1", r"a\n=1"),
            ("＝1", "'＝1"),
            ("a=b-c", "a=b-c"),
            ("nginx", "nginx"),
        ] {
            assert_eq!(cell(text), written);
            assert!(harmless(written), "{written}");
            assert_eq!(cell(written), written);
        }
        assert!(!harmless("=1") && !harmless("x;-1"));
    }
}
