//! Whatever happens in whatever order: nothing is lost, everything that fires ends or is still there, and a restart at any
//! step changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::scene::{Scene, Seen, about, host, key, secs};
use crate::clock::WallTime;
use crate::incident::*;

/// Everything that there is to look at.
pub(crate) const KEYS: [&str; 6] = [
    "reach@srv01",
    "reach@router",
    "cut_off@watcher",
    "service.down@srv01:gitea",
    "service.down@srv01:nginx",
    "drive.media_errors@router:sda",
];

const CONDITIONS: [&str; 10] = [
    "warning",
    "critical 3",
    "warning 5",
    "note lapse",
    "critical lapse",
    "between",
    "clear",
    "clear",
    "absent",
    "removed",
];

const TERMS: [(u64, u64); 3] = [(0, 0), (30, 60), (120, 0)];

/// Something that happens.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// So many seconds pass, then these are looked at, by their places.
    Look(u64, Vec<(usize, usize)>),
    /// Something is decided over the first open incident from a place on.
    Decide(usize, u8),
    /// A host is off, or is not.
    Off(bool),
    /// The machine starts anew after so many seconds, with its clock at 1970 or not.
    Restart(u64, bool),
    /// The wall clock is set.
    Set(i64),
    /// All is stored.
    Save,
}

pub(crate) fn events(most: usize) -> impl Strategy<Value = Vec<Event>> {
    let look = prop::collection::vec((0..KEYS.len(), 0..CONDITIONS.len()), 0..4);
    let span = prop_oneof![4 => 0_u64..90, 1 => 3_000_u64..9_000, 1 => 80_000_u64..400_000];
    let event = prop_oneof![
        12 => (span, look).prop_map(|(span, looks)| Event::Look(span, looks)),
        3 => (0..KEYS.len(), 0_u8..7).prop_map(|(place, what)| Event::Decide(place, what)),
        1 => any::<bool>().prop_map(Event::Off),
        1 => (1_u64..100_000, any::<bool>()).prop_map(|(span, lost)| Event::Restart(span, lost)),
        1 => prop_oneof![Just(0), 1_700_000_000_i64..1_900_000_000].prop_map(Event::Set),
        1 => Just(Event::Save),
    ];
    prop::collection::vec(event, 1..most)
}

pub(crate) fn world() -> Scene {
    let mut scene = Scene::new(Terms { gap: secs(60), group: Some("all".to_owned()), ..Terms::default() });
    scene.incidents.surround(surroundings());
    scene
}

/// A router that a server cannot be reached without, and a window each night.
pub(crate) fn surroundings() -> Surroundings {
    let window = Window {
        name: "night".to_owned(),
        scope: Scope { rule: Some("service.*".to_owned()), ..Scope::default() },
        hours: Hours::read("02:00-04:00", &Zone::UTC).unwrap(),
    };
    Surroundings {
        watcher: Some(host("watcher")),
        depends_on: BTreeMap::from([(host("srv01"), vec![host("router")])]),
        windows: vec![window],
    }
}

/// Lets it happen; answers with what was told.
pub(crate) fn play(scene: &mut Scene, event: &Event, reversed: bool) -> Vec<Transition> {
    match event {
        Event::Look(span, looks) => {
            scene.wait(secs(*span));
            // Each key once a round.
            let by_place: BTreeMap<usize, usize> = looks.iter().copied().collect();
            let mut by_place: Vec<(usize, usize)> = by_place.into_iter().collect();
            if reversed {
                by_place.reverse();
            }
            let at = scene.moment();
            let seen: Vec<_> = by_place
                .iter()
                .map(|(place, condition)| {
                    let key = key(KEYS[*place]);
                    let (hold, clear) = TERMS[place % TERMS.len()];
                    let (hold, clear) = (secs(hold), secs(clear));
                    let terms = Terms { hold, clear, about: about(&key), ..scene.terms.clone() };
                    (key, terms, Seen::of(CONDITIONS[*condition]))
                })
                .collect();
            let looks = seen.iter().map(|(key, terms, seen)| Look { key, terms, condition: seen.condition() });
            scene.incidents.step(looks, at)
        }
        Event::Decide(place, what) => decide(scene, KEYS[*place], *what),
        Event::Off(is_off) => {
            let at = scene.moment();
            scene.incidents.set_off(&host("srv01"), *is_off, at);
            Vec::new()
        }
        Event::Restart(span, is_lost) => {
            scene.restart(secs(*span), is_lost.then_some(20));
            Vec::new()
        }
        Event::Set(wall) => {
            scene.now.wall = WallTime::from_secs(*wall);
            Vec::new()
        }
        Event::Save => Vec::new(),
    }
}

