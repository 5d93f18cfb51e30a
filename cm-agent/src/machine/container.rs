//! What a container is allowed and takes, by its cgroup.
//!
//! Inside a container `/proc` mostly tells of the machine around it; what counts for its owner are the limits of the
//! cgroup at the root of the tree that can be seen from inside. That the visible root is not the kernel's own root is how
//! a container is known: the kernel's root has no `cgroup.type` (version 2), and it alone has `cgroup.sane_behavior`
//! (version 1). The cgroup of this very process is not asked: on a machine of its own it is a service's limit.
//!
//! File names and meanings: the kernel's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/.

use std::time::Duration;

use super::Machine;

/// Which version of cgroups holds the container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// One hierarchy for each controller.
    V1,
    /// One hierarchy.
    V2,
}

/// Processor time.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Processors {
    /// How many cores it may use at a time: the lesser of its quota and the cores it is bound to.
    pub cores: Option<f64>,
    /// Processor time that it has taken since it started.
    pub used: Option<Duration>,
}

/// Memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Memory {
    /// Its limit.
    pub limit: Option<u64>,
    /// What it takes, without file contents that would be given up at once.
    pub used: Option<u64>,
    /// File contents kept in memory.
    pub cached: Option<u64>,
    /// Its limit of swap.
    pub swap_limit: Option<u64>,
    /// Swap that it takes.
    pub swap_used: Option<u64>,
    /// Its processes killed for want of memory.
    pub oom_kills: Option<u64>,
}

impl Container {
    /// The container that the machine is, if it is one.
    pub fn find(machine: &Machine) -> Option<Self> {
        if machine.exists("/sys/fs/cgroup/cgroup.controllers") {
            return machine.exists("/sys/fs/cgroup/cgroup.type").then_some(Self::V2);
        }
        let within = machine.exists("/sys/fs/cgroup/memory/memory.limit_in_bytes")
            && !machine.exists("/sys/fs/cgroup/memory/cgroup.sane_behavior");
        within.then_some(Self::V1)
    }

    /// Its processor time. Reads three small files.
    pub fn processors(self, machine: &Machine) -> Processors {
        let (quota, bound, used) = match self {
            Self::V2 => (
                machine.line("/sys/fs/cgroup/cpu.max").and_then(|line| quota(&line)),
                machine.line("/sys/fs/cgroup/cpuset.cpus.effective"),
                machine
                    .read("/sys/fs/cgroup/cpu.stat")
                    .ok()
                    .and_then(|text| keyed(&text, "usage_usec"))
                    .map(Duration::from_micros),
            ),
            Self::V1 => {
                let micros: Option<u64> = machine.number("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
                let period: Option<u64> = machine.number("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
                (
                    micros.zip(period).and_then(|(micros, period)| share(micros, period)),
                    machine
                        .line("/sys/fs/cgroup/cpuset/cpuset.effective_cpus")
                        .or_else(|| machine.line("/sys/fs/cgroup/cpuset/cpuset.cpus")),
                    machine.number("/sys/fs/cgroup/cpuacct/cpuacct.usage").map(Duration::from_nanos),
                )
            }
        };
        let bound = bound.and_then(|list| count(&list)).map(f64::from);
        let cores = match (quota, bound) {
            (Some(quota), Some(bound)) => Some(quota.min(bound)),
            (quota, bound) => quota.or(bound),
        };
        Processors { cores, used }
    }

    /// Its memory. Reads six small files.
    pub fn memory(self, machine: &Machine) -> Memory {
        let read = |path: &str| machine.read(path).unwrap_or_default();
        match self {
            Self::V2 => {
                let stat = read("/sys/fs/cgroup/memory.stat");
                let current: Option<u64> = machine.number("/sys/fs/cgroup/memory.current");
                let inactive = keyed(&stat, "inactive_file").unwrap_or(0);
                Memory {
                    limit: machine.number("/sys/fs/cgroup/memory.max"),
                    used: current.map(|current| current.saturating_sub(inactive)),
                    cached: keyed(&stat, "file"),
                    swap_limit: machine.number("/sys/fs/cgroup/memory.swap.max"),
                    swap_used: machine.number("/sys/fs/cgroup/memory.swap.current"),
                    oom_kills: keyed(&read("/sys/fs/cgroup/memory.events"), "oom_kill"),
                }
            }
            Self::V1 => {
                let stat = read("/sys/fs/cgroup/memory/memory.stat");
                let current: Option<u64> = machine.number("/sys/fs/cgroup/memory/memory.usage_in_bytes");
                let inactive = keyed(&stat, "total_inactive_file").unwrap_or(0);
                let limit = limit(machine.number("/sys/fs/cgroup/memory/memory.limit_in_bytes"));
                // Version 1 counts memory and swap together.
                let both = limit_of_both(machine);
                Memory {
                    limit,
                    used: current.map(|current| current.saturating_sub(inactive)),
                    cached: keyed(&stat, "total_cache"),
                    swap_limit: both.zip(limit).map(|(both, limit)| both.saturating_sub(limit)),
                    swap_used: keyed(&stat, "total_swap"),
                    oom_kills: keyed(&read("/sys/fs/cgroup/memory/memory.oom_control"), "oom_kill"),
                }
            }
        }
    }
}

fn limit_of_both(machine: &Machine) -> Option<u64> {
    limit(machine.number("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"))
}

/// Version 1 writes "no limit" as the largest whole number of pages in 63 bits.
fn limit(bytes: Option<u64>) -> Option<u64> {
    bytes.filter(|bytes| *bytes < 1 << 60)
}

/// Cores by `cpu.max`: `200000 100000` is two, `max 100000` is no quota.
fn quota(line: &str) -> Option<f64> {
    let (micros, period) = line.split_once(' ')?;
    share(micros.parse().ok()?, period.trim().parse().ok()?)
}

fn share(micros: u64, period: u64) -> Option<f64> {
    (micros > 0 && period > 0).then(|| micros as f64 / period as f64)
}

/// How many cores a list such as `0-3,8` names.
fn count(list: &str) -> Option<u32> {
    let mut sum = 0_u32;
    for part in list.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u32, u32) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        sum = sum.saturating_add(last.checked_sub(first)?.saturating_add(1));
    }
    (sum > 0).then_some(sum)
}

/// The number behind a key in a file of `key number` lines.
pub fn keyed(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotas_and_lists_of_cores() {
        for (line, expected) in [
            ("200000 100000", Some(2.0)),
            ("50000 100000", Some(0.5)),
            ("max 100000", None),
            ("0 100000", None),
            ("1 0", None),
            ("", None),
        ] {
            assert_eq!(quota(line), expected, "{line}");
        }
        for (list, expected) in
            [("0-3,8", Some(5)), ("0", Some(1)), ("3-1", None), ("", None), ("0-4294967295", Some(u32::MAX))]
        {
            assert_eq!(count(list), expected, "{list}");
        }
    }

    #[test]
    fn a_key_is_a_whole_word() {
        let text = "oom 3\noom_kill 2\noom_group_kill 1\n";
        assert_eq!((keyed(text, "oom_kill"), keyed(text, "oom"), keyed(text, "kill")), (Some(2), Some(3), None));
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[-0-9, max\n]{0,60}") {
            let _ = (quota(&text), count(&text), keyed(&text, "max"));
        }
    }
}
