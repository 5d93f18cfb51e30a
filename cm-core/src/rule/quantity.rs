//! What a number counts in: dimensions, the units that literals are written in, and printing.
//!
//! A dimension is a product of powers of bytes, seconds, degrees, volts, amperes and percent, so that bytes divided by
//! seconds compare with `MiB/s` and with nothing else. Percent is a dimension of its own: `drive.wear > 70` would
//! otherwise be read as 7,000 %. A share of something is that something: `20 % * memory.total` is bytes. It knows no metric.

use crate::unit::{Unit, human};

/// Powers of the base units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Dimension([i8; 6]);

const BASES: [&str; 6] = ["bytes", "s", "°C", "V", "A", "%"];
/// The largest power, so that a rule cannot multiply itself out of range.
const LARGEST_POWER: i8 = 4;

impl Dimension {
    /// A number and no more.
    pub(super) const PLAIN: Self = Self([0; 6]);
    /// Parts of a hundred.
    pub(super) const PERCENT: Self = Self([0, 0, 0, 0, 0, 1]);
    /// A span of time.
    pub(super) const TIME: Self = Self([0, 1, 0, 0, 0, 0]);

    fn of(unit: Unit) -> Self {
        Self(match unit {
            Unit::Bytes | Unit::DecimalBytes => [1, 0, 0, 0, 0, 0],
            Unit::BytesPerSecond => [1, -1, 0, 0, 0, 0],
            Unit::Seconds | Unit::Milliseconds | Unit::Hours => [0, 1, 0, 0, 0, 0],
            Unit::Megahertz => [0, -1, 0, 0, 0, 0],
            Unit::Celsius => [0, 0, 1, 0, 0, 0],
            Unit::Watts => [0, 0, 0, 1, 1, 0],
            Unit::Volts => [0, 0, 0, 1, 0, 0],
            Unit::Amperes => [0, 0, 0, 0, 1, 0],
            Unit::Percent => [0, 0, 0, 0, 0, 1],
            Unit::Count | Unit::Load | Unit::Ratio | Unit::Flag => [0; 6],
        })
    }

    fn join(self, other: Self, sign: i8) -> Option<Self> {
        let mut powers = self.0;
        for (power, more) in powers.iter_mut().zip(other.0) {
            *power += sign * more;
            if power.abs() > LARGEST_POWER {
                return None;
            }
        }
        Some(Self(powers))
    }

    /// In words, for a sentence: `a temperature`.
    pub(super) fn words(self) -> String {
        let named = [
            (Self::PLAIN, "a plain number"),
            (Self::PERCENT, "a percentage"),
            (Self::TIME, "a span of time"),
            (Self::of(Unit::Celsius), "a temperature"),
            (Self::of(Unit::Bytes), "an amount of bytes"),
            (Self::of(Unit::BytesPerSecond), "a rate in bytes"),
            (Self::of(Unit::Megahertz), "a rate a time"),
            (Self::of(Unit::Watts), "a power"),
            (Self::of(Unit::Volts), "a voltage"),
            (Self::of(Unit::Amperes), "a current"),
        ];
        match named.into_iter().find(|(dimension, _)| *dimension == self) {
            Some((_, words)) => words.to_owned(),
            None => format!("a number in {}", self.formula()),
        }
    }

    /// As a formula: `°C/s`.
    fn formula(self) -> String {
        let part = |sign: i8| -> Vec<String> {
            let powers = BASES.iter().zip(self.0).filter(|(_, power)| power.signum() == sign);
            powers
                .map(|(base, power)| match power.abs() {
                    1 => (*base).to_owned(),
                    power => format!("{base}^{power}"),
                })
                .collect()
        };
        match (part(1).join(" "), part(-1).join(" ")) {
            (above, below) if below.is_empty() => above,
            (above, below) if above.is_empty() => format!("1/{below}"),
            (above, below) => format!("{above}/{below}"),
        }
    }

