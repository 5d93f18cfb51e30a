//! How well the forecast of wear foretells: over real histories, and over made-up lives, told apart.
//!
//! `bench/forecast` starts it; docs/FORECAST.md says what is asked and what came out. It prints tables in Markdown and, with
//! `--chart FILE`, draws a picture of them. Exits with 1 when a goal is missed.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints tables")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "days and shares of made-up lives are small"
)]

mod baseline;
mod chart;
mod history;
mod life;
mod made_up;
mod real;
mod score;
mod warning;

use std::path::PathBuf;
use std::process::ExitCode;

/// What was asked for.
struct Asked {
    data: Option<PathBuf>,
    chart: Option<PathBuf>,
    lives: u64,
    part: real::Part,
}

fn asked() -> Result<Asked, String> {
    let mut asked = Asked {
        data: std::env::var_os("CM_WEAR_DATA").map(PathBuf::from),
        chart: None,
        lives: 1_000,
        part: real::Part::HeldOut,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} wants a value"));
        match word.as_str() {
            "--data" => asked.data = Some(value()?.into()),
            "--chart" => asked.chart = Some(value()?.into()),
            "--lives" => asked.lives = value()?.parse().map_err(|_| "--lives wants a number")?,
            "--part" => asked.part = value()?.parse()?,
            // What cargo adds to every bench.
            "--bench" => {}
            _ => {
                return Err(format!(
                    "{word}? It knows --data FILE, --chart FILE, --lives N, --part fit|calibrate|held-out|all"
                ));
            }
        }
    }
    Ok(asked)
}

fn main() -> ExitCode {
    let asked = match asked() {
        Ok(asked) => asked,
        Err(wrong) => {
            eprintln!("bench/forecast: {wrong}");
            return ExitCode::from(2);
        }
    };
    let mut missed = Vec::new();
    let real = match &asked.data {
        None => {
            println!(
                "No real histories: name them with --data FILE or CM_WEAR_DATA (docs/FORECAST.md says in which columns).\n"
            );
            None
        }
        Some(path) => match history::read(path) {
            Ok(histories) => Some(real::judge(&histories, asked.part, &mut missed)),
            Err(wrong) => {
                println!("No real histories: {}: {wrong}.\n", path.display());
                None
            }
        },
    };
    let made_up = made_up::judge(asked.part, asked.lives, &mut missed);
    if let Some(path) = &asked.chart
        && let Err(wrong) = std::fs::write(path, chart::draw(real.as_ref(), &made_up))
    {
        eprintln!("bench/forecast: {}: {wrong}", path.display());
        return ExitCode::FAILURE;
    }
    for goal in &missed {
        println!("MISSED: {goal}");
    }
    if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
