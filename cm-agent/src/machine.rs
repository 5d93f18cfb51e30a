//! The machine that is read: this one, or one in a box.
//!
//! A box is a directory that holds another machine's `proc/`, `sys/`, `etc/` and whatever else collectors read, as far
//! as somebody recorded it: for tests, for bug reports, for other people's machines. All paths below are the machine's
//! own and absolute (`/proc/stat`); inside a box they and every link on the way are taken from the box's root, which the
//! kernel itself sees to (`openat2` with `RESOLVE_IN_ROOT`, Linux 5.6 or later), so nothing in a box leads out of it.
//!
//! What this room does not know is what the files mean. It bounds what is read ([`MOST_BYTES`], [`MOST_NAMES`]), never
//! follows a pipe or a device in a box, and says in plain words why something could not be read.

pub mod capacity;
pub mod cgroup;
pub mod container;
pub mod hwmon;
pub mod mount;
pub mod nvme;
pub mod process;
mod tail;

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{Dir, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::retry_on_intr;

use capacity::{Capacity, Uncounted};

/// The most bytes that are read of one file.
pub const MOST_BYTES: usize = 1024 * 1024;
/// The most names that are read of one directory.
pub const MOST_NAMES: usize = 4096;

/// A file, directory or link of the machine that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {cause}")]
pub struct Unreadable {
    /// The path, as the machine names it.
    pub path: String,
    /// What went wrong.
    #[source]
    pub cause: Cause,
}

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The kernel, or the box, does not have it.
    #[error("it is not there")]
    NotThere(#[source] io::Error),
    /// This process may not read it.
    #[error("this process has no right to read it")]
    Forbidden(#[source] io::Error),
    /// Anything else that the system says.
    #[error("{0}")]
    Failed(#[source] io::Error),
    /// There is more of it than is read.
    #[error("it is larger than {most} bytes")]
    TooLarge {
        /// The bound.
        most: usize,
    },
    /// A pipe, a socket or a device lies in a box where a file belongs.
    #[error("it is no plain file")]
    NotPlain,
    /// Something else stands where a device belongs.
    #[error("it is not the device that the kernel names so")]
    NotTheDevice,
    /// A drive was asked and refused.
    #[error("the drive refuses, with status {status:#x}")]
    Refused {
        /// The status of the NVMe completion: its type and code.
        status: i32,
    },
    /// It could be read, but not understood.
    #[error("it does not read as {expected}")]
    Garbled {
        /// What it was to be, in words.
        expected: &'static str,
    },
}

impl Unreadable {
    fn new(path: &str, error: impl Into<io::Error>) -> Self {
        let error = error.into();
        let cause = match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Cause::NotThere(error),
            io::ErrorKind::PermissionDenied => Cause::Forbidden(error),
            _ => Cause::Failed(error),
        };
        Self { path: path.to_owned(), cause }
    }

    /// It could be read, but is not what it was to be.
    pub fn garbled(path: &str, expected: &'static str) -> Self {
        Self { path: path.to_owned(), cause: Cause::Garbled { expected } }
    }

    /// Whether it simply does not exist.
    pub const fn is_not_there(&self) -> bool {
        matches!(self.cause, Cause::NotThere(_))
    }
}

/// The machine that is read. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Machine(Arc<Place>);

#[derive(Debug)]
enum Place {
    Itself,
    Box(InABox),
}

#[derive(Debug)]
struct InABox {
    path: PathBuf,
    /// Looked through in this order: a later state lies over the first.
    layers: Vec<OwnedFd>,
    /// What `statfs.json` says of each mount.
    capacities: BTreeMap<String, Capacity>,
}

impl Machine {
    /// This machine.
    pub fn itself() -> Self {
        Self(Arc::new(Place::Itself))
    }

    /// The machine in the box at `root`.
    pub fn in_a_box(root: &Path) -> Result<Self, Unreadable> {
        Self::from_layers(root, &[root.to_owned()])
    }

    fn from_layers(root: &Path, layers: &[PathBuf]) -> Result<Self, Unreadable> {
        let mut opened = Vec::with_capacity(layers.len());
        for layer in layers {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let fd = rustix::fs::open(layer, flags, Mode::empty())
                .map_err(|error| Unreadable::new(&layer.to_string_lossy(), error))?;
            opened.push(fd);
        }
        let mut place = InABox { path: root.to_owned(), layers: opened, capacities: BTreeMap::new() };
        match place.open("/statfs.json").and_then(|fd| slurp(&fd, "/statfs.json", MOST_BYTES)) {
            Ok(text) => {
                place.capacities = serde_json::from_str(&text)
                    .map_err(|_| Unreadable::garbled("/statfs.json", "capacities by mount (see fixtures/machines)"))?;
            }
            Err(error) if error.is_not_there() => {}
            Err(error) => return Err(error),
        }
        Ok(Self(Arc::new(Place::Box(place))))
    }

    /// The later state that a box holds, and how long after the first it was recorded: the directory `later/`, laid
    /// over the box, with the seconds in `later/after_s`. Nothing for this machine, which has its own later states.
    pub fn later(&self) -> Option<(Self, Duration)> {
        let Place::Box(place) = &*self.0 else { return None };
        let seconds: f64 = self.number("/later/after_s")?;
        let span = Duration::try_from_secs_f64(seconds).ok().filter(|span| !span.is_zero())?;
        let machine = Self::from_layers(&place.path, &[place.path.join("later"), place.path.clone()]).ok()?;
        Some((machine, span))
    }

    /// Whether this is the machine that we run on.
    pub fn is_itself(&self) -> bool {
        matches!(&*self.0, Place::Itself)
    }

    /// Reads a whole file of at most [`MOST_BYTES`]; what is no UTF-8 in it is replaced.
    pub fn read(&self, path: &str) -> Result<String, Unreadable> {
        slurp(&self.open(path)?, path, MOST_BYTES)
    }

    /// Reads the beginning of a file, up to `most` bytes.
    pub fn head(&self, path: &str, most: usize) -> Result<String, Unreadable> {
        let bytes = slurp_bytes(&self.open(path)?, path, most, Excess::Cut)?;
        Ok(into_text(bytes))
    }

    /// Reads the beginning of a binary file, up to `most` bytes.
    pub fn bytes(&self, path: &str, most: usize) -> Result<Vec<u8>, Unreadable> {
        slurp_bytes(&self.open(path)?, path, most, Excess::Cut)
    }

    /// The one line of a small file without the white space and zero bytes around it; nothing if it can't be read or is
    /// empty. One reading: the kernel gives such files whole.
    pub fn line(&self, path: &str) -> Option<String> {
        let fd = self.open(path).ok()?;
        let mut piece = [0_u8; 4096];
        let read = retry_on_intr(|| rustix::io::read(&fd, &mut piece)).ok()?;
        let text = String::from_utf8_lossy(&piece[..read]);
        let line = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        (!line.is_empty()).then(|| line.to_owned())
    }

    /// The one number of a small file; nothing if it can't be read or is none.
    pub fn number<T: FromStr>(&self, path: &str) -> Option<T> {
        self.line(path)?.parse().ok()
    }

    /// Whether something of that name exists; a link does, wherever it leads.
    pub fn exists(&self, path: &str) -> bool {
        match &*self.0 {
            Place::Itself => rustix::fs::lstat(path).is_ok(),
            Place::Box(place) => place.open_with(path, OFlags::PATH | OFlags::NOFOLLOW).is_ok(),
        }
    }

    /// The names in a directory, sorted, at most [`MOST_NAMES`].
    pub fn list(&self, path: &str) -> Result<Vec<String>, Unreadable> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let mut names = Vec::new();
        match &*self.0 {
            Place::Itself => {
                let fd = rustix::fs::open(path, flags | OFlags::CLOEXEC, Mode::empty());
                names_in(fd.map_err(|error| Unreadable::new(path, error))?, path, &mut names)?;
            }
            Place::Box(place) => {
                let mut found = Err(Unreadable::new(path, io::ErrorKind::NotFound));
                for layer in &place.layers {
                    match open_in(layer, path, flags) {
                        Ok(fd) => {
                            names_in(fd, path, &mut names)?;
                            found = Ok(());
                        }
                        Err(error) if found.is_err() => found = Err(Unreadable::new(path, error)),
                        Err(_) => {}
                    }
                }
                found?;
            }
        }
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// Where a link leads, as it is written.
    pub fn link(&self, path: &str) -> Result<String, Unreadable> {
        let target = match &*self.0 {
            Place::Itself => rustix::fs::readlink(path, Vec::new()),
            Place::Box(place) => {
                let link = place.open_with(path, OFlags::PATH | OFlags::NOFOLLOW)?;
                rustix::fs::readlinkat(&link, "", Vec::new())
            }
        };
        let target = target.map_err(|error| Unreadable::new(path, error))?;
        Ok(target.to_string_lossy().into_owned())
    }

    /// The last name of where a link leads: `docker0` for a link to `../../devices/virtual/net/docker0`.
    pub fn link_name(&self, path: &str) -> Option<String> {
        let target = self.link(path).ok()?;
        target.rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_owned)
    }

    /// How full the filesystem mounted at `mount` is. On this machine it asks the kernel and waits for its answer, which
    /// for a network mount may be for ever: [`capacity::Asker`] is for those.
    pub fn capacity(&self, mount: &str) -> Result<Capacity, Uncounted> {
        match &*self.0 {
            Place::Itself => Capacity::ask(mount),
            Place::Box(place) => place.capacities.get(mount).copied().ok_or(Uncounted::NotInABox),
        }
    }

    /// Bytes in a page of memory. A box does not say; nearly all machines have 4096.
    pub fn page_size(&self) -> u64 {
        if self.is_itself() { rustix::param::page_size() as u64 } else { 4096 }
    }

    fn open(&self, path: &str) -> Result<OwnedFd, Unreadable> {
        match &*self.0 {
            Place::Itself => rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY, Mode::empty())
                .map_err(|error| Unreadable::new(path, error)),
            Place::Box(place) => place.open(path),
        }
    }
}

