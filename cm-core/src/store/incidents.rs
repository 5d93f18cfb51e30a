//! Incidents, their story and what people decided over them: stored with what is told of them in one transaction that is
//! on the disk when the call returns, and loaded whole.
//!
//! Bodies are the JSON of [`crate::incident`] with a checksum; the columns beside them are what is searched by. A row that
//! cannot be read, damaged or of a newer version, is left out and counted: what it said fires anew, which is better than
//! silence.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row as SqlRow, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::asked;
use super::checked::{self, put_json, take_json};
use super::frame::pack::{pack, unpack};
use super::open::Site;
use super::outbox;
use super::read::{Reader, Span};
use super::trouble::StoreError;
use super::writer::{EARLIEST_MS, Write, Writer};
use crate::clock::WallTime;
use crate::incident::save::Row;
use crate::incident::{Act, Incident, IncidentId, MOST_PAST, Saved, Transition, Unsaved};

/// What is stored together or not at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Together<'a> {
    /// What changed of incidents.
    pub incidents: Option<&'a Unsaved>,
    /// What is told of them, and to whom.
    pub outbox: Option<&'a crate::outbox::Unsaved>,
}

impl Together<'_> {
    pub(super) fn put(self, write: &Write<'_>) -> Result<(), StoreError> {
        self.incidents.map_or(Ok(()), |unsaved| put(write, unsaved))?;
        self.outbox.map_or(Ok(()), |unsaved| outbox::put(write, unsaved))
    }
}

/// What was found of incidents in the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// All of it that could be read.
    pub saved: Saved,
    /// How many rows could not.
    pub unread: u64,
}

impl Writer {
    /// Stores all of this in one transaction, on the disk when the call returns.
    pub fn commit(&mut self, together: Together<'_>) -> Result<(), StoreError> {
        self.write_firmly("storing incidents", |write| together.put(write))
    }

    /// Loads the incidents as they were stored last.
    pub fn incidents(&self) -> Result<Found, StoreError> {
        load(&self.firm, &self.site)
    }
}

impl Reader {
    /// The incidents as they were stored last.
    pub fn incidents(&self) -> Result<Found, StoreError> {
        self.slice("reading incidents", |tx, _| load(tx, &self.site))
    }

    /// Incidents that fired and overlap a span, the newest first, `most` at most. One that cannot be read is left out.
    pub fn incidents_in(&self, span: Span, most: u32) -> Result<Vec<Incident>, StoreError> {
        self.slice("reading incidents", |tx, word| {
            let sql = "SELECT body, evidence FROM incident WHERE fired IS NOT NULL AND since < ?2
                       AND (ended IS NULL OR ended >= ?1) ORDER BY since DESC, id DESC LIMIT ?3";
            let mut statement = tx.prepare_cached(sql).map_err(word)?;
            let rows = statement.query_map(params![span.since.millis(), span.until.millis(), most], incident);
            let rows: Vec<Option<Incident>> = rows.map_err(word)?.collect::<Result<_, _>>().map_err(word)?;
            Ok(rows.into_iter().flatten().collect())
        })
    }

    /// One incident by its name.
    pub fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        self.slice("reading an incident", |tx, word| {
            let sql = "SELECT body, evidence FROM incident WHERE name = ?1";
            let mut statement = tx.prepare_cached(sql).map_err(word)?;
            let mut rows = statement.query_map([id.as_str()], incident).map_err(word)?;
            Ok(rows.next().transpose().map_err(word)?.flatten())
        })
    }

    /// What changed of an incident, in order.
    pub fn story(&self, id: IncidentId) -> Result<Vec<Transition>, StoreError> {
        self.slice("reading a story", |tx, word| {
            let sql = "SELECT body FROM transition WHERE incident = ?1 ORDER BY id";
            let mut statement = tx.prepare_cached(sql).map_err(word)?;
            let rows = statement.query_map([id.as_str()], body).map_err(word)?;
            let rows: Vec<Option<Transition>> = rows.collect::<Result<_, _>>().map_err(word)?;
            Ok(rows.into_iter().flatten().collect())
        })
    }

    /// What people decided, the newest first, `most` at most.
    pub fn acts(&self, most: u32) -> Result<Vec<Act>, StoreError> {
        self.slice("reading acts", |tx, word| {
            let mut statement = tx.prepare_cached("SELECT body FROM act ORDER BY id DESC LIMIT ?1").map_err(word)?;
            let rows = statement.query_map([most], body).map_err(word)?;
            let rows: Vec<Option<Act>> = rows.collect::<Result<_, _>>().map_err(word)?;
            Ok(rows.into_iter().flatten().collect())
        })
    }
}

