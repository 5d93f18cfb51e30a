//! What cannot be seen is made visible: the step that all exits share. It knows characters, and no place they go to.
//!
//! Two ways. [`for_people`] is kind to the eye: blanks of any kind become a space, the marks that choose between emoji
//! styles go, a flood of accents ends in `…`. [`exactly`] keeps every text apart from every other, for what is read back.
//! Which characters are assigned and printable is the standard library's table, the one behind `escape_debug`.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// The most accents that one letter keeps. Vietnamese and Thai need two, pointed Hebrew three.
pub(super) const MOST_MARKS: usize = 4;

const JOINER: char = '\u{200d}';

#[derive(PartialEq, Eq, Clone, Copy)]
enum Sight {
    /// It has a shape of its own.
    Shape,
    /// A blank other than the plain space.
    Blank,
    /// It is drawn onto the character before it.
    Mark,
    /// Nothing is seen of it, or something else than it is: controls, direction, fillers, tags, unassigned, private.
    Hidden,
}

fn sight(c: char) -> Sight {
    if matches!(c, ' '..='~') {
        Sight::Shape
    } else if blank(c) {
        Sight::Blank
    } else if invisible_by_nature(c) || !printable(c) {
        Sight::Hidden
    } else if c.width() == Some(0) {
        Sight::Mark
    } else {
        Sight::Shape
    }
}

/// Spaces of other widths (category Zs); the line separators and the control characters among white space are none.
fn blank(c: char) -> bool {
    c.is_whitespace() && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}')
}

/// Assigned and printable by their category, and yet nothing is seen of them.
fn invisible_by_nature(c: char) -> bool {
    matches!(c,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fffc}' | '\u{1d159}' | '\u{e0100}'..='\u{e01ef}')
}

/// `escape_debug` leaves alone what is printable; a mark is escaped only where it stands first, so a letter goes before.
fn printable(c: char) -> bool {
    let mut pair = [b'a', 0, 0, 0, 0];
    let length = c.encode_utf8(&mut pair[1..]).len();
    let pair = std::str::from_utf8(&pair[..=length]).expect("a letter and an encoded character are UTF-8");
    pair.escape_debug().nth(1) == Some(c)
}

/// Writes a character as `\n`, `\x1b` or `\u{202e}`.
pub(super) fn escape(c: char, to: &mut String) {
    let written = match c {
        '\n' => to.write_str("\\n"),
        '\r' => to.write_str("\\r"),
        '\t' => to.write_str("\\t"),
        c if u32::from(c) < 0x100 => write!(to, "\\x{:02x}", u32::from(c)),
        c => write!(to, "\\u{{{:x}}}", u32::from(c)),
    };
    written.expect("a String takes everything");
}

/// One line in which everything can be seen. Not exact: see the top of this file.
pub(super) fn for_people(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len() + 16);
    // The character that the next mark would be drawn onto, and how many it has.
    let mut base: Option<char> = None;
    let mut marks = 0;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match sight(c) {
            Sight::Shape => {
                line.push(c);
                (base, marks) = (Some(c), 0);
            }
            Sight::Blank => {
                line.push(' ');
                (base, marks) = (Some(' '), 0);
            }
            Sight::Mark if base.is_some() && marks < MOST_MARKS => {
                line.push(c);
                marks += 1;
            }
            Sight::Mark if base.is_some() => {
                line.push('…');
                while rest.next_if(|&c| sight(c) == Sight::Mark).is_some() {}
                (base, marks) = (None, 0);
            }
            // One of these after a symbol chooses text or picture; terminals disagree on what it does to the width.
            Sight::Hidden if matches!(c, '\u{fe0e}' | '\u{fe0f}') && base.is_some() && !follows_hidden(&mut rest) => {}
            // A family of emoji is shown as its members.
            Sight::Hidden if c == JOINER && base.is_some_and(symbol) && rest.peek().copied().is_some_and(symbol) => {}
            Sight::Mark | Sight::Hidden => {
                escape(c, &mut line);
                (base, marks) = (None, 0);
            }
        }
    }
    Cow::Owned(line)
}

fn symbol(c: char) -> bool {
    !c.is_ascii() && !c.is_alphanumeric() && sight(c) == Sight::Shape
}

/// Whether more of the invisible comes, other than the joiner: then something is hidden there.
fn follows_hidden(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    rest.peek().is_some_and(|&c| c != JOINER && sight(c) == Sight::Hidden)
}

/// Walks over a text and hands on each character that must not be written as it is; all others are copied.
///
/// What `special` escapes by itself (quotes, backslashes) it tells by `true`; the invisible goes to `hidden`.
pub(super) fn exactly(
    text: &str,
    to: &mut String,
    mut special: impl FnMut(char, &mut String) -> bool,
    mut hidden: impl FnMut(char, &mut String),
) {
    let mut marks = MOST_MARKS;
    for c in text.chars() {
        let sight = sight(c);
        marks = match sight {
            Sight::Mark => marks + 1,
            Sight::Hidden => MOST_MARKS,
            Sight::Shape | Sight::Blank => 0,
        };
        if sight == Sight::Hidden || marks > MOST_MARKS {
            hidden(c, to);
            marks = MOST_MARKS;
        } else if !special(c, to) {
            to.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_spelt_out() {
        for (text, seen) in [
            ("Samsung SSD 990 PRO", "Samsung SSD 990 PRO"),
            ("\u{1b}[2J", r"\x1b[2J"),
            ("a\u{9b}31m", r"a\x9b31m"),
            ("a\r\nb\tc\0", r"a\r\nb\tc\x00"),
            ("abc\u{202e}txt", r"abc\u{202e}txt"),
            ("pay\u{200b}pal", r"pay\u{200b}pal"),
            ("x\u{2028}y", r"x\u{2028}y"),
            ("\u{e0041}\u{e0042}", r"\u{e0041}\u{e0042}"),
            ("\u{e000} \u{fdd0} \u{378} \u{10ffff}", r"\u{e000} \u{fdd0} \u{378} \u{10ffff}"),
            ("a\u{a0}b\u{3000}c", "a b c"),
            ("\u{ad}\u{feff}\u{3164}", r"\xad\u{feff}\u{3164}"),
        ] {
            assert_eq!(for_people(text), seen);
        }
    }

    #[test]
    fn other_scripts_and_emoji_stay_as_they_are() {
        for text in ["Zürich", "日本語", "Việt", "한글", "שלום", "🚀", "e\u{301}", "นี่"] {
            assert_eq!(for_people(text), text);
        }
        assert_eq!(for_people("❤\u{fe0f} x"), "❤ x");
        assert_eq!(for_people("👨\u{200d}👩\u{200d}👧"), "👨👩👧");
    }

    #[test]
    fn a_style_mark_that_is_followed_by_more_hides_something_and_is_shown() {
        assert_eq!(for_people("a\u{fe0f}\u{fe01}"), r"a\u{fe0f}\u{fe01}");
        assert_eq!(for_people("a\u{200d}b"), r"a\u{200d}b");
    }

    #[test]
    fn accents_are_bounded_and_never_drawn_onto_what_stood_before() {
        let flood = format!("a{}b", "\u{301}".repeat(50));
        assert_eq!(for_people(&flood), "a\u{301}\u{301}\u{301}\u{301}…b");
        assert_eq!(for_people("\u{301}a"), r"\u{301}a");
    }
}
