//! SATA, SAS and USB drives, through smartctl: how it is run, and which of its answers are answers.
//!
//! Its arguments are a fixed list but for the device and how to speak to it, and both must look like what smartctl itself lists.
//! A device must be the block device that the kernel names so, and no link to it. Disks that sleep are left asleep
//! (`--nocheck=standby`). What its figures mean is read in rooms of their own.

mod attribute;
mod json;
mod reading;
mod self_test;

use std::time::Duration;

use cm_model::clock::Clock;
use cm_model::report::smart::Drive;
use cm_model::trust::Distrust;
use rustix::fs::{FileType, major, minor};
use serde_json::Value;

pub use self::reading::read;
use crate::program::{How, Limits, Program};

/// What it is asked for: all that [`read`] knows, and to go on where a device refuses a part of it.
const ASK: &[&str] = &[
    "--json=c",
    "--nocheck=standby",
    "--tolerance=verypermissive",
    "--info",
    "--health",
    "--capabilities",
    "--attributes",
    "--log=error",
    "--log=selftest",
    "--log=devstat",
    "--log=scttempsts",
];

/// What one drive may take and say. In good health it takes under a second and says 20 kB.
const LIMITS: Limits = Limits { time: Duration::from_secs(20), output: 512 * 1024 };

/// The program.
#[derive(Debug)]
pub struct Smartctl(Program);

/// How a drive is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// `/dev/sda`, or what stands for a controller.
    device: String,
    /// The kind of device for `--device`, where it is not left to smartctl.
    kind: Option<String>,
}

impl Place {
    /// The device of that name, spoken to as smartctl thinks best.
    pub(super) fn plain(name: &str) -> Self {
        Self { device: format!("/dev/{name}"), kind: None }
    }

    /// What smartctl listed, if it is nothing that could be taken for something else.
    fn listed(device: &str, kind: &str) -> Option<Self> {
        let sound = |text: &str, also: &[u8]| {
            let fits = |b: u8| b.is_ascii_alphanumeric() || also.contains(&b);
            !text.is_empty() && text.len() <= 64 && text.bytes().all(fits) && !text.starts_with('-')
        };
        let is_device = device.strip_prefix("/dev/").is_some_and(|rest| sound(rest, b"/_-"));
        let is_kind = sound(kind, b"+,/_-:");
        (is_device && is_kind).then(|| Self { device: device.to_owned(), kind: Some(kind.to_owned()) })
    }

    pub(super) fn is_of(&self, name: &str) -> bool {
        self.device.strip_prefix("/dev/") == Some(name)
    }

    /// Whether it is one of several drives behind a RAID controller, which has a device of its own or none.
    pub(super) fn is_behind(&self) -> bool {
        self.kind.as_deref().is_some_and(|kind| {
            ["megaraid,", "3ware,", "areca,", "cciss,", "hpt,", "aacraid,", "sssraid,"]
                .iter()
                .any(|raid| kind.contains(raid))
        })
    }

    /// What a drive behind a controller is called: the way to it, for it has no name.
    pub(super) fn name(&self) -> &str {
        self.kind.as_deref().unwrap_or(&self.device)
    }

    /// Whether the device is the kernel's of that number, and no link to it.
    fn is_device(&self, number: &str) -> bool {
        rustix::fs::lstat(&*self.device).is_ok_and(|stat| {
            FileType::from_raw_mode(stat.st_mode) == FileType::BlockDevice
                && format!("{}:{}", major(stat.st_rdev), minor(stat.st_rdev)) == number
        })
    }
}

impl Smartctl {
    /// The program by its name or whole path, if it can be trusted.
    pub(super) fn settle(name: &str) -> Result<Self, Distrust> {
        Program::settle(name).map(Self)
    }

    /// The drives that smartctl finds, each with the way to speak to it. None if it cannot tell.
    pub(super) fn scan(&self, clock: &dyn Clock) -> Vec<Place> {
        let Ok(document) = self.run(&["--json=c", "--scan-open"], clock) else { return Vec::new() };
        let places = json::list(&document, "devices")
            .iter()
            .filter_map(|device| Place::listed(json::text(device, "name")?, json::text(device, "type")?));
        places.take(super::Answer::MOST_DRIVES).collect()
    }

    /// Asks for one drive. `number` is the kernel's `major:minor` of its device, where it has one.
    pub(super) fn ask(&self, name: &str, place: &Place, number: Option<&str>, clock: &dyn Clock) -> Drive {
        let asked = if place.is_behind() || number.is_some_and(|number| place.is_device(number)) {
            let kind = place.kind.as_ref().map(|kind| format!("--device={kind}"));
            let args: Vec<_> = ASK.iter().copied().chain(kind.as_deref()).chain([&*place.device]).collect();
            self.run(&args, clock)
        } else {
            Err(format!("{} is not the device that the kernel names so", place.device))
        };
        let mut drive = match asked {
            Ok(document) => read(&document),
            Err(why) => Drive { unreadable_reason: Some(why.into()), ..Drive::default() },
        };
        drive.name = name.into();
        drive
    }

