//! What can be saved of a damaged file, into a new one, and what was cut.
//!
//! Every row is asked for by its number, so that a damaged page costs the rows that it holds; of each chunk the series
//! whose checksum is right are kept. The damaged file is only read. It does not put the new file in the old one's place:
//! a person does, once the programs that use it have ended.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::batch;
use super::chunk::{self, Rows, Timed, sound};
use super::frame;
use super::migration::{LAYOUTS, layout, newest};
use super::open::{Opening, connect, make_private};
use super::trouble::{OpenError, StoreError, sorted};
use crate::series::Point;
use crate::series::retention::Resolution;
use crate::series::rollup::Bucket;

/// How far beyond the last row that could be read rows are still looked for.
const LOOK_BEYOND: i64 = 100_000;

/// What was saved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Salvaged {
    /// Rows that were kept, of each table.
    pub kept: Vec<(&'static str, u64)>,
    /// What was cut, each in a sentence.
    pub cut: Vec<String>,
}

/// The tables whose rows have numbers, and their columns.
const TABLES: &[(&str, &str)] = &[
    ("series", "id, grp, entity, subject, metric, number, unit, lifelong"),
    ("seat", "id, entity, host, name, since"),
    ("said", "id, entity, subject, what, at, text"),
    ("link", "id, host, at, state"),
    ("backup_run", "id, host, job, start, duration_s, result, size_gb, stored_gb, message"),
    ("batch", "id, first, last, body"),
    ("stream", "id, host, api"),
    ("frame", "id, stream, at, whole, body"),
    ("chunk", "id, step, grp, start, first, settled, body"),
];

