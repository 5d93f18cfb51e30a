//! The drive helper, `cm-agent drives`: the one program of the agent's that holds rights, and answers one question.
//!
//! It is started by its socket, without network. Whoever can open the socket is told of the drives ([`Answer`]); nothing that is
//! sent to it is read. An NVMe drive is asked by the kernel's ioctl, at most once a minute; any other by smartctl, at most once in
//! five minutes, and a disk that nobody has used since not for hours, or our asking would keep it from falling asleep. It
//! works for one caller at a time and may wait for a drive: nothing else waits for it. It does not know who asks or what is bad.

pub mod smartctl;
pub mod socket;
mod zpool;

use std::time::Duration;

use cm_model::clock::{Clock, MonoTime};
use cm_model::report::smart::{Drive, Pool, PowerState};
use cm_model::text::HostText;

use crate::collector::disk::is_physical;
pub use crate::collector::drive::Answer;
use crate::collector::drive::counters;
use crate::collector::drive::sort::Sort;
use crate::collector::pool::btrfs;
use crate::machine::mount;
use crate::machine::nvme::Nvme;
use crate::machine::{Cause, Machine};
use crate::notify::Notify;
use crate::program::Program;
use smartctl::{Place, Smartctl};

/// How long what an NVMe drive told stands.
const LOG: Duration = Duration::from_mins(1);
/// How long what smartctl told stands.
const TOOL: Duration = Duration::from_mins(5);
/// How long it stands of a disk that turns and was not used since.
const AT_REST: Duration = Duration::from_hours(6);
/// How long a temperature stands.
const WARM: Duration = Duration::from_mins(10);
/// How long one round may take; what is not asked by then is told so.
const ROUND: Duration = Duration::from_secs(100);

/// What the helper knows and remembers.
#[derive(Debug)]
pub struct Helper {
    machine: Machine,
    /// Who is told that it goes on: after each drive.
    manager: Notify,
    /// The program, or why there is none.
    smartctl: Result<Smartctl, String>,
    zpool: Option<Program>,
    /// The devices for which smartctl was asked how to speak to them, and what it said.
    places: Option<(Vec<String>, Vec<Place>)>,
    kept: Vec<Kept>,
    pools: Option<(Vec<Pool>, MonoTime)>,
}

/// A drive that was asked.
#[derive(Debug)]
struct Kept {
    name: String,
    /// What tells this device from another that later bears its name.
    instance: Option<String>,
    sort: Sort,
    /// Its counters of requests just after it was asked.
    requests: Option<String>,
    at: MonoTime,
    drive: Drive,
}

impl Helper {
    /// A helper on this machine that has asked nobody yet; `smartctl` is the program's name or whole path, and `manager` who
    /// is told of its progress.
    pub fn new(smartctl: &str, manager: Notify) -> Self {
        let smartctl = Smartctl::settle(smartctl).map_err(|distrust| {
            if distrust.is_not_there() {
                "smartctl is not installed: install smartmontools".to_owned()
            } else {
                format!("smartctl is not run: {distrust}")
            }
        });
        Self {
            machine: Machine::itself(),
            manager,
            smartctl,
            zpool: Program::settle("zpool").ok(),
            places: None,
            kept: Vec::new(),
            pools: None,
        }
    }

    /// What it tells. Waits for each drive in turn, together for some two minutes at most unless one hangs in the kernel.
    pub fn answer(&mut self, clock: &dyn Clock) -> Answer {
        let began = clock.now().mono;
        let names = self.machine.list("/sys/block").unwrap_or_default();
        let names: Vec<_> = names.into_iter().filter(|name| is_physical(name)).take(Answer::MOST_DRIVES).collect();
        let mut drives = Vec::new();
        for name in &names {
            let sort = Sort::of(&self.machine, name);
            let is_empty = self.machine.number::<u64>(&format!("/sys/block/{name}/size")) == Some(0);
            if sort.why_none().is_none() && !is_empty {
                let place = (sort != Sort::Nvme).then(|| self.place(name, &names, clock));
                drives.push(self.drive(name, sort, place, began, clock));
            }
        }
        // What lies behind a RAID controller is known to smartctl alone.
        let behind = self.places.iter().flat_map(|(_, places)| places).filter(|place| place.is_behind()).cloned();
        for place in behind.collect::<Vec<_>>() {
            drives.push(self.drive(place.name(), Sort::Disk, Some(place.clone()), began, clock));
        }
        self.kept.retain(|kept| drives.iter().any(|drive| drive.name.raw() == kept.name));
        Answer { drives, pools: self.pools(clock) }
    }

