//! What is too old goes: from the tables, whose pages are overwritten, from the write-ahead log, and from our own copies.
//!
//! The clock that says what is too old must have proved itself first: one that stands years ahead for a moment would
//! empty the history. Open incidents and messages that were not sent lie elsewhere and have no part in this.

use std::fs;
use std::io;
use std::time::Duration;

use rusqlite::params;

use super::chunk::{self, DAY, HOUR, Kind, Timed, Told};
use super::incidents;
use super::lease::{Holder, millis};
use super::migration::{meta, set_meta};
use super::seal::{DAYS_AT_ONCE, Sealed, day};
use super::trouble::StoreError;
use super::writer::{Write, Writer};
use crate::clock::{Now, WallTime};
use crate::metric::Retention;
use crate::series::Point;
use crate::series::retention::{Policy, Resolution, steady};
use crate::series::rollup::Bucket;

/// For how long the wall clock must have gone steadily, after a leap, before anything expires by it.
pub const PROOF: Duration = Duration::from_hours(1);

/// After a start of the machine its clock is believed if it lies at most this far behind what was seen last.
const LONGEST_OFF: Duration = Duration::from_hours(40 * 24);

/// How many chunks go in one transaction.
const AT_ONCE: i64 = 256;

/// Whether the write-ahead log still holds what was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// It is empty.
    Emptied,
    /// A program that reads keeps it: call [`Writer::empty_log`] again within the hour.
    Held,
}

/// What became of expiring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expired {
    /// The wall clock leapt, or it has not gone for long enough since: nothing went.
    ClockUnproved,
    /// What was too old went.
    Done {
        /// Chunks that went whole or in part.
        chunks: u64,
        /// Whether the log is empty as well.
        log: Log,
    },
}

impl Writer {
    /// Deletes what is too old, and empties the log. To be called at least every quarter of an hour.
    ///
    /// Seals and rolls up first, so that nothing goes that was not summed up.
    pub fn expire(&mut self, policy: &Policy, holder: &Holder, now: Now) -> Result<Expired, StoreError> {
        if !self.prove(holder, now)? {
            return Ok(Expired::ClockUnproved);
        }
        self.seal(now)?;
        self.roll_up(now)?;
        let mut chunks = 0;
        for class in [Retention::Standard, Retention::Lifelong] {
            for resolution in Resolution::ALL {
                let before = chunk::floor(policy.what(class, now.wall).of(resolution).millis(), HOUR);
                if before > 0 {
                    chunks += self.expire_chunks(class, resolution, before)?;
                }
            }
        }
        self.thin_frames(&policy.what(Retention::Standard, now.wall))?;
        let words_before = policy.standard.cut_offs(now.wall).of(Resolution::Step(crate::series::rollup::Step::Hour));
        self.write("expiring", |write| {
            expire_words(write, words_before)?;
            incidents::expire(write, words_before)
        })?;
        self.expire_copy()?;
        Ok(Expired::Done { chunks, log: self.empty_log()? })
    }

    /// Notes the clocks; answers whether the wall clock has proved itself.
    fn prove(&mut self, holder: &Holder, now: Now) -> Result<bool, StoreError> {
        self.write("noting the time", |write| {
            let (path, connection) = (&write.site.path, write.connection());
            let boot: Option<String> = meta(path, connection, "clock_boot")?;
            let seen = |name| Ok::<_, StoreError>(meta::<i64>(path, connection, name)?.unwrap_or(0));
            let (wall, at, since) = (seen("clock_wall")?, seen("clock_at")?, seen("clock_since")?);
            let last = WallTime::from_millis(wall);
            let now_at = millis(now.boot);
            let proof = i64::try_from(PROOF.as_millis()).unwrap_or(HOUR);
            let since = match boot {
                // The first time of all: there is nothing to lose yet.
                None => now_at - proof,
                Some(boot) if boot == holder.boot => {
                    let elapsed = Duration::from_millis(u64::try_from(now_at - at).unwrap_or(0));
                    if steady(last, now.wall, elapsed).is_some() { since } else { now_at }
                }
                Some(_) if now.wall >= last && now.wall.since(last) <= LONGEST_OFF => now_at - proof,
                Some(_) => now_at,
            };
            set_meta(path, connection, "clock_boot", &holder.boot)?;
            set_meta(path, connection, "clock_wall", now.wall.millis())?;
            set_meta(path, connection, "clock_at", now_at)?;
            set_meta(path, connection, "clock_since", since)?;
            Ok(now_at - since >= proof)
        })
    }

