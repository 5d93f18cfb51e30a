//! The records on each page of a database file, whether or not anything leads to the page.
//!
//! It reads the file format of SQLite (<https://www.sqlite.org/fileformat2.html>, sections 1.6 and 2) and never the live file: a
//! copy that SQLite made, or a file that SQLite no longer takes for a database. Which table a record is of is for others to
//! say, and whether its values are right as well.

use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::{fs, io};

use rusqlite::types::Value;

/// The size of a page where the file does not say it.
const USUAL_PAGE: usize = 4_096;

/// The longest record that is put together; ours are far below.
const LONGEST: usize = 64 << 20;

/// A record as it was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    /// The number of its row; none in an index.
    pub id: Option<i64>,
    /// Its values.
    pub values: Vec<Value>,
}

/// A file, page by page.
pub(super) struct Pages {
    file: fs::File,
    page: usize,
    count: usize,
    /// What is used of a page: the rest is reserved.
    usable: usize,
}

impl Pages {
    /// Opens a file that no SQLite has open.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let file = fs::OpenOptions::new().read(true).open(path)?;
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        let mut head = [0; 100];
        let stated = match file.read_exact_at(&mut head, 0) {
            Ok(()) => usize::from(u16::from_be_bytes([head[16], head[17]])),
            Err(_) => 0,
        };
        let whole = head.starts_with(b"SQLite format 3\0") && stated.is_power_of_two() && stated >= 512;
        let (page, reserved) = if whole { (stated, usize::from(head[20])) } else { (USUAL_PAGE, 0) };
        Ok(Self { file, page, count: length / page, usable: page - reserved.min(page / 2) })
    }

    fn read(&self, number: usize) -> Option<Vec<u8>> {
        let mut page = vec![0; self.page];
        let at = u64::try_from(number.checked_sub(1)?.checked_mul(self.page)?).ok()?;
        self.file.read_exact_at(&mut page, at).ok()?;
        Some(page)
    }

    /// Hands on every record that can be made out.
    pub(super) fn each(&self, mut take: impl FnMut(Record)) {
        for number in 1..=self.count {
            let Some(page) = self.read(number) else { continue };
            for record in self.records(number, &page).into_iter().flatten() {
                take(record);
            }
        }
    }

    /// The records of one page; none where it is of another kind.
    fn records(&self, number: usize, page: &[u8]) -> Option<Vec<Record>> {
        let start = if number == 1 { 100 } else { 0 };
        let head = page.get(start..)?;
        let (kind, left) = match head.first()? {
            0x0D => (Kind::Table, 0),
            0x0A => (Kind::Index, 0),
            // Inner pages of an index hold records too, each behind the number of a page below.
            0x02 => (Kind::Index, 4),
            _ => return None,
        };
        let cells = usize::from(u16::from_be_bytes([*head.get(3)?, *head.get(4)?]));
        let pointers = head.get(8 + left..)?.get(..cells.checked_mul(2)?)?;
        let cell = |pair: &[u8]| {
            let at = usize::from(u16::from_be_bytes([pair[0], pair[1]]));
            self.cell(number, page.get(at + left..self.usable)?, kind)
        };
        Some(pointers.chunks_exact(2).filter_map(cell).collect())
    }

    fn cell(&self, number: usize, bytes: &[u8], kind: Kind) -> Option<Record> {
        let mut rest = bytes;
        let length = usize::try_from(varint(&mut rest)?).ok().filter(|length| *length <= LONGEST)?;
        let id = match kind {
            Kind::Table => Some(varint(&mut rest)?),
            Kind::Index => None,
        };
        let here = self.local(length, kind);
        let mut payload = rest.get(..here)?.to_vec();
        if here < length {
            let next = rest.get(here..here + 4)?;
            self.gather(number, u32::from_be_bytes(next.try_into().ok()?), length, &mut payload);
        }
        Some(Record { id, values: values(&payload)? })
    }

    /// How much of a record lies on the page itself (section 1.6).
    fn local(&self, length: usize, kind: Kind) -> usize {
        let usable = self.usable;
        let most = match kind {
            Kind::Table => usable - 35,
            Kind::Index => (usable - 12) * 64 / 255 - 23,
        };
        let least = (usable - 12) * 32 / 255 - 23;
        if length <= most {
            return length;
        }
        let here = least + (length - least) % (usable - 4);
        if here <= most { here } else { least }
    }

    /// The part of a record that lies on further pages. Where the chain is broken the page behind is taken, because SQLite
    /// mostly lays them one behind the other; where that is wrong a checksum tells.
    fn gather(&self, on: usize, next: u32, length: usize, payload: &mut Vec<u8>) {
        let each = self.usable - 4;
        let (mut last, mut next) = (on, usize::try_from(next).unwrap_or(0));
        while payload.len() < length {
            let number = if (2..=self.count).contains(&next) { next } else { last + 1 };
            let take = each.min(length - payload.len());
            let Some(page) = self.read(number) else {
                payload.resize(length, 0);
                return;
            };
            next = usize::try_from(u32::from_be_bytes([page[0], page[1], page[2], page[3]])).unwrap_or(0);
            payload.extend_from_slice(&page[4..4 + take]);
            last = number;
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Table,
    Index,
}

/// Up to nine bytes, the highest seven bits first (section 1.6).
fn varint(bytes: &mut &[u8]) -> Option<i64> {
    let mut number = 0_u64;
    for at in 0..9 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if at == 8 {
            return Some((number << 8 | u64::from(*byte)).cast_signed());
        }
        number = number << 7 | u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number.cast_signed())
}

/// The values of a record (section 2.1).
fn values(payload: &[u8]) -> Option<Vec<Value>> {
    let mut rest = payload;
    let length = usize::try_from(varint(&mut rest)?).ok()?;
    let head_end = payload.len() - rest.len();
    let mut kinds = payload.get(head_end..length)?;
    let mut body = payload.get(length..)?;
    let mut values = Vec::new();
    while !kinds.is_empty() {
        values.push(value(varint(&mut kinds)?, &mut body)?);
    }
    Some(values)
}

fn value(kind: i64, body: &mut &[u8]) -> Option<Value> {
    let mut take = |length: usize| {
        let (taken, rest) = body.split_at_checked(length)?;
        *body = rest;
        Some(taken)
    };
    Some(match kind {
        0 => Value::Null,
        1..=6 => Value::Integer(whole(take([1, 2, 3, 4, 6, 8][usize::try_from(kind).ok()? - 1])?)),
        7 => Value::Real(f64::from_bits(whole(take(8)?).cast_unsigned())),
        8 => Value::Integer(0),
        9 => Value::Integer(1),
        12.. => {
            let taken = take(usize::try_from((kind - 12) / 2).ok()?)?;
            match kind % 2 {
                0 => Value::Blob(taken.to_vec()),
                _ => Value::Text(std::str::from_utf8(taken).ok()?.to_owned()),
            }
        }
        _ => return None,
    })
}

/// A whole number, the highest byte first, with its sign.
fn whole(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    bytes.iter().fold(if negative { -1 } else { 0 }, |number, byte| number << 8 | i64::from(*byte))
}
