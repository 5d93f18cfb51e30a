//! The command line behind `:`: every act by its word, and the few commands that take a word more. It says what a line
//! means and how it could go on; what then happens is others' business.

use cm_core::clock::WallTime;
use cm_core::config::dashboard::Theme;
use cm_core::host::HostId;
use cm_core::nearest::nearest;

use crate::action::{self, Action};
use crate::prompt::Prompt;
use crate::state::State;
use crate::travel::{self, moment};

/// A line being typed, and what Tab has gone through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Command {
    /// The line.
    pub(crate) line: Prompt,
    /// What was typed before Tab, and how often Tab was pressed since.
    turning: Option<(String, usize)>,
}

/// What a line means.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Meant<'s> {
    /// An act.
    Act(&'static Action),
    /// Open this host.
    Host(&'s HostId),
    /// Take these colours.
    Theme(Theme),
    /// Show this moment.
    Moment(WallTime),
    /// Nothing is typed.
    Nothing,
}

/// Short forms that fingers know.
const SHORT: &[(&str, &str)] = &[("q", "quit"), ("h", "help")];

const HOST: &str = "host";
const THEME: &str = "theme";
const AT: &str = "at";

/// Moments to begin with; any other can be typed.
const MOMENTS: &[&str] = &["10m", "1h", "6h", "1d", "7d", "30d", "now"];

const THEMES: [Theme; 6] = [Theme::Auto, Theme::Dark, Theme::Light, Theme::HighContrast, Theme::Ansi16, Theme::None];

/// What a line means, or what is wrong with it and what comes nearest.
pub(crate) fn meaning<'s>(state: &'s State, line: &str) -> Result<Meant<'s>, String> {
    let mut words = line.split_whitespace();
    let Some(first) = words.next() else { return Ok(Meant::Nothing) };
    let rest: Vec<&str> = words.collect();
    match (first, rest.as_slice()) {
        (HOST, [name]) => host(state, name).map(Meant::Host),
        (HOST, _) => Err("host wants one name: `host srv01`".to_owned()),
        (THEME, [word]) => theme(word).map(Meant::Theme),
        (THEME, _) => Err(format!("theme wants one of {}", Theme::WORDS.join(", "))),
        (AT, []) => Err(format!("at wants {}", moment::FORMS)),
        (AT, words) => at(state, &words.join(" ")).map(Meant::Moment),
        (word, []) => {
            let word = SHORT.iter().find(|(short, _)| *short == word).map_or(word, |(_, whole)| *whole);
            let found = action::by_word(word).filter(|action| is_offered(state, action));
            found.map(Meant::Act).ok_or_else(|| no_such("command", word, &firsts(state)))
        }
        (word, _) if firsts(state).contains(&word) => Err(format!("{word} takes no word more")),
        (word, _) => Err(no_such("command", word, &firsts(state))),
    }
}

fn host<'s>(state: &'s State, name: &str) -> Result<&'s HostId, String> {
    let hosts = || state.live.fleet.hosts().iter().map(|host| &host.member.host.id);
    let found = hosts().find(|id| id.as_str() == name).or_else(|| {
        let mut begun = hosts().filter(|id| id.as_str().starts_with(name));
        begun.next().filter(|_| begun.next().is_none())
    });
    found.ok_or_else(|| no_such("host", name, &hosts().map(HostId::as_str).collect::<Vec<_>>()))
}

fn at(state: &State, text: &str) -> Result<WallTime, String> {
    travel::ready(state)?;
    let found = moment::read(text, state.live.now.wall, state.set.ahead_s);
    found.ok_or_else(|| format!("{text:?} is no moment: at wants {}", moment::FORMS))
}

fn theme(word: &str) -> Result<Theme, String> {
    THEMES.into_iter().find(|theme| theme.word() == word).ok_or_else(|| no_such("theme", word, Theme::WORDS))
}

fn no_such(what: &str, word: &str, known: &[&str]) -> String {
    let near =
        nearest(word, known.iter().copied()).or_else(|| known.iter().copied().find(|known| known.starts_with(word)));
    match near {
        Some(near) => format!("there is no {what} {word:?}; did you mean {near}?"),
        None => format!("there is no {what} {word:?}; tab goes through what there is"),
    }
}

fn is_offered(state: &State, action: &Action) -> bool {
    action.is_offered(state, state.kind())
}

/// The words that a line can begin with here, in order.
fn firsts(state: &State) -> Vec<&'static str> {
    let acts = action::all().filter(|action| is_offered(state, action)).map(|action| action.word);
    let mut words: Vec<&str> = acts.chain([HOST, THEME, AT]).collect();
    words.sort_unstable();
    words
}

/// Every line that this one can become by finishing its last word.
pub(crate) fn completions(state: &State, line: &str) -> Vec<String> {
    let (before, last) = line.rsplit_once(' ').map_or(("", line), |(before, last)| (before.trim(), last));
    let from = |known: Vec<&str>| {
        let lines = known.into_iter().filter(|word| word.starts_with(last));
        lines.map(|word| if before.is_empty() { word.to_owned() } else { format!("{before} {word}") }).collect()
    };
    match before {
        "" => from(firsts(state)),
        HOST => from(state.live.fleet.hosts().iter().map(|host| host.member.host.id.as_str()).collect()),
        THEME => from(Theme::WORDS.to_vec()),
        AT => from(MOMENTS.to_vec()),
        _ => Vec::new(),
    }
}

impl Command {
    /// Goes on to the next completion of what was typed; the only one is finished with a blank where a word must follow.
    pub(crate) fn complete(&mut self, state: &State) {
        let (typed, turn) = self.turning.take().unwrap_or_else(|| (self.line.text(), 0));
        let all = completions(state, &typed);
        let Some(next) = all.get(turn % all.len().max(1)) else { return };
        let wants_more = all.len() == 1 && [HOST, THEME, AT].contains(&next.as_str());
        self.line = Prompt::with(&if wants_more { format!("{next} ") } else { next.clone() });
        if !wants_more {
            self.turning = Some((typed, turn + 1));
        }
    }

    /// A key that is not Tab was pressed, or something pasted: Tab begins anew.
    pub(crate) fn settle(&mut self) {
        self.turning = None;
    }

    /// What the line could become, told behind it.
    pub(crate) fn told(&self, state: &State) -> String {
        let typed = self.turning.as_ref().map_or_else(|| self.line.text(), |(typed, _)| typed.clone());
        let all = completions(state, &typed);
        let words: Vec<&str> = all.iter().map(|line| line.rsplit(' ').next().unwrap_or(line)).collect();
        words.join("  ")
    }
}

#[cfg(test)]
mod tests;
