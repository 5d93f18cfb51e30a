//! A column of values: as whole numbers where they were rounded to some decimals of some unit, as bits otherwise.
//!
//! What a host tells was measured to a few digits: 56 °C, 12.5 %, 1536.25 MiB. As a binary fraction 12.3 has 52 bits
//! of noise; as 123 tenths it has seven. The power of ten and the unit are found for each column, and taken only where
//! they give back every value bit for bit. It does not know what the values measure.

use super::column::{self, Spoilt};
use super::share;

/// In what the catalogue's values may be whole: GiB, MiB, TB and GB count in bytes there. The places are permanent.
pub(super) const UNITS: [f64; 5] = [1.0, 1_048_576.0, 1_073_741_824.0, 1e9, 1e12];

/// Decimals that are looked for: 10^0 to 10^9.
pub(super) const POWERS: u8 = 10;

/// Whole numbers up to here are exact as `f64`, and so is their quotient with a power of ten to the last bit.
const EXACT: f64 = 9_007_199_254_740_992.0;

const BITS: u8 = 0x80;
const PACKED: u8 = 0x81;
const SHARES: u8 = 0x82;

/// How a whole number stands for a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub(super) unit: u8,
    pub(super) power: u8,
}

impl Scale {
    pub(super) const fn byte(self) -> u8 {
        self.unit * POWERS + self.power
    }

    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        let scale = Self { unit: byte / POWERS, power: byte % POWERS };
        (usize::from(scale.unit) < UNITS.len()).then_some(scale)
    }

    fn factors(self) -> (f64, f64) {
        (UNITS[usize::from(self.unit)], 10_f64.powi(i32::from(self.power)))
    }

    /// The whole number that comes nearest to the value.
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
    pub(super) fn nearest(self, value: f64) -> Option<i64> {
        let (unit, ten) = self.factors();
        let whole = (value / unit * ten).round();
        (whole.abs() < EXACT).then_some(whole as i64)
    }

    /// The whole number that gives back the value, if there is one.
    fn whole(self, value: f64) -> Option<i64> {
        self.nearest(value).filter(|whole| self.value(*whole).to_bits() == value.to_bits())
    }

    pub(super) fn value(self, whole: i64) -> f64 {
        let (unit, ten) = self.factors();
        whole as f64 / ten * unit
    }

    fn all_whole(self, values: &[f64]) -> Option<Vec<i64>> {
        // Most scales fail at the first value or the last: no list is begun for them.
        self.whole(*values.last()?)?;
        values.iter().map(|value| self.whole(*value)).collect()
    }
}

/// The scale with the smallest whole numbers, and these.
fn scaled(values: &[f64]) -> Option<(Scale, Vec<i64>)> {
    let of_unit = |unit| (0..POWERS).map(move |power| Scale { unit, power });
    let first = |unit| of_unit(unit).find_map(|scale| Some((scale, scale.all_whole(values)?)));
    let largest = |wholes: &[i64]| wholes.iter().map(|whole| whole.unsigned_abs()).max();
    (0..5).filter_map(first).min_by_key(|(_, wholes)| largest(wholes))
}

/// The shortest form of the values, which may be shares of one of the `wholes`.
pub(super) fn pack(values: &[f64], wholes: &[f64]) -> Vec<u8> {
    if let Some((scale, wholes)) = scaled(values) {
        let mut out = vec![scale.byte()];
        out.extend(column::pack(&wholes));
        return out;
    }
    let bits: Vec<i64> = values.iter().map(|value| value.to_bits().cast_signed()).collect();
    let mut out = vec![BITS];
    out.extend(column::simple(&bits));
    // What is short already gains nothing that is worth the search.
    if out.len() > column::SHORT {
        let others = [share::pack(SHARES, values, wholes), column::compressed(PACKED, values)];
        out = others.into_iter().flatten().chain([out]).min_by_key(Vec::len).unwrap_or_default();
    }
    out
}

/// The values that were packed.
pub(super) fn unpack(packed: &[u8], count: usize) -> Result<Vec<f64>, Spoilt> {
    let (&form, body) = packed.split_first().ok_or(Spoilt(None))?;
    match form {
        BITS => {
            let bits = column::unpack(body, count)?;
            Ok(bits.into_iter().map(|bits| f64::from_bits(bits.cast_unsigned())).collect())
        }
        PACKED => column::decompressed(body, count),
        SHARES => share::unpack(body, count),
        byte => {
            let scale = Scale::from_byte(byte).ok_or(Spoilt(None))?;
            let wholes = column::unpack(body, count)?;
            Ok(wholes.into_iter().map(|whole| scale.value(whole)).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_few_digits_become_small_whole_numbers() {
        for (values, unit, power, wholes) in [
            (&[56.0, 57.0][..], 1.0, 0, &[56, 57][..]),
            (&[12.5, 0.3, 7.0], 1.0, 1, &[125, 3, 70]),
            (&[1_536.25 * 1_048_576.0, 0.01 * 1_048_576.0], 1_048_576.0, 2, &[153_625, 1]),
            (&[612.25 * 1e12], 1e12, 2, &[61_225]),
            (&[-0.5], 1.0, 1, &[-5]),
        ] {
            let (scale, found) = scaled(values).unwrap();
            assert_eq!((scale.factors().0, scale.power, found.as_slice()), (unit, power, wholes), "{values:?}");
        }
    }

    #[test]
    fn what_no_scale_gives_back_bit_for_bit_keeps_its_bits() {
        for value in [-0.0, f64::NAN, f64::INFINITY, 1.0 / 3.0, 0.1 + 0.2, f64::MIN_POSITIVE, 1e300] {
            assert_eq!(scaled(&[1.0, value, 1.0]), None, "{value}");
        }
    }
}
