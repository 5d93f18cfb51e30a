//! Graphics cards of whose figures the kernel tells in files: AMD's, Intel's, and what others leave in `hwmon`.
//!
//! File names and units: the kernel's Documentation/gpu/amdgpu/thermal.rst and
//! Documentation/ABI/testing/sysfs-driver-intel-{i915,xe}-hwmon.

use std::time::Duration;

use cm_model::clock::MonoTime;
use cm_model::report::service::{Gpu, Sensor};
use cm_model::unit::{Celsius, Count, Mebibytes, Percent, Watts};

use super::super::counter::{per_second, rise};
use super::name;
use super::rest::{Power, Rest};
use crate::machine::Machine;
use crate::machine::hwmon::Probe;

/// A card, and what does not change about it.
#[derive(Debug)]
pub(super) struct Card {
    /// Its name below `/sys/class/drm`: `card0`.
    pub(super) node: String,
    /// Its address on the PCI bus: `0000:03:00.0`.
    pub(super) place: String,
    pub(super) name: String,
    pub(super) driver: Driver,
    /// The directory of its device.
    device: String,
    /// That of its sensors.
    chip: Option<String>,
    probe: Option<Probe>,
    energy: Option<(u64, MonoTime)>,
    rest: Rest,
}

/// Who drives it, as far as that decides what can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Driver {
    Amd,
    Intel,
    /// Any other that has sensors.
    Other,
}

impl Card {
    /// The card of that name; nothing if it is a picture in a virtual machine or nothing can be known of it.
    pub(super) fn find(machine: &Machine, card: &str) -> Option<Self> {
        let device = format!("/sys/class/drm/{card}/device");
        let driver = match machine.link_name(&format!("{device}/driver"))?.as_str() {
            "amdgpu" => Driver::Amd,
            "i915" | "xe" => Driver::Intel,
            // It leaves nothing in files.
            "nvidia" => return None,
            _ => Driver::Other,
        };
        let chips = machine.list(&format!("{device}/hwmon")).unwrap_or_default();
        let chip = chips.first().map(|chip| format!("{device}/hwmon/{chip}"));
        if driver == Driver::Other && chip.is_none() {
            return None;
        }
        let place = machine.link_name(&device).unwrap_or_else(|| card.to_owned());
        let name = name::find(machine, &device).unwrap_or_else(|| place.clone());
        let probe = chip.as_ref().and_then(|chip| probe(machine, chip));
        Some(Self {
            node: card.to_owned(),
            place,
            name,
            driver,
            device,
            chip,
            probe,
            energy: None,
            rest: Rest::default(),
        })
    }

    /// Whether it may be looked at.
    pub(super) fn power(&self, machine: &Machine) -> Power {
        Power::of(machine, &self.device, Some(&self.node))
    }

    /// Its figures now, unless it sleeps.
    pub(super) fn now(&mut self, machine: &Machine, now: MonoTime) -> Gpu {
        let power = self.power(machine);
        let mut rest = std::mem::take(&mut self.rest);
        let name = self.name.clone();
        let gpu = rest.gpu(power, now, &name, || self.read(machine, now));
        self.rest = rest;
        gpu
    }

    /// Its fan, where it has one and is awake.
    pub(super) fn fan(&self, machine: &Machine) -> Option<Sensor> {
        let chip = self.chip.as_ref().filter(|_| self.power(machine) == Power::Awake)?;
        let fan_rpm = Some(Count(machine.number(&format!("{chip}/fan1_input"))?));
        Some(Sensor { name: format!("{} fan", self.name).into(), fan_rpm, ..Sensor::default() })
    }

    fn read(&mut self, machine: &Machine, now: MonoTime) -> Gpu {
        let of_device = |name: &str| machine.number::<u64>(&format!("{}/{name}", self.device));
        let mebibytes = |bytes: u64| Mebibytes::saturating(bytes as f64 / f64::from(1 << 20)).rounded(1);
        let mut gpu = Gpu { name: self.name.as_str().into(), ..Gpu::default() };
        if self.driver == Driver::Amd {
            gpu.load_percent = of_device("gpu_busy_percent").map(|load| Percent::saturating(load as f64));
            gpu.memory_used_mb = of_device("mem_info_vram_used").map(mebibytes);
            gpu.memory_total_mb = of_device("mem_info_vram_total").map(mebibytes);
        }
        gpu.temperature_c = self.temperature(machine);
        gpu.power_w = self.watts(machine, now);
        gpu
    }

    fn temperature(&self, machine: &Machine) -> Option<Celsius> {
        self.probe.as_ref().and_then(|probe| probe.temperature(machine))
    }

    /// Its power draw: as the driver gives it, or from the energy that it has taken since the look before.
    fn watts(&mut self, machine: &Machine, now: MonoTime) -> Option<Watts> {
        let of_chip = |name: &str| machine.number::<u64>(&format!("{}/{name}", self.chip.as_ref()?));
        if let Some(microwatts) = of_chip("power1_average").or_else(|| of_chip("power1_input")) {
            return Watts::try_from(microwatts as f64 / 1e6).ok().map(|watts| watts.rounded(1));
        }
        let microjoules = of_chip("energy1_input")?;
        let (before, at) = self.energy.replace((microjoules, now))?;
        let span = now.since(at);
        let rate = per_second(rise(before, microjoules)?, span).filter(|_| span < Duration::from_mins(10))?;
        Watts::try_from(rate / 1e6).ok().map(|watts| watts.rounded(1))
    }
}

/// The temperature that stands for the card: AMD's at the edge of the die, which is what its own tools show, Intel's of the
/// package, and of others the first.
fn probe(machine: &Machine, chip: &str) -> Option<Probe> {
    let mut probes = Probe::all(machine, chip);
    let stands = probes.iter().position(|probe| matches!(probe.label.as_deref(), Some("edge" | "pkg")));
    (!probes.is_empty()).then(|| probes.swap_remove(stands.unwrap_or(0)))
}
