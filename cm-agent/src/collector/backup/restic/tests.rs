//! Answers as restic 0.14.0 gave them, one of 0.17 after its documentation, and their words for what went wrong.

use super::*;

const LISTED: &str = r#"[{"time":"2026-11-25T02:19:01.067149173Z","tree":"dc7f","paths":["/srv/docs"],"hostname":"vm","username":"root","id":"0c30","short_id":"0c304da5"},
{"time":"2026-11-25T02:19:01.82472562Z","tree":"2d3b","paths":["/srv/f2","/srv/f1"],"hostname":"other","username":"root","tags":["x"],"id":"176d","short_id":"176d3df5"},
{"time":"2026-11-25T02:19:02.564882605Z","parent":"0c30","tree":"dc7f","paths":["/srv/docs"],"hostname":"vm","username":"root","id":"8a1e","short_id":"8a1e8ca1",
 "summary":{"backup_start":"2026-11-25T03:19:02+01:00","backup_end":"2026-11-25T03:20:02+01:00","files_new":1,"data_added":900,"data_added_packed":500,"total_bytes_processed":4000}}]"#;

#[test]
fn snapshots_are_told_apart_by_host_and_paths() {
    let state = read(LISTED.as_bytes()).unwrap();
    let told: Vec<_> = state.newest.iter().map(|(a, count)| (&*a.source, *count, a.size)).collect();
    assert_eq!(told, [("other:/srv/f1,/srv/f2", 1, None), ("vm:/srv/docs", 2, Some(4000))]);
    let last = state.last().unwrap();
    assert_eq!((last.added, last.duration().map(cm_model::unit::Seconds::get)), (Some(500), Some(60.0)));
    assert_eq!((read(b"[]").unwrap().count, read(b"null").unwrap().count), (0, 0));
    assert!(read(b"{}").is_err() && read(b"").is_err());
}

#[test]
fn many_paths_are_counted() {
    let paths: Vec<String> = ["/e", "/d", "/c", "/b", "/a"].map(String::from).into();
    assert_eq!(source("vm", &paths), "vm:/a,/b,/c and 2 more");
    assert_eq!(source("", &[]), ":");
}

#[test]
fn a_lock_is_abandoned_once_nobody_renews_it() {
    let id = "f638506d7266761d6f23e84fe872af3b9d90e0287c58abb430984f96b5b6524b";
    assert_eq!(first_lock(format!("repository opened\n{id}\n").as_bytes()), Some(id));
    assert_eq!((first_lock(b""), first_lock(b"--help\n")), (None, None));
    let lock = br#"{"time": "2026-11-25T02:19:10.475981861Z", "exclusive": false, "hostname": "vm", "username": "root", "pid": 32505}"#;
    let lock = read_lock(lock).unwrap();
    assert_eq!((lock.holder(), lock.since().secs()), (("vm", 32505), 1_795_573_150));
    for (minutes, abandoned) in [(0, false), (29, false), (31, true)] {
        assert_eq!(lock.is_abandoned(lock.since().after(Duration::from_mins(minutes))), abandoned, "{minutes} minutes");
    }
}

#[test]
fn what_went_wrong_is_told_by_its_code_or_its_words() {
    for (code, said, expected) in [
        (1, "Fatal: wrong password or no key found", Trouble::Passphrase),
        (12, "", Trouble::Passphrase),
        (1, "reading repository password from stdin\nFatal: an empty password is not a password", Trouble::Passphrase),
        (1, "Fatal: unable to open config file: stat nowhere/config: no such file or directory", Trouble::Gone),
        (10, "", Trouble::Gone),
        (1, "unable to create lock in backend: repository is already locked exclusively by PID 1", Trouble::Locked),
        (11, "", Trouble::Locked),
        (1, "Fatal: unable to open config file: open /srv/r/config: permission denied", Trouble::Forbidden),
        (1, "Fatal: config cannot be loaded: ciphertext verification failed", Trouble::Damaged),
        (1, "Fatal: something else", Trouble::Unreadable),
    ] {
        assert_eq!(trouble(code, said), expected, "{code} {said}");
    }
    assert!(is_damaged("could not load snapshot 0c304da5: load <snapshot/0c304da50d>: invalid data returned"));
    assert!(!is_damaged("") && !is_damaged("repository opened"));
}
