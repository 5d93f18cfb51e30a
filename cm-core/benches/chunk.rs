//! How many bytes a sample takes once sealed, and how fast samples are sealed and opened: 30 days of the demo fleet.
//!
//! `cargo bench -p cm-core --bench chunk [-- DAYS [CADENCE_S]]` prints bytes a sample by kind of thing, for chunks of
//! several spans. The goal is 0.6 bytes a sample, with what a database adds. Each value is compared with what was sealed.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use cm_core::catalogue;
use cm_core::clock::{Clock, SystemClock, WallTime};
use cm_core::demo::Demo;
use cm_core::report::Api;
use cm_core::series::rollup::{Bucket, Step, of_points};
use cm_core::series::{Point, SeriesKey, chunk};

const START: i64 = 1_766_016_000;

/// What a database adds to a chunk: the row's own header, number, span and length, and its share of pages and index.
const ROW: usize = 40;

type Span = BTreeMap<(String, SeriesKey), Vec<Point>>;

/// What one host's APIs told from `since` to `until`, by API and series.
fn told(demo: &Demo, at_host: usize, since: i64, until: i64, cadence: i64) -> Span {
    let host = &demo.hosts()[at_host].id;
    let mut series = Span::new();
    for api in Api::ALL {
        // The backup API answers every 30 s.
        let cadence = if api == Api::Backup { cadence.max(30) } else { cadence };
        let mut at = since;
        while at < until {
            if let Ok(report) = demo.report(host, api, WallTime::from_secs(at)) {
                for sample in catalogue::samples(&report) {
                    let key = (api.word().to_owned(), SeriesKey::of(host, &sample));
                    series.entry(key).or_default().push(Point::new(sample.at, sample.value));
                }
            }
            at += cadence;
        }
    }
    series
}

/// Bytes and samples.
#[derive(Default, Clone, Copy)]
struct Tally {
    bytes: usize,
    samples: usize,
}

impl Tally {
    fn add(&mut self, bytes: usize, samples: usize) {
        self.bytes += bytes;
        self.samples += samples;
    }

    fn each(self) -> f64 {
        self.bytes as f64 / self.samples.max(1) as f64
    }
}

/// What came of sealing in chunks of one span.
#[derive(Default)]
struct Outcome {
    whole: Tally,
    by_metric: bool,
    metrics: BTreeMap<String, Tally>,
    sealing: Duration,
    opening: Duration,
}

/// Seals a day of one host, in chunks of so many hours, one for each API.
fn seal_day(day: &Span, since: i64, hours: i64, outcome: &mut Outcome) {
    for from in (0..24 / hours).map(|part| WallTime::from_secs(since + part * hours * 3_600)) {
        let until = from.after(Duration::from_secs(3_600 * hours.unsigned_abs()));
        for api in Api::ALL {
            let of_api = day.iter().filter(|((word, _), _)| word == api.word());
            let within = |points: &[Point]| -> Vec<Point> {
                points.iter().filter(|point| (from..until).contains(&point.at)).copied().collect()
            };
            let parts: Vec<(&SeriesKey, Vec<Point>)> = of_api
                .map(|((_, key), points)| (key, within(points)))
                .filter(|(_, points)| !points.is_empty())
                .collect();
            seal_part(&parts, outcome);
        }
    }
}

fn seal_part(parts: &[(&SeriesKey, Vec<Point>)], outcome: &mut Outcome) {
    let clock = SystemClock;
    let numbered: Vec<(u64, &[Point])> = (0..).zip(parts.iter().map(|(_, points)| points.as_slice())).collect();
    let before = clock.now().mono;
    let bytes = chunk::seal(&numbered).expect("a chunk's worth");
    let sealed = clock.now().mono;
    let opened = chunk::open_each::<Point>(&bytes).expect("what was just sealed");
    outcome.opening += clock.now().mono.since(sealed);
    outcome.sealing += sealed.since(before);
    for ((_, points), (_, again)) in numbered.iter().zip(opened) {
        assert_eq!(again.expect("what was just sealed"), *points);
    }
    outcome.whole.add(bytes.len() + ROW, numbered.iter().map(|(_, points)| points.len()).sum());
    if !outcome.by_metric {
        return;
    }
    // What a series adds to a chunk that holds the constants alone: shares are told by these.
    let constant = |points: &[Point]| points.iter().all(|point| point.value.to_bits() == points[0].value.to_bits());
    let constants: Vec<_> = numbered.iter().filter(|(_, points)| constant(points)).copied().collect();
    let length = |series: &[(u64, &[Point])]| chunk::seal(series).expect("a chunk's worth").len();
    let without = length(&constants);
    for (at, (key, points)) in (0..).zip(parts) {
        let with: Vec<_> =
            constants.iter().copied().filter(|(number, _)| *number != at).chain([(at, points.as_slice())]).collect();
        // A constant is among them already; it takes about this much.
        let alone = if constant(points) { 12 } else { length(&with) - without };
        let name = catalogue::by_id(key.metric).map_or("", |entry| entry.metric.name);
        outcome.metrics.entry(name.to_owned()).or_default().add(alone, points.len());
    }
}

