//! Messages and what channels know: stored with the incidents that they tell of, and claimed one by one before they are
//! sent.
//!
//! A claim is a write like any other, so who lost the lease claims nothing. What was claimed may be sent until the lease
//! that it was claimed under has run out, and not a moment longer: then another may send it.

use std::time::Duration;

use rusqlite::{Connection, params};

use super::checked::{self, put_json};
use super::incidents::{Together, all, body};
use super::lease::{LENGTH, millis};
use super::open::Site;
use super::read::Reader;
use super::trouble::StoreError;
use super::writer::{Write, Writer};
use crate::clock::{BootTime, Now};
use crate::incident::IncidentId;
use crate::outbox::ledger::Entry;
use crate::outbox::{ChannelName, Queued, Saved, Unsaved};

/// The right to send what was claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permit {
    /// Under which epoch.
    pub epoch: i64,
    until: BootTime,
}

impl Permit {
    /// For how much longer it holds; nothing once it has run out. To be asked right before the first byte is sent, which a
    /// program that was paused does long after it was given.
    pub fn left(&self, now: Now) -> Option<Duration> {
        Some(self.until.since(now.boot)).filter(|left| !left.is_zero())
    }
}

/// What was found of messages in the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// All of it that could be read.
    pub saved: Saved,
    /// How many rows could not.
    pub unread: u64,
}

impl Writer {
    /// Stores that a message is being sent, with all else that is unsaved, and says until when it may be. On the disk when
    /// the call returns; who lost the lease gets an error, and sends nothing.
    pub fn claim_message(&mut self, unsaved: &Unsaved, now: Now) -> Result<Permit, StoreError> {
        let until = now.boot.after(LENGTH);
        self.write_firmly("claiming a message", |write| {
            write.run("UPDATE lease SET until = ?1", [millis(until)])?;
            put(write, unsaved)
        })?;
        let epoch = self.epoch.ok_or_else(|| StoreError::NoLease { path: self.site.path.clone() })?;
        Ok(Permit { epoch, until })
    }

    /// Stores all of this in one transaction, claims among it, and says until when what was claimed may be sent.
    pub fn commit_to_send(&mut self, together: Together<'_>, now: Now) -> Result<Permit, StoreError> {
        let until = now.boot.after(LENGTH);
        self.write_firmly("storing incidents and messages", |write| {
            write.run("UPDATE lease SET until = ?1", [millis(until)])?;
            together.put(write)
        })?;
        let epoch = self.epoch.ok_or_else(|| StoreError::NoLease { path: self.site.path.clone() })?;
        Ok(Permit { epoch, until })
    }

    /// The right to go on sending what was claimed, for as long again: to be asked in the middle of what takes long, before
    /// the step after which a message counts as sent. Who lost the lease gets an error.
    pub fn permit(&mut self, now: Now) -> Result<Permit, StoreError> {
        self.renew(now)?;
        let epoch = self.epoch.ok_or_else(|| StoreError::NoLease { path: self.site.path.clone() })?;
        Ok(Permit { epoch, until: now.boot.after(LENGTH) })
    }

    /// Loads messages and ledger as they were stored last.
    pub fn outbox(&self) -> Result<Found, StoreError> {
        load(&self.firm, &self.site)
    }
}

impl Reader {
    /// Messages and ledger as they were stored last.
    pub fn outbox(&self) -> Result<Found, StoreError> {
        self.slice("reading messages", |tx, _| load(tx, &self.site))
    }
}

/// Stores messages and ledger, within a transaction that stores more.
pub(super) fn put(write: &Write<'_>, unsaved: &Unsaved) -> Result<(), StoreError> {
    for (number, message) in &unsaved.messages {
        let number = i64::try_from(*number).unwrap_or(i64::MAX);
        let Some(message) = message else {
            write.run("DELETE FROM outbox WHERE id = ?1", [number])?;
            continue;
        };
        let outcome = message.ended.map(|(outcome, _)| outcome.word());
        let (name, queued) = (message.message.id, message.queued.wall.millis());
        write.run(
            "INSERT OR REPLACE INTO outbox(id, message, channel, queued, outcome, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![number, name.as_str(), message.channel.as_str(), queued, outcome, put_json(message)],
        )?;
    }
    for (channel, incident, entry) in &unsaved.entries {
        if let Some(entry) = entry {
            note(write, channel.as_str(), incident.as_str(), &put_json(entry))?;
        } else {
            let place = params![channel.as_str(), incident.as_str()];
            write.run("DELETE FROM ledger WHERE channel = ?1 AND incident = ?2", place)?;
        }
    }
    note(write, "", "", &checked::put(&unsaved.running))
}

fn note(write: &Write<'_>, channel: &str, incident: &str, body: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO ledger(channel, incident, body) VALUES (?1, ?2, ?3)
               ON CONFLICT (channel, incident) DO UPDATE SET body = ?3";
    write.run(sql, params![channel, incident, body]).map(|_| ())
}

fn load(connection: &Connection, site: &Site) -> Result<Found, StoreError> {
    let mut found = Found::default();
    let messages = "SELECT id, body FROM outbox ORDER BY id";
    found.saved.messages = all(connection, site, messages, message, &mut found.unread)?;
    let entries = "SELECT channel, incident, body FROM ledger WHERE channel <> '' ORDER BY id";
    found.saved.entries = all(connection, site, entries, entry, &mut found.unread)?;
    let word = site.sorted("reading messages");
    let mut running = connection.prepare_cached("SELECT body FROM ledger WHERE channel = ''").map_err(&word)?;
    let body: Option<Vec<u8>> =
        running.query_map([], |row| row.get(0)).map_err(&word)?.next().transpose().map_err(word)?;
    found.saved.running = body.as_deref().and_then(checked::take).map(str::to_owned);
    found.unread += u64::from(body.is_some() && found.saved.running.is_none());
    Ok(found)
}

fn message(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Queued>> {
    let number: i64 = row.get("id")?;
    let found: Option<Queued> = body(row)?;
    Ok(found.map(|found| Queued { number: u64::try_from(number).unwrap_or(0), ..found }))
}

fn entry(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<(ChannelName, IncidentId, Entry)>> {
    let (channel, incident): (String, String) = (row.get(0)?, row.get(1)?);
    let (Ok(channel), Ok(incident)) = (ChannelName::new(&channel), incident.parse()) else { return Ok(None) };
    Ok(body(row)?.map(|entry| (channel, incident, entry)))
}
