//! What a terminal types: keys, pasted text, the mouse, and its answer about the background. Pure: bytes in, meaning out;
//! bytes may come in any pieces. What is not understood is passed over whole, never typed.

use crate::key::{Code, Held, Press};
use crate::theme::Theme;
use crate::update::Mouse;

/// Something that the terminal typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Typed {
    /// A key.
    Key(Press),
    /// Pasted text.
    Paste(String),
    /// The mouse.
    Mouse(Mouse),
    /// Whether the background is dark or light.
    Background(Theme),
}

/// The longest sequence that is waited for; what is longer is not one.
const LONGEST: usize = 4_096;

/// The most of a paste that is kept.
const LONGEST_PASTE: usize = 64 * 1024;

const PASTE_END: &[u8] = b"\x1b[201~";

/// Makes sense of bytes as they come.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    bytes: Vec<u8>,
    pasted: Option<Vec<u8>>,
    /// An escape was taken for a key a moment ago.
    is_given: bool,
    /// This terminal's sequences come in pieces: an escape alone may be the beginning of one.
    is_careful: bool,
}

/// What stands at the beginning of the bytes.
enum Found {
    /// A thing of so many bytes; nothing where it has no meaning here.
    Whole(usize, Option<Typed>),
    /// The beginning of pasted text, of so many bytes.
    PasteBegins(usize),
    /// Something that is not complete.
    Part,
}

impl Reader {
    /// Takes bytes, and gives what is complete.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<Typed> {
        if std::mem::take(&mut self.is_given) && bytes.first().is_some_and(|first| b"[O]PX^_".contains(first)) {
            // Nobody types so fast: that escape was the beginning of this. It is not mistaken a second time.
            self.is_careful = true;
            self.bytes.push(0x1b);
        }
        self.bytes.extend_from_slice(bytes);
        let mut typed = Vec::new();
        loop {
            if self.pasted.is_some() {
                match self.paste() {
                    Some(text) => typed.push(Typed::Paste(text)),
                    None => return typed,
                }
            }
            if self.bytes.is_empty() {
                return typed;
            }
            match first(&self.bytes) {
                Found::Whole(length, what) => {
                    self.bytes.drain(..length);
                    typed.extend(what);
                }
                Found::PasteBegins(length) => {
                    self.bytes.drain(..length);
                    self.pasted = Some(Vec::new());
                }
                Found::Part if self.bytes.len() > LONGEST => self.bytes.clear(),
                Found::Part => return typed,
            }
        }
    }

    /// Whether what has come may be a key by itself or the beginning of more: only time tells.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.is_given || (self.pasted.is_none() && matches!(self.bytes.as_slice(), [0x1b] | [0x1b, _]))
    }

    /// There is no more to be read at the moment. An escape alone is a key then, and answered without a wait: terminals send
    /// a sequence in one piece, and so do ssh and tmux. On a line that takes it apart (a serial one) that is wrong once.
    pub(crate) fn pause(&mut self) -> Option<Typed> {
        if self.is_careful || self.pasted.is_some() || self.bytes != [0x1b] {
            return None;
        }
        self.bytes.clear();
        self.is_given = true;
        Some(Typed::Key(Press::plain(Code::Esc)))
    }

    /// Nothing more has come: what was in doubt is a key.
    pub(crate) fn settle(&mut self) -> Option<Typed> {
        if std::mem::take(&mut self.is_given) || !self.is_in_doubt() {
            return None;
        }
        let key = match self.bytes.get(1) {
            None => Press::plain(Code::Esc),
            Some(&letter) => Press { code: Code::Char(char::from(letter)), held: Held::Alt },
        };
        self.bytes.clear();
        Some(Typed::Key(key))
    }

    /// Moves bytes into the paste; the text when its end has come.
    fn paste(&mut self) -> Option<String> {
        let pasted = self.pasted.as_mut()?;
        let end = self.bytes.windows(PASTE_END.len()).position(|window| window == PASTE_END);
        // What could be the beginning of the end stays.
        let take = end.unwrap_or_else(|| self.bytes.len().saturating_sub(PASTE_END.len() - 1));
        let room = LONGEST_PASTE.saturating_sub(pasted.len());
        pasted.extend(self.bytes[..take].iter().take(room));
        self.bytes.drain(..take);
        end?;
        self.bytes.drain(..PASTE_END.len());
        let pasted = self.pasted.take()?;
        Some(String::from_utf8_lossy(&pasted).into_owned())
    }
}

