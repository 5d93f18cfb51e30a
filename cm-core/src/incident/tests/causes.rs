//! Which incident hides which, and until when.

use super::scene::{Scene, host, hours, secs, words};
use crate::incident::*;

const DISK: &str = "disk.full@srv01:/";

/// Reach rules wait for nothing here, and the rest neither.
fn world(depends_on: &[&str]) -> Scene {
    Scene::new(Terms { gap: secs(60), flap: Flap::Each, ..Terms::default() }).depending(depends_on)
}

fn silent(scene: &mut Scene, hosts: &[&str]) -> Vec<Transition> {
    let names: Vec<String> = hosts.iter().map(|host| format!("reach@{host}")).collect();
    let looks: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "critical lapse")).collect();
    scene.look(&looks)
}

/// Which of these hosts are told: `srv01` where its reach incident is hushed by nothing.
fn told<'a>(scene: &Scene, hosts: &[&'a str]) -> Vec<&'a str> {
    let is_told = |host: &&&str| scene.open(&format!("reach@{host}")).is_some_and(|open| open.hush().is_none());
    hosts.iter().filter(is_told).copied().collect()
}

#[test]
fn of_hosts_that_are_silent_the_one_at_the_end_of_the_chain_is_told() {
    for (depends_on, hosts, expected) in [
        (&[][..], &["a", "b"][..], &["a", "b"][..]),
        (&["a router", "b router"], &["a", "b", "router"], &["router"]),
        (&["a router", "b router"], &["a", "b"], &["a", "b"]),
        (&["a vm", "vm router"], &["a", "vm", "router"], &["router"]),
        // The one between answers, so what lies beyond it is no cause.
        (&["a vm", "vm router"], &["a", "router"], &["a", "router"]),
        (&["a b", "b a"], &["a", "b"], &["a"]),
        (&["b c", "c d", "d b"], &["d", "c", "b"], &["b"]),
        (&["a b", "b a", "b ups"], &["a", "b", "ups"], &["ups"]),
        (&["a b", "b a", "c a"], &["a", "b", "c"], &["a"]),
        (&["a x", "a y"], &["a", "x", "y"], &["x", "y"]),
        (&["a a"], &["a"], &["a"]),
        (&["a nobody"], &["a"], &["a"]),
    ] {
        let mut scene = world(depends_on);
        silent(&mut scene, hosts);
        assert_eq!(told(&scene, hosts), expected, "{depends_on:?}: {hosts:?}");
        assert!(!told(&scene, hosts).is_empty());
    }
}

#[test]
fn a_cause_that_is_only_a_note_is_told_to_nobody_and_hides_no_other_host() {
    let mut scene = world(&["a router"]);
    scene.look(&[("reach@a", "critical lapse"), ("reach@router", "note lapse")]);
    assert_eq!(told(&scene, &["a"]), ["a"]);
}

#[test]
fn a_host_that_is_off_is_told_to_nobody_and_hides_no_other() {
    let mut scene = world(&["a router"]);
    let at = scene.moment();
    scene.incidents.set_off(&host("router"), true, at);
    silent(&mut scene, &["a", "router"]);
    assert_eq!(told(&scene, &["a", "router"]), ["a"]);
}

#[test]
fn a_silent_host_hides_what_is_wrong_with_it_until_two_minutes_past_its_return_or_until_it_tells_itself() {
    let mut scene = world(&[]);
    scene.look(&[(DISK, "warning")]);
    scene.wait(secs(5));
    let told = scene.look(&[(DISK, "absent"), ("reach@srv01", "critical lapse")]);
    assert_eq!(words(&told), "lost fired hushed");
    let by = scene.id("reach@srv01");
    assert_eq!(scene.open(DISK).unwrap().hush(), Some(&Hush::Inhibited { by, host: host("srv01") }));
    assert_eq!(scene.standing(DISK), "inhibited");
    assert_eq!(scene.standing("reach@srv01"), "firing");
    scene.wait(hours(3));
    scene.look(&[("reach@srv01", "clear")]);
    assert_eq!((scene.standing(DISK), scene.standing("reach@srv01")), ("inhibited", "-"));
    scene.wait(secs(119));
    scene.look(&[]);
    assert_eq!(scene.standing(DISK), "inhibited");
    scene.wait(secs(1));
    assert_eq!((words(&scene.look(&[])), scene.standing(DISK)), ("unhushed".to_owned(), "firing"));

    // One that tells itself is told at once, even while another way to it is silent.
    silent(&mut scene, &["srv01"]);
    assert_eq!(scene.standing(DISK), "inhibited");
    scene.wait(secs(5));
    scene.look(&[(DISK, "warning")]);
    assert_eq!(scene.standing(DISK), "firing");
    scene.wait(secs(5));
    scene.look(&[(DISK, "warning lapse")]);
    assert_eq!(scene.standing(DISK), "inhibited", "what follows from silence is not told by the host");
}

