//! Many series of one span as few bytes, which tell damage from values.
//!
//! A chunk holds the rows ([`Point`]s or [`Bucket`]s) of up to [`MOST_SERIES`] series, each under a number of the
//! caller's. Series that were measured at the same moments share their times. Every series has a checksum of its own,
//! so that damage costs what it hit and nothing more, and what is answered is what was sealed, bit for bit, in the same
//! order. It does not know what the numbers stand for, nor where the bytes are kept.
//!
//! ```text
//! version  kind of row  times: number (count, length)*  series: number (number, times, length)*  CRC-32
//! times of one or more series, CRC-32      ...
//! the columns of one series, CRC-32        ...
//! ```
//!
//! Numbers are LEB128 varints; the series' own are written as differences. A checksum covers the checksum of the head
//! and the part's place as well, so that a sound part of another chunk is not taken for one of this.

mod column;
mod decimal;
mod row;
mod share;
mod varint;

use std::collections::HashMap;

pub use row::Row;

use column::Spoilt;
use varint::{Bytes, put};

#[cfg(doc)]
use super::{Point, rollup::Bucket};

/// The most series that one chunk holds.
pub const MOST_SERIES: usize = 16_384;

/// The most rows that one chunk holds over all its series: what [`open_each`] may take is bounded by it.
pub const MOST_ROWS: usize = 1 << 22;

const VERSION: u8 = 1;
const CHECKSUM: usize = 4;

/// Why rows cannot be sealed. Nothing was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsealable {
    /// A series without rows.
    #[error("series {series} has nothing to seal")]
    Empty {
        /// Its number.
        series: u64,
    },
    /// One number for two series.
    #[error("series {series} stands twice in one chunk")]
    Twice {
        /// The number.
        series: u64,
    },
    /// More series than [`MOST_SERIES`].
    #[error("{series} series are too many for one chunk (at most {MOST_SERIES})")]
    TooManySeries {
        /// How many.
        series: usize,
    },
    /// More rows than [`MOST_ROWS`].
    #[error("{rows} rows are too many for one chunk (at most {MOST_ROWS})")]
    TooManyRows {
        /// How many.
        rows: usize,
    },
}

/// Why a chunk, or one series of it, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// A newer program sealed it.
    #[error("it is of version {version}, of which this program knows nothing")]
    Newer {
        /// The version that it says.
        version: u8,
    },
    /// It holds points where buckets were asked for, or the other way round.
    #[error("it holds rows of another kind")]
    OtherKind,
    /// It ends too early, or has bytes too many.
    #[error("its length is wrong in {place}")]
    Length {
        /// Where: `head`, `times`, `series`.
        place: &'static str,
    },
    /// The checksum is not that of the bytes.
    #[error("the checksum of its {place} is wrong")]
    Checksum {
        /// Where: `head`, `times`, `series`.
        place: &'static str,
    },
    /// The checksum is right, but the bytes say what no chunk says.
    #[error("its {place} cannot be unpacked")]
    Unpackable {
        /// Where: `head`, `times`, `series`.
        place: &'static str,
        /// What the decompressor said, where it was it.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

/// Seals the rows of several series, which are told apart by numbers of the caller's, in any order.
///
/// Cost: 0.1 to 0.3 µs a row, and a copy of the rows.
pub fn seal<R: Row>(series: &[(u64, &[R])]) -> Result<Vec<u8>, Unsealable> {
    let mut sorted: Vec<&(u64, &[R])> = series.iter().collect();
    sorted.sort_by_key(|(number, _)| *number);
    check(&sorted)?;

    let mut times: Vec<(usize, Vec<u8>)> = Vec::new();
    let mut known: HashMap<Vec<i64>, usize> = HashMap::new();
    let mut parts = Vec::with_capacity(sorted.len());
    let wholes = row::wholes(sorted.iter().map(|(_, rows)| *rows));
    for (number, rows) in &sorted {
        let moments: Vec<i64> = rows.iter().map(Row::millis).collect();
        let shared = *known.entry(moments).or_insert_with_key(|moments| {
            times.push((moments.len(), column::pack(moments)));
            times.len() - 1
        });
        parts.push((*number, shared, row::pack(rows, &wholes)));
    }

    let mut out = vec![VERSION, R::KIND];
    put(&mut out, times.len() as u64);
    put(&mut out, parts.len() as u64);
    for (count, packed) in &times {
        put(&mut out, *count as u64);
        put(&mut out, packed.len() as u64);
    }
    let mut last = 0;
    for (number, shared, packed) in &parts {
        put(&mut out, number - last);
        put(&mut out, *shared as u64);
        put(&mut out, packed.len() as u64);
        last = *number;
    }
    let head = crc32fast::hash(&out);
    out.extend(head.to_le_bytes());
    let packed = times.iter().map(|(_, packed)| packed).chain(parts.iter().map(|(_, _, packed)| packed));
    for (place, packed) in packed.enumerate() {
        out.extend(packed);
        out.extend(checksum(head, place, packed).to_le_bytes());
    }
    Ok(out)
}

/// Refuses what a chunk cannot hold. The series are sorted by number.
fn check<R>(sorted: &[&(u64, &[R])]) -> Result<(), Unsealable> {
    if sorted.len() > MOST_SERIES {
        return Err(Unsealable::TooManySeries { series: sorted.len() });
    }
    if let Some((series, _)) = sorted.iter().find(|(_, rows)| rows.is_empty()) {
        return Err(Unsealable::Empty { series: *series });
    }
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(Unsealable::Twice { series: pair[0].0 });
    }
    let rows = sorted.iter().map(|(_, rows)| rows.len()).sum();
    if rows > MOST_ROWS { Err(Unsealable::TooManyRows { rows }) } else { Ok(()) }
}

