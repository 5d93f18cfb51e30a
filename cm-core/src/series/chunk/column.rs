//! A column of whole numbers as few bytes: runs of one value, ramps of one step, or what `pco` makes of the rest.
//!
//! Telemetry is mostly one of the first two: what never changes, what changes now and then, and times that are told at
//! an even pace. Those take a few bytes, where a general compressor wants two dozen for its tables. It does not know
//! what the numbers mean.

use pco::wrapped::{FileCompressor, FileDecompressor};
use pco::{ChunkConfig, PagingSpec};

use super::varint::{Bytes, put, put_signed};

const RUNS: u8 = 0;
const RAMPS: u8 = 1;
const PACKED: u8 = 2;
const PLAIN: u8 = 3;

/// Up to this many bytes the simple forms are taken as they are: what `pco` makes is no shorter.
pub(super) const SHORT: usize = 24;

/// Why a column cannot be read: what the decompressor said, where it was it.
pub(super) struct Spoilt(pub(super) Option<Box<dyn std::error::Error + Send + Sync>>);

/// The shortest form of the numbers.
pub(super) fn pack(numbers: &[i64]) -> Vec<u8> {
    let best = simple(numbers);
    if best.len() <= SHORT {
        return best;
    }
    match compressed(PACKED, numbers) {
        Some(packed) if packed.len() < best.len() => packed,
        _ => best,
    }
}

/// The shortest form of those that need no compressor.
pub(super) fn simple(numbers: &[i64]) -> Vec<u8> {
    let plain = 1 + 8 * numbers.len();
    let mut best = runs(numbers, plain);
    if let Some(ramps) = ramps(numbers, best.as_ref().map_or(plain, Vec::len)) {
        best = Some(ramps);
    }
    best.unwrap_or_else(|| {
        let mut out = vec![PLAIN];
        out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        out
    })
}

/// Each value by its difference to the one before, and how often it stands; none if that is no shorter than `limit`.
fn runs(numbers: &[i64], limit: usize) -> Option<Vec<u8>> {
    let mut out = vec![RUNS];
    let mut last = 0_i64;
    for run in numbers.chunk_by(|a, b| a == b) {
        put_signed(&mut out, run[0].wrapping_sub(last));
        put(&mut out, run.len() as u64 - 1);
        last = run[0];
        if out.len() >= limit {
            return None;
        }
    }
    Some(out)
}

/// The first value, and then each step by its difference to the step before, and how often it is taken.
fn ramps(numbers: &[i64], limit: usize) -> Option<Vec<u8>> {
    let mut out = vec![RAMPS];
    put_signed(&mut out, *numbers.first()?);
    let mut steps = numbers.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).peekable();
    let mut last = 0_i64;
    while let Some(step) = steps.next() {
        let mut more = 0;
        while steps.next_if_eq(&step).is_some() {
            more += 1;
        }
        put_signed(&mut out, step.wrapping_sub(last));
        put(&mut out, more);
        last = step;
        if out.len() >= limit {
            return None;
        }
    }
    (out.len() < limit).then_some(out)
}

/// What `pco` makes of the numbers, under a mark of the caller's. None where it will not, or where what it made does
/// not unpack to the same bits: the numbers it is made from may be gone by the time somebody reads them.
pub(super) fn compressed<T: pco::data_types::Number>(mark: u8, numbers: &[T]) -> Option<Vec<u8>> {
    let config = ChunkConfig::default().with_paging_spec(PagingSpec::Exact(vec![numbers.len()]));
    let pack = || {
        let file = FileCompressor::default();
        let mut out = file.write_header(vec![mark])?;
        let mut chunk = file.chunk_compressor(numbers, &config)?;
        out = chunk.write_meta(out)?;
        chunk.write_page(0, out)
    };
    let out = pack().ok()?;
    let again: Vec<T> = decompressed(&out[1..], numbers.len()).ok()?;
    let same = again.iter().zip(numbers).all(|(a, b)| a.to_latent_ordered() == b.to_latent_ordered());
    same.then_some(out)
}

