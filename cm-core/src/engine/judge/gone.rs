//! What is no longer there to be looked at: a host that is not watched, a rule that was taken away, a service that its
//! host has no more, a drive in whose place another stands.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::Judge;
use super::look::Found;
use super::own;
use crate::catalogue::{self, Measured, Walker};
use crate::clock::{BootTime, Now};
use crate::engine::past::Past;
use crate::fleet::{Fleet, HostState};
use crate::health::{Subject, SubjectKind};
use crate::host::HostId;
use crate::incident::{Gone, Key};
use crate::metric::Sample;
use crate::observation::LinkState;
use crate::rule::{Body, Need, Present};
use crate::text::HostText;

/// For how long a host must have told nothing of a thing, while it told of others, for it to be gone.
const REMOVED_AFTER: Duration = Duration::from_mins(10);

/// For how long another drive must have stood in the place of one for it to be replaced.
const REPLACED_AFTER: Duration = Duration::from_mins(1);

/// The most drives whose names are remembered.
const MOST_DRIVES: usize = 20_000;

/// Since when things are not told of, and under which names drives were seen.
#[derive(Debug, Default)]
pub(super) struct Missing {
    since: BTreeMap<Key, BootTime>,
    drives: BTreeMap<(HostId, HostText), HostText>,
}

impl Missing {
    /// Notes the names of drives. One that has another name from now on is forgotten under its old one.
    pub(super) fn note_drives(&mut self, host: &HostId, samples: &[Sample], present: &mut Present, past: &mut Past) {
        for subject in samples.iter().map(|sample| &sample.subject).filter(|one| one.kind == SubjectKind::Drive) {
            let Some(identity) = &subject.identity else { continue };
            let is_full = self.drives.len() >= MOST_DRIVES;
            let place = (host.clone(), identity.clone());
            match self.drives.get_mut(&place) {
                Some(name) if *name == subject.name => {}
                Some(name) => {
                    let old = Subject { name: std::mem::replace(name, subject.name.clone()), ..subject.clone() };
                    present.forget(host, &old);
                    past.forget(host, &old);
                }
                None if is_full => {}
                None => _ = self.drives.insert(place, subject.name.clone()),
            }
        }
    }
}

/// What is followed and is gone.
pub(super) fn all(judge: &mut Judge, fleet: &Fleet, now: Now) -> Vec<Found> {
    let mut listed: BTreeMap<HostId, Listed> = BTreeMap::new();
    let mut found = Vec::new();
    let mut missing = BTreeMap::new();
    for key in judge.incidents.keys() {
        let Some(host) = key.host.as_ref().filter(|_| !own::is_own(key)) else { continue };
        let rule = judge.options.rules.rule(key.rule());
        let is_history = key.subject.kind == SubjectKind::History;
        let (Some(rule), Some(state)) = (rule, fleet.host(host)) else {
            // The watcher's own figures are of a host that need not be watched.
            if rule.is_none() || !is_history {
                found.push(Found::gone(key, Gone::Unwatched));
            }
            continue;
        };
        let listed = listed.entry(host.clone()).or_insert_with(|| Listed::of(fleet, state, now));
        if !listed.kinds.contains(&key.subject.kind) || listed.subjects.contains(&key.subject) {
            continue;
        }
        let since = *judge.missing.since.get(key).unwrap_or(&now.boot);
        missing.insert(key.clone(), since);
        let span = now.boot.since(since);
        let is_about_absence = rule.bodies().flat_map(Body::needs).any(|need| matches!(need, Need::Listing(_)));
        if key.subject.kind == SubjectKind::Drive {
            let open = judge.incidents.open().find(|open| open.key == *key);
            let is_replaced = open.is_some_and(|open| listed.drives.contains(&open.latest.name));
            if is_replaced && span >= REPLACED_AFTER {
                found.push(Found::gone(key, Gone::Replaced));
            }
        } else if span >= REMOVED_AFTER && !is_about_absence {
            found.push(Found::gone(key, Gone::Removed));
        }
    }
    judge.missing.since = missing;
    found
}

/// All that a host tells of now.
#[derive(Debug, Default)]
struct Listed {
    /// As keys have them.
    subjects: BTreeSet<Subject>,
    /// The names of drives.
    drives: BTreeSet<HostText>,
    /// Of what it would tell.
    kinds: BTreeSet<SubjectKind>,
}

impl Listed {
    fn of(fleet: &Fleet, host: &HostState, now: Now) -> Self {
        let mut listed = Self::default();
        for &api in &host.member.apis {
            let Some(good) = host.api(api).and_then(|state| state.last_good()) else { continue };
            if fleet.link(host, api, now) == LinkState::Answering {
                catalogue::walk(&good.report, &mut listed);
                listed.kinds.extend(KINDS[api as usize]);
            }
        }
        listed
    }
}

/// What sorts of things each API tells of. A backup without a name is its host's only one.
const KINDS: [&[SubjectKind]; 3] = [
    &[SubjectKind::Drive, SubjectKind::Pool],
    &[
        SubjectKind::Service,
        SubjectKind::Filesystem,
        SubjectKind::Tmpfs,
        SubjectKind::Disk,
        SubjectKind::Interface,
        SubjectKind::Gpu,
        SubjectKind::Sensor,
        SubjectKind::Core,
    ],
    &[],
];

impl Walker for Listed {
    fn visit<T: Measured>(&mut self, part: &T) {
        let subject = part.subject();
        if subject.kind == SubjectKind::Drive {
            self.drives.insert(subject.name.clone());
        }
        self.subjects.insert(Key::new("", None, subject).subject);
    }
}
