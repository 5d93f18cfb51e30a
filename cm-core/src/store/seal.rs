//! Hours that are over become chunks, days that are over become roll-ups.
//!
//! Both may be repeated and broken off anywhere: sealing merges what it finds with what is there, and a sample that is in
//! both places for a while counts once. So samples may come in any order, even for an hour that was sealed long ago. A
//! day is rolled up as a whole, from all its samples, whenever one of its chunks has changed; its hours are joined then.
//! Minutes are summed up by who asks for them as long as there are samples, and only stored when those go.

pub(super) mod day;

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;

use super::batch::{self, Entry};
use super::chunk::{self, DAY, HOUR, Kind, Rows, Told};
use super::trouble::StoreError;
use super::writer::{Write, Writer};
use crate::clock::{Now, WallTime};
use crate::series::Point;

/// How long after its end an hour is sealed, in milliseconds: stragglers would have it sealed twice.
const HOUR_RESTS: i64 = 10 * 60_000;

/// How long after its end a day is rolled up, in milliseconds.
const DAY_RESTS: i64 = HOUR;

/// How many groups are gathered at once: some 1,000 series, 17 MB for an hour of samples every 5 s.
const GROUPS_AT_ONCE: usize = 32;

/// How many days of groups are rolled up, or taken apart, in one transaction: a second or two, well below the length of a lease.
pub(super) const DAYS_AT_ONCE: i64 = 2;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sealed {
    /// Chunks that were written.
    pub chunks: u64,
    /// Series of chunks that could not be read and were lost to damage.
    pub damaged: u64,
}

impl Writer {
    /// Seals every hour that ended ten minutes ago or longer. Cost: about 0.3 µs a sample.
    pub fn seal(&mut self, now: Now) -> Result<Sealed, StoreError> {
        let until = chunk::floor(now.wall.millis() - HOUR_RESTS, HOUR);
        let mut sealed = Sealed::default();
        let groups = self.groups_of_batches(until)?;
        for some in groups.chunks(GROUPS_AT_ONCE) {
            let done = self.write("sealing", |write| seal_groups(write, some, until))?;
            sealed.chunks += done.chunks;
            sealed.damaged += done.damaged;
        }
        self.write("sealing", |write| drop_sealed(write, until))?;
        Ok(sealed)
    }

    /// The groups that have samples before a moment in batches, each with its series.
    fn groups_of_batches(&self, until: i64) -> Result<Vec<(i64, Vec<i64>)>, StoreError> {
        let word = self.site.sorted("looking for hours to seal");
        let mut series = BTreeSet::new();
        let mut statement =
            self.quick.prepare_cached("SELECT body FROM batch WHERE first < ?1 ORDER BY id").map_err(&word)?;
        let mut rows = statement.query([until]).map_err(&word)?;
        while let Some(row) = rows.next().map_err(&word)? {
            let body: Vec<u8> = row.get(0).map_err(&word)?;
            batch::each(&body, |entry| {
                series.insert(entry.series);
            });
        }
        let mut groups: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        let mut statement = self.quick.prepare_cached("SELECT grp FROM series WHERE id = ?1").map_err(&word)?;
        for series in series {
            let grp = statement.query_row([series], |row| row.get(0)).map_err(&word)?;
            groups.entry(grp).or_default().push(series);
        }
        Ok(groups.into_iter().collect())
    }

    /// Rolls up every day that ended an hour ago or longer and has something new. Cost: about 1 µs a sample.
    pub fn roll_up(&mut self, now: Now) -> Result<Sealed, StoreError> {
        let until = chunk::floor(now.wall.millis() - DAY_RESTS, DAY);
        let mut rolled = Sealed::default();
        loop {
            let days = self.write("looking for days to roll up", |write| unsettled(write, until))?;
            if days.is_empty() {
                return Ok(rolled);
            }
            let done = self.write("rolling up", |write| {
                let mut done = Sealed::default();
                for (day, grp) in &days {
                    day::roll_up(write, *day, *grp, &mut done)?;
                }
                write.count("damaged", done.damaged)?;
                Ok(done)
            })?;
            rolled.chunks += done.chunks;
            rolled.damaged += done.damaged;
        }
    }
}

