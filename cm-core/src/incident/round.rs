//! All incidents, and a round of looks over them.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::act::{Act, Lapse};
use super::around::Surroundings;
use super::group::Groups;
use super::hush::{Off, Quiet, lay};
use super::id::IncidentId;
use super::inhibit::{Causes, LINGER};
use super::key::Key;
use super::look::{About, Condition, Gone, Look};
use super::phase::{End, Phase};
use super::record::Incident;
use super::save::Dirt;
use super::time::{Moment, Passage};
use super::track::Track;
use super::transition::{Change, Transition};
use crate::clock::Now;
use crate::health::Subject;
use crate::host::HostId;

/// The most keys of one host that are followed, so that one that invents things cannot fill memory. Whether it answers is
/// followed always.
pub const MOST_OF_HOST: usize = 500;

/// The most keys in all.
pub const MOST: usize = 20_000;

/// How many incidents that are over are at hand, and for how long.
pub const MOST_PAST: usize = 1_000;
const PAST: Duration = Duration::from_hours(14 * 24);

/// What goes on through restarts beside the incidents themselves.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Running {
    pub(super) passage: Passage,
    /// The number of the last transition, and of the last act.
    pub(super) transitions: u64,
    pub(super) acts: u64,
    /// The number of the last request that was answered.
    #[serde(default)]
    pub(super) asked: u64,
    pub(super) off: BTreeMap<HostId, Off>,
    pub(super) groups: Groups,
}

/// All incidents.
#[derive(Debug, Clone, Default)]
pub struct Incidents {
    pub(super) around: Surroundings,
    pub(super) running: Running,
    pub(super) tracks: BTreeMap<Key, Track>,
    pub(super) counts: BTreeMap<Option<HostId>, usize>,
    pub(super) acts: BTreeMap<u64, Act>,
    /// Those that are over, the oldest first.
    pub(super) past: VecDeque<Incident>,
    pub(super) dirt: Dirt,
    pub(super) left_out: u64,
}

impl Incidents {
    /// None yet.
    pub fn new(around: Surroundings) -> Self {
        Self { around, ..Self::default() }
    }

    /// Another configuration of what lies around the hosts; it counts from the next round on.
    pub fn surround(&mut self, around: Surroundings) {
        self.around = around;
    }

    /// The moment that `now` is, on the machine's start with this id: what rounds and acts are handed. To be asked at each
    /// round, so that time passes.
    pub fn moment(&mut self, now: Now, start: &str) -> Moment {
        self.running.passage.look(now, start)
    }

