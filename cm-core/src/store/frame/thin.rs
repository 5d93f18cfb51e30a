//! Frames grow thinner with age: every one for as long as samples are kept, then the first of ten minutes, then the first
//! of an hour, then none.
//!
//! What is to stay is decided by the moments alone, so thinning may be broken off and repeated.

use rusqlite::params;

use super::super::chunk::{DAY, HOUR, floor};
use super::super::migration::{meta, set_meta};
use super::super::trouble::StoreError;
use super::super::writer::{Write, Writer};
use super::{put, text_of};
use crate::series::retention::{CutOffs, Resolution};
use crate::series::rollup::Step;

/// Of what is older than samples are kept, the first frame of so many milliseconds stays.
const TEN_MINUTES: i64 = 10 * 60_000;

/// How many frames go in one transaction.
const AT_ONCE: i64 = 4_096;

impl Writer {
    /// Takes away the frames that are too old for how close they lie.
    pub(in super::super) fn thin_frames(&mut self, cuts: &CutOffs) -> Result<(), StoreError> {
        let before = |resolution| floor(cuts.of(resolution).millis(), HOUR);
        self.thin("frames_by_ten_minutes", before(Resolution::Raw), TEN_MINUTES)?;
        self.thin("frames_by_the_hour", before(Resolution::Step(Step::Minute)), HOUR)?;
        self.expire_frames(before(Resolution::Step(Step::Hour)))
    }

    /// Of the frames before a moment the first of each `slot` stays, a day of them in one transaction. `mark` is the name
    /// under which is kept how far this has come.
    fn thin(&mut self, mark: &'static str, before: i64, slot: i64) -> Result<(), StoreError> {
        loop {
            let more = self.write("thinning frames", |write| {
                let (path, connection) = (&write.site.path, write.connection());
                let done: i64 = meta(path, connection, mark)?.unwrap_or(0);
                let next = "SELECT min(at) FROM frame WHERE stream IN (SELECT id FROM stream) AND at >= ?1 AND at < ?2";
                let Some(from) = write.value::<Option<i64>>(next, [done, before])?.flatten() else { return Ok(false) };
                let until = (floor(from, DAY) + DAY).min(before);
                let crowded = "stream IN (SELECT id FROM stream) AND at >= ?1 AND at < ?2 AND EXISTS (SELECT 1 FROM frame first WHERE first.stream = frame.stream
                               AND first.at >= frame.at - frame.at % ?3 AND first.at < frame.at)";
                write.run(
                    &format!("DELETE FROM frame WHERE whole IS NOT NULL AND {crowded}"),
                    params![from, until, slot],
                )?;
                // One by which others are told stays for as long as they do, which is a day at most.
                write.run(
                    &format!(
                        "DELETE FROM frame WHERE whole IS NULL AND {crowded} AND NOT EXISTS (SELECT 1 FROM frame told
                         WHERE told.stream = frame.stream AND told.at >= frame.at AND told.at < frame.at + {DAY}
                         AND told.whole = frame.id)"
                    ),
                    params![from, until, slot],
                )?;
                set_meta(path, connection, mark, until)?;
                Ok(until < before)
            })?;
            if !more {
                return Ok(());
            }
        }
    }

    /// Frames from before a moment go, and nothing of them stays behind in those that were told by them.
    fn expire_frames(&mut self, before: i64) -> Result<(), StoreError> {
        loop {
            let whole = self.write("expiring frames", |write| {
                let sql = "SELECT id FROM frame WHERE whole IS NULL
                           AND stream IN (SELECT id FROM stream) AND at < ?1 AND EXISTS (SELECT 1 FROM frame told
                           WHERE told.stream = frame.stream AND told.at >= ?1 AND told.whole = frame.id) LIMIT 1";
                let whole = write.value::<i64>(sql, [before])?;
                whole.map(|whole| tell_anew(write, whole, before)).transpose()
            })?;
            if whole.is_none() {
                break;
            }
        }
        let gone = |write: &Write<'_>| {
            // Those that are told by others first.
            let sql = "DELETE FROM frame WHERE id IN
                       (SELECT id FROM frame WHERE stream IN (SELECT id FROM stream) AND at < ?1
                        ORDER BY whole IS NULL, at LIMIT ?2)";
            write.run(sql, [before, AT_ONCE])
        };
        while self.write("expiring frames", gone)? > 0 {}
        self.write("expiring frames", |write| {
            let sql = "DELETE FROM stream WHERE NOT EXISTS (SELECT 1 FROM frame WHERE stream = stream.id)";
            write.run(sql, []).map(drop)
        })
    }
}

/// Stores what is told by a frame that goes once more without it.
fn tell_anew(write: &Write<'_>, whole: i64, before: i64) -> Result<(), StoreError> {
    let word = write.site.sorted("expiring frames");
    let mut texts = Vec::new();
    {
        let sql = "SELECT stream, at, body FROM frame WHERE whole = ?1 AND at >= ?2
                   AND stream = (SELECT stream FROM frame WHERE id = ?1) ORDER BY at";
        let mut statement = write.connection().prepare_cached(sql).map_err(&word)?;
        let mut rows = statement.query([whole, before]).map_err(&word)?;
        while let Some(row) = rows.next().map_err(&word)? {
            let body = row.get_ref(2).map_err(&word)?.as_blob().unwrap_or_default();
            let text = text_of(write.connection(), Some(whole), body).map_err(&word)?;
            texts.push((row.get(0).map_err(&word)?, row.get(1).map_err(&word)?, text));
        }
    }
    let gone: (i64, i64) = write
        .connection()
        .query_row("SELECT stream, at FROM frame WHERE id = ?1", [whole], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(&word)?;
    let (stream, at) = gone;
    write.run(
        "DELETE FROM frame WHERE stream = ?1 AND at >= ?2 AND at < ?3 AND (whole = ?4 OR id = ?4)",
        params![stream, at, at + DAY, whole],
    )?;
    let damaged = texts.iter().filter(|(.., text)| text.is_none()).count();
    for (stream, at, text) in texts {
        if let Some(text) = text {
            put(write, stream, at, &text)?;
        }
    }
    write.count("damaged", damaged as u64)
}
