//! What a history costs, part by part, beside plain rows in SQLite. `bench/run history` runs the parts and makes a table.
//!
//! `cargo bench -p cm-core --bench history -- PART ...`; each part prints lines of a name and a number.
//!
//! | part | what it does |
//! |---|---|
//! | `size FEED DAYS FILE` | stores telemetry (`fleet`, `restless`) as recording does, and reads one series back |
//! | `export FEED DAYS` | the very same samples as lines of JSON, as `VictoriaMetrics` imports them |
//! | `plain FEED HOURS SERIES FILE` | the same as rows, 500 a transaction; of so many series alone, or of all (0) |
//! | `chart FILE` | a year of hours of ten hosts with 80 series each, and a chart of 200 points |
//! | `large FILE`, `open FILE` | makes a file of 1 GB; opens one, in a process of its own |
//! | `stuck FILE` | 1,000 commits of 500 rows while a reader stands still, ours and plain |
//! | `month DAYS FILE` | days of the fleet of five at the default retention, and what a year would take |
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

mod chart;
mod export;
mod large;
mod month;
mod ours;
mod plain;
mod stuck;
mod telemetry;

use std::path::Path;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let number = |at: usize| word(at).parse().unwrap_or_else(|_| panic!("{:?} is no number", word(at)));
    let file = |at: usize| Path::new(word(at));
    match word(0) {
        "size" => ours::size(word(1), number(2), file(3)),
        "export" => export::export(word(1), number(2)),
        "plain" => plain::plain(word(1), number(2), number(3), file(4)),
        "chart" => chart::chart(file(1)),
        "large" => large::make(file(1)),
        "open" => large::open(file(1)),
        "stuck" => stuck::stuck(file(1)),
        "month" => month::month(number(1), file(2)),
        other => panic!("no part is called {other:?}"),
    }
}

/// One figure.
fn tell(name: &str, value: f64) {
    println!("{name} {value}");
}