/// Stores what changed of incidents, within a transaction that stores more.
pub(super) fn put(write: &Write<'_>, unsaved: &Unsaved) -> Result<(), StoreError> {
    for row in &unsaved.rows {
        follow(write, &text(&row.key), &put_json(row))?;
        if let Some(open) = &row.open {
            put_incident(write, open, unsaved.evidence.contains(&open.id))?;
        }
    }
    for key in &unsaved.dropped {
        write.run("DELETE FROM followed WHERE key = ?1", [text(key)])?;
    }
    for over in &unsaved.ended {
        if over.fired.is_some() {
            put_incident(write, over, unsaved.evidence.contains(&over.id))?;
        } else {
            write.run("DELETE FROM incident WHERE name = ?1", [over.id.as_str()])?;
        }
    }
    for transition in &unsaved.transitions {
        let (id, incident, at) = (number(transition.number), transition.incident, transition.at.wall.millis());
        write.run(
            "INSERT OR REPLACE INTO transition(id, incident, at, change, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id, incident.as_str(), at, transition.change.word(), put_json(transition)],
        )?;
    }
    for act in &unsaved.acts {
        let ended = act.ended.as_ref().map(|(at, _)| at.wall.millis());
        write.run(
            "INSERT OR REPLACE INTO act(id, deed, at, ended, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![number(act.number), act.deed.word(), act.at.wall.millis(), ended, put_json(act)],
        )?;
    }
    asked::answer(write, &unsaved.answers)?;
    follow(write, "", &checked::put(&unsaved.running))
}

fn follow(write: &Write<'_>, key: &str, body: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO followed(at, key, body) VALUES (0, ?1, ?2) ON CONFLICT (key) DO UPDATE SET body = ?2";
    write.run(sql, params![key, body]).map(|_| ())
}

/// Stores an incident; its evidence, which costs more to pack than all the rest, only where that is new.
fn put_incident(write: &Write<'_>, incident: &Incident, is_new: bool) -> Result<(), StoreError> {
    let packed = |evidence| pack(serde_json::to_string(evidence).expect("keys are words").as_bytes(), &[]);
    let evidence = incident.evidence.as_ref().filter(|_| is_new).map(packed).unwrap_or_default();
    let lean = Incident { evidence: None, ..incident.clone() };
    let wall = |moment: crate::incident::Moment| moment.wall.millis();
    let (fired, ended) = (incident.fired.map(wall), incident.ended.map(wall));
    write.run(
        "INSERT INTO incident(name, rule, host, subject, severity, since, fired, ended, body, evidence)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (name) DO UPDATE SET
         severity = ?5, fired = ?7, ended = ?8, body = ?9, evidence = CASE WHEN length(?10) > 0 THEN ?10 ELSE evidence END",
        params![
            incident.id.as_str(),
            incident.key.rule(),
            incident.key.host.as_ref().map(crate::host::HostId::as_str),
            text(&incident.key.subject),
            incident.severity.word(),
            wall(incident.since),
            fired,
            ended,
            put_json(&lean),
            evidence,
        ],
    )?;
    Ok(())
}

fn load(connection: &Connection, site: &Site) -> Result<Found, StoreError> {
    let mut found = Found::default();
    let open = "SELECT body, evidence FROM incident WHERE ended IS NULL ORDER BY id";
    let mut open: Vec<Incident> = all(connection, site, open, incident, &mut found.unread)?;
    let past = format!(
        "SELECT body, evidence FROM incident WHERE ended IS NOT NULL AND fired IS NOT NULL ORDER BY ended DESC, id DESC LIMIT {MOST_PAST}"
    );
    found.saved.past = all(connection, site, &past, incident, &mut found.unread)?;
    found.saved.past.sort_by_key(|incident| incident.newest);
    found.saved.rows =
        all(connection, site, "SELECT body FROM followed WHERE key <> '' ORDER BY key", body, &mut found.unread)?;
    for row in &mut found.saved.rows {
        let place = open.iter().position(|incident| Some(incident.id) == row.open_id);
        row.open = place.map(|place| open.swap_remove(place));
    }
    found.saved.rows.extend(open.into_iter().map(Row::without_past));
    found.saved.acts =
        all(connection, site, "SELECT body FROM act WHERE ended IS NULL ORDER BY id", body, &mut found.unread)?;
    let word = site.sorted("reading incidents");
    let mut running = connection.prepare_cached("SELECT body FROM followed WHERE key = ''").map_err(&word)?;
    let body: Option<Vec<u8>> =
        running.query_map([], |row| row.get(0)).map_err(&word)?.next().transpose().map_err(&word)?;
    found.saved.running = body.as_deref().and_then(checked::take).map(str::to_owned);
    found.unread += u64::from(body.is_some() && found.saved.running.is_none());
    let last = |table: &str| -> Result<u64, StoreError> {
        let sql = format!("SELECT coalesce(max(id), 0) FROM {table}");
        let last: i64 = connection.query_row(&sql, [], |row| row.get(0)).map_err(&word)?;
        Ok(u64::try_from(last).unwrap_or(0))
    };
    (found.saved.last_transition, found.saved.last_act) = (last("transition")?, last("act")?);
    Ok(found)
}

