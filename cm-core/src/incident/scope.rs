//! Which incidents a silence, a maintenance window or a route is about.

use serde::{Deserialize, Serialize};

use super::id::IncidentId;
use super::record::Incident;
use crate::health::SubjectKind;
use crate::host::{HostId, Role};
use crate::text::HostText;

/// Which incidents are meant: those to which all that is named applies. With nothing named, all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// This one alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// Those of this rule; `drive.*` means all whose names begin so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Those on this host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<HostId>,
    /// Those on hosts of this role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Those on things of this sort.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<SubjectKind>,
    /// Those on things of this name, serial or WWN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<HostText>,
}

impl Scope {
    /// One incident.
    pub fn of(incident: IncidentId) -> Self {
        Self { incident: Some(incident), ..Self::default() }
    }

    /// All on a host.
    pub fn on(host: HostId) -> Self {
        Self { host: Some(host), ..Self::default() }
    }

    /// Whether it means this incident.
    pub fn covers(&self, incident: &Incident) -> bool {
        let key = &incident.key;
        let rule = |pattern: &String| match pattern.strip_suffix('*') {
            Some(begin) => key.rule().starts_with(begin),
            None => key.rule() == pattern,
        };
        let subject = &key.subject;
        let name = |name: &HostText| {
            [Some(&subject.name), subject.identity.as_ref(), Some(&incident.latest.name)].contains(&Some(name))
        };
        self.incident.is_none_or(|id| id == incident.id)
            && self.rule.as_ref().is_none_or(rule)
            && self.host.as_ref().is_none_or(|host| key.host.as_ref() == Some(host))
            && self.role.as_ref().is_none_or(|role| incident.role.as_ref() == Some(role))
            && self.kind.is_none_or(|kind| subject.kind == kind)
            && self.name.as_ref().is_none_or(name)
    }
}
