//! What people and programs see of a history, kept as files, and how its commands answer mistakes.

use cm_cli::exit::Exit;
use cm_core::text::terminal;
use serde_json::Value;

use crate::recorded::{HOSTILE, copy, history};
use crate::room::{Room, Told, golden};

/// The tales that a table tells, by the name of their golden files.
const TALES: [(&str, &[&str]); 6] = [
    ("history", &["history"]),
    ("history-series", &["history", "srv01"]),
    ("history-hours", &["history", "srv01", "cpu.use", "--since", "6h", "--step", "1h"]),
    ("history-disks", &["history", "srv01", "filesystem.used", "--since", "3d", "--step", "1d"]),
    ("trend", &["trend"]),
    ("predict", &["predict"]),
];

fn ask(room: &Room, arguments: &[&str]) -> Told {
    let mut arguments = arguments.to_vec();
    arguments.extend(["--database", history()]);
    room.run(&arguments)
}

#[test]
fn tables_fit_every_width_and_are_as_they_were() {
    for (name, arguments) in TALES {
        for width in [60, 80, 120] {
            let told = ask(&Room::terminal(width).with("NO_COLOR", "1"), arguments);
            assert_eq!(told.exit, Exit::Well, "{name}: {}", told.err);
            for line in told.out.lines() {
                assert!(terminal::columns(line) <= usize::from(width), "{name} at {width}: {line:?}");
                assert_eq!(line, line.trim_end(), "{name} at {width}");
            }
            if width != 120 {
                golden(&format!("{name}-{width}.txt"), &told.out);
            }
        }
        let told = ask(&Room::piped(), arguments);
        assert!(!told.out.contains('\u{1b}') && !told.out.contains('…'), "{name}");
        let told = ask(&Room::terminal(80).with("LANG", "C"), arguments);
        assert!(told.out.is_ascii(), "{name}");
    }
}

#[test]
fn every_form_is_as_it_was_and_keeps_to_its_schema() {
    for (name, arguments) in TALES {
        for form in ["json", "csv", "ndjson"] {
            let told = ask(&Room::piped(), &[arguments, &["--format", form]].concat());
            assert_eq!((told.exit.number(), told.err.as_str()), (0, ""), "{name} {form}");
            if form != "ndjson" || name == "trend" {
                golden(&format!("{name}.{form}"), &told.out);
            }
            if form == "json" {
                keeps_to_its_schema(&told.out, name);
            }
        }
    }
}