    /// Tells the service manager that it has not stopped.
    fn goes_on(&self, clock: &dyn Clock) {
        self.manager.progress(clock.now().mono, "");
    }

    /// Whether anything is remembered that it would be a pity to forget: then it is worth staying for longer.
    fn remembers(&self) -> bool {
        self.kept.iter().any(|kept| kept.sort != Sort::Nvme && kept.drive.unreadable_reason.is_none())
    }

    fn drive(&mut self, name: &str, sort: Sort, place: Option<Place>, began: MonoTime, clock: &dyn Clock) -> Drive {
        let now = clock.now().mono;
        let instance = self.machine.line(&format!("/sys/block/{name}/diskseq"));
        let requests = || self.machine.line(&format!("/sys/block/{name}/stat"));
        let known = self.kept.iter().find(|kept| kept.name == name && kept.instance == instance);
        if let Some(known) = known.filter(|known| known.stands(now, requests().as_deref())) {
            return known.told(now);
        }
        if now.since(began) >= ROUND {
            return unread(name, sort, "other drives took so long that there was no time left to ask it");
        }
        let drive = match place {
            None => self.ask_nvme(name),
            Some(place) => self.ask_smartctl(name, sort, &place, clock),
        };
        self.goes_on(clock);
        let requests = requests();
        self.kept.retain(|kept| kept.name != name);
        let kept = Kept { name: name.to_owned(), instance, sort, requests, at: now, drive: drive.clone() };
        self.kept.push(kept);
        drive
    }

    fn ask_nvme(&self, name: &str) -> Drive {
        let mut drive = Drive { name: name.into(), kind: Sort::Nvme.kind(), ..Drive::default() };
        match Nvme::open(&self.machine, name).and_then(|nvme| nvme.tell()) {
            Ok(told) => counters::from_nvme(&told, &mut drive),
            Err(error) => {
                let why = if matches!(error.cause, Cause::Forbidden(_)) {
                    format!("the drive helper has not the right to ask it, the group disk and CAP_SYS_ADMIN ({error})")
                } else {
                    error.to_string()
                };
                drive.unreadable_reason = Some(why.into());
            }
        }
        drive
    }

    fn ask_smartctl(&self, name: &str, sort: Sort, place: &Place, clock: &dyn Clock) -> Drive {
        let path = format!("/sys/block/{name}");
        if self.machine.line(&format!("{path}/device/power/runtime_status")).as_deref() == Some("suspended") {
            let why = "it sleeps, and was not woken to be asked";
            return Drive { power_state: Some(PowerState::Standby), ..unread(name, sort, why) };
        }
        let number = self.machine.line(&format!("{path}/dev"));
        match &self.smartctl {
            Ok(smartctl) => smartctl.ask(name, place, number.as_deref(), clock),
            Err(why) => unread(name, sort, why),
        }
    }

    /// How smartctl speaks to a device. It is asked again when devices came or went.
    fn place(&mut self, name: &str, names: &[String], clock: &dyn Clock) -> Place {
        if self.places.as_ref().is_none_or(|(asked, _)| asked != names) {
            let found = self.smartctl.as_ref().map_or_else(|_| Vec::new(), |smartctl| smartctl.scan(clock));
            self.places = Some((names.to_vec(), found));
            self.goes_on(clock);
        }
        let places = self.places.iter().flat_map(|(_, places)| places);
        places
            .filter(|place| !place.is_behind())
            .find(|place| place.is_of(name))
            .cloned()
            .unwrap_or_else(|| Place::plain(name))
    }

