//! Snapshots: what was exported shows again as it was.

use std::path::Path;
use std::time::Duration;

use cm_core::clock::WallTime;
use cm_core::demo::Demo;
use cm_core::host::Host;
use cm_core::observation::{Failure, Observation, Way};
use cm_core::report::Api;
use cm_core::snapshot::Snapshot;

use crate::room::{MOMENT, Room, golden};

/// Writes a snapshot of a made-up fleet.
pub(crate) fn save(demo: &Demo, path: &Path) {
    let wall = WallTime::from_secs(MOMENT);
    let made_at = Snapshot::moment(wall);
    let each = demo.hosts().iter().flat_map(|host| Api::ALL.map(|api| (host, api)));
    let observe = |(host, api): (&Host, Api)| Observation {
        host: host.id.clone(),
        api,
        way: Way::Demo,
        at: made_at,
        took: Duration::from_millis(2),
        outcome: demo.report(&host.id, api, wall).map_err(|kind| Failure { address: "demo".into(), kind }),
    };
    let observations = each.map(observe).collect();
    let snapshot = Snapshot { made_at, program: "test".into(), hosts: demo.hosts().to_vec(), observations };
    snapshot.save(path).unwrap();
}

#[test]
fn what_was_exported_shows_again_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.json");
    let file = path.to_str().unwrap();
    let told = Room::piped().run(&["export", "--demo", "--snapshot", file]);
    assert_eq!((told.exit.number(), told.out.as_str()), (0, ""), "{}", told.err);
    for command in ["status", "hosts", "drives", "services", "backups", "metrics"] {
        let live = Room::piped().run(&[command, "--demo", "--json"]);
        let again = Room::piped().run(&[command, "--replay", file, "--json"]);
        assert_eq!(live, again, "{command}");
    }
}

#[test]
fn renamed_hosts_have_other_names_and_the_same_state() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.json");
    let file = path.to_str().unwrap();
    Room::piped().run(&["export", "--demo", "--snapshot", file, "--rename-hosts", "--quiet"]);
    let told = Room::piped().run(&["status", "--replay", file]);
    assert!(told.out.contains("host01") && !told.out.contains("srv01"), "{}", told.out);
    assert!(!std::fs::read_to_string(&path).unwrap().contains("labbox"));
}

#[test]
fn a_calm_fleet_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calm.json");
    save(&Demo::new(1, WallTime::from_secs(MOMENT)).calm(), &path);
    let file = path.to_str().unwrap();
    let told = Room::piped().run(&["status", "--problems", "--check", "--replay", file]);
    assert_eq!((told.out.as_str(), told.exit.number()), ("● all 5 hosts are well\n", 0), "{}", told.err);
    let told = Room::piped().run(&["drives", "--problems", "--replay", file]);
    assert_eq!((told.out.as_str(), told.err.as_str()), ("", "note: no drives in trouble\n"));
    golden("status-calm.txt", &Room::terminal(80).with("NO_COLOR", "1").run(&["status", "--replay", file]).out);
}

#[test]
fn an_empty_fleet_is_an_empty_list_and_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.json");
    save(&Demo::new(1, WallTime::from_secs(MOMENT)).with_hosts(0), &path);
    let file = path.to_str().unwrap();
    for command in ["status", "hosts", "drives", "services", "backups", "metrics"] {
        for form in ["table", "json", "csv", "ndjson", "prometheus"] {
            let told = Room::piped().run(&[command, "--check", "--format", form, "--replay", file]);
            assert_eq!(told.exit.number(), 0, "{command} {form}: {}", told.err);
            if form == "json" {
                assert!(told.out.contains(": []"), "{command}: {}", told.out);
            }
        }
    }
    assert_eq!(
        Room::piped().run(&["status", "--replay", file]).out.trim_end(),
        format!(" CM  0 hosts{:>68}", "17:00:00")
    );
    assert_eq!(Room::piped().run(&["--format", "oneline", "--replay", file]).out, "CM 0 hosts\n");
}

#[test]
fn a_snapshot_goes_to_stdout_where_that_is_asked_for() {
    let told = Room::piped().run(&["export", "--demo", "--snapshot", "-"]);
    assert_eq!((told.exit.number(), told.err.as_str()), (0, ""));
    assert_eq!(cm_core::snapshot::Snapshot::from_json(&told.out).unwrap().hosts.len(), 5);
}
