//! A log in a file of its own that cannot fill the disk: turned over by size, kept by number and by age.
//!
//! For machines whose service manager keeps no log. `FILE` is the newest, `FILE.1` the one before it, and so on. A line that
//! cannot be written goes to stderr instead. It does not know what is logged.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use cm_model::clock::{Clock, WallTime};

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// The size in bytes at which a file is turned over; a longer line gets a file of its own.
    pub size: u64,
    /// How many older files are kept beside the newest.
    pub files: usize,
    /// How long an older file is kept after its last line.
    pub age: Duration,
}

impl Default for Keep {
    fn default() -> Self {
        Self { size: 10 << 20, files: 5, age: Duration::from_hours(24 * 30) }
    }
}

/// The log file, open for appending.
#[derive(Debug)]
pub struct LogFile<C> {
    path: PathBuf,
    keep: Keep,
    clock: C,
    file: File,
    written: u64,
}

impl<C: Clock> LogFile<C> {
    /// Opens or makes the file, readable by its owner and group alone, and forgets older ones that are past their time.
    pub fn open(path: &Path, keep: Keep, clock: C) -> io::Result<Self> {
        let file = append(path)?;
        let written = file.metadata()?.len();
        let log = Self { path: path.to_owned(), keep, clock, file, written };
        log.forget();
        Ok(log)
    }

    fn older(&self, number: usize) -> PathBuf {
        let mut name = OsString::from(&self.path);
        name.push(format!(".{number}"));
        name.into()
    }

    /// `FILE` becomes `FILE.1`, that one `FILE.2`; the last one goes.
    fn turn_over(&mut self) -> io::Result<()> {
        for number in (1..self.keep.files).rev() {
            match std::fs::rename(self.older(number), self.older(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        if self.keep.files == 0 {
            std::fs::remove_file(&self.path)?;
        } else {
            std::fs::rename(&self.path, self.older(1))?;
        }
        self.file = append(&self.path)?;
        self.written = 0;
        self.forget();
        Ok(())
    }

    /// Removes older files past their time. A clock that has jumped back makes them look young, and they stay.
    fn forget(&self) {
        let now = self.clock.now().wall;
        for number in 1..=self.keep.files {
            let path = self.older(number);
            let last = std::fs::metadata(&path).and_then(|about| about.modified()).ok();
            let last = last
                .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
                .and_then(|span| span.as_millis().try_into().ok());
            if last.is_some_and(|millis| now.since(WallTime::from_millis(millis)) > self.keep.age) {
                let _ = std::fs::remove_file(path); // One that cannot be removed is tried again at the next turn.
            }
        }
    }
}

impl<C: Clock> Write for LogFile<C> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.written > 0 && self.written + line.len() as u64 > self.keep.size {
            // Where it cannot be turned over the line still goes into the file that is open.
            let _ = self.turn_over();
        }
        if self.file.write_all(line).is_err() {
            io::stderr().write_all(line)?;
        }
        self.written += line.len() as u64;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(()) // Every line is written as it comes.
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o640).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_model::clock::{ManualClock, Now};
    use std::time::SystemTime;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn clock_at(at: SystemTime) -> ManualClock {
        let millis = at.duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap();
        ManualClock::at(Now { wall: WallTime::from_millis(millis), ..Now::default() })
    }

    #[test]
    fn it_is_turned_over_by_size_and_only_so_many_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.log");
        let keep = Keep { size: 10, files: 2, age: Duration::MAX };
        let mut log = LogFile::open(&path, keep, ManualClock::default()).unwrap();
        for line in ["one 5\n", "two 5\n", "three\n", "four \n"] {
            log.write_all(line.as_bytes()).unwrap();
        }
        assert_eq!(names(folder.path()), ["agent.log", "agent.log.1", "agent.log.2"]);
        let held = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(
            (held("agent.log"), held("agent.log.1"), held("agent.log.2")),
            ("four \n".into(), "three\n".into(), "two 5\n".into())
        );
    }

    #[test]
    fn it_goes_on_where_it_ended_and_a_long_line_stays_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.log");
        let keep = Keep { size: 10, files: 1, age: Duration::MAX };
        LogFile::open(&path, keep, ManualClock::default()).unwrap().write_all(b"first\n").unwrap();
        let mut log = LogFile::open(&path, keep, ManualClock::default()).unwrap();
        log.write_all(b"a line longer than a file\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a line longer than a file\n");
        assert_eq!(std::fs::read_to_string(folder.path().join("agent.log.1")).unwrap(), "first\n");
    }

    #[test]
    fn what_is_past_its_time_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.log");
        let old = folder.path().join("agent.log.1");
        std::fs::write(&old, "old\n").unwrap();
        let written = std::fs::metadata(&old).unwrap().modified().unwrap();
        let keep = Keep { age: Duration::from_hours(1), ..Keep::default() };
        LogFile::open(&path, keep, clock_at(written + Duration::from_mins(59))).unwrap();
        assert!(old.exists());
        LogFile::open(&path, keep, clock_at(written + Duration::from_mins(61))).unwrap();
        assert!(!old.exists());
    }
}
