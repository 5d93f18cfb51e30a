//! What lies around the hosts: who depends on whom, when they are worked on, and who watches.

use std::collections::BTreeMap;

use super::hours::Hours;
use super::scope::Scope;
use crate::host::HostId;

/// A maintenance window that comes again.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Its name.
    pub name: String,
    /// What is worked on.
    pub scope: Scope,
    /// When.
    pub hours: Hours,
}

/// What the owner configured around the hosts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Surroundings {
    /// The machine that watches: it sees itself even when it is cut off.
    pub watcher: Option<HostId>,
    /// What each host cannot be reached without: a router, a hypervisor.
    pub depends_on: BTreeMap<HostId, Vec<HostId>>,
    /// Maintenance windows that come again.
    pub windows: Vec<Window>,
}