    fn expire_chunks(&mut self, class: Retention, resolution: Resolution, before: i64) -> Result<u64, StoreError> {
        let kind = match resolution {
            Resolution::Raw => Kind::Hour,
            Resolution::Step(step) => Kind::RollUp(step),
        };
        let lifelong = class == Retention::Lifelong;
        let mut gone = 0;
        if resolution == Resolution::Raw {
            // Days of which samples are gone take no more: they could not be summed up whole.
            let whole_from = chunk::floor(before + DAY - 1, DAY);
            self.write("expiring", |write| {
                let known: i64 = meta(&write.site.path, write.connection(), "whole_from")?.unwrap_or(0);
                set_meta(&write.site.path, write.connection(), "whole_from", known.max(whole_from))
            })?;
        }
        loop {
            let whole = self.write("expiring", |write| {
                write.run(
                    "DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE step = ?1 AND start <= ?2 AND settled = 1
                     AND grp IN (SELECT grp FROM series WHERE lifelong = ?3) ORDER BY start LIMIT ?4)",
                    params![kind.number(), before - kind.length(), lifelong, AT_ONCE],
                )
            })?;
            gone += whole as u64;
            if whole == 0 {
                break;
            }
        }
        if resolution == Resolution::Raw {
            // After the days before, so that whoever reads meanwhile finds no hole.
            gone += self.take_days_apart(before, lifelong)?;
        }
        self.write("expiring", |write| {
            let mut parts = 0;
            for (grp, start) in partly_old(write, kind, before, lifelong)? {
                match resolution {
                    Resolution::Raw => trim::<Point>(write, kind, resolution, grp, start, before)?,
                    Resolution::Step(_) => trim::<Bucket>(write, kind, resolution, grp, start, before)?,
                }
                parts += 1;
            }
            gone += parts;
            Ok(gone)
        })
    }

    /// Sums up in minutes each day of which the first samples go now, and lays what is left of it by the hour; answers with
    /// how many days of groups these were.
    fn take_days_apart(&mut self, before: i64, lifelong: bool) -> Result<u64, StoreError> {
        let mut apart = 0;
        loop {
            let days = self.write("looking for days that expire", |write| aging(write, before, lifelong))?;
            if days.is_empty() {
                return Ok(apart);
            }
            apart += days.len() as u64;
            self.write("expiring", |write| {
                let mut done = Sealed::default();
                for (start, grp) in &days {
                    day::take_apart(write, *start, *grp, before, &mut done)?;
                }
                write.count("damaged", done.damaged)
            })?;
        }
    }

    /// The copy that was made before the layout changed goes with the first thing that expires: it would keep it.
    fn expire_copy(&mut self) -> Result<(), StoreError> {
        let copy = self.write("expiring", |write| meta::<String>(&write.site.path, write.connection(), "copy"))?;
        let Some(copy) = copy else { return Ok(()) };
        match fs::remove_file(&copy) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::Beside { path: copy.into(), source })
            }
            _ => self.write("expiring", |write| write.run("DELETE FROM meta WHERE name = 'copy'", []).map(|_| ())),
        }
    }

    /// Brings the write-ahead log into the file and empties it, if no reader keeps it.
    pub fn empty_log(&self) -> Result<Log, StoreError> {
        let word = self.site.sorted("emptying the log");
        // Waiting for a reader would hold up everything else.
        self.quick.busy_timeout(Duration::ZERO).map_err(&word)?;
        let busy = self.quick.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        self.quick.busy_timeout(super::open::PATIENCE).map_err(&word)?;
        match busy.map_err(word) {
            Ok(0) => Ok(Log::Emptied),
            Ok(_) | Err(StoreError::Busy { .. }) => Ok(Log::Held),
            Err(error) => Err(error),
        }
    }

    /// How large the write-ahead log is, in bytes.
    pub fn log_bytes(&self) -> Result<u64, StoreError> {
        let word = self.site.sorted("measuring the log");
        let frames: i64 = self.quick.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1)).map_err(&word)?;
        let page: i64 = self.quick.pragma_query_value(None, "page_size", |row| row.get(0)).map_err(word)?;
        // Each page has a head of 24 bytes.
        Ok(u64::try_from(frames.max(0) * (page + 24)).unwrap_or(0))
    }
}