    /// Pools with what root alone may know of them.
    fn pools(&mut self, clock: &dyn Clock) -> Vec<Pool> {
        let now = clock.now().mono;
        if let Some((pools, _)) = self.pools.as_ref().filter(|(_, at)| now.since(*at) < LOG) {
            return pools.clone();
        }
        let mounts = self.machine.read("/proc/self/mountinfo").map(|text| mount::parse(&text)).unwrap_or_default();
        let mut pools = btrfs::filesystems(&self.machine, &mounts);
        if let Some(zpool) = self.zpool.as_ref().filter(|_| self.machine.exists("/proc/spl/kstat/zfs")) {
            pools.extend(zpool::ask(zpool, clock));
        }
        self.goes_on(clock);
        self.pools = Some((pools.clone(), now));
        pools
    }
}

impl Kept {
    /// What the drive told. Counters stand while it does nothing; it cools all the same.
    fn told(&self, now: MonoTime) -> Drive {
        let warmth = self.drive.temperature_c.filter(|_| now.since(self.at) < WARM);
        Drive { temperature_c: warmth, ..self.drive.clone() }
    }

    /// Whether what the drive told is as good as what it would tell now.
    fn stands(&self, now: MonoTime, requests: Option<&str>) -> bool {
        let age = now.since(self.at);
        let at_rest = self.requests.is_some()
            && self.requests.as_deref() == requests
            && self.sort == Sort::Disk
            && self.drive.unreadable_reason.is_none();
        age < match self.sort {
            Sort::Nvme => LOG,
            _ if at_rest => AT_REST,
            _ => TOOL,
        }
    }
}

fn unread(name: &str, sort: Sort, why: &str) -> Drive {
    Drive { name: name.into(), kind: sort.kind(), unreadable_reason: Some(HostText::from(why)), ..Drive::default() }
}

#[cfg(test)]
mod tests {
    use cm_model::clock::Now;
    use cm_model::unit::Celsius;

    use super::*;

    #[test]
    fn a_drive_is_asked_again_at_its_own_pace() {
        let at = |minutes: u64| Now::default().after(Duration::from_mins(minutes)).mono;
        let kept = |sort, requests: Option<&str>, why: Option<&str>| Kept {
            name: "sda".into(),
            instance: None,
            sort,
            requests: requests.map(str::to_owned),
            at: at(0),
            drive: Drive { unreadable_reason: why.map(HostText::from), ..Drive::default() },
        };
        for (what, now, requests, expected) in [
            (kept(Sort::Nvme, Some("1 0"), None), 0, Some("1 0"), true),
            (kept(Sort::Nvme, Some("1 0"), None), 1, Some("1 0"), false),
            (kept(Sort::Flash, Some("1 0"), None), 4, Some("1 0"), true),
            (kept(Sort::Flash, Some("1 0"), None), 5, Some("1 0"), false),
            (kept(Sort::Disk, Some("1 0"), None), 5, Some("2 0"), false),
            (kept(Sort::Disk, Some("1 0"), None), 359, Some("1 0"), true),
            (kept(Sort::Disk, Some("1 0"), None), 360, Some("1 0"), false),
            (kept(Sort::Disk, None, None), 5, None, false),
            (kept(Sort::Disk, Some("1 0"), Some("it sleeps")), 5, Some("1 0"), false),
        ] {
            assert_eq!(what.stands(at(now), requests), expected, "{what:?} after {now} min");
        }
        let warm = Kept {
            drive: Drive { temperature_c: Some(Celsius::saturating(40.0)), ..Drive::default() },
            ..kept(Sort::Disk, Some("1 0"), None)
        };
        assert_eq!([9, 10].map(|minutes| warm.told(at(minutes)).temperature_c.map(Celsius::get)), [Some(40.0), None]);
    }

    #[test]
    fn without_smartctl_each_drive_says_what_to_install() {
        let helper = Helper::new("no-such-program-as-this", Notify::nobody());
        let drive = helper.ask_smartctl("sda", Sort::Flash, &Place::plain("sda"), &cm_model::clock::SystemClock);
        assert_eq!(
            drive.unreadable_reason.as_ref().map(HostText::raw),
            Some("smartctl is not installed: install smartmontools")
        );
    }
}
