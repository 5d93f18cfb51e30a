//! Care of the file: what is expired is gone from its bytes, damage is told and survived, copies are whole.

use std::process::Command;

use super::super::expire::{Expired, Log};
use super::*;
use crate::series::retention::Policy;
use crate::series::rollup::Step;

/// A value whose bytes are found nowhere by chance.
const MARKED: f64 = 1.234_567_890_123_456_7e101;

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[test]
fn expired_samples_and_words_are_not_to_be_found_in_the_file_nor_in_its_log() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let mut samples = waves(3, NEW_YEAR, NEW_YEAR + 2 * HOUR, 5_000);
    samples.push(measured(0, NEW_YEAR + 1, MARKED));
    append(&mut writer, &samples, NEW_YEAR + 2 * HOUR);
    let words = |moment, text: &str| tell::Said {
        entity: Entity::Host(host()),
        subject: "host".to_owned(),
        what: "state".to_owned(),
        at: at(moment),
        text: HostText::new(text.to_owned()),
    };
    writer.say(&[words(NEW_YEAR, "a secret of old"), words(NEW_YEAR + DAY, "nothing")]).unwrap();
    assert!(holds(&bytes(&path), b"a secret of old"));
    // As a batch the value stands there byte for byte; and once sealed the whole chunk does.
    assert!(holds(&bytes(&path), &MARKED.to_bits().to_le_bytes()));
    writer.seal(now(NEW_YEAR + 3 * HOUR)).unwrap();
    let chunk: Vec<u8> = writer.quick.query_row("SELECT body FROM chunk", [], |row| row.get(0)).unwrap();
    let part = &chunk[chunk.len() - 200..chunk.len() - 100];
    assert_eq!(writer.empty_log().unwrap(), Log::Emptied);
    assert!(holds(&bytes(&path), part));
    assert!(!holds(&bytes(&path), &MARKED.to_bits().to_le_bytes()));

    let stuck = rusqlite::Connection::open(&path).unwrap();
    stuck.execute_batch("BEGIN; SELECT count(*) FROM chunk").unwrap();
    let mut expire = |wall: i64| writer.expire(&Policy::default(), &holder("recorder"), now(wall)).unwrap();
    assert!(matches!(expire(NEW_YEAR + 3 * HOUR), Expired::Done { .. }));
    assert!(matches!(expire(NEW_YEAR + 9 * DAY), Expired::ClockUnproved | Expired::Done { log: Log::Held, .. }));
    drop(stuck);
    let done = expire(NEW_YEAR + 400 * DAY);
    assert!(matches!(done, Expired::Done { log: Log::Emptied, .. }), "{done:?}");
    drop(writer);
    let left = bytes(&path);
    assert!(!holds(&left, part) && !holds(&left, b"a secret of old"));
    let reader = Opening::at(&path).read().unwrap();
    assert_eq!(reader.buckets(&series(&reader, 0), Step::Day, Span::all()).unwrap().len(), 1);
}

#[test]
fn the_copy_of_an_older_layout_goes_with_what_expires() {
    let folder = folder();
    let path = folder.path().join("history.db");
    append(&mut recorder(&path), &[measured(0, NEW_YEAR, 7.0)], NEW_YEAR);
    let next = [super::super::migration::LAYOUTS, &["CREATE TABLE later (a INTEGER) STRICT"]].concat();
    let mut writer = Opening::at(&path).write_with(&next).unwrap();
    let copy = path.with_file_name("history.db.layout-3");
    assert!(copy.exists());
    writer.claim(&holder("recorder"), now(NEW_YEAR + HOUR)).unwrap();
    writer.expire(&Policy::default(), &holder("recorder"), now(NEW_YEAR + HOUR)).unwrap();
    assert!(!copy.exists());
}

/// A history of some days, closed.
fn some_days(path: &Path) {
    let mut writer = recorder(path);
    let end = NEW_YEAR + 2 * DAY + 3 * HOUR;
    append(&mut writer, &waves(4, NEW_YEAR + DAY, end, 60_000), end);
    writer.seal(now(end)).unwrap();
    writer.roll_up(now(end)).unwrap();
    append(&mut writer, &waves(4, end, end + MINUTE, 5_000), end + MINUTE);
    writer.empty_log().unwrap();
}

#[test]
fn room_that_expired_data_left_is_given_back_to_the_disk() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    // Numbers without a pattern, which take room when they are sealed.
    let noise =
        |n: i64| f64::from_bits(0x4000_0000_0000_0000 | n.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 12);
    let noise: Vec<_> = (0..40_000_i64).map(|n| measured(0, NEW_YEAR + n * 60, noise(n))).collect();
    append(&mut writer, &noise, NEW_YEAR + HOUR);
    writer.expire(&Policy::default(), &holder("recorder"), now(NEW_YEAR + 2 * HOUR)).unwrap();
    writer.expire(&Policy::default(), &holder("recorder"), now(NEW_YEAR + 9 * DAY)).unwrap();
    let compacted = writer.compact().unwrap();
    assert!(compacted.after_bytes + 100_000 < compacted.before_bytes, "{compacted:?}");
    assert_eq!(std::fs::metadata(&path).unwrap().len(), compacted.after_bytes);
    assert!(Opening::at(&path).read().unwrap().check().unwrap().is_whole());
}

#[test]
fn a_backup_is_whole_private_and_never_written_over_a_file() {
    let folder = folder();
    let path = folder.path().join("history.db");
    some_days(&path);
    let reader = Opening::at(&path).read().unwrap();
    let copy = folder.path().join("copy.db");
    reader.backup(&copy).unwrap();
    let copied = Opening::at(&copy).read().unwrap();
    assert_eq!(values(&copied, 1), values(&reader, 1));
    assert!(copied.check().unwrap().is_whole());
    drop(copied);
    let before = bytes(&copy);
    assert!(reader.backup(&copy).is_err());
    assert_eq!(bytes(&copy), before);
}

#[test]
fn a_second_process_reads_while_the_writer_has_the_file_open() {
    const PATH: &str = "CM_STORE_TEST_PATH";
    if let Some(path) = std::env::var_os(PATH) {
        assert_eq!(values(&Opening::at(PathBuf::from(path)).read().unwrap(), 0).len(), 12);
        return;
    }
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    append(&mut writer, &waves(1, NEW_YEAR, NEW_YEAR + MINUTE, 5_000), NEW_YEAR + MINUTE);
    let name = "store::tests::care::a_second_process_reads_while_the_writer_has_the_file_open";
    let other =
        Command::new(std::env::current_exe().unwrap()).args([name, "--exact"]).env(PATH, &path).output().unwrap();
    assert!(other.status.success(), "{}", String::from_utf8_lossy(&other.stdout));
    assert!(String::from_utf8_lossy(&other.stdout).contains("1 passed"));
    // The reader's end took nothing from the writer.
    append(&mut writer, &waves(1, NEW_YEAR + MINUTE, NEW_YEAR + 2 * MINUTE, 5_000), NEW_YEAR + 2 * MINUTE);
    assert_eq!(values(&Opening::at(&path).read().unwrap(), 0).len(), 24);
}
