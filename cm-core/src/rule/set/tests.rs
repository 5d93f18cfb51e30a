use super::*;
use crate::catalogue;
use crate::metric::Limits;
use crate::rule::Resolution;
use crate::series::rollup::Step;
use crate::severity::Severity;

#[test]
fn the_built_in_rules_are_sound_and_say_what_next() {
    let registry = Registry::default();
    let (set, problems) = RuleSet::read(&[], &registry);
    assert!(problems.is_empty(), "{problems}");
    for rule in set.rules() {
        let body = rule.usual().unwrap();
        assert!(!body.next.is_empty(), "{} has no next step", rule.name());
        assert!(rule.is_built_in() && !rule.is_changed());
    }
    assert!(set.rules().len() > 60);
}

#[test]
fn every_metric_that_has_limits_has_a_rule_that_looks_at_them() {
    let set = RuleSet::built_in(&Registry::default());
    let forgotten: Vec<&str> = catalogue::all()
        .filter(|entry| entry.limits != Limits::None && !set.needs().contains(&Need::Limits(entry.metric.id)))
        .map(|entry| entry.metric.name)
        .collect();
    assert_eq!(forgotten, [""; 0]);
}

#[test]
fn high_use_alone_is_never_told() {
    let set = RuleSet::built_in(&Registry::default());
    for name in ["memory-high", "load-high", "unusual-cpu", "unusual-memory", "unusual-gpu"] {
        let severities: Vec<Severity> = set.rule(name).unwrap().usual().unwrap().severities().collect();
        assert_eq!(severities, [Severity::Note], "{name}");
    }
}

fn own(text: &str) -> (RuleSet, Problems) {
    RuleSet::read(&[RuleFile { path: "own.rules".into(), text: text.to_owned() }], &Registry::default())
}

#[test]
fn a_rule_that_is_wrong_is_left_out_and_a_change_that_is_wrong_changes_nothing() {
    let built_in = RuleSet::built_in(&Registry::default());
    let plain = built_in.rule("drive-wear").unwrap().usual().unwrap();
    for text in [
        "change drive-wear\n  when drive.wear > 5 C\n",
        "change drive-wear\n  when drive.wear >\n  severity note\n",
        "change drive-wear for host \"a\"\n  when filesystem.use > 5 %\n",
    ] {
        let (set, problems) = own(text);
        assert_eq!(problems.errors().count(), 1, "{problems}");
        assert!(problems.iter().all(|problem| problem.file.as_deref() == Some(Path::new("own.rules"))), "{problems}");
        let rule = set.rule("drive-wear").unwrap();
        assert!(rule.bodies().all(|body| body.condition() == plain.condition()), "{text}");
        assert_eq!(rule.usual().unwrap().severities().count(), 2, "{text}");
    }
    let (set, problems) = own("rule own\n  when drive.wear > 5 C\n  text \"x\"\nchange own\n  severity note\n");
    assert!(set.rule("own").is_none() && set.rules().len() == built_in.rules().len());
    assert_eq!(problems.errors().count(), 1, "{problems}");
}

#[test]
fn the_place_of_a_rule_is_told() {
    let (set, problems) = own("# mine\n\nrule own\n  when drive.wear > 5 %\n  text \"x\"\noff drive-wear\n");
    assert!(problems.is_empty(), "{problems}");
    let rule = set.rule("own").unwrap();
    assert_eq!(rule.place(), (Path::new("own.rules"), 3));
    assert!(!rule.is_built_in() && !rule.is_changed());
    let off = set.rule("drive-wear").unwrap();
    assert!(off.is_changed() && off.usual().is_none() && off.bodies().next().is_none());
}

#[test]
fn needs_say_how_far_back_and_how_fine() {
    let rule = |window: &str| format!("rule own\n  when avg(cpu.use, {window}) > 5 %\n  text \"x\"\n");
    for (window, resolution) in [
        ("10m", Resolution::Readings),
        ("3h", Resolution::Readings),
        ("4h", Resolution::Buckets(Step::Minute)),
        ("7d", Resolution::Buckets(Step::Hour)),
        ("400d", Resolution::Buckets(Step::Day)),
    ] {
        let (set, _) = RuleSet::of(&[RuleFile { path: "x".into(), text: rule(window) }], &Registry::default());
        let [need] = set.needs() else { panic!("one need") };
        assert_eq!(need.resolution(), resolution, "{window}");
        assert_eq!(need.series(), catalogue::by_name("cpu.use").map(|entry| entry.metric.id));
        assert!(need.window() > std::time::Duration::ZERO);
    }
}

#[test]
fn a_limit_of_any_metric_may_be_told_as_it_stands() {
    let numbers = || catalogue::all().filter(|entry| entry.metric.unit != crate::unit::Unit::Flag);
    let file = told(numbers());
    let (set, problems) = RuleSet::read(&[file], &Registry::default());
    assert!(problems.is_empty(), "{problems}");
    let known = RuleSet::built_in(&Registry::default()).rules().len();
    assert_eq!(set.rules().len() - known, numbers().count());
    let charge = set.rule("told-sensor-charge").unwrap().usual().unwrap();
    assert_eq!(charge.condition(), "sensor.charge <= limit(sensor.charge)");
}
