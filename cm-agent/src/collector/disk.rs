//! What the block devices do: bytes, and from one look to the next rates, business, waiting.
//!
//! Whole physical devices only, so that a byte counts once: no partitions, no loop, RAM or zram devices, and none that lie
//! on others (device mapper, md), whose bytes the devices below count. In a container the kernel's table is that of the
//! machine around it: there its cgroup's own counts stand for it (version 2; version 1 keeps none that add up).

use std::collections::BTreeMap;

use cm_model::clock::MonoTime;
use cm_model::report::service::Disk as Block;
use cm_model::unit::{Count, Milliseconds, Percent, Ratio};

use super::counter::{bytes_per_second, per_second, rise};
use super::{Absent, Collector, Draft, Look};
use crate::machine::Machine;
use crate::machine::container::Container;

/// The collector.
#[derive(Debug, Default)]
pub struct Disks {
    before: Vec<Counters>,
    at: MonoTime,
    /// Names seen so far, and whether each is a device to tell of.
    known: BTreeMap<String, bool>,
}

/// A line of `/proc/diskstats`, as far as it is used (Documentation/admin-guide/iostats.rst).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counters {
    /// `major:minor`.
    device: String,
    /// The device's name now.
    name: String,
    /// Requests that ended, of all sorts.
    requests: u64,
    /// Bytes read.
    read: u64,
    /// Bytes written.
    written: u64,
    /// Milliseconds that those requests took, all together.
    waited: u64,
    /// Milliseconds with a request under way.
    busy: u64,
    /// Milliseconds of all requests under way, added up.
    queued: u64,
}

/// The most devices that are told.
const MOST: usize = 256;

impl Collector for Disks {
    fn name(&self) -> &'static str {
        "disk"
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        let text = look.machine.read("/proc/diskstats").map_err(Absent::unless_there)?;
        let mut now = parse(&text);
        match look.container {
            Some(Container::V1) => return Err(Absent::NothingHere),
            Some(Container::V2) => {
                let own = look.machine.read("/sys/fs/cgroup/io.stat").map_err(Absent::unless_there)?;
                now = narrow(&now, &own);
            }
            None => {}
        }
        self.known.retain(|name, _| now.iter().any(|counters| counters.name == *name));
        now.retain(|counters| {
            // An empty card reader, an unused network block device: never anything but noughts.
            let used = counters.requests > 0 || counters.read > 0 || counters.written > 0;
            used && self.is_told(look.machine, &counters.name)
        });
        now.truncate(MOST);
        let span = look.now.mono.since(self.at);
        let inside = look.container.is_some();
        draft.service.disks = now
            .iter()
            .map(|now| {
                let before = self.before.iter().find(|before| before.name == now.name && before.device == now.device);
                now.block(before, span, inside)
            })
            .collect();
        self.before = now;
        self.at = look.now.mono;
        Ok(())
    }
}

impl Disks {
    fn is_told(&mut self, machine: &Machine, name: &str) -> bool {
        if let Some(told) = self.known.get(name) {
            return *told;
        }
        let told = is_physical(name) && machine.exists(&format!("/sys/block/{}", in_sysfs(name)));
        self.known.insert(name.to_owned(), told);
        told
    }
}

/// Device names with a slash (`cciss/c0d0`) have an exclamation mark in sysfs.
fn in_sysfs(name: &str) -> String {
    name.replace('/', "!")
}

/// Whether a device of this name may hold data of its own, if it is a whole one.
pub(crate) fn is_physical(name: &str) -> bool {
    const NOT: &[&str] = &["loop", "ram", "zram", "dm-", "md", "sr", "fd", "mtdblock", "drbd", "bcache", "zd"];
    let numbered = |prefix: &str| {
        name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '_'))
    };
    // An eMMC's boot areas, and the single paths of an NVMe drive that has several.
    let part = name.contains("boot") || name.ends_with("rpmb") || (name.starts_with("nvme") && name[4..].contains('c'));
    !NOT.iter().any(|prefix| numbered(prefix)) && !part
}

impl Counters {
    fn block(&self, before: Option<&Self>, span: std::time::Duration, inside: bool) -> Block {
        let mut block = Block {
            name: (&*self.name).into(),
            read_bytes: Some(Count(self.read)),
            written_bytes: Some(Count(self.written)),
            ..Block::default()
        };
        let Some(before) = before else { return block };
        block.read_per_s = bytes_per_second(before.read, self.read, span);
        block.written_per_s = bytes_per_second(before.written, self.written, span);
        if inside {
            return block;
        }
        // Milliseconds a second: a thousand of them are the whole time.
        let share = |before, now| rise(before, now).and_then(|rise| per_second(rise, span)).map(|ms| ms / 1000.0);
        block.busy_percent =
            share(before.busy, self.busy).map(|share| Percent::saturating((share * 100.0).min(100.0)).rounded(1));
        block.queue_length = share(before.queued, self.queued).map(|length| Ratio::saturating(length).rounded(2));
        block.wait_ms = match (rise(before.requests, self.requests), rise(before.waited, self.waited)) {
            (Some(requests), Some(waited)) if requests > 0 => {
                Some(Milliseconds::saturating(waited as f64 / requests as f64).rounded(2))
            }
            _ => None,
        };
        block
    }
}

/// Reads the table; a line of another form is passed over.
pub fn parse(text: &str) -> Vec<Counters> {
    text.lines().filter_map(line).collect()
}