fn keeps_to_its_schema(text: &str, name: &str) {
    let document: Value = serde_json::from_str(text).unwrap();
    let word = document["schema"].as_str().unwrap().split('/').nth(1).unwrap();
    let schema = cm_cli::schema::of(word).unwrap();
    let names = |value: &Value| -> Vec<String> {
        let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(names(&document), names(&schema["properties"]), "{name}");
    for (field, property) in schema["properties"].as_object().unwrap() {
        if let Some(fields) = property.get("items").and_then(|items| items.get("properties")) {
            let rows = document[field].as_array().unwrap();
            assert!(!rows.is_empty(), "{name} {field}");
            assert!(rows.iter().all(|row| names(row) == names(fields)), "{name} {field}");
        }
    }
}

#[test]
fn a_terminal_gets_a_chart_and_a_pipe_only_where_it_asks() {
    let day = ["history", "srv01", "cpu.use", "--since", "3d"];
    golden("chart-80.txt", &ask(&Room::terminal(80).with("NO_COLOR", "1"), &day).out);
    golden("chart-ascii.txt", &ask(&Room::terminal(60).with("LANG", "C").with("NO_COLOR", "1"), &day).out);
    assert!(ask(&Room::terminal(80), &day).out.contains('\u{1b}'), "in colour");
    assert!(ask(&Room::piped(), &day).out.starts_with("at "), "rows");
    let asked = ask(&Room::piped(), &[&day[..], &["--chart"]].concat());
    assert!(asked.out.contains('│') && !asked.out.contains('\u{1b}'), "{}", asked.out);
    let table = ask(&Room::terminal(80), &[&day[..], &["--format", "table"]].concat());
    assert!(!table.out.contains('│'), "a table was asked for");
    for width in [20, 40, 60, 200] {
        for metric in ["drive.wear", "filesystem.used", "drive.temperature"] {
            let told =
                ask(&Room::terminal(width).with("NO_COLOR", "1"), &["history", "srv01", metric, "--since", "45d"]);
            for line in told.out.lines() {
                assert!(terminal::columns(line) <= usize::from(width), "{metric} at {width}: {line:?}");
            }
        }
    }
}

#[test]
fn a_drive_is_found_by_its_host_now_by_name_and_by_serial_number() {
    for arguments in [
        &["history", "cmbox", "drive.wear"][..],
        &["history", "cmbox", "drive.wear", "sdb"],
        &["history", "cmbox", "drive.wear", "WD-1"],
        &["history", "WD-1", "drive.wear"],
    ] {
        let told = ask(&Room::piped(), &[arguments, &["--since", "40d", "--step", "1d", "--format", "csv"]].concat());
        assert_eq!(told.out.lines().count(), 41, "all of its life: {arguments:?} {}", told.err);
    }
    let export = ["export", "--metric", "drive.wear", "--host", "cmbox", "--step", "1d", "--quiet"];
    let told = ask(&Room::piped(), &export).out;
    let of = |place: &str| told.lines().filter(|line| line.contains(place)).count();
    assert_eq!((of("srv01,drive,sda,WD-1"), of("cmbox,drive,sdb,WD-1")), (26, 20), "each row where the drive was then");
}

#[test]
fn mistakes_are_answered_with_what_was_meant_and_what_to_do() {
    for (arguments, exit, code, said) in [
        (&["history", "srv1"][..], 64, "CM-0506", "did you mean srv01?"),
        (&["history", "srv01", "memroy.used"], 64, "CM-0506", "did you mean memory.used?"),
        (&["history", "srv01", "filesystem.used", "/srw"], 64, "CM-0506", "did you mean /srv?"),
        (&["history", "srv01", "filesystem.used", "x"], 64, "CM-0506", "Choose from: /, /srv."),
        (&["history", "srv01", "cpu.use", "other"], 64, "CM-0506", "Leave the subject out"),
        (&["trend", "srv01", "cpu.uze"], 64, "CM-0506", "did you mean cpu.use?"),
        (&["predict", "--host", "nobody"], 64, "CM-0506", "cmbox, srv01"),
        (&["export", "--metric", "cpu"], 64, "CM-0506", "did you mean cpu.use?"),
        (&["history", "srv01", "--since", "7d"], 64, "CM-0501", "metric"),
        (&["history", "srv01", "cpu.use", "--since", "yesterday"], 64, "CM-0501", "2026-11-20"),
        (&["history", "srv01", "cpu.use", "--since", "1h", "--until", "2h"], 64, "CM-0501", "--since"),
        (&["history", "srv01", "cpu.use", "--format", "prometheus"], 64, "CM-0505", "table, json, csv, ndjson"),
        (&["history", "srv01", "cpu.use", "--chart", "--json"], 64, "CM-0501", "--chart"),
        (&["predict", "--fields", "nothing"], 64, "CM-0504", "Choose from"),
        (&["export", "--snapshot", "x", "--since", "1d"], 64, "CM-0501", "--since"),
        (&["export", "--demo"], 64, "CM-0501", "--snapshot"),
        (&["export", "--append"], 64, "CM-0501", "--output"),
        (&["export", "--format", "json", "--append", "--output", "/nonexistent/x"], 64, "CM-0501", "ndjson"),
        (&["export", "--output", "/nonexistent/x"], 74, "CM-0402", "/nonexistent/x"),
    ] {
        let told = ask(&Room::piped(), arguments);
        assert_eq!((told.exit.number(), told.out.as_str()), (exit, ""), "{arguments:?}: {}", told.err);
        assert!(told.err.contains(code) && told.err.contains(said), "{arguments:?}: {}", told.err);
    }
}

#[test]
fn where_there_is_no_history_the_next_step_is_said() {
    for arguments in
        [&["history"][..], &["trend"], &["predict"], &["export"], &["history", "stats"], &["history", "compact"]]
    {
        let folder = tempfile::tempdir().unwrap();
        let room = Room::piped().with("HOME", folder.path().to_str().unwrap());
        let told = room.run(arguments);
        assert_eq!(told.exit.number(), 66, "{arguments:?}: {}", told.err);
        assert!(told.err.contains("CM-0404") && told.err.contains("cm-cli history record"), "{}", told.err);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
    }
}

#[test]
fn what_is_recorded_comes_out_of_the_usual_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("cm-dashboard")).unwrap();
    std::fs::rename(copy(&folder), folder.path().join("cm-dashboard/history.db")).unwrap();
    let room = Room::piped().with("XDG_STATE_HOME", folder.path().to_str().unwrap());
    assert!(room.run(&["history"]).out.contains("srv01"));
}

