//! Every text of the hostile corpus in every place where a host may write text, through every form.

use cm_core::clock::WallTime;
use cm_core::demo::Demo;
use cm_core::report::Report;
use cm_core::snapshot::Snapshot;
use serde_json::Value;

use crate::room::{MOMENT, Room, file};
use crate::snapshots::save;

/// Words of lists of ours: anything else there is read as `unknown`.
const WORDS: [&str; 9] =
    ["status", "overall_status", "state", "result", "power_state", "self_test", "boot_reason", "kind", "schema"];

fn corpus() -> Vec<String> {
    let text = std::fs::read_to_string(file("../fixtures/hostile/texts.json")).unwrap();
    let entries: Vec<Value> = serde_json::from_str(&text).unwrap();
    let texts: Vec<String> = entries.iter().map(|entry| entry["text"].as_str().unwrap().to_owned()).collect();
    assert!(texts.len() > 20, "the corpus is there");
    texts
}

fn replace(value: &mut Value, texts: &[String], next: &mut usize) {
    match value {
        Value::String(text) => {
            text.clone_from(&texts[*next % texts.len()]);
            *next += 1;
        }
        Value::Array(list) => list.iter_mut().for_each(|one| replace(one, texts, next)),
        Value::Object(fields) => {
            for (key, field) in fields {
                if !WORDS.contains(&key.as_str()) {
                    replace(field, texts, next);
                }
            }
        }
        _ => {}
    }
}

/// A fleet whose every text is hostile, beginning with the text of that number.
fn hostile_fleet(start: usize, texts: &[String], folder: &std::path::Path) -> String {
    let path = folder.join(format!("hostile-{start}.json"));
    save(&Demo::new(1, WallTime::from_secs(MOMENT)), &path);
    let mut snapshot = Snapshot::load(&path).unwrap();
    let mut next = start;
    for observation in &mut snapshot.observations {
        let Ok(report) = &observation.outcome else { continue };
        let mut json: Value = serde_json::from_slice(&report.write()).unwrap();
        replace(&mut json, texts, &mut next);
        let body = serde_json::to_vec(&json).unwrap();
        observation.outcome = Ok(Report::read(report.api(), &body).unwrap());
    }
    snapshot.save(&path).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Judged by rules of its own: what a terminal would act on or hide.
fn is_harmful(c: char) -> bool {
    matches!(c,
        '\0'..='\u{9}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[test]
fn no_text_of_a_host_does_anything_anywhere() {
    let texts = corpus();
    let folder = tempfile::tempdir().unwrap();
    // Each fleet holds the whole corpus; what differs is which text stands where.
    for start in (0..texts.len()).step_by(texts.len() / 4) {
        let fleet = hostile_fleet(start, &texts, folder.path());
        for command in ["status", "hosts", "drives", "services", "backups", "metrics"] {
            for form in ["table", "json", "csv", "ndjson", "prometheus", "oneline"] {
                if form == "oneline" && command != "status" {
                    continue;
                }
                let told = Room::piped().run(&[command, "--replay", &fleet, "--format", form]);
                assert_eq!(told.exit.number(), 0, "{command} {form}: {}", told.err);
                let harm = told.out.chars().chain(told.err.chars()).find(|&c| is_harmful(c));
                assert_eq!(harm, None, "{command} {form} from {start}");
                match form {
                    "json" => _ = serde_json::from_str::<Value>(&told.out).unwrap(),
                    "ndjson" => told.out.lines().for_each(|line| _ = serde_json::from_str::<Value>(line).unwrap()),
                    "csv" => check_csv(&told.out),
                    "prometheus" => check_prometheus(&told.out),
                    _ => {}
                }
            }
            let narrow = Room::terminal(60).with("NO_COLOR", "1").run(&[command, "--replay", &fleet]);
            for line in narrow.out.lines() {
                assert!(cm_core::text::terminal::columns(line) <= 60, "{command}: {line:?}");
                assert!(!line.chars().any(is_harmful), "{command}: {line:?}");
            }
            let ascii = Room::terminal(80).with("NO_COLOR", "1").run(&[command, "--replay", &fleet, "--ascii"]);
            assert!(ascii.out.is_ascii(), "{command}");
        }
        for condition in [
            "drive.model != \"\" or drive.temperature > 1 C",
            "service != \"x\"",
            "filesystem.kind != \"x\"",
            "host.os != \"x\"",
        ] {
            for form in [&[][..], &["--json"]] {
                let told = Room::piped().run(&[&["rules", "test", condition, "--replay", &fleet], form].concat());
                assert_eq!(told.exit.number(), 0, "{condition}: {}", told.err);
                assert!(!told.out.chars().any(is_harmful), "{condition}: {:?}", told.out);
            }
        }
        let told = Room::piped().run(&["doctor", "--json"]);
        assert_eq!(told.exit.number(), 0);
    }
}

fn check_csv(text: &str) {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    for record in reader.records() {
        for cell in &record.unwrap() {
            let is_number = cell.parse::<f64>().is_ok();
            assert!(
                is_number || !cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']),
                "{cell:?}"
            );
        }
    }
}

/// Names, labels and a number on every line, and no series twice.
fn check_prometheus(text: &str) {
    let mut seen = std::collections::HashSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        assert!(series.ends_with('}') && seen.insert(series), "{line}");
        let (name, labels) = series.split_once('{').unwrap();
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'), "{line}");
        let bare = labels.replace("\\\\", "").replace("\\\"", "");
        assert_eq!(bare.matches('"').count() % 2, 0, "{line}");
    }
}
