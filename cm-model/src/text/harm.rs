//! What can do harm on one line, as a table of ranges: the second opinion that every exit is checked by.
//!
//! It shares nothing with [`visible`](super::visible) but Unicode itself, so that a mistake there is seen here.

/// Ranges of characters that must not stand raw in anything shown, in order.
const RANGES: &[(u32, u32)] = &[
    (0x0, 0x1f),            // C0
    (0x7f, 0x9f),           // DEL and C1
    (0xad, 0xad),           // soft hyphen
    (0x34f, 0x34f),         // grapheme joiner
    (0x600, 0x605),         // Arabic number signs
    (0x61c, 0x61c),         // Arabic letter mark
    (0x6dd, 0x6dd),         // end of ayah
    (0x70f, 0x70f),         // Syriac abbreviation mark
    (0x115f, 0x1160),       // Hangul fillers
    (0x17b4, 0x17b5),       // Khmer inherent vowels
    (0x180b, 0x180f),       // Mongolian selectors
    (0x200b, 0x200f),       // zero width, direction marks
    (0x2028, 0x202e),       // line and paragraph separator, embeddings, overrides
    (0x2060, 0x206f),       // word joiner, invisible operators, isolates
    (0x2800, 0x2800),       // braille blank
    (0x3164, 0x3164),       // Hangul filler
    (0xd800, 0xf8ff),       // surrogates, private use
    (0xfdd0, 0xfdef),       // noncharacters
    (0xfe00, 0xfe0f),       // variation selectors
    (0xfeff, 0xfeff),       // byte-order mark
    (0xffa0, 0xffa0),       // half-width filler
    (0xfff0, 0xfffc),       // unassigned, interlinear annotation, object replacement
    (0xfffe, 0xffff),       // noncharacters
    (0x1bca0, 0x1bca3),     // shorthand format controls
    (0x1d159, 0x1d159),     // null notehead
    (0x1d173, 0x1d17a),     // musical format controls
    (0x1fffe, 0x1ffff),     // noncharacters
    (0x2fffe, 0x2ffff),     // noncharacters
    (0x40000, 0x0010_ffff), // planes without characters, tags, selectors, private use
];

/// Blocks whose every character is drawn onto the one before it.
const MARKS: &[(u32, u32)] = &[
    (0x300, 0x36f),
    (0x483, 0x489),
    (0x591, 0x5bd),
    (0x1ab0, 0x1ace),
    (0x1dc0, 0x1dff),
    (0x20d0, 0x20f0),
    (0xfe20, 0xfe2f),
];

fn within(c: char, ranges: &[(u32, u32)]) -> bool {
    ranges.iter().any(|&(first, last)| (first..=last).contains(&u32::from(c)))
}

/// Whether a text is one line without anything invisible, without a flood of marks, and does not begin with a mark.
pub(super) fn one_calm_line(text: &str) -> bool {
    let mut marks = 4;
    for c in text.chars() {
        if within(c, RANGES) {
            return false;
        }
        marks = if within(c, MARKS) { marks + 1 } else { 0 };
        if marks > 4 {
            return false;
        }
    }
    true
}

/// Whether `&` stands in a text only as the beginning of one of these references.
pub(super) fn only_references(text: &str, known: &[&str]) -> bool {
    text.split('&').skip(1).all(|after| known.iter().any(|name| after.starts_with(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harm_is_recognised() {
        for text in [
            "\u{1b}c",
            "a\rb",
            "a\nb",
            "\u{9b}m",
            "\u{202e}",
            "\u{200b}",
            "\u{e0020}",
            "\u{301}",
            "a\u{301}\u{301}\u{301}\u{301}\u{301}",
        ] {
            assert!(!one_calm_line(text), "{text:?}");
        }
        for text in ["", "plain", "e\u{301}", "日本語", "🚀"] {
            assert!(one_calm_line(text), "{text:?}");
        }
        assert!(!only_references("a & b", &["amp;"]));
        assert!(only_references("a &amp; b", &["amp;"]));
    }
}
