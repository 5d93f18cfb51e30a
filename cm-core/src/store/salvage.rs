//! What can be saved of a damaged file, into a new one, and what was cut.
//!
//! Every row is asked for by its number, so that a damaged page costs the rows that it holds; rows to which nothing leads
//! any more are found by looking at every page; of each chunk the series whose checksum is right are kept. The damaged
//! file is only read. It does not put the new file in the old one's place: a person does, once the programs that use it
//! have ended.

mod index;
mod pages;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Transaction, params_from_iter};

use super::migration::{LAYOUTS, layout, newest};
use super::open::{Opening, connect, make_private};
use super::trouble::{OpenError, StoreError, sorted};
use super::{backup, batch, frame};
use index::Index;
use pages::Pages;
pub(super) use table::TABLES;
use table::Table;

/// What was saved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Salvaged {
    /// Rows that were kept, of each table.
    pub kept: Vec<(&'static str, u64)>,
    /// What was cut, each in a sentence.
    pub cut: Vec<String>,
}

/// Saves what is whole of the history at `from` into the new file `to`. Where there is a file at `to` nothing is done.
///
/// A copy of the pages lies beside `to` for as long as this takes. Where the damage is such that SQLite takes the file for
/// no database, the file itself is read: nothing else of this process may have it open then.
pub fn salvage(from: &Path, to: &Path) -> Result<Salvaged, OpenError> {
    if to.exists() {
        let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(StoreError::Beside { path: to.to_owned(), source }.into());
    }
    if !from.exists() {
        return Err(OpenError::Absent { path: from.to_owned() });
    }
    let source = readable(from)?;
    make_private(to).map_err(|source| StoreError::Beside { path: to.to_owned(), source })?;
    let saved = save(from, source, to);
    if saved.is_err() {
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(beside(to, end));
        }
    }
    saved
}

