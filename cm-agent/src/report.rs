//! The three reports, put together from what the collectors find.
//!
//! It knows how collectors are run and where what they leave out is told; not who asks, nor how often.

mod tally;

use cm_model::clock::Now;
use cm_model::health::Health;
use cm_model::observation::FailureKind;
use cm_model::report::backup::{Backup, Runner};
use cm_model::report::smart::{Drive, Pool, PowerState, Summary};
use cm_model::report::{Api, BackupReport, Report, ServiceReport, SmartReport, Status};
use cm_model::text::HostText;
use cm_model::unit::{Count, Gigabytes};
use cm_model::verdict::{self, Policy};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::collector::{Absent, CollectOptions, Collector, Draft, LIST, Look};
use crate::machine::Machine;
use crate::machine::container::Container;
use crate::machine::mount::Table;
use crate::systemd::Systemd;

/// What one look found: the answers of the three APIs.
#[derive(Debug, Clone, PartialEq)]
pub struct Collection {
    /// Drives; nothing if they hang.
    pub smart: Result<Arc<SmartReport>, FailureKind>,
    /// The machine and its services; nothing if the machine could not be read at all.
    pub service: Result<Arc<ServiceReport>, FailureKind>,
    /// Backups.
    pub backup: Arc<BackupReport>,
}

impl Collection {
    /// The answer of one API.
    pub fn report(&self, api: Api) -> Result<Report, FailureKind> {
        Ok(match api {
            Api::Smart => Report::Smart(self.smart.clone()?),
            Api::Service => Report::Service(self.service.clone()?),
            Api::Backup => Report::Backup(Arc::clone(&self.backup)),
        })
    }
}

impl FromIterator<(Api, Result<Report, FailureKind>)> for Collection {
    /// A look's reports put together; what is missing among them was not asked for.
    fn from_iter<I: IntoIterator<Item = (Api, Result<Report, FailureKind>)>>(reports: I) -> Self {
        let not_asked = FailureKind::NotOffered;
        let mut all = Self { smart: Err(not_asked.clone()), service: Err(not_asked), backup: Arc::default() };
        for (api, report) in reports {
            match (api, report) {
                (_, Ok(Report::Smart(report))) => all.smart = Ok(report),
                (_, Ok(Report::Service(report))) => all.service = Ok(report),
                (_, Ok(Report::Backup(report))) => all.backup = report,
                (Api::Smart, Err(why)) => all.smart = Err(why),
                (Api::Service, Err(why)) => all.service = Err(why),
                (Api::Backup, Err(_)) => {}
            }
        }
        all
    }
}

/// All collectors over one machine, with what they remember from one look to the next.
#[derive(Debug)]
pub struct Agent {
    machine: Machine,
    container: Option<Container>,
    systemd: RefCell<Systemd>,
    seats: Vec<Seat>,
    /// Arrays and pools at the last look for the smart report: what is done to them explains load.
    pools: Option<Vec<Pool>>,
    mounts: RefCell<Table>,
    progress: Progress,
}

#[derive(Debug)]
struct Seat {
    collector: Box<dyn Collector>,
    /// Why it had nothing when it last looked, which was perhaps for another API's report than the one that tells it.
    unread: Option<String>,
}

/// Which collector is looking now: for whoever waits for a look that does not end; and whose answers are still to come: for
/// whoever looks only once. Cheap to clone; clones agree.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    names: Arc<[&'static str]>,
    at: Arc<AtomicUsize>,
    /// A bit for each collector that awaits an answer, by its place in `names`.
    awaiting: Arc<AtomicU64>,
}

