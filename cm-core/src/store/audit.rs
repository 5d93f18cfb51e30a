//! The audit log in the file: acts are put behind the last one, read in slices, and forgotten up to one of them.
//!
//! An act needs no lease: a person may acknowledge from any program while another records. SQLite's own write lock is
//! held while the act is sealed and the key moves on, so that no two programs seal under the same key. What is stored is
//! on the disk when the call returns. A crash in between leaves the key at the act that was stored last or at the next
//! one, never beyond.

mod key;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Row, Rows, Transaction, TransactionBehavior, params};

use key::KeyFile;
pub use key::Standing;

use super::open::Site;
use super::read::Reader;
use super::trouble::StoreError;
use super::writer::Writer;
use crate::audit::{Deed, Head, Link, Record, Sealed, Tag};
use crate::clock::WallTime;
use crate::text::HostText;

/// The key's usual place in the folder of state.
pub fn usual_key(state: &Path) -> PathBuf {
    state.join("audit.key")
}

/// How many acts are read in one slice.
const SLICE: i64 = 500;

/// What became of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The chain as it ends now: for the footer of the next mail.
    pub head: Head,
    /// Whether a new key was begun with it: then it is time to write that down elsewhere (`cm-cli audit key`).
    pub new_key: bool,
}

impl Writer {
    /// Records an act. `key` is the key's file, made from `fresh` (32 random bytes) where there is none.
    ///
    /// Needs no lease. Three writes to the disk.
    pub fn record_act(
        &mut self,
        key: &Path,
        fresh: impl FnOnce() -> [u8; 32],
        act: Record,
    ) -> Result<Recorded, StoreError> {
        let tx = begin(&mut self.firm, &self.site)?;
        seal_act(tx, &self.site, key, fresh, act).and_then(|sealed| sealed.forget_key(&mut self.firm, key))
    }

    /// Forgets the acts from before a moment, and records that as an act: `act` says who and why, what it did is put into
    /// it. Where there is nothing so old nothing is done.
    ///
    /// Acts are forgotten from the first on up to the first that is younger, whatever the clock said later.
    pub fn forget_acts(
        &mut self,
        key: &Path,
        fresh: impl FnOnce() -> [u8; 32],
        before: WallTime,
        act: Record,
    ) -> Result<Option<Recorded>, StoreError> {
        let tx = begin(&mut self.firm, &self.site)?;
        let oldest = last_before(&tx, before).map_err(self.site.sorted("looking for old acts"))?;
        let Some((through, base)) = oldest else { return Ok(None) };
        let act = Record { deed: Deed::Pruned { through, base }, ..act };
        let sealed = seal_act(tx, &self.site, key, fresh, act)?;
        sealed.forget_key(&mut self.firm, key).map(Some)
    }
}

/// An act that is stored, while its key is still there.
struct Stored {
    file: KeyFile,
    seq: u64,
    recorded: Recorded,
}

impl Stored {
    /// Erases the key. Under the lock again: by then another program's key may stand in that place. Where the lock cannot
    /// be had the next act erases it.
    fn forget_key(self, firm: &mut Connection, key: &Path) -> Result<Recorded, StoreError> {
        if let Ok(_lock) = firm.transaction_with_behavior(TransactionBehavior::Immediate) {
            self.file.forget(self.seq).map_err(|source| StoreError::Beside { path: key.to_owned(), source })?;
        }
        Ok(self.recorded)
    }
}

fn begin<'w>(firm: &'w mut Connection, site: &Site) -> Result<Transaction<'w>, StoreError> {
    site.stands()?;
    firm.transaction_with_behavior(TransactionBehavior::Immediate).map_err(site.sorted("recording an act"))
}

/// Stores an act, and what it forgets goes. Whatever fails leaves the table as it was.
fn seal_act(
    tx: Transaction<'_>,
    site: &Site,
    key: &Path,
    fresh: impl FnOnce() -> [u8; 32],
    act: Record,
) -> Result<Stored, StoreError> {
    let word = site.sorted("recording an act");
    let beside = |source| StoreError::Beside { path: key.to_owned(), source };
    let (seq, link) = last(&tx).map_err(&word)?.unwrap_or_else(|| (0, Link::genesis()));
    let (mut file, new_key) = KeyFile::open(key, seq + 1, fresh).map_err(beside)?;
    let ratchet = file.at(seq + 1).map_err(beside)?;
    let sealed = Sealed::new(act, &ratchet, link);
    file.keep_next(ratchet).map_err(beside)?;
    insert(&tx, &sealed).map_err(&word)?;
    if let Deed::Pruned { through, .. } = sealed.act.deed {
        tx.execute("DELETE FROM audit WHERE id <= ?1", [signed(through)]).map_err(&word)?;
    }
    tx.commit().map_err(&word)?;
    Ok(Stored { file, seq: sealed.seq, recorded: Recorded { head: sealed.head(), new_key } })
}