    /// Runs it to its end. Its status is in what it prints; without that it is a failure.
    fn run(&self, args: &[&str], clock: &dyn Clock) -> Result<Value, String> {
        let running = self.0.start(args, &[], LIMITS, clock.now().mono);
        let ended = running.map_err(|error| format!("smartctl cannot be run: {error}"))?.wait(clock);
        match ended.how {
            How::TooLong => return Err(format!("smartctl was still waiting for it after {} s", LIMITS.time.as_secs())),
            How::TooMuch => return Err(format!("smartctl says more of it than {} bytes", LIMITS.output)),
            How::Signal(signal) => return Err(format!("smartctl was ended by signal {signal}")),
            How::Exit(_) => {}
        }
        let document = serde_json::from_slice(&ended.stdout);
        document.map_err(|_| match ended.how {
            How::Exit(status) if ended.stderr.trim().is_empty() => {
                format!("smartctl printed no JSON (exit status {status}); it must be 7.0 or later")
            }
            _ => format!("smartctl printed no JSON, and says: {}", ended.stderr.trim()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use cm_model::clock::SystemClock;

    use super::*;

    #[test]
    fn only_what_smartctl_lists_reaches_its_arguments() {
        for (device, kind, expected) in [
            ("/dev/sda", "sat", true),
            ("/dev/bus/0", "megaraid,8", true),
            ("/dev/sda", "sat+megaraid,0", true),
            ("/dev/sdb", "sntjmicron/sat", true),
            ("/dev/sda --set=standby,now", "sat", false),
            ("/dev/../etc/passwd", "sat", false),
            ("--scan", "sat", false),
            ("/dev/", "sat", false),
            ("/dev/sda", "-t", false),
            ("/dev/sda", "sat;x", false),
            ("/dev/sda", "", false),
        ] {
            assert_eq!(Place::listed(device, kind).is_some(), expected, "{device} {kind}");
        }
    }

    #[test]
    fn a_drive_behind_a_controller_is_called_by_the_way_to_it() {
        let behind = Place::listed("/dev/bus/0", "megaraid,8").unwrap();
        assert_eq!((behind.is_behind(), behind.name()), (true, "megaraid,8"));
        let plain = Place::listed("/dev/sda", "sat").unwrap();
        assert!(!plain.is_behind() && plain.is_of("sda") && !plain.is_of("sdab"));
    }

    #[test]
    fn what_is_not_the_device_is_not_given_to_smartctl() {
        for (device, number) in [("/dev/null", "1:3"), ("/dev/no-such-device", "8:0")] {
            let place = Place { device: device.into(), kind: None };
            assert!(!place.is_device(number), "{device}");
        }
    }

    /// Asks a program of these lines in smartctl's place for a drive behind a controller, which needs no device.
    fn ask(lines: &str) -> Drive {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("smartctl");
        fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let smartctl = Smartctl::settle(path.to_str().unwrap()).unwrap();
        let place = Place::listed("/dev/bus/0", "megaraid,8").unwrap();
        loop {
            let drive = smartctl.ask("megaraid,8", &place, None, &SystemClock);
            // A child of another test, between its fork and its exec, still holds the file open that wrote this one.
            if !drive.unreadable_reason.as_ref().is_some_and(|why| why.raw().contains("busy")) {
                return drive;
            }
            std::thread::yield_now();
        }
    }

    #[test]
    fn an_exit_status_that_is_not_zero_comes_with_good_figures() {
        for status in [0, 4, 8, 64, 128, 216] {
            let told = format!(r#"{{"smart_status":{{"passed":true}},"smartctl":{{"exit_status":{status}}}}}"#);
            let drive = ask(&format!("echo '{told}'; exit {status}"));
            assert_eq!((drive.smart_passed, drive.unreadable_reason), (Some(true), None), "{status}");
            assert_eq!(drive.name.raw(), "megaraid,8");
        }
    }

    #[test]
    fn what_is_no_answer_says_what_it_is() {
        for (lines, expected) in [
            ("echo 'UNRECOGNIZED OPTION: json'; exit 1", "printed no JSON (exit status 1); it must be 7.0 or later"),
            ("echo 'no room' >&2; exit 1", "printed no JSON, and says: no room"),
            ("kill -KILL $$", "was ended by signal 9"),
            ("head -c 600000 /dev/zero", "says more of it than 524288 bytes"),
        ] {
            let why = ask(lines).unreadable_reason.unwrap();
            assert!(why.raw().contains(expected), "{lines}: {why:?}");
        }
    }

    #[test]
    fn its_arguments_are_a_fixed_list_the_kind_and_the_device() {
        let drive = ask(r#"echo "{\"model_name\":\"$*\"}""#);
        let asked = drive.model.unwrap();
        assert!(asked.raw().starts_with("--json=c --nocheck=standby "), "{asked:?}");
        assert!(asked.raw().ends_with(" --device=megaraid,8 /dev/bus/0"), "{asked:?}");
    }
}
