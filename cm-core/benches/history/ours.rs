//! The history that the program keeps: how fast it is filled, how large it is, how fast one series is read.

use std::path::Path;
use std::time::Duration;

use cm_core::clock::{Clock as _, MonoTime, Now, SystemClock, WallTime};
use cm_core::registry::Registry;
use cm_core::store::{Claim, Holder, Measured, Opening, Reader, Span, Writer};

use crate::telemetry::{DAY, EVERY, HOUR, NEW_YEAR, Telemetry};
use crate::tell;

pub(crate) fn size(feed: &str, days: i64, path: &Path) {
    let mut telemetry = Telemetry::named(feed);
    let mut writer = recorder(path);
    let (mut samples, mut appending, mut sealing) = (0_u64, Duration::ZERO, Duration::ZERO);
    for at in (NEW_YEAR..NEW_YEAR + days * DAY).step_by(5_000) {
        let batch = telemetry.tick(at);
        samples += batch.len() as u64;
        appending += took(|| append(&mut writer, &batch));
        if (at + EVERY) % HOUR == 0 {
            sealing += took(|| care(&mut writer, at));
        }
    }
    sealing += took(|| care(&mut writer, NEW_YEAR + days * DAY + 2 * HOUR));
    writer.empty_log().expect("an empty log");
    tell("samples", samples as f64);
    tell("append_per_s", samples as f64 / appending.as_secs_f64());
    tell("ingest_per_s", samples as f64 / (appending + sealing).as_secs_f64());
    let reader = Opening::at(path).read().expect("the history");
    let stats = reader.stats().expect("stats");
    tell("series", stats.series as f64);
    tell("file_bytes", stats.file_bytes as f64);
    for stored in &stats.sealed {
        tell(&format!("{}_bytes", stored.resolution.word()), stored.bytes as f64);
    }
    read(&reader);
    writer.compact().expect("compacted");
    tell("compact_bytes", std::fs::metadata(path).expect("the file").len() as f64);
}

/// The best of five looks at each series, and of all series the median and the slowest but for 5 %: some hardly change, some never
/// rest.
fn read(reader: &Reader) {
    let mut times = Vec::new();
    let mut most = 0;
    for series in reader.series().expect("series") {
        let mut points = 0;
        let once = |_| took(|| points = reader.points(&series, Span::all()).expect("points").len());
        times.extend((0..5).map(once).min());
        most = most.max(points);
    }
    times.sort_unstable();
    tell("read_points", most as f64);
    tell("read_ms", times[times.len() / 2].as_secs_f64() * 1e3);
    tell("read_p95_ms", times[times.len() * 95 / 100].as_secs_f64() * 1e3);
}

/// What recording does every hour: hours that are over are sealed, days that are over rolled up.
pub(crate) fn care(writer: &mut Writer, at: i64) {
    writer.seal(wall(at + 700_000)).expect("sealed");
    writer.roll_up(wall(at)).expect("rolled up");
}

pub(crate) fn holder() -> Holder {
    Holder { name: "bench".to_owned(), boot: "bench".to_owned() }
}

pub(crate) fn recorder(path: &Path) -> Writer {
    let mut writer = Opening::at(path).write().expect("a new history");
    let claim = writer.claim(&holder(), Now::default()).expect("a lease");
    assert!(matches!(claim, Claim::Ours { .. }));
    writer
}

pub(crate) fn append(writer: &mut Writer, batch: &[Measured]) {
    let Some(first) = batch.first() else { return };
    writer.append(batch, &Registry::default(), wall(first.sample.at.millis())).expect("stored");
}

/// All clocks, as they stand when the wall clock says this; the machine started at the new year.
pub(crate) fn wall(millis: i64) -> Now {
    let up = Duration::from_millis(u64::try_from(millis - NEW_YEAR).unwrap_or(0));
    Now { wall: WallTime::from_millis(millis), ..Now::default().after(up) }
}

pub(crate) fn took(work: impl FnOnce()) -> Duration {
    let mono = || SystemClock.now().mono;
    let before: MonoTime = mono();
    work();
    mono().since(before)
}

/// The median of some runs, in milliseconds.
pub(crate) fn median_ms(runs: usize, mut work: impl FnMut()) -> f64 {
    let mut times: Vec<Duration> = (0..runs).map(|_| took(&mut work)).collect();
    times.sort_unstable();
    times[runs / 2].as_secs_f64() * 1e3
}
