//! The exit to a terminal: one line that moves no cursor, sets no title, changes no colour and turns no direction.
//!
//! It does not know colours, columns of tables or screens; how wide a text is it does know.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::{Exit, Foreign, harm, visible};

/// The exit for the list.
pub const EXIT: Exit = Exit { name: "terminal", write: |text| line(text).into_owned(), harmless: harm::one_calm_line };

/// One line for a terminal: what cannot be seen is written as `\n`, `\x1b`, `\u{202e}`. Costs nothing for plain ASCII.
pub fn line<T: Foreign + ?Sized>(text: &T) -> Cow<'_, str> {
    visible::for_people(text.foreign())
}

/// As [`line()`], at most `columns` wide; what is longer is cut between clusters and ends in `…`.
pub fn fitted<T: Foreign + ?Sized>(text: &T, columns: usize) -> Cow<'_, str> {
    fit(line(text), columns)
}

/// How many columns a text takes that has come out of [`line()`].
pub fn columns(line: &str) -> usize {
    line.width()
}

/// Cuts a harmless line to a width in columns.
pub(super) fn fit(line: Cow<'_, str>, columns: usize) -> Cow<'_, str> {
    // No character is narrower than a column but for marks, which only make it shorter.
    if line.len() <= columns || line.width() <= columns {
        return line;
    }
    let Some(room) = columns.checked_sub(1) else { return Cow::Borrowed("") };
    let mut end = 0;
    let mut used = 0;
    for cluster in line.graphemes(true) {
        used += cluster.width();
        if used > room {
            break;
        }
        end += cluster.len();
    }
    Cow::Owned(format!("{}…", &line[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_to_its_columns_and_never_inside_a_cluster() {
        for (text, columns, fitted_text) in [
            ("Samsung", 7, "Samsung"),
            ("Samsung", 6, "Samsu…"),
            ("Samsung", 1, "…"),
            ("Samsung", 0, ""),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("\u{1b}[2J", 5, r"\x1b…"),
        ] {
            assert_eq!(fitted(text, columns), fitted_text, "{text:?} in {columns}");
        }
    }
}
