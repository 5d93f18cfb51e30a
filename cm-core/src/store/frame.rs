//! Frames: whole reports as they came, so that any moment can be shown again.
//!
//! The first of a day stands whole; the others of that day are told by it, at a tenth of its size and less. How often one
//! comes is the recorder's to say; what is old grows thinner. They are as durable as samples. It does not know what a
//! report says.

pub(super) mod pack;
mod thin;

use rusqlite::types::FromSqlError;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::chunk::{DAY, floor};
use super::read::{Reader, Span};
use super::trouble::StoreError;
use super::writer::{EARLIEST_MS, Write, Writer};
use crate::clock::WallTime;
use crate::host::HostId;
use crate::observation::Observation;
use crate::report::{Api, Report};

/// What one API of a host answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Which host.
    pub host: HostId,
    /// Which of its APIs.
    pub api: Api,
    /// When the answer came, by this machine's clock.
    pub at: WallTime,
    /// The report, as its JSON.
    pub text: Vec<u8>,
}

impl Frame {
    /// The frame of an answer; none of a failure. Costs the writing of the report.
    pub fn of(observation: &Observation) -> Option<Self> {
        let Observation { host, api, at, outcome, .. } = observation;
        let report = outcome.as_ref().ok()?;
        Some(Self { host: host.clone(), api: *api, at: at.wall, text: report.write() })
    }

    /// The report; none where a version that was read differently wrote it.
    pub fn report(&self) -> Option<Report> {
        Report::read(self.api, &self.text).ok()
    }
}

impl Writer {
    /// Keeps frames; answers with how many were new. A second one of the same API and moment is left out, and so is one from
    /// before 2020 (our clock was not set) and one of more than 1 MiB; the last two are counted in the file, as
    /// `unset_clock` and `surplus`.
    ///
    /// Cost: about 0.2 ms a frame of 5 KB, and one commit that does not wait for the disk.
    pub fn keep_frames(&mut self, frames: &[Frame]) -> Result<usize, StoreError> {
        self.has_room()?;
        self.write("storing frames", |write| {
            let (mut stored, mut surplus, mut unset) = (0, 0, 0);
            for frame in frames {
                if frame.at.millis() < EARLIEST_MS {
                    unset += 1;
                } else if frame.text.len() > pack::LONGEST {
                    surplus += 1;
                } else {
                    let stream = stream(write, &frame.host, frame.api)?;
                    stored += put(write, stream, frame.at.millis(), &frame.text)?;
                }
            }
            write.count("surplus", surplus)?;
            write.count("unset_clock", unset)?;
            Ok(stored)
        })
    }
}

fn stream(write: &Write<'_>, host: &HostId, api: Api) -> Result<i64, StoreError> {
    let known = "SELECT id FROM stream WHERE host = ?1 AND api = ?2";
    if let Some(id) = write.value(known, params![host.as_str(), api.word()])? {
        return Ok(id);
    }
    write.run("INSERT INTO stream(host, api) VALUES (?1, ?2)", params![host.as_str(), api.word()])?;
    Ok(write.last_id())
}

/// Stores one text, whole or by the last whole one of its day, whichever is smaller by far.
fn put(write: &Write<'_>, stream: i64, at: i64, text: &[u8]) -> Result<usize, StoreError> {
    let mut body = pack::pack(text, b"");
    let mut told_by = None;
    let sql =
        "SELECT id FROM frame WHERE stream = ?1 AND whole IS NULL AND at >= ?2 AND at <= ?3 ORDER BY at DESC LIMIT 1";
    if let Some(whole) = write.value::<i64>(sql, params![stream, floor(at, DAY), at])?
        && let Some(packed) = write.value::<Vec<u8>>("SELECT body FROM frame WHERE id = ?1", [whole])?
        && let Some(like) = pack::unpack(&packed, b"")
    {
        let short = pack::pack(text, &like);
        if short.len() * 4 <= body.len() * 3 {
            (body, told_by) = (short, Some(whole));
        }
    }
    write.run(
        "INSERT OR IGNORE INTO frame(stream, at, whole, body) VALUES (?1, ?2, ?3, ?4)",
        params![stream, at, told_by, body],
    )
}