#[test]
fn a_name_that_a_host_made_up_cannot_hurt_anywhere() {
    for arguments in [
        &["history", "srv01"][..],
        &["history", "srv01", "--format", "csv"],
        &["history", "srv01", "service.memory", HOSTILE],
        &["history", "srv01", "service.memory", "--chart"],
        &["history", "srv01", "service.memory", "--format", "csv"],
        &["history", "srv01", "service.memory", "--json"],
        &["trend", "srv01", "--format", "csv"],
        &["export", "--since", "2h"],
        &["export", "--since", "2h", "--format", "ndjson"],
    ] {
        let told = ask(&Room::piped(), arguments);
        assert_eq!(told.exit, Exit::Well, "{arguments:?}: {}", told.err);
        assert!(told.out.contains("evil"), "{arguments:?}");
        assert!(!told.out.contains('\u{1b}'), "{arguments:?}");
        assert!(told.out.lines().all(|line| !line.starts_with("name,")), "{arguments:?}: {}", told.out);
    }
    let csv = ask(&Room::piped(), &["history", "srv01", "service.memory", "--since", "1h", "--format", "csv"]).out;
    assert!(csv.contains(r"name,'=1+1"), "no formula: {csv}");
    let ndjson =
        ask(&Room::piped(), &["export", "--since", "1h", "--metric", "service.memory", "--format", "ndjson"]).out;
    let first: Value = serde_json::from_str(ndjson.lines().next().unwrap()).unwrap();
    assert_eq!(first["subject"], HOSTILE, "a program gets it as it is");
}

#[test]
fn local_moments_are_read_and_told_in_local_time() {
    // The room is an hour ahead of UTC: 16:00 there is 15:00 in UTC.
    let since = ["--since", "2025-11-24 16:00", "--until", "2025-11-24T15:20:00Z", "--step", "raw"];
    let told = ask(&Room::piped(), &[&["history", "srv01", "cpu.use", "--json"], &since[..]].concat());
    let document: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(document["since"], "2025-11-24T15:00:00Z");
    assert_eq!(document["readings"].as_array().unwrap().len(), 2);
    assert_eq!(document["readings"][0]["at"], "2025-11-24T15:00:00Z");
    let table = ask(&Room::piped(), &[&["history", "srv01", "cpu.use"], &since[..]].concat());
    assert!(table.out.contains("2025-11-24 16:00 +01:00"), "{}", table.out);
}

