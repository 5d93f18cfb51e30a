//! Network interfaces that lead somewhere: link, speed, bytes, errors, and from one look to the next rates.
//!
//! Hidden are the loopback, the ends of containers' and guests' cables (`veth`, `tap`), bridges that only join those, and
//! virtual interfaces that are down. A physical one that is down is told: somebody may have pulled its cable.

use std::collections::BTreeMap;

use cm_model::clock::MonoTime;
use cm_model::report::service::Interface as Block;
use cm_model::unit::Count;

use super::counter::bytes_per_second;
use super::{Absent, Choice, CollectOptions, Collector, Draft, Look};
use crate::machine::Machine;

/// The collector.
#[derive(Debug)]
pub struct Network {
    choice: Choice,
    before: Vec<Counters>,
    at: MonoTime,
    /// What each interface is, by name: found when the name is first seen.
    known: BTreeMap<String, Nature>,
}

/// What an interface is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// It has a device, or is a container's own way out.
    Physical,
    /// Made of software, and leads somewhere: a bridge, a bond, a VLAN, a tunnel.
    Virtual,
    /// It leads nowhere that an owner would ask about.
    Internal,
}

/// A line of `/proc/net/dev`: bytes, errors and drops each way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counters {
    name: String,
    rx_bytes: u64,
    rx_errors: u64,
    rx_dropped: u64,
    tx_bytes: u64,
    tx_errors: u64,
    tx_dropped: u64,
}

/// The most interfaces that are told.
const MOST: usize = 256;

impl Network {
    /// With an owner's choice of interfaces.
    pub fn new(options: &CollectOptions) -> Self {
        Self { choice: options.interfaces.clone(), before: Vec::new(), at: MonoTime::default(), known: BTreeMap::new() }
    }

    fn nature(&mut self, machine: &Machine, name: &str) -> Nature {
        if let Some(nature) = self.known.get(name) {
            return *nature;
        }
        let nature = nature(machine, name);
        self.known.insert(name.to_owned(), nature);
        nature
    }
}

impl Collector for Network {
    fn name(&self) -> &'static str {
        "network"
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        let machine = look.machine;
        let now = parse(&machine.read("/proc/net/dev")?);
        self.known.retain(|name, _| now.iter().any(|counters| counters.name == *name));
        let span = look.now.mono.since(self.at);
        let mut told = Vec::new();
        for counters in &now {
            let mut nature = self.nature(machine, &counters.name);
            if nature == Nature::Internal && look.container.is_some() && !is_loopback(machine, &counters.name) {
                // From inside a container the near end of its cable is its way out.
                nature = Nature::Physical;
            }
            // Not for the many ends of containers' cables: a reading for each at every look adds up.
            let mut state: Option<Option<bool>> = None;
            let by_default = || match nature {
                Nature::Physical => true,
                Nature::Virtual => *state.insert(is_up(machine, &counters.name)) != Some(false),
                Nature::Internal => false,
            };
            if told.len() < MOST && self.choice.admits(&counters.name, by_default) {
                let up = state.unwrap_or_else(|| is_up(machine, &counters.name));
                let before = self.before.iter().find(|before| before.name == counters.name);
                let speed = (up == Some(true)).then(|| speed(machine, &counters.name)).flatten();
                let rate = |before: Option<u64>, now| before.and_then(|before| bytes_per_second(before, now, span));
                told.push(Block {
                    name: (&*counters.name).into(),
                    up,
                    speed_mbit: speed,
                    rx_bytes: Some(Count(counters.rx_bytes)),
                    tx_bytes: Some(Count(counters.tx_bytes)),
                    rx_per_s: rate(before.map(|before| before.rx_bytes), counters.rx_bytes),
                    tx_per_s: rate(before.map(|before| before.tx_bytes), counters.tx_bytes),
                    rx_errors: Some(Count(counters.rx_errors)),
                    tx_errors: Some(Count(counters.tx_errors)),
                    rx_dropped: Some(Count(counters.rx_dropped)),
                    tx_dropped: Some(Count(counters.tx_dropped)),
                });
            }
        }
        told.sort_by(|a, b| a.name.cmp(&b.name));
        draft.service.network = told;
        self.before = now;
        self.at = look.now.mono;
        Ok(())
    }
}

fn path(name: &str, file: &str) -> String {
    format!("/sys/class/net/{name}/{file}")
}

fn is_loopback(machine: &Machine, name: &str) -> bool {
    // ARPHRD_LOOPBACK of the kernel's if_arp.h.
    name == "lo" || machine.number(&path(name, "type")) == Some(772)
}

