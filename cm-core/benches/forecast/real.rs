//! Section one of the protocol: real histories, cut at each reading that has enough behind it, foretold to their last.
//!
//! A case is a drive as it stood at one reading with at least 60 powered days of history behind it and 3 % used or more.
//! Cases are never chosen by what came later. Fleets, not drives, are split: 50 % to fit constants, 25 % to calibrate the
//! interval, 25 % held out; a drive weighs one over the root of its fleet's size.

use std::collections::HashMap;
use std::str::FromStr;

use cm_core::forecast::wear::{self, Growth, Reading, Scale};
use cm_core::unit::Hours;

use crate::baseline::{self, NAMES};
use crate::history::{History, hours, used};
use crate::score::{hash, log_error, mean, median, quantile, scramble};
use crate::warning::Warnings;

const YEAR_H: f64 = 8_766.0;
/// A stratum with fewer cases is shown, but no goal hangs on it.
const ENOUGH: usize = 200;

/// Which part of the fleets, or of the seeds, is judged.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Part {
    Fit,
    Calibrate,
    HeldOut,
    All,
}

impl FromStr for Part {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "fit" => Ok(Self::Fit),
            "calibrate" => Ok(Self::Calibrate),
            "held-out" => Ok(Self::HeldOut),
            "all" => Ok(Self::All),
            _ => Err(format!("--part {word}? It is fit, calibrate, held-out or all")),
        }
    }
}

impl Part {
    fn holds(self, fleet: &str) -> bool {
        match hash(fleet) % 100 {
            _ if self == Self::All => true,
            0..50 => self == Self::Fit,
            50..75 => self == Self::Calibrate,
            _ => self == Self::HeldOut,
        }
    }
}

/// One case with what was foretold and what came.
struct Case {
    fleet: u64,
    weight: f64,
    nvme: bool,
    /// Days ahead, percents that the counter moved in the history, and used at the cut; the life's rate in % a year.
    ahead_d: f64,
    steps: f64,
    used: f64,
    life: f64,
    span_d: f64,
    truth: f64,
    ours: Growth,
    base: [f64; 6],
}

/// One row of the tables.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) cases: usize,
    pub(crate) base: [f64; 6],
    pub(crate) ours: f64,
    pub(crate) exact: f64,
    pub(crate) best_rounded: f64,
    pub(crate) covered: f64,
    pub(crate) below: f64,
    pub(crate) above: f64,
    pub(crate) factor: f64,
}

/// Judges a part of the histories, prints what came out, and adds the goals that were missed.
pub(crate) fn judge(histories: &[History], part: Part, missed: &mut Vec<String>) -> Vec<Row> {
    let mut sizes: HashMap<&str, f64> = HashMap::new();
    for history in histories {
        *sizes.entry(&history.fleet).or_default() += 1.0;
    }
    let chosen: Vec<&History> = histories.iter().filter(|history| part.holds(&history.fleet)).collect();
    let mut cases = Vec::new();
    let mut warnings = Warnings::default();
    for history in &chosen {
        let weight = sizes[history.fleet.as_str()].sqrt().recip();
        for segment in segments(&history.readings) {
            for at in 1..segment.len().saturating_sub(1) {
                if let Some(case) = case(history, segment, at, weight) {
                    warnings.count(segment, at);
                    cases.push(case);
                }
            }
        }
    }
    println!("## Real histories\n\n{} drives in the part judged, {} cases.\n", chosen.len(), cases.len());
    let rows: Vec<Row> = strata(&cases).into_iter().map(|(name, cases)| row(name, &cases)).collect();
    print(&rows);
    bootstrap(&cases);
    warnings.print();
    goals(&rows, &warnings, missed);
    rows
}

/// A history in pieces within which no counter of wear falls.
fn segments(readings: &[Reading]) -> Vec<&[Reading]> {
    readings.chunk_by(|a, b| b.percent_used >= a.percent_used).collect()
}

