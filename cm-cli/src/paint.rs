//! Colour by meaning, and text fitted to a width. Nothing that is well has a colour.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use cm_core::health::Health;
use cm_core::text::terminal;
use cm_core::wording::Glyphs;

/// What a piece of text means, from which its colour follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// Nothing special.
    Plain,
    /// A heading, a name that the eye looks for.
    Title,
    /// What matters less: units, rules, heads of columns.
    Faint,
    /// Critical.
    Bad,
    /// A warning.
    Doubtful,
    /// A note.
    Remark,
    /// Nobody can tell.
    Unsure,
}

impl From<Health> for Meaning {
    fn from(health: Health) -> Self {
        match health {
            Health::Ok => Self::Plain,
            Health::Note => Self::Remark,
            Health::Warning => Self::Doubtful,
            Health::Critical => Self::Bad,
            Health::Unknown => Self::Unsure,
        }
    }
}

/// How a place takes text: with or without colour, in which glyphs, and how wide it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    /// Whether colours are written.
    pub colour: bool,
    /// Which signs may be used.
    pub glyphs: Glyphs,
    /// Columns to fit into; nothing is cut or left out where there is no limit.
    pub width: Option<usize>,
}

impl Paint {
    /// As into a pipe: no colour, no limit.
    pub const PLAIN: Self = Self { colour: false, glyphs: Glyphs::Unicode, width: None };

    /// A text in the colour of its meaning. The text must be harmless already.
    pub fn dress(self, text: &str, meaning: Meaning) -> String {
        let style = match meaning {
            Meaning::Plain => Style::new(),
            Meaning::Title => Style::new().bold(),
            Meaning::Faint => Style::new().dimmed(),
            Meaning::Bad => AnsiColor::Red.on_default().bold(),
            Meaning::Doubtful => AnsiColor::Yellow.on_default(),
            Meaning::Remark => AnsiColor::Cyan.on_default(),
            Meaning::Unsure => AnsiColor::Magenta.on_default(),
        };
        if self.colour && style != Style::new() && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// The sign for "cut here".
    pub const fn ellipsis(self) -> &'static str {
        match self.glyphs {
            Glyphs::Unicode => "…",
            Glyphs::Ascii => "~",
        }
    }

    /// A harmless line in our own signs, in the signs that the place takes.
    pub fn spell(self, text: &str) -> String {
        match self.glyphs {
            Glyphs::Unicode => text.to_owned(),
            Glyphs::Ascii => {
                let mut out = String::with_capacity(text.len());
                for c in text.chars() {
                    match c {
                        ' '..='~' => out.push(c),
                        '°' => {}
                        '…' => out.push('~'),
                        '–' | '—' => out.push('-'),
                        '→' => out.push_str("->"),
                        '·' => out.push('.'),
                        '’' => out.push('\''),
                        c => write!(out, "\\u{{{:x}}}", u32::from(c)).expect("a String takes everything"),
                    }
                }
                out
            }
        }
    }

    /// A harmless line, at most `columns` wide.
    pub fn fit(self, line: &str, columns: usize) -> String {
        if terminal::columns(line) <= columns {
            return line.to_owned();
        }
        let cut = terminal::fitted(line, columns);
        match (self.glyphs, cut.strip_suffix('…')) {
            (Glyphs::Ascii, Some(start)) => format!("{start}{}", self.ellipsis()),
            _ => cut.into_owned(),
        }
    }

    /// A harmless sentence broken between words into lines of the width, each after `indent` columns; the first line begins
    /// after `first`. A word that is wider than a line is cut. Without a width it is one line.
    pub fn wrap(self, first: &str, indent: usize, sentence: &str) -> Vec<String> {
        let Some(width) = self.width else { return vec![format!("{first}{sentence}")] };
        let room = width.max(indent + 8);
        let mut lines = Vec::new();
        let mut line = first.to_owned();
        let mut used = terminal::columns(first);
        let mut fresh = true;
        for word in sentence.split(' ').filter(|word| !word.is_empty()) {
            let columns = terminal::columns(word);
            if !fresh && used + 1 + columns > room {
                lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
                used = indent;
                fresh = true;
            }
            if !fresh {
                line.push(' ');
                used += 1;
            }
            let word = self.fit(word, room.saturating_sub(used));
            used += terminal::columns(&word);
            line.push_str(&word);
            fresh = false;
        }
        lines.push(line);
        lines
    }
}

/// A harmless text with spaces to `columns`, on the left or on the right.
pub fn pad(text: &str, columns: usize, right: bool) -> String {
    let space = " ".repeat(columns.saturating_sub(terminal::columns(text)));
    if right { format!("{space}{text}") } else { format!("{text}{space}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_well_has_no_colour_and_what_is_not_has_one() {
        let paint = Paint { colour: true, ..Paint::PLAIN };
        assert_eq!(paint.dress("srv01", Health::Ok.into()), "srv01");
        assert!(paint.dress("srv01", Health::Critical.into()).contains("\u{1b}[31m"));
        assert_eq!(Paint::PLAIN.dress("srv01", Meaning::Bad), "srv01");
    }

    #[test]
    fn sentences_break_between_words_and_never_pass_the_width() {
        let paint = Paint { width: Some(20), ..Paint::PLAIN };
        let lines = paint.wrap("  - ", 4, "one two three four five abcdefghijklmnopqrstuvwxyz six");
        assert_eq!(lines, ["  - one two three", "    four five", "    abcdefghijklmno…", "    six"],);
        assert_eq!(Paint::PLAIN.wrap("- ", 2, "one two"), ["- one two"]);
    }

    #[test]
    fn ascii_means_ascii() {
        let paint = Paint { glyphs: Glyphs::Ascii, ..Paint::PLAIN };
        assert_eq!(paint.spell("56 °C … – 日"), r"56 C ~ - \u{65e5}");
        assert_eq!(paint.fit("Samsung", 5), "Sams~");
    }
}