fn nature(machine: &Machine, name: &str) -> Nature {
    if is_loopback(machine, name) {
        return Nature::Internal;
    }
    if machine.exists(&path(name, "device")) {
        return Nature::Physical;
    }
    if names_internal(name) {
        return Nature::Internal;
    }
    // A virtual member of a bridge is somebody's cable, unless it is what the bridge leads out by.
    let member = machine.link_name(&path(name, "master")).is_some();
    let leads_out = ["bonding", "wireless"].iter().any(|kind| machine.exists(&path(name, kind))) || name.contains('.');
    if member && !leads_out { Nature::Internal } else { Nature::Virtual }
}

/// Names that container engines, hypervisors and the kernel give to what only they use.
fn names_internal(name: &str) -> bool {
    const PREFIXES: &[&str] = &[
        "veth", "docker", "virbr", "vnet", "tap", "fwbr", "fwln", "fwpr", "cni", "cali", "flannel", "lxcbr", "lxdbr",
        "incusbr", "podman", "cilium", "kube-", "ifb", "dummy", "vb-", "ve-", "sit", "tunl", "ip6tnl", "gre", "erspan",
        "ip_vti", "ip6_vti",
    ];
    let bridge_of_docker =
        name.strip_prefix("br-").is_some_and(|id| id.len() == 12 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    bridge_of_docker || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether it has a link. Drivers that don't say (`unknown`, as tunnels do) are taken at their administrator's word.
fn is_up(machine: &Machine, name: &str) -> Option<bool> {
    match &*machine.line(&path(name, "operstate"))? {
        "up" => Some(true),
        "unknown" => {
            let flags = machine.line(&path(name, "flags"))?;
            let flags = u32::from_str_radix(flags.strip_prefix("0x")?, 16).ok()?;
            Some(flags & 1 == 1)
        }
        "down" | "lowerlayerdown" | "notpresent" | "dormant" | "testing" => Some(false),
        _ => None,
    }
}

/// Mbit/s; drivers that have none say -1 or refuse.
fn speed(machine: &Machine, name: &str) -> Option<Count> {
    let speed: i64 = machine.number(&path(name, "speed"))?;
    u64::try_from(speed).ok().filter(|speed| *speed > 0 && *speed < u64::from(u32::MAX)).map(Count)
}

/// Reads the table; a line of another form is passed over.
pub fn parse(text: &str) -> Vec<Counters> {
    text.lines().filter_map(line).collect()
}

fn line(line: &str) -> Option<Counters> {
    // Not the first colon: an alias has one in its name.
    let (name, numbers) = line.rsplit_once(':')?;
    let mut fields = [0_u64; 12];
    let mut found = 0;
    for (field, number) in fields.iter_mut().zip(numbers.split_whitespace()) {
        *field = number.parse().ok()?;
        found += 1;
    }
    let name = name.trim();
    // A name is a file name in sysfs: what would lead elsewhere is none.
    if found < 12 || name.is_empty() || name.contains('/') || name.starts_with('.') {
        return None;
    }
    let [rx_bytes, _, rx_errors, rx_dropped, _, _, _, _, tx_bytes, _, tx_errors, tx_dropped] = fields;
    Some(Counters { name: name.to_owned(), rx_bytes, rx_errors, rx_dropped, tx_bytes, tx_errors, tx_dropped })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_with_and_without_a_blank_after_the_colon() {
        for (text, expected) in [
            ("  eth0: 100 2 3 4 5 6 7 8 900 10 11 12 13 14 15 16", Some(("eth0", 100, 3, 4, 900, 11, 12))),
            ("eth0:100 2 3 4 5 6 7 8 900 10 11 12 13 14 15 16", Some(("eth0", 100, 3, 4, 900, 11, 12))),
            ("eth0:1: 100 2 3 4 5 6 7 8 900 10 11 12", Some(("eth0:1", 100, 3, 4, 900, 11, 12))),
            (" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets", None),
            ("eth0: 1 2 3", None),
            ("eth0: 99999999999999999999 2 3 4 5 6 7 8 900 10 11 12", None),
            ("../x: 100 2 3 4 5 6 7 8 900 10 11 12", None),
            (": 100 2 3 4 5 6 7 8 900 10 11 12", None),
            ("", None),
        ] {
            let read = line(text);
            let read = read
                .as_ref()
                .map(|c| (&*c.name, c.rx_bytes, c.rx_errors, c.rx_dropped, c.tx_bytes, c.tx_errors, c.tx_dropped));
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn names_of_what_leads_nowhere() {
        for (name, expected) in [
            ("veth1a2b3c4", true),
            ("docker0", true),
            ("br-0123456789ab", true),
            ("tap100i0", true),
            ("vnet3", true),
            ("br-lan", false),
            ("br0", false),
            ("bond0", false),
            ("wg0", false),
            ("tun0", false),
            ("enp3s0", false),
            ("vmbr0", false),
        ] {
            assert_eq!(names_internal(name), expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_table_panics(text in "([ a-z0-9/.:|]{0,12}:( [0-9]{0,21}){0,18}\n?){0,4}.{0,30}") {
            parse(&text);
        }
    }
}
