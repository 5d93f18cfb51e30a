use super::*;
use crate::catalogue;
use crate::metric::Limits;
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