fn first(bytes: &[u8]) -> Found {
    let key = |length, code, held| Found::Whole(length, Some(Typed::Key(Press { code, held })));
    match bytes[0] {
        0x1b => escape(bytes),
        b'\r' | b'\n' => key(1, Code::Enter, Held::Nothing),
        b'\t' => key(1, Code::Tab, Held::Nothing),
        0x7f | 0x08 => key(1, Code::Backspace, Held::Nothing),
        byte @ 1..=26 => key(1, Code::Char(char::from(b'a' + byte - 1)), Held::Ctrl),
        0 | 0x1c..=0x1f => Found::Whole(1, None),
        _ => character(bytes).map_or(Found::Part, |(length, c)| {
            Found::Whole(length, c.map(|c| Typed::Key(Press::plain(Code::Char(c)))))
        }),
    }
}

/// The first character, in so many bytes; none where the bytes are none. Nothing where it is not complete.
fn character(bytes: &[u8]) -> Option<(usize, Option<char>)> {
    let length = match bytes[0] {
        0..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Some((1, None)),
    };
    let Some(encoded) = bytes.get(..length) else {
        let is_begun = bytes[1..].iter().all(|byte| (0x80..0xc0).contains(byte));
        return if is_begun { None } else { Some((1, None)) };
    };
    match std::str::from_utf8(encoded) {
        Ok(text) => Some((length, text.chars().next().filter(|c| !c.is_control()))),
        Err(_) => Some((1, None)),
    }
}

fn escape(bytes: &[u8]) -> Found {
    let Some(&second) = bytes.get(1) else { return Found::Part };
    match second {
        b'[' => control_sequence(bytes),
        b'O' => match bytes.get(2) {
            None => Found::Part,
            Some(&letter) => Found::Whole(3, by_letter(letter).map(|code| Typed::Key(Press::plain(code)))),
        },
        b']' => string(bytes, |text| background(text).map(Typed::Background)),
        b'P' | b'X' | b'^' | b'_' => string(bytes, |_| None),
        0..=0x1f | 0x7f => Found::Whole(1, Some(Typed::Key(Press::plain(Code::Esc)))),
        _ => match character(&bytes[1..]) {
            None => Found::Part,
            Some((length, c)) => {
                let key = c.map(|c| Typed::Key(Press { code: Code::Char(c), held: Held::Alt }));
                Found::Whole(1 + length, key)
            }
        },
    }
}

/// A string up to its end, BEL or ST.
fn string(bytes: &[u8], meaning: impl Fn(&[u8]) -> Option<Typed>) -> Found {
    for (at, &byte) in bytes.iter().enumerate().skip(2) {
        match (byte, bytes.get(at + 1)) {
            (0x07, _) => return Found::Whole(at + 1, meaning(&bytes[2..at])),
            (0x1b, Some(b'\\')) => return Found::Whole(at + 2, meaning(&bytes[2..at])),
            (0x1b, None) => return Found::Part,
            // Another sequence begins: this one was broken off.
            (0x1b, Some(_)) => return Found::Whole(at, None),
            _ => {}
        }
    }
    Found::Part
}

