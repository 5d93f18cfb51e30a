//! Wrapping: a text that is longer than its room goes on below, between words where it can, else between clusters.

use cm_core::text::terminal;
use unicode_segmentation::UnicodeSegmentation;

/// A harmless text in rows of at most `room` columns, and at most `most` of them; what is left over ends in `…`.
pub(super) fn wrapped(text: &str, room: usize, most: usize) -> Vec<String> {
    let room = room.max(2);
    let mut rows = vec![String::new()];
    let mut used = 0;
    for word in text.split_inclusive(' ') {
        let wide = terminal::columns(word.trim_end());
        if used > 0 && used + wide > room {
            rows.push(String::new());
            used = 0;
        }
        for piece in if wide > room { word.graphemes(true).collect() } else { vec![word] } {
            let wide = terminal::columns(piece.trim_end());
            if used > 0 && used + wide > room {
                rows.push(String::new());
                used = 0;
            }
            if let Some(row) = rows.last_mut() {
                row.push_str(piece);
            }
            used += terminal::columns(piece);
        }
        if rows.len() > most {
            break;
        }
    }
    if rows.len() > most {
        rows.truncate(most);
        if let Some(last) = rows.last_mut() {
            *last = terminal::fitted(&format!("{last}……"), room).into_owned();
        }
    }
    for row in &mut rows {
        // A single cluster may be wider than the room: then it gives way.
        *row = terminal::fitted(row.trim_end(), room).into_owned();
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_go_on_below_between_words() {
        for (text, room, expected) in [
            ("one two three", 7, vec!["one two", "three"]),
            ("one two three", 40, vec!["one two three"]),
            ("abcdefghij kl", 4, vec!["abcd", "efgh", "ij", "kl"]),
            ("日本語", 4, vec!["日本", "語"]),
            ("ૹ𑍋ு", 2, vec!["…"]),
            ("", 4, vec![""]),
            ("    indented", 40, vec!["    indented"]),
        ] {
            assert_eq!(wrapped(text, room, 9), expected, "{text:?} in {room}");
        }
        let cut = wrapped("a b c d e f", 2, 2);
        assert_eq!((cut.len(), cut[1].ends_with('…')), (2, true), "{cut:?}");
    }

    proptest! {
        #[test]
        fn no_row_is_wider_than_its_room(text in "\\PC{0,80}", room in 2_usize..30, most in 1_usize..9) {
            let line = terminal::line(&text).into_owned();
            let rows = wrapped(&line, room, most);
            prop_assert!(rows.len() <= most);
            for row in rows {
                prop_assert!(terminal::columns(&row) <= room, "{row:?} in {room}");
            }
        }
    }
}
