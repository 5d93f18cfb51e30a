//! Rates that rise and fall as on real machines, and the exact totals that belong to them.
//!
//! A [`Flow`] has a level at every moment and a total in closed form, so a counter read at any two moments agrees with
//! the rate between them, however far apart they lie and whoever asks in between. It does not know what flows.
//!
//! Only `+ - * /` and comparisons are used: these are the same on every platform, where `sin` and `exp` are not.

use super::spell::Spells;

/// Seconds in a day.
pub(super) const DAY: f64 = 86_400.0;

/// A number from 0 (included) to 1 for an index under a seed: the finaliser of splitmix64 (Steele, Lea, Flood 2014).
///
/// Not a random number crate: what is wanted is the number at *any* index without drawing those before it, and the
/// same one in every later version.
pub(super) fn chance(seed: u64, index: i64) -> f64 {
    (scramble(seed, index) >> 11) as f64 / 9_007_199_254_740_992.0
}

/// The 64 bits behind [`chance`]; also makes a new seed from a seed and an index.
pub(super) fn scramble(seed: u64, index: i64) -> u64 {
    let mut bits = seed.wrapping_add(index.cast_unsigned().wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Splits a moment into the number of a cell of width `period`, and the place within it from 0 to 1.
pub(super) fn cell(t: f64, period: f64) -> (i64, f64) {
    let whole = (t / period).floor();
    #[expect(clippy::cast_possible_truncation, reason = "moments lie within 8,000 years, periods are seconds at least")]
    let index = whole as i64;
    (index, (t / period - whole).clamp(0.0, 1.0))
}

/// The smooth way from 0 to 1.
pub(super) fn ease(u: f64) -> f64 {
    let u = u.clamp(0.0, 1.0);
    u * u * (3.0 - 2.0 * u)
}

/// The area under [`ease`] from 0 to `u`.
fn eased_area(u: f64) -> f64 {
    u * u * u * (1.0 - u / 2.0)
}

/// Smooth noise: periods in seconds, and how much each counts. The shares sum to 1.
const OCTAVES: [(f64, f64); 4] = [(41.0, 0.2), (307.0, 0.25), (2_411.0, 0.3), (19_001.0, 0.25)];

/// One octave's value at a lattice point, from -1 to 1: the difference of two neighbours, so that sums telescope and
/// the total stays bounded and cheap.
fn lattice(seed: u64, k: i64) -> f64 {
    chance(seed, k) - chance(seed, k - 1)
}

/// Smooth noise from -1 to 1 about 0. Cost: 4 octaves, 3 hashes each.
pub(super) fn noise(seed: u64, t: f64) -> f64 {
    let mut sum = 0.0;
    for (octave, (period, share)) in OCTAVES.into_iter().enumerate() {
        let seed = seed ^ ((octave as u64) << 56);
        let (k, u) = cell(t, period);
        let (from, to) = (lattice(seed, k), lattice(seed, k + 1));
        sum += share * (from + (to - from) * ease(u));
    }
    sum
}

/// The area under [`noise`] up to `t`, from a moment of its own.
fn noise_area(seed: u64, t: f64) -> f64 {
    let mut sum = 0.0;
    for (octave, (period, share)) in OCTAVES.into_iter().enumerate() {
        let seed = seed ^ ((octave as u64) << 56);
        let (k, u) = cell(t, period);
        let (from, to) = (lattice(seed, k), lattice(seed, k + 1));
        // Whole cells: half of each end's value, telescoped.
        let whole = f64::midpoint(chance(seed, k - 1), chance(seed, k));
        sum += share * period * (whole + from * u + (to - from) * eased_area(u));
    }
    sum
}

/// How a day goes: (hour, level from -1 to 1), the first at 0 and the last at 24 with the same level.
pub(super) type Day = &'static [(f64, f64)];

/// A home server: quiet at night, busy in the evening.
pub(super) const HOME: Day = &[(0.0, -0.2), (3.0, -0.9), (7.0, -0.3), (13.0, 0.2), (20.0, 0.9), (24.0, -0.2)];
/// A desk: working hours.
pub(super) const DESK: Day =
    &[(0.0, -0.9), (7.0, -0.9), (10.0, 0.8), (13.0, 0.3), (16.0, 0.9), (21.0, 0.0), (24.0, -0.9)];
/// A machine for the evening.
pub(super) const EVENING: Day = &[(0.0, 0.1), (3.0, -0.8), (12.0, -0.5), (17.0, 0.2), (21.0, 0.9), (24.0, 0.1)];
/// A machine that does the same all day.
pub(super) const EVEN: Day = &[(0.0, 0.0), (12.0, 0.1), (24.0, 0.0)];

/// The level of a day, from -1 to 1.
pub(super) fn day_level(day: Day, t: f64) -> f64 {
    let hour = cell(t, DAY).1 * 24.0;
    for pair in day.windows(2) {
        let ((from, low), (to, high)) = (pair[0], pair[1]);
        if hour <= to {
            return low + (high - low) * ease((hour - from) / (to - from));
        }
    }
    0.0
}

/// The area under [`day_level`] from midnight of day 0 up to `t`, in seconds.
fn day_area(day: Day, t: f64) -> f64 {
    let (k, u) = cell(t, DAY);
    let hour = u * 24.0;
    let (mut whole, mut part) = (0.0, 0.0);
    for pair in day.windows(2) {
        let ((from, low), (to, high)) = (pair[0], pair[1]);
        let width = to - from;
        whole += width * f64::midpoint(low, high);
        if hour > from {
            let u = ((hour - from) / width).min(1.0);
            part += width * (low * u + (high - low) * eased_area(u));
        }
    }
    3_600.0 * (k as f64 * whole + part)
}

/// A rate over time: what it is about, how it swings, and what is added while something happens.
///
/// Never negative: `swing + rough` stays below 1 and bursts only add.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flow {
    seed: u64,
    base: f64,
    day: Day,
    swing: f64,
    rough: f64,
    bursts: [Option<(Spells, f64)>; 4],
}

impl Flow {
    /// A rate about `base` that swings by the day's course and has noise of its own.
    pub(super) const fn new(seed: u64, base: f64, day: Day) -> Self {
        Self { seed, base, day, swing: 0.45, rough: 0.4, bursts: [None; 4] }
    }

    /// The same rate with `more` added while something goes on. A fifth burst is not remembered.
    pub(super) fn during(mut self, spells: Option<Spells>, more: f64) -> Self {
        if let (Some(spells), Some(free)) = (spells, self.bursts.iter_mut().find(|burst| burst.is_none())) {
            *free = Some((spells, more));
        }
        self
    }

    /// What flowed up to `t`, from a moment of its own: only differences mean something.
    pub(super) fn total(&self, t: f64) -> f64 {
        let wave = self.swing * day_area(self.day, t) + self.rough * noise_area(self.seed, t);
        let bursts: f64 = self.bursts.iter().flatten().map(|(spells, more)| more * spells.seconds(t)).sum();
        self.base * (t + wave) + bursts
    }

    /// What flowed between two moments.
    pub(super) fn between(&self, from: f64, to: f64) -> f64 {
        if to > from { (self.total(to) - self.total(from)).max(0.0) } else { 0.0 }
    }

    /// The mean rate over the last `span` seconds.
    pub(super) fn mean(&self, t: f64, span: f64) -> f64 {
        self.between(t - span, t) / span
    }
}

#[cfg(test)]
mod tests {
    use super::super::spell::Spells;
    use super::*;

    #[test]
    fn noise_stays_in_bounds_and_neighbouring_moments_are_close() {
        let mut widest = 0.0_f64;
        for second in 0..200_000 {
            let t = f64::from(second) - 100_000.0;
            let (here, next) = (noise(7, t), noise(7, t + 1.0));
            assert!(here.abs() <= 1.0, "{here} at {t}");
            assert!((next - here).abs() < 0.03, "from {here} to {next} at {t}");
            widest = widest.max(here.abs());
        }
        assert!(widest > 0.4, "noise that is heard: {widest}");
    }

    #[test]
    fn the_numbers_of_a_seed_are_the_same_in_every_version() {
        let of = |index| scramble(7, index);
        assert_eq!([of(-1), of(0), of(1)], [0x12ae_3023_7b17_df14, 0x63cb_e1e4_5932_0dd7, 0x044c_3cd7_f43c_661c]);
    }

    #[test]
    fn a_total_is_the_sum_of_its_levels() {
        let spells = Spells::every(DAY, 4.0 * 3600.0, 2_700.0).jittered(5, 7_200.0);
        for day in [HOME, DESK, EVENING, EVEN] {
            let flow = Flow::new(3, 1_000.0, day).during(Some(spells), 500.0);
            for from in [-250_000.0, -60.0, 0.0, 86_000.0, 3_000_000.5] {
                let (step, steps) = (5.0, 4_000);
                let mut sum = 0.0;
                for at in 0..steps {
                    let t = from + (f64::from(at) + 0.5) * step;
                    let wave = 0.45 * day_level(day, t) + 0.4 * noise(3, t);
                    let burst = if spells.at(t).is_some() { 500.0 } else { 0.0 };
                    sum += step * (1_000.0 * (1.0 + wave) + burst);
                }
                let total = flow.between(from, from + step * f64::from(steps));
                assert!((total / sum - 1.0).abs() < 1e-3, "{total} is not {sum} from {from}");
            }
        }
    }

    #[test]
    fn a_day_ends_as_it_begins() {
        for day in [HOME, DESK, EVENING, EVEN] {
            let (first, last) = (day[0], day[day.len() - 1]);
            assert_eq!((first.0, last.0), (0.0, 24.0));
            assert!((first.1 - last.1).abs() < 1e-12);
            assert!(
                day.iter().all(|(_, level)| level.abs() <= 1.0) && day.windows(2).all(|pair| pair[0].0 < pair[1].0)
            );
        }
    }
}
