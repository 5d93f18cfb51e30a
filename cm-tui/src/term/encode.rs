//! Bytes for a terminal: the difference of two pictures in few bytes, a text for the clipboard. Pure.

use std::io::Write;

use ratatui_core::buffer::Buffer;
use ratatui_core::style::{Color, Modifier};

/// How the terminal writes at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const RESET: Pen = Pen { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

/// Writes what turns `shown` into `wanted`. The pen is at rest before and after.
pub(super) fn difference(shown: &Buffer, wanted: &Buffer, out: &mut Vec<u8>) {
    let mut pen = RESET;
    let mut at = None;
    for (x, y, cell) in shown.diff(wanted) {
        if at != Some((x, y)) {
            move_to(x, y, out);
        }
        turn_pen(&mut pen, Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }, out);
        out.extend_from_slice(cell.symbol().as_bytes());
        // Only a sign of one column leaves no doubt where the cursor is.
        let is_narrow = cell.symbol().chars().count() == 1 && columns(cell.symbol()) == 1;
        at = is_narrow.then_some((x + 1, y));
    }
    turn_pen(&mut pen, RESET, out);
}

/// Shows the cursor at a place, or hides it; nothing where it is right already.
pub(super) fn cursor(before: Option<(u16, u16)>, now: Option<(u16, u16)>, has_drawn: bool, out: &mut Vec<u8>) {
    match (before, now) {
        (Some(_), None) => out.extend_from_slice(b"\x1b[?25l"),
        (None, Some((x, y))) => {
            move_to(x, y, out);
            out.extend_from_slice(b"\x1b[?25h");
        }
        (Some(old), Some(new)) if has_drawn || old != new => move_to(new.0, new.1, out),
        _ => {}
    }
}

/// The sequence that puts a text on the clipboard (OSC 52).
pub(super) fn clipboard(text: &str) -> Vec<u8> {
    format!("\x1b]52;c;{}\x1b\\", base64(text.as_bytes())).into_bytes()
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

fn columns(symbol: &str) -> usize {
    cm_core::text::terminal::columns(symbol)
}

fn move_to(x: u16, y: u16, out: &mut Vec<u8>) {
    say(out, format_args!("\x1b[{};{}H", y + 1, x + 1));
}

fn say(out: &mut Vec<u8>, what: std::fmt::Arguments<'_>) {
    out.write_fmt(what).expect("a Vec takes everything");
}

/// Changes the pen with one sequence, or none.
fn turn_pen(pen: &mut Pen, to: Pen, out: &mut Vec<u8>) {
    if *pen == to {
        return;
    }
    let start = out.len();
    out.extend_from_slice(b"\x1b[");
    let first = out.len();
    let mut have = *pen;
    if to == RESET || !(have.modifier - to.modifier).is_empty() {
        have = RESET;
        out.extend_from_slice(b"0;");
    }
    for (modifier, number) in [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::ITALIC, 3),
        (Modifier::UNDERLINED, 4),
        (Modifier::REVERSED, 7),
    ] {
        if to.modifier.contains(modifier) && !have.modifier.contains(modifier) {
            say(out, format_args!("{number};"));
        }
    }
    if to.fg != have.fg {
        colour(to.fg, 30, out);
    }
    if to.bg != have.bg {
        colour(to.bg, 40, out);
    }
    if out.len() == first {
        out.truncate(start);
    } else {
        let last = out.len() - 1;
        out[last] = b'm';
    }
    *pen = to;
}

/// A colour's numbers, each followed by `;`. `base` is 30 for text, 40 for what is behind it.
fn colour(colour: Color, base: u8, out: &mut Vec<u8>) {
    let sixteen = |number: u8| if number < 8 { base + number } else { base + 60 + number - 8 };
    let number = match colour {
        Color::Reset => return say(out, format_args!("{};", base + 9)),
        Color::Indexed(number) => return say(out, format_args!("{};5;{number};", base + 8)),
        Color::Rgb(r, g, b) => return say(out, format_args!("{};2;{r};{g};{b};", base + 8)),
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    say(out, format_args!("{};", sixteen(number)));
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= three.len() { char::from(sign) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui_core::layout::Rect;
    use ratatui_core::style::Style;

    fn told(from: &[&str], to: &[&str]) -> String {
        let mut out = Vec::new();
        difference(&Buffer::with_lines(from.to_vec()), &Buffer::with_lines(to.to_vec()), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_what_changed_is_sent() {
        assert_eq!(told(&["abc", "def"], &["abc", "def"]), "");
        assert_eq!(told(&["abc", "def"], &["abX", "dYZ"]), "\x1b[1;3HX\x1b[2;2HYZ");
    }

    #[test]
    fn after_a_wide_sign_the_place_is_said_again() {
        assert_eq!(told(&["    "], &["日ab"]), "\x1b[1;1H日\x1b[1;3Hab");
    }

    #[test]
    fn the_pen_is_turned_with_one_sequence_and_put_down_at_the_end() {
        let area = Rect { x: 0, y: 0, width: 4, height: 1 };
        let blank = Buffer::empty(area);
        let mut wanted = blank.clone();
        let bold = Style::new().add_modifier(Modifier::BOLD).fg(Color::Indexed(203));
        wanted.set_string(0, 0, "ab", bold);
        wanted.set_string(2, 0, "c", Style::new().fg(Color::LightRed).bg(Color::Black));
        let mut out = Vec::new();
        difference(&blank, &wanted, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "\x1b[1;1H\x1b[1;38;5;203mab\x1b[0;91;40mc\x1b[0m");
    }

    #[test]
    fn the_clipboard_gets_base64_and_tmux_its_wrapping() {
        for (text, expected) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("✖ x", "4pyWIHg=")] {
            assert_eq!(clipboard(text), format!("\x1b]52;c;{expected}\x1b\\").into_bytes());
        }
        assert_eq!(through_tmux(b"\x1b]x\x1b\\"), b"\x1bPtmux;\x1b\x1b]x\x1b\x1b\\\x1b\\");
    }
}
