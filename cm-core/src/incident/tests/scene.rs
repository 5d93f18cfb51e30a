//! A small world to try incidents in: named keys, conditions in a word, and a clock that moves when told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{BootTime, MonoTime, Now, WallTime};
use crate::health::{Subject, SubjectKind};
use crate::host::HostId;
use crate::incident::*;
use crate::text::HostText;
use crate::unit::Unit;

/// 2026-01-01T00:00:00Z, a Thursday.
pub(crate) const NEW_YEAR: i64 = 1_767_225_600;

pub(crate) const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

pub(crate) const fn hours(hours: u64) -> Duration {
    Duration::from_hours(hours)
}

pub(crate) fn host(name: &str) -> HostId {
    HostId::new(name).unwrap()
}

/// `reach@srv01` is the host itself, `cut_off@watcher` the watcher's own, anything else a service of that name.
pub(crate) fn key(text: &str) -> Key {
    let (rule, place) = text.split_once('@').unwrap();
    let (name, thing) = place.split_once(':').unwrap_or((place, ""));
    let subject = match (rule, thing) {
        ("reach" | "cut_off", "") => Subject::host(),
        (_, thing) => Subject::named(SubjectKind::Service, HostText::from(thing)),
    };
    Key::new(rule, Some(host(name)), subject)
}

pub(crate) fn about(key: &Key) -> About {
    match key.rule() {
        "reach" => About::Reach,
        "cut_off" => About::CutOff,
        _ => About::Thing,
    }
}

/// `warning`, `critical 7` (a number of which more is worse), `warning lapse` (not told by the host itself).
pub(crate) fn finding(words: &str) -> Finding {
    let mut words = words.split(' ');
    let severity = words.next().unwrap().parse().unwrap();
    let rest: Vec<&str> = words.collect();
    let value = rest.iter().find_map(|word| word.parse().ok());
    let measure = value.map(|value| Measure { value, limit: Some(1.0), unit: Unit::Count, worse: Worse::Higher });
    let basis = if rest.contains(&"lapse") { Basis::Lapse } else { Basis::Reading };
    Finding { basis, measure, ..Finding::new(severity, "something is wrong") }
}

/// The world: incidents, and the clock by which they are looked at.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) incidents: Incidents,
    pub(crate) now: Now,
    pub(crate) start: String,
    pub(crate) terms: Terms,
    /// All that was told.
    pub(crate) told: Vec<Transition>,
}

impl Scene {
    pub(crate) fn new(terms: Terms) -> Self {
        let wall = WallTime::from_secs(NEW_YEAR);
        let now = Now { wall, boot: BootTime::from_start(secs(1_000)), mono: MonoTime::default() };
        let around = Surroundings { watcher: Some(host("watcher")), ..Surroundings::default() };
        Self { incidents: Incidents::new(around), now, start: "first".to_owned(), terms, told: Vec::new() }
    }

    /// With hosts that depend on others: `srv01 router`.
    pub(crate) fn depending(mut self, pairs: &[&str]) -> Self {
        let mut depends_on: BTreeMap<HostId, Vec<HostId>> = BTreeMap::new();
        for pair in pairs {
            let (from, to) = pair.split_once(' ').unwrap();
            depends_on.entry(host(from)).or_default().push(host(to));
        }
        self.incidents.surround(Surroundings { watcher: Some(host("watcher")), depends_on, ..Surroundings::default() });
        self
    }

    pub(crate) fn moment(&mut self) -> Moment {
        self.incidents.moment(self.now, &self.start)
    }

    pub(crate) fn wait(&mut self, span: Duration) {
        self.now = self.now.after(span);
    }

    /// One round: what is seen of some keys. Words: a finding's, `between`, `clear`, `absent`, `unwatched`, `replaced`,
    /// `removed`.
    pub(crate) fn look(&mut self, seen: &[(&str, &str)]) -> Vec<Transition> {
        let at = self.moment();
        let seen: Vec<(Key, Terms, Seen)> = seen
            .iter()
            .map(|(name, words)| {
                let key = key(name);
                let terms = Terms { about: about(&key), ..self.terms.clone() };
                (key, terms, Seen::of(words))
            })
            .collect();
        let looks = seen.iter().map(|(key, terms, seen)| Look { key, terms, condition: seen.condition() });
        let told = self.incidents.step(looks, at);
        self.told.extend(told.iter().cloned());
        told
    }

    /// The same looks again and again, `every` so long, for `span`.
    pub(crate) fn keep(&mut self, span: Duration, every: Duration, seen: &[(&str, &str)]) -> Vec<Transition> {
        let end = self.now.after(span);
        let mut told = Vec::new();
        while self.now.boot < end.boot {
            self.wait(every);
            told.extend(self.look(seen));
        }
        told
    }

    /// The open incident of a key.
    pub(crate) fn open(&self, name: &str) -> Option<&Incident> {
        let key = key(name);
        self.incidents.open().find(|incident| incident.key == key)
    }

    /// How it stands, in a word; `-` where none is open.
    pub(crate) fn standing(&self, name: &str) -> &'static str {
        self.open(name).map_or("-", |incident| incident.standing().word())
    }

    pub(crate) fn id(&self, name: &str) -> IncidentId {
        self.open(name).unwrap().id
    }

    /// The machine starts anew after so long; the wall clock has gone on, unless it is said.
    pub(crate) fn restart(&mut self, off: Duration, wall: Option<i64>) {
        let wall = wall.map_or_else(|| self.now.wall.after(off), WallTime::from_secs);
        self.now = Now { wall, boot: BootTime::from_start(secs(20)), mono: MonoTime::default() };
        self.start.push('+');
    }
}

/// What is seen of a key, owned.
#[derive(Debug, Clone)]
pub(crate) enum Seen {
    Holds(Arc<Finding>),
    Between,
    Clear,
    Absent,
    Gone(Gone),
}

impl Seen {
    pub(crate) fn of(words: &str) -> Self {
        match words {
            "between" => Self::Between,
            "clear" => Self::Clear,
            "absent" => Self::Absent,
            "unwatched" => Self::Gone(Gone::Unwatched),
            "replaced" => Self::Gone(Gone::Replaced),
            "removed" => Self::Gone(Gone::Removed),
            words => Self::Holds(Arc::new(finding(words))),
        }
    }

    pub(crate) fn condition(&self) -> Condition<'_> {
        match self {
            Self::Holds(finding) => Condition::Holds(finding),
            Self::Between => Condition::Between,
            Self::Clear => Condition::Clear,
            Self::Absent => Condition::Absent,
            Self::Gone(gone) => Condition::Gone(*gone),
        }
    }
}

/// The changes of some transitions in words.
pub(crate) fn words(told: &[Transition]) -> String {
    told.iter().map(|transition| transition.change.word()).collect::<Vec<_>>().join(" ")
}
