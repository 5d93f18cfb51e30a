//! NVMe drives: their pages, asked for by the kernel's own request.
//!
//! The kernel gives them to `CAP_SYS_ADMIN` alone. They are asked for through the block device of a namespace, which passes
//! the request on to its controller: the group `disk` may open it, and the controller's own device nobody but root. A device is opened without following a link, and is asked only if it is the
//! one that sysfs names, so that nothing put in its place is ever spoken to. It does not know what is good or bad.

mod ioctl;
mod page;

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags, major, minor};

use self::ioctl::{Bytes, LONGEST, Page, ask};
pub use self::page::{Controller, Health, SelfTest};
use super::{Cause, Machine, Unreadable};

/// A drive, open to be asked.
#[derive(Debug)]
pub struct Nvme {
    fd: OwnedFd,
    path: String,
}

/// Everything that a drive tells of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Its health; nothing where the log is empty.
    pub health: Option<Health>,
    /// Who it is, if it said so.
    pub controller: Option<Controller>,
    /// Its last self-test, where it keeps that log.
    pub self_test: Option<SelfTest>,
}

impl Nvme {
    /// Opens the namespace `nvmeNnM` of this machine; in a box there is none. Waits for nothing.
    pub fn open(machine: &Machine, name: &str) -> Result<Self, Unreadable> {
        let path = format!("/dev/{name}");
        let numbers = name.strip_prefix("nvme").and_then(|numbers| numbers.split_once('n'));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u32>().is_ok();
        let is_namespace = numbers.is_some_and(|(drive, namespace)| is_number(drive) && is_number(namespace));
        if !is_namespace || !machine.is_itself() {
            return Err(Unreadable::new(&path, io::ErrorKind::NotFound));
        }
        let number = format!("/sys/block/{name}/dev");
        let line = machine.line(&number).ok_or_else(|| Unreadable::new(&number, io::ErrorKind::NotFound))?;
        let fd = open_device(&path, FileType::BlockDevice, &line)?;
        Ok(Self { fd, path })
    }

    /// Asks for everything. Waits for the drive: under 100 µs for one in good health, up to the kernel's 60 s for one that
    /// is not.
    pub fn tell(&self) -> Result<Told, Unreadable> {
        let mut bytes = Bytes([0; LONGEST]);
        self.ask(Page::Health, &mut bytes)?;
        let health = Health::read(bytes.first());
        // What a drive is has been told by the kernel already: that it refuses to say so again is no failure.
        let controller = self.ask(Page::Controller, &mut bytes).ok().map(|()| Controller::read(&bytes.0));
        let tests_itself = controller.as_ref().is_some_and(|controller| controller.tests_itself);
        let self_test = tests_itself.then(|| self.ask(Page::SelfTest, &mut bytes)).and_then(Result::ok);
        let self_test = self_test.map(|()| SelfTest::read(bytes.first()));
        Ok(Told { health, controller, self_test })
    }

    fn ask(&self, page: Page, bytes: &mut Bytes) -> Result<(), Unreadable> {
        match ask(self.fd.as_fd(), page, bytes) {
            Ok(0) => Ok(()),
            // The status field of the completion, without the phase bit (base specification, 3.3.3.2.1).
            Ok(status) => Err(Unreadable { path: self.path.clone(), cause: Cause::Refused { status } }),
            Err(error) => Err(Unreadable::new(&self.path, error)),
        }
    }
}

/// Opens a device file without following a link, and only if it is of that sort and the kernel's `major:minor` is its own.
/// Nothing is read from it; a device that waits on being opened is not waited for.
pub(crate) fn open_device(path: &str, sort: FileType, number: &str) -> Result<OwnedFd, Unreadable> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let fd = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| match error {
        rustix::io::Errno::LOOP => Unreadable { path: path.to_owned(), cause: Cause::NotTheDevice },
        error => Unreadable::new(path, error),
    })?;
    let stat = rustix::fs::fstat(&fd).map_err(|error| Unreadable::new(path, error))?;
    let own = format!("{}:{}", major(stat.st_rdev), minor(stat.st_rdev));
    if FileType::from_raw_mode(stat.st_mode) != sort || own != number {
        return Err(Unreadable { path: path.to_owned(), cause: Cause::NotTheDevice });
    }
    Ok(fd)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn cause(opened: Result<OwnedFd, Unreadable>) -> String {
        opened.map_or_else(|error| error.cause.to_string(), |_| "opened".to_owned())
    }

    #[test]
    fn only_the_device_that_is_meant_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("nvme0");
        symlink("/dev/null", &link).unwrap();
        let plain = folder.path().join("nvme1");
        std::fs::write(&plain, "").unwrap();
        let is_other = "it is not the device that the kernel names so";
        for (path, number, expected) in [
            ("/dev/null", "1:3", "opened"),
            ("/dev/null", "1:5", is_other),
            (link.to_str().unwrap(), "1:3", is_other),
            (plain.to_str().unwrap(), "0:0", is_other),
            ("/dev/no-such-device", "1:3", "it is not there"),
        ] {
            assert_eq!(cause(open_device(path, FileType::CharacterDevice, number)), expected, "{path} as {number}");
        }
    }

    #[test]
    fn what_is_no_namespace_is_not_opened() {
        for name in
            ["null", "nvme", "nvme0", "nvme0n", "nvmen1", "nvme0n1p1", "nvme+0n1", "nvme0n1/../null", "../dev/null"]
        {
            let refused = Nvme::open(&Machine::itself(), name).unwrap_err();
            assert!(refused.is_not_there() && refused.path.ends_with(name), "{name}: {refused}");
        }
    }
}
