//! Chips of the kernel's hardware monitoring (Documentation/hwmon/sysfs-interface.rst): which readings each has, and what
//! they are called.

use std::collections::BTreeMap;

use super::{Probe, What, limit};
use crate::collector::cpu::heat::CHIPS as OF_PROCESSORS;
use crate::machine::Machine;

/// Where the chips are.
const PLACE: &str = "/sys/class/hwmon";
/// The most chips that are gone through.
const MOST_CHIPS: usize = 64;
/// Chips of drives, whose heat the drives tell.
const OF_DRIVES: &[&str] = &["nvme", "drivetemp"];
/// Chips of graphics processors, which tell their heat and power; their fans nobody else tells.
const OF_GRAPHICS: &[&str] = &["amdgpu", "radeon", "nouveau", "nvidia", "i915", "xe"];

/// A chip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chip {
    /// Its directory.
    path: String,
    /// What its driver calls it: `nct6775`.
    pub(super) name: String,
    /// What it is called here: with its address where there are several of its name.
    shown: String,
}

/// What a chip's directory holds of one channel, such as `fan2`.
#[derive(Debug, Default)]
struct Channel {
    /// The file with its value.
    value: Option<&'static str>,
    /// Of its other files those that are there: `label`, `max`, `crit`, and `fault` of a temperature.
    beside: Vec<&'static str>,
    /// Files with alarms that mean harm.
    alarms: Vec<&'static str>,
}

impl Chip {
    /// All chips that have a name.
    pub(super) fn all(machine: &Machine) -> Vec<Self> {
        let names = machine.list(PLACE).unwrap_or_default();
        let mut chips: Vec<Self> = names
            .iter()
            .take(MOST_CHIPS)
            .filter_map(|entry| {
                let path = format!("{PLACE}/{entry}");
                let name = machine.line(&format!("{path}/name"))?;
                Some(Self { path, shown: name.clone(), name })
            })
            .collect();
        let names: Vec<String> = chips.iter().map(|chip| chip.name.clone()).collect();
        for chip in &mut chips {
            if names.iter().filter(|name| **name == chip.name).count() > 1
                && let Some(address) = machine.link_name(&format!("{}/device", chip.path))
            {
                // The address on its bus lasts; the number of its directory may change with every start.
                chip.shown = format!("{} {address}", chip.name);
            }
        }
        chips
    }

    /// Its readings that belong to no other subject, by sort and number. `supplies` are the names of batteries, which have
    /// chips of their own.
    pub(super) fn probes(&self, machine: &Machine, supplies: &[String]) -> Vec<Probe> {
        let name = &*self.name;
        let elsewhere = OF_PROCESSORS.contains(&name) || OF_DRIVES.contains(&name);
        // A chip's name may hold no `-`, so that a supply's is changed.
        if elsewhere || supplies.iter().any(|supply| supply.replace('-', "_") == name) {
            return Vec::new();
        }
        let files = machine.list(&self.path).unwrap_or_default();
        let channels = channels(&files);
        let told = channels.iter().filter(|((what, _), channel)| {
            let readable = channel.value.is_some() || !channel.alarms.is_empty();
            readable && (*what == What::Fan || !OF_GRAPHICS.contains(&name))
        });
        told.map(|((what, number), channel)| self.probe(machine, *what, *number, channel)).collect()
    }

    fn probe(&self, machine: &Machine, what: What, number: u32, channel: &Channel) -> Probe {
        let channel_name = format!("{}{number}", what.word());
        let file = |rest: &str| format!("{}/{channel_name}_{rest}", self.path);
        let has = |rest: &str| channel.beside.contains(&rest);
        let label = if has("label") { machine.line(&file("label")) } else { None };
        let celsius = |rest: &str| if has(rest) { machine.number(&file(rest)).and_then(limit) } else { None };
        // What a voltage or current is only the board's maker knows, unless the driver has a label.
        let unclear = matches!(what, What::Voltage | What::Current) && label.is_none() && channel.alarms.is_empty();
        Probe {
            name: format!("{} {}", self.shown, label.as_deref().unwrap_or(&channel_name)),
            what,
            path: channel.value.map(file).unwrap_or_default(),
            warning: celsius("max"),
            critical: celsius("crit"),
            alarms: channel.alarms.iter().map(|rest| file(rest)).collect(),
            fault: has("fault").then(|| file("fault")),
            by_default: !unclear,
            is_named: label.is_some(),
        }
    }
}

impl What {
    const fn word(self) -> &'static str {
        match self {
            Self::Temperature => "temp",
            Self::Fan => "fan",
            Self::Power => "power",
            Self::Voltage => "in",
            Self::Current => "curr",
        }
    }

    /// Splits a channel's name: `fan2`.
    fn split(channel: &str) -> Option<(Self, u32)> {
        let at = channel.find(|c: char| c.is_ascii_digit())?;
        let (word, number) = channel.split_at(at);
        let all = [Self::Temperature, Self::Fan, Self::Power, Self::Voltage, Self::Current];
        let what = all.into_iter().find(|what| what.word() == word)?;
        Some((what, number.parse().ok()?))
    }
}

/// The channels whose files stand in a directory. Of alarms only those count that mean harm (a critical limit, a faulty part):
/// the plain ones compare with limits that firmware mostly leaves at nought.
fn channels(files: &[String]) -> BTreeMap<(What, u32), Channel> {
    let mut channels: BTreeMap<(What, u32), Channel> = BTreeMap::new();
    for file in files {
        let Some((stem, rest)) = file.split_once('_') else { continue };
        let Some(key) = What::split(stem) else { continue };
        let channel = channels.entry(key).or_default();
        match rest {
            // A mean is steadier than the moment.
            "average" => channel.value = Some("average"),
            "input" => channel.value = channel.value.or(Some("input")),
            "label" => channel.beside.push("label"),
            "max" => channel.beside.push("max"),
            "crit" => channel.beside.push("crit"),
            "crit_alarm" => channel.alarms.push("crit_alarm"),
            "lcrit_alarm" => channel.alarms.push("lcrit_alarm"),
            "emergency_alarm" => channel.alarms.push("emergency_alarm"),
            // An open diode is mostly one that the board's maker left out; a fan at fault was there.
            "fault" if key.0 == What::Temperature => channel.beside.push("fault"),
            "fault" => channel.alarms.push("fault"),
            _ => {}
        }
    }
    channels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_sorted_by_sort_and_number() {
        let files = [
            "fan10_input",
            "fan2_input",
            "fan2_label",
            "fan2_alarm",
            "temp1_input",
            "temp1_crit",
            "temp1_crit_alarm",
            "in0_lcrit_alarm",
            "power1_average",
            "power1_input",
            "pwm1",
            "pwm1_enable",
            "name",
            "temp_input",
            "temp99999999999_input",
            "intrusion0_alarm",
        ];
        let channels = channels(&files.map(str::to_owned));
        let keys: Vec<_> = channels.keys().copied().collect();
        let expected = [(What::Temperature, 1), (What::Fan, 2), (What::Fan, 10), (What::Power, 1), (What::Voltage, 0)];
        assert_eq!(keys, expected);
        assert_eq!(channels[&(What::Power, 1)].value, Some("average"));
        assert_eq!(channels[&(What::Voltage, 0)].value, None);
        assert!(channels[&(What::Fan, 2)].alarms.is_empty(), "a plain alarm compares with limits that nobody set");
        assert_eq!(channels[&(What::Temperature, 1)].alarms, ["crit_alarm"]);
    }
}
