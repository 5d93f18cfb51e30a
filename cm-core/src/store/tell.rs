//! What hosts said, how they answered, and their backup runs: stored where it changed, and on the disk when the call
//! returns. It does not know which words matter.

use rusqlite::params;

use super::read::{Reader, Span};
use super::trouble::StoreError;
use super::writer::{Write, Writer};
use crate::clock::WallTime;
use crate::host::HostId;
use crate::observation::LinkState;
use crate::report::backup::Run;
use crate::series::Entity;
use crate::text::HostText;
use crate::unit::{Gibibytes, Seconds};

/// The longest text that is kept, in bytes; what is longer is cut between characters.
pub const LONGEST_TEXT: usize = 4_096;

/// Words of a host, as they stood from a moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Whose words.
    pub entity: Entity,
    /// On what, in the form of [`SeriesKey::subject_text`](crate::series::SeriesKey::subject_text).
    pub subject: String,
    /// Which words: `state`, `message`, `firmware`.
    pub what: String,
    /// From when on.
    pub at: WallTime,
    /// The words.
    pub text: HostText,
}

/// How a host answered from a moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// Which host.
    pub host: HostId,
    /// From when on.
    pub at: WallTime,
    /// How.
    pub state: LinkState,
}

/// One backup run of a host.
#[derive(Debug, Clone, PartialEq)]
pub struct BackupRun {
    /// Which host.
    pub host: HostId,
    /// Which job, in the host's words; empty where it has one.
    pub job: HostText,
    /// The run. One without a beginning is not stored: nothing tells it from the next.
    pub run: Run,
}

impl Writer {
    /// Stores words that differ from the last ones; answers with how many did.
    pub fn say(&mut self, said: &[Said]) -> Result<usize, StoreError> {
        self.write_firmly("storing words", |write| {
            said.iter().try_fold(0, |stored, said| Ok(stored + say_one(write, said)?))
        })
    }

    /// Stores how hosts answer where that differs from the last time; answers with how many did.
    pub fn link(&mut self, links: &[Linked]) -> Result<usize, StoreError> {
        self.write_firmly("storing how hosts answer", |write| {
            let sql = "INSERT INTO link(host, at, state) SELECT ?1, ?2, ?3 WHERE ?3 IS NOT
                       (SELECT state FROM link WHERE host = ?1 ORDER BY at DESC, id DESC LIMIT 1)";
            links.iter().try_fold(0, |stored, link| {
                let done = write.run(sql, params![link.host.as_str(), link.at.millis(), link.state.word()])?;
                Ok(stored + done)
            })
        })
    }

    /// Stores backup runs, each once: a run that is told again is brought up to date.
    pub fn backup_runs(&mut self, runs: &[BackupRun]) -> Result<usize, StoreError> {
        self.write_firmly("storing backup runs", |write| {
            runs.iter().try_fold(0, |stored, run| Ok(stored + store_run(write, run)?))
        })
    }
}

fn say_one(write: &Write<'_>, said: &Said) -> Result<usize, StoreError> {
    let raw = said.text.raw();
    let text = &raw[..raw.floor_char_boundary(LONGEST_TEXT)];
    write.run(
        "INSERT INTO said(entity, subject, what, at, text) SELECT ?1, ?2, ?3, ?4, ?5 WHERE ?5 IS NOT (SELECT text FROM said
         WHERE entity = ?1 AND subject = ?2 AND what = ?3 ORDER BY at DESC, id DESC LIMIT 1)",
        params![said.entity.to_string(), said.subject, said.what, said.at.millis(), text],
    )
}

fn store_run(write: &Write<'_>, BackupRun { host, job, run }: &BackupRun) -> Result<usize, StoreError> {
    let Some(start) = run.start else { return Ok(0) };
    // The same words as in the report: whatever it may be told later is read back by the report's own rules.
    let result = serde_json::to_value(run.result).ok().and_then(|word| Some(word.as_str()?.to_owned()));
    write.run(
        "INSERT INTO backup_run(host, job, start, duration_s, result, size_gb, stored_gb, message)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (host, job, start) DO UPDATE SET
         duration_s = ?4, result = ?5, size_gb = ?6, stored_gb = ?7, message = ?8",
        params![
            host.as_str(),
            job.raw(),
            start.millis(),
            run.duration_s.map(Seconds::get),
            result.unwrap_or_default(),
            run.size_gb.map(Gibibytes::get),
            run.stored_gb.map(Gibibytes::get),
            run.message.as_ref().map(HostText::raw),
        ],
    )
}

