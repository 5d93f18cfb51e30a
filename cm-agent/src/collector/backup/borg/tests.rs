//! Answers as borg 1.2.4 gave them (ids shortened, two archives of four), and its words for what went wrong.

use super::*;

const LISTED: &str = r#"{
    "archives": [
        {"archive": "host1-docs-2026-11-23", "barchive": "host1-docs-2026-11-23", "id": "2036",
         "name": "host1-docs-2026-11-23", "start": "2026-11-25T02:16:25.000000", "time": "2026-11-25T02:16:25.000000"},
        {"archive": "mail-1", "barchive": "mail-1", "id": "07f7",
         "name": "mail-1", "start": "2026-11-25T02:16:27.000000", "time": "2026-11-25T02:16:27.000000"}
    ],
    "encryption": {"mode": "repokey"},
    "repository": {"id": "6e8d", "last_modified": "2026-11-25T02:16:25.000000", "location": "/srv/good"}
}"#;

const INFORMED: &str = r#"{
    "archives": [
        {"chunker_params": ["buzhash", 19, 23, 21, 4095], "command_line": ["/usr/bin/borg", "create"], "comment": "other",
         "duration": 0.007938, "end": "2026-11-25T02:16:28.000000", "hostname": "vm", "id": "07f7",
         "limits": {"max_archive_size": 2.398495594898195e-05}, "name": "mail-1", "start": "2026-11-25T02:16:27.000000",
         "stats": {"compressed_size": 200043, "deduplicated_size": 702, "nfiles": 1, "original_size": 200000},
         "username": "root"}
    ],
    "cache": {"path": "/root/.cache/borg/6e8d", "stats": {"total_chunks": 27, "total_csize": 2900817, "total_size": 2900000,
              "total_unique_chunks": 15, "unique_csize": 954156, "unique_size": 955352}},
    "encryption": {"mode": "repokey"}
}"#;

#[test]
fn archives_are_listed_and_completed_with_their_sizes() {
    let mut state = read(LISTED.as_bytes()).unwrap();
    assert_eq!((state.count, state.last().map(|last| (&*last.source, last.size))), (2, Some(("mail", None))));
    read_sizes(INFORMED.as_bytes(), &mut state).unwrap();
    let last = state.last().unwrap();
    assert_eq!((last.size, last.added, last.ended().secs()), (Some(200_000), Some(702), 1_795_572_988));
    assert_eq!(state.stored, Some(954_156));
    let sources: Vec<_> = state.sources().iter().map(|source| source.name.raw().to_owned()).collect();
    assert_eq!(sources, ["host1-docs", "mail"]);
    assert_eq!(read(br#"{"archives": []}"#).unwrap().count, 0);
    assert!(read(b"").is_err() && read(b"[1]").is_err());
}

#[test]
fn archives_belong_together_by_what_stands_before_the_date() {
    for (name, expected) in [
        ("host1-docs-2026-11-23", "host1-docs"),
        ("vm-2026-11-25T02:16:25.123456", "vm"),
        ("vm-20261125", "vm"),
        ("vm_20261125_0216", "vm"),
        ("web-1-2026-11-25", "web-1"),
        ("web-2-1795572985", "web-2"),
        ("CAT-2026-11-25T02:16:25", "CAT"),
        ("mail-1", "mail"),
        ("disk1", "disk1"),
        ("2026-11-25", ""),
        ("backup-monday", "backup-monday"),
        ("kernel-6.12-config", "kernel-6.12-config"),
        ("a-2026-11-25-daily", "a-2026-11-25-daily"),
        ("-2026-11-25", ""),
        ("", ""),
    ] {
        assert_eq!(source(name), expected, "{name}");
    }
}

#[test]
fn what_went_wrong_is_told_by_its_code_or_its_words() {
    for (code, said, expected) in [
        (
            2,
            "passphrase supplied in BORG_PASSPHRASE, by BORG_PASSCOMMAND or via BORG_PASSPHRASE_FD is incorrect.",
            Trouble::Passphrase,
        ),
        (52, "", Trouble::Passphrase),
        (2, "Repository /srv/nowhere does not exist.", Trouble::Gone),
        (13, "", Trouble::Gone),
        (2, "/srv/empty is not a valid repository. Check repo config.", Trouble::Damaged),
        (
            2,
            "Warning: The repository at location /srv/moved was previously located at /srv/good\nDo you want to continue? [yN] no (from BORG_RELOCATED_REPO_ACCESS_IS_OK)\nAborting.\nRepository access aborted",
            Trouble::Moved,
        ),
        (
            2,
            "Warning: Attempting to access a previously unknown unencrypted repository!\nAborting.\nCache initialization aborted",
            Trouble::Moved,
        ),
        (2, "Failed to create/acquire the lock /srv/good/lock.exclusive (timeout).", Trouble::Locked),
        (73, "", Trouble::Locked),
        (2, "[Errno 13] Permission denied: '/srv/good/config'", Trouble::Forbidden),
        (2, "Index mismatch for key b'..'. (297, -1)", Trouble::Unreadable),
    ] {
        assert_eq!(trouble(code, said), expected, "{code} {said}");
    }
}

#[test]
fn a_lock_names_its_holder() {
    assert_eq!(holder("vm@3281355014145.32115-0"), Some(("vm", 32115)));
    assert_eq!(holder("a.b@c@1.2-0"), Some(("a.b@c", 2)));
    assert_eq!((holder("vm"), holder("vm@1"), holder("vm@1.x-0")), (None, None, None));
}