    /// Units of literals that have this dimension, for a hint.
    pub(super) fn units(self) -> Vec<&'static str> {
        MEASURES.iter().filter(|measure| Self::of(measure.unit) == self).map(|measure| measure.word).collect()
    }
}

/// What a number counts in, and the unit in which people read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Quantity {
    pub(super) dimension: Dimension,
    shown: Option<Unit>,
}

impl Quantity {
    pub(super) const PLAIN: Self = Self { dimension: Dimension::PLAIN, shown: Some(Unit::Ratio) };
    pub(super) const PERCENT: Self = Self { dimension: Dimension::PERCENT, shown: Some(Unit::Percent) };
    pub(super) const TIME: Self = Self { dimension: Dimension::TIME, shown: Some(Unit::Seconds) };
    /// How many.
    pub(super) const COUNT: Self = Self { dimension: Dimension::PLAIN, shown: Some(Unit::Count) };

    /// What a metric of this unit counts in.
    pub(super) fn of(unit: Unit) -> Self {
        Self { dimension: Dimension::of(unit), shown: Some(unit) }
    }

    /// The product, and the factor that it takes where one side is a share.
    pub(super) fn times(self, other: Self) -> Option<(Self, f64)> {
        if self.dimension == Dimension::PLAIN {
            return Some((other, 1.0));
        }
        if other.dimension == Dimension::PLAIN || other.dimension == Dimension::PERCENT {
            return Some((self, if other.dimension == Dimension::PLAIN { 1.0 } else { 0.01 }));
        }
        if self.dimension == Dimension::PERCENT {
            return Some((other, 0.01));
        }
        Some((Self::derived(self.dimension.join(other.dimension, 1)?), 1.0))
    }

    /// The quotient, and its factor.
    pub(super) fn over(self, other: Self) -> Option<(Self, f64)> {
        if self.dimension == other.dimension {
            return Some((Self::PLAIN, 1.0));
        }
        match other.dimension {
            Dimension::PLAIN => Some((self, 1.0)),
            Dimension::PERCENT => Some((self, 100.0)),
            dimension => Some((Self::derived(self.dimension.join(dimension, -1)?), 1.0)),
        }
    }

    fn derived(dimension: Dimension) -> Self {
        let known = [Unit::Ratio, Unit::Percent, Unit::Bytes, Unit::BytesPerSecond, Unit::Seconds, Unit::Watts];
        let rest = [Unit::Celsius, Unit::Volts, Unit::Amperes];
        let shown = known.into_iter().chain(rest).find(|unit| Dimension::of(*unit) == dimension);
        Self { dimension, shown }
    }

    /// The unit in which people read it; that of a bare number where it has none of its own.
    pub(super) fn unit(self) -> Unit {
        self.shown.unwrap_or(Unit::Load)
    }

    /// A value in base units as people read it.
    pub(super) fn print(self, value: f64) -> String {
        match self.shown {
            // A quotient is no ratio of the kind `3:1`.
            Some(Unit::Ratio) => human::short(value),
            Some(unit) => unit.print(value / factor(unit)),
            // Seconds below the line mean nothing to people where little happens.
            None if self.dimension.0[1] == -1 => {
                let mut above = self.dimension;
                above.0[1] = 0;
                let what = above.formula();
                format!("{} {what}{}/h", human::short(value * 3_600.0), if what.is_empty() { "" } else { " " })
                    .replace(" /h", "/h")
            }
            None => format!("{} {}", human::short(value), self.dimension.formula()),
        }
    }
}

/// How many base units one of a metric's unit is.
pub(super) const fn factor(unit: Unit) -> f64 {
    match unit {
        Unit::Milliseconds => 0.001,
        Unit::Hours => 3_600.0,
        Unit::Megahertz => 1e6,
        _ => 1.0,
    }
}

/// A unit that a literal may be written in.
#[derive(Debug, PartialEq)]
pub(super) struct Measure {
    pub(super) word: &'static str,
    unit: Unit,
    pub(super) factor: f64,
}

