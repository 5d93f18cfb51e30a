//! Sensors that belong to no other subject: heat, fans, power, labelled voltages, batteries and adapters.
//!
//! Each reading has a name that lasts: its chip's and its label, never the kernel's running number. Told elsewhere, and so
//! not here, are the processors' own heat, the drives', and what graphics processors tell beside their fans. What says
//! nothing is left out: an unconnected input, a fan that never turned, a voltage of which the driver does not know what it
//! is. An owner's include list brings back all but the first.
//!
//! Chips are gone through again every so many looks; in between each reading is one small file. A container sees the sensors
//! of the machine around it, which tells of them itself.

mod chip;
mod energy;
mod supply;
mod zone;

use std::collections::{HashMap, HashSet};

use cm_model::report::service::Sensor;
use cm_model::text::HostText;
use cm_model::unit::{Amperes, Celsius, Count, Volts, Watts};

use super::rarely::Rarely;
use super::{Absent, Choice, CollectOptions, Collector, Draft, Look};
use crate::machine::{Cause, Machine};

/// The collector.
#[derive(Debug)]
pub struct Sensors {
    choice: Choice,
    places: Rarely<Vec<Probe>>,
    supplies: Rarely<Vec<String>>,
    meters: energy::Meters,
    /// Fans that turned once: one of these that stands still is told.
    turned: HashSet<String>,
}

/// The most readings that are told.
const MOST: usize = 256;

/// One reading: where it is, and what does not change about it.
#[derive(Debug, Clone, PartialEq)]
struct Probe {
    name: String,
    what: What,
    /// The file that holds the value; empty where there are alarms alone.
    path: String,
    warning: Option<Celsius>,
    critical: Option<Celsius>,
    /// Files that are 1 while the chip gives alarm.
    alarms: Vec<String>,
    /// The file that is 1 while nothing is connected.
    fault: Option<String>,
    /// Whether it is told where the owner chose nothing.
    by_default: bool,
    /// Whether its driver has a name for it: then it is there, whatever it reads.
    is_named: bool,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum What {
    Temperature,
    Fan,
    Power,
    Voltage,
    Current,
}

impl Sensors {
    /// With an owner's choice of sensors, by name.
    pub fn new(options: &CollectOptions) -> Self {
        Self {
            choice: options.sensors.clone(),
            places: Rarely::default(),
            supplies: Rarely::default(),
            meters: energy::Meters::default(),
            turned: HashSet::new(),
        }
    }
}

impl Collector for Sensors {
    fn name(&self) -> &'static str {
        "sensor"
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        if look.container.is_some() {
            return Err(Absent::NothingHere);
        }
        let machine = look.machine;
        let choice = &self.choice;
        let probes = self.places.get(|| {
            let mut probes = find(machine);
            probes.retain(|probe| choice.admits(&probe.name, || probe.by_default));
            probes.truncate(MOST);
            probes
        });
        let mut told: Vec<Sensor> = Vec::with_capacity(probes.len());
        for probe in probes {
            let Some(sensor) = probe.read(machine) else { continue };
            if let Some(turns) = sensor.fan_rpm.filter(|_| !probe.is_named) {
                if turns.get() > 0 && !self.turned.contains(&probe.name) {
                    self.turned.insert(probe.name.clone());
                } else if turns.get() == 0 && !self.turned.contains(&probe.name) {
                    continue;
                }
            }
            told.push(sensor);
        }
        let supplies = self.supplies.get(|| machine.list(supply::PLACE).unwrap_or_default());
        for supply in supplies {
            if let Some(found) = supply::read(machine, supply)
                && choice.admits(supply, || found.by_default)
            {
                told.push(found.sensor);
            }
        }
        match self.meters.read(machine, look.now.mono) {
            Ok(mut readings) => {
                readings.retain(|sensor| choice.admits(sensor.name.raw(), || true));
                told.append(&mut readings);
            }
            Err(error) if matches!(error.cause, Cause::Forbidden(_)) => {
                let why = "the kernel lets root alone read it, since it can betray secrets (CVE-2020-8694)";
                draft.missing("sensor power", format!("{}: {why}", error.path));
            }
            Err(error) => draft.missing("sensor power", error),
        }
        told.truncate(MOST);
        if told.is_empty() {
            return Err(Absent::NothingHere);
        }
        draft.service.sensors.extend(told);
        Ok(())
    }
}

