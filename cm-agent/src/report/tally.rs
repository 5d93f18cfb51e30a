//! Sums over all services, whoever runs them: what the summary of the service report says of them.

use cm_model::report::ServiceReport;
use cm_model::report::service::{Service, ServiceKind, ServiceStatus};
use cm_model::unit::{Count, Mebibytes};

/// Counts the services of a report into its summary.
///
/// A container that was stopped counts nowhere: somebody has stopped it, or it did what it was for.
pub(super) fn fill(report: &mut ServiceReport) {
    let count =
        |which: fn(&Service) -> bool| Count(report.services.iter().filter(|service| which(service)).count() as u64);
    let sum = |of: fn(&Service) -> Option<Mebibytes>| {
        Mebibytes::saturating(report.services.iter().filter_map(of).map(Mebibytes::get).sum()).rounded(1)
    };
    let healthy = count(|service| service.status == ServiceStatus::Running);
    let degraded = count(|service| matches!(service.status, ServiceStatus::Degraded | ServiceStatus::Restarting));
    let failed = count(|service| match service.status {
        ServiceStatus::Failed => true,
        ServiceStatus::Stopped => !matches!(service.kind, Some(ServiceKind::Docker | ServiceKind::Podman)),
        _ => false,
    });
    let (used, quota) = (sum(|service| service.memory_used_mb), sum(|service| service.memory_quota_mb));
    let summary = &mut report.summary;
    (summary.healthy, summary.degraded, summary.failed) = (healthy, degraded, failed);
    (summary.memory_used_mb, summary.memory_quota_mb) = (used, quota);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_counted_by_what_they_do() {
        use ServiceStatus::{Degraded, Failed, Restarting, Running, Stopped, Unknown};
        let service = |status, kind, memory| Service {
            status,
            kind,
            memory_used_mb: Mebibytes::try_from(memory).ok(),
            memory_quota_mb: (memory > 100.0).then(|| Mebibytes::saturating(500.0)),
            ..Service::default()
        };
        let (unit, docker, podman) = (Some(ServiceKind::Systemd), Some(ServiceKind::Docker), Some(ServiceKind::Podman));
        let mut report = ServiceReport {
            services: vec![
                service(Running, unit, 100.25),
                service(Running, docker, 20.0),
                service(Degraded, podman, 200.0),
                service(Restarting, unit, -1.0),
                service(Failed, docker, -1.0),
                service(Stopped, unit, -1.0),
                service(Stopped, docker, -1.0),
                service(Stopped, podman, -1.0),
                service(Unknown, docker, -1.0),
            ],
            ..ServiceReport::default()
        };
        fill(&mut report);
        let summary = &report.summary;
        let counted = [summary.healthy, summary.degraded, summary.failed].map(Count::get);
        assert_eq!(counted, [2, 2, 2]);
        assert_eq!((summary.memory_used_mb.get(), summary.memory_quota_mb.get()), (320.3, 1000.0));
    }
}
