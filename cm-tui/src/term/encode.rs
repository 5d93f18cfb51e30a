//! Bytes for a terminal: the difference of two pictures in few bytes, a text for the clipboard. Pure.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::queue;
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::buffer::Buffer;

const TAKES_ALL: &str = "a Vec takes everything";

/// Writes what turns `shown` into `wanted`. The pen is at rest before and after.
pub(super) fn difference(shown: &Buffer, wanted: &Buffer, out: &mut Vec<u8>) {
    let cells = shown.diff(wanted);
    // Only a sign of one column leaves no doubt where the cursor is; each run begins by saying where.
    for run in cells.split_inclusive(|(_, _, cell)| !is_certain(cell.symbol())) {
        CrosstermBackend::new(&mut *out).draw(run.iter().copied()).expect(TAKES_ALL);
    }
}

/// Shows the cursor at a place, or hides it; nothing where it is right already.
pub(super) fn cursor(before: Option<(u16, u16)>, now: Option<(u16, u16)>, has_drawn: bool, out: &mut Vec<u8>) {
    match (before, now) {
        (Some(_), None) => queue!(out, Hide),
        (None, Some((x, y))) => queue!(out, MoveTo(x, y), Show),
        (Some(old), Some(new)) if has_drawn || old != new => queue!(out, MoveTo(new.0, new.1)),
        _ => Ok(()),
    }
    .expect(TAKES_ALL);
}

/// The sequence that puts a text on the clipboard (OSC 52).
pub(super) fn clipboard(text: &str) -> Vec<u8> {
    format!("\x1b]52;c;{}\x1b\\", BASE64_STANDARD.encode(text)).into_bytes()
}

/// A sequence in the wrapping in which tmux sends it on to the terminal outside.
pub(super) fn through_tmux(sequence: &[u8]) -> Vec<u8> {
    let mut wrapped = b"\x1bPtmux;".to_vec();
    for &byte in sequence {
        if byte == 0x1b {
            wrapped.push(0x1b);
        }
        wrapped.push(byte);
    }
    wrapped.extend_from_slice(b"\x1b\\");
    wrapped
}

fn is_certain(symbol: &str) -> bool {
    symbol.chars().count() == 1 && cm_core::text::terminal::columns(symbol) == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::{Color, Modifier, Style};

    fn told(from: &[&str], to: &[&str]) -> String {
        let mut out = Vec::new();
        difference(&Buffer::with_lines(from.to_vec()), &Buffer::with_lines(to.to_vec()), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_what_changed_is_sent() {
        assert_eq!(told(&["abc", "def"], &["abc", "def"]), "");
        let said = told(&["abc", "def"], &["abX", "dYZ"]);
        assert!(said.starts_with("\x1b[1;3HX\x1b[2;2HYZ"), "{said:?}");
    }

    #[test]
    fn after_a_sign_of_doubtful_width_the_place_is_said_again() {
        for (sign, blank, next) in [("日", "    ", "\x1b[1;3Ha"), ("e\u{301}", "   ", "\x1b[1;2Ha")] {
            let said = told(&[blank], &[&format!("{sign}ab")]);
            assert!(said.starts_with(&format!("\x1b[1;1H{sign}")) && said.contains(next), "{said:?}");
        }
    }

    #[test]
    fn the_pen_is_put_down_at_the_end() {
        let area = Rect { x: 0, y: 0, width: 4, height: 1 };
        let blank = Buffer::empty(area);
        let mut wanted = blank.clone();
        wanted.set_string(0, 0, "ab", Style::new().add_modifier(Modifier::BOLD).fg(Color::Indexed(203)));
        let mut out = Vec::new();
        difference(&blank, &wanted, &mut out);
        let said = String::from_utf8(out).unwrap();
        assert!(said.contains("38;5;203") && said.ends_with("\x1b[0m"), "{said:?}");
    }

    #[test]
    fn the_clipboard_gets_base64_and_tmux_its_wrapping() {
        for (text, expected) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("✖ x", "4pyWIHg=")] {
            assert_eq!(clipboard(text), format!("\x1b]52;c;{expected}\x1b\\").into_bytes());
        }
        assert_eq!(through_tmux(b"\x1b]x\x1b\\"), b"\x1bPtmux;\x1b\x1b]x\x1b\x1b\\\x1b\\");
    }
}
