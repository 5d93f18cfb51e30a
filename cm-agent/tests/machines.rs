//! Machines in a box give exactly the reports that stand beside them (see fixtures/machines/README.md).

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_agent::config::Config;
use cm_agent::{CollectOptions, Collection, Machine, collect_once};
use cm_model::clock::{ManualClock, Now, WallTime};
use cm_model::report::{Api, Report};
use serde_json::{Value, json};

fn boxes() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/machines");
    let entries = fs::read_dir(folder).expect("the fixtures are there").map(|entry| entry.expect("readable").path());
    let mut boxes: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    boxes.sort();
    assert!(boxes.len() >= 8, "{boxes:?}");
    boxes
}

async fn collect(path: &Path) -> Collection {
    let clock = ManualClock::at(Now { wall: WallTime::from_secs(1_764_000_000), ..Now::default() });
    let machine = Machine::in_a_box(path).expect("a box");
    let config = path.join("agent.toml");
    let options = match fs::read_to_string(&config) {
        Ok(text) => Config::parse(&config, &text).expect("a configuration").collect,
        Err(_) => CollectOptions::default(),
    };
    collect_once(machine, &options, Duration::ZERO, &clock).await
}

fn value(found: &Collection, api: Api) -> Value {
    match found.report(api) {
        Ok(report) => serde_json::from_slice(&report.write()).expect("what we write is JSON"),
        Err(failure) => json!({ "failure": failure.to_string() }),
    }
}

#[tokio::test]
async fn each_gives_the_reports_that_stand_beside_it() {
    let mut differ = Vec::new();
    for path in boxes() {
        let found = collect(&path).await;
        let [smart, service, backup] = Api::ALL.map(|api| value(&found, api));
        let mut got = json!({ "smart": smart, "service": service, "backup": backup });
        if let Some(version) = got.pointer_mut("/service/agent_version") {
            *version = json!("VERSION");
        }
        let got = format!("{got:#}\n");
        let beside = path.join("expected.json");
        if std::env::var_os("CM_UPDATE").is_some() {
            fs::write(&beside, &got).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        let lines = got.lines().zip(expected.lines().chain(std::iter::repeat("")));
        if let Some((number, (got, expected))) = lines.enumerate().find(|(_, (got, expected))| got != expected) {
            differ.push(format!("{}:{}: got {got}, expected {expected}", beside.display(), number + 1));
        } else if got.len() != expected.len() {
            differ.push(format!("{}: it goes on where the collected one ends", beside.display()));
        }
    }
    assert!(
        differ.is_empty(),
        "{}\nreview, then CM_UPDATE=1 cargo test -p cm-agent --test machines",
        differ.join("\n")
    );
}

#[tokio::test]
async fn what_is_written_reads_back_the_same() {
    for path in boxes() {
        let found = collect(&path).await;
        for report in Api::ALL.into_iter().filter_map(|api| found.report(api).ok()) {
            let back = Report::read(report.api(), &report.write());
            assert_eq!(back.as_ref(), Ok(&report), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn an_empty_box_is_a_failure_with_a_reason() {
    let empty = tempfile::tempdir().unwrap();
    let found = collect(empty.path()).await;
    let failure = found.report(Api::Service).unwrap_err().to_string();
    assert!(failure.contains("is not there"), "{failure}");
}
