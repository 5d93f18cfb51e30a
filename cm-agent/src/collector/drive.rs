//! The drives, as far as anybody may read: model, serial, capacity, temperature, and an eMMC's own estimate of its wear.
//!
//! Health counters (wear, errors, hours) are the kernel's secret from programs without rights. This collector says so for
//! each drive in [`Drive::unreadable_reason`](cm_model::report::smart::Drive) rather than leave a gap that looks like
//! health. It wakes no drive: a disk that turns is asked for its temperature only while it is at work anyway.

mod identity;

use std::time::Duration;

use cm_model::clock::MonoTime;
use cm_model::report::Api;
use cm_model::report::smart::{Drive, DriveKind, PowerState};
use cm_model::unit::{Celsius, Percent};

use super::disk::is_physical;
use super::{Absent, Collector, Draft, Look};
use crate::machine::Machine;
use crate::machine::hwmon::Probe;

/// The collector.
#[derive(Debug, Default)]
pub struct Drives {
    known: Vec<Known>,
    /// When the drives were last gone through from the beginning.
    at: Option<MonoTime>,
}

/// A drive that was found, and what does not change about it.
#[derive(Debug)]
struct Known {
    drive: Drive,
    /// Its directory in sysfs.
    path: String,
    probe: Option<Probe>,
    spins: bool,
    /// Its counters of requests at the look before: equal ones mean that it may sleep.
    requests: Option<String>,
    /// The last temperature of a disk that turns, and when it was read.
    warmth: Option<(Celsius, MonoTime)>,
}

/// How often drives are gone through from the beginning: a new one shows within a minute.
const AGAIN: Duration = Duration::from_mins(1);
/// How long the temperature of a disk that is not at work stands.
const WARM: Duration = Duration::from_mins(10);
/// The most drives that are told.
const MOST: usize = 256;

impl Collector for Drives {
    fn name(&self) -> &'static str {
        "drive"
    }

    fn feeds(&self, api: Api) -> bool {
        api == Api::Smart
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        // In a container these are the drives of the machine around it, which tells of them itself.
        if look.container.is_some() {
            return Err(Absent::NothingHere);
        }
        let machine = look.machine;
        if self.at.is_none_or(|at| look.now.mono.since(at) >= AGAIN) {
            let names = machine.list("/sys/block").map_err(Absent::unless_there)?;
            let mut before = std::mem::take(&mut self.known);
            for name in names.iter().filter(|name| is_physical(name)).take(MOST) {
                let Some(mut known) = find(machine, name) else { continue };
                if let Some(at) =
                    before.iter().position(|other| other.drive.serial == known.drive.serial && other.path == known.path)
                {
                    let other = before.swap_remove(at);
                    (known.requests, known.warmth) = (other.requests, other.warmth);
                }
                self.known.push(known);
            }
            self.at = Some(look.now.mono);
        }
        draft.drives = self.known.iter_mut().map(|known| known.now(machine, look.now.mono)).collect();
        Ok(())
    }
}

impl Known {
    fn now(&mut self, machine: &Machine, now: MonoTime) -> Drive {
        let mut drive = self.drive.clone();
        let Some(probe) = &self.probe else { return drive };
        if !self.spins {
            drive.temperature_c = probe.temperature(machine);
            return drive;
        }
        if machine.line(&format!("{}/device/power/runtime_status", self.path)).as_deref() == Some("suspended") {
            drive.power_state = Some(PowerState::Standby);
            return drive;
        }
        let requests = machine.line(&format!("{}/stat", self.path));
        if self.requests != requests {
            self.warmth = probe.temperature(machine).map(|temperature| (temperature, now));
            self.requests = requests;
        }
        drive.temperature_c = self.warmth.filter(|(_, at)| now.since(*at) < WARM).map(|(temperature, _)| temperature);
        drive
    }
}

/// What is known of a device; nothing if there is no medium in it.
fn find(machine: &Machine, name: &str) -> Option<Known> {
    let path = format!("/sys/block/{name}");
    let sectors: u64 = machine.number(&format!("{path}/size"))?;
    if sectors == 0 {
        return None;
    }
    let spins = machine.number::<u8>(&format!("{path}/queue/rotational")) == Some(1);
    let sort = Sort::of(machine, name, &path, spins);
    let probe = chip(machine, &path).and_then(|chip| Probe::all(machine, &chip).into_iter().next());
    let mut drive = Drive {
        name: name.into(),
        kind: sort.kind(),
        capacity_gb: identity::capacity(sectors),
        unreadable_reason: Some(sort.why_unread().into()),
        temperature_warning_c: probe.as_ref().and_then(|probe| probe.limit(machine, "max")),
        temperature_critical_c: probe.as_ref().and_then(|probe| probe.limit(machine, "crit")),
        ..Drive::default()
    };
    identity::read(machine, &path, &mut drive);
    if sort == Sort::Emmc {
        drive.wear_level = machine.line(&format!("{path}/device/life_time")).and_then(|line| wear(&line));
    }
    Some(Known { drive, path, probe, spins: spins && sort == Sort::Disk, requests: None, warmth: None })
}

/// What a device is, as it decides what can be known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Nvme,
    Flash,
    Disk,
    Emmc,
    Card,
    Virtual,
}

