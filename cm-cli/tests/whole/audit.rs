//! The audit log as people and programs see it, and what is said of one that somebody changed.

use std::path::PathBuf;

use cm_core::audit::{Deed, Record};
use cm_core::clock::WallTime;
use cm_core::store::Opening;
use cm_core::store::audit::usual_key;
use cm_core::text::HostText;
use serde_json::Value;

use crate::recorded::HOSTILE;
use crate::room::{MOMENT, Room, Told, golden};

struct Log {
    folder: tempfile::TempDir,
}

impl Log {
    fn new() -> Self {
        Self::of(3)
    }

    /// The first so many of three acts.
    fn of(count: usize) -> Self {
        let log = Self { folder: tempfile::tempdir().unwrap() };
        let mut writer = Opening::at(log.history()).write().unwrap();
        let key = usual_key(log.folder.path());
        let acts = [
            (40, "acknowledge 7KQ2M4XT9A", "a new fan is ordered"),
            (3, "silence simonbox for 4 h", ""),
            (1, "accept 3 media errors of S4EWNX0R", HOSTILE),
        ];
        for (ago, what, why) in acts.into_iter().take(count) {
            let act = Record {
                when: WallTime::from_secs(MOMENT - ago * 86_400),
                who: HostText::new("anna"),
                program: HostText::new("cm-tui"),
                deed: Deed::Done(HostText::new(what)),
                why: HostText::new(why),
            };
            writer.record_act(&key, || [9; 32], act).unwrap();
        }
        log
    }

    fn history(&self) -> PathBuf {
        self.folder.path().join("history.db")
    }

    fn ask(&self, room: &Room, arguments: &[&str]) -> Told {
        let history = self.history();
        room.run(&[&["audit"], arguments, &["--database", history.to_str().unwrap()]].concat())
    }
}

#[test]
fn acts_are_told_with_who_what_and_why_and_nothing_of_them_does_anything_to_a_terminal() {
    let log = Log::new();
    let told = log.ask(&Room::terminal(80).with("NO_COLOR", "1"), &["show"]);
    assert_eq!((told.exit.number(), told.err.as_str()), (0, ""));
    assert!(!told.out.contains('\u{1b}'));
    golden("audit.txt", &told.out);
    let told = log.ask(&Room::piped(), &["show", "--json"]);
    golden("audit.json", &told.out);
    let told = log.ask(&Room::piped(), &["show", "--since", "7d"]);
    assert!(told.out.contains("silence") && !told.out.contains("acknowledge"), "{}", told.out);
}

#[test]
fn a_log_is_judged_by_its_links_by_a_head_and_by_a_key() {
    let log = Log::new();
    let told = log.ask(&Room::piped(), &["verify"]);
    assert!(told.out.starts_with("whole: 3 acts\nhead  3-"), "{}", told.out);
    assert!(told.err.contains("3 acts judged by the links alone"), "{}", told.err);
    let head = told.out.lines().last().unwrap().trim_start_matches("head").trim().to_owned();
    let told = log.ask(&Room::piped(), &["verify", "--head", &head]);
    assert_eq!((told.exit.number(), told.err.as_str()), (0, ""));
    let key = log.ask(&Room::piped(), &["key"]);
    assert!(key.out.starts_with("4-") && key.err.contains("away from this machine"), "{key:?}");
    let file = log.folder.path().join("written.down");
    std::fs::write(&file, &key.out).unwrap();
    let told = log.ask(&Room::piped(), &["verify", "--key-file", file.to_str().unwrap(), "--json"]);
    let document: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(
        (&document["whole"], &document["covered_count"], &document["head"]),
        (&true.into(), &0.into(), &head.into())
    );
}

#[test]
fn each_change_is_named_and_has_an_exit_code() {
    let edited = Log::new();
    let text = "silence simonbox for 4 h";
    let mut bytes = std::fs::read(edited.history()).unwrap();
    let at = bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
    bytes[at + text.len() - 3] = b'9';
    std::fs::write(edited.history(), bytes).unwrap();
    let cut = Log::new();
    let key = std::fs::read(usual_key(cut.folder.path())).unwrap();
    let before = Log::of(2);
    std::fs::write(usual_key(before.folder.path()), key).unwrap();
    for (log, text, kind) in [
        (edited, "act 2 does not fit the one before it", "unlinked"),
        (before, "the end was cut off: act 3", "cut_tail"),
    ] {
        let told = log.ask(&Room::piped(), &["verify"]);
        assert_eq!(told.exit.number(), 65, "{kind}");
        assert!(told.out.contains(text), "{kind}: {}", told.out);
        let told = log.ask(&Room::piped(), &["verify", "--json"]);
        let document: Value = serde_json::from_str(&told.out).unwrap();
        assert_eq!((told.exit.number(), &document["faults"][0]["kind"]), (65, &kind.into()));
    }
}

#[test]
fn keys_and_heads_that_are_none_are_refused_without_being_quoted() {
    let log = Log::new();
    let told = log.ask(&Room::piped(), &["verify", "--head", "nonsense"]);
    assert_eq!(told.exit.number(), 64, "{}", told.err);
    let file = log.folder.path().join("key");
    let almost = format!("1-{}", "ab".repeat(31));
    std::fs::write(&file, &almost).unwrap();
    let told = log.ask(&Room::piped(), &["verify", "--key-file", file.to_str().unwrap()]);
    assert!(told.exit.number() == 64 && !told.err.contains(&almost), "{}", told.err);
    let empty = tempfile::tempdir().unwrap();
    let history = empty.path().join("history.db");
    drop(Opening::at(&history).write().unwrap());
    let told = Room::piped().run(&["audit", "key", "--database", history.to_str().unwrap()]);
    assert_eq!(told.exit.number(), 66, "{}", told.err);
    let told = Room::piped().run(&["audit", "show", "--database", history.to_str().unwrap()]);
    assert_eq!((told.exit.number(), told.out.as_str()), (0, ""));
}
