//! Thermal zones (Documentation/ABI/testing/sysfs-class-thermal) that no chip of hardware monitoring tells as well.

use super::chip::Chip;
use super::{Probe, What, limit};
use crate::machine::Machine;

const PLACE: &str = "/sys/class/thermal";
/// The most zones that are gone through.
const MOST: usize = 64;
/// Zones that measure nothing (a constant that stands for the policy of Intel's firmware), or the processors by another name.
const NOT_TOLD: &[&str] = &["INT3400 Thermal", "B0D4", "TCPU", "x86_pkg_temp"];

/// The zones that belong to no other subject.
pub(super) fn probes(machine: &Machine, chips: &[Chip]) -> Vec<Probe> {
    let names = machine.list(PLACE).unwrap_or_default();
    let zones = names.iter().filter(|name| name.starts_with("thermal_zone")).take(MOST);
    zones.filter_map(|zone| probe(machine, &format!("{PLACE}/{zone}"), chips)).collect()
}

fn probe(machine: &Machine, path: &str, chips: &[Chip]) -> Option<Probe> {
    let kind = machine.line(&format!("{path}/type"))?;
    let of_processor = kind.starts_with("cpu") || kind.starts_with("soc");
    // The kernel makes a chip of most zones, in whose name `-` becomes `_`.
    let is_chip = chips.iter().any(|chip| chip.name == kind.replace('-', "_"));
    if of_processor || is_chip || NOT_TOLD.contains(&&*kind) {
        return None;
    }
    Some(Probe {
        name: kind,
        what: What::Temperature,
        path: format!("{path}/temp"),
        warning: None,
        critical: critical(machine, path),
        alarms: Vec::new(),
        fault: None,
        by_default: true,
        is_named: true,
    })
}

/// The trip point at which the kernel shuts the machine down.
fn critical(machine: &Machine, path: &str) -> Option<cm_model::unit::Celsius> {
    let trip = (0..12)
        .find(|trip| machine.line(&format!("{path}/trip_point_{trip}_type")).is_some_and(|kind| kind == "critical"))?;
    limit(machine.number(&format!("{path}/trip_point_{trip}_temp"))?)
}
