//! The rules: which are in force, what is wrong with files of them, whether a condition holds.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use cm_core::text::terminal;
use serde_json::Value;

use crate::room::{Room, golden};

/// A home with these files of rules.
fn home(files: &[(&str, &str)]) -> (tempfile::TempDir, Room) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".config/cm-dashboard/rules.d");
    fs::create_dir_all(&folder).unwrap();
    for folder in [home.path(), Path::new(&home.path().join(".config/cm-dashboard")), &folder] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o644)).unwrap();
    }
    let room = Room::piped().with("HOME", home.path().to_str().unwrap());
    (home, room)
}

fn keeps_to_its_schema(text: &str) {
    let document: Value = serde_json::from_str(text).unwrap();
    let word = document["schema"].as_str().unwrap().split('/').nth(1).unwrap();
    let schema = cm_cli::schema::of(word).unwrap();
    let names = |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(names(&document), names(&schema["properties"]), "{word}");
}

#[test]
fn rules_and_answers_are_as_they_were() {
    golden("rules-list-120.txt", &Room::terminal(120).with("NO_COLOR", "1").run(&["rules", "list"]).out);
    let condition = "drive.wear > 10 % and drive.temperature > 40 C";
    for width in [60, 100] {
        let told = Room::terminal(width).with("NO_COLOR", "1").run(&["rules", "test", condition, "--demo"]);
        assert!(told.out.lines().all(|line| terminal::columns(line) <= usize::from(width)), "{}", told.out);
        golden(&format!("rules-test-{width}.txt"), &told.out);
    }
    let told = Room::piped().run(&["rules", "test", condition, "--demo", "--json"]);
    keeps_to_its_schema(&told.out);
    golden("rules-test.json", &told.out);
    keeps_to_its_schema(&Room::piped().run(&["rules", "list", "--json"]).out);
}

#[test]
fn a_rule_is_tried_by_its_name() {
    let told = Room::piped().run(&["rules", "test", "service-disk", "--demo"]);
    assert!(told.out.lines().nth(1).unwrap().starts_with("simonbox  jellyfin"), "{}", told.out);
    let told = Room::piped().run(&["rules", "test", "unusual-cpu", "--demo"]);
    assert!(told.err.contains("need the history"), "{}", told.err);
    let told = Room::piped().run(&["rules", "test", "service-dist", "--demo"]);
    assert!(told.err.contains("did you mean service-disk?"), "{}", told.err);
}

#[test]
fn a_condition_that_is_wrong_is_told_with_its_place() {
    let told = Room::piped().run(&["rules", "test", "drive.waer > 5 %", "--demo"]);
    assert_eq!(told.exit.number(), 78);
    assert!(told.err.contains("CONDITION:1:1") && told.err.contains("Did you mean `drive.wear`?"), "{}", told.err);
    let told = Room::piped().run(&["rules", "test", "drive.wear > 5 C", "--demo", "--json"]);
    let error: Value = serde_json::from_str(&told.err).unwrap();
    assert_eq!((&error["code"], &error["problems"][0]["column"]), (&"CM-0223".into(), &1.into()));
}

#[test]
fn files_of_ones_own_lie_over_the_built_in_rules_and_a_wrong_one_spoils_no_other() {
    let (_home, room) = home(&[
        (
            "a.rules",
            "rule own\n  when drive.wear > 1 %\n  text \"x\"\noff drive-wear\nchange load-high for role \"lab\"\n  for 1h\n",
        ),
        ("b.rules", "rule bad\n  when drive.waer > 1 %\n  text \"x\"\n"),
    ]);
    let told = room.run(&["rules", "list"]);
    let line = |name: &str| -> Vec<String> {
        let line = told.out.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap_or_default();
        line.split_whitespace().take(2).map(str::to_owned).collect()
    };
    assert_eq!(line("own"), ["own", "on"]);
    assert_eq!(line("drive-wear"), ["drive-wear", "off"]);
    assert_eq!(line("load-high"), ["load-high", "changed"]);
    assert_eq!(line("bad"), [""; 0]);
    assert!(told.err.contains("b.rules:2:8") && told.exit.number() == 0, "{}", told.err);

    let told = room.run(&["rules", "check"]);
    assert_eq!(told.exit.number(), 78);
    assert!(
        told.out.contains("b.rules:2:8") && told.out.contains("1 error; what is wrong is left out"),
        "{}",
        told.out
    );
    let told = room.run(&["rules", "check", "--json"]);
    keeps_to_its_schema(&told.out);
    let document: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!((&document["sound"], &document["problems"][0]["line"]), (&false.into(), &2.into()));

    let told = room.run(&["rules", "check", "/nonexistent.rules"]);
    assert!(told.exit.number() == 78 && told.out.contains("nonexistent"), "{}", told.out);
    let told = room.run(&["rules", "test", "own", "--demo"]);
    assert!(told.out.contains("nvme0n1  yes") && told.exit.number() == 0, "{}", told.out);
    let told = room.run(&["rules", "test", "drive-wear", "--demo"]);
    assert!(told.exit.number() == 64 && told.err.contains("switched off"), "{}", told.err);
}
