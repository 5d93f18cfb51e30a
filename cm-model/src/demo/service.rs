//! Services: what each takes, how it fares, and the sums over them that open the service API's answer.

use super::rhythm::{day_level, noise};
use super::spell::Spells;
use super::story::Moment;
use super::{activity, machine, memory, sensor};
use crate::report::service::{FailedUnit, Going, Service, ServiceReport, ServiceStatus, Summary};
use crate::text::HostText;
use crate::unit::{Count, Gibibytes, Mebibytes, Percent, Seconds};

/// What the service API answers.
pub(super) fn report(m: &Moment<'_>) -> ServiceReport {
    let services: Vec<Service> = (0..m.host.services.len()).map(|at| service(m, at)).collect();
    let filesystems = machine::filesystems(m);
    let gpus = machine::gpus(m);
    let used_mb = memory::used_mb(m, &services);
    let root = filesystems.first();
    let counted = |which: fn(ServiceStatus) -> bool| {
        Count(services.iter().filter(|service| which(service.status)).count() as u64)
    };
    let sum_mb = |of: fn(&Service) -> Option<Mebibytes>| {
        Mebibytes::saturating(services.iter().filter_map(of).map(Mebibytes::get).sum()).rounded(1)
    };
    let summary = Summary {
        healthy: counted(|status| status == ServiceStatus::Running),
        degraded: counted(|status| matches!(status, ServiceStatus::Degraded | ServiceStatus::Restarting)),
        failed: counted(|status| matches!(status, ServiceStatus::Failed | ServiceStatus::Stopped)),
        memory_used_mb: sum_mb(|service| service.memory_used_mb),
        memory_quota_mb: sum_mb(|service| service.memory_quota_mb),
        system_memory_used_mb: used_mb,
        system_memory_total_mb: Mebibytes::saturating(m.host.memory.total_mb),
        disk_used_gb: root.and_then(|root| root.used_gb).unwrap_or_default(),
        disk_total_gb: root.and_then(|root| root.total_gb).unwrap_or_default(),
        cpu_load_1: machine::load(m, 60.0),
        cpu_load_5: machine::load(m, 300.0),
        cpu_load_15: machine::load(m, 900.0),
        cpu_freq_mhz: Some(machine::frequency(m)),
        cpu_temp_c: Some(machine::cpu_temperature(m)),
        gpu_load_percent: gpus.first().and_then(|gpu| gpu.load_percent),
        gpu_temp_c: gpus.first().and_then(|gpu| gpu.temperature_c),
    };
    let host = m.host;
    let processes = activity::processes(m, &services);
    ServiceReport {
        summary,
        services,
        timestamp: m.wall(m.t),
        cpu: Some(machine::cpu(m)),
        memory: Some(memory::memory(m, used_mb)),
        filesystems,
        disks: (0..host.drives.len()).map(|at| super::drive::disk(m, at)).collect(),
        network: host.network.iter().enumerate().map(|(at, plan)| machine::interface(m, at, plan)).collect(),
        gpus,
        pressure: Some(machine::pressure(m)),
        sensors: host.sensors.iter().map(|plan| sensor::sensor(m, plan)).collect(),
        uptime_s: Some(Seconds::saturating((m.t - m.story.boot(m.t)).floor())),
        boot_reason: Some(host.boot),
        kernel: Some(host.kernel.into()),
        os: Some(host.os.into()),
        agent_version: Some(env!("CARGO_PKG_VERSION").into()),
        reboot_needed: Some(host.reboot_needed && !m.well),
        updates_pending: Some(Count(host.updates)),
        going: m.is_going().then_some(Going::Sleep),
        failed_units: failed_units(m),
        activities: activity::activities(m),
        processes,
        missing: machine::missing(host),
    }
}

/// What failed though it is nobody's service: logs grow while a service that fails fills them.
fn failed_units(m: &Moment<'_>) -> Vec<FailedUnit> {
    let spell = m.story.failing.and_then(|spells| spells.at(m.t));
    let unit = || FailedUnit { name: "logrotate".into(), description: Some("Rotate log files".into()) };
    spell.map(|_| unit()).into_iter().collect()
}