fn decide(scene: &mut Scene, name: &str, what: u8) -> Vec<Transition> {
    let at = scene.moment();
    let who = Author { by: "anna", comment: "so be it" };
    let Some(id) = scene.open(name).map(|open| open.id) else { return Vec::new() };
    let first = scene.incidents.acts().next().map_or(0, |act| act.number);
    let life = Life::Until(at.steady.after(secs(u64::from(what) * 5_000)));
    let incidents = &mut scene.incidents;
    match what {
        0 => incidents.acknowledge(id, who, at).unwrap_or_default(),
        1 => incidents.unacknowledge(id, who, at).unwrap_or_default(),
        2 => incidents.silence(Scope::of(id), life, who, at).map(|(_, told)| told).unwrap_or_default(),
        3 => incidents.silence(Scope::on(host("srv01")), life, who, at).map(|(_, told)| told).unwrap_or_default(),
        4 => incidents.maintain(Scope::default(), life, who, at).map(|(_, told)| told).unwrap_or_default(),
        5 => incidents.accept(id, who, at).map(|(_, told)| told).unwrap_or_default(),
        _ => incidents.lift(first, who, at).unwrap_or_default(),
    }
}

/// What somebody who hears every transition, and nothing else, holds for so.
#[derive(Debug, Default, PartialEq)]
struct Hearer {
    firing: BTreeSet<IncidentId>,
    over: BTreeSet<IncidentId>,
    hushes: BTreeMap<IncidentId, BTreeSet<Hush>>,
    acknowledged: BTreeSet<IncidentId>,
    last: u64,
}

impl Hearer {
    fn hear(&mut self, told: &[Transition]) {
        for Transition { number, incident, change, .. } in told {
            assert_eq!(*number, self.last + 1, "none is left out");
            self.last = *number;
            assert!(!self.over.contains(incident), "nothing comes after the end: {change:?}");
            match change {
                Change::Fired | Change::Flapping => assert!(self.firing.insert(*incident), "fires once"),
                Change::Resolved { .. } => {
                    let fired = self.firing.remove(incident);
                    self.hushes.remove(incident);
                    self.acknowledged.remove(incident);
                    assert!(!fired || self.over.insert(*incident), "ends once");
                }
                Change::Hushed { hush } => {
                    assert!(self.hushes.entry(*incident).or_default().insert(hush.clone()), "{hush:?} twice");
                }
                Change::Unhushed { hush } => {
                    let hushes = self.hushes.get_mut(incident).unwrap();
                    assert!(hushes.remove(hush), "{hush:?}");
                    if hushes.is_empty() {
                        self.hushes.remove(incident);
                    }
                }
                Change::Acknowledged { .. } => _ = self.acknowledged.insert(*incident),
                Change::Unacknowledged { .. } => assert!(self.acknowledged.remove(incident)),
                _ => {}
            }
        }
    }

    /// What is so.
    fn of(incidents: &Incidents, last: u64) -> Self {
        let fired: Vec<_> = incidents.open().filter(|open| open.fired.is_some()).collect();
        let hushes = |open: &&Incident| {
            let hushes: BTreeSet<_> = open.overlays.hushes.iter().map(|hushed| hushed.hush.clone()).collect();
            (!hushes.is_empty()).then_some((open.id, hushes))
        };
        Self {
            firing: fired.iter().map(|open| open.id).collect(),
            over: incidents.past().map(|past| past.id).collect(),
            hushes: fired.iter().filter_map(hushes).collect(),
            acknowledged: fired
                .iter()
                .filter(|open| open.overlays.acknowledged.is_some())
                .map(|open| open.id)
                .collect(),
            last,
        }
    }
}

/// How each open incident stands: what must be the same whatever way led to it.
pub(crate) fn standings(incidents: &Incidents) -> Vec<(IncidentId, Phase, Standing, Severity, Moment)> {
    let of = |open: &Incident| (open.id, open.phase, open.standing(), open.severity, open.since);
    incidents.open().map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whoever_hears_every_transition_knows_what_is_so(events in events(60)) {
        let (mut scene, mut hearer) = (world(), Hearer::default());
        for event in &events {
            hearer.hear(&play(&mut scene, event, false));
            let mut so = Hearer::of(&scene.incidents, hearer.last);
            // What was over long ago is at hand no longer.
            so.over.extend(hearer.over.iter().copied());
            prop_assert_eq!(&so, &hearer);
            let keys: BTreeSet<_> = scene.incidents.open().map(|open| &open.key).collect();
            prop_assert_eq!(keys.len(), scene.incidents.open().count());
            for open in scene.incidents.open() {
                prop_assert_eq!(open.fired.is_some(), open.gist().is_some());
                prop_assert!(open.ended.is_none() && open.worst >= open.severity || open.fired.is_none());
            }
        }
    }

    #[test]
    fn the_order_of_looks_within_a_round_does_not_matter(events in events(40)) {
        let (mut one, mut other) = (world(), world());
        for event in &events {
            let changes = |told: Vec<Transition>| {
                let mut changes: Vec<_> = told.into_iter().map(|told| (told.incident, told.change.word())).collect();
                changes.sort_unstable();
                changes
            };
            prop_assert_eq!(changes(play(&mut one, event, false)), changes(play(&mut other, event, true)));
            prop_assert_eq!(standings(&one.incidents), standings(&other.incidents));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn what_fires_is_over_once_all_is_well_for_long(events in events(40)) {
        let mut scene = world();
        for event in &events {
            play(&mut scene, event, false);
        }
        let well: Vec<(usize, usize)> = (0..KEYS.len()).map(|place| (place, 6)).collect();
        for _ in 0..24 * 8 * 60 {
            play(&mut scene, &Event::Look(60, well.clone()), false);
        }
        prop_assert_eq!(scene.incidents.open().count(), 0);
    }
}
