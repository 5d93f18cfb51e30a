//! What is told as one: firings under one label that come close together. A power cut is one message, not forty.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::id::IncidentId;
use super::time::Steady;

/// How long after the last one another may join.
pub const JOIN_WITHIN: Duration = Duration::from_mins(1);

/// For how long others may join at most.
pub const OPEN_FOR: Duration = Duration::from_mins(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Group {
    id: IncidentId,
    first: Steady,
    last: Steady,
}

/// The groups that others may still join, by label.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Groups(BTreeMap<String, Group>);

impl Groups {
    /// The group of an incident that fires now.
    pub(super) fn join(&mut self, label: Option<&str>, id: IncidentId, at: Steady) -> IncidentId {
        let Some(label) = label else { return id };
        self.0.retain(|_, group| group.is_open(at));
        let group = self.0.entry(label.to_owned()).or_insert(Group { id, first: at, last: at });
        group.last = at;
        group.id
    }
}

impl Group {
    fn is_open(&self, at: Steady) -> bool {
        at.since(self.last) <= JOIN_WITHIN && at.since(self.first) <= OPEN_FOR
    }
}
