//! The drives: model, serial, capacity, temperature and an eMMC's own estimate of its wear, which anybody may read, and the
//! health counters, which the kernel gives to the privileged alone.
//!
//! The counters come from the drive helper ([`Answer`]), a program apart that is asked over a socket and never waited for.
//! Where there is none, and this process happens to have the right, an NVMe drive is asked directly. A drive without counters says
//! why in [`Drive::unreadable_reason`](cm_model::report::smart::Drive) rather than leave a gap that looks like health.
//! It wakes no drive: a disk that turns is asked for its temperature only while it is at work anyway.

mod answer;
mod ask;
pub(crate) mod counters;
mod identity;
pub(crate) mod sort;

use std::path::PathBuf;
use std::time::Duration;

use cm_model::clock::MonoTime;
use cm_model::report::Api;
use cm_model::report::smart::{Drive, PowerState};
use cm_model::text::HostText;
use cm_model::unit::{Celsius, Percent};

pub use self::answer::Answer;
use self::ask::Asker;
use self::sort::Sort;
use super::disk::is_physical;
use super::{Absent, Collector, Draft, Look};
use crate::machine::Machine;
use crate::machine::hwmon::Probe;
use crate::machine::nvme::Nvme;

/// What an owner may choose about drives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The drive helper's socket; nothing if it is not to be asked.
    pub helper: Option<PathBuf>,
    /// Names given by the owner (bay, shelf), by serial.
    pub labels: Vec<(String, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Self { helper: Some("/run/cm-agent/drives.sock".into()), labels: Vec::new() }
    }
}

/// The collector.
#[derive(Debug)]
pub struct Drives {
    known: Vec<Known>,
    /// When the drives were last gone through from the beginning.
    at: Option<MonoTime>,
    asker: Option<Asker>,
    /// What a box holds in the helper's place.
    recorded: Option<Answer>,
    labels: Vec<(String, String)>,
}

/// A drive that was found, and what does not change about it.
#[derive(Debug)]
struct Known {
    drive: Drive,
    /// Its directory in sysfs.
    path: String,
    sort: Sort,
    probe: Option<Probe>,
    spins: bool,
    /// When this process asked it itself, and what it told.
    told: Option<(Option<Drive>, MonoTime)>,
    /// Its counters of requests at the look before: equal ones mean that it may sleep.
    requests: Option<String>,
    /// The last temperature of a disk that turns, and when it was read.
    warmth: Option<(Celsius, MonoTime)>,
}

/// How often drives are gone through from the beginning: a new one shows within a minute.
const AGAIN: Duration = Duration::from_mins(1);
/// How long the temperature of a disk that is not at work stands.
const WARM: Duration = Duration::from_mins(10);
/// How often the drives' own logs are read.
const LOGS: Duration = Duration::from_mins(1);
/// How often the helper is asked where some drive has to be asked by smartctl, which keeps disks from falling asleep.
const TOOLS: Duration = Duration::from_mins(5);

impl Drives {
    /// A collector that has seen nothing yet.
    pub fn new(options: &Options) -> Self {
        let asker = options.helper.clone().map(Asker::new);
        Self { known: Vec::new(), at: None, asker, recorded: None, labels: options.labels.clone() }
    }
}

impl Collector for Drives {
    fn name(&self) -> &'static str {
        "drive"
    }

    fn feeds(&self, api: Api) -> bool {
        api == Api::Smart
    }

    fn awaits(&self) -> bool {
        self.asker.as_ref().is_some_and(Asker::is_asked)
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
            for name in names.iter().filter(|name| is_physical(name)).take(Answer::MOST_DRIVES) {
                let Some(mut known) = find(machine, name) else { continue };
                if let Some(at) =
                    before.iter().position(|other| other.drive.serial == known.drive.serial && other.path == known.path)
                {
                    let other = before.swap_remove(at);
                    (known.requests, known.warmth, known.told) = (other.requests, other.warmth, other.told);
                }
                known.drive.label = self.label(&known.drive);
                self.known.push(known);
            }
            self.at = Some(look.now.mono);
            self.recorded = recorded(machine);
        }
        self.tell(machine, look.now.mono, draft);
        Ok(())
    }
}

impl Drives {
    fn label(&self, drive: &Drive) -> Option<HostText> {
        let identity = |text: &Option<HostText>| text.as_ref().map(|text| text.raw().to_owned());
        let (serial, wwn) = (identity(&drive.serial), identity(&drive.wwn));
        let given = |name: &str| Some(name) == serial.as_deref() || Some(name) == wwn.as_deref();
        self.labels.iter().find(|(name, _)| given(name)).map(|(_, label)| label.as_str().into())
    }

