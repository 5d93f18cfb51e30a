//! The same words on every front end: marks, ages, and what comes first.

pub mod chart;

use std::cmp::Reverse;
use std::time::Duration;

use crate::health::{Health, Reason};
use crate::observation::LinkState;

/// Which characters a screen can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Glyphs {
    /// Marks and bars of certain width in any UTF-8 terminal.
    #[default]
    Unicode,
    /// Letters and signs of ASCII alone.
    Ascii,
}

/// The mark of a health. Mark, colour and word say the same, so that any one of them is enough.
pub const fn mark(health: Health, glyphs: Glyphs) -> &'static str {
    match (glyphs, health) {
        (Glyphs::Unicode, Health::Ok) => "●",
        (Glyphs::Unicode, Health::Note) => "◆",
        (Glyphs::Unicode, Health::Warning) => "▲",
        (Glyphs::Unicode, Health::Critical) => "✖",
        (Glyphs::Unicode, Health::Unknown) => "○",
        (Glyphs::Ascii, Health::Ok) => "*",
        (Glyphs::Ascii, Health::Note) => "+",
        (Glyphs::Ascii, Health::Warning) => "!",
        (Glyphs::Ascii, Health::Critical) => "X",
        (Glyphs::Ascii, Health::Unknown) => "?",
    }
}

/// The mark of a link that is not simply answering; `None` where the health's own mark stands.
pub const fn link_mark(link: LinkState, glyphs: Glyphs) -> Option<&'static str> {
    match (glyphs, link) {
        (Glyphs::Unicode, LinkState::Waiting) => Some("…"),
        (Glyphs::Ascii, LinkState::Waiting) => Some("."),
        (_, LinkState::Stale) => Some("~"),
        (Glyphs::Unicode, LinkState::Off) => Some("◌"),
        (Glyphs::Ascii, LinkState::Off) => Some("-"),
        _ => None,
    }
}

/// An age in one unit: `2s`, `45s`, `4m`, `8h`, `3d`, `5y`. At most four characters up to 9,999 years.
pub fn age(age: Duration) -> String {
    let s = age.as_secs();
    match s {
        0..60 => format!("{s}s"),
        60..3_600 => format!("{}m", s / 60),
        3_600..86_400 => format!("{}h", s / 3_600),
        86_400..63_072_000 => format!("{}d", s / 86_400),
        _ => format!("{}y", s / 31_557_600),
    }
}

/// A bar of `width` columns filled to `percent`, in eighths: `███▏    `. Over 100 it is full.
pub fn bar(percent: f64, width: usize, glyphs: Glyphs) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let share = if percent.is_finite() { (percent / 100.0).clamp(0.0, 1.0) } else { 0.0 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 8 times the width")]
    let filled = (share * width as f64 * 8.0).round() as usize;
    let (whole, part) = match glyphs {
        Glyphs::Unicode => ("█", EIGHTHS[filled % 8]),
        Glyphs::Ascii => ("#", if filled % 8 >= 4 { "#" } else { "" }),
    };
    let bar = whole.repeat(filled / 8) + part;
    let columns = bar.chars().count();
    bar + &" ".repeat(width.saturating_sub(columns))
}

/// What is in trouble comes first, then by name.
pub const fn by_trouble(health: Health, name: &str) -> (Reverse<u8>, &str) {
    (Reverse(health.trouble()), name)
}

/// How many of each health, the worst first, without those that none has: `✖ 1   ◆ 1   ● 3`.
pub fn counts(healths: impl IntoIterator<Item = Health>, glyphs: Glyphs) -> String {
    let mut number = [0_usize; 5];
    for health in healths {
        number[usize::from(health.trouble())] += 1;
    }
    let told = Health::BY_TROUBLE
        .iter()
        .map(|&health| (health, number[usize::from(health.trouble())]))
        .filter(|(_, n)| *n > 0);
    told.map(|(health, n)| format!("{} {n}", mark(health, glyphs))).collect::<Vec<_>>().join("   ")
}

/// The one reason to say when there is room for one; and how many more there are.
pub fn headline(reasons: &[Reason]) -> Option<(&Reason, usize)> {
    reasons.first().map(|first| (first, reasons.len() - 1))
}

/// A number with its noun: `1 host`, `5 hosts`.
pub fn plural(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_fit_four_columns() {
        for (seconds, expected) in [
            (2, "2s"),
            (59, "59s"),
            (61, "1m"),
            (7_200, "2h"),
            (86_400 * 3, "3d"),
            (86_400 * 729, "729d"),
            (86_400 * 800, "2y"),
        ] {
            assert_eq!(age(Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn bars_have_their_width_whatever_the_value() {
        for value in [-1.0, 0.0, 0.4, 4.0, 50.0, 99.9, 100.0, 1e9, f64::NAN] {
            for glyphs in [Glyphs::Unicode, Glyphs::Ascii] {
                assert_eq!(bar(value, 8, glyphs).chars().count(), 8, "{value}");
            }
        }
        assert_eq!(bar(32.0, 8, Glyphs::Unicode), "██▌     ");
        assert_eq!(bar(32.0, 8, Glyphs::Ascii), "###     ");
    }

    #[test]
    fn counts_name_the_worst_first_and_nothing_that_is_not_there() {
        let fleet = [Health::Ok, Health::Critical, Health::Ok, Health::Note];
        assert_eq!(counts(fleet, Glyphs::Unicode), "✖ 1   ◆ 1   ● 2");
        assert_eq!(counts([], Glyphs::Ascii), "");
    }

    #[test]
    fn every_mark_is_its_own() {
        for glyphs in [Glyphs::Unicode, Glyphs::Ascii] {
            let mut marks: Vec<_> = Health::BY_TROUBLE.iter().map(|&health| mark(health, glyphs)).collect();
            marks.extend(
                [LinkState::Waiting, LinkState::Stale, LinkState::Off]
                    .iter()
                    .filter_map(|&link| link_mark(link, glyphs)),
            );
            marks.sort_unstable();
            marks.dedup();
            assert_eq!(marks.len(), 8);
        }
    }
}