fn control_sequence(bytes: &[u8]) -> Found {
    // The Linux console's F1 to F5.
    if bytes.get(2) == Some(&b'[') {
        return match bytes.get(3) {
            None => Found::Part,
            Some(letter @ b'A'..=b'E') => Found::Whole(4, Some(Typed::Key(Press::plain(Code::F(letter - b'A' + 1))))),
            Some(_) => Found::Whole(4, None),
        };
    }
    let Some(last) = bytes[2..].iter().position(|byte| !(0x20..0x40).contains(byte)) else { return Found::Part };
    let (length, letter) = (last + 3, bytes[2 + last]);
    if !(0x40..0x7f).contains(&letter) {
        return Found::Whole(length - 1, None);
    }
    let body = &bytes[2..2 + last];
    if let Some(body) = body.strip_prefix(b"<") {
        return Found::Whole(length, mouse(&numbers(body), letter).map(Typed::Mouse));
    }
    let numbers = numbers(body);
    if letter == b'~' && numbers.first() == Some(&200) {
        return Found::PasteBegins(length);
    }
    let code = match letter {
        b'~' => by_number(numbers.first().copied().unwrap_or(0)),
        b'Z' => Some(Code::Tab),
        letter => by_letter(letter),
    };
    let held = if letter == b'Z' { Held::Shift } else { held(numbers.get(1).copied().unwrap_or(1)) };
    Found::Whole(length, code.map(|code| Typed::Key(Press { code, held })))
}

fn numbers(body: &[u8]) -> Vec<u32> {
    let parts = body.split(|byte| matches!(byte, b';' | b':'));
    parts.map(|part| std::str::from_utf8(part).ok().and_then(|text| text.parse().ok()).unwrap_or(0)).collect()
}

const fn held(number: u32) -> Held {
    match number.saturating_sub(1) {
        bits if bits & 4 != 0 => Held::Ctrl,
        bits if bits & 2 != 0 => Held::Alt,
        bits if bits & 1 != 0 => Held::Shift,
        _ => Held::Nothing,
    }
}

const fn by_letter(letter: u8) -> Option<Code> {
    Some(match letter {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'H' => Code::Home,
        b'F' => Code::End,
        b'P'..=b'S' => Code::F(letter - b'P' + 1),
        b'M' => Code::Enter,
        _ => return None,
    })
}

const fn by_number(number: u32) -> Option<Code> {
    Some(match number {
        1 | 7 => Code::Home,
        2 => Code::Insert,
        3 => Code::Delete,
        4 | 8 => Code::End,
        5 => Code::PageUp,
        6 => Code::PageDown,
        11 => Code::F(1),
        12 => Code::F(2),
        13 => Code::F(3),
        14 => Code::F(4),
        15 => Code::F(5),
        17 => Code::F(6),
        18 => Code::F(7),
        19 => Code::F(8),
        20 => Code::F(9),
        21 => Code::F(10),
        23 => Code::F(11),
        24 => Code::F(12),
        _ => return None,
    })
}

/// A report of the mouse: button, column and row from 1; `M` pressed, `m` let go.
fn mouse(numbers: &[u32], letter: u8) -> Option<Mouse> {
    let &[button, x, y] = numbers else { return None };
    let place = |number: u32| u16::try_from(number.saturating_sub(1)).ok();
    let (x, y) = (place(x)?, place(y)?);
    // Shift, alt and control may be held: bits 4, 8 and 16.
    match (button & !0b1_1100, letter) {
        (0, b'M') => Some(Mouse::Click { x, y }),
        (32, b'M') => Some(Mouse::Drag { x, y }),
        (64, b'M') => Some(Mouse::WheelUp),
        (65, b'M') => Some(Mouse::WheelDown),
        _ => None,
    }
}

/// The answer to the question for the background: `11;rgb:ffff/ffff/ffff`.
fn background(text: &[u8]) -> Option<Theme> {
    let text = std::str::from_utf8(text).ok()?.strip_prefix("11;")?;
    let colour = text.strip_prefix("rgb:").or_else(|| text.strip_prefix("rgba:"))?;
    let parts: Vec<f64> = colour
        .split('/')
        .take(3)
        .map(|part| {
            let most = 16_f64.powi(i32::try_from(part.len()).ok()?) - 1.0;
            Some(f64::from(u32::from_str_radix(part, 16).ok()?) / most)
        })
        .collect::<Option<_>>()?;
    let &[r, g, b] = parts.as_slice() else { return None };
    // How bright an eye finds it (Rec. 709).
    let light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    Some(if light > 0.5 { Theme::Light } else { Theme::Dark })
}

#[cfg(test)]
mod tests;
