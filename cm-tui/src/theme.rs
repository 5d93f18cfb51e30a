//! Colours by meaning: whoever draws says what a thing means, a theme says how that looks. It knows no screen.

use cm_core::config::dashboard::Theme as Choice;
use cm_core::health::Health;
use cm_core::wording::Glyphs;
use ratatui::style::{Color, Modifier, Style};
use std::borrow::Cow;

/// What something on the screen means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// Ordinary text.
    Plain,
    /// Units, labels, rules: what the eye may pass over.
    Dim,
    /// What names the place where one is.
    Strong,
    /// Worth seeing.
    Note,
    /// Wants attention.
    Warn,
    /// Has failed.
    Bad,
    /// Well, where that is news.
    Good,
    /// The one accent: the panel or the field that has the keys.
    Accent,
    /// The row that has the cursor.
    Cursor,
    /// Anything that is not now.
    Past,
}

impl Role {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 10] = [
        Self::Plain,
        Self::Dim,
        Self::Strong,
        Self::Note,
        Self::Warn,
        Self::Bad,
        Self::Good,
        Self::Accent,
        Self::Cursor,
        Self::Past,
    ];

    /// What a health means. Well is quiet, and what nobody knows is as loud as a note.
    pub(crate) const fn of(health: Health) -> Self {
        match health {
            Health::Ok => Self::Plain,
            Health::Note | Health::Unknown => Self::Note,
            Health::Warning => Self::Warn,
            Health::Critical => Self::Bad,
        }
    }
}

/// A set of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// Stronger differences.
    HighContrast,
    /// The terminal's own sixteen colours.
    Ansi16,
    /// No colour.
    None,
}

impl Theme {
    /// The theme for a choice, where that settles it; `auto` waits for the terminal's word.
    pub(crate) const fn chosen(choice: Choice) -> Option<Self> {
        match choice {
            Choice::Auto => None,
            Choice::Dark => Some(Self::Dark),
            Choice::Light => Some(Self::Light),
            Choice::HighContrast => Some(Self::HighContrast),
            Choice::Ansi16 => Some(Self::Ansi16),
            Choice::None => Some(Self::None),
        }
    }

    /// How a role looks.
    pub(crate) const fn style(self, role: Role) -> Style {
        const NEW: Style = Style::new();
        const fn fg(colour: u8) -> Style {
            NEW.fg(Color::Indexed(colour))
        }
        const fn bold(style: Style) -> Style {
            style.add_modifier(Modifier::BOLD)
        }
        match (role, self) {
            (Role::Strong, _) | (Role::Warn, Self::None) => bold(NEW),
            (Role::Bad, Self::None) => bold(NEW.add_modifier(Modifier::UNDERLINED)),
            (Role::Plain, _) | (Role::Note | Role::Good, Self::None) | (Role::Dim, Self::HighContrast) => NEW,
            (Role::Accent, Self::None) => NEW.add_modifier(Modifier::UNDERLINED),
            (Role::Cursor, Self::None | Self::Ansi16) | (Role::Past, _) => NEW.add_modifier(Modifier::REVERSED),
            // Both colours are said, so it can be read on any background; turned round, what is full would look empty.
            (Role::Cursor, Self::HighContrast) => bold(NEW.fg(Color::White).bg(Color::Blue)),
            (Role::Dim, Self::None | Self::Ansi16) => NEW.add_modifier(Modifier::DIM),
            (Role::Dim, Self::Dark) => fg(245),
            (Role::Dim, Self::Light) => fg(241),
            (Role::Note, Self::Dark) => fg(111),
            (Role::Note, Self::Light) => fg(25),
            (Role::Note, Self::HighContrast) => NEW.fg(Color::LightCyan),
            (Role::Note, Self::Ansi16) => NEW.fg(Color::Cyan),
            (Role::Warn, Self::Dark) => fg(215),
            (Role::Warn, Self::Light) => bold(fg(130)),
            (Role::Warn, Self::HighContrast) => bold(NEW.fg(Color::LightYellow)),
            (Role::Warn, Self::Ansi16) => NEW.fg(Color::Yellow),
            (Role::Bad, Self::Dark) => bold(fg(203)),
            (Role::Bad, Self::Light) => bold(fg(160)),
            (Role::Bad, Self::HighContrast) => bold(NEW.fg(Color::White).bg(Color::Red)),
            (Role::Bad, Self::Ansi16) => bold(NEW.fg(Color::Red)),
            (Role::Good, Self::Dark) => fg(114),
            (Role::Good, Self::Light) => fg(28),
            (Role::Good, Self::HighContrast) => NEW.fg(Color::LightGreen),
            (Role::Good, Self::Ansi16) => NEW.fg(Color::Green),
            (Role::Accent, Self::Dark) => bold(fg(117)),
            (Role::Accent, Self::Light) => bold(fg(26)),
            (Role::Accent, Self::HighContrast) => bold(NEW.fg(Color::LightCyan)),
            (Role::Accent, Self::Ansi16) => bold(NEW.fg(Color::Blue)),
            (Role::Cursor, Self::Dark) => NEW.bg(Color::Indexed(237)),
            (Role::Cursor, Self::Light) => NEW.bg(Color::Indexed(254)),
        }
    }
}

/// How things look: colours, and which characters there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// The colours.
    pub(crate) theme: Theme,
    /// The characters.
    pub(crate) glyphs: Glyphs,
}

impl Look {
    /// One of two signs: the one that every terminal has, or the finer one.
    pub(crate) const fn sign(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        match self.glyphs {
            Glyphs::Unicode => unicode,
            Glyphs::Ascii => ascii,
        }
    }

    /// A text in the characters that there are; what has no equal becomes `?`.
    pub(crate) fn spelled(self, text: &str) -> Cow<'_, str> {
        if self.glyphs == Glyphs::Unicode || text.is_ascii() {
            return Cow::Borrowed(text);
        }
        let mut plain = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '°' => {}
                '→' => plain.push_str("->"),
                '…' => plain.push('.'),
                '–' | '—' | '·' | '─' => plain.push('-'),
                '│' => plain.push('|'),
                '▸' => plain.push('>'),
                '×' => plain.push('x'),
                '’' => plain.push('\''),
                c if c.is_ascii() => plain.push(c),
                _ => plain.push('?'),
            }
        }
        Cow::Owned(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEMES: [Theme; 5] = [Theme::Dark, Theme::Light, Theme::HighContrast, Theme::Ansi16, Theme::None];

    #[test]
    fn trouble_is_told_apart_in_every_theme() {
        for theme in THEMES {
            for (one, other) in [(Role::Plain, Role::Bad), (Role::Plain, Role::Warn), (Role::Warn, Role::Bad)] {
                assert_ne!(theme.style(one), theme.style(other), "{theme:?} {one:?} {other:?}");
            }
            assert_ne!(theme.style(Role::Plain), theme.style(Role::Cursor), "{theme:?}");
            assert_eq!(theme.style(Role::Past), Style::new().add_modifier(Modifier::REVERSED), "{theme:?}");
        }
    }

    #[test]
    fn without_colour_there_is_none() {
        for role in Role::ALL {
            let style = Theme::None.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
    }

    #[test]
    fn in_ascii_every_text_is_ascii() {
        let look = Look { theme: Theme::None, glyphs: Glyphs::Ascii };
        for text in ["56 °C", "15.2 → 4.1 GiB", "日本", "a…", "plain"] {
            assert!(look.spelled(text).is_ascii(), "{text}");
        }
        assert_eq!(look.spelled("56 °C"), "56 C");
    }
}
