//! What anybody would do first: six simple rates of wear, in percent an hour.

use cm_core::forecast::wear::Reading;
use cm_core::unit::{Hours, Percent};

/// Name and rate of each; a rate that the readings do not give is that of the whole window.
pub(crate) const NAMES: [&str; 6] =
    ["(a) life line", "(b) 30-day line", "(c) window line", "(c') window ends", "(d) last interval", "(e) bytes"];

/// Hours and percent of a reading.
fn point(reading: &Reading) -> (f64, f64) {
    (reading.power_on_hours.map_or(0.0, Hours::get), reading.percent_used.map_or(0.0, Percent::get))
}

/// The rates, in the order of [`NAMES`]; the readings are at least two, by hours.
pub(crate) fn rates(readings: &[Reading]) -> [f64; 6] {
    let points: Vec<(f64, f64)> = readings.iter().map(point).collect();
    let (first, last) = (points[0], points[points.len() - 1]);
    let life = last.1 / last.0.max(1.0);
    let ends = (last.1 - first.1) / (last.0 - first.0).max(1.0);
    let before = points.iter().rev().find(|point| last.0 - point.0 >= 1.0).copied().unwrap_or(first);
    let interval = (last.1 - before.1) / (last.0 - before.0).max(1.0);
    let month: Vec<(f64, f64)> = points.iter().filter(|point| last.0 - point.0 <= 720.0).copied().collect();
    let month = squares(&month).unwrap_or(interval);
    [life, month, squares(&points).unwrap_or(ends), ends, interval, bytes(readings).unwrap_or(ends)]
}

/// The slope of least squares.
fn squares(points: &[(f64, f64)]) -> Option<f64> {
    let n = points.len() as f64;
    let (x, y) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let spread: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    (spread > 0.0).then(|| points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>() / spread)
}

/// Bytes an hour of the window over bytes a percent of the whole life.
fn bytes(readings: &[Reading]) -> Option<f64> {
    let (first, last) = (readings.first()?, readings.last()?);
    let grew = readings.windows(2).all(|pair| pair[0].bytes_written <= pair[1].bytes_written);
    let (before, after) = (first.bytes_written?.get(), last.bytes_written?.get());
    let (start, end) = (point(first), point(last));
    (grew && after > 0.0).then(|| (after - before) / (end.0 - start.0).max(1.0) / (after / (end.1 + 0.5)))
}
