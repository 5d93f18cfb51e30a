//! How well usual values tell of the week to come, on series that others measured and published.
//!
//! `--data DIR` (or `CM_USUAL_DATA`) names a folder with `nab/*.csv.gz` (`timestamp,value`) and `biohpc/*.txt.gz` (tabs,
//! a heading, a line an hour). Each series is walked week by week: learnt up to a moment, judged on the week after it.
//! Then fill-up of made-up filesystems; `--tune` takes the seeds that may be tuned by instead of those that judge.

#![expect(clippy::print_stdout, reason = "it is a report")]

#[path = "usual/full.rs"]
mod full;
#[path = "usual/life.rs"]
mod life;

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use cm_core::clock::WallTime;
use cm_core::forecast::usual::{Level, Point, Usual};

const DAY_S: i64 = 86_400;
const WEEK_S: i64 = 7 * DAY_S;

struct Series {
    name: String,
    points: Vec<Point>,
}

#[derive(Default)]
struct Score {
    weeks: usize,
    levels: [usize; 3],
    values: usize,
    held: usize,
    below: usize,
    error: f64,
    plain: f64,
    width: f64,
}

fn main() {
    match folder() {
        None => println!("usual: no series: name a folder with --data DIR or CM_USUAL_DATA"),
        Some(folder) if !folder.is_dir() => println!("usual: no series: {} is no folder", folder.display()),
        Some(folder) => report(&series(&folder)),
    }
    full::report(judged());
}

/// Seeds below 10,000 are there to tune by; those from there on judge.
fn judged() -> std::ops::Range<u64> {
    if std::env::args().any(|argument| argument == "--tune") { 0..4000 } else { 10_000..14_000 }
}

fn folder() -> Option<PathBuf> {
    let mut arguments = std::env::args_os().skip_while(|argument| argument != OsStr::new("--data")).skip(1);
    arguments.next().or_else(|| std::env::var_os("CM_USUAL_DATA")).map(PathBuf::from)
}

fn report(all: &[Series]) {
    println!(
        "| series | weeks judged | level (one, day kind, hour of week) | error to that of one median | held | below | half width over error |"
    );
    println!("|---|---|---|---|---|---|---|");
    let mut total = Score::default();
    let (mut missed_error, mut missed_band) = (0, 0);
    for series in all {
        let score = judge(&series.points);
        if score.weeks == 0 {
            println!("| {} | none: too short | | | | | |", series.name);
            continue;
        }
        print_row(&series.name, &score);
        missed_error += usize::from(score.error > 1.02 * score.plain + 1e-9);
        missed_band += usize::from(!(0.85..=0.95).contains(&(score.held as f64 / score.values as f64)));
        total.weeks += score.weeks;
        total.values += score.values;
        total.held += score.held;
        total.below += score.below;
        for (sum, one) in total.levels.iter_mut().zip(score.levels) {
            *sum += one;
        }
    }
    println!(
        "| all values | {} | {}, {}, {} | | {:.1} % | {:.1} % | |",
        total.weeks,
        total.levels[0],
        total.levels[1],
        total.levels[2],
        100.0 * total.held as f64 / total.values as f64,
        100.0 * total.below as f64 / total.values as f64,
    );
    println!(
        "\n{missed_error} series with an error above 1.02 of one median's; {missed_band} series held below 85 % or above 95 %."
    );
}

fn print_row(name: &str, score: &Score) {
    let [one, kind, hour] = score.levels;
    let values = score.values as f64;
    println!(
        "| {name} | {} | {one}, {kind}, {hour} | {:.3} | {:.1} % | {:.1} % | {:.2} |",
        score.weeks,
        score.error / score.plain,
        100.0 * score.held as f64 / values,
        100.0 * score.below as f64 / values,
        score.width / 2.0 / score.error,
    );
}

/// Learns from what lies before each week, from the second on, and judges by that week.
fn judge(points: &[Point]) -> Score {
    let mut score = Score::default();
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return score };
    let mut now = first.at.secs() + WEEK_S;
    while now < last.at.secs() - WEEK_S / 2 {
        let until = WallTime::from_secs(now);
        let week: Vec<&Point> = points.iter().filter(|p| (now..now + WEEK_S).contains(&p.at.secs())).collect();
        if let (Ok(usual), false) = (Usual::learn(points, until, |_| 0), week.is_empty()) {
            let mut past: Vec<f64> =
                points.iter().filter(|p| (now - 6 * WEEK_S..now).contains(&p.at.secs())).map(|p| p.value).collect();
            past.sort_by(f64::total_cmp);
            let median = past[past.len() / 2];
            score.weeks += 1;
            score.levels[Level::ALL.iter().position(|level| *level == usual.level()).expect("one of three")] += 1;
            for point in week {
                let band = usual.at(point.at, 0);
                score.values += 1;
                score.held += usize::from(band.holds(point.value));
                score.below += usize::from(point.value < band.low);
                score.error += (point.value - band.middle).abs();
                score.plain += (point.value - median).abs();
                score.width += band.high - band.low;
            }
        }
        now += WEEK_S;
    }
    score
}

fn series(folder: &Path) -> Vec<Series> {
    let mut all = Vec::new();
    for path in files(&folder.join("nab"), ".csv.gz") {
        let points =
            unpacked(&path).lines().filter_map(|line| line.split_once(',').and_then(|(at, v)| point(at, v))).collect();
        all.push(Series { name: name(&path, ".csv.gz"), points });
    }
    for path in files(&folder.join("biohpc"), ".txt.gz") {
        let text = unpacked(&path);
        for (column, what) in [(2, "power"), (5, "temperature"), (8, "use"), (11, "memory")] {
            let points = text
                .lines()
                .filter_map(|line| {
                    let fields: Vec<&str> = line.split('\t').collect();
                    point(fields.get(1)?, fields.get(column)?)
                })
                .collect();
            all.push(Series { name: format!("{} {what}", name(&path, "_usage_stats.txt.gz")), points });
        }
    }
    for series in &mut all {
        series.points.sort_by_key(|point| point.at);
    }
    all
}

fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.to_string_lossy().ends_with(end)).collect();
    files.sort();
    files
}

fn name(path: &Path, end: &str) -> String {
    path.file_name().map(|name| name.to_string_lossy().trim_end_matches(end).to_owned()).unwrap_or_default()
}

fn unpacked(path: &Path) -> String {
    let file = std::fs::File::open(path).expect("a file that was just listed");
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("gzip of UTF-8");
    text
}

/// A moment as `2014-07-01 00:30:00` and a value; none where a line is a heading or a remark.
fn point(at: &str, value: &str) -> Option<Point> {
    let number = |from: usize, to: usize| at.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    // Days since 1970 of a date of the Gregorian calendar, counted in years that begin in March.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + day - 1 - 719_468;
    let secs = days * DAY_S + number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
    Some(Point { at: WallTime::from_secs(secs), value: value.trim().parse().ok()? })
}
