//! What a history costs: samples a second, bytes a sample on disk, seven days of one series read back, opening.
//!
//! Believable telemetry of ten hosts with 20 series each: readings that wander in steps of their sensor, counters,
//! values that stand still. `cargo bench -p cm-core --bench history`; it prints what it measured.
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::path::Path;
use std::time::Duration;

use cm_core::catalogue;
use cm_core::clock::{Clock as _, MonoTime, Now, SystemClock, WallTime};
use cm_core::health::{Subject, SubjectKind};
use cm_core::host::HostId;
use cm_core::metric::{MetricId, Sample};
use cm_core::registry::Registry;
use cm_core::series::rollup::Step;
use cm_core::store::{Claim, Holder, Measured, Opening, Span, Writer};

/// 2026-01-01T00:00:00Z.
const NEW_YEAR: i64 = 1_767_225_600_000;
const HOUR: i64 = 3_600_000;
const DAYS: i64 = 7;
const HOSTS: usize = 10;
const SERIES: usize = 20;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.db");
    let mut writer = Opening::at(&path).write().expect("a new history");
    let holder = Holder { name: "bench".to_owned(), boot: "bench".to_owned() };
    let claim = writer.claim(&holder, Now::default()).expect("a lease");
    assert!(matches!(claim, Claim::Ours { .. }));

    let mut telemetry = Telemetry::new();
    let (mut samples, mut appending, mut sealing) = (0_u64, Duration::ZERO, Duration::ZERO);
    for hour in 0..DAYS * 24 {
        for tick in 0..720 {
            let batch = telemetry.tick(NEW_YEAR + hour * HOUR + tick * 5_000);
            samples += batch.len() as u64;
            appending += took(|| append(&mut writer, &batch));
        }
        let now = wall(NEW_YEAR + (hour + 1) * HOUR + 700_000);
        sealing += took(|| {
            writer.seal(now).expect("sealed");
        });
        if hour % 24 == 23 {
            let now = wall(NEW_YEAR + (hour + 1) * HOUR + HOUR);
            sealing += took(|| {
                writer.roll_up(now).expect("rolled up");
            });
        }
    }
    writer.empty_log().expect("an empty log");
    let per_second = |span: Duration| samples as f64 / span.as_secs_f64();
    println!("samples            {samples}");
    println!("append             {:.0} samples/s", per_second(appending));
    println!("seal and roll up   {:.0} samples/s", per_second(sealing));
    println!("all of it          {:.0} samples/s", per_second(appending + sealing));
    read(&path, samples);
}

fn read(path: &Path, samples: u64) {
    let mut reader = None;
    let opening = took(|| reader = Some(Opening::at(path).read().expect("the history")));
    let reader = reader.expect("opened");
    let stats = reader.stats().expect("stats");
    println!(
        "file               {} bytes, {:.3} bytes/sample",
        stats.file_bytes,
        stats.file_bytes as f64 / samples as f64
    );
    for stored in &stats.sealed {
        println!("  {:<8} {} rows, {} bytes in chunks", stored.resolution.word(), stored.rows, stored.bytes);
    }
    println!("opening            {opening:?}");
    let series = reader.series().expect("series");
    let one = &series[series.len() / 2];
    let mut points = 0;
    let best = |mut of: Box<dyn FnMut() + '_>| (0..20).map(|_| took(&mut of)).min().expect("some");
    let raw = best(Box::new(|| points = reader.points(one, Span::all()).expect("points").len()));
    println!("7 days of a series {raw:?} for {points} samples");
    let hours = best(Box::new(|| drop(reader.buckets(one, Step::Hour, Span::all()).expect("hours"))));
    println!("its hours          {hours:?}");
}

fn append(writer: &mut Writer, batch: &[Measured]) {
    let at = batch[0].sample.at.millis();
    writer.append(batch, &Registry::default(), wall(at)).expect("stored");
}

fn wall(millis: i64) -> Now {
    Now { wall: WallTime::from_millis(millis), ..Now::default() }
}

fn took(work: impl FnOnce()) -> Duration {
    let mono = || SystemClock.now().mono;
    let before: MonoTime = mono();
    work();
    mono().since(before)
}

/// Hosts whose readings wander.
struct Telemetry {
    hosts: Vec<HostId>,
    metrics: Vec<MetricId>,
    values: Vec<f64>,
    chance: u64,
}

impl Telemetry {
    fn new() -> Self {
        let of_host = |entry: &&catalogue::Entry| entry.metric.subject == SubjectKind::Host;
        let metrics: Vec<_> = catalogue::all().filter(of_host).take(SERIES).map(|entry| entry.metric.id).collect();
        let hosts = (0..HOSTS).map(|n| HostId::new(&format!("host{n}")).expect("a name")).collect();
        Self { values: vec![50.0; HOSTS * metrics.len()], hosts, metrics, chance: 42 }
    }

    /// A number below `below`: xorshift, so that every run is the same.
    fn draw(&mut self, below: u64) -> u64 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        self.chance % below
    }

    fn tick(&mut self, at: i64) -> Vec<Measured> {
        let mut batch = Vec::with_capacity(self.values.len());
        for host in 0..self.hosts.len() {
            // Asked a few milliseconds early or late, as timers do.
            let at = at + self.draw(20).cast_signed();
            for metric in 0..self.metrics.len() {
                let step = self.draw(100);
                let value = &mut self.values[host * SERIES.min(self.metrics.len()) + metric];
                match metric % 4 {
                    // A sensor in whole degrees that mostly stays where it is.
                    0 if step < 6 => *value += if step < 3 { 1.0 } else { -1.0 },
                    // A share in tenths of a percent that never rests.
                    1 => *value = ((*value * 10.0 + step as f64 / 10.0 - 5.0).round() / 10.0).clamp(0.0, 100.0),
                    // A counter.
                    2 => *value += (step * step) as f64,
                    // What hardly ever changes, and the rest of the sensor's time.
                    _ => {}
                }
                let sample = Sample {
                    metric: self.metrics[metric],
                    subject: Subject::host(),
                    at: WallTime::from_millis(at),
                    value: *value,
                };
                batch.push(Measured { host: self.hosts[host].clone(), sample });
            }
        }
        batch
    }
}
