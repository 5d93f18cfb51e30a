//! The exit to HTML: the text of an element, or the value of an attribute in quotes.
//!
//! Not for scripts, styles, comments or addresses: nothing from a host belongs there. What cannot be seen is spelt out
//! rather than written as a reference, because `&#x9b;` means another character in HTML, and most controls none. Text
//! of right-to-left scripts should stand in a `<bdi>` of its own; that is the page's business.

use std::borrow::Cow;

use super::{Exit, Foreign, harm, visible};

/// The exit for the list.
pub const EXIT: Exit = Exit { name: "html", write: |text| self::text(text).into_owned(), harmless };

/// The text of an element, or of an attribute in single or double quotes.
pub fn text<T: Foreign + ?Sized>(text: &T) -> Cow<'_, str> {
    let line = visible::for_people(text.foreign());
    if !line.contains(['&', '<', '>', '"', '\'', '`']) {
        return line;
    }
    let mut escaped = String::with_capacity(line.len() + 16);
    for c in line.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '`' => escaped.push_str("&#96;"),
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

fn harmless(written: &str) -> bool {
    harm::one_calm_line(written)
        && !written.bytes().any(|b| b"<>\"'`".contains(&b))
        && harm::only_references(written, &["amp;", "lt;", "gt;", "quot;", "#39;", "#96;"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text() {
        assert_eq!(text("<script>alert('1')</script>"), "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
        assert_eq!(text("\" onload=\"x"), "&quot; onload=&quot;x");
        assert_eq!(text("&lt;"), "&amp;lt;");
        assert_eq!(text("a\u{9b}b"), r"a\x9bb");
        assert!(!harmless("<b>") && !harmless("a & b"));
    }
}