/// The last act before the first that is not from before a moment.
fn last_before(connection: &Connection, before: WallTime) -> rusqlite::Result<Option<(u64, Link)>> {
    let sql = "SELECT id, link FROM audit WHERE id < coalesce((SELECT min(id) FROM audit WHERE at >= ?1), 1 << 62)
               ORDER BY id DESC LIMIT 1";
    numbered(connection.prepare_cached(sql)?.query([before.millis()])?)
}

impl Reader {
    /// All acts, as they are kept. Cost: all of them in memory, some 500 bytes each.
    pub fn audit(&self) -> Result<Vec<Sealed>, StoreError> {
        let mut acts: Vec<Sealed> = Vec::new();
        loop {
            let after = acts.last().map_or(i64::MIN, |act| signed(act.seq));
            let before = acts.len();
            self.slice("reading acts", |tx, word| {
                let sql = "SELECT id, at, who, program, what, why, through, base, tag, link FROM audit WHERE id > ?1
                           ORDER BY id LIMIT ?2";
                let mut statement = tx.prepare_cached(sql).map_err(word)?;
                let rows = statement.query_map(params![after, SLICE], act).map_err(word)?;
                for row in rows {
                    acts.push(row.map_err(word)?);
                }
                Ok(())
            })?;
            if acts.len() == before {
                return Ok(acts);
            }
        }
    }

    /// Where the chain ends; `None` where nothing was done yet.
    pub fn audit_head(&self) -> Result<Option<Head>, StoreError> {
        self.slice("reading the last act", |tx, word| {
            Ok(last(tx).map_err(word)?.map(|(seq, link)| Head::new(seq, link)))
        })
    }
}

/// Where the key of a file stands; `None` where there is no key yet.
pub fn standing(key: &Path) -> Result<Option<Standing>, StoreError> {
    KeyFile::standing(key).map_err(|source| StoreError::Beside { path: key.to_owned(), source })
}

fn last(connection: &Connection) -> rusqlite::Result<Option<(u64, Link)>> {
    numbered(connection.prepare_cached("SELECT id, link FROM audit ORDER BY id DESC LIMIT 1")?.query([])?)
}

fn numbered(mut rows: Rows<'_>) -> rusqlite::Result<Option<(u64, Link)>> {
    rows.next()?.map(|row| Ok((number(row, 0)?, Link::new(row.get(1)?)))).transpose()
}

fn insert(connection: &Connection, sealed: &Sealed) -> rusqlite::Result<()> {
    let (through, base) = match &sealed.act.deed {
        Deed::Pruned { through, base } => (Some(signed(*through)), Some(base.to_string())),
        Deed::Done(_) => (None, None),
    };
    let act = &sealed.act;
    connection
        .prepare_cached(
            "INSERT INTO audit(id, at, who, program, what, why, through, base, tag, link)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            signed(sealed.seq),
            act.when.millis(),
            act.who.raw(),
            act.program.raw(),
            act.deed.words().raw(),
            act.why.raw(),
            through,
            base,
            sealed.tag.bytes(),
            sealed.link.bytes(),
        ])
        .map(|_| ())
}

/// One row. What was edited into something that cannot be, is read as near as can be: the proof fails then, as it should.
fn act(row: &Row<'_>) -> rusqlite::Result<Sealed> {
    let text = |at: usize| row.get::<_, String>(at).map(HostText::new);
    let base = row.get::<_, Option<String>>(7)?.map(|base| Link::read(&base).unwrap_or_else(Link::genesis));
    let deed = match (row.get::<_, Option<i64>>(6)?, base) {
        (Some(through), Some(base)) => Deed::Pruned { through: unsigned(through), base },
        _ => Deed::Done(text(4)?),
    };
    let bytes = |at: usize| -> rusqlite::Result<[u8; 32]> {
        let bytes: Vec<u8> = row.get(at)?;
        Ok(bytes.try_into().unwrap_or_default())
    };
    let act =
        Record { when: WallTime::from_millis(row.get(1)?), who: text(2)?, program: text(3)?, deed, why: text(5)? };
    Ok(Sealed { seq: number(row, 0)?, act, tag: Tag::new(bytes(8)?), link: Link::new(bytes(9)?) })
}

fn number(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    row.get(at).map(unsigned)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
