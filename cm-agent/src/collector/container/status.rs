//! What a container's state means for whoever depends on it.
//!
//! An engine says how a container ended, not whether somebody wanted it to. Where Docker is to keep it up (`always`,
//! `unless-stopped`), it would be running had nobody stopped it, whatever its exit code. Podman keeps no container up over
//! a restart of the machine, so that there the exit code decides alone.

use cm_model::report::service::{Service, ServiceKind, ServiceStatus};
use cm_model::unit::{Count, Mebibytes};

use crate::engine::{Container, Detail, Health, Kind, State};

/// 128 and SIGTERM: how a program ends that was told to and has no other code for it.
const TERMINATED: i64 = 128 + 15;

/// What is told of a container, but for what its cgroup knows.
pub(super) fn service(kind: Kind, container: &Container) -> Service {
    let listed = &container.listed;
    let detail = container.detail.as_ref();
    Service {
        name: listed.name.as_str().into(),
        status: status(kind, listed.state, listed.health, detail),
        memory_quota_mb: detail.and_then(|detail| detail.memory_limit).map(mebibytes),
        restarts: detail.and_then(|detail| detail.restarts).map(Count),
        started_at: detail.and_then(|detail| detail.started_at).filter(|_| listed.state.takes()),
        description: (!listed.image.is_empty()).then(|| listed.image.as_str().into()),
        kind: Some(match kind {
            Kind::Docker => ServiceKind::Docker,
            Kind::Podman => ServiceKind::Podman,
        }),
        ..Service::default()
    }
}

/// Bytes as the report tells them.
pub(super) fn mebibytes(bytes: u64) -> Mebibytes {
    Mebibytes::saturating(bytes as f64 / f64::from(1 << 20)).rounded(1)
}

fn status(kind: Kind, state: State, health: Option<Health>, detail: Option<&Detail>) -> ServiceStatus {
    match state {
        State::Running if health == Some(Health::Unhealthy) => ServiceStatus::Degraded,
        State::Running => ServiceStatus::Running,
        // It holds its memory and answers nobody.
        State::Paused => ServiceStatus::Degraded,
        State::Restarting => ServiceStatus::Restarting,
        State::Ending | State::Created => ServiceStatus::Stopped,
        State::Exited => ended(kind, detail),
        State::Dead => ServiceStatus::Failed,
        State::Unknown => ServiceStatus::Unknown,
    }
}

fn ended(kind: Kind, detail: Option<&Detail>) -> ServiceStatus {
    let Some(detail) = detail else { return ServiceStatus::Unknown };
    let was_stopped = kind == Kind::Docker && detail.is_kept_up;
    match detail.exit_code {
        _ if was_stopped => ServiceStatus::Stopped,
        _ if detail.out_of_memory => ServiceStatus::Failed,
        Some(0 | TERMINATED) => ServiceStatus::Stopped,
        Some(_) => ServiceStatus::Failed,
        None => ServiceStatus::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_health_and_exit_codes() {
        use ServiceStatus as S;
        let ended = |exit_code| Detail { exit_code: Some(exit_code), ..Detail::default() };
        let kept = |exit_code| Detail { is_kept_up: true, ..ended(exit_code) };
        let starved = Detail { out_of_memory: true, ..ended(137) };
        for (kind, state, health, detail, expected) in [
            (Kind::Docker, State::Running, None, None, S::Running),
            (Kind::Docker, State::Running, Some(Health::Healthy), Some(ended(1)), S::Running),
            (Kind::Docker, State::Running, Some(Health::Starting), None, S::Running),
            (Kind::Docker, State::Running, Some(Health::Unhealthy), None, S::Degraded),
            (Kind::Docker, State::Paused, None, None, S::Degraded),
            (Kind::Docker, State::Restarting, None, Some(ended(1)), S::Restarting),
            (Kind::Docker, State::Created, None, Some(ended(0)), S::Stopped),
            (Kind::Docker, State::Dead, None, None, S::Failed),
            (Kind::Docker, State::Exited, None, Some(ended(0)), S::Stopped),
            (Kind::Docker, State::Exited, None, Some(ended(143)), S::Stopped),
            (Kind::Docker, State::Exited, None, Some(ended(1)), S::Failed),
            (Kind::Docker, State::Exited, None, Some(starved.clone()), S::Failed),
            (Kind::Docker, State::Exited, None, Some(kept(137)), S::Stopped),
            (Kind::Podman, State::Exited, None, Some(kept(137)), S::Failed),
            (Kind::Podman, State::Exited, None, Some(kept(0)), S::Stopped),
            (Kind::Docker, State::Exited, None, None, S::Unknown),
            (Kind::Docker, State::Unknown, None, None, S::Unknown),
        ] {
            assert_eq!(
                status(kind, state, health, detail.as_ref()),
                expected,
                "{kind} {state:?} {health:?} {detail:?}"
            );
        }
    }
}
