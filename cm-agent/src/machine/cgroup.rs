//! What the processes of a service take, by the cgroup that holds them.
//!
//! Memory is what its owner would call its own: what is charged to the cgroup, less file contents that the kernel gives up
//! as soon as somebody else needs the room (`inactive_file`). Without that a service that reads large files would seem to be
//! at its limit for ever. systemctl(1) shows the sum of both, as `MemoryCurrent`.
//!
//! Files of this machine are kept open and read anew from their beginning, which costs half of opening them each time, and
//! which the kernel refuses once the cgroup is gone. `memory.stat`, the dearest of them, is read once the sum
//! has moved, or ten looks later.
//!
//! File names and meanings: the kernel's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/. Where systemd keeps its
//! tree under `unified` beside controllers of version 1, processor time stands there too.

use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::io::{pread, retry_on_intr};

use super::Machine;
use super::container::keyed;

/// The most bytes that are read of a file: `memory.stat` has about 2 KiB.
const MOST_BYTES: usize = 8192;
/// How often a limit is read: once in so many looks.
const LIMIT_EVERY: u32 = 30;
/// How often `memory.stat` is read at the least, for what moves within the sum.
const STAT_EVERY: u32 = 10;

/// The cgroup of a service.
#[derive(Debug)]
pub struct Cgroup {
    path: String,
    cpu: Kept,
    memory: Kept,
    stat: Kept,
    names: Names,
    /// What was charged when `memory.stat` was last read, and how much of it the kernel would give up at once.
    inactive: Option<(u64, u64)>,
    /// How often memory was read since then.
    unmoved: u32,
    limit: Option<u64>,
    readings: u32,
}

/// How files are called and count.
#[derive(Debug)]
struct Names {
    /// Before the path of a service: its limits of memory, the one that counts first.
    limits: &'static [&'static str],
    memory: &'static str,
    /// The key of file contents that are given up at once.
    inactive: &'static str,
    tick: Tick,
}

/// How processor time is written.
#[derive(Debug, Clone, Copy)]
enum Tick {
    /// In microseconds behind `usage_usec`.
    Micros,
    /// In nanoseconds, alone.
    Nanos,
}

const V2: Names = Names {
    limits: &["memory.max", "memory.high"],
    memory: "/sys/fs/cgroup",
    inactive: "inactive_file",
    tick: Tick::Micros,
};
const V1: Names = Names {
    limits: &["memory.limit_in_bytes"],
    memory: "/sys/fs/cgroup/memory",
    inactive: "total_inactive_file",
    tick: Tick::Nanos,
};

impl Cgroup {
    /// The cgroup at a path from the root of the tree, as systemd tells it: `/system.slice/ssh.service`. Nothing for a path
    /// that could lead elsewhere. Looks at three files.
    pub fn at(machine: &Machine, path: &str) -> Option<Self> {
        if !path.starts_with('/') || path.split('/').any(|part| matches!(part, "." | "..")) {
            return None;
        }
        let (names, cpu, charged) = if machine.exists("/sys/fs/cgroup/cgroup.controllers") {
            (V2, format!("/sys/fs/cgroup{path}/cpu.stat"), "memory.current")
        } else {
            let own = format!("/sys/fs/cgroup/cpuacct{path}/cpuacct.usage");
            if machine.exists(&own) {
                (V1, own, "memory.usage_in_bytes")
            } else {
                (
                    Names { tick: Tick::Micros, ..V1 },
                    format!("/sys/fs/cgroup/unified{path}/cpu.stat"),
                    "memory.usage_in_bytes",
                )
            }
        };
        let memory = format!("{}{path}", names.memory);
        Some(Self {
            path: path.to_owned(),
            cpu: Kept::at(cpu),
            memory: Kept::at(format!("{memory}/{charged}")),
            stat: Kept::at(format!("{memory}/memory.stat")),
            names,
            inactive: None,
            unmoved: 0,
            limit: None,
            readings: 0,
        })
    }