impl Progress {
    /// The collector that is looking, if one is.
    pub(crate) fn now(&self) -> Option<&'static str> {
        self.names.get(self.at.load(Ordering::Relaxed)).copied()
    }

    fn enter(&self, index: usize) {
        self.at.store(index, Ordering::Relaxed);
    }

    fn leave(&self) {
        self.enter(usize::MAX);
    }

    /// The collectors that after the last look awaited an answer to what they had asked.
    pub(crate) fn awaiting(&self) -> Vec<&'static str> {
        let bits = self.awaiting.load(Ordering::Relaxed);
        let awaited = self.names.iter().enumerate().filter(|(index, _)| bits >> (index % 64) & 1 == 1);
        awaited.map(|(_, name)| *name).collect()
    }
}

/// A collector that is not asked for the present, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parked {
    pub(crate) name: &'static str,
    pub(crate) why: String,
}

impl Agent {
    /// All collectors over `machine`, with nothing remembered yet.
    pub fn new(machine: Machine, options: &CollectOptions) -> Self {
        let systemd = if machine.is_itself() { Systemd::new(options.bus.clone()) } else { Systemd::recorded() };
        let collectors = LIST.iter().map(|make| make(options)).collect();
        Self { systemd: RefCell::new(systemd), ..Self::with(machine, collectors) }
    }

    /// These collectors over `machine`.
    pub(crate) fn with(machine: Machine, collectors: Vec<Box<dyn Collector>>) -> Self {
        let container = Container::find(&machine);
        let names = collectors.iter().map(|collector| collector.name()).collect();
        let seats = collectors.into_iter().map(|collector| Seat { collector, unread: None }).collect();
        let systemd = RefCell::new(Systemd::recorded());
        let progress = Progress { names, at: Arc::new(usize::MAX.into()), awaiting: Arc::default() };
        Self { machine, container, systemd, seats, pools: None, mounts: RefCell::default(), progress }
    }

    /// The machine that is read.
    pub const fn machine(&self) -> &Machine {
        &self.machine
    }

    pub(crate) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Goes on over a later state of the same machine: how a machine in a box grows older.
    pub(crate) fn turn_to(&mut self, machine: Machine) {
        self.machine = machine;
    }

    /// Looks at everything. Rates are there from the second look on. Reads files and waits for nothing but network mounts,
    /// for all of those no longer than [`CollectOptions::remote_limit`]; a device that hangs holds it up for as long as it
    /// hangs, which [`run`](crate::run) sees to.
    pub fn look(&mut self, now: Now) -> Collection {
        let draft = self.draft(&Api::ALL, &[], now);
        Collection {
            smart: Ok(Arc::new(smart(draft.drives, draft.pools, now))),
            service: service(draft.service, now).map(Arc::new),
            backup: Arc::new(draft.backup.unwrap_or_else(|| no_backup(now))),
        }
    }

    /// Looks at what these APIs tell, past the collectors that are parked. A report of which a parked collector is all
    /// is a failure, since without it nothing would look like all is well.
    pub(crate) fn look_for(
        &mut self,
        apis: &[Api],
        parked: &[Parked],
        now: Now,
    ) -> Vec<(Api, Result<Report, FailureKind>)> {
        let mut draft = self.draft(apis, parked, now);
        let drives_unread = parked.iter().find(|parked| {
            let mut seats = self.seats.iter();
            seats.any(|seat| seat.collector.name() == parked.name && seat.collector.feeds(Api::Smart))
        });
        let mut report = |api| {
            Ok(match api {
                Api::Smart => {
                    if let Some(Parked { why, .. }) = drives_unread {
                        return Err(FailureKind::Unreadable { why: why.as_str().into() });
                    }
                    let (drives, pools) = (std::mem::take(&mut draft.drives), std::mem::take(&mut draft.pools));
                    Report::Smart(Arc::new(smart(drives, pools, now)))
                }
                Api::Service => Report::Service(Arc::new(service(std::mem::take(&mut draft.service), now)?)),
                Api::Backup => Report::Backup(Arc::new(draft.backup.take().unwrap_or_else(|| no_backup(now)))),
            })
        };
        apis.iter().map(|&api| (api, report(api))).collect()
    }