/// The damaged file as SQLite reads it; none where it does not.
fn readable(from: &Path) -> Result<Option<Connection>, OpenError> {
    let opened = connect(from, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .or_else(|_| connect(from, OpenFlags::SQLITE_OPEN_READ_ONLY))
        .and_then(|source| {
            source.pragma_update(None, "query_only", true).map_err(sorted(from, "opening"))?;
            Ok(source)
        });
    let known = newest(LAYOUTS);
    match opened.map_err(OpenError::from).and_then(|source| Ok((layout(from, &source)?, source))) {
        Ok((found, _)) if found > known => Err(OpenError::Newer { path: from.to_owned(), found, known }),
        Ok((found, _)) if found < known => Err(OpenError::Older { path: from.to_owned(), found }),
        Ok((_, source)) => Ok(Some(source)),
        Err(OpenError::Store(StoreError::Damaged { .. } | StoreError::Sqlite { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

fn save(from: &Path, source: Option<Connection>, to: &Path) -> Result<Salvaged, OpenError> {
    drop(Opening::at(to).write()?);
    let mut target = connect(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let word = sorted(to, "saving");
    let tx = target.transaction().map_err(&word)?;
    let mut saved = Saved { tx, kept: TABLES.iter().map(|table| (table.name, 0)).collect(), cut: Vec::new() };
    let mut missed = BTreeMap::new();
    let copy = beside(to, ".pages");
    let mut pages = None;
    if let Some(source) = source {
        for table in TABLES {
            missed.insert(table.name, saved.by_number(&source, table).map_err(&word)?);
        }
        saved.small(&source).map_err(&word)?;
        if backup::copy_anew(&source, from, &copy).is_ok() {
            pages = Pages::of(&copy).ok();
        }
    } else {
        saved
            .cut
            .push("SQLite does not take the file for a database: only what each page says for itself was read".into());
    }
    // The pages as they lie in the file, where SQLite makes no copy of them.
    let opened = pages.map_or_else(|| Pages::of(from), Ok);
    let mut pages = opened.map_err(|source| StoreError::Beside { path: from.to_owned(), source })?;
    let found = saved.by_page(&mut pages).map_err(&word);
    drop(pages);
    let _ = fs::remove_file(copy);
    saved.name_series(&found?).map_err(&word)?;
    let lost = frame::drop_unreadable(&saved.tx).map_err(&word)?;
    if lost > 0 {
        saved.cut.push(format!("frame: {lost} rows whose text cannot be had any more"));
    }
    saved.tell(&missed).map_err(&word)?;
    if saved.kept.values().all(|kept| *kept == 0) && missed.is_empty() {
        return Err(StoreError::Damaged { path: from.to_owned(), what: "no row can be made out".to_owned() }.into());
    }
    saved.tx.commit().map_err(word)?;
    let kept = TABLES.iter().map(|table| (table.name, saved.kept[table.name])).collect();
    Ok(Salvaged { kept, cut: saved.cut })
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Rows of a table that could not be read by their numbers.
#[derive(Default)]
struct Missed {
    numbers: Vec<i64>,
    /// The tree could not be walked to its end.
    beyond: bool,
}

/// What goes into the new file.
struct Saved<'t> {
    tx: Transaction<'t>,
    kept: BTreeMap<&'static str, u64>,
    cut: Vec<String>,
}

impl Saved<'_> {
    /// Puts a row in its place, without what is damaged of it.
    fn put(&mut self, table: &Table, id: i64, mut values: Vec<Value>) -> rusqlite::Result<()> {
        if self.has(table, id)? {
            return Ok(());
        }
        values[0] = Value::Integer(id);
        match table.mend(&mut values) {
            table::Mended::Whole => {}
            table::Mended::Part { what } => self.cut.push(format!("{}: {what} of row {id}", table.name)),
            table::Mended::Nothing => {
                let what = format!("{}: row {id}, whose bytes are not those that were written", table.name);
                if !self.cut.contains(&what) {
                    self.cut.push(what);
                }
                return Ok(());
            }
        }
        let places = vec!["?"; values.len()].join(", ");
        let sql = format!("INSERT OR IGNORE INTO {}({}) VALUES ({places})", table.name, table.columns);
        let stored = self.tx.prepare_cached(&sql)?.execute(params_from_iter(values))?;
        *self.kept.entry(table.name).or_default() += stored as u64;
        Ok(())
    }

    fn has(&self, table: &Table, id: i64) -> rusqlite::Result<bool> {
        self.tx.prepare_cached(&format!("SELECT 1 FROM {} WHERE id = ?1", table.name))?.exists([id])
    }

    /// Every row of a table to which its tree leads.
    fn by_number(&mut self, source: &Connection, table: &Table) -> rusqlite::Result<Missed> {
        let Table { name, columns, .. } = table;
        let mut missed = Missed::default();
        let Ok(mut find) = source.prepare(&format!("SELECT {columns} FROM {name} NOT INDEXED WHERE id = ?1")) else {
            return Ok(Missed { beyond: true, ..missed });
        };
        let width = table.kinds.len();
        let (numbers, beyond) = numbers(source, name);
        missed.beyond = beyond;
        for id in numbers {
            let read = find.query_row([id], |row| (0..width).map(|at| row.get::<_, Value>(at)).collect());
            match read {
                Ok(values) => self.put(table, id, values)?,
                Err(rusqlite::Error::QueryReturnedNoRows) => {}
                Err(_) => missed.numbers.push(id),
            }
        }
        Ok(missed)
    }

    /// Every row that a page holds, whether or not anything leads to it.
    fn by_page(&mut self, pages: &mut Pages) -> rusqlite::Result<Index> {
        let mut index = Index::default();
        let mut failed = None;
        pages.each(|record| {
            let Some(id) = record.id else { return index.note(&record.values) };
            if let Some(table) = Table::of(&record.values)
                && let Err(error) = self.put(table, id, record.values)
            {
                failed = Some(error);
            }
        });
        failed.map_or(Ok(index), Err)
    }

    /// The two tables of few rows: settings and counters.
    fn small(&mut self, source: &Connection) -> rusqlite::Result<()> {
        for table in ["meta", "counter"] {
            let read = source.prepare(&format!("SELECT name, value FROM {table}")).and_then(|mut all| {
                let rows = all.query_map([], |row| Ok([row.get::<_, Value>(0)?, row.get::<_, Value>(1)?]))?;
                rows.collect::<Result<Vec<_>, _>>()
            });
            match read {
                Ok(rows) => {
                    for row in rows {
                        let sql = format!("INSERT OR REPLACE INTO {table}(name, value) VALUES (?1, ?2)");
                        self.tx.execute(&sql, params_from_iter(row))?;
                    }
                }
                Err(error) => self.cut.push(format!("{table}: all of it ({error})")),
            }
        }
        Ok(())
    }

    /// Says what neither way has brought.
    fn tell(&mut self, missed: &BTreeMap<&'static str, Missed>) -> rusqlite::Result<()> {
        for table in TABLES {
            let Some(missed) = missed.get(table.name) else { continue };
            let mut lost = 0_u64;
            for id in &missed.numbers {
                lost += u64::from(!self.has(table, *id)?);
            }
            if missed.beyond {
                let what = "the way to its last rows is damaged, and how many of them are lost is not known";
                self.cut.push(format!("{}: {what}", table.name));
            }
            if lost > 0 {
                self.cut.push(format!("{}: {lost} rows on damaged pages", table.name));
            }
        }
        Ok(())
    }
}

/// The numbers that rows may have, and whether there may be more beyond.
fn numbers(source: &Connection, table: &str) -> (std::ops::RangeInclusive<i64>, bool) {
    let end = |sql: &str| source.query_row(sql, [], |row| row.get::<_, Option<i64>>(0)).ok();
    let last = end(&format!("SELECT max(id) FROM {table} NOT INDEXED"));
    let first = end(&format!("SELECT min(id) FROM {table} NOT INDEXED")).flatten().unwrap_or(1);
    if let Some(last) = last {
        return (first..=last.unwrap_or(0), false);
    }
    // The last page is damaged: whatever a walk from the front reaches. The rest is found page by page.
    let mut reached = first;
    let walk = source.prepare(&format!("SELECT id FROM {table} NOT INDEXED ORDER BY id")).and_then(|mut ids| {
        let mut rows = ids.query([])?;
        while let Some(row) = rows.next()? {
            reached = row.get(0)?;
        }
        Ok(())
    });
    drop(walk);
    (first..=reached, true)
}
