//! Restic: how it is asked, and what its answers mean (restic 0.9 and later; sizes from 0.17 on).
//!
//! `--no-lock` keeps it from locking out whoever saves. A lock of somebody else is read on its own: its time is renewed every
//! five minutes, so one that is older than half an hour is abandoned, as restic itself takes it.

use std::time::Duration;

use cm_model::clock::WallTime;
use cm_model::report::backup::Trouble;
use serde::Deserialize;

use super::moment::Moment;
use super::state::{Archive, State};

/// How the archives are asked for.
pub(super) const LIST: &[&str] = &["snapshots", "--json", "--no-lock"];
/// How the locks are asked for.
pub(super) const LOCKS: &[&str] = &["list", "locks", "--no-lock"];
/// How one lock is asked for, before its id.
pub(super) const LOCK: &[&str] = &["cat", "lock", "--no-lock"];

/// From what age on a lock is abandoned.
const ABANDONED: Duration = Duration::from_mins(30);

#[derive(Debug, Deserialize)]
struct Snapshot {
    time: Moment,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    hostname: String,
    summary: Option<Summary>,
}

#[derive(Debug, Deserialize)]
struct Summary {
    backup_start: Option<Moment>,
    backup_end: Option<Moment>,
    total_bytes_processed: Option<u64>,
    data_added_packed: Option<u64>,
    data_added: Option<u64>,
}

/// A lock, and who holds it.
#[derive(Debug, Deserialize, PartialEq)]
pub(super) struct Lock {
    time: Moment,
    #[serde(default)]
    hostname: String,
    #[serde(default)]
    pid: u32,
}

/// Reads the answer to [`LIST`].
pub(super) fn read(json: &[u8]) -> serde_json::Result<State> {
    // An empty repository is told as `null` by some versions.
    let snapshots: Option<Vec<Snapshot>> = serde_json::from_slice(json)?;
    Ok(State::of(snapshots.unwrap_or_default().iter().map(archive)))
}

fn archive(snapshot: &Snapshot) -> Archive {
    let summary = snapshot.summary.as_ref();
    Archive {
        source: source(&snapshot.hostname, &snapshot.paths),
        start: summary.and_then(|summary| summary.backup_start).unwrap_or(snapshot.time).0,
        end: summary.and_then(|summary| summary.backup_end).map(|end| end.0),
        size: summary.and_then(|summary| summary.total_bytes_processed),
        added: summary.and_then(|summary| summary.data_added_packed.or(summary.data_added)),
    }
}

/// A host and its paths, in one order.
pub(super) fn source(host: &str, paths: &[String]) -> String {
    const MOST: usize = 3;
    let mut sorted: Vec<&str> = paths.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    let more = if sorted.len() > MOST { format!(" and {} more", sorted.len() - MOST) } else { String::new() };
    sorted.truncate(MOST);
    format!("{host}:{}{more}", sorted.join(","))
}

/// The first lock of the answer to [`LOCKS`]: an id of 64 hexadecimal digits.
pub(super) fn first_lock(stdout: &[u8]) -> Option<&str> {
    let is_id = |line: &&str| line.len() == 64 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    std::str::from_utf8(stdout).ok()?.lines().map(str::trim).find(is_id)
}

/// Reads the answer to [`LOCK`].
pub(super) fn read_lock(json: &[u8]) -> serde_json::Result<Lock> {
    serde_json::from_slice(json)
}

impl Lock {
    /// Since when it is held, as far as is known.
    pub(super) const fn since(&self) -> WallTime {
        self.time.0
    }

    /// The machine and the process that hold it.
    pub(super) fn holder(&self) -> (&str, u32) {
        (&self.hostname, self.pid)
    }

    /// Whether its holder no longer renews it.
    pub(super) fn is_abandoned(&self, now: WallTime) -> bool {
        now.since(self.time.0) > ABANDONED
    }
}

/// Why it ended otherwise than well: by the exit codes of restic 0.17 and later, or by its words.
pub(super) fn trouble(code: i32, said: &str) -> Trouble {
    match code {
        10 => return Trouble::Gone,
        11 => return Trouble::Locked,
        12 => return Trouble::Passphrase,
        _ => {}
    }
    let known = [
        ("wrong password", Trouble::Passphrase),
        ("empty password", Trouble::Passphrase),
        ("password file", Trouble::Passphrase),
        ("unable to create lock", Trouble::Locked),
        ("permission denied", Trouble::Forbidden),
        ("unable to open config file", Trouble::Gone),
        ("repository does not exist", Trouble::Gone),
        ("invalid data returned", Trouble::Damaged),
        ("ciphertext verification failed", Trouble::Damaged),
        ("config cannot be loaded", Trouble::Damaged),
        ("connection refused", Trouble::NoAnswer),
        ("no such host", Trouble::NoAnswer),
    ];
    let found = known.iter().find(|(words, _)| said.contains(words));
    found.map_or(Trouble::Unreadable, |(_, trouble)| *trouble)
}

/// Whether it listed what it could and found some of it damaged, which it says beside a good exit status.
pub(super) fn is_damaged(said: &str) -> bool {
    said.contains("could not load snapshot") || said.contains("invalid data returned")
}

#[cfg(test)]
mod tests;
