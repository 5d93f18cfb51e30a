//! The temperature of the processor package, and how often heat slowed it.
//!
//! From the hardware monitoring chips that sit in processors; where there are none, from the thermal zones of small boards.
//! Where to read is sought anew every so many looks: drivers come and go.

use std::collections::BTreeMap;

use cm_model::unit::Celsius;

use crate::collector::rarely::Rarely;
use crate::machine::Machine;
use crate::machine::hwmon::{Probe, celsius};

/// Drivers of chips that measure a processor. The names of the last are those of boards' own thermal drivers.
pub(in crate::collector) const CHIPS: &[&str] = &[
    "coretemp",
    "k10temp",
    "zenpower",
    "k8temp",
    "via_cputemp",
    "cpu_thermal",
    "cpu-thermal",
    "soc_thermal",
    "bigcore0_thermal",
];

/// Where heat is read.
#[derive(Debug, Default)]
pub struct Heat {
    places: Rarely<Places>,
}

#[derive(Debug, Default)]
struct Places {
    probes: Vec<Probe>,
    zones: Vec<String>,
    /// One count of throttling for each package.
    throttles: Vec<String>,
}

impl Heat {
    /// The temperature of the warmest package, and how often heat slowed the packages since the machine started, all
    /// together.
    pub fn now(&mut self, machine: &Machine) -> (Option<Celsius>, Option<u64>) {
        let places = self.places.get(|| Places::find(machine));
        let counts: Vec<u64> = places.throttles.iter().filter_map(|path| machine.number(path)).collect();
        let throttled = (!counts.is_empty()).then(|| counts.into_iter().fold(0, u64::saturating_add));
        (places.temperature(machine), throttled)
    }
}

impl Places {
    fn temperature(&self, machine: &Machine) -> Option<Celsius> {
        let probes = self.probes.iter().filter_map(|probe| probe.temperature(machine));
        let zones = self.zones.iter().filter_map(|path| celsius(machine.number(path)?));
        probes.chain(zones).max_by(|a, b| a.get().total_cmp(&b.get()))
    }

    fn find(machine: &Machine) -> Self {
        const CHIP: &str = "/sys/class/hwmon";
        const ZONE: &str = "/sys/class/thermal";
        let mut probes = Vec::new();
        for chip in machine.list(CHIP).unwrap_or_default() {
            let chip = format!("{CHIP}/{chip}");
            if machine.line(&format!("{chip}/name")).is_some_and(|name| CHIPS.contains(&&*name)) {
                probes.extend(of_the_package(Probe::all(machine, &chip)));
            }
        }
        let mut zones = Vec::new();
        if probes.is_empty() {
            for zone in machine.list(ZONE).unwrap_or_default() {
                let kind = machine.line(&format!("{ZONE}/{zone}/type")).unwrap_or_default();
                if kind == "x86_pkg_temp" || kind.starts_with("cpu") || kind.starts_with("soc") {
                    zones.push(format!("{ZONE}/{zone}/temp"));
                }
            }
        }
        Self { probes, zones, throttles: throttles(machine) }
    }
}

/// Of a chip's temperatures those of the whole package: by label where there are labels, else all. An AMD chip's `Tctl` may
/// carry an offset for fans and gives way to `Tdie`.
fn of_the_package(probes: Vec<Probe>) -> Vec<Probe> {
    let labelled = |wanted: fn(&str) -> bool| -> Vec<Probe> {
        probes.iter().filter(|probe| probe.label.as_deref().is_some_and(wanted)).cloned().collect()
    };
    let choices: [fn(&str) -> bool; 3] =
        [|label| label.starts_with("Package"), |label| label == "Tdie", |label| label == "Tctl"];
    choices.into_iter().map(labelled).find(|found| !found.is_empty()).unwrap_or(probes)
}

/// The count of one core of each package: the kernel shows a package's count at all of its cores.
fn throttles(machine: &Machine) -> Vec<String> {
    const CORES: &str = "/sys/devices/system/cpu";
    let mut packages = BTreeMap::new();
    for core in machine.list(CORES).unwrap_or_default() {
        let number = core.strip_prefix("cpu").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        if !number {
            continue;
        }
        let count = format!("{CORES}/{core}/thermal_throttle/package_throttle_count");
        if !machine.exists(&count) {
            // No other core has it either.
            break;
        }
        let package: i64 = machine.number(&format!("{CORES}/{core}/topology/physical_package_id")).unwrap_or(0);
        packages.entry(package).or_insert(count);
    }
    packages.into_values().collect()
}