fn case(history: &History, segment: &[Reading], at: usize, weight: f64) -> Option<Case> {
    let (first, cut, last) = (&segment[0], &segment[at], segment.last()?);
    let ahead = hours(last) - hours(cut);
    let end = if cut.scale == Scale::To99 { 99.0 } else { 255.0 };
    // A counter at its end tells nothing of what came.
    if hours(cut) - hours(first) < 1_440.0 || used(cut) < 3.0 || ahead <= 0.0 || used(last) >= end {
        return None;
    }
    let past = &segment[..=at];
    Some(Case {
        fleet: hash(&history.fleet),
        weight,
        nvme: history.nvme,
        ahead_d: ahead / 24.0,
        steps: used(cut) - used(first),
        used: used(cut),
        life: used(cut) / hours(cut) * YEAR_H,
        span_d: (hours(cut) - hours(first)) / 24.0,
        truth: used(last) - used(cut),
        ours: wear::growth(past, Hours::saturating(ahead))?,
        base: baseline::rates(past).map(|rate| rate * ahead),
    })
}

fn strata(cases: &[Case]) -> Vec<(String, Vec<&Case>)> {
    type Of = fn(&Case) -> f64;
    let axes: [(&str, Of, &[f64]); 5] = [
        ("days ahead", |case| case.ahead_d, &[0.0, 60.0, 150.0, 250.0, 500.0, 1e9]),
        ("steps seen", |case| case.steps, &[0.0, 1.0, 3.0, 7.0, 15.0, 1e9]),
        ("% used", |case| case.used, &[3.0, 10.0, 30.0, 70.0, 1e9]),
        ("life's rate, %/year", |case| case.life, &[0.0, 2.0, 5.0, 10.0, 1e9]),
        ("days behind", |case| case.span_d, &[60.0, 150.0, 250.0, 500.0, 1e9]),
    ];
    let mut strata = vec![("all".to_owned(), cases.iter().collect::<Vec<_>>())];
    for (name, nvme) in [("SATA", false), ("NVMe", true)] {
        strata.push((name.to_owned(), cases.iter().filter(|case| case.nvme == nvme).collect()));
    }
    for (axis, of, ends) in axes {
        for pair in ends.windows(2) {
            let name = match pair[1] {
                1e9 => format!("{axis}: {} and more", pair[0]),
                high => format!("{axis}: {} to below {high}", pair[0]),
            };
            strata.push((name, cases.iter().filter(|case| of(case) >= pair[0] && of(case) < pair[1]).collect()));
        }
    }
    strata
}

fn row(name: String, cases: &[&Case]) -> Row {
    let error = |foretold: &dyn Fn(&Case) -> f64| {
        median(cases.iter().map(|case| (log_error(foretold(case), case.truth), case.weight)))
    };
    let share = |met: &dyn Fn(&Case) -> bool| {
        100.0 * mean(cases.iter().map(|case| (f64::from(u8::from(met(case))), case.weight)))
    };
    Row {
        name,
        cases: cases.len(),
        base: std::array::from_fn(|n| error(&|case| case.base[n])),
        ours: error(&|case| case.ours.likely),
        exact: error(&|case| case.ours.exact),
        best_rounded: (0..6).map(|n| error(&|case| case.base[n].round())).fold(f64::INFINITY, f64::min),
        covered: share(&|case| case.truth >= case.ours.low && case.truth <= case.ours.high),
        below: share(&|case| case.truth < case.ours.low),
        above: share(&|case| case.truth > case.ours.high),
        factor: median(cases.iter().map(|case| ((case.ours.high + 0.5) / (case.ours.low + 0.5), case.weight))),
    }
}

