//! What a container takes, by its own control group: the engines' `stats` call answers the same after a second.
//!
//! The group is found through the container's first process, and only counts if the container's id is part of its path:
//! where a container shares the group of others there are no figures of it alone, and a process id that was given away
//! again leads to nobody else's figures.

use std::time::Duration;

use crate::engine::Id;
use crate::machine::Machine;
use crate::machine::container::keyed;

/// A container's control group: where its files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Group {
    /// In the one hierarchy of version 2.
    V2(String),
    /// In the hierarchies of version 1, memory's and processor time's.
    V1 { memory: String, cpu: String },
}

/// What a group has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Taken {
    /// Memory now, in bytes, without file contents that would be given up at once.
    pub(super) memory: Option<u64>,
    /// Processor time since it began.
    pub(super) processor: Option<Duration>,
}

impl Group {
    /// The group of a container by its first process.
    pub(super) fn find(machine: &Machine, pid: u32, id: Id) -> Option<Self> {
        parse(&machine.read(&format!("/proc/{pid}/cgroup")).ok()?, id)
    }

    /// What it has taken. Reads three small files.
    pub(super) fn taken(&self, machine: &Machine) -> Taken {
        let used = |current: Option<u64>, stat: Option<String>, inactive: &str| {
            let inactive = stat.and_then(|text| keyed(&text, inactive)).unwrap_or(0);
            current.map(|current| current.saturating_sub(inactive))
        };
        let text = |path: String| machine.read(&path).ok();
        match self {
            Self::V2(at) => Taken {
                memory: used(
                    machine.number(&format!("{at}/memory.current")),
                    text(format!("{at}/memory.stat")),
                    "inactive_file",
                ),
                processor: text(format!("{at}/cpu.stat"))
                    .and_then(|text| keyed(&text, "usage_usec"))
                    .map(Duration::from_micros),
            },
            Self::V1 { memory, cpu } => Taken {
                memory: used(
                    machine.number(&format!("{memory}/memory.usage_in_bytes")),
                    text(format!("{memory}/memory.stat")),
                    "total_inactive_file",
                ),
                processor: machine.number(&format!("{cpu}/cpuacct.usage")).map(Duration::from_nanos),
            },
        }
    }
}

/// Finds the group in `/proc/PID/cgroup`: lines of `number:controllers:path`, version 2 without controllers. A path may
/// go on below the container's own group, which is what the figures are of.
fn parse(text: &str, id: Id) -> Option<Group> {
    let own = |path: &str| {
        let start = path.find(id.as_str())?;
        let end = path[start..].find('/').map_or(path.len(), |at| start + at);
        let is_plain = path.starts_with('/') && path.split('/').all(|part| part != "..");
        is_plain.then(|| path[..end].to_owned())
    };
    let lines = || text.lines().filter_map(|line| line.split_once(':')?.1.split_once(':'));
    let of = |controller: &str| {
        lines()
            .find(|(controllers, _)| controllers.split(',').any(|one| one == controller))
            .and_then(|(_, path)| own(path))
    };
    if let (Some(memory), Some(cpu)) = (of("memory"), of("cpuacct")) {
        let (memory, cpu) = (format!("/sys/fs/cgroup/memory{memory}"), format!("/sys/fs/cgroup/cpuacct{cpu}"));
        return Some(Group::V1 { memory, cpu });
    }
    of("").map(|path| Group::V2(format!("/sys/fs/cgroup{path}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1036f30282449ce286e96dba43799a22fa6d9afc4e803357dd1b72b5bc23dc21";

    #[test]
    fn groups_of_every_engine_and_version() {
        let id = Id::parse(ID).unwrap();
        let v2 = |path: &str| Some(Group::V2(format!("/sys/fs/cgroup{path}")));
        let v1 = |path: &str| {
            let (memory, cpu) = (format!("/sys/fs/cgroup/memory{path}"), format!("/sys/fs/cgroup/cpuacct{path}"));
            Some(Group::V1 { memory, cpu })
        };
        for (text, expected) in [
            (format!("0::/system.slice/docker-{ID}.scope\n"), v2(&format!("/system.slice/docker-{ID}.scope"))),
            (format!("0::/docker/{ID}/init.scope\n"), v2(&format!("/docker/{ID}"))),
            (
                format!("0::/machine.slice/libpod-{ID}.scope/container\n"),
                v2(&format!("/machine.slice/libpod-{ID}.scope")),
            ),
            (
                format!("0::/system.slice/web.service/libpod-payload-{ID}\n"),
                v2(&format!("/system.slice/web.service/libpod-payload-{ID}")),
            ),
            (
                format!("5:memory:/docker/{ID}\n4:cpu,cpuacct:/docker/{ID}\n1:name=systemd:/docker/{ID}\n0::/\n"),
                v1(&format!("/docker/{ID}")),
            ),
            ("0::/system.slice/ssh.service\n".to_owned(), None),
            (format!("0::/../docker/{ID}\n"), None),
            (format!("0::/docker/{}\n", ID.replace('1', "2")), None),
            (String::new(), None),
        ] {
            assert_eq!(parse(&text, id), expected, "{text}");
        }
    }
}
