//! The catalogue is the spine: nothing else lists metrics by hand.
//!
//! A string that is a metric's name, outside of the catalogue and of tests, is the beginning of a second list.

use std::collections::BTreeSet;

use crate::source::Source;

/// Files that name single metrics for a reason, and the reason.
const MAY_NAME: &[(&str, &str)] = &[
    (
        "cm-model/src/verdict/machine.rs",
        "codes of reasons about states, of which two are called as the metric of that state",
    ),
    ("cm-core/src/rule/function.rs", "the five of the catalogue's metrics whose end is foretold, tested against it"),
    ("cm-core/src/outlook/drive.rs", "the four counters that wear is foretold from"),
    ("cm-core/src/outlook/volume.rs", "which of the catalogue's metrics is the limit of which, tested against it"),
    (
        "cm-cli/src/history/trend.rs",
        "which of the catalogue's metrics have a trend worth telling unasked, tested against it",
    ),
    ("cm-cli/src/document/figure.rs", "the seven figures of one line a host, each made of a metric of the catalogue"),
    (
        "cm-cli/src/document/table.rs",
        "which of the catalogue's columns a table shows unless told otherwise, tested against it",
    ),
    ("cm-tui/src/history/record.rs", "what the history that tests look at is made of"),
    ("cm-tui/src/screen/chart.rs", "the two shares of which it is worth learning what is usual"),
    ("cm-tui/src/screen/chart/list.rs", "the metric that stands for a thing of each kind, looked up in the catalogue"),
    ("cm-tui/src/recent.rs", "the few metrics that have a place of their own on the screen, looked up once"),
];

/// Every name that a metric has or had, and its name in Prometheus.
pub(crate) fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in cm_model::catalogue::all() {
        names.insert(entry.metric.name.to_owned());
        names.insert(entry.metric.prometheus_name());
        names.extend(entry.formerly.iter().map(|name| (*name).to_owned()));
    }
    names
}

/// Metrics that one file names by hand.
pub(crate) fn check(source: &Source, names: &BTreeSet<String>, complaints: &mut Vec<String>) {
    let path = &source.path;
    let outside = !path.contains("/src/") || source.is_test() || path.starts_with("cm-model/src/catalogue");
    if outside || MAY_NAME.iter().any(|(file, _)| file == path) {
        return;
    }
    for (line, literal) in &source.literals {
        if names.contains(literal) && !source.in_tests(line - 1) {
            complaints.push(format!(
                "{path}:{line}: the metric \"{literal}\" is named by hand: take it from cm_model::catalogue, or say in cm-model/tests/tidy/spine.rs why not"
            ));
        }
    }
}

#[test]
fn a_metric_named_by_hand_is_seen() {
    let names = BTreeSet::from(["drive.wear".to_owned()]);
    for (path, wrong) in [
        ("cm-cli/src/drives.rs", true),
        ("cm-model/src/catalogue/drive.rs", false),
        ("cm-cli/src/drives/tests.rs", false),
        ("cm-cli/tests/whole.rs", false),
    ] {
        let mut complaints = Vec::new();
        check(&Source::new(path, "const A: &str = \"drive.wear\";"), &names, &mut complaints);
        assert_eq!(!complaints.is_empty(), wrong, "{path}");
    }
}
