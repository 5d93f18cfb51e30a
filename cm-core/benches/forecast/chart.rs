//! The picture of docs/FORECAST.md: errors as bars, coverage as dots in the band that is asked for.

use std::fmt::Write as _;

use crate::{made_up, real};

const LEFT: f64 = 230.0;
const WIDE: f64 = 430.0;
const LINE: f64 = 22.0;

/// Draws what was measured as SVG.
pub(crate) fn draw(real: Option<&Vec<real::Row>>, made_up: &[made_up::Row]) -> String {
    let mut body = String::new();
    let mut y = 40.0;
    if let Some(rows) = real {
        title(&mut body, &mut y, "Real histories: median |log error| (life line, window line, ours)");
        for row in rows.iter().filter(|row| row.cases >= 100) {
            bars(&mut body, &mut y, &row.name, &[row.base[0], row.base[2], row.exact], 1.0);
        }
        title(&mut body, &mut y, "Real histories: share inside the 90 % interval (band: 85 to 95 %)");
        for row in rows.iter().filter(|row| row.cases >= 100) {
            dot(&mut body, &mut y, &row.name, row.covered);
        }
    }
    title(
        &mut body,
        &mut y,
        "Made-up lives: median error over the days left (life line, 30-day line, ours; stroke: floor)",
    );
    for row in made_up {
        bars(&mut body, &mut y, &format!("at {} % of life", row.share), &row.errors[..3], 1.0);
        stroke(&mut body, y - LINE, row.errors[4]);
    }
    title(&mut body, &mut y, "Made-up lives: share inside the 90 % interval");
    for row in made_up {
        dot(&mut body, &mut y, &format!("at {} % of life", row.share), row.covered);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"{y:.0}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{body}</svg>\n"
    )
}

fn title(body: &mut String, y: &mut f64, words: &str) {
    *y += 14.0;
    let _ = writeln!(body, "<text x=\"20\" y=\"{y:.0}\" font-weight=\"bold\" fill=\"#222222\">{words}</text>");
    *y += LINE;
}

fn name(body: &mut String, y: f64, words: &str) {
    let x = LEFT - 10.0;
    let _ = writeln!(body, "<text x=\"{x}\" y=\"{y:.0}\" text-anchor=\"end\" fill=\"#444444\">{words}</text>");
}

fn bars(body: &mut String, y: &mut f64, words: &str, values: &[f64], full: f64) {
    name(body, *y, words);
    for (n, (value, colour)) in values.iter().zip(["#b8b8b8", "#808080", "#1f6feb"]).enumerate() {
        let (wide, top) = ((value / full).clamp(0.0, 1.0) * WIDE, *y - 12.0 + n as f64 * 5.0);
        let _ =
            writeln!(body, "<rect x=\"{LEFT}\" y=\"{top:.0}\" width=\"{wide:.1}\" height=\"4\" fill=\"{colour}\"/>");
    }
    let (x, value) = (LEFT + WIDE + 10.0, values.last().copied().unwrap_or(0.0));
    let _ = writeln!(body, "<text x=\"{x}\" y=\"{y:.0}\" fill=\"#1f6feb\">{value:.3}</text>");
    *y += LINE;
}

/// A stroke across the bars whose words stand at `y`, at a value from 0 to 1.
fn stroke(body: &mut String, y: f64, value: f64) {
    let (x, top) = (LEFT + value.clamp(0.0, 1.0) * WIDE, y - 14.0);
    let _ = writeln!(body, "<rect x=\"{x:.1}\" y=\"{top:.0}\" width=\"2\" height=\"19\" fill=\"#222222\"/>");
}

fn dot(body: &mut String, y: &mut f64, words: &str, percent: f64) {
    let at = |percent: f64| LEFT + (percent - 60.0).clamp(0.0, 40.0) / 40.0 * WIDE;
    name(body, *y, words);
    let (from, wide, top) = (at(85.0), at(95.0) - at(85.0), *y - 14.0);
    let _ =
        writeln!(body, "<rect x=\"{from:.0}\" y=\"{top:.0}\" width=\"{wide:.0}\" height=\"{LINE}\" fill=\"#e6efe6\"/>");
    let (x, middle) = (at(percent), *y - 4.0);
    let _ = writeln!(body, "<circle cx=\"{x:.1}\" cy=\"{middle:.0}\" r=\"4\" fill=\"#1f6feb\"/>");
    let x = LEFT + WIDE + 10.0;
    let _ = writeln!(body, "<text x=\"{x}\" y=\"{y:.0}\" fill=\"#1f6feb\">{percent:.1} %</text>");
    *y += LINE;
}
