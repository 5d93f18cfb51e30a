//! A reader that stands still while 1,000 commits of 500 rows come: how long the write-ahead log becomes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use cm_core::registry::Registry;
use cm_core::series::SeriesKey;
use cm_core::store::{Measured, StoreError};
use rusqlite::Connection;

use crate::ours::{recorder, wall};
use crate::plain::{self, ROWS};
use crate::telemetry::{EVERY, NEW_YEAR, Telemetry};
use crate::tell;

const COMMITS: usize = 1_000;

pub(crate) fn stuck(path: &Path) {
    let mut telemetry = Telemetry::fleet();
    let mut waiting: Vec<Measured> = Vec::new();
    let mut at = NEW_YEAR;
    let commits: Vec<Vec<Measured>> = (0..COMMITS)
        .map(|_| {
            while waiting.len() < ROWS {
                waiting.extend(telemetry.tick(at));
                at += EVERY;
            }
            let rest = waiting.split_off(ROWS);
            std::mem::replace(&mut waiting, rest)
        })
        .collect();

    let mut writer = recorder(path);
    let reader = stands_still(path, "SELECT count(*) FROM batch");
    let mut stored = 0;
    for rows in &commits {
        match writer.append(rows, &Registry::default(), wall(at)) {
            Ok(_) => stored += 1,
            Err(StoreError::LogHeld { .. }) => break,
            Err(error) => panic!("{error}"),
        }
    }
    tell("stuck_commits", f64::from(stored));
    tell("stuck_log_bytes", log_bytes(path));
    drop(reader);

    let beside = PathBuf::from(format!("{}.plain", path.display()));
    let mut connection = plain::table(&beside, plain::AS_THEY_COME);
    let reader = stands_still(&beside, "SELECT count(*) FROM sample");
    let mut numbers: HashMap<SeriesKey, i64> = HashMap::new();
    for rows in &commits {
        let rows: Vec<(i64, i64, f64)> = rows
            .iter()
            .map(|Measured { host, sample }| {
                let next = i64::try_from(numbers.len()).expect("few");
                let number = *numbers.entry(SeriesKey::of(host, sample)).or_insert(next);
                (number, sample.at.millis(), sample.value)
            })
            .collect();
        plain::store(&mut connection, &rows);
    }
    tell("plain_stuck_log_bytes", log_bytes(&beside));
    drop(reader);
}

/// A reader in the middle of reading.
fn stands_still(path: &Path, sql: &str) -> Connection {
    let reader = Connection::open(path).expect("the database");
    reader.execute_batch("BEGIN").expect("a transaction");
    reader.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a number");
    reader
}

fn log_bytes(path: &Path) -> f64 {
    std::fs::metadata(format!("{}-wal", path.display())).expect("a log").len() as f64
}
