//! Which keys do what: the acts' own keys, and those of dashboard.toml in their place. Two acts that want the same keys
//! on the same screen are a clash, and it is named at start.

use cm_core::config::KeyBinding;
use cm_core::nearest::nearest;
use cm_core::text::terminal;

use crate::action::{self, Action};
use crate::key::{Chord, NoKey, Press};
use crate::screen::Kind;

/// What is wrong with the keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyFault {
    /// There is no such act.
    #[error("[keys] {}: there is no such act{}", terminal::fitted(.act, 40), .near.map(|near| format!("; did you mean {near}?")).unwrap_or_default())]
    NoAct {
        /// What was written.
        act: String,
        /// What it resembles.
        near: Option<&'static str>,
    },
    /// That is no key.
    #[error("[keys] {act}: {source}")]
    NoKey {
        /// Of which act.
        act: String,
        /// The key.
        source: NoKey,
    },
    /// Two acts want the same keys.
    #[error("[keys] `{keys}` is both {one} and {other}: give one of them another key")]
    Clash {
        /// The keys.
        keys: String,
        /// One act.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
}

impl KeyFault {
    /// Whether it is about this act.
    pub(crate) fn is_about(&self, word: &str) -> bool {
        match self {
            Self::NoAct { act, .. } | Self::NoKey { act, .. } => act == word,
            Self::Clash { one, other, .. } => *one == word || *other == word,
        }
    }
}

/// Keys of one act.
#[derive(Debug, Clone)]
struct Row {
    chord: Chord,
    action: &'static Action,
    but_on: &'static [Kind],
}

impl Row {
    fn works_on(&self, kind: Kind) -> bool {
        self.action.on.includes(kind) && !self.but_on.contains(&kind)
    }
}

/// The table.
#[derive(Debug, Clone)]
pub(crate) struct KeyMap {
    rows: Vec<Row>,
}

/// What typed keys mean.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Meaning {
    /// An act.
    Act(&'static Action),
    /// The beginning of a sequence.
    Beginning,
    /// Nothing.
    Nothing,
}

/// The keys that quit whatever else is bound: nobody may lock themselves in.
const ALWAYS_QUITS: Press = Press::ctrl('c');

impl KeyMap {
    /// The table, or everything that is wrong with it.
    pub(crate) fn new(rebindings: &[KeyBinding]) -> Result<Self, Vec<KeyFault>> {
        let mut faults = Vec::new();
        for rebinding in rebindings {
            if action::by_word(&rebinding.act).is_none() {
                faults.push(KeyFault::NoAct {
                    act: rebinding.act.clone(),
                    near: nearest(&rebinding.act, action::all().map(|action| action.word)),
                });
            }
        }
        let mut rows = Vec::new();
        for action in action::all() {
            let rebound = rebindings.iter().rfind(|rebinding| rebinding.act == action.word);
            let wanted: Vec<(&str, &'static [Kind])> = match rebound {
                Some(rebinding) => rebinding.keys.iter().map(|keys| (keys.as_str(), &[][..])).collect(),
                None => action.keys.iter().map(|bound| (bound.keys, bound.but_on)).collect(),
            };
            for (keys, but_on) in wanted {
                match Chord::parse(keys) {
                    Ok(chord) => rows.push(Row { chord, action, but_on }),
                    Err(source) => faults.push(KeyFault::NoKey { act: action.word.to_owned(), source }),
                }
            }
        }
        clashes(&rows, &mut faults);
        if faults.is_empty() { Ok(Self { rows }) } else { Err(faults) }
    }

    /// What keys mean on a screen.
    pub(crate) fn meaning(&self, typed: &[Press], kind: Kind) -> Meaning {
        if typed.last() == Some(&ALWAYS_QUITS)
            && let Some(quit) = action::by_word("quit")
        {
            return Meaning::Act(quit);
        }
        let here = || self.rows.iter().filter(|row| row.works_on(kind));
        if let Some(row) = here().find(|row| row.chord.presses() == typed) {
            return Meaning::Act(row.action);
        }
        if here().any(|row| row.chord.presses().starts_with(typed)) { Meaning::Beginning } else { Meaning::Nothing }
    }

    /// The keys of an act on a screen.
    pub(crate) fn chords(&self, action: &Action, kind: Kind) -> impl Iterator<Item = &Chord> {
        let word = action.word;
        self.rows.iter().filter(move |row| row.action.word == word && row.works_on(kind)).map(|row| &row.chord)
    }
}

fn clashes(rows: &[Row], faults: &mut Vec<KeyFault>) {
    for (at, row) in rows.iter().enumerate() {
        for other in &rows[at + 1..] {
            let meet = Kind::ALL.iter().any(|&kind| row.works_on(kind) && other.works_on(kind));
            let fault = KeyFault::Clash { keys: row.chord.to_string(), one: row.action.word, other: other.action.word };
            if meet
                && row.action.word != other.action.word
                && row.chord.clashes(&other.chord)
                && !faults.contains(&fault)
            {
                faults.push(fault);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_core::config::Origin;

    fn rebind(act: &str, keys: &[&str]) -> KeyBinding {
        let keys = keys.iter().map(|&keys| keys.to_owned()).collect();
        KeyBinding { act: act.to_owned(), keys, origin: Origin::Default }
    }

    fn meaning(map: &KeyMap, keys: &str, kind: Kind) -> &'static str {
        match map.meaning(Chord::parse(keys).unwrap().presses(), kind) {
            Meaning::Act(action) => action.word,
            Meaning::Beginning => "…",
            Meaning::Nothing => "",
        }
    }

    #[test]
    fn the_keys_that_come_along_do_not_clash() {
        let map = KeyMap::new(&[]).unwrap();
        for (keys, kind, expected) in [
            ("q", Kind::Overview, "quit"),
            ("g", Kind::Overview, "…"),
            ("g g", Kind::Overview, "top"),
            ("g x", Kind::Overview, ""),
            ("s", Kind::Overview, "sort"),
            ("z", Kind::Overview, ""),
            ("z", Kind::Host, "zoom"),
        ] {
            assert_eq!(meaning(&map, keys, kind), expected, "{keys}");
        }
    }

    #[test]
    fn keys_can_be_rebound_and_the_old_ones_are_free() {
        let map = KeyMap::new(&[rebind("sort", &["o", "g s"]), rebind("pause", &[])]).unwrap();
        for (keys, expected) in [("o", "sort"), ("g s", "sort"), ("s", ""), ("p", ""), ("g g", "top")] {
            assert_eq!(meaning(&map, keys, Kind::Overview), expected, "{keys}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (rebinding, told) in [
            (rebind("srot", &["o"]), "[keys] srot: there is no such act; did you mean sort?"),
            (rebind("sort", &["q"]), "[keys] `q` is both sort and quit: give one of them another key"),
            (rebind("sort", &["g"]), "[keys] `g g` is both top and sort: give one of them another key"),
        ] {
            let faults = KeyMap::new(&[rebinding]).unwrap_err();
            assert_eq!(faults.iter().map(ToString::to_string).collect::<Vec<_>>(), [told]);
        }
        assert!(matches!(KeyMap::new(&[rebind("sort", &["hyper-q"])]).unwrap_err()[..], [KeyFault::NoKey { .. }]));
    }

    #[test]
    fn control_c_quits_whatever_is_bound() {
        let map = KeyMap::new(&[rebind("quit", &[]), rebind("sort", &["q"])]).unwrap();
        assert_eq!(meaning(&map, "ctrl-c", Kind::Overview), "quit");
        assert_eq!(meaning(&map, "q", Kind::Overview), "sort");
    }
}
