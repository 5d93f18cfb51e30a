//! The text of a file with its lines counted, so that however many problems it has, each is put in its place at once.

use std::ops::Range;
use std::path::Path;

use super::{Excerpt, Place, Problem};

/// A text, without the byte-order mark that it may begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    whole: String,
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
    /// How many characters begin before each multiple of [`STEP`] bytes.
    characters: Vec<usize>,
}

/// How far apart the places are at which characters have been counted beforehand: a file may be one long line.
const STEP: usize = 512;

impl Text {
    /// A text. Costs one pass over it.
    pub fn new(text: impl Into<String>) -> Self {
        let mut text: String = text.into();
        if text.starts_with('\u{feff}') {
            text.remove(0);
        }
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut characters = vec![0];
        for part in text.as_bytes().chunks(STEP) {
            characters.push(characters[characters.len() - 1] + self::characters(part));
        }
        Self { whole: text, lines, characters }
    }

    /// What it says.
    pub fn as_str(&self) -> &str {
        &self.whole
    }

    /// Line and column of a range of bytes. What lies outside the text is moved to its end.
    pub fn place(&self, span: Range<usize>) -> Place {
        let start = self.whole.floor_char_boundary(span.start.min(self.whole.len()));
        let end = self.whole.ceil_char_boundary(span.end.clamp(start, self.whole.len()));
        let line = self.lines.partition_point(|&begin| begin <= start) - 1;
        let column = self.characters_before(start) - self.characters_before(self.lines[line]) + 1;
        Place { line: line + 1, column, span: start..end }
    }

    /// The problem at a range of bytes of this text, which `file` holds.
    #[must_use]
    pub fn put(&self, file: &Path, span: Range<usize>, problem: Problem) -> Problem {
        let place = self.place(span);
        let begin = self.lines[place.line - 1];
        let line = self.whole[begin..].lines().next().unwrap_or("");
        let within = |at: usize| (at - begin).min(line.len());
        let excerpt = Excerpt::of(line, within(place.span.start)..within(place.span.end));
        Problem { place: Some(place), excerpt, ..problem.about(file) }
    }

    /// How many characters begin before a byte.
    fn characters_before(&self, at: usize) -> usize {
        let step = at / STEP;
        self.characters[step] + characters(&self.whole.as_bytes()[step * STEP..at])
    }
}

/// How many characters begin in a part of a text.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_place_is_where_counting_by_hand_finds_it(
            parts in prop::collection::vec("[aä\u{1F600}\n]{0,40}|[b\u{20ac}]{2000}", 0..6),
            start in any::<prop::sample::Index>(),
            length in 0_usize..50,
        ) {
            let raw = parts.concat();
            let text = Text::new(raw.as_str());
            let start = start.index(raw.len() + 1);
            let place = text.place(start..start + length);
            let before = &raw[..raw.floor_char_boundary(start)];
            prop_assert_eq!(place.line, before.matches('\n').count() + 1);
            prop_assert_eq!(place.column, before.chars().rev().take_while(|c| *c != '\n').count() + 1);
            prop_assert!(raw.get(place.span.clone()).is_some());
            let problem = Problem::note("something", "something else");
            let put = text.put(Path::new("x.toml"), start..start + length, problem);
            prop_assert!(put.excerpt.is_some_and(|excerpt| excerpt.width >= 1));
        }
    }
}
