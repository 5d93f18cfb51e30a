//! Collectors: each reads one subject off the machine and writes it into the draft of a report.
//!
//! A collector is one file with the small trait [`Collector`], and stands in [`LIST`]; adding one touches that list and
//! nothing else. It keeps what it needs from one look to the next (counters, what never changes), bounds what it reads,
//! and tells apart that a machine has nothing of the sort ([`Absent::NothingHere`], which is no news) from what could
//! not be read ([`Absent::Unread`], which is told as missing, with the reason).
//!
//! This room does not know who asks, how often, or what is bad.

pub mod activity;
pub mod backup;
mod choice;
pub mod container;
mod counter;
pub mod cpu;
pub mod disk;
pub mod drive;
pub mod evidence;
pub mod facts;
pub mod filesystem;
pub mod gpu;
pub mod memory;
pub mod network;
pub mod pool;
pub mod pressure;
mod rarely;
pub mod sensor;
pub mod service;
pub mod tmpfs;
pub mod usage;

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cm_model::clock::Now;
use cm_model::report::service::Missing;
use cm_model::report::smart::{Drive, Pool};
use cm_model::report::{Api, BackupReport, ServiceReport};

pub use choice::Choice;

use crate::dbus::Address;
use crate::machine::container::Container;
use crate::machine::mount::{self, Mount};
use crate::machine::{Machine, Unreadable};
use crate::systemd::Systemd;

/// What an owner may choose about collecting.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectOptions {
    /// Mount points that count as filesystems.
    pub mounts: Choice,
    /// Network interfaces that are told.
    pub interfaces: Choice,
    /// Sensors that are told, by name.
    pub sensors: Choice,
    /// Programs that explain load.
    pub activities: activity::Options,
    /// When the largest processes are told.
    pub evidence: evidence::When,
    /// How long all network mounts together may take to say how full they are.
    pub remote_limit: Duration,
    /// The bus on which systemd is asked.
    pub bus: Address,
    /// Which services are told.
    pub services: service::Options,
    /// The backups.
    pub backup: backup::Options,
    /// How drives are asked.
    pub drives: drive::Options,
    /// Which containers are told, and whose.
    pub containers: container::Options,
    /// How graphics cards are asked.
    pub gpu: gpu::Options,
    /// Paths whose disk use is told with their services.
    pub usage: Vec<usage::Paths>,
}

impl Default for CollectOptions {
    fn default() -> Self {
        Self {
            mounts: Choice::default(),
            interfaces: Choice::default(),
            remote_limit: Duration::from_millis(250),
            bus: Address::default(),
            services: service::Options::default(),
            backup: backup::Options::default(),
            drives: drive::Options::default(),
            containers: container::Options::default(),
            gpu: gpu::Options::default(),
            usage: Vec::new(),
            sensors: Choice::default(),
            activities: activity::Options::default(),
            evidence: evidence::When::default(),
        }
    }
}

/// Why a collector has nothing.
#[derive(Debug, thiserror::Error)]
pub enum Absent {
    /// The machine has nothing of the sort.
    #[error("nothing of the sort here")]
    NothingHere,
    /// It has, or should have, but it could not be read.
    #[error(transparent)]
    Unread(#[from] Unreadable),
}

impl Absent {
    /// For what not every machine has: that it is not there is no fault.
    pub fn unless_there(error: Unreadable) -> Self {
        if error.is_not_there() { Self::NothingHere } else { Self::Unread(error) }
    }
}

/// One look at the machine: what all collectors share of it.
#[derive(Debug)]
pub struct Look<'a> {
    /// The machine.
    pub machine: &'a Machine,
    /// When.
    pub now: Now,
    /// The container that the machine is, if it is one.
    pub container: Option<Container>,
    /// systemd, where it can be asked.
    pub systemd: Option<&'a RefCell<Systemd>>,
    /// The arrays and pools that the last look for the smart report found, which is seldom this one; nothing before the first.
    pub pools: Option<&'a [Pool]>,
    table: Option<&'a RefCell<mount::Table>>,
    mounts: OnceCell<Arc<[Mount]>>,
}

