//! What one commit brought, as the bytes of one row: a few bytes a sample, so that the log stays short.
//!
//! A batch is a byte of format, the number of samples, their series, their times, their values, and a checksum, in order of
//! series and time. What one report told has numbers in a row and one time, so both are kept as runs. It does not know
//! which series a number stands for.

/// One sample of a series known by its number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Entry {
    /// The series' row.
    pub series: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// The value.
    pub value: f64,
}

const FORMAT: u8 = 2;
/// Before layout 3: series, time and value of one sample after the other.
const FORMAT_OF_OLD: u8 = 1;
const CHECK_BYTES: usize = 4;

/// Puts samples into bytes, sorted by series and time; of two with the same series and time the first stays.
pub(super) fn pack(entries: &mut Vec<Entry>) -> Vec<u8> {
    entries.sort_by_key(|entry| (entry.series, entry.at));
    entries.dedup_by_key(|entry| (entry.series, entry.at));
    let mut bytes = Vec::with_capacity(16 + entries.len() * 4);
    bytes.push(FORMAT);
    put(&mut bytes, entries.len() as u64);
    put_runs(&mut bytes, entries.chunk_by(|a, b| b.series == a.series + 1).map(|run| (run, run[0].series)));
    put_runs(&mut bytes, entries.chunk_by(|a, b| b.at == a.at).map(|run| (run, run[0].at)));
    for entry in entries.iter() {
        put_value(&mut bytes, entry.value);
    }
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

/// Hands each sample of a batch on; `None`, and nothing is handed on, if a byte is not as it was written.
pub(super) fn each(bytes: &[u8], mut take: impl FnMut(Entry)) -> Option<()> {
    let body_end = bytes.len().checked_sub(CHECK_BYTES)?;
    let (body, check) = bytes.split_at(body_end);
    if crc32fast::hash(body).to_le_bytes() != check {
        return None;
    }
    let (format, mut rest) = body.split_first()?;
    let count = take_number(&mut rest)?;
    match *format {
        FORMAT => {
            let series = take_runs(&mut rest, count)?;
            let series = series.into_iter().flat_map(|(first, length)| (first..).take(length));
            let times = take_runs(&mut rest, count)?;
            let times = times.into_iter().flat_map(|(at, length)| std::iter::repeat_n(at, length));
            for (series, at) in series.zip(times) {
                take(Entry { series, at, value: take_value(&mut rest)? });
            }
        }
        FORMAT_OF_OLD => {
            let (mut series, mut at) = (0_i64, 0_i64);
            for _ in 0..count {
                series = series.checked_add(unzigzag(take_number(&mut rest)?))?;
                at = at.checked_add(unzigzag(take_number(&mut rest)?))?;
                take(Entry { series, at, value: take_value(&mut rest)? });
            }
        }
        _ => return None,
    }
    Some(())
}

/// What each run begins with, by its difference to the one before, and how many more there are in it.
fn put_runs<'e>(bytes: &mut Vec<u8>, runs: impl Iterator<Item = (&'e [Entry], i64)>) {
    let mut last = 0;
    for (run, first) in runs {
        put(bytes, zigzag(first - last));
        put(bytes, run.len() as u64 - 1);
        last = first;
    }
}

/// What each run begins with, and its length; together as many as there are samples.
fn take_runs(bytes: &mut &[u8], count: u64) -> Option<Vec<(i64, usize)>> {
    let mut runs = Vec::new();
    let (mut first, mut left) = (0_i64, count);
    while left > 0 {
        first = first.checked_add(unzigzag(take_number(bytes)?))?;
        let length = take_number(bytes)?.checked_add(1)?;
        left = left.checked_sub(length)?;
        first.checked_add_unsigned(length)?;
        runs.push((first, usize::try_from(length).ok()?));
    }
    Some(runs)
}

