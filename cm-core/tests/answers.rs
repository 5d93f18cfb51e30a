//! Every answer in `fixtures/api/` is read: those of older servers, of ours, and of newer ones.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cm_core::report::smart::DriveKind;
use cm_core::report::{Api, Report, Status};
use cm_core::unit::{Count, Hours, Percent};
use serde_json::Value;

fn fixtures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/api")
}

fn answer(api: Api, name: &str) -> (Vec<u8>, Report) {
    let path = fixtures().join(api.word()).join(name);
    let body = fs::read(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
    let report = Report::read(api, &body).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
    (body, report)
}

#[test]
fn answers_of_every_version_are_read_and_read_back_as_written() {
    for api in Api::ALL {
        let folder = fs::read_dir(fixtures().join(api.word())).unwrap();
        let names: BTreeSet<String> = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert!(names.len() >= 5, "{api}: {names:?}");
        for name in names {
            let (_, report) = answer(api, &name);
            assert_eq!(Report::read(api, &report.write()).as_ref(), Ok(&report), "{api} {name}");
        }
    }
}

#[test]
fn no_field_of_this_version_is_lost_or_renamed() {
    for api in Api::ALL {
        let (body, report) = answer(api, "full.json");
        let sent: Value = serde_json::from_slice(&body).unwrap();
        let kept: Value = serde_json::from_slice(&report.write()).unwrap();
        assert_eq!(plain(&kept), plain(&sent), "{api}");
    }
}

/// All numbers as floats: `31` and `31.0` are the same answer.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(list) => list.iter().map(plain).collect(),
        Value::Object(fields) => fields.iter().map(|(key, field)| (key.clone(), plain(field))).collect(),
        other => other.clone(),
    }
}

#[test]
fn the_full_answers_hold_every_field_that_the_page_names() {
    let page = fs::read_to_string(fixtures().join("../../docs/API.md")).unwrap();
    let named: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let mut sent = BTreeSet::new();
    for api in Api::ALL {
        collect_keys(&serde_json::from_slice(&answer(api, "full.json").0).unwrap(), &mut sent);
    }
    let sent: BTreeSet<&str> = sent.iter().map(String::as_str).collect();
    assert!(named.len() > 100, "{}", named.len());
    assert_eq!(named.difference(&sent).collect::<Vec<_>>(), Vec::<&&str>::new());
}

fn collect_keys(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|entry| collect_keys(entry, keys)),
        Value::Object(fields) => {
            for (key, field) in fields {
                keys.insert(key.clone());
                collect_keys(field, keys);
            }
        }
        _ => {}
    }
}

#[test]
fn what_older_and_newer_servers_mean_is_understood() {
    let Report::Smart(python) = answer(Api::Smart, "python.json").1 else { unreachable!() };
    assert_eq!(python.drives[0].power_on_hours.map(Hours::get), Some(12_345.0));
    assert_eq!(python.drives[0].unsafe_shutdowns.map(Count::get), Some(u64::MAX), "wider than 64 bits");
    assert_eq!(python.drives[1].temperature_c, None);
    let Report::Smart(words) = answer(Api::Smart, "words.json").1 else { unreachable!() };
    assert_eq!(
        (words.status, words.drives[0].kind, words.drives[1].kind),
        (Status::Ok, DriveKind::Nvme, DriveKind::Unknown)
    );
    let Report::Smart(future) = answer(Api::Smart, "future.json").1 else { unreachable!() };
    assert_eq!(future.status, Status::Unknown);
    assert_eq!(future.drives[0].wear_level.map(Percent::get), Some(3.0));
}
