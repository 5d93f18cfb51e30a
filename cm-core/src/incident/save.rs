//! What is to be stored, and what was: incidents are taken out to be saved and go on while that happens; what was saved
//! is said afterwards. What cannot be saved stays in memory, and is handed out again the next time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::act::Act;
use super::around::Surroundings;
use super::id::IncidentId;
use super::key::Key;
use super::record::Incident;
use super::request::Outcome;
use super::round::{Incidents, Running};
use super::time::Steady;
use super::track::{Lately, Machine, Track};
use super::transition::Transition;
use crate::host::HostId;

/// The most transitions, ended incidents and acts each that wait to be stored: beyond, the oldest are given up.
const MOST_WAITING: usize = 10_000;

/// How much is to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What changed for people. A little of a time that was seen to pass may be lost with the machine.
    Changed,
    /// All, to the last look.
    All,
}

/// What waits to be stored. Each entry bears the count of changes when it was made.
#[derive(Debug, Clone, Default)]
pub(super) struct Dirt {
    count: u64,
    touched: BTreeMap<Key, u64>,
    changed: BTreeMap<Key, u64>,
    dropped: BTreeMap<Key, u64>,
    ended: VecDeque<(u64, Incident)>,
    transitions: VecDeque<(u64, Transition)>,
    acts: VecDeque<(u64, Act)>,
    answers: VecDeque<(u64, (u64, Outcome))>,
    evidence: BTreeMap<IncidentId, u64>,
}

/// One followed key, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Which.
    pub key: Key,
    machine: Machine,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lately: Option<Lately>,
    /// Its open incident, which is stored by itself.
    #[serde(skip)]
    pub open: Option<Incident>,
    /// The name of its open incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_id: Option<IncidentId>,
}

/// What is to be stored, all of it in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsaved {
    count: u64,
    /// Keys that are followed, and their open incidents.
    pub rows: Vec<Row>,
    /// Keys that are followed no longer.
    pub dropped: Vec<Key>,
    /// Incidents that are over. One that never fired is not to be kept.
    pub ended: Vec<Incident>,
    /// What changed of incidents that fired, by number.
    pub transitions: Vec<Transition>,
    /// Acts that are new or have ended.
    pub acts: Vec<Act>,
    /// Whose evidence is new: that of the others is stored already.
    pub evidence: BTreeSet<IncidentId>,
    /// What became of requests, by their numbers.
    pub answers: Vec<(u64, Outcome)>,
    /// What goes on beside them, as JSON.
    pub running: String,
}

/// All that was stored.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Saved {
    /// Keys that are followed, with their open incidents.
    pub rows: Vec<Row>,
    /// Incidents that fired and are over, the oldest first.
    pub past: Vec<Incident>,
    /// Acts that have not ended.
    pub acts: Vec<Act>,
    /// What goes on beside them, as JSON; none where nothing was ever stored.
    pub running: Option<String>,
    /// The last number of a transition, and of an act, that was given: neither is given twice.
    pub last_transition: u64,
    /// See above.
    pub last_act: u64,
}

impl Row {
    /// An open incident of which nothing else was found: it goes on, unseen until it is looked at.
    pub(crate) fn without_past(open: Incident) -> Self {
        let machine = Machine::of(&open);
        Self { key: open.key.clone(), machine, lately: None, open_id: Some(open.id), open: Some(open) }
    }

    fn seen(&self) -> Steady {
        self.machine.seen()
    }
}

impl Dirt {
    /// A key was looked at.
    pub(super) fn touch(&mut self, key: &Key) {
        mark(&mut self.touched, key, self.count + 1);
    }

    /// Something changed of it that people see.
    pub(super) fn change(&mut self, key: &Key) {
        mark(&mut self.changed, key, self.count + 1);
    }

    pub(super) fn drop_key(&mut self, key: &Key) {
        self.touched.remove(key);
        self.changed.remove(key);
        mark(&mut self.dropped, key, self.count + 1);
    }

    pub(super) fn end(&mut self, incident: &Incident) {
        wait(&mut self.ended, (self.count + 1, incident.clone()));
    }

    pub(super) fn note(&mut self, transition: &Transition) {
        wait(&mut self.transitions, (self.count + 1, transition.clone()));
    }

    pub(super) fn attach(&mut self, id: IncidentId) {
        self.evidence.insert(id, self.count + 1);
    }

