//! Long times in virtual time: a month of coming and going, a year of days, 400 days of one incident.

use std::collections::BTreeMap;

use super::scene::{NEW_YEAR, Scene, hours, secs, words};
use crate::incident::*;

const IT: &str = "service.down@srv01:gitea";

fn terms() -> Terms {
    Terms { hold: secs(60), clear: secs(120), gap: secs(180), ..Terms::default() }
}

/// How often somebody who is told of each change of what there is to know would be told.
#[derive(Default)]
struct Reader(BTreeMap<IncidentId, Gist>, u32);

impl Reader {
    fn read(&mut self, scene: &Scene) {
        let known = scene.incidents.open().chain(scene.incidents.past());
        for (id, gist) in known.filter_map(|incident| Some((incident.id, incident.gist()?))) {
            self.1 += u32::from(self.0.insert(id, gist) != Some(gist));
        }
    }
}

/// A number that follows from another and looks like none.
fn scatter(n: u64) -> u64 {
    let n = (n ^ n >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (n ^ n >> 27).wrapping_mul(0x94D0_49BB_1331_11EB) >> 33
}

#[test]
fn a_month_of_a_service_that_comes_and_goes_is_at_most_ten_messages() {
    // Whether it is down in a minute of the month.
    type Down = fn(u64) -> bool;
    let cases: [(&str, Down, u32); 9] = [
        ("all the time", |minute| minute % 20 < 6, 8),
        ("by day alone", |minute| (480..1_200).contains(&(minute % 1_440)) && minute % 30 < 8, 10),
        (
            "on working days",
            |minute| minute / 1_440 % 7 < 5 && (480..1_080).contains(&(minute % 1_440)) && minute % 45 < 10,
            10,
        ),
        ("once a night", |minute| (180..200).contains(&(minute % 1_440)), 10),
        ("at random", |minute| scatter(minute / 10).is_multiple_of(4), 10),
        ("now and then at random", |minute| scatter(minute / 60).is_multiple_of(20), 10),
        ("two hours of three", |minute| minute % 180 < 120, 10),
        ("on weekends", |minute| minute / 1_440 % 7 >= 5 && minute % 60 < 5, 10),
        ("not for long enough", |minute| minute % 2 == 0, 0),
    ];
    for (what, is_down, most) in cases {
        let mut scene = Scene::new(terms());
        let mut reader = Reader::default();
        for minute in 0..30 * 1_440 {
            scene.look(&[(IT, if is_down(minute) { "warning" } else { "clear" })]);
            scene.told.clear();
            reader.read(&scene);
            scene.wait(secs(60));
        }
        assert!(reader.1 <= most, "{what}: {} messages", reader.1);
        assert!(most == 0 || reader.1 >= 3, "{what}: {} messages", reader.1);
        // And it is over in the end, once it is well.
        scene.keep(hours(24 * 8), secs(60), &[(IT, "clear")]);
        assert_eq!(scene.standing(IT), "-", "{what}");
    }
}

#[test]
fn one_that_comes_and_goes_and_then_stays_is_told_to_have_stayed() {
    let mut scene = Scene::new(terms());
    let mut reader = Reader::default();
    for minute in 0..700 {
        let is_down = minute % 20 < 6 || minute > 120;
        scene.look(&[(IT, if is_down { "warning" } else { "clear" })]);
        reader.read(&scene);
        scene.wait(secs(60));
    }
    let open = scene.open(IT).unwrap();
    assert_eq!((open.holds, open.phase), (2, Phase::Flapping { side: Side::Up }));
    assert_eq!(reader.1, 1 + 1 + 1 + 1 + 1 + 2, "twice fired and over, coming and going, and twice for good");
}

#[test]
fn four_hundred_days_of_one_incident_fire_once_and_since_never_resets() {
    let mut scene = Scene::new(terms());
    let mut fired = 0;
    scene.keep(secs(300), secs(60), &[(IT, "warning")]);
    let (id, since) = (scene.id(IT), scene.open(IT).unwrap().since);
    for day in 0..400 {
        for _ in 0..24 {
            scene.wait(hours(1));
            scene.look(&[(IT, if day % 7 == 3 { "absent" } else { "warning" })]);
        }
        match day % 50 {
            10 => scene.restart(hours(5), None),
            20 => scene.restart(hours(5), Some(1_000)),
            30 => scene.now.wall = scene.now.wall.before(hours(1)),
            _ => {}
        }
        if day % 50 == 21 {
            // Its clock is set again.
            scene.now.wall = since.wall.after(hours(24 * day));
        }
        let unsaved = scene.incidents.unsaved(Extent::All);
        scene.incidents.saved(&unsaved);
    }
    fired += scene.told.iter().filter(|told| told.change == Change::Fired).count();
    let open = scene.open(IT).unwrap();
    assert_eq!((open.id, open.since, fired), (id, since, 1));
    assert_eq!(since.wall.secs(), NEW_YEAR + 60);
    let at = scene.moment();
    let days = at.since(since).as_secs() / 86_400;
    assert!((395..=405).contains(&days), "{days} days by the time that passed");
}

#[test]
fn in_a_year_with_both_changes_of_the_clock_each_night_is_quiet_once() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let hours_of_night = Hours::read("02:30 for 1h", &zone).unwrap();
    let mut scene = Scene::new(Terms { gap: hours(1), ..Terms::default() });
    let window = Window { name: "night".to_owned(), scope: Scope::default(), hours: hours_of_night };
    scene.incidents.surround(Surroundings { windows: vec![window], ..Surroundings::default() });
    scene.now.wall = scene.now.wall.after(hours(12));
    let (mut hushed, mut quiet) = (Vec::new(), 0);
    for _ in 0..365 * 24 * 12 {
        let told = scene.look(&[(IT, "warning")]);
        hushed.extend(
            told.iter().filter(|told| words(std::slice::from_ref(told)) == "hushed").map(|told| told.at.wall.secs()),
        );
        quiet += u32::from(scene.standing(IT) == "silenced");
        scene.wait(secs(300));
    }
    assert_eq!((hushed.len(), quiet), (365, 365 * 12));
    let apart = |hours: i64| hushed.windows(2).filter(|pair| pair[1] - pair[0] == hours * 3_600).count();
    // The night of the skipped hour begins half past three, as the clock shows: an hour later than it would have, so the
    // next one comes 23 h after it; of the hour that comes twice the first counts, and the next comes 25 h after it.
    assert_eq!((apart(24), apart(23), apart(25)), (362, 1, 1));
}