fn checksum(head: u32, place: usize, packed: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(head);
    hasher.update(&(place as u64).to_le_bytes());
    hasher.update(packed);
    hasher.finalize()
}

/// The rows of one series, as they were sealed; none where the chunk does not hold it.
///
/// Cost: the head (10 ns for each series of the chunk), and what the series itself takes (0.03 µs a row).
pub fn open<R: Row>(bytes: &[u8], series: u64) -> Result<Vec<R>, Damage> {
    let chunk = Chunk::read::<R>(bytes)?;
    let Ok(at) = chunk.series.binary_search_by_key(&series, |entry| entry.number) else { return Ok(Vec::new()) };
    let entry = &chunk.series[at];
    entry.rows(&chunk.times(entry.times)?)
}

/// The number of a series, and its rows or its damage.
pub type Opened<R> = (u64, Result<Vec<R>, Damage>);

/// Every series of a chunk, by number.
pub fn open_each<R: Row>(bytes: &[u8]) -> Result<Vec<Opened<R>>, Damage> {
    let chunk = Chunk::read::<R>(bytes)?;
    // Times are unpacked once for all that share them; those that are damaged again for each, for its own error.
    let mut known: Vec<Option<Vec<i64>>> = (0..chunk.times.len()).map(|at| chunk.times(at).ok()).collect();
    let rows = |entry: &Series<'_>| match known.get_mut(entry.times) {
        Some(Some(times)) => entry.rows(times),
        _ => chunk.times(entry.times).and_then(|times| entry.rows(&times)),
    };
    let read: Vec<_> = chunk.series.iter().map(rows).collect();
    Ok(chunk.series.iter().map(|entry| entry.number).zip(read).collect())
}

/// The numbers of the series that a chunk holds, in order, each with how many rows it has. Reads the head alone.
pub fn contents(bytes: &[u8]) -> Result<Vec<(u64, usize)>, Damage> {
    let chunk = Chunk::read_any(bytes)?;
    Ok(chunk.series.iter().map(|entry| (entry.number, chunk.times[entry.times].0)).collect())
}

/// A chunk whose head is sound. Its parts are looked at when they are asked for.
struct Chunk<'a> {
    kind: u8,
    times: Vec<(usize, Part<'a>)>,
    series: Vec<Series<'a>>,
}

struct Series<'a> {
    number: u64,
    times: usize,
    part: Part<'a>,
}

