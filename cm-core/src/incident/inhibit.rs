//! Which incident is the cause of which others: a host that does not answer hides what is wrong with it, and what cannot
//! be reached without it; a watcher that is cut off hides all but itself.
//!
//! A cause goes on for two minutes past its end, so that what it hid is asked again before it is told. Whatever a host
//! itself tells since the cause began is never hidden by it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::around::Surroundings;
use super::hush::Off;
use super::id::IncidentId;
use super::key::Key;
use super::look::About;
use super::overlay::Hush;
use super::record::Incident;
use super::time::{Moment, Steady};
use super::track::Track;
use crate::health::SubjectKind;
use crate::host::HostId;
use crate::severity::Severity;

/// For how long a cause goes on past its end.
pub(super) const LINGER: Duration = Duration::from_mins(2);

#[derive(Debug, Clone, Copy)]
struct Cause {
    id: IncidentId,
    severity: Severity,
    since: Steady,
}

/// All causes at one moment.
#[derive(Debug, Default)]
pub(super) struct Causes<'a> {
    /// The hosts that do not answer.
    silent: BTreeMap<&'a HostId, Cause>,
    /// For those that do not answer because another does not: which.
    roots: BTreeMap<&'a HostId, &'a HostId>,
    cut_off: Option<Cause>,
}

impl<'a> Causes<'a> {
    /// The causes among these.
    pub(super) fn among(
        tracks: &'a BTreeMap<Key, Track>,
        around: &'a Surroundings,
        off: &BTreeMap<HostId, Off>,
        at: Moment,
    ) -> Self {
        let mut causes = Self::default();
        for (key, track) in tracks.iter().filter(|(key, _)| key.subject.kind == SubjectKind::Host) {
            let open = track
                .open
                .as_ref()
                .map(|open| (open.about, Cause { id: open.id, severity: open.severity, since: open.since.steady }));
            let lately = track.lately.filter(|lately| at.steady.since(lately.ended) < LINGER);
            let lately =
                lately.map(|past| (past.about, Cause { id: past.id, severity: past.severity, since: past.since }));
            match (open.or(lately), &key.host) {
                (Some((About::Reach, cause)), Some(host)) => _ = causes.silent.insert(host, cause),
                (Some((About::CutOff, cause)), _) => causes.cut_off = Some(cause),
                _ => {}
            }
        }
        if causes.silent.len() > 1 {
            causes.roots = causes.find_roots(around, off);
        }
        causes
    }

    /// What hides an incident, whose host itself told of it last at `fresh`.
    pub(super) fn hide(
        &self,
        incident: &Incident,
        fresh: Option<Steady>,
        watcher: Option<&HostId>,
        hushes: &mut Vec<Hush>,
    ) {
        let Some(host) = &incident.key.host else { return };
        let hidden_by = |cause: &Cause| cause.id != incident.id && fresh.is_none_or(|told| told <= cause.since);
        if incident.about == About::CutOff {
            return;
        }
        if let Some(cause) = self.cut_off.filter(|cause| Some(host) != watcher && hidden_by(cause)) {
            hushes.push(Hush::CutOff { by: cause.id });
        }
        let is_reach = incident.about == About::Reach && incident.key.subject.kind == SubjectKind::Host;
        let by = if is_reach { self.roots.get(host).copied() } else { Some(host) };
        if let Some((by, cause)) = by.and_then(|by| self.silent.get_key_value(by)).filter(|(_, cause)| hidden_by(cause))
        {
            hushes.push(Hush::Inhibited { by: cause.id, host: (*by).clone() });
        }
    }

    /// For each silent host the one at the far end of its chain of silent hosts, if that is another. Of hosts that depend on
    /// one another in a circle the first by name is told.
    fn find_roots(&self, around: &'a Surroundings, off: &BTreeMap<HostId, Off>) -> BTreeMap<&'a HostId, &'a HostId> {
        let reached: BTreeMap<&HostId, BTreeSet<&'a HostId>> =
            self.silent.keys().map(|host| (*host, self.reached(host, around, off))).collect();
        let is_end = |host: &HostId| reached[host].iter().all(|next| *next == host || reached[next].contains(host));
        let root = |host: &&'a HostId| {
            let ends = reached[*host].iter().copied().chain([*host]).filter(|end| is_end(end));
            ends.min().filter(|end| end != host)
        };
        self.silent.keys().filter_map(|host| Some((*host, root(host)?))).collect()
    }

    /// The silent hosts that a host cannot be reached without, over others that are silent. One that is worth only a note,
    /// or is off and may be, is told to nobody, so it hides no other.
    fn reached(&self, from: &HostId, around: &'a Surroundings, off: &BTreeMap<HostId, Off>) -> BTreeSet<&'a HostId> {
        let mut found = BTreeSet::new();
        let mut open = vec![from];
        while let Some(host) = open.pop() {
            for next in around.depends_on.get(host).into_iter().flatten() {
                let is_cause = self.silent.get(next).is_some_and(|cause| cause.severity > Severity::Note)
                    && !off.contains_key(next);
                if is_cause && found.insert(next) {
                    open.push(next);
                }
            }
        }
        found
    }
}
