//! Who may write, and when samples wait.

use super::super::expire::Log;
use super::*;

#[test]
fn a_lease_is_held_until_it_runs_out_by_the_clock_of_the_machines_start() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut first = recorder(&path);
    let mut second = Opening::at(&path).write().unwrap();
    let claim = second.claim(&holder("second"), now(NEW_YEAR + 7_000)).unwrap();
    assert_eq!(claim, Claim::Held { by: "recorder".to_owned(), left: Duration::from_secs(1) });
    first.renew(now(NEW_YEAR + 7_000)).unwrap();
    assert!(matches!(second.claim(&holder("second"), now(NEW_YEAR + 9_000)).unwrap(), Claim::Held { .. }));
    // A wall clock that leaps ahead frees nothing.
    let leapt = Now { wall: at(NEW_YEAR + 400 * DAY), ..now(NEW_YEAR + 9_000) };
    assert!(matches!(second.claim(&holder("second"), leapt).unwrap(), Claim::Held { .. }));
    assert_eq!(second.claim(&holder("second"), now(NEW_YEAR + 15_000)).unwrap(), Claim::Ours { epoch: 2 });
}

#[test]
fn a_lease_from_before_the_machines_last_start_is_free_at_once_and_one_that_was_given_back_too() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut first = recorder(&path);
    let mut second = Opening::at(&path).write().unwrap();
    let restarted = Holder { boot: "start-2".to_owned(), ..holder("second") };
    assert_eq!(second.claim(&restarted, now(NEW_YEAR)).unwrap(), Claim::Ours { epoch: 2 });
    second.release().unwrap();
    assert_eq!(first.claim(&holder("recorder"), now(NEW_YEAR)).unwrap(), Claim::Ours { epoch: 3 });
}

#[test]
fn a_writer_that_was_paused_writes_nothing_under_its_old_epoch() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut paused = recorder(&path);
    append(&mut paused, &[measured(0, NEW_YEAR, 1.0)], NEW_YEAR);
    let mut second = Opening::at(&path).write().unwrap();
    second.claim(&holder("second"), now(NEW_YEAR + 15_000)).unwrap();
    let later = now(NEW_YEAR + 16_000);
    let run = [tell::Linked { host: host(), at: later.wall, state: crate::observation::LinkState::Off }];
    for refused in [
        paused.append(&[measured(1, NEW_YEAR, 2.0)], &Registry::default(), later).map(drop),
        paused.renew(later),
        paused.seal(now(NEW_YEAR + DAY)).map(drop),
        paused.roll_up(now(NEW_YEAR + 9 * DAY)).map(drop),
        paused.expire(&crate::series::retention::Policy::default(), &holder("recorder"), now(NEW_YEAR + DAY)).map(drop),
        paused.link(&run).map(drop),
        paused.release(),
    ] {
        assert!(matches!(refused, Err(StoreError::Fenced { found: 2, own: 1, .. })), "{refused:?}");
    }
    let reader = Opening::at(&path).read().unwrap();
    assert_eq!(reader.series().unwrap().len(), 1);
    assert_eq!(values(&reader, 0), [(NEW_YEAR, 1.0)]);
    assert_eq!(reader.stats().unwrap().lease, ("second".to_owned(), 2));
}

#[test]
fn nothing_is_written_without_the_lease() {
    let folder = folder();
    let mut writer = Opening::at(folder.path().join("history.db")).write().unwrap();
    let refused = writer.append(&[measured(0, NEW_YEAR, 1.0)], &Registry::default(), now(NEW_YEAR));
    assert!(matches!(refused, Err(StoreError::NoLease { .. })), "{refused:?}");
}

#[test]
fn samples_stop_at_the_reserve_while_words_go_on_and_come_back_when_there_is_room() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let ground = Told::new();
    let mut writer = Opening::at(&path).on(ground.clone()).write().unwrap();
    writer.claim(&holder("recorder"), now(NEW_YEAR)).unwrap();
    ground.free.store(1_000_000, Ordering::Relaxed);
    let full = writer.append(&[measured(0, NEW_YEAR, 1.0)], &Registry::default(), now(NEW_YEAR)).unwrap_err();
    assert!(matches!(full, StoreError::Reserve { free: 1_000_000, .. }) && full.can_retry(), "{full}");
    let off = tell::Linked { host: host(), at: at(NEW_YEAR), state: crate::observation::LinkState::Off };
    assert_eq!(writer.link(&[off]).unwrap(), 1);
    ground.free.store(1 << 40, Ordering::Relaxed);
    assert_eq!(append(&mut writer, &[measured(0, NEW_YEAR, 1.0)], NEW_YEAR).stored, 1);
}

#[test]
fn a_full_disk_changes_nothing_and_the_same_call_succeeds_once_there_is_room() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    append(&mut writer, &waves(20, NEW_YEAR, NEW_YEAR + MINUTE, 5_000), NEW_YEAR + MINUTE);
    // SQLite's own limit stands in for the disk's: it fails at the same place with the same word.
    let pages: i64 = writer.quick.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let limit = |writer: &Writer, pages: i64| {
        writer.quick.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    };
    limit(&writer, pages);
    let more = waves(40, NEW_YEAR + MINUTE, NEW_YEAR + HOUR, 5_000);
    let full = writer.append(&more, &Registry::default(), now(NEW_YEAR + HOUR)).unwrap_err();
    assert!(matches!(full, StoreError::Full { .. }) && full.can_retry(), "{full}");
    let reader = Opening::at(&path).read().unwrap();
    assert_eq!((reader.series().unwrap().len(), values(&reader, 0).len()), (20, 12));
    limit(&writer, 1 << 30);
    assert_eq!(append(&mut writer, &more, NEW_YEAR + HOUR).stored, more.len() as u64);
    assert_eq!((reader.series().unwrap().len(), values(&reader, 0).len()), (40, 12 * 60));
    assert!(reader.check().unwrap().is_whole());
}

#[test]
fn the_log_stays_below_16_mb_while_a_reader_is_stuck_and_shrinks_when_it_ends() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    append(&mut writer, &waves(20, NEW_YEAR, NEW_YEAR + 5_000, 5_000), NEW_YEAR);
    let stuck = rusqlite::Connection::open(&path).unwrap();
    stuck.execute_batch("BEGIN; SELECT count(*) FROM batch").unwrap();
    let (mut stored, mut held) = (0, 0);
    for round in 0..1_000_i64 {
        let start = NEW_YEAR + round * 125_000;
        let rows = waves(20, start, start + 125_000, 5_000);
        assert_eq!(rows.len(), 500);
        match writer.append(&rows, &Registry::default(), now(start + 125_000)) {
            Ok(_) => stored += 1,
            Err(StoreError::LogHeld { .. }) => held += 1,
            Err(error) => panic!("{error}"),
        }
        assert!(writer.log_bytes().unwrap() <= 16 << 20);
    }
    assert_eq!(stored + held, 1_000);
    assert!(std::fs::metadata(path.with_file_name("history.db-wal")).unwrap().len() <= 16 << 20);
    assert_eq!(writer.empty_log().unwrap(), Log::Held);
    drop(stuck);
    assert_eq!(writer.empty_log().unwrap(), Log::Emptied);
    assert_eq!(writer.log_bytes().unwrap(), 0);
    assert!(stored > 850, "{stored} of 1,000 commits were stored with believable values");
}