fn service(m: &Moment<'_>, at: usize) -> Service {
    let plan = &m.host.services[at];
    let fate = Fate::of(m, at);
    let up = matches!(fate.status, ServiceStatus::Running | ServiceStatus::Degraded);
    let own = m.part("service", plan.name);
    let breath = 1.0 + 0.05 * noise(own, m.t);
    let pace = 1.0 + 0.45 * day_level(m.host.day, m.t) + 0.4 * noise(own.rotate_left(32), m.t);
    Service {
        name: plan.name.into(),
        status: fate.status,
        memory_used_mb: up.then(|| Mebibytes::saturating(plan.memory_mb * breath).rounded(1)),
        memory_quota_mb: plan.memory_quota_mb.map(Mebibytes::saturating),
        cpu_percent: up.then(|| Percent::saturating(plan.cpu_percent * pace).rounded(2)),
        disk_used_gb: plan.disk.map(|(used, quota, grows)| disk_used(m, used, quota, grows)),
        disk_quota_gb: plan.disk.and_then(|(_, quota, _)| quota).map(Gibibytes::saturating),
        restarts: Some(Count(plan.restarts + fate.restarts)),
        started_at: up.then(|| m.wall(fate.started)),
        description: Some(plan.description.into()),
        kind: Some(plan.kind),
        log: fate.log.iter().map(|&line| HostText::from(line)).collect(),
    }
}

/// What has no quota grows all the same, but is not cleared out before it has trebled.
fn disk_used(m: &Moment<'_>, used: f64, quota: Option<f64>, grows: f64) -> Gibibytes {
    Gibibytes::saturating(m.fills(used, quota.unwrap_or(3.0 * used), grows)).rounded(3)
}

/// How a service fares at a moment.
struct Fate {
    status: ServiceStatus,
    /// When it last came up.
    started: f64,
    /// How often it came back by itself since the machine's start.
    restarts: u64,
    log: &'static [&'static str],
}

const RESTARTING: &[&str] = &[
    "INFO: Ready to synchronize \"Photos\" (sendreceive)",
    "WARNING: Failed to acquire lock on the index: resource temporarily unavailable",
    "INFO: Exiting, will be started again",
    "syncthing.service: Main process exited, code=exited, status=3/NOTIMPLEMENTED",
    "syncthing.service: Scheduled restart job.",
];

const FAILED: &[&str] = &[
    "reading /dev/ttyUSB0 at 57600 baud",
    "no frame from the receiver for 60 s",
    "cannot open /dev/ttyUSB0: no such file or directory",
    "giving up after 5 tries",
    "sensor-bridge.service: Failed with result 'exit-code'.",
];

impl Fate {
    fn of(m: &Moment<'_>, at: usize) -> Self {
        let (plot, story) = (&m.host.plot, m.story);
        let boot = story.boot(m.t);
        let mut fate = Self {
            status: ServiceStatus::Running,
            started: (boot + 9.0 + 20.0 * m.lot("started", m.host.services[at].name)).min(m.t),
            restarts: 0,
            log: &[],
        };
        if let Some(spells) = story.restarting.filter(|_| plot.restarting == Some(at)) {
            fate.come_and_go(m, spells, boot);
            if spells.at(m.t).is_some() {
                (fate.status, fate.log) = (ServiceStatus::Restarting, RESTARTING);
            }
        }
        if let Some(spells) = story.failing.filter(|_| plot.failing == Some(at)) {
            fate.come_and_go(m, spells, boot);
            if spells.at(m.t).is_some() {
                (fate.status, fate.log) = (ServiceStatus::Failed, FAILED);
            }
        }
        if story.degraded.is_some_and(|spells| plot.degraded == Some(at) && spells.at(m.t).is_some()) {
            fate.status = ServiceStatus::Degraded;
        }
        fate
    }

    /// Counts the times it went away, and notes when it last came back.
    fn come_and_go(&mut self, m: &Moment<'_>, spells: Spells, boot: f64) {
        let times = spells.begun(m.t).index - spells.begun(boot).index;
        self.restarts = u64::try_from(times).unwrap_or(0);
        self.started = self.started.max(spells.ended(m.t).until);
    }
}

/// Memory of all services, in MiB, as they tell it themselves.
pub(super) fn memory_mb(services: &[Service]) -> f64 {
    services.iter().filter_map(|service| service.memory_used_mb).map(Mebibytes::get).sum()
}
