//! The layouts of the file, from the first to today's. Append-only: a layout that was published is never edited.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use super::backup;
use super::trouble::{OpenError, StoreError, sorted};

/// Marks the file as ours (`PRAGMA application_id`): `CMHI`.
pub(super) const APPLICATION: i64 = 0x434D_4849;

/// The SQL that leads from each layout to the next; `PRAGMA user_version` is how many were applied.
pub(super) const LAYOUTS: &[&str] = &[
    include_str!("migration/1.sql"),
    include_str!("migration/2.sql"),
    include_str!("migration/3.sql"),
    include_str!("migration/4.sql"),
    include_str!("migration/5.sql"),
    include_str!("migration/6.sql"),
    include_str!("migration/7.sql"),
];

/// The number of the last of some layouts.
pub(super) fn newest(layouts: &[&str]) -> i64 {
    i64::try_from(layouts.len()).unwrap_or(i64::MAX)
}

/// The layout of an open file, and whether it is ours at all.
pub(super) fn layout(path: &Path, connection: &Connection) -> Result<i64, OpenError> {
    let number = |pragma: &str| connection.pragma_query_value::<i64, _>(None, pragma, |row| row.get(0));
    let read = || -> rusqlite::Result<_> {
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok((number("application_id")?, number("user_version")?, tables))
    };
    match read().map_err(sorted(path, "reading the layout"))? {
        (APPLICATION, layout, _) => Ok(layout),
        (0, 0, 0) => Ok(0),
        _ => Err(OpenError::Foreign { path: path.to_owned() }),
    }
}

/// Brings a file up to the last of `layouts`; answers with the copy that was made of it, if it was an older one.
pub(super) fn migrate(
    path: &Path,
    connection: &mut Connection,
    layouts: &[&str],
) -> Result<Option<PathBuf>, OpenError> {
    let known = newest(layouts);
    let found = layout(path, connection)?;
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    if found == known {
        return Ok(None);
    }
    let copy = (found > 0).then(|| copy_path(path, found));
    if let Some(copy) = &copy {
        backup::copy_anew(connection, path, copy)
            .map_err(|source| OpenError::Copy { copy: copy.clone(), source: Box::new(source) })?;
    }
    let word = sorted(path, "bringing the layout up to date");
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&word)?;
    // Another program may have been faster while the copy was made.
    let found: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(&word)?;
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    let done = usize::try_from(found).unwrap_or(0);
    for sql in &layouts[done..] {
        tx.execute_batch(sql).map_err(&word)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION).map_err(&word)?;
    tx.pragma_update(None, "user_version", known).map_err(&word)?;
    if let Some(copy) = copy.as_deref().and_then(Path::to_str) {
        tx.execute("INSERT OR REPLACE INTO meta(name, value) VALUES ('copy', ?1)", [copy]).map_err(&word)?;
    }
    tx.commit().map_err(word)?;
    Ok(copy)
}

fn copy_path(path: &Path, layout: i64) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".layout-{layout}"));
    path.with_file_name(name)
}

/// A value out of `meta`, as it was put there.
pub(super) fn meta<T: rusqlite::types::FromSql>(
    path: &Path,
    connection: &Connection,
    name: &str,
) -> Result<Option<T>, StoreError> {
    use rusqlite::OptionalExtension as _;
    let mut statement = connection
        .prepare_cached("SELECT value FROM meta WHERE name = ?1")
        .map_err(sorted(path, "reading a setting"))?;
    statement.query_row([name], |row| row.get(0)).optional().map_err(sorted(path, "reading a setting"))
}

/// Puts a value into `meta`.
pub(super) fn set_meta(
    path: &Path,
    connection: &Connection,
    name: &str,
    value: impl rusqlite::ToSql,
) -> Result<(), StoreError> {
    let mut statement = connection
        .prepare_cached("INSERT OR REPLACE INTO meta(name, value) VALUES (?1, ?2)")
        .map_err(sorted(path, "writing a setting"))?;
    statement.execute(rusqlite::params![name, value]).map_err(sorted(path, "writing a setting"))?;
    Ok(())
}
