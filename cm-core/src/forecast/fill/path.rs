//! The weeks that were, played again in another order until a limit is met.
//!
//! A block bootstrap: whole weeks are drawn, so that what happens on Sundays happens every seventh day. It knows changes
//! and a distance, no dates and no units.

use super::Change;
use super::event::{Event, Events};
use crate::forecast::dice::Dice;

const PATHS: usize = 2000;
const SEED: u64 = 0x0f11_0000_0f11_0000;
/// Days after which a week weighs half.
const HALF_LIFE_DAYS: f64 = 60.0;
/// A workload drifts: standard deviation of the logarithm of its rate after a week. What drives' histories wear at drifts
/// by 0.82 in a year (docs/FORECAST.md), so 0.82 / sqrt(52.18). That fill-up drifts as wear does is assumed.
const DRIFT_A_WEEK: f64 = 0.1135;
/// Weeks after which the drift stops, because no history says how it goes on: three years.
const DRIFT_WEEKS: usize = 156;
/// 20 years, beyond which nothing is foretold.
const HORIZON_WEEKS: usize = 1044;
/// The 95 % quantile of Student's t by degrees of freedom from 1 on, over that of the normal distribution: how much wider
/// an interval must be that was made from few weeks.
const FEW: [f64; 12] = [3.838, 1.775, 1.431, 1.296, 1.225, 1.181, 1.152, 1.131, 1.114, 1.102, 1.092, 1.083];

/// Seven days' changes in the order in which they happened.
#[derive(Debug)]
struct Week {
    days: [f64; 7],
    /// What they come to.
    sum: f64,
    /// The most that had been added by the end of any of the days; zero if nothing ever was.
    peak: f64,
}

impl Week {
    fn new(newest_first: &[f64]) -> Self {
        let mut week = Self { days: [0.0; 7], sum: 0.0, peak: 0.0 };
        for (day, change) in week.days.iter_mut().zip(newest_first.iter().rev()) {
            *day = *change;
            week.sum += change;
            week.peak = week.peak.max(week.sum);
        }
        week
    }
}

/// The weeks to draw from, and what they come to on average.
#[derive(Debug)]
pub(super) struct Weeks<'a> {
    /// Each with the sum of all weights up to it.
    drawn_from: Vec<(Week, f64)>,
    /// How many equal weeks the weighted ones are worth.
    worth: usize,
    mean: f64,
    widened: f64,
    days: f64,
    events: &'a Events,
}

impl<'a> Weeks<'a> {
    /// From two weeks on.
    pub(super) fn new(events: &'a Events) -> Self {
        let mut weeks = Vec::new();
        let (mut sum, mut squares, mut mean) = (0.0, 0.0, 0.0);
        for (age, days) in events.repeated.chunks_exact(7).enumerate() {
            let week = Week::new(days);
            let weight = (-(age as f64) * 7.0 / HALF_LIFE_DAYS).exp2();
            sum += weight;
            squares += weight * weight;
            mean += weight * week.sum;
            weeks.push((week, sum));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 1 and the number of weeks"
        )]
        let worth = (sum * sum / squares).round() as usize;
        let few = FEW.get(worth.saturating_sub(2)).copied().unwrap_or(1.0);
        let widened = few * (worth as f64 / (worth as f64 - 1.0).max(1.0)).sqrt();
        Self { drawn_from: weeks, worth, mean: mean / sum, widened, days: events.repeated.len() as f64, events }
    }

    /// The mean change a day and its 90 % interval.
    pub(super) fn mean_change(&self) -> Change {
        let mut means: Vec<f64> = (0..PATHS).map(|path| self.draw(&mut Dice::of_path(SEED, path)).1 / 7.0).collect();
        let mean = self.mean / 7.0;
        let (low, high) = (quantile(&mut means, 0.05), quantile(&mut means, 0.95));
        Change { low: low.min(mean), mean, high: high.max(mean) }
    }

    /// Days until what is used has grown by `free`: the 5 %, 50 % and 95 % quantiles, infinite beyond 20 years.
    pub(super) fn days_to(&self, free: f64) -> [f64; 3] {
        let mut days: Vec<f64> = (0..PATHS).map(|path| self.walk(free, &mut Dice::of_path(SEED, path))).collect();
        days.sort_by(f64::total_cmp);
        [0.05, 0.5, 0.95].map(|share| days[nearest(share, days.len())])
    }

    /// Weeks that could have been seen instead of those that were, and the change a week that they would tell.
    fn draw(&self, dice: &mut Dice) -> (Vec<&Week>, f64) {
        let total = self.drawn_from.last().map_or(0.0, |(_, sum)| *sum);
        let drawn: Vec<&Week> = (0..self.worth)
            .map(|_| {
                let at = dice.unit() * total;
                let place = self.drawn_from.partition_point(|(_, sum)| *sum <= at).min(self.drawn_from.len() - 1);
                &self.drawn_from[place].0
            })
            .collect();
        let mean = drawn.iter().map(|week| week.sum).sum::<f64>() / self.worth as f64;
        (drawn, self.mean + (mean - self.mean) * self.widened)
    }

    fn walk(&self, free: f64, dice: &mut Dice) -> f64 {
        let (weeks, mean) = self.draw(dice);
        let own = weeks.iter().map(|week| week.sum).sum::<f64>() / weeks.len() as f64;
        let shift = (mean - own) / 7.0;
        let rises = Rare::new(&self.events.rises, self.days, dice);
        let falls = Rare::new(&self.events.falls, self.days, dice);
        let eventful = !(rises.events.is_empty() && falls.events.is_empty());
        let (mut left, mut pace) = (free, 1.0_f64);
        for number in 0..HORIZON_WEEKS {
            if number < DRIFT_WEEKS {
                pace *= (DRIFT_A_WEEK * dice.nearly_normal()).exp();
            }
            let week = weeks[dice.below(weeks.len())];
            // Most weeks end far from the limit, and need no look at their days.
            if !eventful && (week.peak + 7.0 * shift.max(0.0)) * pace < left {
                left -= (week.sum + 7.0 * shift) * pace;
                continue;
            }
            for (day, change) in week.days.iter().enumerate() {
                let step = (change + shift) * pace + rises.on_a_day(dice) + falls.on_a_day(dice);
                if step >= left {
                    return (number * 7 + day) as f64 + if step > 0.0 { left.max(0.0) / step } else { 0.0 };
                }
                left -= step;
            }
        }
        f64::INFINITY
    }
}

/// Events that come at random, as often as they were seen.
struct Rare<'a> {
    events: &'a [Event],
    chance: f64,
}

impl<'a> Rare<'a> {
    fn new(events: &'a [Event], days: f64, dice: &mut Dice) -> Self {
        // How often is as unsure as a count is: the gamma distribution of a Poisson rate of which n were seen.
        let gamma: f64 = (0..events.len()).map(|_| -(1.0 - dice.unit()).ln()).sum();
        Self { events, chance: gamma / days }
    }

    fn on_a_day(&self, dice: &mut Dice) -> f64 {
        if self.events.is_empty() || dice.unit() >= self.chance {
            return 0.0;
        }
        self.events[dice.below(self.events.len())].change
    }
}

fn nearest(share: f64, n: usize) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place within the slice")]
    let place = (share * n.saturating_sub(1) as f64).round() as usize;
    place
}

/// The value below which a share of all lies; zero where there are none.
pub(super) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(nearest(share, values.len())).copied().unwrap_or(0.0)
}
