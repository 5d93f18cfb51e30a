//! Chance with a seed: `SplitMix64` (Steele, Lea and Flood 2014), so that a forecast is the same everywhere.
//!
//! It knows numbers and distributions, not what is drawn by them.

/// Numbers as good as random, the same ones for the same seed.
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The dice of one of many that are drawn under the same seed.
    pub(super) fn of_path(seed: u64, path: usize) -> Self {
        let mut dice = Self(seed ^ (path as u64).wrapping_mul(0xd134_2543_de82_ef95));
        // Seeds that are alike must not begin alike.
        dice.unit();
        dice
    }

    /// A number between 0 and 1, both excluded.
    pub(super) fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((bits ^ (bits >> 31)) >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    /// A whole number below `n`; 0 where `n` is 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below n")]
        let place = (self.unit() * n as f64) as usize;
        place.min(n.saturating_sub(1))
    }

    /// Near enough to the normal distribution where hundreds of thousands are drawn: twelve numbers less six have mean 0
    /// and variance 1, and need no logarithm.
    pub(super) fn nearly_normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Student's t with 4 degrees of freedom, scaled to variance 1: a normal over the root of a chi-square, which with 4
    /// degrees is -2 ln(u·v).
    pub(super) fn student_4(&mut self) -> f64 {
        let normal = (-2.0 * self.unit().ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos();
        let chi_over_4 = -(self.unit() * self.unit()).ln() / 2.0;
        normal / chi_over_4.sqrt() / std::f64::consts::SQRT_2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Draw = fn(&mut Dice) -> f64;

    #[test]
    fn draws_have_the_quantiles_of_their_distribution() {
        // 5, 50 and 95 %: of the even spread, of the normal, and of Student's t(4) (table: 2.132) over the root of two.
        let draws: [(Draw, [f64; 3]); 4] = [
            (Dice::unit, [0.05, 0.5, 0.95]),
            (|dice| dice.below(4) as f64, [0.0, 2.0, 3.0]),
            (Dice::nearly_normal, [-1.645, 0.0, 1.645]),
            (Dice::student_4, [-1.507, 0.0, 1.507]),
        ];
        for (at, (draw, expected)) in draws.into_iter().enumerate() {
            let mut dice = Dice::of_path(1, at);
            let mut drawn: Vec<f64> = (0..100_000).map(|_| draw(&mut dice)).collect();
            drawn.sort_by(f64::total_cmp);
            // Of whole numbers the median may stand on either side of the middle.
            for (place, expected) in [5_000, 50_500, 95_000].into_iter().zip(expected) {
                assert!((drawn[place] - expected).abs() < 0.03, "{at}: {} {expected}", drawn[place]);
            }
        }
    }
}
