//! Disk traffic of units, by their cgroups (version 2): what everybody may read.

use std::collections::BTreeMap;

use crate::machine::Machine;

/// What a unit has read and written, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Traffic {
    pub(super) unit: String,
    pub(super) read: u64,
    pub(super) written: u64,
}

/// Below these units lie side by side: services, virtual machines and containers, and users.
const SLICES: [&str; 3] = ["system.slice", "machine.slice", "user.slice"];
/// The most units that are read.
const MOST: usize = 512;

/// The traffic of all units that had any. Reads a small file for each.
pub(super) fn traffic(machine: &Machine) -> Vec<Traffic> {
    let mut layered = Layered::default();
    let mut found = Vec::new();
    for slice in SLICES {
        let path = format!("/sys/fs/cgroup/{slice}");
        for unit in machine.list(&path).unwrap_or_default() {
            let is_unit = matches!(unit.rsplit_once('.'), Some((_, "service" | "scope" | "slice")));
            if !is_unit || found.len() >= MOST {
                continue;
            }
            let Ok(text) = machine.read(&format!("{path}/{unit}/io.stat")) else { continue };
            let (read, written) = sum(&text, |device| layered.is(machine, device));
            if read > 0 || written > 0 {
                found.push(Traffic { unit, read, written });
            }
        }
    }
    found
}

/// Reads `io.stat` (Documentation/admin-guide/cgroup-v2.rst): bytes read and written, over all devices but those that lie on
/// others, whose bytes the others count again.
fn sum(text: &str, mut is_layered: impl FnMut(&str) -> bool) -> (u64, u64) {
    let mut sums = (0_u64, 0_u64);
    for line in text.lines() {
        let Some((device, rest)) = line.split_once(' ') else { continue };
        let value = |key: &str| rest.split_whitespace().find_map(|field| field.strip_prefix(key)?.parse::<u64>().ok());
        let (read, written) = (value("rbytes=").unwrap_or(0), value("wbytes=").unwrap_or(0));
        if (read > 0 || written > 0) && !is_layered(device) {
            sums = (sums.0.saturating_add(read), sums.1.saturating_add(written));
        }
    }
    sums
}

/// Which devices lie on others: each is asked for once.
#[derive(Debug, Default)]
struct Layered(BTreeMap<String, bool>);

impl Layered {
    fn is(&mut self, machine: &Machine, device: &str) -> bool {
        if let Some(known) = self.0.get(device) {
            return *known;
        }
        // A device is named by its numbers: what would lead elsewhere is none.
        let numbers = device.bytes().all(|b| b.is_ascii_digit() || b == b':');
        let layered = numbers
            && ["dm", "md", "loop"].iter().any(|kind| machine.exists(&format!("/sys/dev/block/{device}/{kind}")));
        self.0.insert(device.to_owned(), layered);
        layered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_count_once_where_devices_lie_on_others() {
        let text = "8:0 rbytes=4096 wbytes=512 rios=1 wios=1 dbytes=0 dios=0\n253:0 rbytes=4096 wbytes=512 rios=1 wios=1\n\n8:16 wbytes=1\n8:32 \nx\n";
        assert_eq!(sum(text, |device| device == "253:0"), (4096, 513));
        assert_eq!(sum("", |_| false), (0, 0));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "([0-9:]{0,6} ([rw]bytes=[0-9]{0,21} ?){0,3}\n){0,4}.{0,20}") {
            sum(&text, |_| false);
        }
    }
}
