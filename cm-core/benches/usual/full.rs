//! How well fill-up is foretold for made-up filesystems, beside two lines that people use and one that is better.

use cm_core::clock::WallTime;
use cm_core::forecast::fill::{Fill, Reading, forecast};
use cm_core::forecast::{Grade, When};
use cm_core::unit::Unit;

use super::life::{AHEAD, Habit, Life};

const DAY_S: i64 = 86_400;

/// One filesystem and what was said of it; days, capped where the made-up future ends.
struct Case {
    life: Life,
    truth: f64,
    met: bool,
    said: Said,
    lines: [f64; 3],
}

/// Whether a case counts in a row.
type Belongs = dyn Fn(&Case) -> bool;

enum Said {
    Days { early: f64, likely: f64, late: f64, grade: Grade },
    Not,
    TooLittle,
}

impl Case {
    fn new(seed: u64) -> Option<Self> {
        let life = Life::new(seed);
        let now = WallTime::from_secs(1_767_571_200);
        let readings: Vec<Reading> = (0..=life.today)
            .map(|day| {
                let back = i64::try_from(life.today - day).expect("some hundred days") * DAY_S;
                Reading { at: WallTime::from_secs(now.secs() - back), used: life.used[day], limit: life.limit[day] }
            })
            .collect();
        if readings[life.today].used >= readings[life.today].limit {
            return None;
        }
        let days = |when: When| when.ahead_of(now).map_or(f64::INFINITY, |span| span.as_secs_f64() / DAY_S as f64);
        let said = match forecast(&readings, Unit::Bytes, now) {
            Fill::Filling { when, grade, .. } => {
                Said::Days { early: days(when.early), likely: days(when.likely), late: days(when.late), grade }
            }
            Fill::NotFilling { .. } => Said::Not,
            Fill::TooLittle(_) => Said::TooLittle,
            Fill::Full => return None,
        };
        let free = readings[life.today].limit - readings[life.today].used;
        let past = &life.used[life.today.saturating_sub(90)..=life.today];
        let month = &past[past.len().saturating_sub(31)..];
        let week = (past[past.len() - 1] - past[past.len() - 8]) / 7.0;
        let lines = [slope(month), week, slope(past)].map(|rate| if rate > 0.0 { free / rate } else { f64::INFINITY });
        let met = life.days_to_full();
        Some(Self { truth: met.map_or(AHEAD as f64, |days| days as f64), met: met.is_some(), life, said, lines })
    }

    /// The absolute logarithm of what was said over what came, both capped where the future ends.
    fn error(&self, days: f64) -> f64 {
        ((days.min(AHEAD as f64) + 0.5) / (self.truth + 0.5)).ln().abs()
    }
}

/// Least squares through one value a day.
fn slope(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let middle = (n - 1.0) / 2.0;
    let mean = values.iter().sum::<f64>() / n;
    let (mut xy, mut xx) = (0.0, 0.0);
    for (x, value) in values.iter().enumerate() {
        xy += (x as f64 - middle) * (value - mean);
        xx += (x as f64 - middle).powi(2);
    }
    xy / xx
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

pub(crate) fn report(seeds: std::ops::Range<u64>) {
    println!("\nFill-up of made-up filesystems, seeds {} to {}\n", seeds.start, seeds.end - 1);
    let cases: Vec<Case> = seeds.filter_map(Case::new).collect();
    println!(
        "| filesystems | cases | says a date | in the interval | earlier | later | median error | 30-day line | last week | 90-day line | median late/early |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let strata: [(&str, &Belongs); 10] = [
        ("all", &|_| true),
        ("growing", &|case| case.life.habit == Habit::Grows),
        ("growing, with rotation", &|case| case.life.habit == Habit::Grows && case.life.saws),
        ("growing, a rare event behind", &|case| case.life.habit == Habit::Grows && case.life.events),
        ("growing, neither", &|case| case.life.habit == Habit::Grows && !case.life.events && !case.life.saws),
        ("full within 90 days", &|case| case.truth <= 90.0),
        ("full in 90 days to a year", &|case| case.met && (90.0..365.0).contains(&case.truth)),
        ("full later", &|case| case.truth > 365.0),
        ("watched 20 to 45 days", &|case| case.life.today <= 45),
        ("watched 90 days and more", &|case| case.life.today >= 90),
    ];
    for (name, belongs) in strata {
        row(name, &cases.iter().filter(|case| belongs(case)).collect::<Vec<_>>());
    }
    sentences(&cases);
}

fn row(name: &str, cases: &[&Case]) {
    let (mut inside, mut earlier, mut later) = (0, 0, 0);
    let (mut own, mut lines, mut ratios) = (Vec::new(), [const { Vec::new() }; 3], Vec::new());
    for case in cases {
        let Said::Days { early, likely, late, .. } = case.said else { continue };
        let end = AHEAD as f64;
        if case.truth < early.floor() && case.met {
            earlier += 1;
        } else if case.truth > late.ceil() || (!case.met && late < end) {
            later += 1;
        } else {
            inside += 1;
        }
        ratios.push(late.min(7305.0) / early.max(0.5));
        own.push(case.error(likely));
        lines.iter_mut().zip(case.lines).for_each(|(line, days)| line.push(case.error(days)));
    }
    let said = own.len();
    let share = |n: usize| 100.0 * n as f64 / said.max(1) as f64;
    let [month, week, quarter] = lines.map(median);
    println!(
        "| {name} | {} | {said} | {:.1} % | {:.1} % | {:.1} % | {:.3} | {month:.3} | {week:.3} | {quarter:.3} | {:.1} |",
        cases.len(),
        share(inside),
        share(earlier),
        share(later),
        median(own),
        median(ratios),
    );
}

fn sentences(cases: &[Case]) {
    let count = |wanted: &dyn Fn(&&Case) -> bool| cases.iter().filter(wanted).count();
    let not = |case: &Case| matches!(case.said, Said::Not);
    let little = |case: &Case| matches!(case.said, Said::TooLittle);
    let soon = |case: &Case| matches!(case.said, Said::Days { likely, .. } if likely < 90.0);
    let rough = |case: &Case| matches!(case.said, Said::Days { grade: Grade::Rough, .. });
    println!(
        "\n\"Not filling\" is said of {}, of which {} are full within 90 days and {} within a year; \"too little data\" of {}; rough dates are {}.",
        count(&|case| not(case)),
        count(&|case| not(case) && case.truth <= 90.0),
        count(&|case| not(case) && case.truth <= 365.0),
        count(&|case| little(case)),
        count(&|case| rough(case)),
    );
    println!(
        "Of {} full within 90 days {} were foretold to be. A date within 90 days was said of {}, of which {} are not full within 180; the 30-day line says so of {}, of which {} are not.",
        count(&|case| case.truth <= 90.0),
        count(&|case| case.truth <= 90.0 && soon(case)),
        count(&|case| soon(case)),
        count(&|case| soon(case) && case.truth > 180.0),
        count(&|case| case.lines[0] < 90.0),
        count(&|case| case.lines[0] < 90.0 && case.truth > 180.0),
    );
}
