//! A column of shares: every value is a part of one whole, which another series of the chunk tells.
//!
//! `100 * used / total` has 52 bits of noise; `used` alone has a few digits. So the parts are kept, beside the whole, and
//! only where dividing again gives back every value bit for bit. It does not know which series belong together: it
//! tries the constants of the chunk.

use super::column::{self, Spoilt};
use super::decimal::{POWERS, Scale, UNITS};
use super::varint::Bytes;

/// The most constants that are tried.
pub(super) const MOST_WHOLES: usize = 64;

/// Whole numbers beyond this save nothing over the value's own bits.
const WORTHWHILE: u64 = 1 << 40;

/// A part of one, or of a hundred.
const FACTORS: [f64; 2] = [1.0, 100.0];

/// Of what the values are shares.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Whole {
    factor: u8,
    whole: f64,
}

impl Whole {
    /// As the catalogue divides.
    fn value(self, part: f64) -> f64 {
        FACTORS[usize::from(self.factor)] * part / self.whole
    }

    fn part(self, value: f64) -> f64 {
        value * self.whole / FACTORS[usize::from(self.factor)]
    }

    /// The number that stands for the part of which this value is the share.
    fn number(self, scale: Scale, value: f64) -> Option<i64> {
        let number = scale.nearest(self.part(value))?;
        (self.value(scale.value(number)).to_bits() == value.to_bits()).then_some(number)
    }

    fn numbers(self, scale: Scale, values: &[f64]) -> Option<Vec<i64>> {
        self.number(scale, *values.last()?)?;
        let numbers: Vec<i64> = values.iter().map(|value| self.number(scale, *value)).collect::<Option<_>>()?;
        numbers.iter().all(|number| number.unsigned_abs() < WORTHWHILE).then_some(numbers)
    }
}

/// The values as parts of one of the wholes, under a mark of the caller's.
pub(super) fn pack(mark: u8, values: &[f64], wholes: &[f64]) -> Option<Vec<u8>> {
    let (whole, scale, numbers) = wholes
        .iter()
        .flat_map(|whole| (0..).take(FACTORS.len()).map(|factor| Whole { factor, whole: *whole }))
        .flat_map(|whole| (0..).take(UNITS.len()).map(move |unit| (whole, unit)))
        .filter_map(|(whole, unit)| {
            let mut scales = (0..POWERS).map(|power| Scale { unit, power });
            scales.find_map(|scale| Some((whole, scale, whole.numbers(scale, values)?)))
        })
        .min_by_key(|(_, _, numbers)| numbers.iter().map(|number| number.unsigned_abs()).max())?;
    let mut out = vec![mark, whole.factor];
    out.extend(whole.whole.to_bits().to_le_bytes());
    out.push(scale.byte());
    out.extend(column::pack(&numbers));
    Some(out)
}

pub(super) fn unpack(body: &[u8], count: usize) -> Result<Vec<f64>, Spoilt> {
    let mut rest = Bytes::new(body);
    let mut head = || {
        let factor = rest.byte().filter(|factor| usize::from(*factor) < FACTORS.len())?;
        let whole = f64::from_bits(u64::from_le_bytes(rest.take(8)?.try_into().ok()?));
        Some((Whole { factor, whole }, Scale::from_byte(rest.byte()?)?))
    };
    let (whole, scale) = head().ok_or(Spoilt(None))?;
    let column = rest.take(rest.left()).ok_or(Spoilt(None))?;
    let numbers = column::unpack(column, count)?;
    Ok(numbers.into_iter().map(|number| whole.value(scale.value(number))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: u8 = 0x82;

    #[test]
    fn shares_of_a_constant_in_the_chunk_become_their_parts() {
        let total = 31_964.52 * 1_048_576.0;
        let used = |at: i32| f64::from(1_200_000 + at * at % 97) / 100.0 * 1_048_576.0;
        let shares: Vec<f64> = (0..100).map(|at| 100.0 * used(at) / total).collect();
        let loads: Vec<f64> = (0..100).map(|at| f64::from(at) / 100.0 / 12.0).collect();
        for (values, wholes) in [(&shares, &[7.0, total][..]), (&loads, &[1e9, 12.0])] {
            let packed = pack(MARK, values, wholes).unwrap();
            assert!(packed.len() < 3 * values.len(), "{} bytes", packed.len());
            assert!(unpack(&packed[1..], values.len()).is_ok_and(|again| again == *values));
        }
    }

    #[test]
    fn what_is_no_share_of_anything_there_is_left_to_others() {
        let values: Vec<f64> = (1..100).map(|at| f64::from(at).sqrt()).collect();
        for wholes in [&[][..], &[12.0, 31_964.0 * 1_048_576.0]] {
            assert_eq!(pack(MARK, &values, wholes), None);
        }
        assert_eq!(pack(MARK, &[f64::NAN, f64::INFINITY], &[12.0]), None);
    }
}
