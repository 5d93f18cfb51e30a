//! The machine of one key: every state with every input, severities, absence, restarts.

use std::fmt::Write as _;

use super::scene::{Scene, hours, key, secs, words};
use crate::incident::*;

const IT: &str = "service.down@srv01:gitea";

fn terms() -> Terms {
    Terms { hold: secs(60), clear: secs(60), gap: secs(30), ..Terms::default() }
}

/// So many looks, 20 s apart.
fn looks(scene: &mut Scene, condition: &str, count: u32) -> Vec<Transition> {
    let mut told = Vec::new();
    for _ in 0..count {
        scene.wait(secs(20));
        told.extend(scene.look(&[(IT, condition)]));
    }
    told
}

fn firing() -> Scene {
    let mut scene = Scene::new(terms());
    looks(&mut scene, "warning", 4);
    scene
}

fn flapping() -> Scene {
    let mut scene = firing();
    for _ in 0..2 {
        looks(&mut scene, "clear", 4);
        looks(&mut scene, "warning", 4);
    }
    scene
}

/// A world in which the incident stands so.
fn state(name: &str) -> Scene {
    let then = |mut scene: Scene, condition: &str, count| {
        looks(&mut scene, condition, count);
        scene
    };
    match name {
        "none" => Scene::new(terms()),
        "pending" => then(Scene::new(terms()), "warning", 1),
        "firing seen" => firing(),
        "firing clearing" => then(firing(), "clear", 1),
        "firing unseen" => then(firing(), "absent", 1),
        "flapping up" => flapping(),
        "flapping down" => then(flapping(), "clear", 4),
        "flapping up unseen" => then(flapping(), "absent", 1),
        "flapping down unseen" => then(then(flapping(), "clear", 4), "absent", 1),
        "resolved" => then(firing(), "clear", 4),
        other => panic!("{other}"),
    }
}

fn phase(scene: &Scene) -> String {
    let Some(open) = scene.open(IT) else { return "-".to_owned() };
    match open.phase {
        Phase::Pending => "pending".to_owned(),
        Phase::Firing { sight } => format!("firing {sight:?}").to_lowercase(),
        Phase::Flapping { side } => format!("flapping {side:?}").to_lowercase(),
        Phase::Resolved { .. } => "resolved".to_owned(),
    }
}

fn row(table: &mut String, state: &str, input: &str, scene: &Scene, told: &str) {
    let row = format!("{state:<20} | {input:<10} | {:<16} | {told}", phase(scene));
    writeln!(table, "{}", row.trim_end()).unwrap();
}

/// All states by all inputs. `x1` is one look 20 s later; `x4` four of them, so that 60 s were seen to pass.
const TABLE: &str = include_str!("machine.txt");

#[test]
fn every_state_answers_every_input_as_the_table_says() {
    let states = [
        "none",
        "pending",
        "firing seen",
        "firing clearing",
        "firing unseen",
        "flapping up",
        "flapping down",
        "flapping up unseen",
        "flapping down unseen",
        "resolved",
    ];
    let inputs = [
        ("holds x1", "warning", 1),
        ("holds x4", "warning", 4),
        ("between x1", "between", 1),
        ("clear x1", "clear", 1),
        ("clear x4", "clear", 4),
        ("absent x1", "absent", 1),
        ("unwatched", "unwatched", 1),
        ("replaced", "replaced", 1),
        ("removed", "removed", 1),
    ];
    let mut table = String::new();
    for name in states {
        for (input, condition, count) in inputs {
            let mut scene = state(name);
            let told = words(&looks(&mut scene, condition, count));
            row(&mut table, name, input, &scene, &told);
        }
        let mut scene = state(name);
        scene.wait(secs(31));
        let told = words(&scene.look(&[]));
        row(&mut table, name, "no look", &scene, &told);
    }
    assert_eq!(table, TABLE, "\n{table}");
}

#[test]
fn what_needs_no_time_fires_and_ends_at_once() {
    let mut scene = Scene::new(Terms { flap: Flap::Each, ..Terms::default() });
    for _ in 0..20 {
        assert_eq!(words(&scene.look(&[(IT, "critical")])), "fired");
        scene.wait(secs(5));
        assert_eq!(words(&scene.look(&[(IT, "clear")])), "resolved");
        scene.wait(secs(5));
    }
    let ids: std::collections::BTreeSet<_> = scene.incidents.past().map(|incident| incident.id).collect();
    assert_eq!(ids.len(), 20, "each is an incident of its own");
}

