//! What people decide: each with its own time and its own end, and none of them in another's way.

use super::scene::{NEW_YEAR, Scene, host, hours, key, secs, words};
use crate::clock::WallTime;
use crate::incident::*;

const IT: &str = "drive.media_errors@srv01:sda";
const ANNA: Author<'_> = Author { by: "anna", comment: "known" };

fn firing(words: &str) -> Scene {
    let mut scene = Scene::new(Terms { flap: Flap::Each, ..Terms::default() });
    scene.look(&[(IT, words)]);
    scene
}

fn silence(scene: &mut Scene, scope: Scope, span: std::time::Duration) -> u64 {
    let at = scene.moment();
    scene.incidents.silence(scope, Life::Until(at.steady.after(span)), ANNA, at).unwrap().0
}

#[test]
fn an_acknowledgement_ends_with_its_incident_and_not_before() {
    let mut scene = firing("warning");
    let (id, at) = (scene.id(IT), scene.moment());
    assert_eq!(scene.open(IT).unwrap().unattended(at), Some(secs(0)));
    assert_eq!(words(&scene.incidents.acknowledge(id, ANNA, at).unwrap()), "acknowledged");
    assert_eq!((scene.standing(IT), scene.open(IT).unwrap().unattended(at)), ("acknowledged", None));
    scene.keep(hours(100), hours(1), &[(IT, "absent")]);
    scene.restart(hours(100), None);
    scene.look(&[(IT, "critical")]);
    assert_eq!(scene.standing(IT), "acknowledged");
    scene.look(&[(IT, "clear")]);
    scene.wait(secs(1));
    scene.look(&[(IT, "warning")]);
    assert_eq!(scene.standing(IT), "firing");
    let (id, at) = (scene.id(IT), scene.moment());
    scene.incidents.acknowledge(id, ANNA, at).unwrap();
    assert_eq!(words(&scene.incidents.unacknowledge(id, ANNA, at).unwrap()), "unacknowledged");
    assert_eq!(words(&scene.incidents.unacknowledge(id, ANNA, at).unwrap()), "");
    assert_eq!(scene.standing(IT), "firing");
}

#[test]
fn what_nobody_looks_after_is_counted_from_when_it_could_be_told() {
    let mut scene = firing("warning");
    let unattended = |scene: &mut Scene| {
        let at = scene.moment();
        scene.open(IT).unwrap().unattended(at).map(|span| span.as_secs() / 3_600)
    };
    scene.wait(hours(3));
    assert_eq!(unattended(&mut scene), Some(3));
    silence(&mut scene, Scope::default(), hours(2));
    assert_eq!(unattended(&mut scene), None);
    scene.wait(hours(2));
    scene.look(&[(IT, "warning")]);
    scene.wait(hours(1));
    assert_eq!(unattended(&mut scene), Some(1), "since the silence ended");
    scene.look(&[(IT, "clear")]);
    assert_eq!(scene.incidents.past().next().and_then(|past| past.unattended(Moment::default())), None);
}

#[test]
fn overlays_that_overlap_end_each_in_its_own_time() {
    let mut scene = firing("warning 3");
    let (id, at) = (scene.id(IT), scene.moment());
    scene.incidents.acknowledge(id, ANNA, at).unwrap();
    silence(&mut scene, Scope::on(host("srv01")), hours(2));
    let at = scene.moment();
    let life = Life::Until(at.steady.after(hours(3)));
    scene.incidents.maintain(Scope::default(), life, ANNA, at).unwrap();
    let accepted = scene.incidents.accept(id, ANNA, at).unwrap().0;
    let mut seen = Vec::new();
    for hour in 0..5 {
        if hour == 1 {
            let at = scene.moment();
            scene.incidents.lift(accepted, ANNA, at).unwrap();
        }
        scene.look(&[(IT, "warning 3")]);
        let hushes = scene.open(IT).unwrap().overlays.hushes.len();
        seen.push(format!("{} {hushes}", scene.standing(IT)));
        scene.wait(hours(1));
    }
    assert_eq!(seen, ["accepted 3", "silenced 2", "silenced 1", "acknowledged 0", "acknowledged 0"]);
    let since = |scene: &Scene| scene.open(IT).unwrap().overlays.acknowledged.clone().unwrap().at;
    assert_eq!(since(&scene).wall.secs(), NEW_YEAR);
}

