//! Other programs: which of them may be run, and running them so that they can do no harm by being slow, loud or deaf.
//!
//! A program is settled when the configuration is read, and judged again at each start: it, what its `#!` line names, and
//! every folder and link on the way belong to root or to this user, and nobody else may write there ([`cm_model::trust`]). So
//! whoever could exchange it between the judging and the running is trusted anyway, and nothing is won by opening it first.
//! It gets an empty environment, its arguments as a list, `/dev/null` to read, `/` to stand in and a process group of its own
//! ([`running`]). No shell reads anything.
//!
//! It does not know what the programs are for.

pub mod running;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cm_model::clock::MonoTime;
use cm_model::trust::{Distrust, Kind};

pub use running::{Ended, How, Limits, Running};

use crate::trust;

/// Where a program is looked for by its name, in this order. NixOS keeps its own in the last two.
pub const PLACES: [&str; 8] = [
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/bin",
    "/sbin",
    "/run/current-system/sw/bin",
    "/run/wrappers/bin",
];

/// How often a `#!` line may name a program that has one itself: as often as the kernel goes along with it.
const MOST_INTERPRETERS: usize = 4;

/// A program that may be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// As it is started: not resolved, so that a link which is moved by an upgrade is followed to the new one.
    path: PathBuf,
}

impl Program {
    /// Finds a program, by its absolute path or by its name in [`PLACES`], and judges it.
    ///
    /// A name that is found in several places is the first of them that can be trusted. [`Distrust::is_not_there`] says that
    /// the machine has none. Costs some twenty looks at files and folders.
    pub fn settle(name: &str) -> Result<Self, Distrust> {
        if name.contains('/') {
            return Self::at(Path::new(name));
        }
        let mut first_distrust = None;
        for place in PLACES {
            match Self::at(&Path::new(place).join(name)) {
                Ok(program) => return Ok(program),
                Err(distrust) if distrust.is_not_there() => {}
                Err(distrust) => first_distrust = first_distrust.or(Some(distrust)),
            }
        }
        Err(first_distrust.unwrap_or_else(|| {
            let why = format!("there is no such program in {}", PLACES.join(", "));
            unseen(Path::new(name), io::Error::new(io::ErrorKind::NotFound, why))
        }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Judges it again, as [`Program::start`] does by itself: for whoever tells why it is not run.
    pub fn check(&self) -> Result<(), Distrust> {
        judge(&self.path, MOST_INTERPRETERS)
    }

    /// Starts it, if it can still be trusted, with an environment that holds `LC_ALL=C` and what is given, nothing else.
    ///
    /// Returns as soon as it runs. Time counts from `now` on.
    pub fn start(&self, args: &[&str], env: &[(&str, &str)], limits: Limits, now: MonoTime) -> io::Result<Running> {
        self.start_reading(args, env, Stdio::null(), limits, now)
    }

    /// As [`Program::start`], with something to read: a file, so that nobody has to wait until it has read it.
    pub fn start_reading(
        &self,
        args: &[&str],
        env: &[(&str, &str)],
        input: Stdio,
        limits: Limits,
        now: MonoTime,
    ) -> io::Result<Running> {
        self.check().map_err(io::Error::other)?;
        let mut command = Command::new(&self.path);
        command.args(args).env_clear().env("LC_ALL", "C").envs(env.iter().copied());
        command.current_dir("/").process_group(0);
        command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running::new(command.spawn()?, limits, now)
    }

    fn at(path: &Path) -> Result<Self, Distrust> {
        judge(path, MOST_INTERPRETERS)?;
        Ok(Self { path: path.to_owned() })
    }
}

/// What `PATH` may hold for a program that runs others by their names: those of [`PLACES`] that nobody else may write into.
pub fn search_path() -> String {
    let sound = |place: &&str| trust::judge(Path::new(place)).is_ok();
    PLACES.into_iter().filter(sound).collect::<Vec<_>>().join(":")
}

/// Judges a program, and what its `#!` line names.
fn judge(path: &Path, interpreters: usize) -> Result<(), Distrust> {
    let refused = |why| unseen(path, io::Error::new(io::ErrorKind::InvalidInput, why));
    if !path.is_absolute() {
        return Err(refused("a program is given by its name alone or by its whole path, from / on"));
    }
    let seen = trust::judge(path)?;
    if seen.kind != Kind::File || seen.mode & 0o170_000 != 0o100_000 || seen.mode & 0o111 == 0 {
        return Err(refused("it is no program"));
    }
    let Some(interpreter) = interpreter(path) else { return Ok(()) };
    let Some(left) = interpreters.checked_sub(1) else { return Err(refused("its #! lines lead on and on")) };
    judge(&interpreter, left)
}

/// What the `#!` line of a file names; nothing for a file without one, and for one that may be run but not read.
fn interpreter(path: &Path) -> Option<PathBuf> {
    // As much as the kernel reads.
    let mut head = Vec::with_capacity(256);
    File::open(path).ok()?.take(256).read_to_end(&mut head).ok()?;
    let line = head.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let mut words = line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
    words.next().map(|word| PathBuf::from(OsStr::from_bytes(word)))
}

fn unseen(path: &Path, cause: io::Error) -> Distrust {
    Distrust::Unseen { path: path.to_owned(), cause }
}

#[cfg(test)]
mod tests;
