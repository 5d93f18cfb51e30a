//! Incidents through restarts: at whatever step the program ends, it goes on as if it had not.

use proptest::prelude::*;

use super::super::incidents::{Found, expire};
use super::*;
use crate::incident::tests::property::{Event, events, play, standings, surroundings, world};
use crate::incident::tests::scene::{Scene, hours, secs};
use crate::incident::*;

const IT: &str = "service.down@srv01:gitea";
const ANNA: Author<'_> = Author { by: "anna", comment: "known" };

fn save(writer: &mut Writer, incidents: &mut Incidents, extent: Extent) {
    let unsaved = incidents.unsaved(extent);
    writer.commit(Together { incidents: Some(&unsaved), ..Together::default() }).unwrap();
    incidents.saved(&unsaved);
}

/// Ends the program, and begins it anew from the file.
fn reopen(path: &Path, mut writer: Writer) -> (Writer, Incidents) {
    writer.release().unwrap();
    drop(writer);
    let mut writer = Opening::at(path).on(Told::new()).write().unwrap();
    writer.claim(&Holder { name: "again".to_owned(), boot: "start-2".to_owned() }, now(NEW_YEAR)).unwrap();
    let found = writer.incidents().unwrap();
    assert_eq!(found.unread, 0);
    (writer, Incidents::load(found.saved, surroundings()))
}

/// Some incidents in a history, for others to spoil.
pub(super) fn some(writer: &mut Writer) {
    let mut scene = world();
    let names: Vec<String> = (0..12).map(|n| format!("service.down@srv01:s{n}")).collect();
    for name in &names {
        scene.look(&[(name, "warning 3")]);
        let (id, at) = (scene.id(name), scene.moment());
        let log = vec![HostText::new("a line of its log ".repeat(20)); 20];
        scene.incidents.attach(id, Evidence { log, ..Evidence::default() });
        scene.incidents.accept(id, ANNA, at).unwrap();
        let request = Request::Acknowledge { incident: id };
        let asking = Asking { request, by: "anna".to_owned(), comment: String::new() };
        writer.ask(&asking, at.wall).unwrap();
    }
    for asked in writer.asked().unwrap().iter().take(6) {
        let at = scene.moment();
        scene.incidents.answer(asked, at);
    }
    save(writer, &mut scene.incidents, Extent::All);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_restart_at_any_step_changes_nothing(events in events(40), at in prop::collection::vec(any::<bool>(), 40)) {
        let folder = in_memory();
        let path = folder.path().join("history.db");
        let mut writer = recorder(&path);
        let (mut whole, mut broken) = (world(), world());
        for (event, restarts) in events.iter().zip(at) {
            let told = play(&mut whole, event, false);
            prop_assert_eq!(&told, &play(&mut broken, event, false));
            if matches!(event, Event::Save) || restarts {
                save(&mut writer, &mut broken.incidents, Extent::All);
            }
            if restarts {
                (writer, broken.incidents) = reopen(&path, writer);
            }
            prop_assert_eq!(standings(&whole.incidents), standings(&broken.incidents));
            let open: Vec<_> = whole.incidents.open().collect();
            prop_assert_eq!(open, broken.incidents.open().collect::<Vec<_>>());
            let acts: Vec<_> = whole.incidents.acts().collect();
            prop_assert_eq!(acts, broken.incidents.acts().collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_was_changed_is_stored_even_if_only_changes_are(events in events(40)) {
        let folder = in_memory();
        let path = folder.path().join("history.db");
        let mut writer = recorder(&path);
        let mut scene = world();
        let mut stories = 0;
        for event in &events {
            let told = play(&mut scene, event, false);
            stories += told.iter().filter(|told| scene.incidents.get(told.incident).is_some_and(|it| it.fired.is_some())).count();
            if scene.incidents.is_changed() {
                save(&mut writer, &mut scene.incidents, Extent::Changed);
            }
            prop_assert!(!scene.incidents.is_changed());
        }
        let fired = |incidents: &Incidents| -> Vec<_> {
            let of = |open: &Incident| (open.id, open.phase.has_fired(), open.severity, open.overlays.clone());
            incidents.open().filter(|open| open.fired.is_some()).map(of).collect()
        };
        let before = fired(&scene.incidents);
        let (_writer, after) = reopen(&path, writer);
        prop_assert_eq!(before, fired(&after));
        let reader = Opening::at(&path).read().unwrap();
        let all = reader.incidents_in(Span::all(), 1_000).unwrap();
        let told: usize = all.iter().map(|incident| reader.story(incident.id).unwrap().len()).sum();
        prop_assert!(told <= stories + 1 && all.iter().all(|incident| !reader.story(incident.id).unwrap().is_empty()));
    }
}

#[test]
fn a_commit_that_fails_changes_nothing_and_is_made_good_by_the_next() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let mut scene = world();
    scene.look(&[(IT, "warning")]);
    let unsaved = scene.incidents.unsaved(Extent::Changed);
    let mut other = Opening::at(&path).on(Told::new()).write().unwrap();
    other.claim(&Holder { name: "other".to_owned(), boot: "start-9".to_owned() }, now(NEW_YEAR)).unwrap();
    let refused = writer.commit(Together { incidents: Some(&unsaved), ..Together::default() });
    assert!(matches!(refused, Err(StoreError::Fenced { .. })), "{refused:?}");
    assert_eq!(other.incidents().unwrap(), Found::default(), "nothing under the old epoch");
    assert!(scene.incidents.is_changed());
    // What happens meanwhile is stored with it.
    scene.look(&[(IT, "clear")]);
    save(&mut other, &mut scene.incidents, Extent::Changed);
    let reader = Opening::at(&path).read().unwrap();
    let past = reader.incidents_in(Span::all(), 10).unwrap();
    assert_eq!(past.iter().map(Incident::standing).collect::<Vec<_>>(), [Standing::Resolved]);
    let story: Vec<_> = reader.story(past[0].id).unwrap().into_iter().map(|told| told.change.word()).collect();
    assert_eq!(story, ["fired", "resolved"]);
    assert!(!scene.incidents.is_changed());
}

#[test]
fn evidence_that_comes_in_parts_is_stored_with_the_last_of_them_and_stays() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let mut scene = world();
    scene.look(&[(IT, "warning")]);
    let id = scene.id(IT);
    let mut evidence = Evidence { log: vec![HostText::from("out of memory")], ..Evidence::default() };
    let stored = || Opening::at(&path).read().unwrap().incident(id).unwrap().unwrap().evidence;
    for part in ["first", "second"] {
        evidence.changes.push(HostText::from(part));
        scene.incidents.attach(id, evidence.clone());
        save(&mut writer, &mut scene.incidents, Extent::Changed);
        assert_eq!(stored().as_ref(), Some(&evidence), "{part}");
    }
    evidence.changes.push(HostText::from("as it ends"));
    scene.incidents.attach(id, evidence.clone());
    scene.look(&[(IT, "clear")]);
    save(&mut writer, &mut scene.incidents, Extent::Changed);
    assert_eq!(stored(), Some(evidence));
}

#[test]
fn what_changes_while_it_is_being_stored_is_stored_the_next_time() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let mut scene = world();
    scene.look(&[(IT, "warning"), ("reach@router", "critical lapse")]);
    let unsaved = scene.incidents.unsaved(Extent::Changed);
    scene.look(&[(IT, "clear")]);
    let (kept, at) = (scene.id("reach@router"), scene.moment());
    scene.incidents.acknowledge(kept, ANNA, at).unwrap();
    writer.commit(Together { incidents: Some(&unsaved), ..Together::default() }).unwrap();
    scene.incidents.saved(&unsaved);
    assert!(scene.incidents.is_changed());
    save(&mut writer, &mut scene.incidents, Extent::Changed);
    let (_writer, again) = reopen(&path, writer);
    assert_eq!((again.open().count(), again.past().count()), (1, 1));
    assert_eq!(again.get(kept).unwrap().standing(), Standing::Acknowledged);
}

