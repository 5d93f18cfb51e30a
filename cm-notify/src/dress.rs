//! A message in words becomes the text that a channel shows: plain, for a chat room, for a bubble, as HTML.
//!
//! Every piece leaves through the exit of the place that it goes to, and what is too long for it is cut at a line, with a
//! word on where the rest is. Which words are said is the outbox's ([`Sheet`]).

pub mod document;
pub mod html;

use cm_core::health::Health;
use cm_core::outbox::{Label, Row, Sheet};
use cm_core::text::{HostText, chat, dbus, mail, terminal};
use url::Url;

/// Writes one piece of text for the place that it goes to.
pub type Exit = fn(&HostText) -> String;

/// The exit to plain text that nothing reads but people: a phone, a log.
pub const PLAIN: Exit = |text| terminal::line(text).into_owned();
/// The exit to a chat room.
pub const CHAT: Exit = |text| chat::message(text).into_owned();
/// The exit to the body of a bubble.
pub const BUBBLE: Exit = |text| dbus::body(text).into_owned();
/// The exit to a mail's plain text.
pub const MAIL: Exit = |text| mail::body(text).into_owned();

/// How much a place takes, and what it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Most {
    /// Bytes.
    Bytes(usize),
    /// Characters.
    Chars(usize),
    /// Units of UTF-16, as Telegram counts.
    Utf16(usize),
}

impl Most {
    fn number(self) -> usize {
        let (Self::Bytes(most) | Self::Chars(most) | Self::Utf16(most)) = self;
        most
    }

    fn of(self, text: &str) -> usize {
        match self {
            Self::Bytes(_) => text.len(),
            Self::Chars(_) => text.chars().count(),
            Self::Utf16(_) => text.encode_utf16().count(),
        }
    }
}

/// All but the title, a line each, for places whose letters have no fixed width: `value: 78 %, limit 70 %`.
pub fn lines(sheet: &Sheet, exit: Exit) -> Vec<String> {
    let mut lines: Vec<String> = sheet.lead.iter().map(exit).collect();
    for block in &sheet.blocks {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(exit(&block.head));
        lines.extend(block.rows.iter().map(|row| format!("{}: {}", row.label.word(), value(row, exit))));
        lines.extend(block.log.iter().map(|line| format!("· {}", exit(line))));
    }
    if !lines.is_empty() && !sheet.foot.is_empty() {
        lines.push(String::new());
    }
    lines.extend(sheet.foot.iter().map(exit));
    lines
}

/// What a row says. An owner's link to their own notes stays a link where all else from outside is kept from being one.
pub fn value(row: &Row, exit: Exit) -> String {
    link(row).unwrap_or_else(|| exit(&row.text))
}

/// Where the owner's notes are, if that is an address: spelt as browsers spell it, which leaves nothing that a chat room
/// would act on.
pub fn link(row: &Row) -> Option<String> {
    let url = Url::parse(row.text.raw()).ok().filter(|_| row.label == Label::Notes)?;
    let calm = |c: char| c.is_ascii_alphanumeric() || "-_.:/?=&%+,;~".contains(c);
    let is_web = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    (is_web && url.as_str().chars().all(calm)).then(|| url.into())
}

/// How bad the worst is that a message tells of.
pub fn worst(sheet: &Sheet) -> Health {
    sheet.blocks.iter().map(|block| block.health).fold(Health::Ok, Health::fold)
}

/// The colour of how bad something is, red, green and blue: dark enough on white, light enough on black.
pub const fn colour(health: Health) -> u32 {
    match health {
        Health::Ok => 0x002e_9e5b,
        Health::Note => 0x004a_7fb5,
        Health::Warning => 0x00c9_8a00,
        Health::Critical => 0x00d1_373f,
        Health::Unknown => 0x0080_8080,
    }
}

/// Lines as one text that is no longer than a place takes; `program` tells the rest.
pub fn fitted(lines: &[String], most: Most, program: &str) -> String {
    let whole = lines.join("\n");
    if most.of(&whole) <= most.number() {
        return whole;
    }
    let end = format!("… cut here; all of it: {program} alerts");
    let mut room = most.number().saturating_sub(most.of(&end));
    let mut text = String::new();
    for line in lines {
        let takes = most.of(line) + 1;
        if takes > room {
            // One line that is too long alone is shown in part; what follows a long text would be cut anyway.
            let part = cut(line, most, room.saturating_sub(1));
            if !part.is_empty() {
                text.push_str(part);
                text.push('\n');
            }
            break;
        }
        room -= takes;
        text.push_str(line);
        text.push('\n');
    }
    text.push_str(&end);
    text
}

/// The beginning of a text that has at most so many of what a place counts.
fn cut(text: &str, most: Most, room: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += most.of(c.encode_utf8(&mut [0; 4]));
        if used > room {
            return &text[..at];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_at_a_line_and_says_so() {
        let lines: Vec<String> = (0..100).map(|number| format!("line {number}")).collect();
        let text = fitted(&lines, Most::Chars(100), "cm-cli");
        assert!(
            text.starts_with("line 0\nline 1\n") && text.ends_with("\n… cut here; all of it: cm-cli alerts"),
            "{text}"
        );
        assert!(text.chars().count() <= 100);
        assert_eq!(fitted(&lines[..2], Most::Chars(100), "cm-cli"), "line 0\nline 1");
    }

    #[test]
    fn a_limit_holds_whatever_is_counted() {
        for text in ["x", "é", "日", "🚨"] {
            let lines = [text.repeat(10_000)];
            for most in [Most::Bytes(4096), Most::Chars(2000), Most::Utf16(4096)] {
                let fitted = fitted(&lines, most, "cm-cli");
                assert!(most.of(&fitted) <= most.number(), "{text} {most:?}");
                assert!(most.of(&fitted) + 4 > most.number(), "{text} {most:?}: {}", most.of(&fitted));
            }
        }
    }
}