    pub(super) fn answer(&mut self, request: u64, outcome: Outcome) {
        wait(&mut self.answers, (self.count + 1, (request, outcome)));
    }

    pub(super) fn note_act(&mut self, act: &Act) {
        wait(&mut self.acts, (self.count + 1, act.clone()));
    }
}

fn mark(marks: &mut BTreeMap<Key, u64>, key: &Key, count: u64) {
    match marks.get_mut(key) {
        Some(mark) => *mark = count,
        None => _ = marks.insert(key.clone(), count),
    }
}

fn wait<T>(queue: &mut VecDeque<T>, entry: T) {
    if queue.len() >= MOST_WAITING {
        queue.pop_front();
    }
    queue.push_back(entry);
}

impl Incidents {
    /// Whether anything waits to be stored that people see: to be stored at once. The rest is well stored twice a minute.
    pub fn is_changed(&self) -> bool {
        let dirt = &self.dirt;
        let nothing = [dirt.transitions.is_empty(), dirt.acts.is_empty(), dirt.answers.is_empty()];
        !dirt.changed.is_empty() || nothing.contains(&false)
    }

    /// What is to be stored. Call [`Incidents::saved`] once it is.
    pub fn unsaved(&mut self, extent: Extent) -> Unsaved {
        self.dirt.count += 1;
        let dirt = &self.dirt;
        let mut keys: Vec<&Key> = dirt.changed.keys().collect();
        if extent == Extent::All {
            keys.extend(dirt.touched.keys().filter(|key| !dirt.changed.contains_key(*key)));
        }
        let row = |key: &Key| {
            let Track { machine, open, lately } = self.tracks.get(key)?.clone();
            let open_id = open.as_ref().map(|open| open.id);
            Some(Row { key: key.clone(), machine, lately, open, open_id })
        };
        Unsaved {
            count: dirt.count,
            rows: keys.into_iter().filter_map(row).collect(),
            dropped: dirt.dropped.keys().filter(|key| !self.tracks.contains_key(*key)).cloned().collect(),
            ended: dirt.ended.iter().map(|(_, incident)| incident.clone()).collect(),
            transitions: dirt.transitions.iter().map(|(_, transition)| transition.clone()).collect(),
            acts: dirt.acts.iter().map(|(_, act)| act.clone()).collect(),
            evidence: dirt.evidence.keys().copied().collect(),
            answers: dirt.answers.iter().map(|(_, answer)| answer.clone()).collect(),
            running: serde_json::to_string(&self.running).unwrap_or_default(),
        }
    }

    /// This was stored.
    pub fn saved(&mut self, saved: &Unsaved) {
        let dirt = &mut self.dirt;
        for row in &saved.rows {
            for marks in [&mut dirt.touched, &mut dirt.changed] {
                if marks.get(&row.key).is_some_and(|mark| *mark <= saved.count) {
                    marks.remove(&row.key);
                }
            }
        }
        dirt.dropped.retain(|_, mark| *mark > saved.count);
        dirt.ended.retain(|(mark, _)| *mark > saved.count);
        dirt.transitions.retain(|(mark, _)| *mark > saved.count);
        dirt.acts.retain(|(mark, _)| *mark > saved.count);
        dirt.evidence.retain(|_, mark| *mark > saved.count);
        dirt.answers.retain(|(mark, _)| *mark > saved.count);
    }

    /// Goes on from what was stored, in these surroundings. Where what goes on beside the incidents cannot be read, time
    /// goes on from when one of them was seen last.
    pub fn load(saved: Saved, around: Surroundings) -> Self {
        let running = saved.running.as_deref().map(serde_json::from_str).and_then(Result::ok);
        let mut running: Running = running.unwrap_or_default();
        running.passage.no_earlier(saved.rows.iter().map(Row::seen).max().unwrap_or_default());
        running.transitions = running.transitions.max(saved.last_transition);
        running.acts = running.acts.max(saved.last_act);
        let mut counts: BTreeMap<Option<HostId>, usize> = BTreeMap::new();
        let mut tracks = BTreeMap::new();
        for Row { key, machine, lately, open, .. } in saved.rows {
            *counts.entry(key.host.clone()).or_default() += 1;
            tracks.insert(key, Track { machine, open, lately });
        }
        let acts = saved.acts.into_iter().map(|act| (act.number, act)).collect();
        Self { running, tracks, counts, acts, past: saved.past.into(), ..Self::new(around) }
    }
}
