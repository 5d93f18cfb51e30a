//! Who this process is to the kernel: its user, groups and rights, and the unit that it was started as.

use std::ffi::OsString;
use std::fs;

use crate::machine::Machine;

/// What the kernel and the service manager say of this process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// The unit that it was started as; nothing for a process started by hand.
    pub unit: Option<String>,
    /// The number of its user.
    pub user: u32,
    /// The numbers of its groups.
    pub groups: Vec<u32>,
    /// The bits of the capabilities that it holds; nothing where the kernel does not say.
    pub capabilities: Option<u64>,
    /// The bits of those that it, or a program that it starts, could win.
    pub reachable_capabilities: Option<u64>,
    /// Whether no program that it starts can win rights.
    pub no_new_privileges: bool,
    /// Whether its system calls are filtered.
    pub filters_calls: bool,
}

impl Surroundings {
    /// This process's, by `/proc/self` and the environment that `variable` gives.
    pub fn of_this_process(machine: &Machine, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let status = machine.read("/proc/self/status").unwrap_or_default();
        let cgroup = machine.read("/proc/self/cgroup").unwrap_or_default();
        // Whoever the manager starts itself; its children inherit the variable, and with it another's number.
        let started = variable("SYSTEMD_EXEC_PID").is_some_and(|pid| *pid == *std::process::id().to_string());
        let unit = started.then(|| unit(&cgroup)).flatten().map(owners);
        Self { unit, user: rustix::process::geteuid().as_raw(), ..Self::read(&status) }
    }

    /// What `/proc/self/status` says (proc(5)).
    fn read(status: &str) -> Self {
        let value = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
            Some(line.trim())
        };
        let bits = |name| u64::from_str_radix(value(name)?, 16).ok();
        let words = value("Groups").into_iter().flat_map(str::split_ascii_whitespace);
        Self {
            groups: words.filter_map(|word| word.parse().ok()).collect(),
            capabilities: bits("CapEff"),
            reachable_capabilities: bits("CapBnd"),
            no_new_privileges: value("NoNewPrivs") == Some("1"),
            filters_calls: value("Seccomp") == Some("2"),
            ..Self::default()
        }
    }

    /// Whether it may do what a capability stands for, by its number in capabilities(7).
    pub fn holds(&self, capability: u32) -> bool {
        self.capabilities.is_some_and(|bits| bits >> capability & 1 == 1)
    }

    /// The name of its user.
    pub(super) fn user_name(&self) -> String {
        user_name(self.user)
    }

    /// `user cm-agent, groups cm-agent and docker, no capabilities`.
    pub fn told(&self) -> String {
        let groups: Vec<_> = self.groups.iter().map(|&group| group_name(group)).collect();
        let groups = if groups.is_empty() { "no groups".to_owned() } else { format!("groups {}", groups.join(", ")) };
        let rights = match self.capabilities {
            None => "capabilities unknown".to_owned(),
            Some(0) => "no capabilities".to_owned(),
            Some(bits) => format!("{} capabilities", bits.count_ones()),
        };
        format!("user {}, {groups}, {rights}", user_name(self.user))
    }
}

/// The unit that the owner changes: the doctor's own has the agent's sandbox.
fn owners(unit: String) -> String {
    if unit == "cm-agent-doctor.service" { "cm-agent.service".to_owned() } else { unit }
}

/// The unit in `/proc/self/cgroup`: the last service on the way, in either hierarchy.
fn unit(cgroup: &str) -> Option<String> {
    let path = cgroup.lines().filter_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        (controllers.is_empty() || controllers == "name=systemd").then_some(path)
    });
    let mut names = path.flat_map(|path| path.rsplit('/'));
    names.find(|name| name.len() <= 255 && name.ends_with(".service")).map(str::to_owned)
}

/// A user's name by its number, from /etc/passwd alone; the number where it is not there.
pub(super) fn user_name(user: u32) -> String {
    name_in("/etc/passwd", user)
}

/// A group's name by its number, from /etc/group alone; the number where it is not there.
pub(super) fn group_name(group: u32) -> String {
    name_in("/etc/group", group)
}

fn name_in(table: &str, number: u32) -> String {
    let text = fs::read_to_string(table).unwrap_or_default();
    let found = text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(number)).then(|| name.to_owned())
    });
    found.unwrap_or_else(|| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_own_words_are_understood() {
        let text = "Name:\tcm-agent\nGroups:\t997 998 \nCapEff:\t0000000000200000\nCapBnd:\t0000000000000000\n\
                    NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t34\n";
        let read = Surroundings::read(text);
        assert_eq!(read.groups, [997, 998]);
        assert_eq!((read.capabilities, read.reachable_capabilities), (Some(1 << 21), Some(0)));
        assert!(read.no_new_privileges && read.filters_calls);
        assert!(read.holds(21) && !read.holds(17));
        let nothing = Surroundings::read("");
        assert_eq!(nothing, Surroundings::default());
        assert!(!nothing.holds(21));
    }

    #[test]
    fn the_unit_is_the_last_service_on_the_way() {
        for (cgroup, expected) in [
            ("0::/system.slice/cm-agent.service\n", Some("cm-agent.service")),
            ("0::/user.slice/user-1000.slice/session-1.scope\n", None),
            ("0::/user.slice/user-0.slice/user@0.service/app.slice/cm-agent.service/x\n", Some("cm-agent.service")),
            ("4:memory:/other.service\n1:name=systemd:/system.slice/a.service\n", Some("a.service")),
            ("0::/\n", None),
            ("", None),
        ] {
            assert_eq!(unit(cgroup).as_deref(), expected, "{cgroup}");
        }
    }
}
