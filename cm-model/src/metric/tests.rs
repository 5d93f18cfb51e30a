use super::*;

fn declaration(name: &str) -> Declaration {
    Declaration {
        name: name.into(),
        subject: SubjectKind::Host,
        unit: Unit::Count,
        kind: Kind::Gauge,
        help: "Rooms.".into(),
    }
}

#[test]
fn limits_judge_a_value_at_its_worst() {
    let high = Limits::above(70.0, 90.0);
    assert_eq!(high.judge(69.9), None);
    assert_eq!(high.judge(70.0), Some((Health::Warning, 70.0)));
    assert_eq!(high.judge(200.0), Some((Health::Critical, 90.0)));
    let low = Limits::Below { warning: Some(20.0), critical: Some(10.0) };
    assert_eq!(low.judge(21.0), None);
    assert_eq!(low.judge(10.0), Some((Health::Critical, 10.0)));
}

#[test]
fn a_metric_declared_twice_is_one_and_a_clash_is_named() {
    let mut registry = Registry::default();
    let id = registry.declare(declaration("check.rooms")).unwrap();
    assert_eq!(registry.declare(declaration("check.rooms")), Ok(id));
    assert_eq!(registry.get(id).unwrap().name, "check.rooms");
    let other = Declaration { unit: Unit::Percent, ..declaration("check.rooms") };
    assert_eq!(registry.declare(other), Err(Undeclarable::Taken("check.rooms".into())));
    assert_eq!(registry.declare(declaration("drive.wear")), Err(Undeclarable::Taken("drive.wear".into())));
    assert!(matches!(registry.declare(declaration("Nö")), Err(Undeclarable::BadName(_))));
}
