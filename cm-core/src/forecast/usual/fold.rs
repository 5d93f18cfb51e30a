//! A series cut into weeks (or days, while there are fewer than two weeks), each to be told from the others.
//!
//! It knows what a level's cells are; which level is taken is not its business.

use std::collections::BTreeMap;

use super::{HourOfWeek, Level, Point, WEEK_S, WEEKS};
use crate::clock::WallTime;

const DAY_S: i64 = 86_400;
/// Days with values that make a week worth leaving out.
const DAYS_OF_A_WEEK: usize = 4;

/// What is left out at once: a week or a day.
#[derive(Debug, Default)]
pub(super) struct Fold {
    pub(super) points: Vec<(HourOfWeek, f64)>,
}

/// The parts of a series.
#[derive(Debug)]
pub(super) struct Folds {
    pub(super) parts: Vec<Fold>,
    /// Whether the parts are weeks. Days cannot judge what repeats weekly.
    pub(super) weekly: bool,
}

/// Cuts the six weeks before `until`; also tells on how many days there are values.
pub(super) fn cut(points: &[Point], until: WallTime, offset_s: impl Fn(WallTime) -> i32) -> (Folds, usize) {
    let mut days: BTreeMap<i64, Fold> = BTreeMap::new();
    for point in points.iter().filter(|point| point.value.is_finite()) {
        let age = until.secs() - point.at.secs();
        if (1..=WEEKS * WEEK_S).contains(&age) {
            let hour = HourOfWeek::of(point.at, offset_s(point.at));
            days.entry((age - 1) / DAY_S).or_default().points.push((hour, point.value));
        }
    }
    let known = days.len();
    let mut full: BTreeMap<i64, usize> = BTreeMap::new();
    for day in days.keys() {
        *full.entry(day / 7).or_default() += 1;
    }
    full.retain(|_, days| *days >= DAYS_OF_A_WEEK);
    if full.len() < 2 {
        return (Folds { parts: days.into_values().collect(), weekly: false }, known);
    }
    let mut weeks: BTreeMap<i64, Fold> = BTreeMap::new();
    for (day, fold) in days {
        // A week of which little is known goes with its neighbour, so that none of its values is lost.
        let week = day / 7;
        let home = if full.contains_key(&week) { week } else { nearest(&full, week) };
        weeks.entry(home).or_default().points.extend(fold.points);
    }
    (Folds { parts: weeks.into_values().collect(), weekly: true }, known)
}

fn nearest(full: &BTreeMap<i64, usize>, week: i64) -> i64 {
    full.keys().copied().min_by_key(|other| (other - week).abs()).unwrap_or(week)
}

impl Folds {
    /// How far each value lies from what the other parts let expect, at this level.
    pub(super) fn unseen(&self, level: Level) -> Vec<f64> {
        let mut residuals = Vec::new();
        for (left_out, part) in self.parts.iter().enumerate() {
            let others: Vec<&Fold> =
                self.parts.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, part)| part).collect();
            let middles = middles(&others, level);
            residuals.extend(part.points.iter().map(|(hour, value)| value - middles[level.cell(*hour)]));
        }
        residuals
    }
}

/// The median of each cell; a cell without values takes that of the next coarser level.
pub(super) fn middles(parts: &[&Fold], level: Level) -> Vec<f64> {
    let mut cells = vec![Vec::new(); level.cells()];
    for (hour, value) in parts.iter().flat_map(|part| &part.points) {
        cells[level.cell(*hour)].push(*value);
    }
    let mut middles: Vec<f64> = cells.iter_mut().map(|cell| quantile(cell, 0.5)).collect();
    let coarser = match level {
        Level::HourOfWeek if middles.iter().any(|middle| middle.is_nan()) => self::middles(parts, Level::DayKind),
        Level::DayKind if middles.iter().any(|middle| middle.is_nan()) => self::middles(parts, Level::One),
        _ => return middles,
    };
    let coarse = if level == Level::HourOfWeek { Level::DayKind } else { Level::One };
    for hour in (0..168).map(HourOfWeek) {
        let middle = &mut middles[level.cell(hour)];
        if middle.is_nan() {
            *middle = coarser[coarse.cell(hour)];
        }
    }
    middles
}

/// The value below which a share of all lies, between neighbours in proportion; not a number where there are none.
pub(super) fn quantile(values: &mut [f64], share: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else { return f64::NAN };
    let place = share * last as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place within the slice")]
    let low = place.floor() as usize;
    let (_, &mut at_low, above) = values.select_nth_unstable_by(low, f64::total_cmp);
    let next = above.iter().copied().fold(f64::INFINITY, f64::min);
    if above.is_empty() { at_low } else { at_low + (next - at_low) * (place - low as f64) }
}
