//! A series over a span of time, in short slices, so that no reader keeps the log from being emptied.
//!
//! What was not rolled up yet is summed up on the way: an answer never depends on how far sealing has come. It writes
//! nothing, and does not know how anything is drawn.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use rusqlite::types::FromSqlError;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use super::batch;
use super::chunk::{self, DAY, HOUR, Kind};
use super::open::Site;
use super::seal::point;
use super::trouble::StoreError;
use crate::clock::WallTime;
use crate::metric::Retention;
use crate::series::retention::{Policy, Resolution};
use crate::series::rollup::{self, Bucket, Step};
use crate::series::window::{Choice, Window};
use crate::series::{Entity, Point, SeriesKey};
use crate::text::HostText;

/// How much of the past one slice of samples holds, in milliseconds: two days.
const SLICE: i64 = 2 * DAY;

/// From when, included, until when, not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// From when, included.
    pub since: WallTime,
    /// Until when, not included.
    pub until: WallTime,
}

impl Span {
    /// All of time.
    pub fn all() -> Self {
        Self { since: WallTime::default(), until: WallTime::LATEST }
    }

    /// From one moment to another.
    pub const fn new(since: WallTime, until: WallTime) -> Self {
        Self { since, until }
    }
}

/// A series that the file knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its number in the file.
    pub id: i64,
    /// Which one it is. The number of a metric that was declared is that of the run that first stored it.
    pub key: SeriesKey,
    /// The metric's name: what tells declared metrics apart from run to run.
    pub metric: String,
    /// The metric's unit, as its word.
    pub unit: String,
    /// How long it is kept.
    pub retention: Retention,
    pub(super) grp: i64,
}

impl Known {
    /// The group of series with which it shares chunks: who reads many reads those of one group together.
    pub const fn group(&self) -> i64 {
        self.grp
    }
}

/// Where a drive was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// In which host.
    pub host: String,
    /// Under which name.
    pub name: HostText,
    /// From when on.
    pub since: WallTime,
}

/// One that reads. It may run beside the writer, in this process or another.
#[derive(Debug)]
pub struct Reader {
    pub(super) site: Site,
    pub(super) connection: Connection,
    damaged: Cell<u64>,
}

/// What answers for a window.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Which resolution was read, and why.
    pub choice: Choice,
    /// One bucket for each width of time that has anything.
    pub buckets: Vec<Bucket>,
}

impl Reader {
    pub(super) const fn new(site: Site, connection: Connection) -> Self {
        Self { site, connection, damaged: Cell::new(0) }
    }

    /// All series, by entity, subject and metric. One with a key that this version cannot read is left out.
    pub fn series(&self) -> Result<Vec<Known>, StoreError> {
        self.slice("listing series", |tx, word| {
            let sql = "SELECT id, grp, entity, subject, metric, number, unit, lifelong FROM series ORDER BY entity, subject, metric";
            let mut statement = tx.prepare_cached(sql).map_err(word)?;
            let rows = statement.query_map([], |row| Ok(known(row))).map_err(word)?;
            let mut all = Vec::new();
            for row in rows {
                all.extend(row.map_err(word)?.ok());
            }
            Ok(all)
        })
    }

    /// One series by the metric's name; `None` where nothing of it was ever stored.
    pub fn find(&self, entity: &Entity, subject: &str, metric: &str) -> Result<Option<Known>, StoreError> {
        self.slice("looking for a series", |tx, word| {
            let sql = "SELECT id, grp, entity, subject, metric, number, unit, lifelong FROM series
                       WHERE entity = ?1 AND subject = ?2 AND metric = ?3";
            let found = tx
                .prepare_cached(sql)
                .map_err(word)?
                .query_row(params![entity.to_string(), subject, metric], |row| Ok(known(row)))
                .optional()
                .map_err(word)?;
            found.transpose().map_err(word)
        })
    }

    /// In which hosts a drive was, in the order in which it came there.
    pub fn seats(&self, entity: &Entity) -> Result<Vec<Seat>, StoreError> {
        self.slice("looking for a drive's hosts", |tx, word| {
            let sql = "SELECT host, name, since FROM seat WHERE entity = ?1 ORDER BY id";
            let mut statement = tx.prepare_cached(sql).map_err(word)?;
            let rows = statement.query_map([entity.to_string()], |row| {
                let name: String = row.get(1)?;
                Ok(Seat { host: row.get(0)?, name: HostText::new(name), since: WallTime::from_millis(row.get(2)?) })
            });
            rows.map_err(word)?.collect::<Result<_, _>>().map_err(word)
        })
    }

