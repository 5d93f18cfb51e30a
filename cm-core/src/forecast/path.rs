//! When a thing that grows at an uncertain rate passes a mark: a first passage, found by walking 2,000 paths.
//!
//! The logarithm of the rate starts with an error and then walks: steps of Student's t with 4 degrees of freedom, one every
//! 30 days, because workloads stay as they are for months and then jump. It is pulled towards the rate of the whole life,
//! the more the further ahead. After three years each path goes on at its mean so far: no history reaches further, and where
//! a walk happened to stand on one day would say too much. The seed is fixed and paths come in mirrored pairs, so a
//! forecast is the same everywhere and its middle does not depend on luck.
//!
//! It knows a rate and a mark, not what wears.

use super::dice::Dice;

/// How many paths are walked.
pub(super) const PATHS: usize = 2_000;
/// One step of the walk, in hours: 30 days.
const STEP_H: f64 = 720.0;
/// Steps that are walked: 36 steps of 30 days are three years.
const STEPS: usize = 36;
/// How far ahead a mean that was measured holds for a mean to come, in spans of the measurement.
const HOLDS: f64 = 2.0;
/// Hours in a year of 365.25 days.
pub(super) const YEAR_H: f64 = 8_766.0;

/// What is known of a rate now and how it may change. Hours are hours of the thing's own clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    /// Logarithm of the rate now, per hour.
    pub(super) now: f64,
    /// Logarithm of the rate of the whole life, per hour.
    pub(super) life: f64,
    /// How much the life's rate weighs: at once, and more for each year ahead; as odds against the rate now.
    pub(super) pull: (f64, f64),
    /// Standard deviation of the error of `now`.
    pub(super) start_sd: f64,
    /// Standard deviation that the walk gathers in a year.
    pub(super) walk_sd: f64,
    /// Over how many hours the rate was measured.
    pub(super) measured_h: f64,
    /// By how much deviations below and above the middle are stretched (what calibration found).
    pub(super) stretch: (f64, f64),
}

/// 2,000 ways in which it may grow.
#[derive(Debug)]
pub(super) struct Fan {
    /// Growth of each path at each multiple of [`STEP_H`], from zero on.
    knots: Vec<[f64; STEPS + 1]>,
    /// The mean rate of each path, at which it goes on afterwards, per hour.
    last: Vec<f64>,
}

impl Fan {
    /// Walks the paths. Costs 2,000 × 36 steps, about 4 ms.
    pub(super) fn walk(rate: &Rate) -> Self {
        let mut dice = Dice::new(0x5EED_0F0E_CA57);
        let mut fan = Self { knots: Vec::with_capacity(PATHS), last: Vec::with_capacity(PATHS) };
        let step_sd = rate.walk_sd * (STEP_H / YEAR_H).sqrt();
        for pair in 0..PATHS / 2 {
            // The start is spread evenly over its distribution instead of drawn.
            let start = rate.start_sd * normal_quantile((pair as f64 + 0.5) / (PATHS / 2) as f64);
            let steps: [f64; STEPS] = std::array::from_fn(|_| step_sd * dice.student_4());
            for sign in [1.0, -1.0] {
                fan.push(rate, sign * start, steps.iter().map(|step| sign * step));
            }
        }
        fan
    }

    fn push(&mut self, rate: &Rate, start: f64, steps: impl Iterator<Item = f64>) {
        let mut knots = [0.0; STEPS + 1];
        let mut off = start;
        let mut speed = rate.at(0.0, off);
        for (n, step) in steps.enumerate() {
            off += step;
            let next = rate.at((n + 1) as f64 * STEP_H, off);
            knots[n + 1] = knots[n] + STEP_H * f64::midpoint(speed, next);
            speed = next;
        }
        self.knots.push(knots);
        self.last.push(knots[STEPS] / (STEPS as f64 * STEP_H));
    }

    /// How far each path has grown after `hours`, in the order of the paths.
    pub(super) fn grown(&self, hours: f64) -> Vec<f64> {
        let place = (hours / STEP_H).max(0.0);
        self.knots
            .iter()
            .zip(&self.last)
            .map(|(knots, last)| {
                if place >= STEPS as f64 {
                    return knots[STEPS] + (hours - STEPS as f64 * STEP_H) * last;
                }
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and STEPS")]
                let below = place as usize;
                knots[below] + (knots[below + 1] - knots[below]) * (place - below as f64)
            })
            .collect()
    }

    /// After how many hours each path has grown by what it needs, in the order of the paths.
    pub(super) fn passes(&self, need: impl Fn(usize) -> f64) -> Vec<f64> {
        let passage = |(path, (knots, last)): (usize, (&[f64; STEPS + 1], &f64))| {
            let need = need(path);
            let above = knots.partition_point(|grown| *grown < need);
            match above {
                0 => 0.0,
                above if above <= STEPS => {
                    let (low, high) = (knots[above - 1], knots[above]);
                    STEP_H * ((above - 1) as f64 + (need - low) / (high - low).max(f64::MIN_POSITIVE))
                }
                _ => STEPS as f64 * STEP_H + (need - knots[STEPS]) / last.max(f64::MIN_POSITIVE),
            }
        };
        self.knots.iter().zip(&self.last).enumerate().map(passage).collect()
    }
}