    fn draft(&mut self, apis: &[Api], parked: &[Parked], now: Now) -> Draft {
        let look = Look::new(&self.machine, now, self.container).with_systemd(&self.systemd);
        let look = look.with_pools(self.pools.as_deref()).with_mounts(&self.mounts);
        let mut draft = Draft::default();
        for (index, Seat { collector, unread }) in self.seats.iter_mut().enumerate() {
            let name = collector.name();
            if let Some(parked) = parked.iter().find(|parked| parked.name == name) {
                draft.missing(name, &parked.why);
                continue;
            }
            if apis.iter().any(|&api| collector.feeds(api)) {
                self.progress.enter(index);
                *unread = match collector.collect(&look, &mut draft) {
                    Ok(()) | Err(Absent::NothingHere) => None,
                    Err(Absent::Unread(error)) => Some(error.to_string()),
                };
                self.progress.leave();
            }
            if let Some(why) = unread {
                draft.missing(name, why);
            }
        }
        if apis.contains(&Api::Smart) {
            self.pools = Some(draft.pools.clone());
        }
        let awaits =
            |seat: &Seat| parked.iter().all(|parked| parked.name != seat.collector.name()) && seat.collector.awaits();
        let bits = self
            .seats
            .iter()
            .enumerate()
            .filter(|(_, seat)| awaits(seat))
            .fold(0, |bits, (index, _)| bits | 1 << (index % 64));
        self.progress.awaiting.store(bits, Ordering::Relaxed);
        draft
    }
}

/// The service report; a failure if neither processors nor memory could be read, for then what is left tells nothing.
fn service(mut report: ServiceReport, now: Now) -> Result<ServiceReport, FailureKind> {
    let memory = report.summary.system_memory_total_mb.get() > 0.0;
    if report.cpu.is_none() && !memory {
        let why = report.missing.iter().map(|missing| missing.why.raw()).next().unwrap_or("nothing of it can be read");
        return Err(FailureKind::Unreadable { why: why.into() });
    }
    tally::fill(&mut report);
    report.agent_version = Some(env!("CARGO_PKG_VERSION").into());
    report.timestamp = now.wall;
    Ok(report)
}

fn smart(drives: Vec<Drive>, pools: Vec<Pool>, now: Now) -> SmartReport {
    let (status, mut summary, issues) = judge(&drives, &pools, now);
    let capacity: f64 = drives.iter().filter_map(|drive| drive.capacity_gb).map(Gigabytes::get).sum();
    summary.capacity_total_gb = (!drives.is_empty()).then(|| Gigabytes::saturating(capacity).rounded(3));
    SmartReport { status, drives, summary, issues, timestamp: now.wall, pools }
}

/// How the drives are, by the same verdict that front ends give. A drive whose counters were not read, awake or asleep, is
/// counted neither as well nor as ill, and a machine with such drives alone is unknown, not well. What has no counters (a
/// virtual disk, a memory card) is well unless it says otherwise. Pools are not counted, and what is wrong with one is wrong with
/// the whole.
fn judge(drives: &[Drive], pools: &[Pool], now: Now) -> (Status, Summary, Vec<HostText>) {
    let (mut healthy, mut warning, mut critical) = (0, 0, 0);
    let mut issues = Vec::new();
    for drive in drives {
        let verdict = verdict::drive(drive, now.wall, &Policy::new());
        match verdict.health {
            Health::Critical => critical += 1,
            Health::Warning => warning += 1,
            // It says nothing only because it sleeps: awake it would be a drive whose counters cannot be read.
            Health::Ok if drive.unreadable_reason.is_some() && drive.power_state == Some(PowerState::Standby) => {}
            Health::Ok => healthy += 1,
            Health::Note | Health::Unknown => {}
        }
        let bad =
            verdict.reasons.into_iter().filter(|reason| matches!(reason.health, Health::Critical | Health::Warning));
        issues.extend(bad.map(|reason| reason.text));
    }
    let mut worst = [critical > 0, warning > 0];
    for pool in pools {
        let verdict = verdict::pool(pool, now.wall, &Policy::new());
        worst[0] |= verdict.health == Health::Critical;
        worst[1] |= verdict.health == Health::Warning;
        let bad =
            verdict.reasons.into_iter().filter(|reason| matches!(reason.health, Health::Critical | Health::Warning));
        issues.extend(bad.map(|reason| reason.text));
    }
    let status = match (worst, healthy) {
        ([true, _], _) => Status::Critical,
        ([_, true], _) => Status::Warning,
        (_, 1..) => Status::Ok,
        _ if drives.is_empty() => Status::Ok,
        _ => Status::Unknown,
    };
    let count = |count| Some(Count(count));
    let summary =
        Summary { healthy: count(healthy), warning: count(warning), critical: count(critical), ..Summary::default() };
    (status, summary, issues)
}