impl Reader {
    /// What an entity said in a span, by time, the words that stood when it began among them.
    pub fn said(&self, entity: &Entity, span: Span) -> Result<Vec<Said>, StoreError> {
        self.slice("reading words", |tx, word| {
            let sql = "SELECT subject, what, at, text FROM said WHERE entity = ?1 AND at < ?3 AND (at >= ?2 OR id IN
                       (SELECT (SELECT id FROM said s WHERE s.entity = ?1 AND s.subject = t.subject AND s.what = t.what
                        AND s.at < ?2 ORDER BY at DESC, id DESC LIMIT 1)
                        FROM (SELECT DISTINCT subject, what FROM said WHERE entity = ?1) t)) ORDER BY at, id";
            let mut statement = tx.prepare_cached(sql).map_err(word)?;
            let rows =
                statement.query_map(params![entity.to_string(), span.since.millis(), span.until.millis()], |row| {
                    let text: String = row.get(3)?;
                    Ok(Said {
                        entity: entity.clone(),
                        subject: row.get(0)?,
                        what: row.get(1)?,
                        at: WallTime::from_millis(row.get(2)?),
                        text: HostText::new(text),
                    })
                });
            rows.map_err(word)?.collect::<Result<_, _>>().map_err(word)
        })
    }

    /// How a host answered in a span, by time, the state in which it began among them.
    pub fn links(&self, host: &HostId, span: Span) -> Result<Vec<Linked>, StoreError> {
        self.slice("reading how a host answered", |tx, word| {
            let sql = "SELECT at, state FROM link WHERE host = ?1 AND at < ?3 AND (at >= ?2 OR id =
                       (SELECT id FROM link WHERE host = ?1 AND at < ?2 ORDER BY at DESC, id DESC LIMIT 1)) ORDER BY at, id";
            let mut statement = tx.prepare_cached(sql).map_err(word)?;
            let rows = statement
                .query_map(params![host.as_str(), span.since.millis(), span.until.millis()], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
                })
                .map_err(word)?;
            let mut links = Vec::new();
            for row in rows {
                let (at, state) = row.map_err(word)?;
                // A word of a newer version is left out rather than taken for another.
                if let Some(state) = ALL_STATES.into_iter().find(|known| known.word() == state) {
                    links.push(Linked { host: host.clone(), at: WallTime::from_millis(at), state });
                }
            }
            Ok(links)
        })
    }

    /// The backup runs of a host that began in a span, by time.
    pub fn backup_runs(&self, host: &HostId, span: Span) -> Result<Vec<BackupRun>, StoreError> {
        self.slice("reading backup runs", |tx, word| {
            let sql = "SELECT job, start, duration_s, result, size_gb, stored_gb, message FROM backup_run
                       WHERE host = ?1 AND start >= ?2 AND start < ?3 ORDER BY start, job";
            let mut statement = tx.prepare_cached(sql).map_err(word)?;
            let rows = statement
                .query_map(params![host.as_str(), span.since.millis(), span.until.millis()], |row| {
                    let (job, result, message): (String, String, Option<String>) =
                        (row.get(0)?, row.get(3)?, row.get(6)?);
                    let run = Run {
                        start: Some(WallTime::from_millis(row.get(1)?)),
                        duration_s: row.get::<_, Option<f64>>(2)?.map(Seconds::saturating),
                        result: serde_json::from_value(result.into()).unwrap_or_default(),
                        size_gb: row.get::<_, Option<f64>>(4)?.map(Gibibytes::saturating),
                        stored_gb: row.get::<_, Option<f64>>(5)?.map(Gibibytes::saturating),
                        message: message.map(HostText::new),
                    };
                    Ok(BackupRun { host: host.clone(), job: HostText::new(job), run })
                })
                .map_err(word)?;
            rows.collect::<Result<_, _>>().map_err(word)
        })
    }
}

const ALL_STATES: [LinkState; 8] = [
    LinkState::Waiting,
    LinkState::Answering,
    LinkState::Stale,
    LinkState::Unreachable,
    LinkState::Unauthorised,
    LinkState::Malformed,
    LinkState::Faulty,
    LinkState::Off,
];
