//! Made-up filesystems: growth, weekly backups, rotation, imports, purges, another size, each with the odds that a
//! machine at home or in a small office might have. A guess throughout: there is no public record of filesystems filling up.
//! What is used goes on past the limit, so that the day on which the limit would be met is known.

/// Numbers as good as random from a seed: splitmix64 (Steele, Lea, Flood 2014).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xd134_2543_de82_ef95) ^ 0x5eed_5eed_5eed_5eed)
    }

    pub(crate) fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    /// A whole number from 0 on, below `n`.
    fn below(&mut self, n: u16) -> usize {
        let place = self.share() * f64::from(n);
        (1..n).take_while(|step| f64::from(*step) <= place).count()
    }

    fn whether(&mut self, odds: f64) -> bool {
        self.share() < odds
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }
}

/// What a filesystem goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Habit {
    Grows,
    Stands,
    Shrinks,
}

pub(crate) struct Life {
    pub(crate) habit: Habit,
    /// Whether there is rotation.
    pub(crate) saws: bool,
    /// Whether a clean-up or an import that nobody repeats lies in the past.
    pub(crate) events: bool,
    /// What is used at the end of each day, from the first to the last.
    pub(crate) used: Vec<f64>,
    /// The limit on each day.
    pub(crate) limit: Vec<f64>,
    /// The day on which it is asked when it will be full.
    pub(crate) today: usize,
}

/// Days of the future that are made up.
pub(crate) const AHEAD: usize = 1095;
const SIZE: f64 = 1e12;

impl Life {
    pub(crate) fn new(seed: u64) -> Self {
        let c = &mut Chance::new(seed);
        let today = 20 + c.below(120);
        let habit = match c.share() {
            x if x < 0.65 => Habit::Grows,
            x if x < 0.92 => Habit::Stands,
            _ => Habit::Shrinks,
        };
        // A grower takes from two months to six years for the whole size.
        let a_day = SIZE * 10_f64.powf(c.between(-3.35, -1.8));
        let mut pace = match habit {
            Habit::Grows => a_day,
            Habit::Stands => 0.0,
            Habit::Shrinks => -a_day * 0.1,
        };
        let rough = c.between(0.2, 1.0);
        let churn = if c.whether(0.5) { SIZE * 10_f64.powf(c.between(-5.0, -2.5)) } else { 0.0 };
        let weekend = c.between(0.2, 1.0);
        let backup = if c.whether(0.5) { SIZE * c.between(0.0, 0.01) } else { 0.0 };
        let saw = if c.whether(0.5) { SIZE * c.between(0.0, 0.05) } else { 0.0 };
        let every = [7, 10, 14, 30][c.below(4)];
        let imports = if c.whether(0.5) { 1.0 / 120.0 } else { 0.0 };
        let purges = if c.whether(0.4) { 1.0 / 180.0 } else { 0.0 };
        let mut life = Self { habit, saws: saw > 0.0, events: false, used: Vec::new(), limit: Vec::new(), today };
        let (mut base, mut limit) = (SIZE * c.between(0.15, 0.9), SIZE);
        let (mut level, mut wander) = (base, 0.0);
        for day in 0..today + AHEAD {
            // Rates drift by 0.3 in four months, and one time in four months one in ten jumps.
            pace *= (c.normal() * 0.3 / 11.0).exp();
            if c.whether(0.1 / 120.0) {
                pace *= (c.normal() * 0.8).exp();
            }
            let weekday = if day % 7 >= 5 { weekend } else { 1.0 };
            base += pace * weekday * (c.normal() * rough - rough * rough / 2.0).exp();
            // What people and programs write and delete again: it comes back to where it was.
            wander = wander * 0.9 + churn * c.normal();
            if day < today && c.whether(1.0 / 400.0) {
                limit *= 1.0 + c.between(-0.1, 0.6);
            }
            if c.whether(imports) {
                base += SIZE * c.between(0.02, 0.12);
                life.events |= day < today && day + 90 >= today;
            }
            if c.whether(purges) {
                base -= level * c.between(0.05, 0.25);
                life.events |= day < today && day + 90 >= today;
            }
            // Backups: each week a full one, kept until the next but one; between them a little every day.
            let kept = backup * (1.0 + (day % 7) as f64 / 20.0) + if day % 7 < 2 { backup } else { 0.0 };
            level = (base + wander + kept + saw * (day % every) as f64 / every as f64).max(0.0);
            base = base.max(0.0);
            life.used.push(level);
            life.limit.push(limit);
        }
        life
    }

    /// Days from the asking until the limit of that day is met; none if not within [`AHEAD`].
    pub(crate) fn days_to_full(&self) -> Option<usize> {
        let limit = self.limit[self.today];
        self.used[self.today + 1..].iter().position(|used| *used >= limit).map(|day| day + 1)
    }
}