    /// Its path from the root of the tree.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Processor time that it has taken since it was made.
    pub fn cpu_time(&mut self, machine: &Machine) -> Option<Duration> {
        let tick = self.names.tick;
        self.cpu.read(machine, |text| match tick {
            Tick::Micros => keyed(text, "usage_usec").map(Duration::from_micros),
            Tick::Nanos => text.trim().parse().ok().map(Duration::from_nanos),
        })
    }

    /// Memory that is its own, in bytes.
    pub fn memory(&mut self, machine: &Machine) -> Option<u64> {
        let charged: u64 = self.memory.read(machine, |text| text.trim().parse().ok())?;
        self.unmoved += 1;
        let is_fresh = self.unmoved < STAT_EVERY;
        let last = self.inactive.filter(|(then, _)| is_fresh && then.abs_diff(charged) <= *then / 128);
        let inactive = if let Some((_, inactive)) = last {
            inactive
        } else {
            let key = self.names.inactive;
            let inactive = self.stat.read(machine, |text| keyed(text, key)).unwrap_or(0);
            (self.inactive, self.unmoved) = (Some((charged, inactive)), 0);
            inactive
        };
        Some(charged.saturating_sub(inactive))
    }

    /// Its limit of memory, in bytes: where the kernel begins to kill, or else to slow down.
    pub fn limit(&mut self, machine: &Machine) -> Option<u64> {
        if self.readings.is_multiple_of(LIMIT_EVERY) {
            let of = |name: &&str| machine.number(&format!("{}{}/{name}", self.names.memory, self.path));
            // Version 1 writes "no limit" as the largest whole number of pages in 63 bits; version 2 in letters.
            self.limit = self.names.limits.iter().find_map(of).filter(|bytes: &u64| *bytes < 1 << 60);
        }
        self.readings = self.readings.wrapping_add(1);
        self.limit
    }
}

/// A small file that is read often.
#[derive(Debug)]
struct Kept {
    path: String,
    file: Option<OwnedFd>,
}

impl Kept {
    const fn at(path: String) -> Self {
        Self { path, file: None }
    }

