//! What the history promises, tried on real files. Time is handed in; nothing waits.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use super::ground::Ground;
use super::*;
use crate::catalogue;
use crate::clock::{BootTime, MonoTime, Now, WallTime};
use crate::health::{Subject, SubjectKind};
use crate::host::HostId;
use crate::metric::{MetricId, Sample};
use crate::registry::Registry;
use crate::series::Entity;
use crate::text::HostText;

mod acts;
mod care;
mod chunks;
mod damage;
mod days;
mod frames;
mod holding;
mod incidents;
mod messages;
mod model;
mod opening;
mod ordeal;
mod words;

/// 2026-01-01T00:00:00Z, a Thursday.
const NEW_YEAR: i64 = 1_767_225_600_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A folder that goes when the test ends.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// The same where nothing waits for a disk: for what opens files by the hundred.
fn in_memory() -> tempfile::TempDir {
    let shared = Path::new("/dev/shm");
    if shared.is_dir() { tempfile::tempdir_in(shared).unwrap() } else { folder() }
}

fn at(millis: i64) -> WallTime {
    WallTime::from_millis(millis)
}

/// All clocks, as they stand when the wall clock says this; the machine started at the new year.
fn now(wall: i64) -> Now {
    let up = Duration::from_millis(u64::try_from(wall - NEW_YEAR).unwrap_or(0)) + Duration::from_secs(1_000);
    Now { wall: at(wall), boot: BootTime::from_start(up), mono: MonoTime::from_start(up) }
}

fn holder(name: &str) -> Holder {
    Holder { name: name.to_owned(), boot: "start-1".to_owned() }
}

fn host() -> HostId {
    HostId::new("srv01").unwrap()
}

/// Ground that says what it is told to.
#[derive(Debug, Clone)]
struct Told {
    magic: Arc<AtomicU32>,
    free: Arc<AtomicU64>,
}

impl Told {
    fn new() -> Self {
        Self { magic: Arc::new(AtomicU32::new(0xEF53)), free: Arc::new(AtomicU64::new(u64::MAX)) }
    }
}

impl Ground for Told {
    fn filesystem(&self, _: &Path) -> io::Result<u32> {
        Ok(self.magic.load(Ordering::Relaxed))
    }

    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        Ok(self.free.load(Ordering::Relaxed))
    }
}

/// A writer that holds the lease.
fn recorder(path: &Path) -> Writer {
    let mut writer = Opening::at(path).on(Told::new()).write().unwrap();
    let claim = writer.claim(&holder("recorder"), now(NEW_YEAR)).unwrap();
    assert!(matches!(claim, Claim::Ours { .. }), "{claim:?}");
    writer
}

/// A metric of a host by its place among those of the catalogue.
fn host_metric(place: usize) -> MetricId {
    let of_host = |entry: &&catalogue::Entry| entry.metric.subject == SubjectKind::Host;
    catalogue::all().filter(of_host).nth(place).unwrap().metric.id
}

fn measured(place: usize, millis: i64, value: f64) -> Measured {
    let sample = Sample { metric: host_metric(place), subject: Subject::host(), at: at(millis), value };
    Measured { host: host(), sample }
}

/// Samples every `step` milliseconds of so many series, each a wave of its own.
fn waves(series: usize, from: i64, until: i64, step: i64) -> Vec<Measured> {
    let moments = (from..until).step_by(usize::try_from(step).unwrap());
    let value = |series: usize, at: i64| ((at / 5_000) as f64 / 40.0 + series as f64).sin().mul_add(20.0, 50.0).round();
    moments.flat_map(|at| (0..series).map(move |place| measured(place, at, value(place, at)))).collect()
}

fn append(writer: &mut Writer, samples: &[Measured], wall: i64) -> Appended {
    writer.append(samples, &Registry::default(), now(wall)).unwrap()
}

/// The series of a metric of the host.
fn series(reader: &Reader, place: usize) -> Known {
    let metric = catalogue::by_id(host_metric(place)).unwrap().metric;
    reader.find(&Entity::Host(host()), "host", metric.name).unwrap().unwrap()
}

fn values(reader: &Reader, place: usize) -> Vec<(i64, f64)> {
    let points = reader.points(&series(reader, place), Span::all()).unwrap();
    points.iter().map(|point| (point.at.millis(), point.value)).collect()
}

/// All bytes of the file and its log, of a history that nobody has open.
fn bytes(path: &Path) -> Vec<u8> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let mut all = std::fs::read(path).unwrap();
    all.extend(std::fs::read(PathBuf::from(log)).unwrap_or_default());
    all
}
