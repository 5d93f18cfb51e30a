//! Which hushes lie over an incident now, and what has changed of them.

use std::collections::BTreeMap;

use super::act::{Act, Deed};
use super::around::{Surroundings, Window};
use super::inhibit::{Causes, LINGER};
use super::overlay::{Hush, Hushed};
use super::record::Incident;
use super::time::{Moment, Steady};
use super::transition::Change;
use crate::host::HostId;
use serde::{Deserialize, Serialize};

/// A host that is off, and may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Off {
    pub(super) since: Steady,
    /// When it was off no longer: for a little while its services are still starting.
    pub(super) ended: Option<Steady>,
}

impl Off {
    pub(super) fn is_over(&self, at: Steady) -> bool {
        self.ended.is_some_and(|ended| at.since(ended) >= LINGER)
    }
}

/// All that can hush, at one moment.
pub(super) struct Quiet<'a> {
    pub(super) around: &'a Surroundings,
    /// Those of the windows that are open.
    pub(super) windows: Vec<&'a Window>,
    pub(super) causes: Causes<'a>,
    pub(super) off: &'a BTreeMap<HostId, Off>,
    pub(super) acts: &'a BTreeMap<u64, Act>,
    pub(super) at: Moment,
}

impl Quiet<'_> {
    /// The hushes over an incident whose host itself told of it last at `fresh`, in the order of precedence.
    pub(super) fn over(&self, incident: &Incident, fresh: Option<Steady>) -> Vec<Hush> {
        let mut hushes = Vec::new();
        let off = incident.key.host.as_ref().and_then(|host| Some((host, self.off.get(host)?)));
        if let Some((host, off)) = off
            && !off.is_over(self.at.steady)
            && fresh.is_none_or(|told| told <= off.since)
        {
            hushes.push(Hush::Off { host: host.clone() });
        }
        self.causes.hide(incident, fresh, self.around.watcher.as_ref(), &mut hushes);
        for window in self.windows.iter().filter(|window| window.scope.covers(incident)) {
            hushes.push(Hush::Maintenance { window: window.name.clone() });
        }
        for act in self.acts.values().filter(|act| act.ended.is_none()) {
            match &act.deed {
                Deed::Silence { scope, life } if life.holds(self.at) && scope.covers(incident) => {
                    hushes.push(Hush::Silenced { act: act.number });
                }
                Deed::Maintenance { scope, life } if life.holds(self.at) && scope.covers(incident) => {
                    hushes.push(Hush::Maintenance { window: act.comment.clone() });
                }
                Deed::Accept { key, .. } if **key == incident.key => hushes.push(Hush::Accepted),
                Deed::Silence { .. } | Deed::Maintenance { .. } | Deed::Accept { .. } => {}
            }
        }
        hushes.sort();
        hushes.dedup();
        hushes
    }
}

/// Lays these hushes over an incident in the place of those that lay there.
pub(super) fn lay(incident: &mut Incident, hushes: Vec<Hush>, at: Moment, changes: &mut Vec<Change>) {
    let overlays = &mut incident.overlays;
    let before = std::mem::take(&mut overlays.hushes);
    let since = |hush: &Hush| before.iter().find(|hushed| hushed.hush == *hush).map_or(at, |hushed| hushed.since);
    overlays.hushes = hushes.into_iter().map(|hush| Hushed { since: since(&hush), hush }).collect();
    for ended in before.iter().filter(|hushed| !overlays.hushes.iter().any(|now| now.hush == hushed.hush)) {
        changes.push(Change::Unhushed { hush: ended.hush.clone() });
    }
    for begun in overlays.hushes.iter().filter(|hushed| !before.iter().any(|was| was.hush == hushed.hush)) {
        changes.push(Change::Hushed { hush: begun.hush.clone() });
    }
    match (before.is_empty(), overlays.hushes.is_empty()) {
        (false, true) => overlays.unhushed = Some(at),
        (_, false) => overlays.unhushed = None,
        (true, true) => {}
    }
}
