//! The exit to the body of a desktop notification, which travels over D-Bus and is read as a small markup.
//!
//! The markup knows `<b>`, `<a>`, `<img>` and references of XML; D-Bus itself refuses NUL and what is not UTF-8. A
//! notification's summary is no markup: it goes through [`terminal`](super::terminal).

use std::borrow::Cow;

use super::{Exit, Foreign, harm, visible};

/// The exit for the list.
pub const EXIT: Exit = Exit { name: "dbus", write: |text| body(text).into_owned(), harmless };

/// One line of a notification's body.
pub fn body<T: Foreign + ?Sized>(text: &T) -> Cow<'_, str> {
    let line = visible::for_people(text.foreign());
    if !line.contains(['&', '<', '>']) {
        return line;
    }
    Cow::Owned(line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}

fn harmless(written: &str) -> bool {
    harm::one_calm_line(written)
        && !written.bytes().any(|b| b"<>\0".contains(&b))
        && harm::only_references(written, &["amp;", "lt;", "gt;"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_shows_markup_and_follows_none() {
        assert_eq!(body("<img src=\"http://x/\"/>"), "&lt;img src=\"http://x/\"/&gt;");
        assert_eq!(body("a &amp; b\0"), r"a &amp;amp; b\x00");
        assert!(!harmless("<a href=''>"));
    }
}