#[test]
fn a_silence_lasts_by_the_time_that_passes_whatever_the_wall_clock_does() {
    for (what, leap_s) in
        [("as it is", 0), ("an hour back", -3_600), ("a year ahead", 31_536_000), ("to 1970", -NEW_YEAR)]
    {
        let mut scene = firing("warning");
        let id = scene.id(IT);
        silence(&mut scene, Scope::of(id), hours(2));
        assert_eq!(scene.standing(IT), "silenced");
        scene.wait(hours(1));
        scene.now.wall = WallTime::from_secs(scene.now.wall.secs() + leap_s);
        scene.look(&[(IT, "warning")]);
        assert_eq!(scene.standing(IT), "silenced", "{what}");
        scene.wait(secs(3_599));
        scene.look(&[(IT, "warning")]);
        assert_eq!(scene.standing(IT), "silenced", "{what}");
        scene.wait(secs(1));
        assert_eq!(words(&scene.look(&[(IT, "warning")])), "unhushed", "{what}");
        assert_eq!((scene.standing(IT), scene.incidents.acts().count()), ("firing", 0), "{what}");
    }
}

#[test]
fn a_silence_covers_what_its_scope_names_and_what_begins_under_it() {
    for (scope, covered) in [
        (Scope::default(), "a b c d"),
        (Scope::on(host("srv01")), "a b"),
        (Scope { rule: Some("drive.*".to_owned()), ..Scope::default() }, "a c"),
        (Scope { rule: Some("service.down".to_owned()), ..Scope::default() }, "b d"),
        (Scope { name: Some("gitea".into()), ..Scope::default() }, "b"),
        (Scope { host: host("srv02").into(), rule: Some("drive.wear".to_owned()), ..Scope::default() }, "c"),
        (Scope { role: Some(crate::host::Role::new("lab").unwrap()), ..Scope::default() }, ""),
    ] {
        let mut scene = Scene::new(Terms::default());
        silence(&mut scene, scope.clone(), hours(1));
        let keys =
            ["drive.wear@srv01:sda", "service.down@srv01:gitea", "drive.wear@srv02:sda", "service.down@srv02:nginx"];
        scene.look(&keys.map(|key| (key, "warning")));
        let is_silenced = |(key, _): &(&str, &str)| scene.standing(key) == "silenced";
        let found: Vec<_> =
            keys.into_iter().zip(["a", "b", "c", "d"]).filter(is_silenced).map(|(_, name)| name).collect();
        assert_eq!(found.join(" "), covered, "{scope:?}");
        assert_eq!(scene.told.iter().filter(|told| told.change == Change::Fired).count(), 4, "all are recorded");
    }
}

#[test]
fn what_is_accepted_is_quiet_until_it_grows_or_another_stands_in_its_place() {
    for (begun, then, standing, why) in [
        ("warning 3", "warning 3", "accepted", None),
        ("warning 3", "warning 2", "accepted", None),
        ("warning 3", "warning 4", "firing", Some(Lapse::Grown)),
        ("warning 3", "critical 3", "firing", Some(Lapse::Worsened)),
        ("warning 3", "absent", "accepted", None),
        ("warning 3", "clear", "-", None),
        ("warning 3", "replaced", "-", Some(Lapse::Replaced)),
        ("warning 3", "unwatched", "-", None),
        ("warning", "warning", "accepted", None),
        ("warning", "critical", "firing", Some(Lapse::Worsened)),
        ("warning", "clear", "-", Some(Lapse::Cleared)),
        ("warning", "removed", "-", None),
    ] {
        let mut scene = firing(begun);
        let (id, at) = (scene.id(IT), scene.moment());
        scene.incidents.accept(id, ANNA, at).unwrap();
        assert_eq!(scene.standing(IT), "accepted");
        scene.wait(secs(30));
        let unsaved = scene.incidents.unsaved(Extent::All);
        scene.incidents.saved(&unsaved);
        scene.look(&[(IT, then)]);
        let what = format!("{begun}, then {then}");
        assert_eq!(scene.standing(IT), standing, "{what}");
        let ended = scene.incidents.unsaved(Extent::All).acts.into_iter().find_map(|act| act.ended);
        assert_eq!(ended.map(|(_, why)| why), why, "{what}");
        assert_eq!(scene.incidents.acts().count(), usize::from(why.is_none()), "{what}");
        if then == "clear" {
            scene.wait(secs(30));
            scene.look(&[(IT, begun)]);
            let again = if why.is_none() { "accepted" } else { "firing" };
            assert_eq!(scene.standing(IT), again, "{what}, then again");
        }
    }
}