impl<'a> Look<'a> {
    /// A look at `machine`, now.
    pub const fn new(machine: &'a Machine, now: Now, container: Option<Container>) -> Self {
        Self { machine, now, container, systemd: None, pools: None, table: None, mounts: OnceCell::new() }
    }

    /// The same look with systemd at hand.
    #[must_use]
    pub const fn with_systemd(mut self, systemd: &'a RefCell<Systemd>) -> Self {
        self.systemd = Some(systemd);
        self
    }

    /// The same look with the pools of an earlier one at hand, if there was one.
    #[must_use]
    pub const fn with_pools(mut self, pools: Option<&'a [Pool]>) -> Self {
        self.pools = pools;
        self
    }

    /// The same look with the table of mounts of an earlier one at hand.
    #[must_use]
    pub const fn with_mounts(mut self, table: &'a RefCell<mount::Table>) -> Self {
        self.table = Some(table);
        self
    }

    /// What is mounted and can be seen; asked for once a look.
    pub fn mounts(&self) -> Result<&[Mount], Unreadable> {
        if let Some(mounts) = self.mounts.get() {
            return Ok(mounts);
        }
        let mounts = match self.table {
            Some(table) => table.borrow_mut().mounts(self.machine, self.now.mono)?,
            None => mount::Table::default().mounts(self.machine, self.now.mono)?,
        };
        Ok(self.mounts.get_or_init(|| mounts))
    }
}

/// What the collectors write into.
#[derive(Debug, Default)]
pub struct Draft {
    /// The service report.
    pub service: ServiceReport,
    /// The smart report's drives.
    pub drives: Vec<Drive>,
    /// The smart report's arrays and pools.
    pub pools: Vec<Pool>,
    /// The backup report; nothing where no backup is configured.
    pub backup: Option<BackupReport>,
}

impl Draft {
    /// Notes that something could not be collected, and why.
    pub fn missing(&mut self, what: impl Into<String>, why: impl fmt::Display) {
        self.service.missing.push(Missing { what: what.into().into(), why: why.to_string().into() });
    }
}

/// Reads one subject off the machine.
pub trait Collector: fmt::Debug + Send {
    /// Its subject: the word under which it is missing.
    fn name(&self) -> &'static str;

    /// Whether an API's report holds anything of it: it looks only where one of those is due.
    fn feeds(&self, api: Api) -> bool {
        api == Api::Service
    }

    /// Whether something that it asked at a look has neither answered yet nor outlasted its limit, so that a later look
    /// knows more.
    fn awaits(&self) -> bool {
        false
    }

    /// Reads, and writes what it found into the draft. What it wrote before it gave up stands.
    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent>;
}

/// Makes a collector.
pub type Make = fn(&CollectOptions) -> Box<dyn Collector>;

/// All collectors, in the order in which they look.
pub const LIST: &[Make] = &[
    |_| Box::new(facts::Facts::default()),
    |_| Box::new(cpu::Cpu::default()),
    |_| Box::new(memory::Memory::default()),
    |_| Box::new(tmpfs::Tmpfs),
    |_| Box::new(pressure::Pressure),
    |options| Box::new(filesystem::Filesystems::new(options)),
    |_| Box::new(disk::Disks::default()),
    |options| Box::new(network::Network::new(options)),
    |options| Box::new(drive::Drives::new(&options.drives)),
    |_| Box::new(pool::Pools),
    |options| Box::new(service::Services::new(options)),
    |options| Box::new(gpu::Gpus::new(options)),
    |options| Box::new(container::Containers::new(options)),
    |options| Box::new(usage::Usage::new(options)),
    |options| Box::new(sensor::Sensors::new(options)),
    // After what tells of strain.
    |options| Box::new(activity::Activities::new(options)),
    |options| Box::new(evidence::Evidence::new(options)),
    |options| Box::new(backup::Backups::new(&options.backup)),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_collector_has_a_name_of_its_own() {
        let names: Vec<_> = LIST.iter().map(|make| make(&CollectOptions::default()).name()).collect();
        let distinct: BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), LIST.len(), "{names:?}");
        assert!(names.iter().all(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase())), "{names:?}");
    }
}
