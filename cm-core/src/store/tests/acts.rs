//! Acts in the file: sealed by whoever acts, in one order, with a key that is never behind and never lost.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use super::audit::{self, Recorded};
use super::*;
use crate::audit::{Deed, Evidence, Fault, Foothold, Record, Verified, verify};

const FRESH: [u8; 32] = [7; 32];

pub(super) fn act(n: i64) -> Record {
    Record {
        when: at(NEW_YEAR + n * DAY),
        who: HostText::new("anna"),
        program: HostText::new("cm-cli"),
        deed: Deed::Done(HostText::new(format!("acknowledge {n}"))),
        why: HostText::new("<b>\u{202e}\u{1b}]8;;"),
    }
}

struct Room {
    folder: tempfile::TempDir,
}

impl Room {
    fn new() -> Self {
        Self { folder: in_memory() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("history.db")
    }

    fn key(&self) -> PathBuf {
        audit::usual_key(self.folder.path())
    }

    fn writer(&self) -> Writer {
        Opening::at(self.path()).write().unwrap()
    }

    fn record(&self, writer: &mut Writer, n: i64) -> Recorded {
        writer.record_act(&self.key(), || FRESH, act(n)).unwrap()
    }

    fn foothold(&self) -> Foothold {
        audit::standing(&self.key()).unwrap().unwrap().foothold
    }

    fn verify(&self, foothold: Option<&Foothold>) -> Verified {
        let acts = Opening::at(self.path()).read().unwrap().audit().unwrap();
        let next = audit::standing(&self.key()).unwrap().map(|standing| standing.next);
        verify(&acts, Evidence { foothold, next, heads: &[] })
    }

    fn sql(&self, sql: &str) {
        rusqlite::Connection::open(self.path()).unwrap().execute_batch(sql).unwrap();
    }
}

#[test]
fn acts_of_two_programs_stand_in_one_chain_while_a_third_holds_the_lease() {
    let room = Room::new();
    let mut holder = recorder(&room.path());
    let (mut one, mut other) = (room.writer(), room.writer());
    assert!(room.record(&mut one, 0).new_key);
    let foothold = crate::audit::Ratchet::new(1, FRESH).foothold();
    for n in 1..600 {
        let recorded = room.record(if n % 2 == 0 { &mut one } else { &mut other }, n);
        assert_eq!((recorded.head.seq, recorded.new_key), (u64::try_from(n).unwrap() + 1, false));
    }
    holder.say(&[]).unwrap();
    let verified = room.verify(Some(&foothold));
    assert_eq!((verified.looked_at, verified.covered, verified.faults), (600, 600, vec![]));
    let reader = Opening::at(room.path()).read().unwrap();
    assert_eq!(reader.audit().unwrap()[3].act, act(3));
    assert_eq!(reader.audit_head().unwrap(), verified.head);
}

#[test]
fn the_key_is_its_owners_alone_and_the_old_one_is_gone_from_the_file() {
    let room = Room::new();
    let mut writer = room.writer();
    room.record(&mut writer, 0);
    assert_eq!(fs::metadata(room.key()).unwrap().mode() & 0o777, 0o600);
    let mut seen = vec![FRESH.to_vec()];
    for n in 1..10 {
        let bytes = fs::read(room.key()).unwrap();
        for key in &seen {
            assert!(!bytes.windows(32).any(|window| window == key), "after {n} acts");
        }
        seen.push(room.foothold().ratchet().expose().to_vec());
        room.record(&mut writer, n);
    }
    fs::set_permissions(room.key(), fs::Permissions::from_mode(0o640)).unwrap();
    let refused = writer.record_act(&room.key(), || FRESH, act(11)).unwrap_err().to_string();
    assert!(refused.contains("chmod 600"), "{refused}");
    assert_eq!(Opening::at(room.path()).read().unwrap().audit().unwrap().len(), 10);
}

#[test]
fn a_crash_at_any_step_leaves_a_chain_that_is_whole_and_goes_on() {
    let room = Room::new();
    let mut writer = room.writer();
    room.record(&mut writer, 0);
    let first = crate::audit::Ratchet::new(1, FRESH).foothold();
    for n in 1..8 {
        let before = fs::read(room.key()).unwrap();
        // The next key was kept, and the act was not stored.
        room.sql(&format!(
            "CREATE TRIGGER stop BEFORE INSERT ON audit WHEN NEW.id = {} BEGIN SELECT raise(ABORT, 'cut'); END",
            n + 1
        ));
        writer.record_act(&room.key(), || FRESH, act(n)).unwrap_err();
        room.sql("DROP TRIGGER stop");
        assert_eq!(room.verify(Some(&first)).faults, []);
        let both = fs::read(room.key()).unwrap();
        assert_ne!(before, both);
        room.record(&mut writer, n);
        assert_eq!(room.verify(Some(&first)).faults, []);
        // The act was stored, and its key was not erased any more.
        fs::write(room.key(), &both).unwrap();
        assert_eq!(room.verify(Some(&first)).faults, []);
    }
    assert_eq!(room.verify(Some(&first)).looked_at, 8);
}

#[test]
fn what_is_done_to_the_table_behind_our_back_is_named() {
    type Expected = Vec<Fault>;
    let cases: &[(&str, Expected)] = &[
        ("UPDATE audit SET why = '' WHERE id = 4", vec![Fault::Edited { seq: 4 }]),
        ("DELETE FROM audit WHERE id IN (3, 4)", vec![Fault::Missing { from: 3, through: 4 }]),
        ("DELETE FROM audit WHERE id > 7", vec![Fault::CutTail { last: 7, through: 9 }]),
        (
            "UPDATE audit SET id = 99 WHERE id = 9",
            vec![
                Fault::Missing { from: 9, through: 98 },
                Fault::Moved { seq: 99, from: 9 },
                Fault::OldKey { next: 10, last: 99 },
            ],
        ),
        ("UPDATE audit SET tag = x'00' WHERE id = 1", vec![Fault::Edited { seq: 1 }]),
    ];
    for (sql, expected) in cases {
        let room = Room::new();
        let mut writer = room.writer();
        (0..9).for_each(|n| drop(room.record(&mut writer, n)));
        room.sql(sql);
        let first = crate::audit::Ratchet::new(1, FRESH).foothold();
        assert_eq!(room.verify(Some(&first)).faults, *expected, "{sql}");
        // What was done stays named whatever comes later.
        room.record(&mut writer, 20);
        assert!(!room.verify(Some(&first)).is_whole(), "{sql}");
    }
}

#[test]
fn acts_are_forgotten_up_to_a_day_and_the_rest_is_proven_as_before() {
    let room = Room::new();
    let mut writer = room.writer();
    (0..9).for_each(|n| drop(room.record(&mut writer, n)));
    let first = crate::audit::Ratchet::new(1, FRESH).foothold();
    let mut forget = |day: i64| writer.forget_acts(&room.key(), || FRESH, at(NEW_YEAR + day * DAY), act(30)).unwrap();
    assert_eq!(forget(0), None);
    assert_eq!(forget(4).unwrap().head.seq, 10);
    let left = room.verify(Some(&first));
    assert_eq!((left.looked_at, left.faults), (6, vec![]));
    forget(7);
    let left = room.verify(Some(&first));
    assert_eq!((left.looked_at, left.faults), (4, vec![]));
    room.sql("DELETE FROM audit WHERE id = 8");
    assert_eq!(room.verify(Some(&first)).faults, [Fault::Missing { from: 8, through: 8 }]);
}

#[test]
fn without_a_key_a_new_one_is_begun_and_said() {
    let room = Room::new();
    let mut writer = room.writer();
    room.record(&mut writer, 0);
    fs::remove_file(room.key()).unwrap();
    assert!(room.record(&mut writer, 1).new_key);
    assert_eq!(room.verify(None).faults, []);
    fs::write(room.key(), b"not a key").unwrap();
    let refused = writer.record_act(&room.key(), || FRESH, act(2)).unwrap_err().to_string();
    assert!(refused.contains("move it away"), "{refused}");
}
