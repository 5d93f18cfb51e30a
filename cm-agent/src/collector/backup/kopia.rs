//! Kopia: how it is asked, and what its answers mean (`kopia snapshot list --all --json`).
//!
//! Its repository is connected beforehand, and named by kopia's own configuration file. It knows no locks.

use cm_model::report::backup::Trouble;
use serde::Deserialize;

use super::moment::Moment;
use super::state::{Archive, State};

/// How the archives are asked for.
pub(super) const LIST: &[&str] = &["snapshot", "list", "--all", "--json"];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Snapshot {
    #[serde(default)]
    source: Source,
    start_time: Moment,
    end_time: Option<Moment>,
    /// Why it was broken off; empty for a whole one.
    #[serde(default)]
    incomplete: String,
    stats: Option<Stats>,
    root_entry: Option<RootEntry>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Source {
    host: String,
    user_name: String,
    path: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    total_size: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct RootEntry {
    summ: Option<Summary>,
}

#[derive(Debug, Deserialize)]
struct Summary {
    size: Option<u64>,
}

/// Reads the answer to [`LIST`]; what was broken off is no backup.
pub(super) fn read(json: &[u8]) -> serde_json::Result<State> {
    let snapshots: Option<Vec<Snapshot>> = serde_json::from_slice(json)?;
    let whole = snapshots.unwrap_or_default().into_iter().filter(|snapshot| snapshot.incomplete.is_empty());
    Ok(State::of(whole.map(archive)))
}

fn archive(snapshot: Snapshot) -> Archive {
    let Source { host, user_name, path } = snapshot.source;
    let size = snapshot.root_entry.and_then(|root| root.summ?.size);
    Archive {
        source: format!("{user_name}@{host}:{path}"),
        start: snapshot.start_time.0,
        end: snapshot.end_time.map(|end| end.0),
        size: size.or_else(|| snapshot.stats.and_then(|stats| stats.total_size)),
        added: None,
    }
}

/// Why it ended otherwise than well.
pub(super) fn trouble(_: i32, said: &str) -> Trouble {
    let known = [
        ("invalid repository password", Trouble::Passphrase),
        ("repository is not connected", Trouble::Gone),
        ("repository not initialized", Trouble::Gone),
        ("permission denied", Trouble::Forbidden),
        ("connection refused", Trouble::NoAnswer),
    ];
    let found = known.iter().find(|(words, _)| said.contains(words));
    found.map_or(Trouble::Unreadable, |(_, trouble)| *trouble)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_are_told_apart_by_their_source_and_broken_ones_left_out() {
        let json = br#"[
            {"id":"a","source":{"host":"nas","userName":"root","path":"/srv"},"startTime":"2026-11-24T02:00:00.5Z",
             "endTime":"2026-11-24T02:03:00.5Z","stats":{"totalSize":900},"rootEntry":{"summ":{"size":1000,"files":3}}},
            {"id":"b","source":{"host":"nas","userName":"root","path":"/srv"},"startTime":"2026-11-25T02:00:00Z",
             "endTime":"2026-11-25T02:01:00Z","incomplete":"canceled"},
            {"id":"c","source":{"host":"nas","userName":"ada","path":"/home"},"startTime":"2026-11-25T03:00:00Z","stats":{"totalSize":7}}
        ]"#;
        let state = read(json).unwrap();
        let told: Vec<_> = state.newest.iter().map(|(a, count)| (&*a.source, a.size, *count)).collect();
        assert_eq!(told, [("ada@nas:/home", Some(7), 1), ("root@nas:/srv", Some(1000), 1)]);
        assert_eq!(read(b"null").unwrap().count, 0);
        assert!(read(b"{}").is_err());
    }
}
