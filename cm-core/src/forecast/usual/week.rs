//! A series cut into weeks, each to be told from the others.
//!
//! It knows which cell of a level an hour belongs to; which level is taken, and what makes a band, is not its business.

use std::collections::{BTreeMap, BTreeSet};

use super::{HourOfWeek, Level, Point, WEEK_S, WEEKS};
use crate::clock::WallTime;

const DAY_S: i64 = 86_400;
/// Days with values that make a week worth learning from.
const DAYS_OF_A_WEEK: usize = 4;

type Week = Vec<(HourOfWeek, f64)>;

/// The weeks of a series of which enough is known, the newest first.
#[derive(Debug)]
pub(super) struct Weeks(Vec<Week>);

impl Weeks {
    /// The weeks before `until`, counted back from it.
    pub(super) fn cut(points: &[Point], until: WallTime, offset_s: impl Fn(WallTime) -> i32) -> Self {
        let mut weeks: BTreeMap<i64, Week> = BTreeMap::new();
        let mut days = BTreeSet::new();
        for point in points.iter().filter(|point| point.value.is_finite()) {
            let age = until.secs() - point.at.secs();
            if (1..=WEEKS * WEEK_S).contains(&age) {
                let hour = HourOfWeek::of(point.at, offset_s(point.at));
                weeks.entry((age - 1) / WEEK_S).or_default().push((hour, point.value));
                days.insert((age - 1) / DAY_S);
            }
        }
        weeks.retain(|week, _| days.range(week * 7..(week + 1) * 7).count() >= DAYS_OF_A_WEEK);
        Self(weeks.into_values().collect())
    }

    pub(super) const fn count(&self) -> usize {
        self.0.len()
    }

    /// The least value of all; infinite where there are none.
    pub(super) fn least(&self) -> f64 {
        self.0.iter().flatten().map(|(_, value)| *value).fold(f64::INFINITY, f64::min)
    }

    /// The middle of each cell of a level.
    pub(super) fn middles(&self, level: Level) -> Vec<f64> {
        middles(&self.0.iter().collect::<Vec<_>>(), level)
    }

    /// By how much each week's values miss what all other weeks let expect.
    pub(super) fn told_by_the_others(&self, level: Level) -> Vec<Vec<f64>> {
        self.misses(level, |week, other| week != other)
    }

    /// By how much each week's values, but for the oldest week, miss what the weeks before it let expect: weeks drift, and
    /// what lies ahead has nothing after it to lean on.
    pub(super) fn told_by_those_before(&self, level: Level) -> Vec<Vec<f64>> {
        self.misses(level, |week, other| other > week)
    }

    fn misses(&self, level: Level, leans_on: impl Fn(usize, usize) -> bool) -> Vec<Vec<f64>> {
        let told = self.0.iter().enumerate().filter_map(|(at, week)| {
            let others: Vec<&Week> =
                self.0.iter().enumerate().filter(|(other, _)| leans_on(at, *other)).map(|(_, other)| other).collect();
            let middles = (!others.is_empty()).then(|| middles(&others, level))?;
            Some(week.iter().map(|(hour, value)| value - middles[level.cell(*hour)]).collect())
        });
        told.collect()
    }
}

/// The median of each cell; a cell without values takes that of the next coarser level.
fn middles(weeks: &[&Week], level: Level) -> Vec<f64> {
    let mut cells = vec![Vec::new(); level.cells()];
    for (hour, value) in weeks.iter().copied().flatten() {
        cells[level.cell(*hour)].push(*value);
    }
    let mut middles: Vec<f64> = cells.iter_mut().map(|cell| quantile(cell, 0.5)).collect();
    let Some(coarser) = level.coarser().filter(|_| middles.iter().any(|middle| middle.is_nan())) else {
        return middles;
    };
    let instead = self::middles(weeks, coarser);
    for hour in (0..168).map(HourOfWeek) {
        let middle = &mut middles[level.cell(hour)];
        if middle.is_nan() {
            *middle = instead[coarser.cell(hour)];
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
