//! What people ask for from programs that do not hold the lease: put into the file by any program, answered by the one
//! that judges in the transaction that stores what the answer changed.
//!
//! It does not know what is asked for.

use rusqlite::{OptionalExtension as _, TransactionBehavior, params};

use super::checked::{put_json, take_json};
use super::read::Reader;
use super::trouble::StoreError;
use super::writer::{Write, Writer};
use crate::clock::WallTime;
use crate::incident::request::{Asked, Asking, Outcome};

/// The most requests that wait: a judge that stood still for long is not asked for more.
pub const MOST_WAITING: i64 = 1_000;

/// How many requests are kept, answered ones among them.
const MOST_KEPT: i64 = 2_000;

impl Writer {
    /// Puts a request into the file; answers with its number, or with none where too many wait already. Needs no lease. On
    /// the disk when it returns.
    pub fn ask(&mut self, asking: &Asking, at: WallTime) -> Result<Option<u64>, StoreError> {
        self.site.stands()?;
        let word = self.site.sorted("asking");
        let tx = self.firm.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&word)?;
        let count = "SELECT count(*) FROM request WHERE answer = x''";
        let waiting: i64 = tx.query_row(count, [], |row| row.get(0)).map_err(&word)?;
        if waiting >= MOST_WAITING {
            return Ok(None);
        }
        let sql = "INSERT INTO request(at, body, answer) VALUES (?1, ?2, x'')";
        tx.execute(sql, params![at.millis(), put_json(asking)]).map_err(&word)?;
        let number = tx.last_insert_rowid();
        tx.commit().map_err(word)?;
        Ok(Some(number.cast_unsigned()))
    }

    /// The requests that wait, in order. Cost: one search in an index of those that wait.
    pub fn asked(&self) -> Result<Vec<Asked>, StoreError> {
        let word = self.site.sorted("reading what is asked");
        let sql = "SELECT id, body FROM request WHERE answer = x'' ORDER BY id";
        let mut statement = self.firm.prepare_cached(sql).map_err(&word)?;
        let rows = statement.query_map([], |row| {
            let (number, body): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            Ok(Asked { number: number.cast_unsigned(), asking: take_json::<Asking>(&body) })
        });
        rows.map_err(&word)?.collect::<Result<_, _>>().map_err(word)
    }
}

impl Reader {
    /// What became of a request, if it was answered.
    pub fn outcome(&self, number: u64) -> Result<Option<Outcome>, StoreError> {
        self.slice("reading an answer", |tx, word| {
            let mut statement = tx.prepare_cached("SELECT answer FROM request WHERE id = ?1").map_err(word)?;
            let answer: Option<Vec<u8>> =
                statement.query_row([number.cast_signed()], |row| row.get(0)).optional().map_err(word)?;
            Ok(answer.and_then(|answer| take_json(&answer)))
        })
    }
}

/// Stores answers, within a transaction that stores more. The newest request stays, so that no number is given twice.
pub(super) fn answer(write: &Write<'_>, answers: &[(u64, Outcome)]) -> Result<(), StoreError> {
    for (number, outcome) in answers {
        write.run("UPDATE request SET answer = ?2 WHERE id = ?1", params![number.cast_signed(), put_json(outcome)])?;
    }
    if !answers.is_empty() {
        let sql = "DELETE FROM request WHERE id <= (SELECT max(id) FROM request) - ?1 AND answer <> x''";
        write.run(sql, [MOST_KEPT])?;
    }
    Ok(())
}
