//! A line that is being typed: the filter, a command, a comment. It knows keys and text, and nothing of what they are for.

use cm_core::text::terminal;

use crate::key::{Code, Held, Press};

/// The most characters of one line.
const LONGEST: usize = 500;

/// A line with a cursor in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Prompt {
    chars: Vec<char>,
    cursor: usize,
}

impl Prompt {
    /// A line that holds a text, the cursor behind it.
    pub(crate) fn with(text: &str) -> Self {
        let mut line = Self::default();
        line.insert(text);
        line
    }

    /// What is typed.
    pub(crate) fn text(&self) -> String {
        self.chars.iter().collect()
    }

    /// How many columns stand before the cursor.
    pub(crate) fn columns_before_cursor(&self) -> usize {
        let before: String = self.chars[..self.cursor].iter().collect();
        terminal::columns(&before)
    }

    /// Types a text; control characters are left out, and what passes the limit too.
    pub(crate) fn insert(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_control()) {
            if self.chars.len() < LONGEST {
                self.chars.insert(self.cursor, c);
                self.cursor += 1;
            }
        }
    }

    /// Takes a key; answers whether it was one for a line.
    pub(crate) fn press(&mut self, press: Press) -> bool {
        match (press.held, press.code) {
            (Held::Nothing, Code::Char(c)) => self.insert(c.encode_utf8(&mut [0; 4])),
            (_, Code::Backspace) | (Held::Ctrl, Code::Char('h')) => {
                if self.cursor > 0 {
                    self.cursor -= 1;
                    self.chars.remove(self.cursor);
                }
            }
            (_, Code::Delete) | (Held::Ctrl, Code::Char('d')) => {
                if self.cursor < self.chars.len() {
                    self.chars.remove(self.cursor);
                }
            }
            (_, Code::Left) | (Held::Ctrl, Code::Char('b')) => self.cursor = self.cursor.saturating_sub(1),
            (_, Code::Right) | (Held::Ctrl, Code::Char('f')) => self.cursor = (self.cursor + 1).min(self.chars.len()),
            (_, Code::Home) | (Held::Ctrl, Code::Char('a')) => self.cursor = 0,
            (_, Code::End) | (Held::Ctrl, Code::Char('e')) => self.cursor = self.chars.len(),
            (Held::Ctrl, Code::Char('u')) => {
                self.chars.drain(..self.cursor);
                self.cursor = 0;
            }
            (Held::Ctrl, Code::Char('k')) => self.chars.truncate(self.cursor),
            (Held::Ctrl, Code::Char('w')) => {
                let kept = self.chars[..self.cursor].iter().rposition(|c| !c.is_whitespace()).unwrap_or(0);
                let start = self.chars[..kept].iter().rposition(|c| c.is_whitespace()).map_or(0, |at| at + 1);
                self.chars.drain(start..self.cursor);
                self.cursor = start;
            }
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Chord;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_edited_as_in_a_shell() {
        for (text, keys, expected, column) in [
            ("ab", "c", "abc", 3),
            ("abc", "left backspace", "ac", 1),
            ("abc", "home delete end d", "bcd", 3),
            ("one two", "ctrl-w", "one ", 4),
            ("one two ", "ctrl-w", "one ", 4),
            ("one two", "ctrl-u", "", 0),
            ("one two", "home right ctrl-k", "o", 1),
            ("", "ctrl-w backspace delete left right", "", 0),
        ] {
            let mut line = Prompt::with(text);
            for key in keys.split(' ') {
                assert!(line.press(Chord::parse(key).unwrap().presses()[0]), "{key}");
            }
            assert_eq!((line.text().as_str(), line.columns_before_cursor()), (expected, column), "{text:?} {keys}");
        }
    }

    #[test]
    fn what_is_pasted_is_one_bounded_line() {
        let mut line = Prompt::default();
        line.insert(&"x\n\u{1b}[2J".repeat(1_000));
        assert_eq!(line.text().chars().count(), LONGEST);
        assert!(!line.text().contains(char::is_control));
    }

    proptest! {
        #[test]
        fn no_keys_break_a_line(keys in prop::collection::vec((0_usize..14, any::<char>()), 0..80)) {
            let codes = [Code::Left, Code::Right, Code::Home, Code::End, Code::Backspace, Code::Delete, Code::Enter];
            let mut line = Prompt::default();
            for (which, c) in keys {
                let press = codes.get(which).map_or_else(|| Press::plain(Code::Char(c)), |code| Press::plain(*code));
                line.press(if which == 13 { Press::ctrl('w') } else { press });
                prop_assert!(line.cursor <= line.chars.len());
            }
        }
    }
}