#[test]
fn what_another_program_asks_for_is_done_once_whatever_fails_on_the_way() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let mut scene = world();
    scene.look(&[(IT, "warning")]);
    save(&mut writer, &mut scene.incidents, Extent::Changed);
    let (incident, at) = (scene.id(IT), scene.moment());

    let mut other = Opening::at(&path).on(Told::new()).write().unwrap();
    let asking = |request| Asking { request, by: "anna".to_owned(), comment: String::new() };
    let life = Life::Until(at.steady.after(hours(2)));
    let silence = asking(Request::Silence { scope: Scope::of(incident), life });
    let numbers = [asking(Request::Acknowledge { incident }), silence, asking(Request::Lift { act: 9 })]
        .map(|asking| other.ask(&asking, at.wall).unwrap().unwrap());
    assert!(matches!(other.commit(Together::default()), Err(StoreError::NoLease { .. })), "and only asked");

    let asked = writer.asked().unwrap();
    assert_eq!(asked.iter().map(|asked| asked.number).collect::<Vec<_>>(), numbers);
    let answer = |incidents: &mut Incidents| -> Vec<_> {
        let told = asked.iter().flat_map(|asked| incidents.answer(asked, at)).collect::<Vec<_>>();
        told.into_iter().map(|told| told.change.word()).collect()
    };
    assert_eq!(answer(&mut scene.incidents), ["acknowledged", "hushed"]);
    // The commit fails: what waits is read once more, and nothing is done once more.
    assert_eq!(writer.asked().unwrap(), asked);
    assert_eq!(answer(&mut scene.incidents), [""; 0]);
    let reader = Opening::at(&path).read().unwrap();
    assert_eq!(reader.outcome(numbers[0]).unwrap(), None);
    save(&mut writer, &mut scene.incidents, Extent::Changed);
    assert_eq!(writer.asked().unwrap(), []);
    let outcomes = numbers.map(|number| reader.outcome(number).unwrap());
    assert_eq!(outcomes[..2], [Some(Outcome::Done { act: None }), Some(Outcome::Done { act: Some(1) })]);
    assert!(matches!(&outcomes[2], Some(Outcome::Refused { why }) if why.contains('9')), "{outcomes:?}");
    let (_writer, mut again) = reopen(&path, writer);
    assert_eq!(answer(&mut again), [""; 0], "nor after a restart");
    assert_eq!(again.get(incident).unwrap().standing(), Standing::Silenced);
}