/// The backup report of a host on which no backup is configured.
fn no_backup(now: Now) -> BackupReport {
    BackupReport {
        overall_status: Status::Unknown,
        backup: Backup::default(),
        service: Runner {
            enabled: Some(false),
            pending_jobs: None,
            last_message: Some("no backup is configured on this host".into()),
        },
        timestamp: now.wall,
        backups: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_model::report::smart::{DriveKind, PoolState};
    use cm_model::unit::Celsius;

    fn drive(temperature: f64, readable: bool) -> Drive {
        Drive {
            name: "sda".into(),
            temperature_c: Celsius::try_from(temperature).ok(),
            temperature_warning_c: Celsius::try_from(60.0).ok(),
            temperature_critical_c: Celsius::try_from(70.0).ok(),
            unreadable_reason: (!readable).then(|| "no rights".into()),
            ..Drive::default()
        }
    }

    #[test]
    fn drives_are_judged_by_what_was_read() {
        let asleep =
            |readable| Drive { temperature_c: None, power_state: Some(PowerState::Standby), ..drive(40.0, readable) };
        let virtual_disk = Drive { kind: DriveKind::Virtual, ..drive(40.0, false) };
        let cases: &[(&[Drive], Status, [u64; 3])] = &[
            (&[], Status::Ok, [0, 0, 0]),
            (&[drive(40.0, false)], Status::Unknown, [0, 0, 0]),
            (&[drive(40.0, true), drive(40.0, false)], Status::Ok, [1, 0, 0]),
            (&[asleep(false)], Status::Unknown, [0, 0, 0]),
            (&[asleep(true)], Status::Ok, [1, 0, 0]),
            (&[virtual_disk], Status::Ok, [1, 0, 0]),
            (&[drive(60.0, false), drive(40.0, true)], Status::Warning, [1, 1, 0]),
            (&[drive(60.0, false), drive(71.0, false)], Status::Critical, [0, 1, 1]),
        ];
        for (drives, expected, [healthy, warning, critical]) in cases {
            let (status, summary, issues) = judge(drives, &[], Now::default());
            assert_eq!(status, *expected, "{drives:?}");
            let counts = [summary.healthy, summary.warning, summary.critical];
            assert_eq!(counts, [Some(Count(*healthy)), Some(Count(*warning)), Some(Count(*critical))], "{drives:?}");
            assert_eq!(issues.len() as u64, warning + critical, "{issues:?}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_pool_is_wrong_with_the_whole() {
        for (state, expected) in [
            (PoolState::Online, Status::Ok),
            (PoolState::Rebuilding, Status::Warning),
            (PoolState::Degraded, Status::Critical),
        ] {
            let pool = Pool { name: "md0".into(), state, ..Pool::default() };
            let (status, summary, issues) = judge(&[drive(40.0, true)], &[pool], Now::default());
            assert_eq!((status, summary.healthy), (expected, Some(Count(1))), "{state}");
            assert_eq!(issues.is_empty(), expected == Status::Ok, "{issues:?}");
        }
    }
}
