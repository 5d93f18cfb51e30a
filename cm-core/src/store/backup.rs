//! A copy of the history while it is in use, made by SQLite itself. It does not know what is in it.

use std::fs;
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::open::{connect, make_private};
use super::read::Reader;
use super::trouble::{StoreError, sorted};

/// How often a copy is begun anew because others are writing.
const TRIES: usize = 50;

impl Reader {
    /// Copies the history into a new file, which only its owner may read: a state of one moment, whole.
    ///
    /// Where there is a file already nothing is done. The writer may go on; the log waits for as long as this takes.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        self.site.stands()?;
        if to.exists() {
            let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(StoreError::Beside { path: to.to_owned(), source });
        }
        copy(&self.connection, &self.site.path, to)
    }
}

/// The same over a copy that an earlier try may have left.
pub(super) fn copy_anew(from: &Connection, path: &Path, to: &Path) -> Result<(), StoreError> {
    match fs::remove_file(to) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::Beside { path: to.to_owned(), source })
        }
        _ => copy(from, path, to),
    }
}

fn copy(from: &Connection, path: &Path, to: &Path) -> Result<(), StoreError> {
    make_private(to).map_err(|source| StoreError::Beside { path: to.to_owned(), source })?;
    let copied = copy_pages(from, path, to);
    if copied.is_err() {
        // Half a copy is worse than none; what failed is told already.
        let _ = fs::remove_file(to);
    }
    copied
}

fn copy_pages(from: &Connection, path: &Path, to: &Path) -> Result<(), StoreError> {
    let mut target = connect(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    target.pragma_update(None, "synchronous", "FULL").map_err(sorted(to, "copying"))?;
    let backup = Backup::new(from, &mut target).map_err(sorted(to, "copying"))?;
    for _ in 0..TRIES {
        match backup.step(-1).map_err(sorted(to, "copying"))? {
            StepResult::Done => return Ok(()),
            _ => std::thread::yield_now(),
        }
    }
    let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
    Err(StoreError::Busy { path: path.to_owned(), source: rusqlite::Error::SqliteFailure(busy, None) })
}
