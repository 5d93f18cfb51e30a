//! What most programs do: a row a sample, 500 rows to a transaction.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use cm_core::series::SeriesKey;
use rusqlite::{Connection, params};

use crate::ours::{median_ms, took};
use crate::telemetry::{HOUR, NEW_YEAR, Telemetry};
use crate::tell;

pub(crate) const ROWS: usize = 500;

/// In order of series and time, so that a series can be read: without it each read would be of the whole table.
pub(crate) const CLUSTERED: &str =
    "CREATE TABLE sample (series INTEGER, at INTEGER, value REAL, PRIMARY KEY (series, at)) WITHOUT ROWID";

/// In the order in which they come, without any index: what is written the least.
pub(crate) const AS_THEY_COME: &str = "CREATE TABLE sample (series INTEGER, at INTEGER, value REAL)";

pub(crate) fn plain(feed: &str, hours: i64, series: i64, path: &Path) {
    let mut telemetry = Telemetry::named(feed);
    let mut connection = table(path, CLUSTERED);
    let mut numbers: HashMap<SeriesKey, i64> = HashMap::new();
    let mut waiting: Vec<(i64, i64, f64)> = Vec::new();
    let (mut samples, mut storing) = (0_u64, Duration::ZERO);
    for at in (NEW_YEAR..NEW_YEAR + hours * HOUR).step_by(5_000) {
        for measured in telemetry.tick(at) {
            let next = i64::try_from(numbers.len()).expect("few");
            let number = *numbers.entry(SeriesKey::of(&measured.host, &measured.sample)).or_insert(next);
            if series == 0 || number < series {
                waiting.push((number, measured.sample.at.millis(), measured.sample.value));
            }
        }
        while waiting.len() >= ROWS {
            let rest = waiting.split_off(ROWS);
            let rows = std::mem::replace(&mut waiting, rest);
            samples += rows.len() as u64;
            storing += took(|| store(&mut connection, &rows));
        }
    }
    storing += took(|| store(&mut connection, &waiting));
    samples += waiting.len() as u64;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("an empty log");
    tell("plain_samples", samples as f64);
    tell("plain_ingest_per_s", samples as f64 / storing.as_secs_f64());
    tell("plain_bytes", std::fs::metadata(path).expect("the file").len() as f64);
    let mut points = 0;
    let read = median_ms(20, || points = all_of(&connection, 3).len());
    tell("plain_read_points", points as f64);
    tell("plain_read_ms", read);
}

/// A database as one opens it who wants it fast: a write-ahead log, and no waiting for the disk.
pub(crate) fn table(path: &Path, layout: &str) -> Connection {
    let connection = Connection::open(path).expect("a database");
    connection
        .execute_batch(&format!("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {layout}"))
        .expect("a table");
    connection
}

pub(crate) fn store(connection: &mut Connection, rows: &[(i64, i64, f64)]) {
    let tx = connection.transaction().expect("a transaction");
    {
        let mut insert = tx.prepare_cached("INSERT INTO sample VALUES (?1, ?2, ?3)").expect("sound SQL");
        for (series, at, value) in rows {
            insert.execute(params![series, at, value]).expect("stored");
        }
    }
    tx.commit().expect("stored");
}

fn all_of(connection: &Connection, series: i64) -> Vec<(i64, f64)> {
    let mut select =
        connection.prepare_cached("SELECT at, value FROM sample WHERE series = ?1 ORDER BY at").expect("SQL");
    let rows = select.query_map([series], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    rows.collect::<Result<_, _>>().expect("rows")
}
