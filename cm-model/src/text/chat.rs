//! The exit to a chat room: it calls nobody, formats nothing, and links nowhere.
//!
//! Chat programs differ in what they read as markup and in how it is escaped, and a message often passes a bridge to
//! another. So the signs that any of them acts on are replaced by their full-width forms, which look the same and mean
//! nothing. A bare domain name stays: what a program makes of it leads where it says.

use std::borrow::Cow;

use super::{Exit, Foreign, harm, visible};

/// The exit for the list.
pub const EXIT: Exit = Exit { name: "chat", write: |text| message(text).into_owned(), harmless };

/// A part of a message in a chat room.
pub fn message<T: Foreign + ?Sized>(text: &T) -> Cow<'_, str> {
    let line = visible::for_people(text.foreign());
    if line.bytes().all(|b| b.is_ascii_alphanumeric() || b" .,;-".contains(&b)) {
        return line;
    }
    let mut calm = String::with_capacity(line.len() + 16);
    let mut before = None;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied();
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let acts = match c {
            '@' | '<' | '>' | '&' | '#' | '*' | '~' | '`' | '|' | '[' | ']' | '\\' => true,
            // Inside a word an underscore is part of a name.
            '_' => !(word(before) && word(after)),
            // `http://` is a link, `mailto:x` too; `12:30` and `nvme0: worn` are none.
            ':' => after == Some('/') || (word(before) && after.is_some_and(char::is_alphabetic)),
            // A command.
            '/' => before.is_none(),
            _ => false,
        };
        calm.push(if acts { full_width(c) } else { c });
        before = Some(c);
    }
    Cow::Owned(calm)
}

/// The full-width form of a visible ASCII sign.
fn full_width(c: char) -> char {
    char::from_u32(u32::from(c) + 0xfee0).expect("`!` to `~` have full-width forms")
}

fn harmless(written: &str) -> bool {
    harm::one_calm_line(written)
        && !written.contains(['@', '<', '>', '&', '#', '*', '~', '`', '|', '[', ']', '\\'])
        && !["://", "mailto:", "tel:", "__"].iter().any(|mark| written.contains(mark))
        && !written.starts_with(['/', '_'])
        && !written.split(' ').any(|word| word.len() > 1 && (word.starts_with('_') || word.ends_with('_')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_called_and_nothing_is_formatted() {
        for (text, written) in [
            ("@everyone", "＠everyone"),
            ("<!channel>", "＜!channel＞"),
            ("**bold** _it_", "＊＊bold＊＊ ＿it＿"),
            ("[x](http://evil.example)", "［x］(http：//evil.example)"),
            ("my_service at 12:30", "my_service at 12:30"),
            ("/kick all", "／kick all"),
            ("```", "｀｀｀"),
            ("\u{1b}c", "＼x1bc"),
        ] {
            assert_eq!(message(text), written);
            assert!(harmless(written), "{written}");
        }
        assert!(!harmless("@here") && !harmless("see http://x"));
    }
}