#[test]
fn time_that_nobody_saw_fills_neither_a_for_nor_a_clear_time() {
    let mut scene = Scene::new(terms());
    looks(&mut scene, "warning", 2);
    scene.restart(hours(20), None);
    assert_eq!(words(&scene.look(&[(IT, "warning")])), "", "a restart is not 60 s of trouble");
    looks(&mut scene, "absent", 100);
    assert_eq!(words(&looks(&mut scene, "warning", 2)), "", "40 s were seen in all");
    assert_eq!(words(&looks(&mut scene, "warning", 1)), "fired", "and now 60 s");
    looks(&mut scene, "clear", 2);
    scene.restart(hours(20), None);
    assert_eq!((words(&scene.look(&[(IT, "clear")])), scene.standing(IT)), (String::new(), "firing"));
    assert_eq!(words(&looks(&mut scene, "clear", 2)), "resolved");
}

#[test]
fn what_is_pending_and_not_seen_for_an_hour_is_withdrawn_and_what_fires_is_not() {
    let mut scene = Scene::new(terms());
    looks(&mut scene, "warning", 1);
    scene.keep(hours(1), secs(60), &[]);
    assert_eq!((scene.standing(IT), words(&scene.told)), ("-", "pending resolved".to_owned()));
    assert_eq!(scene.incidents.past().count(), 0, "it never fired");
    let mut scene = firing();
    scene.keep(hours(1_000), hours(1), &[(IT, "absent")]);
    assert_eq!((scene.standing(IT), words(&scene.told)), ("firing", "pending fired lost".to_owned()));
}

#[test]
fn one_that_keeps_twitching_is_not_calm() {
    let mut scene = state("flapping down");
    for _ in 0..300 {
        looks(&mut scene, "warning", 1);
        looks(&mut scene, "clear", 1);
    }
    assert_eq!(phase(&scene), "flapping down", "three hours and more");
    looks(&mut scene, "clear", 400);
    assert_eq!(phase(&scene), "-");
}

#[test]
fn a_severity_counts_once_it_was_seen_for_as_long_as_the_rule_asks() {
    for (looks_at, severity, told) in [
        ("critical*1 warning*1", Severity::Warning, ""),
        ("critical*3 between*1 critical*3", Severity::Warning, ""),
        ("critical*4", Severity::Critical, "worsened"),
        ("critical*2 warning*1 critical*3", Severity::Warning, ""),
        ("critical*4 warning*3", Severity::Critical, "worsened"),
        ("critical*4 warning*4", Severity::Warning, "worsened eased"),
        ("critical*4 note*1 warning*3", Severity::Warning, "worsened eased"),
        ("note*4 critical*2 warning*2", Severity::Warning, "eased worsened"),
        ("note*4 warning*2 critical*2", Severity::Warning, "eased worsened"),
        ("critical*4 note*2 warning*2", Severity::Warning, "worsened eased"),
        ("critical*4 warning*2 note*2", Severity::Warning, "worsened eased"),
    ] {
        let mut scene = firing();
        let mut all = Vec::new();
        for part in looks_at.split(' ') {
            let (condition, count) = part.split_once('*').unwrap();
            all.extend(looks(&mut scene, condition, count.parse().unwrap()));
        }
        let open = scene.open(IT).unwrap();
        assert_eq!((open.severity, words(&all)), (severity, told.to_owned()), "{looks_at}");
    }
    let mut scene = Scene::new(terms());
    for condition in ["critical", "warning", "critical", "critical"] {
        looks(&mut scene, condition, 1);
    }
    assert_eq!(scene.open(IT).unwrap().severity, Severity::Warning, "what held all the while");
}

#[test]
fn evidence_goes_to_the_incident_and_stays_with_it() {
    let mut scene = firing();
    let evidence = Evidence { log: vec!["oom".into()], ..Evidence::default() };
    let id = scene.id(IT);
    scene.incidents.attach(id, evidence.clone());
    looks(&mut scene, "clear", 4);
    let past = scene.incidents.get(id).unwrap();
    assert_eq!((past.evidence.as_ref(), past.standing()), (Some(&evidence), Standing::Resolved));
    assert_eq!(past.key, key(IT));
}

#[test]
fn a_host_that_invents_things_is_bounded_and_still_told_when_it_is_silent() {
    let mut scene = Scene::new(Terms::default());
    let names: Vec<String> = (0..2_000).map(|n| format!("service.down@srv01:s{n}")).collect();
    let looks: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "warning")).collect();
    scene.look(&looks);
    assert_eq!(scene.incidents.open().count(), MOST_OF_HOST);
    assert_eq!(scene.incidents.left_out(), 1_500);
    let told = scene.look(&[("reach@srv01", "critical lapse"), ("service.down@srv02:a", "warning")]);
    assert_eq!(words(&told[..2]), "fired fired");
    scene.look(&[(&names[0], "clear")]);
    let told = scene.look(&[("service.down@srv01:new", "warning")]);
    assert!(words(&told).starts_with("fired"), "one that is well makes room");
}