    /// The samples of a series, by time. Cost: about 30 µs an hour; memory for all of them.
    pub fn points(&self, series: &Known, span: Span) -> Result<Vec<Point>, StoreError> {
        let mut points = Vec::new();
        self.each_slice(series, span, |slice| {
            points.extend_from_slice(slice);
            ControlFlow::Continue(())
        })?;
        Ok(points)
    }

    /// The samples of a series, by time, two days at once: for spans of any length. Between slices the file is let go.
    pub fn each_slice(
        &self,
        series: &Known,
        span: Span,
        mut take: impl FnMut(&[Point]) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let Some((first, last)) = self.extent(series)? else { return Ok(()) };
        let until = span.until.millis().min(last);
        let mut from = span.since.millis().max(first);
        while from < until {
            let to = (chunk::floor(from, SLICE) + SLICE).min(until);
            let points = self.slice("reading samples", |tx, _| self.points_of(tx, series, from, to))?;
            if !points.is_empty() && take(&points).is_break() {
                return Ok(());
            }
            from = to;
        }
        Ok(())
    }

    /// Minutes, hours or days of a series, by time: every bucket that begins in the span, whole.
    ///
    /// What was not rolled up yet is summed up here, so this is what the samples say at any moment.
    pub fn buckets(&self, series: &Known, step: Step, span: Span) -> Result<Vec<Bucket>, StoreError> {
        let width = i64::try_from(step.length().as_millis()).unwrap_or(DAY);
        // Buckets begin at multiples of the width: the first one in the span, and the end of the last.
        let from = chunk::floor(span.since.millis() + width - 1, width);
        let until = chunk::floor(span.until.millis() + width - 1, width);
        let kind = Kind::RollUp(step);
        self.slice("reading roll-ups", |tx, word| {
            let mut buckets: BTreeMap<i64, Bucket> = BTreeMap::new();
            let sql =
                "SELECT body FROM chunk WHERE step = ?1 AND grp = ?2 AND start >= ?3 AND start < ?4 ORDER BY start";
            let mut statement = tx.prepare_cached(sql).map_err(word)?;
            let mut rows =
                statement.query(params![kind.number(), series.grp, kind.start(from), until]).map_err(word)?;
            while let Some(row) = rows.next().map_err(word)? {
                for bucket in self.opened::<Bucket>(row.get_ref(0).map_err(word)?.as_blob(), series) {
                    buckets.insert(bucket.start.millis(), bucket);
                }
            }
            for day in self.loose_days(tx, series, step, from, until)? {
                buckets.retain(|start, _| !(day..day + DAY).contains(start));
                let points = self.points_of(tx, series, day.max(from), (day + DAY).min(until))?;
                let minutes = rollup::of_points(&points, Step::Minute);
                let fresh = if step == Step::Day {
                    rollup::of_buckets(&rollup::of_buckets(&minutes, Step::Hour), Step::Day)
                } else {
                    rollup::of_buckets(&minutes, step)
                };
                buckets.extend(fresh.into_iter().map(|bucket| (bucket.start.millis(), bucket)));
            }
            Ok(buckets.range(from..until.max(from)).map(|(_, bucket)| *bucket).collect())
        })
    }

    /// What is to be shown of a series in a window, at the resolution that fits it and is still there.
    pub fn window(&self, series: &Known, window: Window, policy: &Policy, now: WallTime) -> Result<Shown, StoreError> {
        let choice = window.choose(&policy.what(series.retention, now));
        let span = Span::new(choice.from, window.until);
        let fine = match choice.resolution {
            Resolution::Step(step) => self.buckets(series, step, span)?,
            Resolution::Raw => {
                let points = self.points(series, span)?;
                points.iter().filter_map(|point| Bucket::of(point.at, *point)).collect()
            }
        };
        Ok(Shown { choice, buckets: rollup::to_width(&fine, choice.width) })
    }

    /// From when to when there are samples of a series' group, the end not included.
    fn extent(&self, series: &Known) -> Result<Option<(i64, i64)>, StoreError> {
        self.slice("looking for samples", |tx, word| {
            let sealed: (Option<i64>, Option<i64>) = tx
                .prepare_cached(
                    "SELECT min(start), max(start + iif(step = ?2, ?3, ?5)) FROM chunk WHERE step IN (?2, ?4) AND grp = ?1",
                )
                .map_err(word)?
                .query_row(
                    [series.grp, Kind::Joined.number(), Kind::Joined.length(), Kind::Hour.number(), HOUR],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .map_err(word)?;
            let recent: (Option<i64>, Option<i64>) = tx
                .prepare_cached("SELECT min(first), max(last) + 1 FROM batch")
                .map_err(word)?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
                .map_err(word)?;
            let first = sealed.0.into_iter().chain(recent.0).min();
            let last = sealed.1.into_iter().chain(recent.1).max();
            Ok(first.zip(last))
        })
    }

    /// One short look at the file: a state of one moment, let go when it returns.
    pub(super) fn slice<T>(
        &self,
        doing: &'static str,
        look: impl FnOnce(&Connection, &dyn Fn(rusqlite::Error) -> StoreError) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.site.stands()?;
        let word = self.site.sorted(doing);
        let tx = Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred).map_err(&word)?;
        look(&tx, &word)
    }