#[test]
fn an_export_comes_whole_in_every_form() {
    let short = ["export", "--since", "30m", "--host", "cmbox"];
    for form in ["csv", "json", "ndjson"] {
        let told = ask(&Room::piped(), &[&short[..], &["--format", form]].concat());
        assert_eq!((told.exit.number(), told.err.as_str()), (0, ""), "{form}");
        golden(&format!("export.{form}"), &told.out);
    }
    let hours = ask(&Room::piped(), &["export", "--since", "3h", "--step", "1h", "--metric", "cpu.use"]);
    golden("export-hours.csv", &hours.out);
    let document: Value =
        serde_json::from_str(&ask(&Room::piped(), &["export", "--since", "7d", "--format", "json"]).out).unwrap();
    let lines = ask(&Room::piped(), &["export", "--since", "7d", "--format", "ndjson"]).out;
    assert_eq!(document["samples"].as_array().unwrap().len(), lines.lines().count());
    assert_eq!((&document["complete"], &document["go_on_since"]), (&Value::Bool(true), &Value::Null));
}

#[test]
fn an_export_into_a_file_is_moved_into_its_place_and_may_be_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (whole, parts) = (path("whole.csv"), path("parts.csv"));
    let told = ask(&Room::piped(), &["export", "--since", "4d", "--output", &whole]);
    assert_eq!((told.exit.number(), told.out.as_str()), (0, ""));
    assert!(told.err.contains("wrote ") && told.err.contains("whole.csv"), "{}", told.err);
    // Slices end every six hours of UTC.
    let middle = "2025-11-22T12:00:00Z";
    ask(&Room::piped(), &["export", "--since", "4d", "--until", middle, "--append", "--output", &parts]);
    ask(&Room::piped(), &["export", "--since", middle, "--append", "--output", &parts]);
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    assert_eq!(read(&whole), read(&parts));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside them");
}

#[test]
fn the_file_is_cared_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = copy(&folder);
    let run = |arguments: &[&str]| Room::piped().run(&[arguments, &["--database", file.to_str().unwrap()]].concat());
    let stats = run(&["history", "stats"]);
    for part in ["size ", "series    14", "hour ", "recorder  a test"] {
        assert!(stats.out.contains(part), "{part}: {}", stats.out);
    }
    assert!(run(&["history", "check"]).out.starts_with("whole: "));
    for (act, more) in [("stats", "series_count"), ("check", "whole"), ("compact", "after_bytes")] {
        let told = run(&["history", act, "--json"]);
        let document: Value = serde_json::from_str(&told.out).unwrap();
        assert_eq!(document["schema"], format!("cm-dashboard/history-{act}/1"));
        let schema = cm_cli::schema::of(&format!("history-{act}")).unwrap();
        assert_eq!(document.as_object().unwrap().len(), schema["properties"].as_object().unwrap().len());
        assert!(document.get(more).is_some(), "{document}");
    }
    let second = folder.path().join("second.db");
    let told = run(&["history", "backup", second.to_str().unwrap()]);
    assert!(told.exit == Exit::Well && told.err.contains("copied "), "{}", told.err);
    let again = run(&["history", "backup", second.to_str().unwrap()]);
    assert!(again.exit != Exit::Well && again.err.contains("exists"), "{}", again.err);
}

#[test]
fn damage_is_told_and_the_rest_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let file = copy(&folder);
    let mut bytes = std::fs::read(&file).unwrap();
    // In the middle of the file lie chunks.
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].iter_mut().for_each(|byte| *byte ^= 0x55);
    std::fs::write(&file, bytes).unwrap();
    let file = file.to_str().unwrap();
    let told = Room::piped().run(&["history", "check", "--database", file]);
    assert_eq!(told.exit, Exit::Data, "{}", told.out);
    assert!(told.out.starts_with("damaged: ") && told.err.contains("salvage"), "{}{}", told.out, told.err);
    let saved = folder.path().join("saved.db");
    let told = Room::piped().run(&["history", "salvage", file, saved.to_str().unwrap()]);
    assert!(
        told.exit == Exit::Well && told.out.contains("cut   ") && told.out.contains("kept  series"),
        "{}",
        told.out
    );
    let told = Room::piped().run(&["history", "check", "--database", saved.to_str().unwrap()]);
    assert!(told.exit == Exit::Well && told.out.starts_with("whole"), "{}", told.out);
}