/// Powers of ten by which a value becomes whole; most readings have two decimals at most.
const TENS: [f64; 3] = [1.0, 10.0, 100.0];
/// The kind that says: eight bytes follow.
const RAW: u64 = 3;
/// Whole numbers below this lose nothing on the way.
const WHOLE: f64 = 1e15;

#[expect(clippy::cast_possible_truncation, reason = "checked against WHOLE")]
fn put_value(bytes: &mut Vec<u8>, value: f64) {
    for (kind, ten) in (0_u64..).zip(TENS) {
        let scaled = (value * ten).round();
        if scaled.abs() < WHOLE && (scaled as i64 as f64 / ten).to_bits() == value.to_bits() {
            return put(bytes, zigzag(scaled as i64) << 2 | kind);
        }
    }
    put(bytes, RAW);
    bytes.extend(value.to_bits().to_le_bytes());
}

fn take_value(bytes: &mut &[u8]) -> Option<f64> {
    let number = take_number(bytes)?;
    if let Some(ten) = TENS.get(usize::try_from(number & 3).ok()?) {
        return Some(unzigzag(number >> 2) as f64 / ten);
    }
    let (raw, rest) = bytes.split_first_chunk::<8>()?;
    *bytes = rest;
    Some(f64::from_bits(u64::from_le_bytes(*raw)))
}

const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

const fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// Seven bits a byte, the lowest first.
#[expect(clippy::cast_possible_truncation, reason = "the low byte is meant")]
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unpack(bytes: &[u8]) -> Option<Vec<Entry>> {
        let mut entries = Vec::new();
        each(bytes, |entry| entries.push(entry))?;
        Some(entries)
    }

    proptest! {
        #[test]
        fn a_batch_comes_back_bit_for_bit_in_order(
            given in prop::collection::vec((1_i64..2000, 0_i64..253_402_300_799_000, prop_oneof![
                any::<f64>(), (0..100_000_i64).prop_map(|n| n as f64 / 100.0), (0..u64::MAX).prop_map(|n| n as f64),
                Just(-0.0), Just(f64::NAN),
            ]), 0..60)
        ) {
            let mut entries: Vec<_> = given.into_iter().map(|(series, at, value)| Entry { series, at, value }).collect();
            let bytes = pack(&mut entries);
            let back = unpack(&bytes).unwrap();
            prop_assert_eq!(back.len(), entries.len());
            for (a, b) in back.iter().zip(&entries) {
                prop_assert_eq!((a.series, a.at, a.value.to_bits()), (b.series, b.at, b.value.to_bits()));
            }
        }
    }

    #[test]
    fn a_batch_with_any_byte_changed_or_cut_is_refused() {
        let mut entries: Vec<_> =
            (0..20).map(|n| Entry { series: n, at: 1_700_000_000_000 + n, value: n as f64 / 3.0 }).collect();
        let bytes = pack(&mut entries);
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 0x10;
            assert_eq!(unpack(&bad), None, "byte {at}");
            assert_eq!(unpack(&bytes[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn readings_of_an_hour_of_a_host_take_few_bytes() {
        let mut entries: Vec<_> = (0..80)
            .map(|n| Entry {
                series: 100 + n,
                at: 1_700_000_000_000,
                value: f64::from(u8::try_from(n).unwrap()) + 0.25,
            })
            .collect();
        assert!(pack(&mut entries).len() < 80 * 3, "{}", pack(&mut entries).len());
    }

    #[test]
    fn what_older_programs_stored_is_read() {
        let mut bytes = vec![FORMAT_OF_OLD, 2, 6, 20, 8, 2, 1];
        put(&mut bytes, RAW);
        bytes.extend(1.5_f64.to_le_bytes());
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        let wanted = [Entry { series: 3, at: 10, value: 1.0 }, Entry { series: 4, at: 9, value: 1.5 }];
        assert_eq!(unpack(&bytes), Some(wanted.to_vec()));
    }
}