/// All rows of a query that can be read; the others are counted.
pub(super) fn all<T>(
    connection: &Connection,
    site: &Site,
    sql: &str,
    read: fn(&SqlRow<'_>) -> rusqlite::Result<Option<T>>,
    unread: &mut u64,
) -> Result<Vec<T>, StoreError> {
    let word = site.sorted("reading incidents");
    let mut statement = connection.prepare(sql).map_err(&word)?;
    let mut found = Vec::new();
    for row in statement.query_map([], read).map_err(&word)? {
        match row.map_err(&word)? {
            Some(row) => found.push(row),
            None => *unread += 1,
        }
    }
    Ok(found)
}

fn incident(row: &SqlRow<'_>) -> rusqlite::Result<Option<Incident>> {
    let evidence: Vec<u8> = row.get("evidence")?;
    let evidence = unpack(&evidence, &[]).and_then(|text| serde_json::from_slice(&text).ok());
    let found: Option<Incident> = body(row)?;
    Ok(found.map(|found| Incident { evidence, ..found }))
}

/// What a row's body says: JSON, with a checksum where it is bytes, without one where it is text. None where it cannot be
/// read.
pub(super) fn body<T: DeserializeOwned>(row: &SqlRow<'_>) -> rusqlite::Result<Option<T>> {
    Ok(match row.get_ref("body")? {
        ValueRef::Blob(bytes) => take_json(bytes),
        ValueRef::Text(text) => serde_json::from_slice(text).ok(),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => None,
    })
}

/// A value's JSON: what a key or a subject is searched by.
pub(super) fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("keys are words")
}

fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

type IsSound = fn(&[u8]) -> bool;

/// The tables whose bodies have a checksum, and what else of a row is not empty or has one, and which it has.
const TABLES: [(&str, &str, IsSound); 7] = [
    ("followed", "x''", |_| false),
    ("incident", "evidence", |packed| unpack(packed, &[]).is_some()),
    ("transition", "x''", |_| false),
    ("act", "x''", |_| false),
    ("outbox", "x''", |_| false),
    ("ledger", "x''", |_| false),
    ("request", "answer", |answer| checked::take(answer).is_some()),
];

impl Reader {
    /// Every row with its checksum: the table, the row's number, and whether it is as it was written.
    pub(super) fn each_of_incidents(&self, mut take: impl FnMut(&str, i64, bool)) -> Result<(), StoreError> {
        for (table, more, is_sound) in TABLES {
            self.slice("checking incidents", |tx, word| {
                let sql = format!("SELECT id, body, {more} FROM {table}");
                let mut statement = tx.prepare_cached(&sql).map_err(word)?;
                let mut rows = statement.query([]).map_err(word)?;
                while let Some(row) = rows.next().map_err(word)? {
                    let bytes = |at| row.get_ref(at).ok().and_then(|value| value.as_blob().ok());
                    let is_whole = bytes(1).and_then(checked::take).is_some()
                        && bytes(2).is_some_and(|more| more.is_empty() || is_sound(more));
                    take(table, row.get(0).map_err(word)?, is_whole);
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Incidents that were over before a moment, with their stories, and acts that had ended. What is open stays.
pub(super) fn expire(write: &Write<'_>, before: WallTime) -> Result<(), StoreError> {
    let span = params![EARLIEST_MS, before.millis()];
    write.run(
        "DELETE FROM transition WHERE incident IN (SELECT name FROM incident WHERE ended >= ?1 AND ended < ?2)",
        span,
    )?;
    write.run("DELETE FROM incident WHERE ended >= ?1 AND ended < ?2", span)?;
    write.run("DELETE FROM act WHERE ended >= ?1 AND ended < ?2", span)?;
    Ok(())
}