/// Bytes with a checksum behind them, which is looked at when they are asked for.
struct Part<'a> {
    packed: &'a [u8],
    stated: &'a [u8],
    head: u32,
    place: usize,
}

impl<'a> Chunk<'a> {
    fn read<R: Row>(bytes: &'a [u8]) -> Result<Self, Damage> {
        let chunk = Self::read_any(bytes)?;
        if chunk.kind == R::KIND { Ok(chunk) } else { Err(Damage::OtherKind) }
    }

    fn read_any(bytes: &'a [u8]) -> Result<Self, Damage> {
        const HEAD: &str = "head";
        let short = || Damage::Length { place: HEAD };
        let wrong = || Damage::Unpackable { place: HEAD, source: None };
        let mut rest = Bytes::new(bytes);
        match rest.byte().ok_or_else(short)? {
            VERSION => {}
            // An old program cannot tell a newer chunk's damage from its form.
            version => return Err(Damage::Newer { version }),
        }
        let kind = rest.byte().ok_or_else(short)?;
        let mut number = || rest.varint().ok_or_else(short);
        let counted = |number: u64, most: usize| usize::try_from(number).ok().filter(|n| *n <= most);
        let (times, series) = (number()?, number()?);
        let times = counted(times, MOST_SERIES).ok_or_else(wrong)?;
        let series = counted(series, MOST_SERIES).ok_or_else(wrong)?;
        let mut lengths = Vec::new();
        for _ in 0..times {
            lengths.push((number()?, number()?));
        }
        let mut entries = Vec::new();
        let mut last = 0_u64;
        for _ in 0..series {
            last = last.wrapping_add(number()?);
            entries.push((last, number()?, number()?));
        }
        let length = bytes.len() - rest.left();
        let stated = rest.take(CHECKSUM).ok_or_else(short)?;
        let head = crc32fast::hash(&bytes[..length]);
        if stated != head.to_le_bytes() {
            return Err(Damage::Checksum { place: HEAD });
        }

        let mut place = 0;
        let mut part = |length: u64, what: &'static str| {
            let short = || Damage::Length { place: what };
            let packed = counted(length, bytes.len()).and_then(|length| rest.take(length)).ok_or_else(short)?;
            let stated = rest.take(CHECKSUM).ok_or_else(short)?;
            place += 1;
            Ok(Part { packed, stated, head, place: place - 1 })
        };
        let mut times = Vec::with_capacity(lengths.len());
        for (count, length) in lengths {
            times.push((counted(count, MOST_ROWS).ok_or_else(wrong)?, part(length, "times")?));
        }
        let mut series = Vec::with_capacity(entries.len());
        for (number, shared, length) in entries {
            let shared = counted(shared, MOST_SERIES).filter(|at| *at < times.len()).ok_or_else(wrong)?;
            series.push(Series { number, times: shared, part: part(length, "series")? });
        }
        let rows = series.iter().map(|entry| times[entry.times].0).sum::<usize>();
        if rest.left() > 0 {
            return Err(Damage::Length { place: HEAD });
        }
        if rows > MOST_ROWS { Err(wrong()) } else { Ok(Self { kind, times, series }) }
    }

    fn times(&self, at: usize) -> Result<Vec<i64>, Damage> {
        let (count, part) = &self.times[at];
        part.unpacked("times", |packed| column::unpack(packed, *count))
    }
}

impl Series<'_> {
    fn rows<R: Row>(&self, times: &[i64]) -> Result<Vec<R>, Damage> {
        self.part.unpacked("series", |packed| row::unpack(packed, times))
    }
}

impl Part<'_> {
    fn unpacked<T>(&self, place: &'static str, unpack: impl FnOnce(&[u8]) -> Result<T, Spoilt>) -> Result<T, Damage> {
        if self.stated != checksum(self.head, self.place, self.packed).to_le_bytes() {
            return Err(Damage::Checksum { place });
        }
        unpack(self.packed).map_err(|spoilt| Damage::Unpackable { place, source: spoilt.0 })
    }
}

#[cfg(test)]
mod tests;
