//! Keys and sequences of keys: how they are written in dashboard.toml and shown on the screen. It knows no act.

use std::fmt;

use cm_core::wording::Glyphs;

/// A key without what is held down with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Code {
    /// A key that types a character.
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tabulator.
    Tab,
    /// Deletes what is left of the cursor.
    Backspace,
    /// Deletes what is right of it.
    Delete,
    /// Insert.
    Insert,
    /// Arrow.
    Left,
    /// Arrow.
    Right,
    /// Arrow.
    Up,
    /// Arrow.
    Down,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// F1 to F12.
    F(u8),
}

/// What is held down with a key. Of several the first of this list counts; shift counts only where it types nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(crate) enum Held {
    /// Nothing.
    #[default]
    Nothing,
    /// Control.
    Ctrl,
    /// Alt, or escape before.
    Alt,
    /// Shift.
    Shift,
}

/// One press of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Press {
    /// Which key.
    pub(crate) code: Code,
    /// What is held down with it.
    pub(crate) held: Held,
}

impl Press {
    /// A key alone.
    pub(crate) const fn plain(code: Code) -> Self {
        Self { code, held: Held::Nothing }
    }

    /// A character with control.
    pub(crate) const fn ctrl(letter: char) -> Self {
        Self { code: Code::Char(letter), held: Held::Ctrl }
    }

    /// How the screen shows it: `⏎`, `^C`, `/`.
    pub(crate) fn shown(self, glyphs: Glyphs) -> String {
        let (sign, ascii) = match self.code {
            Code::Enter => ("⏎", "enter"),
            Code::Left => ("←", "left"),
            Code::Right => ("→", "right"),
            Code::Up => ("↑", "up"),
            Code::Down => ("↓", "down"),
            _ => return self.written(),
        };
        let name = if glyphs == Glyphs::Unicode { sign } else { ascii };
        if self.held == Held::Nothing { name.to_owned() } else { self.written() }
    }

    fn written(self) -> String {
        self.to_string()
    }
}

const NAMES: [(&str, Code); 15] = [
    ("enter", Code::Enter),
    ("esc", Code::Esc),
    ("tab", Code::Tab),
    ("backspace", Code::Backspace),
    ("delete", Code::Delete),
    ("insert", Code::Insert),
    ("left", Code::Left),
    ("right", Code::Right),
    ("up", Code::Up),
    ("down", Code::Down),
    ("home", Code::Home),
    ("end", Code::End),
    ("pageup", Code::PageUp),
    ("pagedown", Code::PageDown),
    ("space", Code::Char(' ')),
];

impl fmt::Display for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.held {
            Held::Nothing => "",
            Held::Ctrl => "ctrl-",
            Held::Alt => "alt-",
            Held::Shift => "shift-",
        })?;
        match self.code {
            Code::F(n) => write!(f, "f{n}"),
            Code::Char(c) if c != ' ' => write!(f, "{c}"),
            code => {
                let (name, _) = NAMES.iter().find(|(_, known)| *known == code).expect("every other key has a name");
                f.write_str(name)
            }
        }
    }
}

/// Keys pressed one after another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Chord(Vec<Press>);

/// Text that names no keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{word:?} is no key: write a character, `ctrl-x`, `alt-x`, f1 to f12, or one of enter, esc, tab, space, up, down, left, right, home, end, pageup, pagedown, backspace, delete, insert; keys of a sequence stand apart, `g g`"
)]
pub(crate) struct NoKey {
    /// What was written.
    pub(crate) word: String,
}

impl Chord {
    /// The most keys of one sequence.
    const LONGEST: usize = 3;

    /// Reads `q`, `ctrl-c`, `g g`.
    pub(crate) fn parse(text: &str) -> Result<Self, NoKey> {
        let no_key = |word: &str| NoKey { word: word.chars().take(40).filter(|c| !c.is_control()).collect() };
        let presses: Vec<Press> = text
            .split_whitespace()
            .map(|word| parse_press(word).ok_or_else(|| no_key(word)))
            .collect::<Result<_, _>>()?;
        if presses.is_empty() || presses.len() > Self::LONGEST { Err(no_key(text)) } else { Ok(Self(presses)) }
    }

    /// The keys.
    pub(crate) fn presses(&self) -> &[Press] {
        &self.0
    }

    /// Whether both can't be told apart while they are typed.
    pub(crate) fn clashes(&self, other: &Self) -> bool {
        let shared = self.0.len().min(other.0.len());
        self.0[..shared] == other.0[..shared]
    }

    /// How the screen shows it: `gg`, `⏎`.
    pub(crate) fn shown(&self, glyphs: Glyphs) -> String {
        self.0.iter().map(|press| press.shown(glyphs)).collect()
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&words.join(" "))
    }
}

fn parse_press(word: &str) -> Option<Press> {
    let (held, name) = [("ctrl-", Held::Ctrl), ("alt-", Held::Alt), ("shift-", Held::Shift)]
        .iter()
        .find_map(|(before, held)| word.strip_prefix(before).filter(|rest| !rest.is_empty()).map(|rest| (*held, rest)))
        .unwrap_or((Held::Nothing, word));
    let mut chars = name.chars();
    let code = match (chars.next()?, chars.next()) {
        (c, None) if !c.is_control() => Code::Char(c),
        ('f' | 'F', Some('0'..='9')) => Code::F(name[1..].parse().ok().filter(|number| (1..=12).contains(number))?),
        _ => NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known))?.1,
    };
    // A terminal can't tell these from other keys: a shifted letter is another letter.
    let sound = match (held, code) {
        (Held::Shift, Code::Char(_)) => false,
        (Held::Ctrl, Code::Char(c)) => c.is_ascii_lowercase(),
        _ => true,
    };
    sound.then_some(Press { code, held })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        for text in
            ["q", "G", "g g", "ctrl-c", "alt-x", "f1", "f12", "space", "enter", "esc", "shift-tab", "/", "[", "-", "é"]
        {
            assert_eq!(Chord::parse(text).map(|chord| chord.to_string()), Ok(text.to_owned()));
        }
        for text in
            ["", "  ", "qq", "ctrl-", "f0", "f13", "f99999", "ctrl-enter-x", "a b c d", "shift-a", "ctrl-1", "\u{1b}"]
        {
            assert!(Chord::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_sequence_clashes_with_its_own_beginning() {
        let chord = |text: &str| Chord::parse(text).unwrap();
        for (one, other, clash) in
            [("g", "g g", true), ("g g", "g g", true), ("g g", "g t", false), ("g", "G", false), ("t g", "g", false)]
        {
            assert_eq!(chord(one).clashes(&chord(other)), clash, "{one} {other}");
            assert_eq!(chord(other).clashes(&chord(one)), clash, "{other} {one}");
        }
    }

    #[test]
    fn the_screen_shows_signs_and_ascii_has_words() {
        let chord = |text: &str| Chord::parse(text).unwrap();
        assert_eq!(chord("enter").shown(Glyphs::Unicode), "⏎");
        assert_eq!(chord("enter").shown(Glyphs::Ascii), "enter");
        assert_eq!(chord("g g").shown(Glyphs::Unicode), "gg");
    }
}
