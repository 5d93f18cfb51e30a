//! Made-up lives of drives, from seeds: what histories that are open to the public do not hold, whole lives day by day.
//!
//! Sizes are those measured on real drives (docs/FORECAST.md names them); shapes are assumptions and said to be.

use cm_core::clock::WallTime;
use cm_core::forecast::wear::{Reading, Scale};
use cm_core::unit::{Bytes, Hours, Percent};

use crate::score::scramble;

/// Longest life, in days; drives that are not worn out by then are not judged.
const DAYS: usize = 40 * 365;

/// Shares of the rated life, in percent, at which lives are asked for their end.
pub(crate) const ASKED: [f64; 3] = [30.0, 50.0, 70.0];

/// One life: readings a day apart, and the day on which 100 % was reached.
pub(crate) struct Life {
    pub(crate) readings: Vec<Reading>,
    /// Wear itself at each reading, in percent: what no drive shows.
    pub(crate) worn: Vec<f64>,
    /// The day on which 100 % was reached, if it was.
    pub(crate) end: Option<f64>,
    /// The drive with all that it hides, as it was at the first reading past each of [`ASKED`].
    pub(crate) then: Vec<Drive>,
}

/// Chance from a seed.
#[derive(Clone)]
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

/// A drive with all that it hides.
#[derive(Clone)]
pub(crate) struct Drive {
    dice: Dice,
    capacity: f64,
    endurance: f64,
    amplification: f64,
    scale: Scale,
    weekend: f64,
    duty: f64,
    /// Logarithms of bytes a day over capacity: what it comes back to, and where it stands.
    home: f64,
    level: f64,
    drift: f64,
    waf_drift: f64,
    idle: i32,
    nand: f64,
    host: f64,
    powered: f64,
    /// Days lived.
    day: usize,
    /// The day on which 100 % was reached.
    end: Option<f64>,
}

impl Drive {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(scramble(seed ^ 0x11FE_0FA5_5D00));
        let capacity = 1e9 * [250.0, 500.0, 1_000.0, 2_000.0][(dice.unit() * 4.0) as usize];
        // Capacities of host data for 100 %: median 1,056, quarters at 330 and 3,527 (SATA), without what must be wrong units.
        let endurance = capacity * (1_056.0 * (1.73 * dice.normal()).exp()).clamp(50.0, 20_000.0) * 1.89;
        let amplification = 1.89 * (0.52 * dice.normal()).exp();
        // Bytes a day over capacity: median 0.10, q75 0.25, q95 0.99.
        let level = (0.10_f64.ln() + 1.35 * dice.normal()).min(4.8_f64.ln());
        let duty = if dice.unit() < 0.7 { 1.0 } else { 0.15 + 0.8 * dice.unit() };
        let scale = if dice.unit() < 0.75 { Scale::To255 } else { Scale::To99 };
        let weekend = (-0.4 * dice.unit()).exp();
        Self {
            dice,
            capacity,
            endurance,
            amplification,
            scale,
            weekend,
            duty,
            home: level,
            level,
            drift: 0.0,
            waf_drift: 0.0,
            idle: 0,
            nand: 0.0,
            host: 0.0,
            powered: 0.0,
            day: 0,
            end: None,
        }
    }

    /// Wear itself, in percent.
    fn worn(&self) -> f64 {
        100.0 * self.nand / self.endurance
    }

    fn live_a_day(&mut self) {
        let dice = &mut self.dice;
        if self.day.is_multiple_of(30) {
            // Slow drift that comes home again, and jumps that stay: together the log ratio of successive four months has a
            // robust deviation of about 0.3 and doubles in one of eleven.
            self.drift = 0.9 * self.drift + 0.14 * dice.normal();
            self.waf_drift += 0.045 * dice.normal();
            if dice.unit() < 0.05 {
                self.level = self.home.mul_add(0.3, self.level * 0.7) + 1.1 * dice.normal();
            }
            if dice.unit() < 0.004 {
                self.idle = 30;
            }
        }
        self.idle = (self.idle - 1).max(0);
        let weekday = if self.day % 7 >= 5 { self.weekend } else { 1.0 };
        let mut written = self.capacity * (self.level + self.drift + 0.5 * dice.normal() - 0.125).exp() * weekday;
        if self.idle > 0 {
            written *= 0.01;
        }
        // A restore of everything, or a rebuild.
        if dice.unit() < 0.0015 {
            written += self.capacity * 0.6;
        }
        self.host += written;
        let before = self.nand;
        self.nand += written * self.amplification * (self.waf_drift.clamp(-0.7, 0.7)).exp();
        self.powered += 24.0 * (self.duty * (1.0 + 0.15 * dice.normal())).clamp(0.02, 1.0);
        if self.nand >= self.endurance && self.end.is_none() {
            self.end = Some(self.day as f64 + (self.endurance - before) / (self.nand - before));
        }
        self.day += 1;
    }

    fn reading(&self) -> Reading {
        let top = if self.scale == Scale::To255 { 255.0 } else { 99.0 };
        Reading {
            at: WallTime::from_secs(1_400_000_000 + self.day as i64 * 86_400),
            identity: Some(1),
            power_on_hours: Some(Hours::saturating(self.powered.floor())),
            percent_used: Some(Percent::saturating(self.worn().floor().min(top))),
            bytes_written: Some(Bytes::new((self.host / 512_000.0).floor() * 512_000.0)),
            scale: self.scale,
            ..Reading::default()
        }
    }

    /// Days from here to 100 % in so many futures that are as likely as the one that came, in order; those that end.
    pub(crate) fn futures(&self, count: u64) -> Vec<f64> {
        let mut left: Vec<f64> = (0..count)
            .filter_map(|future| {
                let mut drive = self.clone();
                drive.dice = Dice(scramble(self.dice.0 ^ scramble(future)));
                while drive.day < DAYS && drive.end.is_none() {
                    drive.live_a_day();
                }
                drive.end.map(|end| end - self.day as f64)
            })
            .collect();
        left.sort_by(f64::total_cmp);
        left
    }
}

/// The life of a seed.
pub(crate) fn live(seed: u64) -> Life {
    let mut drive = Drive::new(seed);
    let mut life = Life { readings: Vec::new(), worn: Vec::new(), end: None, then: Vec::new() };
    let mut silent = 0;
    while drive.day < DAYS && drive.end.is_none_or(|end| drive.day as f64 <= end + 31.0) {
        drive.live_a_day();
        // Now and then a day is missing, or months are.
        if drive.dice.unit() < 0.0008 {
            silent = 20 + (drive.dice.unit() * 100.0) as i32;
        }
        silent = (silent - 1).max(0);
        if silent == 0 && drive.dice.unit() > 0.03 {
            life.worn.push(drive.worn());
            life.readings.push(drive.reading());
            while ASKED.get(life.then.len()).is_some_and(|share| drive.worn() >= *share) {
                life.then.push(drive.clone());
            }
        }
    }
    life.end = drive.end;
    life
}
