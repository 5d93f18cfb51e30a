//! Samples as they come: one row a commit, each series under its number.
//!
//! Every write is one transaction that first looks whether the lease is still ours. It does not know how samples are
//! sealed.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension as _, Params, Transaction, TransactionBehavior, params};

use super::batch::{self, Entry};
use super::ground::Ground;
use super::lease;
use super::migration;
use super::open::{Limits, Site};
use super::trouble::StoreError;
use crate::clock::{Clock, Now};
use crate::host::HostId;
use crate::metric::{Metric, MetricId, Retention, Sample};
use crate::registry::Registry;
use crate::series::{Entity, SeriesKey};
use crate::text::HostText;

/// Before this moment (2020-01-01, in milliseconds) no sample can have been measured: its host's clock was not set yet.
pub const EARLIEST_MS: i64 = 1_577_836_800_000;

/// How far ahead of our own clock a sample may lie, in milliseconds: a day.
const AHEAD_MS: i64 = 86_400_000;

/// The most series of one host or drive, so that one that invents drives cannot fill the disk.
pub const MOST_SERIES_OF_ONE: i64 = 4_096;

/// The most series of all.
pub const MOST_SERIES: i64 = 200_000;

/// How many series share chunks: the fewer, the less is read for one; the more, the less their common times cost.
const GROUP: i64 = 32;

/// A sample, and the host that told it.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Which host told it.
    pub host: HostId,
    /// What it told.
    pub sample: Sample,
}

/// What became of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Appended {
    /// Stored; one that was stored before is told here as well, and counts once when it is read.
    pub stored: u64,
    /// Left out: from before 2020, so measured by a clock that was not set.
    pub unset_clock: u64,
    /// Left out: more than a day ahead of our clock.
    pub ahead: u64,
    /// Left out: from a day whose samples are already gone.
    pub late: u64,
    /// Left out: its host or drive has too many series, or its metric is not known.
    pub surplus: u64,
}

/// The one that writes. It writes nothing before the lease is [claimed](Writer::claim).
#[expect(missing_debug_implementations, reason = "what lies under the file need not print itself")]
pub struct Writer {
    pub(super) site: Site,
    /// Samples: a commit does not wait for the disk.
    pub(super) quick: Connection,
    /// What is acknowledged as durable: a commit does.
    pub(super) firm: Connection,
    ground: Box<dyn Ground>,
    pub(super) limits: Limits,
    pub(super) epoch: Option<i64>,
    pub(super) renews_by: Option<Box<dyn Clock + Send>>,
    known: HashMap<SeriesKey, Option<i64>>,
    seats: HashMap<HostText, (HostId, HostText)>,
}

/// A transaction that is ours to fill: the lease was looked at.
pub(super) struct Write<'w> {
    tx: Transaction<'w>,
    pub(super) site: &'w Site,
    doing: &'static str,
}

impl Write<'_> {
    /// Runs one statement; answers with how many rows it changed.
    pub(super) fn run(&self, sql: &str, parameters: impl Params) -> Result<usize, StoreError> {
        let word = self.site.sorted(self.doing);
        self.tx.prepare_cached(sql).map_err(&word)?.execute(parameters).map_err(word)
    }

    /// One value, if there is a row.
    pub(super) fn value<T: rusqlite::types::FromSql>(
        &self,
        sql: &str,
        parameters: impl Params,
    ) -> Result<Option<T>, StoreError> {
        let word = self.site.sorted(self.doing);
        self.tx.prepare_cached(sql).map_err(&word)?.query_row(parameters, |row| row.get(0)).optional().map_err(word)
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.tx
    }

    /// The row that was inserted last.
    pub(super) fn last_id(&self) -> i64 {
        self.tx.last_insert_rowid()
    }

    /// Adds to a counter, if there is anything to add.
    pub(super) fn count(&self, name: &str, more: u64) -> Result<(), StoreError> {
        if more == 0 {
            return Ok(());
        }
        let more = i64::try_from(more).unwrap_or(i64::MAX);
        self.run(
            "INSERT INTO counter VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = value + ?2",
            params![name, more],
        )
        .map(|_| ())
    }
}

impl Writer {
    pub(super) fn new(
        site: Site,
        quick: Connection,
        firm: Connection,
        ground: Box<dyn Ground>,
        limits: Limits,
    ) -> Self {
        Self {
            site,
            quick,
            firm,
            ground,
            limits,
            epoch: None,
            renews_by: None,
            known: HashMap::new(),
            seats: HashMap::new(),
        }
    }