/// All readings of chips and thermal zones, each under a name of its own.
fn find(machine: &Machine) -> Vec<Probe> {
    let supplies = machine.list(supply::PLACE).unwrap_or_default();
    let chips = chip::Chip::all(machine);
    let mut probes: Vec<Probe> = chips.iter().flat_map(|chip| chip.probes(machine, &supplies)).collect();
    probes.extend(zone::probes(machine, &chips));
    let mut times: HashMap<String, u32> = HashMap::new();
    for probe in &mut probes {
        let seen = times.entry(probe.name.clone()).or_default();
        *seen += 1;
        if *seen > 1 {
            probe.name = format!("{} ({seen})", probe.name);
        }
    }
    probes
}

impl Probe {
    /// The reading now; nothing if it cannot be read, or reads as what is not connected does.
    fn read(&self, machine: &Machine) -> Option<Sensor> {
        let number = || machine.number::<i64>(&self.path);
        let scaled = |scale: f64| number().map(|value| value as f64 / scale);
        if self.fault.as_ref().is_some_and(|path| machine.number::<u8>(path) == Some(1)) {
            return None;
        }
        let mut sensor = Sensor { name: HostText::from(&*self.name), ..Sensor::default() };
        if self.path.is_empty() {
            // Alarms alone.
        } else {
            match self.what {
                What::Temperature => {
                    sensor.temperature_c = Some(heat(number()?)?);
                    sensor.temperature_warning_c = self.warning;
                    sensor.temperature_critical_c = self.critical;
                }
                What::Fan => {
                    let turns = number().and_then(|turns| u64::try_from(turns).ok());
                    sensor.fan_rpm = Some(Count(turns.filter(|turns| *turns <= MOST_TURNS)?));
                }
                // Microwatts, millivolts, milliamperes.
                What::Power => {
                    let watts = Watts::try_from(scaled(1e6)?).ok().filter(|watts| watts.get() < 1e6);
                    sensor.power_w = Some(watts?.rounded(2));
                }
                What::Voltage => sensor.voltage_v = Some(Volts::try_from(scaled(1e3)?).ok()?.rounded(3)),
                What::Current => sensor.current_a = Some(Amperes::try_from(scaled(1e3)?).ok()?.rounded(3)),
            }
        }
        let mut alarms = self.alarms.iter().filter_map(|path| machine.number::<u8>(path)).peekable();
        if alarms.peek().is_some() {
            sensor.alarm = Some(alarms.any(|alarm| alarm != 0));
        } else if self.path.is_empty() {
            return None;
        }
        Some(sensor)
    }
}

/// No fan turns faster; counters that ran over and pins with noise on them do.
const MOST_TURNS: u64 = 50_000;

/// A temperature in thousandths of a degree. Inputs that nothing is connected to read as the ends of their range do (-128, 127,
/// 127.5, 128 and beyond), or as nought.
fn heat(thousandths: i64) -> Option<Celsius> {
    if thousandths == 0 || (127_000..=128_000).contains(&thousandths) {
        return None;
    }
    crate::machine::hwmon::celsius(thousandths)
}

/// A limit in thousandths of a degree. Registers that nobody set hold nought, or the end of their range.
fn limit(thousandths: i64) -> Option<Celsius> {
    heat(thousandths).filter(|limit| (20.0..=126.0).contains(&limit.get()))
}

#[cfg(test)]
mod tests;
