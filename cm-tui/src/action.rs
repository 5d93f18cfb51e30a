//! Every act of the dashboard once: its word, what it does in words, its keys, where it works, and why it may be
//! unavailable. Help, hints and the key table derive from these lists. A new act is a row in one of them.

pub(crate) mod alerts;
mod chart;
mod detail;
mod everywhere;
mod host;
mod moving;
mod overview;
mod past;
pub(crate) mod settings;

pub(crate) use host::Way;

use crate::screen::Kind;
use crate::state::{Rights, State};
use crate::update::Effect;

/// Where an act works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// On every screen.
    Every,
    /// On these.
    Only(&'static [Kind]),
    /// On every screen while it shows the past; there its keys go before all others.
    Then,
}

impl On {
    /// Whether it works there.
    pub(crate) fn includes(self, kind: Kind) -> bool {
        match self {
            Self::Every | Self::Then => true,
            Self::Only(kinds) => kinds.contains(&kind),
        }
    }
}

/// Whether an act changes anything outside of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nature {
    /// It only looks.
    Look,
    /// It does: `--readonly` hides it.
    Change,
}

/// Keys that an act has from the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bound {
    /// As dashboard.toml writes them: `ctrl-c`, `g g`.
    pub(crate) keys: &'static str,
    /// Screens on which these keys do something else.
    pub(crate) but_on: &'static [Kind],
}

/// Keys for an act, wherever it works.
const fn key(keys: &'static str) -> Bound {
    Bound { keys, but_on: &[] }
}

impl Bound {
    /// But not on these screens.
    const fn but_on(self, but_on: &'static [Kind]) -> Self {
        Self { but_on, ..self }
    }
}

/// How an act stands in the last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hint {
    /// One or two words.
    pub(crate) words: &'static str,
    /// The most useful first.
    pub(crate) rank: u8,
    /// Another act whose key is shown before its own, for pairs.
    pub(crate) after: Option<&'static str>,
}

/// An act in the last line, at this rank.
#[expect(clippy::unnecessary_wraps, reason = "a row either has one or says None")]
const fn hint(rank: u8, words: &'static str) -> Option<Hint> {
    Some(Hint { words, rank, after: None })
}

/// One act.
#[derive(Debug)]
pub(crate) struct Action {
    /// Its permanent name in `[keys]` of dashboard.toml.
    pub(crate) word: &'static str,
    /// What it does, in a few words.
    pub(crate) help: &'static str,
    /// How it stands in the last line, if it does.
    pub(crate) hint: Option<Hint>,
    /// Its keys, unless they are rebound.
    pub(crate) keys: &'static [Bound],
    /// Where it works.
    pub(crate) on: On,
    /// Whether it changes anything outside.
    pub(crate) nature: Nature,
    /// Why it can't be done now, if so.
    pub(crate) ready: fn(&State) -> Result<(), &'static str>,
    /// Does it.
    pub(crate) run: fn(&mut State) -> Vec<Effect>,
}

impl Action {
    /// Whether it is offered at all.
    pub(crate) fn is_offered(&self, state: &State, kind: Kind) -> bool {
        self.on.includes(kind) && (self.nature == Nature::Look || state.set.rights == Rights::Act)
    }

    /// Why it can't be done now, if so. Nothing is done to a host while the screen shows the past.
    pub(crate) fn can_run(&self, state: &State) -> Result<(), &'static str> {
        if self.nature == Nature::Change && state.then.is_some() {
            return Err("this is the past: n goes back to now, where hosts can be acted on");
        }
        (self.ready)(state)
    }
}

/// The lists, in the order in which help shows them, each with its heading.
pub(crate) static LISTS: &[(&str, &[Action])] = &[
    ("Moving", moving::ACTIONS),
    ("Overview", overview::ACTIONS),
    ("One host", host::ACTIONS),
    ("Details and events", detail::ACTIONS),
    ("Charts", chart::ACTIONS),
    ("The past", past::ACTIONS),
    ("Alerts", alerts::ACTIONS),
    ("Settings", settings::ACTIONS),
    ("Everywhere", everywhere::ACTIONS),
];

/// Every act.
pub(crate) fn all() -> impl Iterator<Item = &'static Action> {
    LISTS.iter().flat_map(|(_, list)| list.iter())
}

/// The act of this name.
pub(crate) fn by_word(word: &str) -> Option<&'static Action> {
    all().find(|action| action.word == word)
}

/// An act that can always be done.
#[expect(clippy::unnecessary_wraps, reason = "a row says by this function why its act may be unavailable")]
const fn always(_: &State) -> Result<(), &'static str> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Chord;

    #[test]
    fn every_act_has_a_name_of_its_own_help_and_keys_that_exist() {
        let mut words = Vec::new();
        for action in all() {
            let word = action.word;
            assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{word}");
            assert!(
                action.help.starts_with(char::is_lowercase) && !action.help.ends_with('.'),
                "{word}: {}",
                action.help
            );
            assert!(!action.keys.is_empty(), "{word} has no key");
            for bound in action.keys {
                assert!(Chord::parse(bound.keys).is_ok(), "{word}: {}", bound.keys);
            }
            if let Some(after) = action.hint.and_then(|hint| hint.after) {
                assert!(by_word(after).is_some(), "{word}: {after}");
            }
            words.push(word);
        }
        let number = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), number, "two acts have one name");
    }
}