#[test]
fn accepting_again_puts_the_new_number_in_the_place_of_the_old() {
    let mut scene = firing("warning 3");
    for number in [3, 9] {
        scene.look(&[(IT, &format!("warning {number}"))]);
        let (id, at) = (scene.id(IT), scene.moment());
        scene.incidents.accept(id, ANNA, at).unwrap();
        scene.look(&[(IT, &format!("warning {number}"))]);
        assert_eq!((scene.standing(IT), scene.incidents.acts().count()), ("accepted", 1), "{number}");
    }
}

#[test]
fn planned_maintenance_begins_and_ends_by_the_calendar_and_never_with_a_clock_that_was_not_set() {
    let mut scene = firing("warning");
    let at = scene.moment();
    let life = Life::Between(WallTime::from_secs(NEW_YEAR + 3_600), WallTime::from_secs(NEW_YEAR + 7_200));
    scene.incidents.maintain(Scope::default(), life, ANNA, at).unwrap();
    let mut seen = Vec::new();
    for minute in [0, 59, 60, 119, 120] {
        scene.now.wall = WallTime::from_secs(NEW_YEAR + minute * 60);
        scene.look(&[(IT, "warning")]);
        seen.push(scene.standing(IT));
        if minute == 60 {
            scene.now.wall = WallTime::from_secs(100);
            scene.look(&[(IT, "warning")]);
            assert_eq!(scene.standing(IT), "firing", "no clock, no calendar");
        }
    }
    assert_eq!(seen, ["firing", "firing", "silenced", "silenced", "firing"]);
    assert_eq!(scene.incidents.acts().count(), 0);
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut scene = firing("warning");
    let (id, at) = (scene.id(IT), scene.moment());
    let nobody = IncidentId::of(&key("a@b:c"), at);
    let long = "x".repeat(1_001);
    let long = Author { by: "anna", comment: &long };
    let until = |span| Life::Until(at.steady.after(span));
    let mut pending = Scene::new(Terms { hold: secs(60), ..Terms::default() });
    pending.look(&[(IT, "warning")]);
    let before = scene.incidents.acts().count();
    let pending_id = pending.id(IT);
    assert_eq!(pending.incidents.accept(pending_id, ANNA, at), Err(ActError::Pending { id: pending_id }));
    let incidents = &mut scene.incidents;
    assert_eq!(incidents.acknowledge(nobody, ANNA, at), Err(ActError::Unknown { id: nobody }));
    assert_eq!(incidents.accept(id, long, at), Err(ActError::Comment { bytes: 1_001 }));
    assert_eq!(incidents.lift(7, ANNA, at), Err(ActError::NoAct { number: 7 }));
    for span in [secs(0), hours(9_000)] {
        assert_eq!(incidents.silence(Scope::default(), until(span), ANNA, at), Err(ActError::Span { span }));
    }
    for _ in 0..1_000 {
        incidents.silence(Scope::of(nobody), until(hours(1)), ANNA, at).unwrap();
    }
    assert_eq!(incidents.silence(Scope::default(), until(hours(1)), ANNA, at), Err(ActError::TooMany));
    assert_eq!((before, scene.standing(IT)), (0, "firing"));
}