impl InABox {
    /// Opens a plain file. `NONBLOCK`, so that a pipe that lies there can't hold us before it is seen to be one.
    fn open(&self, path: &str) -> Result<OwnedFd, Unreadable> {
        let fd = self.open_with(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)?;
        let stat = rustix::fs::fstat(&fd).map_err(|error| Unreadable::new(path, error))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(Unreadable { path: path.to_owned(), cause: Cause::NotPlain });
        }
        Ok(fd)
    }

    fn open_with(&self, path: &str, flags: OFlags) -> Result<OwnedFd, Unreadable> {
        let mut failed = rustix::io::Errno::NOENT;
        for layer in &self.layers {
            match open_in(layer, path, flags) {
                Ok(fd) => return Ok(fd),
                Err(error) => failed = error,
            }
        }
        Err(Unreadable::new(path, failed))
    }
}

fn open_in(root: &OwnedFd, path: &str, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    retry_on_intr(|| rustix::fs::openat2(root, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve))
}

fn names_in(fd: OwnedFd, path: &str, names: &mut Vec<String>) -> Result<(), Unreadable> {
    for entry in Dir::new(fd).map_err(|error| Unreadable::new(path, error))? {
        let entry = entry.map_err(|error| Unreadable::new(path, error))?;
        let name = entry.file_name().to_string_lossy();
        if name != "." && name != ".." {
            names.push(name.into_owned());
        }
        if names.len() == MOST_NAMES {
            break;
        }
    }
    Ok(())
}

/// What becomes of a file that is longer than may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Excess {
    Cut,
    Refuse,
}

fn slurp(fd: &OwnedFd, path: &str, most: usize) -> Result<String, Unreadable> {
    slurp_bytes(fd, path, most, Excess::Refuse).map(into_text)
}

/// Files of `proc` and `sys` state no size, so the first read goes to the stack: most are whole after it.
fn slurp_bytes(fd: &OwnedFd, path: &str, most: usize, excess: Excess) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    let mut piece = [0_u8; 8192];
    loop {
        let read = retry_on_intr(|| rustix::io::read(fd, &mut piece)).map_err(|error| Unreadable::new(path, error))?;
        if read == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(&piece[..read]);
        if bytes.len() > most {
            if excess == Excess::Refuse {
                return Err(Unreadable { path: path.to_owned(), cause: Cause::TooLarge { most } });
            }
            bytes.truncate(most);
            return Ok(bytes);
        }
    }
}

fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests;
