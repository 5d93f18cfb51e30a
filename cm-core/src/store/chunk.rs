//! Chunks in their table: which one holds a moment, and how rows are put among those it has.
//!
//! It does not know when an hour is over.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::open::Site;
use super::trouble::StoreError;
use super::writer::Write;
use crate::series::Point;
use crate::series::chunk::{self, Row};
use crate::series::retention::Resolution;
use crate::series::rollup::{Bucket, Step};

pub(super) const HOUR: i64 = 3_600_000;
pub(super) const DAY: i64 = 24 * HOUR;

/// The number of a resolution in the table, and how long one chunk of it is, in milliseconds.
pub(super) const fn place(resolution: Resolution) -> (i64, i64) {
    match resolution {
        Resolution::Raw => (0, HOUR),
        Resolution::Step(Step::Minute) => (1, DAY),
        Resolution::Step(Step::Hour) => (2, 32 * DAY),
        Resolution::Step(Step::Day) => (3, 1_024 * DAY),
    }
}

/// The resolution with a number.
pub(super) fn resolution(step: i64) -> Option<Resolution> {
    Resolution::ALL.into_iter().find(|resolution| place(*resolution).0 == step)
}

/// When the chunk begins that holds a moment.
pub(super) const fn start(resolution: Resolution, at: i64) -> i64 {
    floor(at, place(resolution).1)
}

pub(super) const fn floor(at: i64, width: i64) -> i64 {
    at - at.rem_euclid(width)
}

/// What a kind of row adds to [`Row`]: when it is.
pub(super) trait Timed: Row {
    fn at(&self) -> i64;
}

impl Timed for Point {
    fn at(&self) -> i64 {
        self.at.millis()
    }
}

impl Timed for Bucket {
    fn at(&self) -> i64 {
        self.start.millis()
    }
}

/// Rows by series.
pub(super) type Rows<R> = BTreeMap<i64, Vec<R>>;

/// One chunk's bytes; none where there is no such chunk.
pub(super) fn body(
    site: &Site,
    connection: &Connection,
    resolution: Resolution,
    grp: i64,
    start: i64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let word = site.sorted("reading a chunk");
    connection
        .prepare_cached("SELECT body FROM chunk WHERE step = ?1 AND grp = ?2 AND start = ?3")
        .map_err(&word)?
        .query_row(params![place(resolution).0, grp, start], |row| row.get(0))
        .optional()
        .map_err(word)
}

/// All that is sound of one chunk, and how many of its series are not.
pub(super) fn load<R: Row>(
    site: &Site,
    connection: &Connection,
    resolution: Resolution,
    grp: i64,
    start: i64,
) -> Result<(Rows<R>, u64), StoreError> {
    Ok(match body(site, connection, resolution, grp, start)? {
        Some(body) => sound(&body),
        None => (Rows::new(), 0),
    })
}

/// All that is sound of a chunk's bytes, and how many of its series are not.
pub(super) fn sound<R: Row>(body: &[u8]) -> (Rows<R>, u64) {
    let mut rows = Rows::new();
    let mut damaged = 0;
    match chunk::open_each::<R>(body) {
        Ok(each) => {
            for (series, opened) in each {
                match opened {
                    Ok(opened) => drop(rows.insert(series.cast_signed(), opened)),
                    Err(_) => damaged += 1,
                }
            }
        }
        Err(_) => damaged += 1,
    }
    (rows, damaged)
}

/// Puts a chunk in its place, or takes it away where it is left without rows.
pub(super) fn put<R: Timed>(
    write: &Write<'_>,
    resolution: Resolution,
    grp: i64,
    start: i64,
    rows: &Rows<R>,
) -> Result<(), StoreError> {
    let step = place(resolution).0;
    let filled: Vec<(u64, &[R])> = rows
        .iter()
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(series, rows)| (series.cast_unsigned(), rows.as_slice()))
        .collect();
    let Some(first) = filled.iter().filter_map(|(_, rows)| rows.first()).map(Timed::at).min() else {
        write.run("DELETE FROM chunk WHERE step = ?1 AND grp = ?2 AND start = ?3", params![step, grp, start])?;
        return Ok(());
    };
    let body = chunk::seal(&filled)
        .map_err(|why| StoreError::Damaged { path: write.site.path.clone(), what: why.to_string() })?;
    let settled = resolution != Resolution::Raw;
    write.run(
        "INSERT INTO chunk(step, grp, start, first, settled, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (step, grp, start) DO UPDATE SET first = ?4, settled = ?5, body = ?6",
        params![step, grp, start, first, settled, body],
    )?;
    Ok(())
}

/// Points among those that are there already, by time; of two at one moment the one that was there first stays.
pub(super) fn merge(known: &mut Vec<Point>, more: impl IntoIterator<Item = Point>) {
    known.extend(more);
    known.sort_by_key(|point| point.at);
    known.dedup_by_key(|point| point.at);
}
