//! Made-up lives of drives, from seeds: what histories that are open to the public do not hold, whole lives day by day.
//!
//! Sizes are those measured on real drives (docs/FORECAST.md names them); shapes are assumptions and said to be.

use cm_core::clock::WallTime;
use cm_core::forecast::wear::{Reading, Scale};
use cm_core::unit::{Bytes, Hours, Percent};

use crate::score::scramble;

/// Longest life, in days; drives that are not worn out by then are not judged.
const DAYS: usize = 40 * 365;

/// One life: readings a day apart, and the hour of its clock at which 100 % was reached.
pub(crate) struct Life {
    pub(crate) readings: Vec<Reading>,
    /// Wear itself at each reading, in percent: what no drive shows.
    pub(crate) worn: Vec<f64>,
    /// The day on which 100 % was reached, if it was.
    pub(crate) end: Option<f64>,
}

/// Chance from a seed.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(1);
        ((scramble(self.0) >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// The life of a seed.
pub(crate) fn live(seed: u64) -> Life {
    let mut dice = Dice(scramble(seed ^ 0x11FE_0FA5_5D00));
    let capacity = 1e9 * [250.0, 500.0, 1_000.0, 2_000.0][(dice.unit() * 4.0) as usize];
    // Capacities of host data for 100 %: median 1,056, quarters at 330 and 3,527 (SATA), without what must be wrong units.
    let endurance = capacity * (1_056.0 * (1.73 * dice.normal()).exp()).clamp(50.0, 20_000.0) * 1.89;
    let amplification = 1.89 * (0.52 * dice.normal()).exp();
    // Bytes a day over capacity: median 0.10, q75 0.25, q95 0.99.
    let mut level = (0.10_f64.ln() + 1.35 * dice.normal()).min(4.8_f64.ln());
    let duty = if dice.unit() < 0.7 { 1.0 } else { 0.15 + 0.8 * dice.unit() };
    let scale = if dice.unit() < 0.75 { Scale::To255 } else { Scale::To99 };
    let weekend = (-0.4 * dice.unit()).exp();
    let home = level;
    let (mut drift, mut waf_drift) = (0.0_f64, 0.0_f64);
    let (mut nand, mut host, mut powered) = (0.0, 0.0, 0.0);
    let mut life = Life { readings: Vec::new(), worn: Vec::new(), end: None };
    let mut idle = 0;
    let mut silent = 0;
    for day in 0..DAYS {
        if day % 30 == 0 {
            // Slow drift that comes home again, and jumps that stay: together the log ratio of successive four months has a
            // robust deviation of about 0.3 and doubles in one of eleven.
            drift = 0.9 * drift + 0.14 * dice.normal();
            waf_drift += 0.045 * dice.normal();
            if dice.unit() < 0.05 {
                level = home.mul_add(0.3, level * 0.7) + 1.1 * dice.normal();
            }
            if dice.unit() < 0.004 {
                idle = 30;
            }
        }
        idle = (idle - 1_i32).max(0);
        let weekday = if day % 7 >= 5 { weekend } else { 1.0 };
        let mut written = capacity * (level + drift + 0.5 * dice.normal() - 0.125).exp() * weekday;
        if idle > 0 {
            written *= 0.01;
        }
        // A restore of everything, or a rebuild.
        if dice.unit() < 0.0015 {
            written += capacity * 0.6;
        }
        host += written;
        let before = nand;
        nand += written * amplification * (waf_drift.clamp(-0.7, 0.7)).exp();
        powered += 24.0 * (duty * (1.0 + 0.15 * dice.normal())).clamp(0.02, 1.0);
        let worn = 100.0 * nand / endurance;
        if worn >= 100.0 && life.end.is_none() {
            let share = (endurance - before) / (nand - before);
            life.end = Some(day as f64 + share);
        }
        // Now and then a day is missing, or months are.
        if dice.unit() < 0.0008 {
            silent = 20 + (dice.unit() * 100.0) as i32;
        }
        silent = (silent - 1).max(0);
        if silent == 0 && dice.unit() > 0.03 {
            let top = if scale == Scale::To255 { 255.0 } else { 99.0 };
            life.worn.push(worn);
            life.readings.push(Reading {
                at: WallTime::from_secs(1_400_000_000 + (day as i64 + 1) * 86_400),
                identity: Some(seed),
                power_on_hours: Some(Hours::saturating(powered.floor())),
                percent_used: Some(Percent::saturating(worn.floor().min(top))),
                bytes_written: Some(Bytes::new((host / 512_000.0).floor() * 512_000.0)),
                scale,
                ..Reading::default()
            });
        }
        if life.end.is_some_and(|end| day as f64 > end + 30.0) {
            break;
        }
    }
    life
}
