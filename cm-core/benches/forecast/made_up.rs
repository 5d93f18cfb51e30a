//! Section two of the protocol: made-up lives, asked at 30, 50 and 70 % of life for the day on which 100 % is reached.
//!
//! Seeds below 10,000 are for tuning, those from 10,000 on are held out. A life that does not end within 40 years, or
//! that has run for less than 60 days when it is asked, is left out whatever is foretold of it.
//!
//! Beside what competes stands a floor: somebody who knows how lives are made, and all that this one hides up to the day it
//! is asked, and lacks nothing but the chance to come.

use cm_core::forecast::When;
use cm_core::forecast::wear::{self, Outlook, Reading};
use cm_core::unit::{Bytes, Hours, Percent};

use crate::baseline;
use crate::life::{ASKED, Drive, Life, live};
use crate::real::Part;
use crate::score::{mean, median, quantile};

const DAY_S: f64 = 86_400.0;
/// Futures of a life from which the floor is found.
const FUTURES: u64 = 48;

/// What came out at one share of life.
pub(crate) struct Row {
    pub(crate) share: f64,
    pub(crate) lives: usize,
    /// Median of |foretold - true| / true days left: life line, 30-day line, ours, hidden wear's own line, the floor.
    pub(crate) errors: [f64; 5],
    pub(crate) covered: f64,
    pub(crate) below: f64,
    pub(crate) above: f64,
    pub(crate) factor: f64,
}

/// One question.
struct Asked {
    left: f64,
    ours: [f64; 3],
    life: f64,
    month: f64,
    /// What the last 60 days of the wear itself foretell, which no drive shows: a line without rounding.
    hidden: f64,
    /// What is best said by somebody who knows everything but the future.
    floor: f64,
}

/// Judges lives, prints what came out, and adds the goals that were missed.
pub(crate) fn judge(part: Part, count: u64, missed: &mut Vec<String>) -> Vec<Row> {
    let first = if part == Part::HeldOut { 10_000 } else { 0 };
    let mut asked: [Vec<Asked>; 3] = std::array::from_fn(|_| Vec::new());
    let (mut years, mut false_ones, mut far_off) = (0.0, 0_usize, 0_usize);
    let mut changes = Vec::new();
    for seed in first..first + count.min(10_000) {
        let life = live(seed);
        for ((answers, share), then) in asked.iter_mut().zip(ASKED).zip(&life.then) {
            answers.extend(ask(&life, share, then));
        }
        changes.extend(changes_of(&life));
        let (seen, wrong, far) = warnings(&life);
        years += seen;
        false_ones += wrong;
        far_off += far;
    }
    let rows: Vec<Row> = asked.iter().zip(ASKED).map(|(asked, share)| row(asked, share)).collect();
    println!("## Made-up lives\n\nSeeds {first} to {}.\n", first + count.min(10_000) - 1);
    let share = |met: &dyn Fn(f64) -> bool| {
        100.0 * changes.iter().filter(|(log, _)| met(*log)).count() as f64 / changes.len() as f64
    };
    println!(
        "Writes of successive four months, log ratio: robust deviation {:.2}, 5 to 95 % {:.2} to {:.2}, more than doubled {:.1} %, halved {:.1} % (real: 0.30, -0.90 to 1.11, 9 %, 7 %).\n",
        1.4826 * median(changes.iter().map(|(log, w)| (log.abs(), *w))),
        quantile(changes.clone(), 0.05),
        quantile(changes.clone(), 0.95),
        share(&|log| log > 2_f64.ln()),
        share(&|log| log < 0.5_f64.ln()),
    );
    println!(
        "Median of |foretold - true| over the true days left:\n\n| used | lives | (a) life line | (b) 30-day line | ours | ours / better | floor | floor / better | the wear itself, last 60 days |\n|---|---|---|---|---|---|---|---|---|"
    );
    for row in &rows {
        let [life, month, ours, hidden, floor] = row.errors;
        let (ratio, least) = (ours / life.min(month), floor / life.min(month));
        println!(
            "| {} % | {} | {life:.3} | {month:.3} | {ours:.3} | {ratio:.2} | {floor:.3} | {least:.2} | {hidden:.3} |",
            row.share, row.lives
        );
        if ratio > 0.5 {
            missed.push(format!(
                "made up, {} % of life: {ratio:.2} of the better line's error, goal 0.5 (floor {least:.2})",
                row.share
            ));
        }
    }
    println!(
        "\nThe 90 % interval:\n\n| used | covered | earlier | later | factor between its ends |\n|---|---|---|---|---|"
    );
    for row in &rows {
        println!(
            "| {} % | {:.1} % | {:.1} % | {:.1} % | {:.2} |",
            row.share, row.covered, row.below, row.above, row.factor
        );
        if !(85.0..=95.0).contains(&row.covered) {
            missed.push(format!("made up, {} % of life: {:.1} % covered, goal 85 to 95 %", row.share, row.covered));
        }
    }
    let rate = 100.0 * false_ones as f64 / years;
    println!(
        "\nFalse warnings (fewer than 90 days foretold, more were left): {false_ones} over {years:.0} drive-years, {rate:.2} in 100; with more than 180 days left {far_off}.\n"
    );
    if rate > 0.2 {
        missed.push(format!("made up: {rate:.2} false warnings in 100 drive-years, goal 0.2"));
    }
    rows
}