    /// Writes the drives as they are now, each with the counters that are known of it, and the pools that the helper knows.
    fn tell(&mut self, machine: &Machine, now: MonoTime, draft: &mut Draft) {
        let wanted = |sort| self.known.iter().any(|known| known.sort == sort);
        let tools = wanted(Sort::Flash) || wanted(Sort::Disk);
        if let Some(asker) = self.asker.as_mut().filter(|_| machine.is_itself() && (tools || wanted(Sort::Nvme))) {
            asker.go_on(now, if tools { TOOLS } else { LOGS });
        }
        let answer = self.recorded.as_ref().or_else(|| self.asker.as_ref().and_then(Asker::answer));
        let why_none = || match &self.asker {
            _ if !machine.is_itself() => "this box holds no answer of the drive helper".to_owned(),
            Some(asker) => asker.why_none(),
            None => "the settings name no drive helper to ask".to_owned(),
        };
        let directly = machine.is_itself() && self.asker.as_ref().is_none_or(Asker::nobody_there);
        for known in &mut self.known {
            let mut drive = known.now(machine, now);
            if known.sort.why_none().is_none() {
                if directly && known.sort == Sort::Nvme {
                    known.ask_itself(machine, now);
                }
                let own = known.told.as_ref().and_then(|(told, _)| told.as_ref()).filter(|_| directly);
                let told = answer.and_then(|answer| answer.drives.iter().find(|told| counters::is_same(&drive, told)));
                match told.or(own) {
                    Some(told) => drive = counters::join(&drive, told),
                    None if answer.is_some() => {
                        drive.unreadable_reason = Some("the drive helper has not seen this drive yet".into());
                    }
                    None => drive.unreadable_reason = Some(why_none().into()),
                }
            }
            draft.drives.push(drive);
        }
        let Some(answer) = answer else { return };
        // What lies behind a RAID controller has no device of its own.
        let unseen = answer
            .drives
            .iter()
            .filter(|told| told.name.raw().contains(','))
            .filter(|told| draft.drives.iter().all(|drive| !counters::is_same(drive, told)));
        let unseen: Vec<_> = unseen.map(|told| Drive { label: self.label(told), ..told.clone() }).collect();
        draft.drives.extend(unseen);
        draft.pools.extend(answer.pools.iter().cloned());
    }
}

/// What the helper would answer in a box, if the box holds it.
fn recorded(machine: &Machine) -> Option<Answer> {
    if machine.is_itself() {
        return None;
    }
    Answer::read(machine.read("/run/cm-agent/drives.json").ok()?.as_bytes()).ok()
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

    /// Asks an NVMe drive itself, once a minute, where this process has the right.
    fn ask_itself(&mut self, machine: &Machine, now: MonoTime) {
        if self.told.as_ref().is_some_and(|(_, at)| now.since(*at) < LOGS) {
            return;
        }
        let told = Nvme::open(machine, self.drive.name.raw()).and_then(|nvme| nvme.tell()).ok();
        let told = told.map(|told| {
            let mut drive = self.drive.clone();
            counters::from_nvme(&told, &mut drive);
            drive
        });
        self.told = Some((told, now));
    }
}

/// What is known of a device; nothing if there is no medium in it.
fn find(machine: &Machine, name: &str) -> Option<Known> {
    let path = format!("/sys/block/{name}");
    let sectors: u64 = machine.number(&format!("{path}/size"))?;
    if sectors == 0 {
        return None;
    }
    let sort = Sort::of(machine, name);
    let probe = chip(machine, &path).and_then(|chip| Probe::all(machine, &chip).into_iter().next());
    let mut drive = Drive {
        name: name.into(),
        kind: sort.kind(),
        capacity_gb: identity::capacity(sectors),
        unreadable_reason: sort.why_none().map(HostText::from),
        temperature_warning_c: probe.as_ref().and_then(|probe| probe.limit(machine, "max")),
        temperature_critical_c: probe.as_ref().and_then(|probe| probe.limit(machine, "crit")),
        ..Drive::default()
    };
    identity::read(machine, &path, &mut drive);
    if sort == Sort::Emmc {
        drive.wear_level = machine.line(&format!("{path}/device/life_time")).and_then(|line| wear(&line));
    }
    Some(Known { drive, path, sort, probe, spins: sort == Sort::Disk, requests: None, warmth: None, told: None })
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
        let mut drives = Drives::new(&Options::default());
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
    fn drives_come_and_go_and_the_others_keep_what_is_known_of_them() {
        let made = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = made.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let disk = |name: &str, serial: &str| {
            put(&format!("sys/block/{name}/size"), "1000");
            put(&format!("sys/block/{name}/queue/rotational"), "1");
            put(&format!("sys/block/{name}/stat"), "1 0 8 1");
            put(&format!("sys/block/{name}/device/serial"), serial);
            put(&format!("sys/block/{name}/device/hwmon/hwmon1/temp1_input"), "40000");
        };
        disk("sda", "S1");
        disk("sdb", "S2");
        // The helper has seen them under other names.
        put(
            "run/cm-agent/drives.json",
            r#"{"drives":[{"name":"sdx","serial":"S1","power_on_hours":11},{"name":"sda","serial":"S2","power_on_hours":22}]}"#,
        );
        let machine = Machine::in_a_box(made.path()).unwrap();
        let labels = vec![("S1".to_owned(), "bay 3".to_owned())];
        let mut drives = Drives::new(&Options { labels, ..Options::default() });
        let mut look = |seconds: u64| {
            let now = cm_model::clock::Now::default().after(Duration::from_secs(seconds));
            let mut draft = Draft::default();
            drives.collect(&Look::new(&machine, now, None), &mut draft).unwrap();
            draft.drives.iter().map(told).collect::<Vec<_>>()
        };
        assert_eq!(look(0), ["sda 11 h 40 °C bay 3", "sdb 22 h 40 °C"]);
        std::fs::remove_dir_all(made.path().join("sys/block/sdb")).unwrap();
        disk("sdc", "S3");
        put("sys/block/sda/device/hwmon/hwmon1/temp1_input", "50000");
        assert_eq!(
            look(60),
            ["sda 11 h 40 °C bay 3", "sdc 40 °C the drive helper has not seen this drive yet"],
            "one that did nothing is not asked for its temperature, whoever comes and goes"
        );
    }

    /// Name, hours, temperature, label and reason of a drive, as far as there are any.
    fn told(drive: &Drive) -> String {
        let text = |text: &Option<HostText>| text.as_ref().map(|text| text.raw().to_owned());
        let parts = [
            Some(drive.name.raw().to_owned()),
            drive.power_on_hours.map(|hours| hours.to_string()),
            drive.temperature_c.map(|degrees| degrees.to_string()),
            text(&drive.label),
            text(&drive.unreadable_reason),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}