#[test]
fn requests_that_wait_are_bounded_and_one_that_cannot_be_read_is_refused() {
    let folder = in_memory();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let mut scene = world();
    let asking = Asking { request: Request::Lift { act: 1 }, by: "anna".to_owned(), comment: String::new() };
    let ask = |writer: &mut Writer| writer.ask(&asking, at(NEW_YEAR)).unwrap();
    for number in 1..=1_000 {
        assert_eq!(ask(&mut writer), Some(number));
    }
    assert_eq!(ask(&mut writer), None);
    writer.firm.execute("UPDATE request SET body = x'0102' WHERE id = 1000", []).unwrap();
    for round in 1..=4 {
        let moment = scene.moment();
        for asked in writer.asked().unwrap() {
            scene.incidents.answer(&asked, moment);
        }
        save(&mut writer, &mut scene.incidents, Extent::Changed);
        for number in 1..=1_000 {
            assert_eq!(ask(&mut writer), Some(round * 1_000 + number));
        }
    }
    let reader = Opening::at(&path).read().unwrap();
    assert_eq!(reader.outcome(1_000).unwrap(), None, "forgotten");
    assert!(matches!(reader.outcome(4_000).unwrap(), Some(Outcome::Refused { .. })));
}

#[test]
fn open_incidents_never_expire_and_those_that_are_over_go_with_their_stories() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let mut scene = Scene::new(Terms { gap: hours(1), ..Terms::default() });
    scene.look(&[(IT, "warning"), ("service.down@srv01:nginx", "warning")]);
    let (kept, over) = (scene.id(IT), scene.id("service.down@srv01:nginx"));
    let at = scene.moment();
    scene.incidents.silence(Scope::of(over), Life::Until(at.steady.after(secs(5))), ANNA, at).unwrap();
    scene.wait(secs(10));
    scene.look(&[("service.down@srv01:nginx", "clear")]);
    save(&mut writer, &mut scene.incidents, Extent::All);
    let late = scene.now.wall.after(hours(24 * 4_000));
    writer.write_firmly("expiring", |write| expire(write, late)).unwrap();
    let reader = Opening::at(&path).read().unwrap();
    let left: Vec<_> = reader.incidents_in(Span::all(), 10).unwrap().into_iter().map(|incident| incident.id).collect();
    assert_eq!(left, [kept]);
    assert!(reader.incident(over).unwrap().is_none());
    assert_eq!((reader.story(kept).unwrap().len(), reader.story(over).unwrap().len()), (1, 0));
    assert_eq!(reader.acts(10).unwrap(), []);
}

#[test]
fn a_row_that_cannot_be_read_is_counted_and_numbers_are_never_given_twice() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let mut scene = world();
    scene.look(&[(IT, "warning"), ("reach@router", "critical lapse")]);
    save(&mut writer, &mut scene.incidents, Extent::All);
    let spoil = "UPDATE followed SET body = x'01'; UPDATE incident SET body = x'01' WHERE host = 'router'";
    writer.firm.execute_batch(spoil).unwrap();
    let found = writer.incidents().unwrap();
    assert_eq!(found.unread, 4, "two keys, one incident, and what goes on beside them");
    let mut again = Incidents::load(found.saved, surroundings());
    assert_eq!(again.open().map(|open| open.key.rule().to_owned()).collect::<Vec<_>>(), ["service.down"]);
    let numbers: Vec<u64> = scene.told.iter().map(|told| told.number).collect();
    let at = again.moment(scene.now.after(secs(10)), "another");
    let told = again.step([], at);
    assert!(told.iter().all(|told| told.number > *numbers.last().unwrap()), "{told:?}");
}
