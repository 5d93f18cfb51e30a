//! Borg: how it is asked, and what its answers mean (borg 1.1 to 1.4, `--json`).
//!
//! It is asked past the locks, which it otherwise takes: whoever lists would hold up whoever saves. `list` reads the
//! repository's index of archives alone. `info` tells sizes, and for that builds a cache of chunks, which may take long:
//! it does so in a folder of the agent's own, and within the limits.

use serde::Deserialize;

use cm_model::report::backup::Trouble;

use super::moment::Moment;
use super::state::{Archive, State};

/// Archives whose sizes are asked for.
const SIZES_OF: &str = "10";

/// How the archives are asked for.
pub(super) const LIST: &[&str] = &["list", "--json", "--bypass-lock"];
/// How sizes are asked for.
pub(super) const SIZES: &[&str] = &["info", "--json", "--bypass-lock", "--last", SIZES_OF];

#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    archives: Vec<Listed>,
    cache: Option<Cache>,
}

#[derive(Debug, Deserialize)]
struct Listed {
    name: String,
    start: Moment,
    end: Option<Moment>,
    stats: Option<Stats>,
}

#[derive(Debug, Deserialize)]
struct Stats {
    original_size: Option<u64>,
    deduplicated_size: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Cache {
    stats: Option<CacheStats>,
}

#[derive(Debug, Deserialize)]
struct CacheStats {
    unique_csize: Option<u64>,
}

/// Reads the answer to [`LIST`].
pub(super) fn read(json: &[u8]) -> serde_json::Result<State> {
    let answer: Answer = serde_json::from_slice(json)?;
    Ok(State::of(answer.archives()))
}

/// Reads the answer to [`SIZES`] into what is known already.
pub(super) fn read_sizes(json: &[u8], state: &mut State) -> serde_json::Result<()> {
    let answer: Answer = serde_json::from_slice(json)?;
    state.stored = answer.cache.as_ref().and_then(|cache| cache.stats.as_ref()?.unique_csize);
    let archives: Vec<Archive> = answer.archives().collect();
    state.complete(&archives);
    Ok(())
}

impl Answer {
    pub(super) fn archives(self) -> impl Iterator<Item = Archive> {
        let archive = |listed: Listed| Archive {
            source: source(&listed.name).to_owned(),
            start: listed.start.0,
            end: listed.end.map(|end| end.0),
            size: listed.stats.as_ref().and_then(|stats| stats.original_size),
            added: listed.stats.as_ref().and_then(|stats| stats.deduplicated_size),
        };
        self.archives.into_iter().map(archive)
    }
}

/// What an archive belongs to, by its name: what stands before the date in it, or before a number at its end.
fn source(name: &str) -> &str {
    let is_separator = |c: char| matches!(c, '-' | '_' | '.' | ':' | '+' | '@' | ' ');
    let dated = |rest: &str| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let year = digits == 4 && (rest.starts_with("19") || rest.starts_with("20"));
        let all = rest.chars().all(|c| c.is_ascii_digit() || matches!(c, 'T' | 'Z') || is_separator(c));
        all && (digits >= 6 || year && rest.len() > 4)
    };
    if dated(name.trim_start_matches(is_separator)) {
        return "";
    }
    let starts = name.char_indices().filter(|(_, c)| is_separator(*c));
    let mut starts = starts.map(|(at, _)| at).filter(|at| *at > 0);
    if let Some(at) = starts.clone().find(|at| dated(&name[at + 1..])) {
        return &name[..at];
    }
    match starts.next_back().filter(|at| name[at + 1..].parse::<u32>().is_ok()) {
        Some(at) => &name[..at],
        None => name,
    }
}

/// Why it ended otherwise than well: by the exit codes that borg 1.4 gives when asked for them, or by its words, which are
/// the same in every locale.
pub(super) fn trouble(code: i32, said: &str) -> Trouble {
    match code {
        13 | 18 => return Trouble::Gone,
        12 | 15..=17 | 25..=26 | 90..=92 => return Trouble::Damaged,
        21 => return Trouble::Forbidden,
        50..=53 => return Trouble::Passphrase,
        60 | 62..=64 => return Trouble::Moved,
        70..=73 => return Trouble::Locked,
        80..=83 => return Trouble::NoAnswer,
        _ => {}
    }
    let known = [
        ("was previously located at", Trouble::Moved),
        ("previously unknown unencrypted", Trouble::Moved),
        ("Cache, or information obtained from the security directory is newer", Trouble::Moved),
        ("is incorrect", Trouble::Passphrase),
        ("can not acquire a passphrase", Trouble::Passphrase),
        ("passphrase", Trouble::Passphrase),
        ("create/acquire the lock", Trouble::Locked),
        ("does not exist", Trouble::Gone),
        ("Permission denied", Trouble::Forbidden),
        ("not a valid repository", Trouble::Damaged),
        ("ntegrity", Trouble::Damaged),
        ("Data integrity", Trouble::Damaged),
        ("has no manifest", Trouble::Damaged),
        ("Inconsistency detected", Trouble::Damaged),
        ("Connection closed", Trouble::NoAnswer),
    ];
    let found = known.iter().find(|(words, _)| said.contains(words));
    found.map_or(Trouble::Unreadable, |(_, trouble)| *trouble)
}

/// Who holds a lock, by the name of the file in `lock.exclusive`: the machine and the process.
pub(super) fn holder(name: &str) -> Option<(&str, u32)> {
    let (machine, rest) = name.rsplit_once('@')?;
    let (_, process) = rest.rsplit_once('.')?;
    Some((machine, process.split('-').next()?.parse().ok()?))
}

#[cfg(test)]
mod tests;