    /// How many parts were damaged and left out of the answers since this was last asked. `check` names them.
    pub fn damaged(&self) -> u64 {
        self.damaged.take()
    }

    /// One series out of a chunk; nothing, and it is counted, where it is damaged.
    fn opened<R: chunk::Timed>(&self, body: Result<&[u8], FromSqlError>, series: &Known) -> Vec<R> {
        let opened = body.ok().and_then(|body| crate::series::chunk::open(body, series.id.cast_unsigned()).ok());
        opened.unwrap_or_else(|| {
            self.count_damage();
            Vec::new()
        })
    }

    pub(super) fn count_damage(&self) {
        self.damaged.set(self.damaged.get() + 1);
    }

    /// Samples from one moment to another, out of chunks and recent batches, each once.
    fn points_of(&self, tx: &Connection, series: &Known, from: i64, to: i64) -> Result<Vec<Point>, StoreError> {
        let mut points: Vec<Point> = Vec::new();
        chunk::each_of_samples(&self.site, tx, series.grp, from, to, |body| {
            chunk::extend(&mut points, self.opened(Ok(body), series));
        })?;
        let mut recent = Vec::new();
        self.each_recent(tx, series, from, to, |point| recent.push(point))?;
        if !recent.is_empty() {
            chunk::merge(&mut points, recent);
        }
        points.retain(|point| (from..to).contains(&point.at.millis()));
        Ok(points)
    }

    fn each_recent(
        &self,
        tx: &Connection,
        series: &Known,
        from: i64,
        to: i64,
        mut take: impl FnMut(Point),
    ) -> Result<(), StoreError> {
        let word = self.site.sorted("reading recent samples");
        let sql = "SELECT body FROM batch WHERE last >= ?1 AND first < ?2 ORDER BY id";
        let mut statement = tx.prepare_cached(sql).map_err(&word)?;
        let mut rows = statement.query([from, to]).map_err(&word)?;
        while let Some(row) = rows.next().map_err(&word)? {
            let body = row.get_ref(0).map_err(&word)?;
            let wanted = |entry: batch::Entry| {
                if entry.series == series.id && (from..to).contains(&entry.at) {
                    take(point(entry));
                }
            };
            if body.as_blob().ok().and_then(|body| batch::each(body, wanted)).is_none() {
                self.count_damage();
            }
        }
        Ok(())
    }

    /// Days of which there are samples that the roll-ups do not tell; minutes tell of none whose samples are all there.
    fn loose_days(
        &self,
        tx: &Connection,
        series: &Known,
        step: Step,
        from: i64,
        until: i64,
    ) -> Result<Vec<i64>, StoreError> {
        let word = self.site.sorted("reading roll-ups");
        let from = chunk::floor(from, DAY);
        let until = chunk::floor(until + DAY - 1, DAY);
        let sql = "SELECT DISTINCT start - start % ?4 FROM chunk
                   WHERE settled <> 1 AND (settled = 0 OR ?5) AND grp = ?1 AND start >= ?2 AND start < ?3";
        let mut statement = tx.prepare_cached(sql).map_err(&word)?;
        let parameters = params![series.grp, from, until, DAY, step == Step::Minute];
        let rows = statement.query_map(parameters, |row| row.get(0)).map_err(&word)?;
        let mut days: Vec<i64> = rows.collect::<Result<_, _>>().map_err(&word)?;
        self.each_recent(tx, series, from, until, |point| days.push(chunk::floor(point.at.millis(), DAY)))?;
        days.sort_unstable();
        days.dedup();
        Ok(days)
    }
}

fn known(row: &Row<'_>) -> rusqlite::Result<Known> {
    let (entity, subject): (String, String) = (row.get(2)?, row.get(3)?);
    let key = SeriesKey::from_parts(&entity, &subject, row.get(5)?)
        .map_err(|why| rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, Box::new(why)))?;
    let retention = if row.get(7)? { Retention::Lifelong } else { Retention::Standard };
    Ok(Known { id: row.get(0)?, grp: row.get(1)?, key, metric: row.get(4)?, unit: row.get(6)?, retention })
}