impl Sort {
    fn of(machine: &Machine, name: &str, path: &str, spins: bool) -> Self {
        let maker = || machine.line(&format!("{path}/device/vendor")).unwrap_or_default();
        if name.starts_with("nvme") {
            return Self::Nvme;
        }
        if name.starts_with("mmcblk") {
            let card = machine.line(&format!("{path}/device/type")).is_some_and(|kind| kind.starts_with("SD"));
            return if card { Self::Card } else { Self::Emmc };
        }
        if ["vd", "xvd", "nbd", "rbd"].iter().any(|prefix| name.starts_with(prefix))
            || matches!(&*maker(), "QEMU" | "VMware" | "VMware," | "Msft" | "VBOX" | "LIO-ORG")
        {
            return Self::Virtual;
        }
        if spins { Self::Disk } else { Self::Flash }
    }

    const fn kind(self) -> DriveKind {
        match self {
            Self::Nvme => DriveKind::Nvme,
            Self::Flash => DriveKind::Ssd,
            Self::Disk => DriveKind::Hdd,
            Self::Emmc => DriveKind::Emmc,
            Self::Card => DriveKind::Card,
            Self::Virtual => DriveKind::Virtual,
        }
    }

    const fn why_unread(self) -> &'static str {
        match self {
            Self::Nvme | Self::Flash | Self::Disk => {
                "its health counters need rights that this agent does not have, and this version does not read them"
            }
            Self::Emmc => "of soldered flash only an estimate of its wear can be read",
            Self::Card => "a memory card keeps no health counters",
            Self::Virtual => "a virtual disk keeps no health counters; the machine that holds it knows its drives",
        }
    }
}

/// The hardware monitoring chip of a drive: `device/hwmon/hwmonN`, or `device/hwmonN`, or, where an NVMe drive may have several
/// paths, below the first of them.
fn chip(machine: &Machine, path: &str) -> Option<String> {
    let device = format!("{path}/device");
    let below = |directory: &str| {
        let inner = format!("{directory}/hwmon");
        let of = |directory: &str| {
            let names = machine.list(directory).ok()?;
            let chip =
                names.iter().find(|name| name.strip_prefix("hwmon").is_some_and(|n| n.parse::<u32>().is_ok()))?;
            Some(format!("{directory}/{chip}"))
        };
        of(&inner).or_else(|| of(directory))
    };
    below(&device).or_else(|| {
        let names = machine.list(&device).ok()?;
        let controllers =
            names.iter().filter(|name| name.strip_prefix("nvme").is_some_and(|n| n.parse::<u32>().is_ok()));
        controllers.into_iter().find_map(|name| below(&format!("{device}/{name}")))
    })
}

/// Wear by an eMMC's two estimates (JEDEC JESD84-B51, `DEVICE_LIFE_TIME_EST`): each a step of ten percent, told by its upper end;
/// the worse counts. 11 is past rated life, 0 is not defined.
fn wear(line: &str) -> Option<Percent> {
    let steps = line.split_whitespace().filter_map(|word| u8::from_str_radix(word.trim_start_matches("0x"), 16).ok());
    let worst = steps.filter(|step| (1..=11).contains(step)).max()?;
    Some(Percent::saturating(f64::from(worst) * 10.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wear_of_soldered_flash() {
        for (line, expected) in [
            ("0x01 0x03", Some(30.0)),
            ("0x0b 0x02", Some(110.0)),
            ("0x00 0x00", None),
            ("0xff", None),
            ("", None),
            ("x y", None),
        ] {
            assert_eq!(wear(line).map(Percent::get), expected, "{line}");
        }
    }

    #[test]
    fn a_disk_that_turns_is_asked_only_while_it_is_at_work() {
        let made = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = made.path().join("sys/block/sda").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put("size", "1000");
        put("queue/rotational", "1");
        put("stat", "1 0 8 1");
        put("device/hwmon/hwmon1/temp1_input", "40000");
        let machine = Machine::in_a_box(made.path()).unwrap();
        let mut drives = Drives::default();
        let mut look = |after: Duration| {
            let now = cm_model::clock::Now::default().after(after);
            let mut draft = Draft::default();
            drives.collect(&Look::new(&machine, now, None), &mut draft).unwrap();
            draft.drives[0].temperature_c.map(Celsius::get)
        };
        assert_eq!(look(Duration::ZERO), Some(40.0));
        put("device/hwmon/hwmon1/temp1_input", "50000");
        assert_eq!(look(Duration::from_secs(5)), Some(40.0), "it did nothing, and is not asked");
        assert_eq!(look(Duration::from_mins(9)), Some(40.0));
        assert_eq!(look(Duration::from_mins(11)), None, "what is old is not told as if it were new");
        put("stat", "2 0 16 2");
        assert_eq!(look(Duration::from_mins(12)), Some(50.0));
    }

    #[test]
    fn every_sort_of_drive_says_why_it_is_not_read() {
        for sort in [Sort::Nvme, Sort::Flash, Sort::Disk, Sort::Emmc, Sort::Card, Sort::Virtual] {
            assert!(!sort.why_unread().is_empty() && !sort.why_unread().ends_with('.'), "{sort:?}");
        }
    }
}