/// Saves what is whole of the history at `from` into the new file `to`. Where there is a file at `to` nothing is done.
pub fn salvage(from: &Path, to: &Path) -> Result<Salvaged, OpenError> {
    if to.exists() {
        let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(StoreError::Beside { path: to.to_owned(), source }.into());
    }
    if !from.exists() {
        return Err(OpenError::Absent { path: from.to_owned() });
    }
    let source = connect(from, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .or_else(|_| connect(from, OpenFlags::SQLITE_OPEN_READ_ONLY))?;
    source.pragma_update(None, "query_only", true).map_err(sorted(from, "opening"))?;
    source.pragma_update(None, "cell_size_check", true).map_err(sorted(from, "opening"))?;
    let (found, known) = (layout(from, &source)?, newest(LAYOUTS));
    if found > known {
        return Err(OpenError::Newer { path: from.to_owned(), found, known });
    }
    if found < known {
        return Err(OpenError::Older { path: from.to_owned(), found });
    }
    make_private(to).map_err(|source| StoreError::Beside { path: to.to_owned(), source })?;
    drop(Opening::at(to).write()?);
    let mut target = connect(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let word = sorted(to, "saving");
    let tx = target.transaction().map_err(&word)?;
    let mut salvaged = Salvaged::default();
    for (table, columns) in TABLES {
        let kept = save_table(&source, &tx, table, columns, &mut salvaged.cut).map_err(&word)?;
        salvaged.kept.push((table, kept));
    }
    let lost = frame::drop_unreadable(&tx).map_err(&word)?;
    if lost > 0 {
        salvaged.cut.push(format!("frame: {lost} rows whose text cannot be had any more"));
    }
    save_small(&source, &tx, &mut salvaged.cut).map_err(&word)?;
    tx.commit().map_err(word)?;
    Ok(salvaged)
}

fn save_table(
    source: &Connection,
    target: &Connection,
    table: &str,
    columns: &str,
    cut: &mut Vec<String>,
) -> rusqlite::Result<u64> {
    let count = columns.split(',').count();
    let places = vec!["?"; count].join(", ");
    let mut insert = target.prepare(&format!("INSERT OR IGNORE INTO {table}({columns}) VALUES ({places})"))?;
    let mut find = match source.prepare(&format!("SELECT {columns} FROM {table} NOT INDEXED WHERE id = ?1")) {
        Ok(find) => find,
        Err(error) => {
            cut.push(format!("{table}: the whole table ({error})"));
            return Ok(0);
        }
    };
    let (mut kept, mut lost) = (0, 0_u64);
    let (numbers, sure) = numbers(source, table);
    for id in numbers {
        let read =
            find.query_row([id], |row| (0..count).map(|at| row.get::<_, Value>(at)).collect::<Result<Vec<_>, _>>());
        match read {
            Ok(mut values) => {
                let whole = match table {
                    "batch" => whole_batch(&values),
                    "chunk" => whole_chunk(&mut values, cut),
                    _ => true,
                };
                if whole {
                    kept += insert.execute(params_from_iter(values))? as u64;
                } else {
                    cut.push(format!("{table}: row {id}, whose bytes are not those that were written"));
                }
            }
            Err(rusqlite::Error::QueryReturnedNoRows) => {}
            Err(_) => lost += 1,
        }
    }
    if lost > 0 {
        let at_most = if sure { "" } else { "up to " };
        cut.push(format!("{table}: {at_most}{lost} rows on damaged pages"));
    }
    Ok(kept)
}

/// The numbers that rows may have, and whether the last of them is known.
fn numbers(source: &Connection, table: &str) -> (std::ops::RangeInclusive<i64>, bool) {
    let end = |sql: &str| source.query_row(sql, [], |row| row.get::<_, Option<i64>>(0)).ok();
    let last = end(&format!("SELECT max(id) FROM {table} NOT INDEXED"));
    let first = end(&format!("SELECT min(id) FROM {table} NOT INDEXED")).flatten().unwrap_or(1);
    if let Some(last) = last {
        return (first..=last.unwrap_or(0), true);
    }
    // The last page is damaged: whatever a walk from the front reaches, and beyond it.
    let mut reached = first;
    let walk = source.prepare(&format!("SELECT id FROM {table} NOT INDEXED ORDER BY id")).and_then(|mut ids| {
        let mut rows = ids.query([])?;
        while let Some(row) = rows.next()? {
            reached = row.get(0)?;
        }
        Ok(())
    });
    // Where it ended is told already: the rows that could not be read are counted one by one.
    drop(walk);
    (first..=reached.saturating_add(LOOK_BEYOND), false)
}

fn whole_batch(values: &[Value]) -> bool {
    matches!(values.last(), Some(Value::Blob(body)) if batch::each(body, |_| ()).is_some())
}

/// Whether anything of a chunk is whole; what is not is taken out of it.
fn whole_chunk(values: &mut [Value], cut: &mut Vec<String>) -> bool {
    let [Value::Integer(id), Value::Integer(step), .., Value::Blob(body)] = values else { return false };
    let mended = match chunk::resolution(*step) {
        Some(Resolution::Raw) => mended::<Point>(body),
        Some(Resolution::Step(_)) => mended::<Bucket>(body),
        None => return false,
    };
    match mended {
        Mended::Whole => true,
        Mended::Part { damaged, bytes } => {
            cut.push(format!("chunk: {damaged} series of row {id}"));
            *body = bytes;
            true
        }
        Mended::Nothing => false,
    }
}

enum Mended {
    Whole,
    Part { damaged: u64, bytes: Vec<u8> },
    Nothing,
}

fn mended<R: Timed>(body: &[u8]) -> Mended {
    let (rows, damaged): (Rows<R>, u64) = sound(body);
    if damaged == 0 {
        return Mended::Whole;
    }
    let filled: Vec<(u64, &[R])> =
        rows.iter().map(|(series, rows)| (series.cast_unsigned(), rows.as_slice())).collect();
    match crate::series::chunk::seal(&filled) {
        Ok(bytes) if !filled.is_empty() => Mended::Part { damaged, bytes },
        _ => Mended::Nothing,
    }
}

/// The two tables of few rows: settings and counters.
fn save_small(source: &Connection, target: &Connection, cut: &mut Vec<String>) -> rusqlite::Result<()> {
    for table in ["meta", "counter"] {
        let mut insert = target.prepare(&format!("INSERT OR REPLACE INTO {table}(name, value) VALUES (?1, ?2)"))?;
        let read = source.prepare(&format!("SELECT name, value FROM {table}")).and_then(|mut all| {
            let rows = all.query_map([], |row| Ok([row.get::<_, Value>(0)?, row.get::<_, Value>(1)?]))?;
            rows.collect::<Result<Vec<_>, _>>()
        });
        match read {
            Ok(rows) => {
                for row in rows {
                    insert.execute(params_from_iter(row))?;
                }
            }
            Err(error) => cut.push(format!("{table}: all of it ({error})")),
        }
    }
    Ok(())
}