    /// From now on every write that finds the lease half run out renews it by this clock, so that sealing a long day does
    /// not lose it.
    pub fn renew_by(&mut self, clock: impl Clock + Send + 'static) {
        self.renews_by = Some(Box::new(clock));
    }

    /// One transaction under our epoch on the quick connection.
    pub(super) fn write<T>(
        &mut self,
        doing: &'static str,
        fill: impl FnOnce(&Write<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        Self::transact(&mut self.quick, &self.site, self.epoch, self.renews_by.as_deref(), doing, fill)
    }

    /// The same on the firm connection: on the disk when it returns.
    pub(super) fn write_firmly<T>(
        &mut self,
        doing: &'static str,
        fill: impl FnOnce(&Write<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        Self::transact(&mut self.firm, &self.site, self.epoch, self.renews_by.as_deref(), doing, fill)
    }

    fn transact<T>(
        connection: &mut Connection,
        site: &Site,
        epoch: Option<i64>,
        renews_by: Option<&(dyn Clock + Send)>,
        doing: &'static str,
        fill: impl FnOnce(&Write<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let path = || site.path.clone();
        let own = epoch.ok_or_else(|| StoreError::NoLease { path: path() })?;
        site.stands()?;
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(site.sorted(doing))?;
        let write = Write { tx, site, doing };
        let found: i64 = write.value("SELECT epoch FROM lease", [])?.unwrap_or(0);
        if found != own {
            return Err(StoreError::Fenced { path: path(), found, own });
        }
        let out = fill(&write)?;
        if let Some(clock) = renews_by {
            lease::renew_late(&write, clock.now())?;
        }
        write.tx.commit().map_err(site.sorted(doing))?;
        Ok(out)
    }

    /// Stores samples, in any order. What is left out is counted in the file as well.
    ///
    /// Cost: about 1 µs a sample and one commit that does not wait for the disk; give it what one look at all hosts brought.
    pub fn append(&mut self, samples: &[Measured], registry: &Registry, now: Now) -> Result<Appended, StoreError> {
        self.has_room()?;
        let known = std::mem::take(&mut self.known);
        let mut numbers = Numbers { known, fresh: HashSet::new(), registry };
        let mut moved = HashMap::new();
        let seats = std::mem::take(&mut self.seats);
        let done = self.write("storing samples", |write| {
            let (mut entries, appended) = sift(write, samples, &mut numbers, now)?;
            for measured in samples {
                note_seat(write, measured, &seats, &mut moved)?;
            }
            write.count("unset_clock", appended.unset_clock)?;
            write.count("ahead", appended.ahead)?;
            write.count("late", appended.late)?;
            write.count("surplus", appended.surplus)?;
            store(write, &mut entries)?;
            Ok(appended)
        });
        self.known = numbers.known;
        self.seats = seats;
        match done {
            Ok(_) => self.seats.extend(moved),
            // Numbers that were given out in a transaction that failed were never given out.
            Err(_) => self.known.retain(|key, _| !numbers.fresh.contains(key)),
        }
        done
    }

    /// Whether samples may be stored now: what is left on the disk, and how long the log has grown.
    pub(super) fn has_room(&self) -> Result<(), StoreError> {
        let path = || self.site.path.clone();
        let reserve = self.limits.reserve_bytes;
        if let Ok(free) = self.ground.free_bytes(super::folder(&self.site.path))
            && free < reserve
        {
            return Err(StoreError::Reserve { path: path(), free, reserve });
        }
        let log_bytes = self.log_bytes()?;
        if log_bytes >= self.limits.log_bytes {
            // The reader may be gone by now.
            self.empty_log()?;
            let log_bytes = self.log_bytes()?;
            if log_bytes >= self.limits.log_bytes {
                return Err(StoreError::LogHeld { path: path(), log_bytes });
            }
        }
        Ok(())
    }
}

/// Sample by sample: the number of its series, or why it is left out.
fn sift(
    write: &Write<'_>,
    samples: &[Measured],
    numbers: &mut Numbers<'_>,
    now: Now,
) -> Result<(Vec<Entry>, Appended), StoreError> {
    let whole_from: i64 = migration::meta(&write.site.path, write.connection(), "whole_from")?.unwrap_or(0);
    let latest = if now.wall.millis() < EARLIEST_MS { i64::MAX } else { now.wall.millis().saturating_add(AHEAD_MS) };
    let mut appended = Appended::default();
    let mut entries = Vec::with_capacity(samples.len());
    for Measured { host, sample } in samples {
        let at = sample.at.millis();
        let left_out = match at {
            at if at < EARLIEST_MS => Some(&mut appended.unset_clock),
            at if at > latest => Some(&mut appended.ahead),
            at if at < whole_from => Some(&mut appended.late),
            _ => None,
        };
        if let Some(left_out) = left_out {
            *left_out += 1;
            continue;
        }
        match numbers.of(write, SeriesKey::of(host, sample))? {
            Some(series) => entries.push(Entry { series, at, value: sample.value }),
            None => appended.surplus += 1,
        }
    }
    appended.stored = entries.len() as u64;
    Ok((entries, appended))
}

fn store(write: &Write<'_>, entries: &mut Vec<Entry>) -> Result<(), StoreError> {
    let times = || entries.iter().map(|entry| entry.at);
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return Ok(()) };
    let body = batch::pack(entries);
    write.run("INSERT INTO batch(first, last, body) VALUES (?1, ?2, ?3)", params![first, last, body]).map(|_| ())
}

/// The numbers of series, as far as they were asked for; `None` for one that gets none.
struct Numbers<'r> {
    known: HashMap<SeriesKey, Option<i64>>,
    fresh: HashSet<SeriesKey>,
    registry: &'r Registry,
}

impl Numbers<'_> {
    fn of(&mut self, write: &Write<'_>, key: SeriesKey) -> Result<Option<i64>, StoreError> {
        if let Some(number) = self.known.get(&key) {
            return Ok(*number);
        }
        let Some(metric) = self.registry.get(key.metric) else { return Ok(None) };
        let (entity, subject) = (key.entity.to_string(), key.subject_text());
        let found: Option<i64> = write.value(
            "SELECT id FROM series WHERE entity = ?1 AND subject = ?2 AND metric = ?3",
            params![entity, subject, metric.name],
        )?;
        let number = match found {
            Some(number) => Some(number),
            None => Self::give(write, &entity, &subject, &metric)?,
        };
        // Declared metrics change their numbers, and those of hosts that invent names are not worth the memory.
        if number.is_some() && key.metric < MetricId::FIRST_DECLARED {
            self.fresh.insert(key.clone());
            self.known.insert(key, number);
        }
        Ok(number)
    }

