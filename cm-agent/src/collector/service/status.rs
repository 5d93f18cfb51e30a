//! What a unit's state means for whoever named it.

use cm_model::report::service::ServiceStatus;

use crate::systemd::{Active, Load, Unit};

/// How a unit came to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Its owner named it: it is to be there.
    ByName,
    /// It fits a pattern: it is told as long as it is in use.
    ByPattern,
}

/// What it does, with a word of explanation where its state has none of its own; nothing if it is not told.
///
/// What ends by itself in good order, and what waits for its timer or socket, is well. Under a pattern what is not up is
/// told only if it is enabled: a pattern also fits what was once tried and left.
pub(super) fn of(unit: &Unit, found: Found) -> Option<(ServiceStatus, Option<&'static str>)> {
    let status = match unit.active {
        Active::Active | Active::Reloading => ServiceStatus::Running,
        Active::Activating | Active::Deactivating if unit.kind == "oneshot" && !comes_back(unit) => {
            ServiceStatus::Running
        }
        Active::Activating => ServiceStatus::Restarting,
        Active::Deactivating => ServiceStatus::Stopped,
        Active::Failed => ServiceStatus::Failed,
        Active::Inactive => return idle(unit, found),
    };
    Some((status, None))
}

/// It ended with an error, and systemd waits before it starts it again.
fn comes_back(unit: &Unit) -> bool {
    unit.sub.starts_with("auto-restart")
}

fn idle(unit: &Unit, found: Found) -> Option<(ServiceStatus, Option<&'static str>)> {
    let is_enabled = matches!(&*unit.file_state, "enabled" | "enabled-runtime");
    match (unit.load, found) {
        _ if unit.has_ended_well() => Some((ServiceStatus::Running, None)),
        (Load::Loaded, Found::ByPattern) if !is_enabled => None,
        (Load::NotFound | Load::Masked, Found::ByPattern) => None,
        (Load::Loaded, _) => Some((ServiceStatus::Stopped, None)),
        (Load::Masked, Found::ByName) => {
            Some((ServiceStatus::Stopped, Some("it is masked, so that nothing can start it")))
        }
        (Load::NotFound, Found::ByName) => Some((ServiceStatus::Failed, Some("systemd knows no unit of this name"))),
        (Load::Bad, _) => Some((ServiceStatus::Failed, Some("systemd cannot read its unit file"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ServiceStatus::{Failed, Restarting, Running, Stopped};

    #[test]
    fn states_of_units_are_states_of_services() {
        let named = |status| (Some(status), Some(status));
        let cases = [
            ("loaded active running simple enabled", named(Running)),
            ("loaded active exited oneshot static", named(Running)),
            ("loaded reloading reload notify enabled", named(Running)),
            ("not-found active running simple -", named(Running)),
            ("loaded activating start notify enabled", named(Restarting)),
            ("loaded activating auto-restart simple enabled", named(Restarting)),
            ("loaded activating auto-restart oneshot static", named(Restarting)),
            ("loaded activating start oneshot static", named(Running)),
            ("loaded deactivating stop-sigterm simple enabled", named(Stopped)),
            ("loaded failed failed simple enabled", named(Failed)),
            ("loaded inactive dead simple enabled", named(Stopped)),
            ("loaded inactive dead simple disabled", (Some(Stopped), None)),
            ("loaded inactive dead oneshot static", named(Running)),
            ("masked inactive dead simple masked", (Some(Stopped), None)),
            ("not-found inactive dead - -", (Some(Failed), None)),
            ("bad-setting inactive dead - -", named(Failed)),
        ];
        for (words, expected) in cases {
            let mut unit = Unit { result: "success".into(), ..Unit::default() };
            let names = ["LoadState", "ActiveState", "SubState", "Type", "UnitFileState"];
            for (name, word) in names.into_iter().zip(words.split(' ')) {
                unit.set(name, crate::dbus::Value::Text(word));
            }
            let status = |found| of(&unit, found).map(|(status, _)| status);
            assert_eq!((status(Found::ByName), status(Found::ByPattern)), expected, "{words}");
        }
    }
}
