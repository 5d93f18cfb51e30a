//! The doors that collectors knock at: what each gives, and who may pass. What is not on this machine is not told.

use std::path::Path;

use cm_model::health::Health;

use super::Check;
use super::right::{self, Right, Wish};
use super::surroundings::Surroundings;
use crate::collector::CollectOptions;
use crate::machine::Machine;

struct Door {
    /// Its path; one name on the way may be `*`, for the first that is there.
    path: &'static str,
    wish: Wish,
    /// What comes through it.
    gives: &'static str,
    /// What to think of before the key is handed out, or what to do where no group has it.
    mind: &'static str,
}

const DOORS: &[Door] = &[
    Door {
        path: "/run/dbus/system_bus_socket",
        wish: Wish::Connect,
        gives: "systemd's units and timers, shutdown and sleep",
        mind: "",
    },
    Door {
        path: "/var/log/journal/*/system.journal",
        wish: Wish::Read,
        gives: "the last lines of a service that failed",
        mind: "",
    },
    Door {
        path: "/run/log/journal/*/system.journal",
        wish: Wish::Read,
        gives: "the last lines of a service that failed",
        mind: "",
    },
    Door {
        path: "/run/docker.sock",
        wish: Wish::Connect,
        gives: "Docker's containers",
        mind: "Mind that whoever may speak to Docker is as good as root on this machine.",
    },
    Door {
        path: "/run/podman/podman.sock",
        wish: Wish::Connect,
        gives: "Podman's containers",
        mind: "Mind that whoever may speak to root's Podman is as good as root on this machine.",
    },
    Door {
        path: "/sys/class/powercap/*/energy_uj",
        wish: Wish::Read,
        gives: "what the processor draws",
        mind: "A line for it in /etc/tmpfiles.d/cm-agent.conf: z /sys/class/powercap/*/energy_uj 0440 root cm-agent",
    },
    Door {
        path: "/proc/1/io",
        wish: Wish::Read,
        gives: "what processes of other users read and write",
        mind: "That right (CAP_SYS_PTRACE) reads the memory of all; an agent that meets a network does better without.",
    },
    Door { path: "/dev/nvidiactl", wish: Wish::Read, gives: "NVIDIA's GPUs", mind: "" },
];

/// Each door that is on this machine, and those that the settings name, there or not.
pub(super) fn checks(machine: &Machine, options: &CollectOptions, around: &Surroundings) -> Vec<Check> {
    let usual = DOORS.iter().filter_map(|door| check(machine, door, around));
    let helper = options.drives.helper.iter().map(|path| {
        named(path, "the health of drives", "Run: sudo systemctl enable --now cm-agent-drives.socket", around)
    });
    let engines = options.containers.sockets.iter().flatten().map(|path| {
        named(
            path,
            "containers",
            "Start what serves it, or take it out of `sockets` in [containers] of agent.toml.",
            around,
        )
    });
    usual.chain(helper).chain(engines).collect()
}

/// A socket that the settings name.
fn named(path: &Path, gives: &str, absent: &str, around: &Surroundings) -> Check {
    let (shown, without) = (path.display().to_string(), format!("so without {gives}"));
    match right::to(Wish::Connect, path, around) {
        Right::Given => Check::well("access", shown, gives),
        Right::NotThere => Check::well("access", shown, format!("not there, {without}")).trouble(Health::Note, absent),
        Right::Refused(key) => Check::well("access", shown, format!("closed, {without}")).trouble(Health::Note, key),
    }
}

fn check(machine: &Machine, door: &Door, around: &Surroundings) -> Option<Check> {
    let path = find(machine, door.path)?;
    match right::to(door.wish, Path::new(&path), around) {
        Right::NotThere => None,
        Right::Given => Some(Check::well("access", path, door.gives)),
        Right::Refused(key) => {
            let text = format!("closed, so without {}", door.gives);
            let next = [key.as_str(), door.mind].join(" ");
            Some(Check::well("access", path, text).trouble(Health::Note, next.trim_end()))
        }
    }
}

/// The path with its `*` replaced by the first name there is.
fn find(machine: &Machine, path: &str) -> Option<String> {
    let Some((above, below)) = path.split_once('*') else { return Some(path.to_owned()) };
    let mut paths =
        machine.list(above.trim_end_matches('/')).ok()?.into_iter().map(|name| format!("{above}{name}{below}"));
    paths.find(|path| machine.exists(path))
}
