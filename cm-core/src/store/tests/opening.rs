//! Which files are opened, which refused, and what becomes of older ones.

use std::os::unix::fs::PermissionsExt as _;

use rusqlite::Connection;

use super::super::migration::LAYOUTS;
use super::super::open::{LEAST_SQLITE, sound_sqlite};
use super::*;

#[test]
fn an_sqlite_that_is_too_old_is_refused_and_the_one_built_in_is_not() {
    assert!(matches!(sound_sqlite(3_051_002), Err(OpenError::OldSqlite { .. })));
    assert!(sound_sqlite(LEAST_SQLITE).is_ok());
    assert!(sound_sqlite(rusqlite::version_number()).is_ok());
}

#[test]
fn a_new_history_is_for_its_owner_alone() {
    let folder = folder();
    let path = folder.path().join("state/cm-dashboard/history.db");
    let mut writer = recorder(&path);
    append(&mut writer, &[measured(0, NEW_YEAR, 1.0)], NEW_YEAR);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&path.with_file_name("history.db-wal")), 0o600);
}

#[test]
fn filesystems_whose_locks_do_not_hold_are_refused_by_name_and_nothing_is_made() {
    for (magic, name) in [(0x6969, "NFS"), (0x6573_5546, "FUSE"), (0x0102_1997, "9p"), (0xFE53_4D42, "SMB")] {
        let folder = folder();
        let path = folder.path().join("history.db");
        let ground = Told::new();
        ground.magic.store(magic, Ordering::Relaxed);
        let refused = Opening::at(&path).on(ground).write().err().unwrap();
        assert!(matches!(&refused, OpenError::Filesystem { filesystem, .. } if *filesystem == name), "{refused}");
        assert!(refused.to_string().contains("--database"), "{refused}");
        assert!(!path.exists());
    }
}

#[test]
fn a_newer_history_and_a_database_of_others_are_refused_untouched() {
    for (sql, wanted) in [
        ("PRAGMA user_version = 99; PRAGMA application_id = 1129138249; CREATE TABLE later (a)", "newer version"),
        ("CREATE TABLE bookmarks (url)", "another program"),
    ] {
        let folder = folder();
        let path = folder.path().join("history.db");
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let before = bytes(&path);
        for refused in [Opening::at(&path).write().err().unwrap(), Opening::at(&path).read().err().unwrap()] {
            assert!(refused.to_string().contains(wanted), "{refused}");
        }
        assert_eq!(bytes(&path), before);
    }
}

#[test]
fn a_reader_says_that_there_is_no_history_and_makes_none() {
    let folder = folder();
    let path = folder.path().join("history.db");
    assert!(matches!(Opening::at(&path).read(), Err(OpenError::Absent { .. })));
    assert!(!path.exists());
}

#[test]
fn an_older_history_is_copied_then_brought_up_to_date_with_all_that_it_held() {
    let folder = folder();
    let path = folder.path().join("history.db");
    append(&mut recorder(&path), &[measured(0, NEW_YEAR, 7.0)], NEW_YEAR);
    let next = [LAYOUTS, &["CREATE TABLE later (a INTEGER) STRICT"]].concat();
    let writer = Opening::at(&path).write_with(&next).unwrap();
    let tables = |path: &Path| {
        let count = "SELECT count(*) FROM sqlite_schema WHERE name = 'later'";
        Connection::open(path).unwrap().query_row(count, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    drop(writer);
    assert_eq!(tables(&path), 1);
    let copy = path.with_file_name("history.db.layout-3");
    assert_eq!(tables(&copy), 0);
    assert_eq!(values(&Opening::at(&copy).read().unwrap(), 0), [(NEW_YEAR, 7.0)]);
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(Opening::at(&path).read(), Err(OpenError::Newer { found: 4, known: 3, .. })));
}

#[test]
fn a_layout_that_fails_halfway_leaves_the_history_as_it_was() {
    let folder = folder();
    let path = folder.path().join("history.db");
    append(&mut recorder(&path), &[measured(0, NEW_YEAR, 7.0)], NEW_YEAR);
    let next = [LAYOUTS, &["CREATE TABLE later (a); CREATE TABLE batch (a)"]].concat();
    assert!(Opening::at(&path).write_with(&next).is_err());
    assert_eq!(values(&Opening::at(&path).read().unwrap(), 0), [(NEW_YEAR, 7.0)]);
}

#[test]
fn a_file_that_was_replaced_is_noticed_by_writer_and_reader() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    append(&mut writer, &[measured(0, NEW_YEAR, 7.0)], NEW_YEAR);
    let reader = Opening::at(&path).read().unwrap();
    reader.backup(&folder.path().join("other.db")).unwrap();
    std::fs::rename(folder.path().join("other.db"), &path).unwrap();
    assert!(matches!(reader.series(), Err(StoreError::Replaced { .. })));
    let refused = writer.append(&[measured(0, NEW_YEAR, 8.0)], &Registry::default(), now(NEW_YEAR));
    assert!(matches!(refused, Err(StoreError::Replaced { .. })), "{refused:?}");
}
