//! How large the history is, what is in it, and what was left out. It does not judge any of it.

use std::collections::BTreeMap;

use rusqlite::params;

use super::chunk::Kind;
use super::read::Reader;
use super::trouble::StoreError;
use crate::clock::WallTime;
use crate::series::retention::Resolution;

/// What is stored of one resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Which resolution.
    pub resolution: Resolution,
    /// How many chunks.
    pub chunks: u64,
    /// How many rows they hold over all series.
    pub rows: u64,
    /// How many bytes they take.
    pub bytes: u64,
    /// When the oldest begins.
    pub oldest: Option<WallTime>,
}

/// What a history holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// The size of the file, in bytes.
    pub file_bytes: u64,
    /// Of these, what is free inside and will be used again.
    pub free_bytes: u64,
    /// The size of the write-ahead log, in bytes.
    pub log_bytes: u64,
    /// The layout.
    pub layout: u64,
    /// How many series.
    pub series: u64,
    /// Commits whose samples are not sealed yet.
    pub recent_batches: u64,
    /// How many bytes these take.
    pub recent_bytes: u64,
    /// The newest sample that is not sealed yet.
    pub newest: Option<WallTime>,
    /// Sealed samples and roll-ups.
    pub sealed: Vec<Stored>,
    /// Whole reports that are kept, and the bytes they take.
    pub frames: (u64, u64),
    /// What was left out or lost since the file was made, by name: `unset_clock`, `ahead`, `late`, `surplus`, `damaged`.
    pub counters: BTreeMap<String, u64>,
    /// Who holds the lease or held it last, and its epoch.
    pub lease: (String, u64),
}

impl Reader {
    /// What the history holds. Cost: every chunk's head is read.
    pub fn stats(&self) -> Result<Stats, StoreError> {
        let sealed = Resolution::ALL.into_iter().map(|resolution| self.stored(resolution)).collect::<Result<_, _>>()?;
        // Outside of a transaction: a checkpoint, even one that does nothing, is refused within one.
        let word = self.site.sorted("measuring the log");
        let frames: i64 =
            self.connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1)).map_err(word)?;
        self.slice("measuring", |tx, word| {
            let number = |sql: &str| {
                let value: Result<Option<i64>, _> = tx.query_row(sql, [], |row| row.get(0));
                value.map(|value| value.and_then(|value| u64::try_from(value).ok()).unwrap_or(0)).map_err(word)
            };
            let page = number("PRAGMA page_size")?;
            let mut counters = BTreeMap::new();
            let mut statement = tx.prepare_cached("SELECT name, value FROM counter").map_err(word)?;
            let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)));
            for row in rows.map_err(word)? {
                let (name, value) = row.map_err(word)?;
                counters.insert(name, u64::try_from(value).unwrap_or(0));
            }
            let newest: Option<i64> =
                tx.query_row("SELECT max(last) FROM batch", [], |row| row.get(0)).map_err(word)?;
            let holder: String = tx.query_row("SELECT holder FROM lease", [], |row| row.get(0)).map_err(word)?;
            Ok(Stats {
                file_bytes: number("PRAGMA page_count")? * page,
                free_bytes: number("PRAGMA freelist_count")? * page,
                log_bytes: u64::try_from(frames).unwrap_or(0) * (page + 24),
                layout: number("PRAGMA user_version")?,
                series: number("SELECT count(*) FROM series")?,
                recent_batches: number("SELECT count(*) FROM batch")?,
                recent_bytes: number("SELECT sum(length(body)) FROM batch")?,
                newest: newest.map(WallTime::from_millis),
                sealed,
                frames: (number("SELECT count(*) FROM frame")?, number("SELECT sum(length(body)) FROM frame")?),
                counters,
                lease: (holder, number("SELECT epoch FROM lease")?),
            })
        })
    }

    fn stored(&self, resolution: Resolution) -> Result<Stored, StoreError> {
        let mut stored = Stored { resolution, chunks: 0, rows: 0, bytes: 0, oldest: None };
        self.each_chunk(resolution, |_, start, body| {
            stored.chunks += 1;
            stored.bytes += body.len() as u64;
            stored.rows += crate::series::chunk::contents(body)
                .map_or(0, |contents| contents.iter().map(|(_, rows)| *rows as u64).sum());
            let start = WallTime::from_millis(start);
            stored.oldest = Some(stored.oldest.map_or(start, |oldest| oldest.min(start)));
        })?;
        Ok(stored)
    }

    /// Hands every chunk of a resolution on (its row, when it begins, its bytes), some hundred to a slice.
    pub(super) fn each_chunk(
        &self,
        resolution: Resolution,
        mut take: impl FnMut(i64, i64, &[u8]),
    ) -> Result<(), StoreError> {
        let mut last = 0_i64;
        loop {
            let before = last;
            self.slice("reading chunks", |tx, word| {
                let sql = "SELECT id, start, body FROM chunk WHERE id > ?1 AND step IN (?2, ?3) ORDER BY id LIMIT 200";
                let mut statement = tx.prepare_cached(sql).map_err(word)?;
                let kinds = Kind::all_of(resolution);
                let number = |kind: Option<&Kind>| kind.map(|kind| kind.number());
                let mut rows =
                    statement.query(params![last, number(kinds.first()), number(kinds.last())]).map_err(word)?;
                while let Some(row) = rows.next().map_err(word)? {
                    last = row.get(0).map_err(word)?;
                    let start = row.get(1).map_err(word)?;
                    let body = row.get_ref(2).map_err(word)?;
                    take(last, start, body.as_blob().unwrap_or_default());
                }
                Ok(())
            })?;
            if last == before {
                return Ok(());
            }
        }
    }
}