    fn give(write: &Write<'_>, entity: &str, subject: &str, metric: &Metric<'_>) -> Result<Option<i64>, StoreError> {
        let own = write.value("SELECT count(*) FROM series WHERE entity = ?1", [entity])?.unwrap_or(0_i64);
        let all = write.value("SELECT count(*) FROM series", [])?.unwrap_or(0_i64);
        if own >= MOST_SERIES_OF_ONE || all >= MOST_SERIES {
            return Ok(None);
        }
        let lifelong = metric.retention == Retention::Lifelong;
        let open: Option<i64> = write.value(
            "SELECT grp FROM series WHERE entity = ?1 AND lifelong = ?2 GROUP BY grp HAVING count(*) < ?3",
            params![entity, lifelong, GROUP],
        )?;
        let grp = match open {
            Some(grp) => grp,
            None => write.value("SELECT coalesce(max(grp), 0) + 1 FROM series", [])?.unwrap_or(1),
        };
        write.run(
            "INSERT INTO series(grp, entity, subject, metric, number, unit, lifelong) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![grp, entity, subject, metric.name, metric.id.0, metric.unit.word(), lifelong],
        )?;
        Ok(Some(write.last_id()))
    }
}

/// Notes in which host a drive is, and under which name, where that is new.
fn note_seat(
    write: &Write<'_>,
    measured: &Measured,
    seats: &HashMap<HostText, (HostId, HostText)>,
    moved: &mut HashMap<HostText, (HostId, HostText)>,
) -> Result<(), StoreError> {
    let subject = &measured.sample.subject;
    let Some(identity) = &subject.identity else { return Ok(()) };
    let now_in = |(host, name): &(HostId, HostText)| *host == measured.host && *name == subject.name;
    if moved.get(identity).or_else(|| seats.get(identity)).is_some_and(now_in) {
        return Ok(());
    }
    let Entity::Drive(_) = SeriesKey::of(&measured.host, &measured.sample).entity else { return Ok(()) };
    let entity = SeriesKey::of(&measured.host, &measured.sample).entity.to_string();
    let since = measured.sample.at.millis();
    write.run(
        "INSERT INTO seat(entity, host, name, since) SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM
         (SELECT host, name FROM seat WHERE entity = ?1 ORDER BY id DESC LIMIT 1) WHERE host = ?2 AND name = ?3)",
        params![entity, measured.host.as_str(), subject.name.raw(), since],
    )?;
    moved.insert(identity.clone(), (measured.host.clone(), subject.name.clone()));
    Ok(())
}