impl Rate {
    /// The rate of a path `hours` ahead whose walk stands at `off`.
    fn at(&self, hours: f64, off: f64) -> f64 {
        let odds = self.pull.0 + self.pull.1 * hours / YEAR_H;
        let weight = odds / (1.0 + odds);
        let stretched = off * if off < 0.0 { self.stretch.0 } else { self.stretch.1 };
        // The mean of what wanders on a logarithmic scale lies above its middle, by sd²/12 of the span. A rate measured over
        // months is such a mean itself, so this is taken back as far ahead as it holds; one measured over days is not.
        let spread = self.walk_sd.powi(2) * f64::midpoint(self.stretch.0.powi(2), self.stretch.1.powi(2));
        (self.now + (self.life - self.now) * weight + stretched
            - spread * hours.min(HOLDS * self.measured_h) / YEAR_H / 6.0)
            .exp()
    }
}

/// The 5 %, 50 % and 95 % quantiles of values, which need not be in order.
pub(super) fn quantiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    [n / 20, n / 2, n - 1 - n / 20].map(|at| values.get(at).copied().unwrap_or(f64::INFINITY))
}

/// A share between 0 and 1 for each path, evenly spread and in no relation to the order of the paths: the golden ratio's
/// multiples, modulo one.
pub(super) fn spread(path: usize) -> f64 {
    (0.5 + path as f64 * 0.618_033_988_749_894_9).fract()
}

/// The value below which a normal variable lies with probability `p`: Acklam's central formula and its tail, relative
/// error below 1.2e-9 (P. J. Acklam 2003).
pub(super) fn normal_quantile(p: f64) -> f64 {
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    let fraction = |top: &[f64], bottom: &[f64], x: f64| {
        top.iter().fold(0.0, |sum, a| sum * x + a) / bottom.iter().fold(0.0, |sum, b| sum * x + b)
    };
    if p < 0.024_25 {
        let q = (-2.0 * p.ln()).sqrt();
        return fraction(&TAIL_TOP, &TAIL_BOTTOM, q);
    }
    let q = p - 0.5;
    q * fraction(&MIDDLE_TOP, &MIDDLE_BOTTOM, q * q)
}

const MIDDLE_TOP: [f64; 6] = [
    -3.969_683_028_665_376e1,
    2.209_460_984_245_205e2,
    -2.759_285_104_469_687e2,
    1.383_577_518_672_69e2,
    -3.066_479_806_614_716e1,
    2.506_628_277_459_239,
];
const MIDDLE_BOTTOM: [f64; 6] = [
    -5.447_609_879_822_406e1,
    1.615_858_368_580_409e2,
    -1.556_989_798_598_866e2,
    6.680_131_188_771_972e1,
    -1.328_068_155_288_572e1,
    1.0,
];
const TAIL_TOP: [f64; 6] = [
    -7.784_894_002_430_293e-3,
    -3.223_964_580_411_365e-1,
    -2.400_758_277_161_838,
    -2.549_732_539_343_734,
    4.374_664_141_464_968,
    2.938_163_982_698_783,
];
const TAIL_BOTTOM: [f64; 5] =
    [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416, 1.0];

#[cfg(test)]
mod tests {
    use super::*;

    const STILL: Rate = Rate {
        now: -4.0,
        life: -4.0,
        pull: (0.0, 0.0),
        start_sd: 0.0,
        walk_sd: 0.0,
        measured_h: 1e9,
        stretch: (1.0, 1.0),
    };

    #[test]
    fn without_a_walk_the_quantiles_are_those_of_the_lognormal() {
        // x = e^(now + sd z) t, so t = need / rate: its quantiles are need · e^(-now) · e^(∓1.645 sd).
        for (sd, need) in [(0.3, 5.0), (0.5, 400.0), (0.05, 0.5), (1.0, 60_000.0)] {
            let fan = Fan::walk(&Rate { start_sd: sd, ..STILL });
            let found = quantiles(fan.passes(|_| need));
            let middle = need * 4f64.exp();
            for (got, want) in found.iter().zip([(-1.645 * sd).exp(), 1.0, (1.645 * sd).exp()]) {
                assert!((got / middle / want - 1.0).abs() < 0.01, "sd {sd}: {found:?}");
            }
        }
    }

    #[test]
    fn growth_and_passage_are_each_other_s_inverse() {
        let fan = Fan::walk(&Rate { start_sd: 0.4, walk_sd: 0.8, life: -5.0, pull: (0.1, 0.3), ..STILL });
        for hours in [10.0, 719.0, 5_000.0, 26_000.0, 100_000.0] {
            let grown = fan.grown(hours);
            let passed = fan.passes(|path| grown[path]);
            assert!(passed.iter().all(|passed| (passed / hours - 1.0).abs() < 1e-6), "{hours}");
        }
    }

    #[test]
    fn the_walk_s_mean_rate_has_the_variance_that_was_asked_for() {
        // The mean of a driftless walk over H has a third of the variance of its end: sd² H / 3.
        let fan = Fan::walk(&Rate { walk_sd: 0.1, ..STILL });
        let year: Vec<f64> = fan.grown(YEAR_H).iter().map(|grown| (grown / YEAR_H).ln() + 4.0).collect();
        let variance = year.iter().map(|log| log * log).sum::<f64>() / year.len() as f64;
        assert!((variance / (0.01 / 3.0) - 1.0).abs() < 0.15, "{variance}");
    }

    #[test]
    fn the_normal_quantile_is_the_table_s() {
        for (p, z) in [(0.5, 0.0), (0.95, 1.644_854), (0.05, -1.644_854), (0.001, -3.090_232), (0.3, -0.524_401)] {
            assert!((normal_quantile(p) - z).abs() < 1e-5, "{p}: {}", normal_quantile(p));
        }
    }
}
