//! Drives: what their counters told over their life so far, and when each comes to a limit.
//!
//! A forecast wants few readings far apart: days, and hours for the last two months.

use std::collections::HashMap;
use std::time::Duration;

use super::contents::{Contents, Thing, of};
use crate::clock::WallTime;
use crate::forecast::wear::{self, Forecast, Reading};
use crate::health::SubjectKind;
use crate::series::rollup::{Bucket, Step};
use crate::store::{Known, Reader, Span, StoreError};
use crate::unit::{Bytes, Hours, Percent};

/// For how long back hours are read; before that, days.
const HOURS_BACK: Duration = Duration::from_hours(60 * 24);

/// What it is foretold from: percent used, powered hours, bytes written, spare and the maker's threshold for it.
pub(super) const COUNTERS: [&str; 5] =
    ["drive.wear", "drive.power_on", "drive.written", "drive.spare", "drive.spare_threshold"];

/// What one drive told, and what comes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Drive {
    /// Which one, and where.
    pub thing: Thing,
    /// What will be.
    pub forecast: Forecast,
    /// What it was foretold from, by time: its wear so far.
    pub readings: Vec<Reading>,
}

impl Drive {
    /// When it was read last.
    pub fn last_read(&self) -> Option<WallTime> {
        self.readings.last().map(|reading| reading.at)
    }
}

/// The forecast for one thing's series; nothing where it is no drive. Cost: 10 ms or so, most of it the forecast.
pub fn outlook(reader: &Reader, thing: Thing, series: &[Known], now: WallTime) -> Result<Option<Drive>, StoreError> {
    if thing.kind != SubjectKind::Drive {
        return Ok(None);
    }
    let life = |metric: &str| of(series, metric).map_or(Ok(Vec::new()), |known| life(reader, known, now));
    let [used, hours, written, spare, threshold] = COUNTERS;
    let told = Told {
        used: life(used)?,
        hours: life(hours)?,
        written: life(written)?,
        spare: life(spare)?,
        threshold: life(threshold)?,
    };
    let readings = told.readings();
    Ok(Some(Drive { thing, forecast: wear::outlook(&readings, now), readings }))
}

/// The forecasts for all drives, in the order of [`Contents::things`].
pub fn outlooks(reader: &Reader, contents: &Contents, now: WallTime) -> Result<Vec<Drive>, StoreError> {
    let mut drives = Vec::new();
    for (thing, series) in contents.things() {
        drives.extend(outlook(reader, thing, series, now)?);
    }
    Ok(drives)
}

/// Days from the first on, then hours, up to the hour that goes on at `now`.
fn life(reader: &Reader, known: &Known, now: WallTime) -> Result<Vec<Bucket>, StoreError> {
    let turn = Step::Day.start(now.before(HOURS_BACK));
    let mut buckets = reader.buckets(known, Step::Day, Span::new(WallTime::default(), turn))?;
    buckets.extend(reader.buckets(known, Step::Hour, Span::new(turn, now))?);
    Ok(buckets)
}

/// The counters of one drive, in buckets that begin together.
struct Told {
    used: Vec<Bucket>,
    hours: Vec<Bucket>,
    written: Vec<Bucket>,
    spare: Vec<Bucket>,
    threshold: Vec<Bucket>,
}

impl Told {
    /// One reading for each bucket of percent used, with what else was told in it.
    fn readings(&self) -> Vec<Reading> {
        let [hours, written, spare, threshold] =
            [&self.hours, &self.written, &self.spare, &self.threshold].map(|buckets| by_start(buckets));
        // A clock of its own counts only where every reading has it: the few that lack it are left out.
        let clocked =
            self.used.iter().filter(|bucket| hours.contains_key(&bucket.start)).count() * 2 >= self.used.len();
        let told = self.used.iter().filter(|bucket| !clocked || hours.contains_key(&bucket.start));
        let reading = |bucket: &Bucket| {
            let beside = |buckets: &HashMap<WallTime, f64>| buckets.get(&bucket.start).copied();
            Reading {
                at: bucket.last_at,
                identity: None,
                power_on_hours: beside(&hours).filter(|_| clocked).map(Hours::saturating),
                percent_used: Some(Percent::saturating(bucket.last)),
                bytes_written: beside(&written).map(Bytes::new),
                spare: beside(&spare).map(Percent::saturating),
                spare_threshold: beside(&threshold).map(Percent::saturating),
                scale: wear::Scale::default(),
            }
        };
        told.map(reading).collect()
    }
}

/// The last value of each bucket, by when it begins.
fn by_start(buckets: &[Bucket]) -> HashMap<WallTime, f64> {
    buckets.iter().map(|bucket| (bucket.start, bucket.last)).collect()
}
