//! The machine, its filesystems and its services.

use super::{Policy, limits, state};
use crate::catalogue::{CoreUse, Measured};
use crate::clock::WallTime;
use crate::health::{Health, Reason, Subject, SubjectKind, Verdict};
use crate::report::service::{
    FailedUnit, Filesystem, Going, Sensor, Service, ServiceKind, ServiceReport, ServiceStatus,
};

/// The verdict over everything that the service API tells.
pub fn service_report(report: &ServiceReport, policy: &Policy) -> Verdict {
    let at = report.timestamp;
    let mut reasons = machine(report, policy).reasons;
    for one in &report.filesystems {
        reasons.extend(filesystem(one, at, policy).reasons);
    }
    for one in &report.services {
        reasons.extend(service(one, at, policy).reasons);
    }
    reasons.extend(counted_but_not_listed(report, &reasons));
    reasons.extend(report.failed_units.iter().map(failed_unit));
    Verdict::from_reasons(reasons)
}

/// The verdict over the machine itself: processors, memory, devices; not its filesystems and services.
pub fn machine(report: &ServiceReport, policy: &Policy) -> Verdict {
    let at = report.timestamp;
    let mut reasons = Vec::new();
    limits(report, at, policy, &mut reasons);
    for (index, share) in report.cpu.iter().flat_map(|cpu| &cpu.core_use_percent).enumerate() {
        limits(&CoreUse { index, share: *share }, at, policy, &mut reasons);
    }
    report.memory.iter().flat_map(|memory| &memory.tmpfs).for_each(|part| limits(part, at, policy, &mut reasons));
    report.disks.iter().for_each(|part| limits(part, at, policy, &mut reasons));
    report.network.iter().for_each(|part| limits(part, at, policy, &mut reasons));
    report.gpus.iter().for_each(|part| limits(part, at, policy, &mut reasons));
    if let Some(going) = report.going {
        let text = match going {
            Going::Shutdown => "it is about to shut down",
            Going::Reboot => "it is about to start anew",
            Going::Sleep => "it is about to sleep",
            Going::Unknown => "it is about to leave",
        };
        let next = "Nothing to do: until it answers again it counts as off.";
        reasons.push(state(Health::Note, "host.going", Subject::host(), text, next));
    }
    report.sensors.iter().for_each(|part| sensor(part, at, policy, &mut reasons));
    if report.reboot_needed == Some(true) {
        let next = "Restart the machine when it suits; until then the old code runs.";
        reasons.push(state(Health::Note, "host.reboot_needed", Subject::host(), "an update waits for a restart", next));
    }
    Verdict::from_reasons(reasons)
}

fn sensor(sensor: &Sensor, at: WallTime, policy: &Policy, reasons: &mut Vec<Reason>) {
    limits(sensor, at, policy, reasons);
    if sensor.alarm == Some(true) {
        let text = format!("{}: its chip gives alarm", sensor.name.raw());
        let next =
            "On the host: `sensors` shows which limit; if it is wrong by itself, exclude the sensor in agent.toml.";
        reasons.push(state(Health::Warning, "sensor.alarm", sensor.subject(), text, next));
    }
}

/// Types that are mounted to be written: found read-only, the kernel has mostly refused to go on after an error.
const WRITABLE: [&str; 8] = ["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "bcachefs"];

/// The verdict over one filesystem.
pub fn filesystem(filesystem: &Filesystem, at: WallTime, policy: &Policy) -> Verdict {
    let mut reasons = Vec::new();
    limits(filesystem, at, policy, &mut reasons);
    let to_be_written = filesystem.kind.as_ref().is_some_and(|kind| WRITABLE.contains(&kind.raw()));
    if filesystem.read_only == Some(true) && to_be_written {
        let text = format!("{} is read-only", filesystem.mount.raw());
        let next = "Read `dmesg` for the error behind it; if it is so on purpose, exclude the mount in agent.toml.";
        reasons.push(state(Health::Warning, "filesystem.read_only", filesystem.subject(), text, next));
    }
    Verdict::from_reasons(reasons)
}

/// The verdict over one service.
pub fn service(service: &Service, at: WallTime, policy: &Policy) -> Verdict {
    let mut reasons = Vec::new();
    let name = service.name.raw();
    let said = match service.status {
        ServiceStatus::Running => None,
        ServiceStatus::Degraded => Some((Health::Warning, "service.degraded", format!("{name} runs, but not well"))),
        ServiceStatus::Restarting => Some((Health::Warning, "service.restarting", format!("{name} is restarting"))),
        // Somebody has stopped it, or it did what it was for: an engine keeps such containers until they are removed.
        ServiceStatus::Stopped if matches!(service.kind, Some(ServiceKind::Docker | ServiceKind::Podman)) => {
            Some((Health::Note, "service.stopped", format!("{name} is stopped")))
        }
        ServiceStatus::Stopped => Some((Health::Warning, "service.stopped", format!("{name} is stopped"))),
        ServiceStatus::Failed => Some((Health::Critical, "service.failed", format!("{name} has failed"))),
        ServiceStatus::Unknown => {
            Some((Health::Unknown, "service.unknown", format!("{name} is in a state that is not known")))
        }
    };
    if let Some((health, code, mut text)) = said {
        if let Some(restarts) = service.restarts.filter(|restarts| restarts.get() > 0) {
            text = match restarts.get() {
                1 => format!("{text}, restarted once"),
                _ => format!("{text}, restarted {restarts} times"),
            };
        }
        if let Some(last) = service.log.last().filter(|line| !line.is_empty()) {
            text = format!("{text}; it last said: {}", last.raw());
        }
        let next = "On the host: `systemctl status NAME` and `journalctl -u NAME -e`, or the container's own log.";
        reasons.push(state(health, code, service.subject(), text, next));
    }
    limits(service, at, policy, &mut reasons);
    Verdict::from_reasons(reasons)
}

/// Nobody named it, so it is nobody's service; but who looks at the machine will want to know.
fn failed_unit(unit: &FailedUnit) -> Reason {
    let name = unit.name.raw();
    let text = match &unit.description {
        Some(description) => {
            format!("{name} has failed ({}), and is none of the configured services", description.raw())
        }
        None => format!("{name} has failed, and is none of the configured services"),
    };
    let next = "On the host: `systemctl status NAME`; then mend it, disable it, or `systemctl reset-failed NAME`.";
    state(Health::Note, "service.failed_unit", Subject::named(SubjectKind::Service, unit.name.clone()), text, next)
}

/// Older servers count services that they do not list.
fn counted_but_not_listed(report: &ServiceReport, ours: &[Reason]) -> Option<Reason> {
    let told = |health: Health| {
        ours.iter().filter(|reason| reason.health == health && reason.code.starts_with("service.")).count() as u64
    };
    let next = "Look on the host itself: `systemctl --failed`.";
    let (failed, degraded) = (report.summary.failed, report.summary.degraded);
    if failed.get() > told(Health::Critical) + told(Health::Warning) {
        let text = format!("the host counts {failed} failed services");
        return Some(state(Health::Critical, "service.failed_count", Subject::host(), text, next));
    }
    let any = told(Health::Critical) + told(Health::Warning) + told(Health::Unknown);
    (failed.get() + degraded.get() > any).then(|| {
        state(
            Health::Warning,
            "service.degraded_count",
            Subject::host(),
            format!("the host counts {degraded} degraded services"),
            next,
        )
    })
}