const fn measure(word: &'static str, unit: Unit, factor: f64) -> Measure {
    Measure { word, unit, factor }
}

/// Every unit of literals.
pub(super) const MEASURES: &[Measure] = &[
    measure("%", Unit::Percent, 1.0),
    measure("C", Unit::Celsius, 1.0),
    measure("ms", Unit::Seconds, 0.001),
    measure("s", Unit::Seconds, 1.0),
    measure("m", Unit::Seconds, 60.0),
    measure("h", Unit::Seconds, 3_600.0),
    measure("d", Unit::Seconds, 86_400.0),
    measure("B", Unit::Bytes, 1.0),
    measure("KiB", Unit::Bytes, 1_024.0),
    measure("MiB", Unit::Bytes, 1_048_576.0),
    measure("GiB", Unit::Bytes, 1_073_741_824.0),
    measure("TiB", Unit::Bytes, 1_099_511_627_776.0),
    measure("kB", Unit::DecimalBytes, 1e3),
    measure("MB", Unit::DecimalBytes, 1e6),
    measure("GB", Unit::DecimalBytes, 1e9),
    measure("TB", Unit::DecimalBytes, 1e12),
    measure("Hz", Unit::Megahertz, 1.0),
    measure("MHz", Unit::Megahertz, 1e6),
    measure("GHz", Unit::Megahertz, 1e9),
    measure("W", Unit::Watts, 1.0),
    measure("kW", Unit::Watts, 1e3),
    measure("mV", Unit::Volts, 0.001),
    measure("V", Unit::Volts, 1.0),
    measure("mA", Unit::Amperes, 0.001),
    measure("A", Unit::Amperes, 1.0),
];

/// Every unit of literals, by its word.
pub static UNITS: [&str; MEASURES.len()] = {
    let mut words = [""; MEASURES.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = MEASURES[at].word;
        at += 1;
    }
    words
};

impl Measure {
    /// The unit of this word; letter case counts.
    pub(super) fn by_word(word: &str) -> Option<&'static Self> {
        let word = if word == "°C" { "C" } else { word };
        MEASURES.iter().find(|measure| measure.word == word)
    }

    /// Whether it is a unit of time, which may stand below a line: `MiB/s`.
    pub(super) fn is_time(&self) -> bool {
        self.unit == Unit::Seconds
    }

    pub(super) fn quantity(&self) -> Quantity {
        Quantity::of(self.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_something_is_that_something() {
        let (bytes, percent, time) = (Quantity::of(Unit::Bytes), Quantity::PERCENT, Quantity::TIME);
        assert_eq!(bytes.times(percent), Some((bytes, 0.01)));
        assert_eq!(percent.times(percent), Some((percent, 0.01)));
        assert_eq!(percent.over(percent), Some((Quantity::PLAIN, 1.0)));
        assert_eq!(bytes.over(time).unwrap().0, Quantity::of(Unit::BytesPerSecond));
        let slope = percent.over(time).unwrap().0;
        assert_eq!(slope.times(time).unwrap().0.dimension, Dimension::PERCENT);
        assert_eq!(slope.dimension.words(), "a number in %/s");
    }

    #[test]
    fn quantities_print_as_people_read_them() {
        for (quantity, value, told) in [
            (Quantity::of(Unit::Hours), 7_200.0, "2 h"),
            (Quantity::of(Unit::Megahertz), 3.2e9, "3.2 GHz"),
            (Quantity::PLAIN, 2.5, "2.5"),
            (Quantity::COUNT.over(Quantity::TIME).unwrap().0, 0.001, "3.6/h"),
            (Quantity::PERCENT.over(Quantity::TIME).unwrap().0, 0.001, "3.6 %/h"),
        ] {
            assert_eq!(quantity.print(value), told);
        }
        assert!(Quantity::TIME.times(Quantity::TIME).unwrap().0.times(Quantity::TIME).is_some());
    }
}