/// Logarithms of what is written in four months over what was written in the four before.
fn changes_of(life: &Life) -> Vec<(f64, f64)> {
    let marks: Vec<(f64, f64)> = life
        .readings
        .chunk_by(|a, b| ((day(a) / 120.0).floor() - (day(b) / 120.0).floor()).abs() < 0.5)
        .filter_map(|chunk| Some((chunk[0].power_on_hours?.get(), chunk[0].bytes_written.map(Bytes::get)?)))
        .collect();
    let rates: Vec<f64> =
        marks.windows(2).map(|pair| (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0).max(1.0)).collect();
    rates.windows(2).map(|pair| ((pair[1] / pair[0]).ln(), 1.0)).filter(|(log, _)| log.is_finite()).collect()
}

fn ask(life: &Life, share: f64, then: &Drive) -> Option<Asked> {
    let end = life.end?;
    let at = life.worn.partition_point(|worn| *worn < share);
    let past = life.readings.get(..=at)?;
    let now = past.last()?;
    let left = end - day(now);
    if past.len() < 60 || left < 1.0 {
        return None;
    }
    let before = life.readings[..=at].partition_point(|reading| day(now) - day(reading) > 60.0);
    let hidden_rate = (life.worn[at] - life.worn[before]) / (day(now) - day(&life.readings[before])).max(1.0);
    let ours = match wear::outlook(past, now.at).outlook {
        Outlook::Reaches { when, .. } => [when.early, when.likely, when.late].map(|when| days(when, now)),
        _ => [f64::INFINITY; 3],
    };
    let hidden = (100.0 - life.worn[at]) / hidden_rate.max(f64::MIN_POSITIVE);
    let floor = least_error(&then.futures(FUTURES));
    Some(Asked { left, ours, life: by(past, 0), month: by(past, 1), hidden, floor })
}

/// The number of days with the least median of |days - left| / left over futures in order; infinite where none ends.
fn least_error(futures: &[f64]) -> f64 {
    // Half of all futures lie within an error e of f if they lie in a row from f / (1 + e) to f / (1 - e).
    let half = futures.len().div_ceil(2);
    let rows = futures.windows(half.max(1)).map(|row| (row[0], row[row.len() - 1]));
    let narrowest = rows.min_by(|a, b| (a.1 / a.0).total_cmp(&(b.1 / b.0)));
    narrowest.map_or(f64::INFINITY, |(low, high)| 2.0 * low * high / (low + high))
}

/// The day of a life.
fn day(reading: &Reading) -> f64 {
    (reading.at.secs() - 1_400_000_000) as f64 / DAY_S
}

fn days(when: When, now: &Reading) -> f64 {
    when.ahead_of(now.at).map_or(f64::INFINITY, |ahead| ahead.as_secs_f64() / DAY_S)
}

/// Days that a simple line foretells; it gets the share of powered time for nothing.
fn by(past: &[Reading], which: usize) -> f64 {
    let now = &past[past.len() - 1];
    let used = now.percent_used.map_or(0.0, Percent::get);
    let powered = now.power_on_hours.map_or(0.0, Hours::get) / day(now);
    let rate = baseline::rates(past)[which] * powered;
    if rate > 0.0 { (100.0 - used) / rate } else { f64::INFINITY }
}

fn row(asked: &[Asked], share: f64) -> Row {
    let error = |of: &dyn Fn(&Asked) -> f64| {
        median(asked.iter().map(|asked| ((of(asked) - asked.left).abs() / asked.left, 1.0)))
    };
    let part =
        |met: &dyn Fn(&Asked) -> bool| 100.0 * mean(asked.iter().map(|asked| (f64::from(u8::from(met(asked))), 1.0)));
    Row {
        share,
        lives: asked.len(),
        errors: [
            error(&|asked| asked.life),
            error(&|asked| asked.month),
            error(&|asked| asked.ours[1]),
            error(&|asked| asked.hidden),
            error(&|asked| asked.floor),
        ],
        covered: part(&|asked| asked.left >= asked.ours[0] && asked.left <= asked.ours[2]),
        below: part(&|asked| asked.left < asked.ours[0]),
        above: part(&|asked| asked.left > asked.ours[2]),
        factor: median(asked.iter().map(|asked| (asked.ours[2] / asked.ours[0], 1.0))),
    }
}

/// Drive-years below 100 %, and warnings of fewer than 90 days in them when more were left, and when more than 180 were:
/// asked each quarter.
fn warnings(life: &Life) -> (f64, usize, usize) {
    let mut seen = (0.0, 0, 0);
    for at in (90..life.readings.len()).step_by(91) {
        let now = &life.readings[at];
        let left = life.end.map_or(f64::INFINITY, |end| end - day(now));
        if left <= 0.0 {
            break;
        }
        seen.0 += 0.25;
        // Nobody can warn of a drive that is hardly worn, and each question takes milliseconds.
        if life.worn[at] < 50.0 || left <= 90.0 {
            continue;
        }
        if let Outlook::Reaches { when, .. } = wear::outlook(&life.readings[..=at], now.at).outlook
            && days(when.likely, now) < 90.0
        {
            seen.1 += 1;
            seen.2 += usize::from(left > 180.0);
        }
    }
    seen
}
