//! What may be full one day: a filesystem, its files, a pool, a service's quota.
//!
//! Each is a pair of series, what is used and how much there may be. What nobody can write to does not fill.

use std::collections::HashMap;
use std::time::Duration;

use super::contents::{Thing, of};
use crate::clock::WallTime;
use crate::forecast::fill::{self, Fill, Reading};
use crate::series::rollup::{Bucket, Step};
use crate::store::{Known, Reader, Span, StoreError};
use crate::unit::Unit;

/// How far back is read: what a forecast looks back upon, and a day.
const BACK: Duration = Duration::from_hours(91 * 24);

/// Whether nobody can write to a filesystem.
pub(super) const READ_ONLY: &str = "filesystem.read_only";

/// What of a thing may be used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capacity {
    /// The room of a filesystem.
    Space,
    /// The number of its files.
    Files,
    /// The room of a pool.
    Pool,
    /// What is allowed to a service.
    Quota,
}

impl Capacity {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Space, Self::Files, Self::Pool, Self::Quota];

    /// Its word in JSON and tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Space => "space",
            Self::Files => "files",
            Self::Pool => "pool",
            Self::Quota => "quota",
        }
    }

    /// What is used and how much there may be, by the catalogue's names.
    pub const fn metrics(self) -> (&'static str, &'static str) {
        match self {
            Self::Space => ("filesystem.used", "filesystem.total"),
            Self::Files => ("filesystem.inodes_used", "filesystem.inode_limit"),
            Self::Pool => ("pool.used", "pool.capacity"),
            Self::Quota => ("service.disk", "service.disk_quota"),
        }
    }

    /// What it counts in.
    pub const fn unit(self) -> Unit {
        match self {
            Self::Files => Unit::Count,
            Self::Space | Self::Pool | Self::Quota => Unit::Bytes,
        }
    }
}

/// What was used of something, and what comes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    /// Which one, and where.
    pub thing: Thing,
    /// What of it.
    pub capacity: Capacity,
    /// What will be.
    pub fill: Fill,
    /// What it was foretold from, by time.
    pub readings: Vec<Reading>,
}

impl Volume {
    /// When it was read last.
    pub fn last_read(&self) -> Option<WallTime> {
        self.readings.last().map(|reading| reading.at)
    }
}

/// The forecasts for one thing's series: none for most things, two for a filesystem that counts its files.
///
/// Cost: 4 to 80 ms each, as [`fill::forecast`] states.
pub fn outlooks(reader: &Reader, thing: &Thing, series: &[Known], now: WallTime) -> Result<Vec<Volume>, StoreError> {
    let hours = |known: &Known| reader.buckets(known, Step::Hour, Span::new(now.before(BACK), now));
    let mut volumes = Vec::new();
    for capacity in Capacity::ALL {
        let (used, limit) = capacity.metrics();
        let (Some(used), Some(limit)) = (of(series, used), of(series, limit)) else { continue };
        if let Some(read_only) = of(series, READ_ONLY)
            && hours(read_only)?.last().is_some_and(|bucket| bucket.last > 0.5)
        {
            continue;
        }
        let readings = paired(&hours(used)?, &hours(limit)?);
        let fill = fill::forecast(&readings, capacity.unit(), now);
        volumes.push(Volume { thing: thing.clone(), capacity, fill, readings });
    }
    Ok(volumes)
}

/// What was used at the end of each bucket, with the limit that stood then.
fn paired(used: &[Bucket], limit: &[Bucket]) -> Vec<Reading> {
    let limits: HashMap<WallTime, f64> = limit.iter().map(|bucket| (bucket.start, bucket.last)).collect();
    let reading =
        |bucket: &Bucket| Some(Reading { at: bucket.last_at, used: bucket.last, limit: *limits.get(&bucket.start)? });
    used.iter().filter_map(reading).collect()
}