fn seal_groups(write: &Write<'_>, groups: &[(i64, Vec<i64>)], until: i64) -> Result<Sealed, StoreError> {
    let group_of: BTreeMap<i64, i64> =
        groups.iter().flat_map(|(grp, series)| series.iter().map(|series| (*series, *grp))).collect();
    let mut gathered: BTreeMap<(i64, i64), Rows<Point>> = BTreeMap::new();
    each_batch(write, until, |_, entry| {
        if let Some(grp) = group_of.get(&entry.series)
            && entry.at < until
        {
            let place = (Kind::Hour.start(entry.at), *grp);
            gathered.entry(place).or_default().entry(entry.series).or_default().push(point(entry));
        }
    })?;
    let mut sealed = Sealed::default();
    for ((start, grp), more) in gathered {
        let (mut rows, damaged) = chunk::load(write.site, write.connection(), Kind::Hour, grp, start)?;
        sealed.damaged += damaged;
        let before: usize = rows.values().map(Vec::len).sum();
        for (series, more) in more {
            chunk::merge(rows.entry(series).or_default(), more);
        }
        // Nothing new: what a broken-off seal had already stored.
        if rows.values().map(Vec::len).sum::<usize>() == before {
            continue;
        }
        chunk::put(write, Kind::Hour, grp, start, &rows, Told::Nothing)?;
        sealed.chunks += 1;
    }
    write.count("damaged", sealed.damaged)?;
    Ok(sealed)
}

/// Takes away what was sealed: whole batches, and of those that go on the part before `until`.
fn drop_sealed(write: &Write<'_>, until: i64) -> Result<(), StoreError> {
    let mut remaining: BTreeMap<i64, Vec<Entry>> = BTreeMap::new();
    let damaged = each_batch(write, until, |id, entry| {
        if entry.at >= until {
            remaining.entry(id).or_default().push(entry);
        }
    })?;
    write.count("damaged", damaged)?;
    write.run("DELETE FROM batch WHERE last < ?1", [until])?;
    for (id, mut entries) in remaining {
        let first = entries.iter().map(|entry| entry.at).min();
        let body = batch::pack(&mut entries);
        write.run("UPDATE batch SET first = ?2, body = ?3 WHERE id = ?1", params![id, first, body])?;
    }
    Ok(())
}

/// Hands on every sample of the batches that begin before a moment, in the order in which they came; answers with how
/// many batches are damaged.
fn each_batch(write: &Write<'_>, until: i64, mut take: impl FnMut(i64, Entry)) -> Result<u64, StoreError> {
    let word = write.site.sorted("reading recent samples");
    let mut damaged = 0;
    let mut statement =
        write.connection().prepare_cached("SELECT id, body FROM batch WHERE first < ?1 ORDER BY id").map_err(&word)?;
    let mut rows = statement.query([until]).map_err(&word)?;
    while let Some(row) = rows.next().map_err(&word)? {
        let (id, body): (i64, Vec<u8>) = (row.get(0).map_err(&word)?, row.get(1).map_err(&word)?);
        damaged += u64::from(batch::each(&body, |entry| take(id, entry)).is_none());
    }
    Ok(damaged)
}

/// Days of groups that have chunks of which the roll-ups do not tell yet.
fn unsettled(write: &Write<'_>, until: i64) -> Result<Vec<(i64, i64)>, StoreError> {
    let word = write.site.sorted("looking for days to roll up");
    let mut statement = write
        .connection()
        .prepare_cached(
            "SELECT DISTINCT start - start % ?2, grp FROM chunk WHERE settled <> 1 AND settled = 0 AND start < ?1
             ORDER BY 1, 2 LIMIT ?3",
        )
        .map_err(&word)?;
    let rows = statement.query_map([until, DAY, DAYS_AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?))).map_err(&word)?;
    rows.collect::<Result<_, _>>().map_err(word)
}

pub(super) fn point(entry: Entry) -> Point {
    Point::new(WallTime::from_millis(entry.at), entry.value)
}