/// How long it takes to read one series of a week out of chunks of an hour, each with all series of a host.
fn one_week(demo: &Demo, cadence: i64) -> (usize, Duration) {
    let hour = told(demo, 0, START, START + 3_600, cadence);
    let numbered: Vec<(u64, &[Point])> = (0..).zip(hour.values().map(Vec::as_slice)).collect();
    let bytes = chunk::seal(&numbered).expect("a chunk's worth");
    let load = hour.keys().position(|(_, key)| key.metric.0 == 301).unwrap_or(0) as u64;
    let before = SystemClock.now().mono;
    let open = || chunk::open::<Point>(black_box(&bytes), load).expect("what was just sealed").len();
    let rows = (0..168).map(|_| open()).sum();
    (rows, SystemClock.now().mono.since(before))
}

/// Bytes a bucket, for a day of minutes of each series.
fn minutes(demo: &Demo, cadence: i64) -> Tally {
    let mut tally = Tally::default();
    for host in 0..demo.hosts().len() {
        let series = told(demo, host, START, START + 86_400, cadence);
        let buckets: Vec<Vec<Bucket>> = series.values().map(|points| of_points(points, Step::Minute)).collect();
        let numbered: Vec<(u64, &[Bucket])> = (0..).zip(buckets.iter().map(Vec::as_slice)).collect();
        let bytes = chunk::seal(&numbered).expect("a chunk's worth");
        tally.add(bytes.len() + ROW, buckets.iter().map(Vec::len).sum());
    }
    tally
}

#[expect(clippy::print_stdout, reason = "what a bench is for")]
fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<i64>().ok());
    let days = numbers.next().unwrap_or(30).max(1);
    let cadence = numbers.next().unwrap_or(5).max(1);
    let demo = Demo::new(7, WallTime::from_secs(START));
    println!("{days} days of {} hosts, a sample each {cadence} s", demo.hosts().len());
    let mut outcomes = [1, 4, 12].map(|hours| (hours, Outcome { by_metric: hours == 1, ..Outcome::default() }));
    for host in 0..demo.hosts().len() {
        for since in (0..days).map(|day| START + 86_400 * day) {
            let day = told(&demo, host, since, since + 86_400, cadence);
            for (hours, outcome) in &mut outcomes {
                seal_day(&day, since, *hours, outcome);
            }
        }
    }
    for (hours, outcome) in outcomes {
        let each_us = |span: Duration| span.as_secs_f64() * 1e6 / outcome.whole.samples.max(1) as f64;
        println!(
            "\nchunks of {hours} h: {:.3} bytes a sample with {ROW} a row, {} samples; sealing {:.3} us, opening {:.3} us each",
            outcome.whole.each(),
            outcome.whole.samples,
            each_us(outcome.sealing),
            each_us(outcome.opening),
        );
        let mut metrics: Vec<_> = outcome.metrics.into_iter().collect();
        metrics.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.bytes));
        for (name, tally) in metrics {
            println!("  {name:32} {:>10} samples {:>9} bytes {:.3}", tally.samples, tally.bytes, tally.each());
        }
    }
    let (rows, took) = one_week(&demo, cadence);
    println!("\none series of a week: {rows} samples in {:.2} ms", took.as_secs_f64() * 1e3);
    println!("minutes, in chunks of a day: {:.3} bytes a bucket", minutes(&demo, cadence).each());
}