/// Days of groups that have samples from before a moment of which no minutes were made.
fn aging(write: &Write<'_>, before: i64, lifelong: bool) -> Result<Vec<(i64, i64)>, StoreError> {
    let word = write.site.sorted("looking for days that expire");
    let sql = "SELECT DISTINCT start - start % ?3, grp FROM chunk WHERE settled <> 1 AND settled = 2 AND start < ?1
               AND grp IN (SELECT grp FROM series WHERE lifelong = ?2) ORDER BY 1, 2 LIMIT ?4";
    let mut statement = write.connection().prepare_cached(sql).map_err(&word)?;
    let rows = statement
        .query_map(params![before, lifelong, DAY, DAYS_AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(&word)?;
    rows.collect::<Result<_, _>>().map_err(word)
}

/// Chunks that begin before a moment, end after it, and have rows before it.
fn partly_old(write: &Write<'_>, kind: Kind, before: i64, lifelong: bool) -> Result<Vec<(i64, i64)>, StoreError> {
    let word = write.site.sorted("expiring");
    let sql =
        "SELECT grp, start FROM chunk WHERE step = ?1 AND start < ?2 AND start > ?3 AND first < ?2 AND settled = 1
               AND grp IN (SELECT grp FROM series WHERE lifelong = ?4)";
    let mut statement = write.connection().prepare_cached(sql).map_err(&word)?;
    let rows = statement
        .query_map(params![kind.number(), before, before - kind.length(), lifelong], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .map_err(&word)?;
    rows.collect::<Result<_, _>>().map_err(word)
}

/// Takes the rows out of a chunk that end before a moment.
fn trim<R: Timed>(
    write: &Write<'_>,
    kind: Kind,
    resolution: Resolution,
    grp: i64,
    start: i64,
    before: i64,
) -> Result<(), StoreError> {
    let length = i64::try_from(resolution.length().as_millis()).unwrap_or(DAY);
    let (mut rows, damaged) = chunk::load::<R>(write.site, write.connection(), kind, grp, start)?;
    write.count("damaged", damaged)?;
    for rows in rows.values_mut() {
        rows.retain(|row| row.at() + length > before || row.at() >= before);
    }
    chunk::put(write, kind, grp, start, &rows, Told::All)
}

/// Words, links and backup runs from before a moment, but for the newest of each, which still stands.
fn expire_words(write: &Write<'_>, before: WallTime) -> Result<(), StoreError> {
    let before = before.millis();
    for sql in [
        "DELETE FROM said WHERE at < ?1 AND EXISTS (SELECT 1 FROM said newer WHERE newer.entity = said.entity
         AND newer.subject = said.subject AND newer.what = said.what AND newer.at > said.at)",
        "DELETE FROM link WHERE at < ?1 AND EXISTS (SELECT 1 FROM link newer WHERE newer.host = link.host AND newer.at > link.at)",
        "DELETE FROM backup_run WHERE start < ?1 AND EXISTS (SELECT 1 FROM backup_run newer
         WHERE newer.host = backup_run.host AND newer.job = backup_run.job AND newer.start > backup_run.start)",
    ] {
        write.run(sql, [before])?;
    }
    Ok(())
}