pub(super) fn decompressed<T: pco::data_types::Number + Default>(
    packed: &[u8],
    count: usize,
) -> Result<Vec<T>, Spoilt> {
    let unpack = || {
        let (file, rest) = FileDecompressor::new(packed)?;
        let (mut chunk, rest) = file.chunk_decompressor::<T, _>(rest)?;
        let mut page = chunk.page_decompressor(rest, count)?;
        let mut numbers = vec![T::default(); count];
        let progress = page.read(&mut numbers)?;
        let whole = progress.finished && progress.n_processed == count && page.into_src().is_empty();
        Ok((numbers, whole))
    };
    match unpack() {
        Ok((numbers, true)) => Ok(numbers),
        Ok(_) => Err(Spoilt(None)),
        Err::<_, pco::errors::PcoError>(why) => Err(Spoilt(Some(Box::new(why)))),
    }
}

/// The numbers that were packed. Takes no more than `count` numbers' memory, whatever the bytes say.
pub(super) fn unpack(packed: &[u8], count: usize) -> Result<Vec<i64>, Spoilt> {
    let (&form, body) = packed.split_first().ok_or(Spoilt(None))?;
    let numbers = match form {
        RUNS => unrun(body, count),
        RAMPS => unramp(body, count),
        PACKED => return decompressed(body, count),
        PLAIN => {
            let (numbers, rest) = body.as_chunks::<8>();
            (rest.is_empty() && numbers.len() == count)
                .then(|| numbers.iter().map(|number| i64::from_le_bytes(*number)).collect())
        }
        _ => None,
    };
    numbers.ok_or(Spoilt(None))
}

fn unrun(body: &[u8], count: usize) -> Option<Vec<i64>> {
    let mut rest = Bytes::new(body);
    let mut numbers = Vec::with_capacity(count);
    let mut last = 0_i64;
    while numbers.len() < count {
        last = last.wrapping_add(rest.signed()?);
        let run = run(&mut rest, count - numbers.len())?;
        numbers.resize(numbers.len() + run, last);
    }
    (rest.left() == 0).then_some(numbers)
}

fn unramp(body: &[u8], count: usize) -> Option<Vec<i64>> {
    let mut rest = Bytes::new(body);
    let mut numbers = Vec::with_capacity(count);
    let mut last = rest.signed()?;
    numbers.push(last);
    let mut step = 0_i64;
    while numbers.len() < count {
        step = step.wrapping_add(rest.signed()?);
        for _ in 0..run(&mut rest, count - numbers.len())? {
            last = last.wrapping_add(step);
            numbers.push(last);
        }
    }
    (rest.left() == 0).then_some(numbers)
}

/// How often a value stands: never more often than there is room.
fn run(rest: &mut Bytes<'_>, room: usize) -> Option<usize> {
    usize::try_from(rest.varint()?).ok()?.checked_add(1).filter(|run| *run <= room)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_column_takes_the_form_that_suits_it() {
        let noisy: Vec<i64> = (0..720).map(|at| (at * 7_919) % 64).collect();
        let wide: Vec<i64> = (1..40_i64).map(|at| at.wrapping_mul(0x1e37_79b9_7f4a_7c15).wrapping_pow(5)).collect();
        for (what, numbers, form, most) in [
            ("nothing changes", vec![56; 720], RUNS, 5),
            ("one change", [vec![4; 300], vec![5; 420]].concat(), RUNS, 8),
            ("an even pace", (0..720).map(|at| 1_766_000_000_000 + 5_000 * at).collect(), RAMPS, 13),
            ("few values at random", noisy, PACKED, 600),
            ("no pattern at all", wide, PLAIN, 1 + 39 * 8),
        ] {
            let packed = pack(&numbers);
            assert_eq!(packed[0], form, "{what}");
            assert!(packed.len() <= most, "{what}: {} bytes", packed.len());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn compressed_bytes_that_were_tampered_with_never_panic(
            numbers in prop::collection::vec(-500..500_i64, 40..300), places in prop::collection::vec(any::<(usize, u8)>(), 1..4),
        ) {
            let mut packed = compressed(PACKED, &numbers).unwrap();
            for (at, byte) in places {
                let at = 1 + at % (packed.len() - 1);
                packed[at] = byte;
            }
            if let Ok(read) = unpack(&packed, numbers.len()) {
                prop_assert_eq!(read.len(), numbers.len());
            }
        }
    }
}