/// The text of a frame's row; `None` where it is damaged.
fn text_of(connection: &Connection, whole: Option<i64>, body: &[u8]) -> rusqlite::Result<Option<Vec<u8>>> {
    let Some(whole) = whole else { return Ok(pack::unpack(body, b"")) };
    let mut statement = connection.prepare_cached("SELECT body FROM frame WHERE id = ?1 AND whole IS NULL")?;
    let packed: Option<Vec<u8>> = statement.query_row([whole], |row| row.get(0)).optional()?;
    Ok(packed.and_then(|packed| pack::unpack(&packed, b"")).and_then(|like| pack::unpack(body, &like)))
}

impl Reader {
    /// The last frame of one API of a host at or before a moment. None where none was kept, and where it is damaged, which
    /// [`damaged`](Self::damaged) counts. Cost: about 0.2 ms.
    pub fn frame(&self, host: &HostId, api: Api, at: WallTime) -> Result<Option<Frame>, StoreError> {
        self.slice("reading a frame", |tx, word| {
            let sql = "SELECT at, whole, body FROM frame
                       WHERE stream = (SELECT id FROM stream WHERE host = ?1 AND api = ?2) AND at <= ?3
                       ORDER BY at DESC LIMIT 1";
            let mut statement = tx.prepare_cached(sql).map_err(word)?;
            let mut rows = statement.query(params![host.as_str(), api.word(), at.millis()]).map_err(word)?;
            let Some(row) = rows.next().map_err(word)? else { return Ok(None) };
            let (at, whole): (i64, Option<i64>) = (row.get(0).map_err(word)?, row.get(1).map_err(word)?);
            let body = row.get_ref(2).map_err(word)?.as_blob().unwrap_or_default();
            let text = text_of(tx, whole, body).map_err(word)?;
            if text.is_none() {
                self.count_damage();
            }
            Ok(text.map(|text| Frame { host: host.clone(), api, at: WallTime::from_millis(at), text }))
        })
    }

    /// When frames of a host were kept in a span, by time, those of all its APIs together. Cost: an entry of an index each;
    /// of a year some 30,000.
    pub fn frame_times(&self, host: &HostId, span: Span) -> Result<Vec<WallTime>, StoreError> {
        self.slice("looking for frames", |tx, word| {
            let sql = "SELECT DISTINCT at FROM frame WHERE stream IN (SELECT id FROM stream WHERE host = ?1)
                       AND at >= ?2 AND at < ?3 ORDER BY at";
            let mut statement = tx.prepare_cached(sql).map_err(word)?;
            let rows = statement
                .query_map(params![host.as_str(), span.since.millis(), span.until.millis()], |row| row.get(0))
                .map_err(word)?;
            rows.map(|at| Ok(WallTime::from_millis(at?))).collect::<rusqlite::Result<_>>().map_err(word)
        })
    }

    /// Hands the number of every frame on, and whether it can be read, some hundred to a slice.
    pub(super) fn each_frame(&self, mut take: impl FnMut(i64, bool)) -> Result<(), StoreError> {
        let mut last = 0_i64;
        loop {
            let before = last;
            self.slice("reading frames", |tx, word| {
                let sql = "SELECT id, whole, body FROM frame WHERE id > ?1 ORDER BY id LIMIT 500";
                let mut statement = tx.prepare_cached(sql).map_err(word)?;
                let mut rows = statement.query([last]).map_err(word)?;
                while let Some(row) = rows.next().map_err(word)? {
                    last = row.get(0).map_err(word)?;
                    let whole = row.get(1).map_err(word)?;
                    let body: Result<&[u8], FromSqlError> = row.get_ref(2).map_err(word)?.as_blob();
                    take(last, text_of(tx, whole, body.unwrap_or_default()).map_err(word)?.is_some());
                }
                Ok(())
            })?;
            if last == before {
                return Ok(());
            }
        }
    }
}

/// Takes frames out of a salvaged file whose text cannot be had any more; answers with how many.
pub(super) fn drop_unreadable(connection: &Connection) -> rusqlite::Result<u64> {
    let mut lost = Vec::new();
    let mut statement = connection.prepare("SELECT id, whole, body FROM frame ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if text_of(connection, row.get(1)?, row.get_ref(2)?.as_blob().unwrap_or_default())?.is_none() {
            lost.push(row.get::<_, i64>(0)?);
        }
    }
    for id in &lost {
        connection.execute("DELETE FROM frame WHERE id = ?1", [id])?;
    }
    Ok(lost.len() as u64)
}
