use std::collections::HashSet;

use super::*;

#[test]
fn every_entry_is_well_formed_and_unique() {
    let (mut ids, mut names, mut exposed, mut columns) =
        (HashSet::new(), HashSet::new(), HashSet::new(), HashSet::new());
    for entry in all() {
        let metric = entry.metric;
        assert!(ids.insert(metric.id), "number {} twice", metric.id);
        assert!(metric.id < MetricId::FIRST_DECLARED);
        for name in std::iter::once(&metric.name).chain(entry.formerly) {
            assert!(names.insert(*name), "{name} twice");
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._".contains(&b)), "{name}");
        }
        assert!(metric.name.contains('.'), "{} wants a subject and a dot", metric.name);
        assert!(metric.help.ends_with('.'), "{}", metric.name);
        assert!(exposed.insert(metric.prometheus_name()), "{} twice", metric.prometheus_name());
        assert!(columns.insert((metric.subject, metric.column())), "{} has the column of another", metric.name);
        assert_eq!(
            entry.next.is_empty(),
            entry.limits == Limits::None,
            "{}: limits and a next step go together",
            metric.name
        );
    }
}

#[test]
fn numbers_and_names_never_change() {
    let listed: HashSet<String> = all().map(|entry| format!("{} {}", entry.metric.id, entry.metric.name)).collect();
    let kept: HashSet<String> = include_str!("permanent.txt").lines().map(str::to_owned).collect();
    let gone: Vec<_> = kept.difference(&listed).collect();
    assert!(gone.is_empty(), "gone or renumbered, but permanent.txt only grows: {gone:?}");
    let mut new: Vec<_> = listed.difference(&kept).collect();
    new.sort();
    assert!(new.is_empty(), "add to permanent.txt: {new:#?}");
}

#[test]
fn a_report_yields_its_samples_in_their_units() {
    let body = br#"{"status":"ok","drives":[{"name":"sda","serial":"S1","wear_level":82,"data_written_tb":1.5}],"summary":{},"issues":[],"timestamp":1766000000}"#;
    let samples = samples(&Report::read(crate::report::Api::Smart, body).unwrap());
    let told: Vec<_> = samples.iter().map(|s| (by_id(s.metric).unwrap().metric.name, s.value)).collect();
    assert_eq!(told, [("drive.wear", 82.0), ("drive.written", 1.5e12)]);
    assert_eq!(samples[0].subject.identity.as_ref().unwrap().raw(), "S1");
    assert_eq!(samples[0].at.secs(), 1_766_000_000);
}
