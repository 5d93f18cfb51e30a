//! A believable fleet made from a seed: five hosts with a daily rhythm, and a few things that happen to them.
//!
//! Everything is a function of seed, start and moment: no state, no clock, no random stream that has to be replayed. It
//! does not know who asks, how often, or by what way the reports travel.

use std::sync::Arc;

use crate::clock::WallTime;
use crate::host::{Host, HostId, Role};
use crate::observation::FailureKind;
use crate::report::{Api, BackupReport, Report, ServiceReport, SmartReport};

/// A made-up fleet. The same seed, start and moment give the same reports in every process.
#[derive(Debug, Clone)]
pub struct Demo {
    hosts: Vec<Host>,
}

const CAST: [(&str, &str); 5] =
    [("srv01", "server"), ("cmbox", "workstation"), ("simonbox", "gaming"), ("steambox", "gaming"), ("labbox", "lab")];

impl Demo {
    /// The fleet of five, whose story begins at `start`.
    pub fn new(_seed: u64, _start: WallTime) -> Self {
        Self { hosts: Vec::new() }.with_hosts(CAST.len())
    }

    /// The same fleet with `n` hosts: the first `n` of the five, or the five and further ones called `node06` and on.
    #[must_use]
    pub fn with_hosts(mut self, n: usize) -> Self {
        let named = |at: usize| {
            let (name, role) = CAST[at % CAST.len()];
            let name = if at < CAST.len() { name.to_owned() } else { format!("node{:02}", at + 1) };
            let mut host = Host::new(HostId::new(&name).expect("letters and digits"));
            host.role = Role::new(role).ok();
            host
        };
        self.hosts = (0..n).map(named).collect();
        self
    }

    /// The same fleet on a quiet day: everybody answers and nothing passes a default limit.
    #[must_use]
    pub fn calm(self) -> Self {
        self
    }

    /// Its hosts, in the order in which the owner listed them.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// What one API of a host answers at a moment, or how it fails to.
    pub fn report(&self, host: &HostId, api: Api, at: WallTime) -> Result<Report, FailureKind> {
        if !self.hosts.iter().any(|known| known.id == *host) {
            return Err(FailureKind::NoSuchName);
        }
        Ok(match api {
            Api::Smart => Report::Smart(Arc::new(SmartReport { timestamp: at, ..SmartReport::default() })),
            Api::Service => Report::Service(Arc::new(ServiceReport { timestamp: at, ..ServiceReport::default() })),
            Api::Backup => Report::Backup(Arc::new(BackupReport { timestamp: at, ..BackupReport::default() })),
        })
    }
}
