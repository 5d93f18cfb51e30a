//! Chunks in their table: which one holds a moment, and how rows are put among those it has.
//!
//! Samples lie in chunks of an hour while they come, and in longer ones once their day is over: what a chunk takes beyond
//! its samples (half a page, checksums, tables of the compressor) is then paid less often. It does not know when an hour
//! is over.

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

/// How long a chunk of joined hours is: the longer, the less it takes, and the more one damaged page can cost.
const JOINED: i64 = 6 * HOUR;

/// What a chunk holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Samples of an hour, as they were sealed.
    Hour,
    /// Samples of a part of a day that was rolled up.
    Joined,
    /// Buckets of a roll-up.
    RollUp(Step),
}

impl Kind {
    /// Its number in the table.
    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Hour => 0,
            Self::RollUp(Step::Minute) => 1,
            Self::RollUp(Step::Hour) => 2,
            Self::RollUp(Step::Day) => 3,
            Self::Joined => 4,
        }
    }

    /// How long one chunk of it is, in milliseconds.
    pub(super) const fn length(self) -> i64 {
        match self {
            Self::Hour => HOUR,
            Self::Joined => JOINED,
            Self::RollUp(Step::Minute) => DAY,
            Self::RollUp(Step::Hour) => 32 * DAY,
            Self::RollUp(Step::Day) => 1_024 * DAY,
        }
    }

    /// When the chunk begins that holds a moment.
    pub(super) const fn start(self, at: i64) -> i64 {
        floor(at, self.length())
    }

    /// The kinds in which values of a resolution lie.
    pub(super) const fn all_of(resolution: Resolution) -> &'static [Self] {
        match resolution {
            Resolution::Raw => &[Self::Joined, Self::Hour],
            Resolution::Step(Step::Minute) => &[Self::RollUp(Step::Minute)],
            Resolution::Step(Step::Hour) => &[Self::RollUp(Step::Hour)],
            Resolution::Step(Step::Day) => &[Self::RollUp(Step::Day)],
        }
    }
}

/// The resolution of what lies under a number.
pub(super) fn resolution(number: i64) -> Option<Resolution> {
    Resolution::ALL.into_iter().find(|resolution| Kind::all_of(*resolution).iter().any(|kind| kind.number() == number))
}

/// How far the roll-ups tell of samples: what stands in `settled`. Only what is told whole may expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Nothing = 0,
    All = 1,
    HoursAndDays = 2,
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
    kind: Kind,
    grp: i64,
    start: i64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let word = site.sorted("reading a chunk");
    connection
        .prepare_cached("SELECT body FROM chunk WHERE step = ?1 AND grp = ?2 AND start = ?3")
        .map_err(&word)?
        .query_row(params![kind.number(), grp, start], |row| row.get(0))
        .optional()
        .map_err(word)
}

/// All that is sound of one chunk, and how many of its series are not.
pub(super) fn load<R: Row>(
    site: &Site,
    connection: &Connection,
    kind: Kind,
    grp: i64,
    start: i64,
) -> Result<(Rows<R>, u64), StoreError> {
    Ok(match body(site, connection, kind, grp, start)? {
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
    kind: Kind,
    grp: i64,
    start: i64,
    rows: &Rows<R>,
    told: Told,
) -> Result<(), StoreError> {
    let step = kind.number();
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
    write.run(
        "INSERT INTO chunk(step, grp, start, first, settled, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (step, grp, start) DO UPDATE SET first = ?4, settled = ?5, body = ?6",
        params![step, grp, start, first, told as i64, body],
    )?;
    Ok(())
}

/// Hands the chunks of a group's samples on that may hold any of a span: first those of joined hours, then those of
/// single ones, each by time. A sample that is in two of them was first in the earlier.
pub(super) fn each_of_samples(
    site: &Site,
    connection: &Connection,
    grp: i64,
    from: i64,
    to: i64,
    mut take: impl FnMut(&[u8]),
) -> Result<(), StoreError> {
    let word = site.sorted("reading samples");
    let sql = "SELECT body FROM chunk WHERE step = ?1 AND grp = ?2 AND start >= ?3 AND start < ?4 ORDER BY start";
    let mut statement = connection.prepare_cached(sql).map_err(&word)?;
    for kind in Kind::all_of(Resolution::Raw) {
        let mut rows = statement.query(params![kind.number(), grp, kind.start(from), to]).map_err(&word)?;
        while let Some(row) = rows.next().map_err(&word)? {
            // What is no blob is damage, and so are no bytes.
            take(row.get_ref(0).map_err(&word)?.as_blob().unwrap_or_default());
        }
    }
    Ok(())
}

/// Puts points behind those that are there already, or among them where they are not all later; both are in order.
pub(super) fn extend(known: &mut Vec<Point>, more: Vec<Point>) {
    match (known.last(), more.first()) {
        (Some(last), Some(first)) if last.at >= first.at => merge(known, more),
        _ => known.extend(more),
    }
}

/// Points among those that are there already, by time; of two at one moment the one that was there first stays.
pub(super) fn merge(known: &mut Vec<Point>, more: impl IntoIterator<Item = Point>) {
    known.extend(more);
    known.sort_by_key(|point| point.at);
    known.dedup_by_key(|point| point.at);
}