impl Row {
    fn best(&self) -> f64 {
        self.base.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

/// How much worse than the best; nothing is worse than nothing.
fn ratio(ours: f64, best: f64) -> f64 {
    if ours <= best { if best > 0.0 { ours / best } else { 1.0 } } else { ours / best }
}

fn print(rows: &[Row]) {
    println!("Median |log((true + 0.5) / (foretold + 0.5))| of the points used at the last reading:\n");
    println!(
        "| stratum | cases | {} | ours | ours / best | ours, whole points | best, whole points | ratio |",
        NAMES.join(" | ")
    );
    println!("|---|{}", "---|".repeat(NAMES.len() + 6));
    for row in rows.iter().filter(|row| row.cases > 0) {
        let base = row.base.map(|error| format!("{error:.3}")).join(" | ");
        println!(
            "| {} | {} | {base} | {:.3} | {:.2} | {:.3} | {:.3} | {:.2} |",
            row.name,
            row.cases,
            row.exact,
            ratio(row.exact, row.best()),
            row.ours,
            row.best_rounded,
            ratio(row.ours, row.best_rounded)
        );
    }
    println!(
        "\nThe 90 % interval:\n\n| stratum | cases | covered | below | above | factor between its ends |\n|---|---|---|---|---|---|"
    );
    for row in rows.iter().filter(|row| row.cases > 0) {
        println!(
            "| {} | {} | {:.1} % | {:.1} % | {:.1} % | {:.2} |",
            row.name, row.cases, row.covered, row.below, row.above, row.factor
        );
    }
    println!();
}

/// Error bars: fleets drawn anew, 200 times.
fn bootstrap(cases: &[Case]) {
    let mut fleets: Vec<u64> = cases.iter().map(|case| case.fleet).collect();
    fleets.sort_unstable();
    fleets.dedup();
    if fleets.is_empty() {
        return;
    }
    let mut drawn: [Vec<(f64, f64)>; 2] = [Vec::new(), Vec::new()];
    for round in 0..200_u64 {
        let mut times: HashMap<u64, f64> = HashMap::new();
        for n in 0..fleets.len() as u64 {
            let at = scramble(round * 1_000_003 + n) % fleets.len() as u64;
            *times.entry(fleets[usize::try_from(at).expect("an index")]).or_default() += 1.0;
        }
        let again: Vec<(&Case, f64)> =
            cases.iter().filter_map(|case| times.get(&case.fleet).map(|times| (case, times * case.weight))).collect();
        let error =
            |of: &dyn Fn(&Case) -> f64| median(again.iter().map(|(case, w)| (log_error(of(case), case.truth), *w)));
        let best = (0..6).map(|n| error(&|case| case.base[n])).fold(f64::INFINITY, f64::min);
        drawn[0].push((error(&|case| case.ours.exact) / best, 1.0));
        let inside = |case: &Case| f64::from(u8::from(case.truth >= case.ours.low && case.truth <= case.ours.high));
        drawn[1].push((100.0 * mean(again.iter().map(|(case, w)| (inside(case), *w))), 1.0));
    }
    let ends = |values: &Vec<(f64, f64)>| (quantile(values.clone(), 0.05), quantile(values.clone(), 0.95));
    let (ratio, covered) = (ends(&drawn[0]), ends(&drawn[1]));
    println!(
        "Fleets drawn anew 200 times, 5 to 95 %: ours / best {:.2} to {:.2}, covered {:.1} to {:.1} %.\n",
        ratio.0, ratio.1, covered.0, covered.1
    );
}

fn goals(rows: &[Row], warnings: &Warnings, missed: &mut Vec<String>) {
    let Some(all) = rows.first().filter(|all| all.cases > 0) else { return };
    let mut goal = |met: bool, words: String| {
        if !met {
            missed.push(words);
        }
    };
    goal(
        all.exact <= 0.75 * all.base[0],
        format!("real: error {:.3}, goal a quarter below the life line's {:.3}", all.exact, all.base[0]),
    );
    goal((85.0..=95.0).contains(&all.covered), format!("real: {:.1} % covered, goal 85 to 95 %", all.covered));
    for row in rows.iter().filter(|row| row.cases >= ENOUGH) {
        let (exact, whole) = (ratio(row.exact, row.best()), ratio(row.ours, row.best_rounded));
        goal(exact <= 1.02, format!("real, {}: {exact:.2} of the best baseline's error, goal 1.02", row.name));
        goal(
            whole <= 1.02,
            format!("real, {}, both in whole points: {whole:.2} of the best baseline's error, goal 1.02", row.name),
        );
        goal(
            (80.0..=97.0).contains(&row.covered),
            format!("real, {}: {:.1} % covered, goal 80 to 97 %", row.name, row.covered),
        );
    }
    let rate = warnings.false_rate();
    goal(rate <= 0.2, format!("real: {rate:.2} false warnings in 100 drive-years, goal 0.2"));
}