    /// A round: looks at things, in any order; answers with what changed, in order.
    ///
    /// A thing that nobody looks at stays as it is until its gap is over, and is unseen from then on. Cost: a look at a thing
    /// of which nothing is known and nothing is wrong is a search among the open ones.
    pub fn step<'a>(&mut self, looks: impl IntoIterator<Item = Look<'a>>, at: Moment) -> Vec<Transition> {
        let mut told = Vec::new();
        for look in looks {
            self.look(look, at, &mut told);
        }
        self.pass(at, &mut told);
        self.overlay(at, &mut told);
        told
    }

    /// All that are open, by key: pending, firing, flapping.
    pub fn open(&self) -> impl Iterator<Item = &Incident> {
        self.tracks.values().filter_map(|track| track.open.as_ref())
    }

    /// Those that fired and are over, the newest first: the last thousand of the last 14 days.
    pub fn past(&self) -> impl Iterator<Item = &Incident> {
        self.past.iter().rev()
    }

    /// One by its name, if it is open or at hand.
    pub fn get(&self, id: IncidentId) -> Option<&Incident> {
        self.open().chain(self.past()).find(|incident| incident.id == id)
    }

    /// Everything that is followed, also where nothing is wrong now: whoever looks says of what it looks at no more that
    /// it is [gone](Condition::Gone).
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.tracks.keys()
    }

    /// How many findings were left out because their host has too many.
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Notes that a host is off, and may be; or that it is not, or no longer. What it hid is told two minutes later at the
    /// earliest, unless the host itself tells of it. It counts from the next round on.
    pub fn set_off(&mut self, host: &HostId, is_off: bool, at: Moment) {
        match (self.running.off.get_mut(host), is_off) {
            (Some(off), true) if off.ended.is_some() => *off = Off { since: at.steady, ended: None },
            (Some(off), false) if off.ended.is_none() => off.ended = Some(at.steady),
            (None, true) => _ = self.running.off.insert(host.clone(), Off { since: at.steady, ended: None }),
            (Some(_), _) | (None, false) => {}
        }
    }

    fn look(&mut self, look: Look<'_>, at: Moment, told: &mut Vec<Transition>) {
        if let Condition::Gone(Gone::Replaced) = look.condition {
            self.lapse(look.key, at, |_| Some(Lapse::Replaced));
        }
        let is_followed = self.tracks.contains_key(look.key);
        if !is_followed && (!matches!(look.condition, Condition::Holds(_)) || !self.make_room(look)) {
            return;
        }
        let mut changes = Vec::new();
        let Some(track) = self.tracks.get_mut(look.key) else { return };
        let before = track.open.as_ref().map(|open| open.fired.is_some());
        let ended = track.look(look, at, &mut changes);
        if before.is_some() || track.open.is_some() {
            self.dirt.touch(look.key);
        }
        if let (Condition::Holds(finding), Some(open)) = (look.condition, &track.open) {
            let severity = open.severity;
            self.lapse(look.key, at, |act| act.deed.outgrown(severity, finding));
        }
        self.settle(look.key, look.terms.group.as_deref(), ended, changes, at, told);
    }

    /// Whether there is room for another key of this host; made, if need be, by forgetting one that is well.
    fn make_room(&mut self, look: Look<'_>) -> bool {
        let host = &look.key.host;
        let full = |this: &Self| {
            this.counts.get(host).is_some_and(|count| *count >= MOST_OF_HOST) || this.tracks.len() >= MOST
        };
        if look.terms.about == About::Thing && full(self) {
            // The least key of the host: keys are in order of hosts.
            let first = Key::new("", host.clone(), Subject::host());
            let mut own = self.tracks.range(first..).take_while(|(key, _)| key.host == *host);
            let Some(well) = own.find(|(_, track)| track.open.is_none()).map(|(key, _)| key.clone()) else {
                self.left_out += 1;
                return false;
            };
            self.forget(&well);
        }
        self.tracks.insert(look.key.clone(), Track::default());
        *self.counts.entry(host.clone()).or_default() += 1;
        true
    }

    fn forget(&mut self, key: &Key) {
        self.tracks.remove(key);
        if let Some(count) = self.counts.get_mut(&key.host) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&key.host);
            }
        }
        self.dirt.drop_key(key);
    }

    /// Time passes for those that nobody looks at, and for what is over.
    fn pass(&mut self, at: Moment, told: &mut Vec<Transition>) {
        let open: Vec<Key> =
            self.tracks.iter().filter(|(_, track)| track.open.is_some()).map(|(key, _)| key.clone()).collect();
        for key in open {
            let mut changes = Vec::new();
            let Some(track) = self.tracks.get_mut(&key) else { continue };
            let ended = track.pass(at, &mut changes);
            self.dirt.touch(&key);
            self.settle(&key, None, ended, changes, at, told);
        }
        let mut forgotten = Vec::new();
        for (key, track) in &mut self.tracks {
            track.lately = track.lately.filter(|lately| at.steady.since(lately.ended) < LINGER);
            if track.is_forgotten(at.steady) {
                forgotten.push(key.clone());
            }
        }
        for key in &forgotten {
            self.forget(key);
        }
        self.running.off.retain(|_, off| !off.is_over(at.steady));
        while self.past.len() > MOST_PAST || self.past.front().is_some_and(|past| is_past(past, at)) {
            self.past.pop_front();
        }
        for act in self.acts.values_mut().filter(|act| act.ended.is_none()) {
            if act.deed.life().is_some_and(|life| life.is_over(at)) {
                act.ended = Some((at, Lapse::Over));
                self.dirt.note_act(act);
            }
        }
        self.acts.retain(|_, act| act.ended.is_none());
    }

    /// Numbers what changed, and puts an incident that is over in its place.
    pub(super) fn settle(
        &mut self,
        key: &Key,
        label: Option<&str>,
        ended: Option<Incident>,
        changes: Vec<Change>,
        at: Moment,
        told: &mut Vec<Transition>,
    ) {
        if changes.is_empty() {
            return;
        }
        let mut ended = ended;
        let open = self.tracks.get_mut(key).and_then(|track| track.open.as_mut());
        let Some(incident) = ended.as_mut().or(open) else { return };
        for change in changes {
            if matches!(change, Change::Fired | Change::Flapping) {
                incident.group = self.running.groups.join(label, incident.id, at.steady);
            }
            self.running.transitions += 1;
            incident.newest = self.running.transitions;
            let transition = Transition { number: incident.newest, incident: incident.id, at, change };
            if incident.fired.is_some() {
                self.dirt.note(&transition);
            }
            told.push(transition);
        }
        if incident.fired.is_some() {
            self.dirt.change(key);
        } else {
            self.dirt.touch(key);
        }
        let Some(over) = ended else { return };
        if over.phase == (Phase::Resolved { how: End::Cleared }) {
            self.lapse(key, at, |act| act.deed.has_no_number().then_some(Lapse::Cleared));
        }
        self.dirt.end(&over);
        if over.fired.is_some() {
            self.past.push_back(over);
        }
    }

    /// Ends what was accepted of a key, for the reason that is found.
    fn lapse(&mut self, key: &Key, at: Moment, why: impl Fn(&Act) -> Option<Lapse>) {
        for act in self.acts.values_mut().filter(|act| act.ended.is_none() && act.accepts(key)) {
            if let Some(lapse) = why(act) {
                act.ended = Some((at, lapse));
                self.dirt.note_act(act);
            }
        }
    }

    /// Lays over each incident that fires what hushes it now.
    pub(super) fn overlay(&mut self, at: Moment, told: &mut Vec<Transition>) {
        let wall = at.calendar();
        let is_open = |hours: &super::hours::Hours| wall.is_some_and(|wall| hours.spell(wall).is_some());
        let quiet = Quiet {
            around: &self.around,
            windows: self.around.windows.iter().filter(|window| is_open(&window.hours)).collect(),
            causes: Causes::among(&self.tracks, &self.around, &self.running.off, at),
            off: &self.running.off,
            acts: &self.acts,
            at,
        };
        let hushes: Vec<_> = self
            .tracks
            .iter()
            .filter_map(|(key, track)| Some((key, track, track.open.as_ref().filter(|open| open.fired.is_some())?)))
            .map(|(key, track, open)| (key, open, quiet.over(open, track.fresh())))
            .filter(|(_, open, hushes)| !open.overlays.hushes.iter().map(|hushed| &hushed.hush).eq(hushes))
            .map(|(key, _, hushes)| (key.clone(), hushes))
            .collect();
        for (key, hushes) in hushes {
            let mut changes = Vec::new();
            if let Some(open) = self.tracks.get_mut(&key).and_then(|track| track.open.as_mut()) {
                lay(open, hushes, at, &mut changes);
            }
            self.settle(&key, None, None, changes, at, told);
        }
    }
}

fn is_past(incident: &Incident, at: Moment) -> bool {
    incident.ended.is_none_or(|ended| at.since(ended) > PAST)
}
