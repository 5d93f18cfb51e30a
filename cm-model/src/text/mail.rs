//! The exits to a mail: the value of a header, and a line of a plain-text body.
//!
//! Neither can add a header or a line. Coding what is not ASCII, folding, and doubling dots on the way to the server are
//! the mail library's; here a text only takes no part in them. An HTML part goes through [`html`](super::html).

use std::borrow::Cow;

use super::{Exit, Foreign, harm, terminal, visible};

/// The exit to a header, for the list.
pub const HEADER: Exit =
    Exit { name: "mail header", write: |text| header(text).into_owned(), harmless: header_harmless };

/// The exit to a body, for the list.
pub const BODY: Exit = Exit { name: "mail body", write: |text| body(text).into_owned(), harmless: body_harmless };

/// The most columns that one text takes in a header: a header's line may have 998 bytes, and a word is not folded.
pub const MOST_HEADER_COLUMNS: usize = 200;

/// A part of a header's value. `=?`, by which a coded word begins, is spelt out: a host must not choose what it decodes to.
pub fn header<T: Foreign + ?Sized>(text: &T) -> Cow<'_, str> {
    let line = visible::for_people(text.foreign());
    let line = if line.contains("=?") { Cow::Owned(line.replace("=?", r"=\x3f")) } else { line };
    terminal::fit(line, MOST_HEADER_COLUMNS)
}

/// A line of a plain-text body, or a part of one. A dot at its beginning is spelt out: alone on a line it would end the mail.
pub fn body<T: Foreign + ?Sized>(text: &T) -> Cow<'_, str> {
    let line = visible::for_people(text.foreign());
    match line.strip_prefix('.') {
        Some(rest) => Cow::Owned(format!(r"\x2e{rest}")),
        None => line,
    }
}

fn header_harmless(written: &str) -> bool {
    harm::one_calm_line(written) && !written.contains("=?") && written.chars().count() <= MOST_HEADER_COLUMNS * 5
}

fn body_harmless(written: &str) -> bool {
    harm::one_calm_line(written) && !written.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_stays_one_header() {
        assert_eq!(header("disk\r\nBcc: all@example.org"), r"disk\r\nBcc: all@example.org");
        assert_eq!(header("=?utf-8?B?QmNj?="), r"=\x3futf-8?B?QmNj?=");
        assert_eq!(header(&"x".repeat(5000)).chars().count(), MOST_HEADER_COLUMNS);
        assert!(!header_harmless("a\r\nb"));
    }

    #[test]
    fn a_body_does_not_end_early() {
        assert_eq!(body("."), r"\x2e");
        assert_eq!(body("a\r\n.\r\nMAIL FROM:<x>"), r"a\r\n.\r\nMAIL FROM:<x>");
        assert!(!body_harmless("."));
    }
}