fn line(line: &str) -> Option<Counters> {
    let mut fields = line.split_whitespace();
    let (major, minor, name) = (fields.next()?, fields.next()?, fields.next()?);
    // Eleven numbers always; four of discards since 4.18, two of flushes since 5.5.
    let mut numbers = [0_u64; 17];
    let mut found = 0;
    for (number, field) in numbers.iter_mut().zip(fields) {
        *number = field.parse().ok()?;
        found += 1;
    }
    if found < 11 {
        return None;
    }
    let [
        reads,
        _,
        read,
        reading,
        writes,
        _,
        written,
        writing,
        _,
        busy,
        queued,
        discards,
        _,
        _,
        discarding,
        flushes,
        flushing,
    ] = numbers;
    let sum = |parts: [u64; 4]| parts.into_iter().fold(0, u64::saturating_add);
    Some(Counters {
        device: format!("{major}:{minor}"),
        name: name.to_owned(),
        requests: sum([reads, writes, discards, flushes]),
        // The kernel counts in sectors of 512 bytes whatever the device's own.
        read: read.saturating_mul(512),
        written: written.saturating_mul(512),
        waited: sum([reading, writing, discarding, flushing]),
        busy,
        queued,
    })
}

/// Of the devices around a container those that it used, with its own counts (`io.stat` of cgroup version 2).
fn narrow(around: &[Counters], own: &str) -> Vec<Counters> {
    let mut within = Vec::new();
    for line in own.lines() {
        let mut fields = line.split_whitespace();
        let Some(device) = fields.next() else { continue };
        let Some(outer) = around.iter().find(|counters| counters.device == device) else { continue };
        let mut counters = Counters { device: outer.device.clone(), name: outer.name.clone(), ..Counters::default() };
        for (key, value) in fields.filter_map(|field| field.split_once('=')) {
            let Ok(value) = value.parse() else { continue };
            match key {
                "rbytes" => counters.read = value,
                "wbytes" => counters.written = value,
                "rios" | "wios" => counters.requests = counters.requests.saturating_add(value),
                _ => {}
            }
        }
        within.push(counters);
    }
    within
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn lines_of_old_and_new_kernels() {
        let new = "   8       0 sda 100 5 2048 40 50 6 4096 60 0 80 100 3 0 99 7 2 8";
        let old = "   8       0 sda 100 5 2048 40 50 6 4096 60 0 80 100";
        let read = |text: &str| line(text).map(|c| (c.requests, c.read, c.written, c.waited, c.busy, c.queued));
        assert_eq!(read(new), Some((155, 1_048_576, 2_097_152, 115, 80, 100)));
        assert_eq!(read(old), Some((150, 1_048_576, 2_097_152, 100, 80, 100)));
        for text in ["", "8 0 sda", "8 0 sda 1 2 3 4", "8 0 sda 1 2 3 4 5 6 7 8 9 10 x"] {
            assert_eq!(line(text), None, "{text}");
        }
    }

    #[test]
    fn rates_come_from_two_looks() {
        let counters = |requests, read, waited, busy, queued| Counters {
            requests,
            read,
            waited,
            busy,
            queued,
            ..Counters::default()
        };
        let before = counters(100, 0, 1000, 1000, 1000);
        let second = Duration::from_secs(2);
        let block = counters(150, 4096, 1200, 1500, 5000).block(Some(&before), second, false);
        assert_eq!(block.read_per_s.map(cm_model::unit::BytesPerSecond::get), Some(2048.0));
        assert_eq!(block.busy_percent.map(Percent::get), Some(25.0));
        assert_eq!(block.wait_ms.map(Milliseconds::get), Some(4.0));
        assert_eq!(block.queue_length.map(Ratio::get), Some(2.0));

        let idle = before.block(Some(&before), second, false);
        assert_eq!((idle.busy_percent.map(Percent::get), idle.wait_ms), (Some(0.0), None));
        let reset = counters(1, 0, 1, 1, 1).block(Some(&before), second, false);
        assert_eq!((reset.busy_percent, reset.wait_ms, reset.queue_length), (None, None, None));
    }

    #[test]
    fn physical_devices_by_name() {
        for (name, expected) in [
            ("sda", true),
            ("nvme0n1", true),
            ("vda", true),
            ("mmcblk0", true),
            ("xvda", true),
            ("nbd0", true),
            ("mdx", true),
            ("md127", false),
            ("md_d0", false),
            ("dm-3", false),
            ("loop0", false),
            ("zram0", false),
            ("ram15", false),
            ("sr0", false),
            ("mmcblk0boot1", false),
            ("mmcblk0rpmb", false),
            ("nvme0c1n1", false),
            ("zd16", false),
        ] {
            assert_eq!(is_physical(name), expected, "{name}");
        }
    }

    #[test]
    fn a_container_counts_its_own_bytes() {
        let around = parse("8 0 sda 9 9 9 9 9 9 9 9 9 9 9\n8 16 sdb 9 9 9 9 9 9 9 9 9 9 9\n");
        let own = narrow(&around, "8:0 rbytes=4096 wbytes=512 rios=3 wios=1 dbytes=0 dios=0\n253:0 rbytes=1\n\nx\n");
        assert_eq!(
            own.iter().map(|c| (&*c.name, c.read, c.written, c.requests)).collect::<Vec<_>>(),
            [("sda", 4096, 512, 4)]
        );
    }

    proptest! {
        #[test]
        fn no_table_panics(text in "([0-9]{1,3} [0-9]{1,3} [a-z0-9]{0,9}( [0-9]{0,21}){0,20}\n?){0,3}.{0,30}", own in "[0-9:]{0,5} [rw]bytes=[0-9]{0,22}") {
            narrow(&parse(&text), &own);
            is_physical(&text);
        }
    }
}