    /// Reads it from its beginning; nothing if it is not there or makes no sense.
    fn read<T>(&mut self, machine: &Machine, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let mut piece = [0_u8; MOST_BYTES];
        let mut read = |file: &OwnedFd| {
            let read = retry_on_intr(|| pread(file, &mut piece, 0)).ok().filter(|read| *read > 0)?;
            // A line that was cut off is no line.
            let whole = if read < MOST_BYTES { read } else { piece.iter().rposition(|byte| *byte == b'\n')? };
            parse(std::str::from_utf8(&piece[..whole]).ok()?)
        };
        // The same path may by now be another cgroup: one that is gone is let go of, and looked for again.
        if let Some(value) = self.file.as_ref().and_then(&mut read) {
            return Some(value);
        }
        self.file = None;
        let file = machine.open(&self.path).ok()?;
        let value = read(&file)?;
        // The files of a box may be laid over by later ones.
        if machine.is_itself() {
            self.file = Some(file);
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    use tempfile::TempDir;

    fn machine(files: &[(&str, &str)]) -> (TempDir, Machine) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let machine = Machine::in_a_box(folder.path()).unwrap();
        (folder, machine)
    }

    /// Processor time, memory and limit.
    fn read(machine: &Machine) -> (Option<Duration>, Option<u64>, Option<u64>) {
        let mut cgroup = Cgroup::at(machine, "/system.slice/a.service").unwrap();
        (cgroup.cpu_time(machine), cgroup.memory(machine), cgroup.limit(machine))
    }

    #[test]
    fn both_versions_and_their_mixture_are_read() {
        let micros = |micros| Some(Duration::from_micros(micros));
        let (_folder, v2) = machine(&[
            ("sys/fs/cgroup/cgroup.controllers", "cpu memory"),
            ("sys/fs/cgroup/system.slice/a.service/cpu.stat", "usage_usec 5000\nuser_usec 1\n"),
            ("sys/fs/cgroup/system.slice/a.service/memory.current", "3000\n"),
            ("sys/fs/cgroup/system.slice/a.service/memory.stat", "anon 1\nfile 900\ninactive_file 800\n"),
            ("sys/fs/cgroup/system.slice/a.service/memory.max", "max\n"),
            ("sys/fs/cgroup/system.slice/a.service/memory.high", "4096\n"),
        ]);
        assert_eq!(read(&v2), (micros(5000), Some(2200), Some(4096)));
        let (_folder, v1) = machine(&[
            ("sys/fs/cgroup/cpuacct/system.slice/a.service/cpuacct.usage", "7000000\n"),
            ("sys/fs/cgroup/memory/system.slice/a.service/memory.usage_in_bytes", "3000\n"),
            ("sys/fs/cgroup/memory/system.slice/a.service/memory.stat", "cache 1\ntotal_inactive_file 500\n"),
            ("sys/fs/cgroup/memory/system.slice/a.service/memory.limit_in_bytes", "9223372036854771712\n"),
        ]);
        assert_eq!(read(&v1), (micros(7000), Some(2500), None));
        let (_folder, mixed) = machine(&[
            ("sys/fs/cgroup/unified/system.slice/a.service/cpu.stat", "usage_usec 9\n"),
            ("sys/fs/cgroup/memory/system.slice/a.service/memory.usage_in_bytes", "3000\n"),
            ("sys/fs/cgroup/memory/system.slice/a.service/memory.limit_in_bytes", "5000\n"),
        ]);
        assert_eq!(read(&mixed), (micros(9), Some(3000), Some(5000)));
    }

    #[test]
    fn what_is_gone_empty_or_makes_no_sense_reads_as_nothing() {
        let folder = "sys/fs/cgroup/system.slice/a.service";
        for (cpu, memory) in
            [("", ""), ("usage_usec x\n", "max\n"), ("usage_usec -5\n", "-1\n"), ("user_usec 4\n", "1.5\n")]
        {
            let (_folder, machine) = machine(&[
                ("sys/fs/cgroup/cgroup.controllers", ""),
                (&format!("{folder}/cpu.stat"), cpu),
                (&format!("{folder}/memory.current"), memory),
            ]);
            assert_eq!(read(&machine), (None, None, None), "{cpu}{memory}");
        }
        let (_folder, machine) = machine(&[("sys/fs/cgroup/cgroup.controllers", "")]);
        assert_eq!(read(&machine), (None, None, None));
        for path in ["", "a", "/../a", "/a/./b"] {
            assert!(Cgroup::at(&machine, path).is_none(), "{path}");
        }
    }

    #[test]
    fn what_is_given_up_at_once_is_counted_again_when_the_sum_has_moved() {
        let folder = "sys/fs/cgroup/system.slice/a.service";
        let (place, machine) = machine(&[
            ("sys/fs/cgroup/cgroup.controllers", ""),
            (&format!("{folder}/memory.current"), "100000"),
            (&format!("{folder}/memory.stat"), "inactive_file 10000\n"),
        ]);
        let mut cgroup = Cgroup::at(&machine, "/system.slice/a.service").unwrap();
        let mut now = |charged: &str, inactive: &str| {
            fs::write(place.path().join(folder).join("memory.current"), charged).unwrap();
            fs::write(place.path().join(folder).join("memory.stat"), format!("inactive_file {inactive}\n")).unwrap();
            cgroup.memory(&machine)
        };
        assert_eq!(now("100000", "10000"), Some(90_000));
        assert_eq!(now("100500", "70000"), Some(90_500), "hardly moved");
        assert_eq!(now("170000", "70000"), Some(100_000));
        for _ in 1..STAT_EVERY {
            assert_eq!(now("170000", "80000"), Some(100_000));
        }
        assert_eq!(now("170000", "80000"), Some(90_000), "a while later");
        assert_eq!(now("5000", "70000"), Some(0), "they are read one after the other");
    }

    #[test]
    fn a_file_that_is_too_long_is_read_to_its_last_whole_line() {
        let long = format!("usage_usec 5\n{}12", "x 1\n".repeat(MOST_BYTES));
        let (_folder, machine) = machine(&[
            ("sys/fs/cgroup/cgroup.controllers", ""),
            ("sys/fs/cgroup/system.slice/a.service/cpu.stat", &long),
        ]);
        assert_eq!(read(&machine).0, Some(Duration::from_micros(5)));
    }
}