#[test]
fn what_a_cause_hid_is_recorded_and_ends_all_the_same() {
    let mut scene = world(&["a router"]);
    silent(&mut scene, &["a", "router"]);
    let id = scene.id("reach@a");
    scene.wait(secs(60));
    assert_eq!(words(&scene.look(&[("reach@a", "clear")])), "resolved");
    assert_eq!(scene.incidents.get(id).unwrap().gist().unwrap().stage, Stage::Over);
}

#[test]
fn a_watcher_that_is_cut_off_says_so_once_and_hides_all_but_itself() {
    let mut scene = world(&[]);
    scene.look(&[
        ("cut_off@watcher", "critical"),
        ("reach@a", "critical lapse"),
        ("reach@b", "critical lapse"),
        ("disk.full@watcher:/", "warning"),
        ("disk.full@a:/", "warning lapse"),
    ]);
    for (name, standing) in [
        ("cut_off@watcher", "firing"),
        ("disk.full@watcher:/", "firing"),
        ("reach@a", "inhibited"),
        ("reach@b", "inhibited"),
        ("disk.full@a:/", "inhibited"),
    ] {
        assert_eq!(scene.standing(name), standing, "{name}");
    }
    let by = scene.id("cut_off@watcher");
    assert_eq!(scene.open("reach@a").unwrap().hush(), Some(&Hush::CutOff { by }));
    scene.wait(secs(10));
    scene.look(&[("cut_off@watcher", "clear"), ("reach@b", "clear")]);
    assert_eq!(scene.standing("reach@a"), "inhibited", "it has not been asked again");
    scene.wait(secs(120));
    scene.look(&[("reach@a", "critical lapse")]);
    assert_eq!(scene.standing("reach@a"), "firing");
}

#[test]
fn a_host_that_is_off_is_quiet_until_it_is_not() {
    let mut scene = world(&[]);
    scene.look(&[(DISK, "warning")]);
    let at = scene.moment();
    scene.incidents.set_off(&host("srv01"), true, at);
    scene.wait(secs(5));
    scene.look(&[(DISK, "absent"), ("reach@srv01", "critical lapse")]);
    for name in [DISK, "reach@srv01"] {
        assert_eq!(scene.standing(name), "inhibited", "{name}");
        assert_eq!(scene.open(name).unwrap().hush(), Some(&Hush::Off { host: host("srv01") }), "{name}");
    }
    scene.wait(hours(9));
    let at = scene.moment();
    scene.incidents.set_off(&host("srv01"), false, at);
    scene.incidents.set_off(&host("srv01"), false, at);
    scene.look(&[("reach@srv01", "clear")]);
    assert_eq!(scene.standing(DISK), "inhibited");
    scene.wait(secs(121));
    scene.look(&[]);
    assert_eq!(scene.standing(DISK), "firing");
}

#[test]
fn firings_under_one_label_that_come_close_together_are_one_group() {
    let mut scene = world(&[]);
    scene.terms.group = Some("power".to_owned());
    let mut groups = Vec::new();
    for (n, wait) in [0, 59, 60, 61, 5].into_iter().enumerate() {
        scene.wait(secs(wait));
        let name = format!("reach@h{n}");
        scene.look(&[(&name, "critical lapse")]);
        groups.push(scene.open(&name).unwrap().group);
    }
    assert_eq!([groups[1], groups[2]], [groups[0]; 2]);
    assert_ne!(groups[3], groups[0], "61 s after the last");
    assert_eq!(groups[4], groups[3]);
    let first = scene.id("reach@h0");
    assert_eq!(groups[0], first);
    // Ten minutes at most, however close they follow.
    let names: Vec<String> = (0..15).map(|n| format!("reach@l{n}")).collect();
    scene.wait(secs(600));
    for name in &names {
        scene.look(&[(name, "critical lapse")]);
        scene.wait(secs(50));
    }
    let groups: std::collections::BTreeSet<_> = names.iter().map(|name| scene.open(name).unwrap().group).collect();
    assert_eq!(groups.len(), 2);
    scene.terms.group = None;
    scene.look(&[("reach@alone", "critical lapse")]);
    assert_eq!(scene.open("reach@alone").unwrap().group, scene.id("reach@alone"));
}
