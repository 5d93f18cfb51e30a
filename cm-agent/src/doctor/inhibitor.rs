//! Whether logind would wait for the agent at a shutdown, so that it can still be told: asked as the agent asks, and let go
//! at once.

use std::time::Duration;

use cm_model::health::Health;

use super::Check;
use super::surroundings::Surroundings;
use crate::dbus::{Address, Bus, CallError};
use crate::farewell;

/// How long logind may take; polkit, which it asks, may have to be started for it.
const LIMIT: Duration = Duration::from_secs(5);

/// A line, where there is a logind at all. Takes as long as logind does, at most five seconds.
pub(super) fn checks(address: &Address, around: &Surroundings) -> Vec<Check> {
    let asked = Bus::begin(address).map_err(CallError::from).and_then(|mut bus| farewell::inhibit(&mut bus, LIMIT));
    check(asked.map(drop), around).into_iter().collect()
}

fn check(asked: Result<(), CallError>, around: &Surroundings) -> Option<Check> {
    let without = "so a shutdown or sleep may be told too late, or not at all";
    let line = |text: String| Check::well("access", "logind", text);
    match asked {
        Ok(()) => Some(line("waits a moment at shutdown and sleep, until they are told".to_owned())),
        Err(CallError::Refused { name, .. }) if is_absent(name.raw()) => None,
        Err(error @ CallError::Refused { .. }) => {
            let next = format!(
                "Install polkit (Debian: polkitd), whose own rules let everybody delay a shutdown for a moment; where a rule of yours \
                 forbids it, allow org.freedesktop.login1.inhibit-delay-shutdown and inhibit-delay-sleep to the user {}.",
                around.user_name()
            );
            Some(line(format!("does not wait for this program ({error}), {without}")).trouble(Health::Note, next))
        }
        // That the bus cannot be reached at all is told of its socket.
        Err(CallError::Broken(_)) => None,
        Err(error) => {
            let next = "See `systemctl status systemd-logind`.";
            Some(line(format!("gives no answer ({error}), {without}")).trouble(Health::Note, next))
        }
    }
}

/// Whether an error's name says that there is no logind on the bus.
fn is_absent(error: &str) -> bool {
    ["ServiceUnknown", "NameHasNoOwner", "Spawn.ServiceNotFound"].iter().any(|end| error.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dbus::Writer;
    use crate::dbus::peer::{answer, refusal, serve};

    #[test]
    fn who_is_refused_the_delay_is_told_which_right_to_give() {
        let denied = "org.freedesktop.DBus.Error.AccessDenied";
        for (error, health, text) in [
            (None, Some(Health::Ok), "waits a moment"),
            (Some(denied), Some(Health::Note), "may be told too late"),
            (Some("org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"), Some(Health::Note), "too late"),
            (Some("org.freedesktop.DBus.Error.ServiceUnknown"), None, ""),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("bus");
            let _connections = serve(&path, move |call| match (&*call.method, error) {
                ("Inhibit", Some(error)) => refusal(call.serial, error, "Permission denied"),
                _ => answer(call.serial, "", &Writer::default()),
            });
            let told = checks(&Address::Path(path), &Surroundings::default());
            assert_eq!(told.first().map(|check| check.health), health, "{error:?}: {told:?}");
            assert!(told.iter().all(|check| check.text.contains(text)), "{told:?}");
            let refused = told.iter().filter(|check| check.health == Health::Note);
            assert!(refused.into_iter().all(|check| check.next.contains("inhibit-delay-shutdown")), "{told:?}");
        }
        let nowhere = Address::Path("/no/such/bus".into());
        assert!(checks(&nowhere, &Surroundings::default()).is_empty());
    }
}
