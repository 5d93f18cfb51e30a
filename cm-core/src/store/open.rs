//! Opening the file, to write or to read, with the settings that keep it whole.
//!
//! It does not know what is in the tables.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::ground::{Disk, Ground, unfit};
use super::migration::{self, LAYOUTS};
use super::read::Reader;
use super::trouble::{OpenError, StoreError, sorted};
use super::writer::Writer;

/// The first SQLite whose repair of a write-ahead log is sound (3.51.3).
pub(super) const LEAST_SQLITE: i32 = 3_051_003;

/// How long SQLite waits for another program's commit.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// From when on samples are not stored, so that what matters more still is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// What is kept free on the disk for incidents, leases and clean-up, in bytes.
    pub reserve_bytes: u64,
    /// From which size of the write-ahead log on samples wait, in bytes.
    pub log_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { reserve_bytes: 32 << 20, log_bytes: 14 << 20 }
    }
}

/// Which file to open, and what is asked of the machine.
#[expect(missing_debug_implementations, reason = "what lies under the file need not print itself")]
pub struct Opening {
    path: PathBuf,
    ground: Box<dyn Ground>,
    limits: Limits,
}

impl Opening {
    /// A file on the machine's own disk.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), ground: Box::new(Disk), limits: Limits::default() }
    }

    /// The same with other ground under it.
    #[must_use]
    pub fn on(self, ground: impl Ground + 'static) -> Self {
        Self { ground: Box::new(ground), ..self }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Opens it to write: makes it where there is none (0600, in a folder 0700), and brings an older one up to date.
    /// Nothing can be written before the lease is [claimed](Writer::claim).
    pub fn write(self) -> Result<Writer, OpenError> {
        self.write_with(LAYOUTS)
    }

    pub(super) fn write_with(self, layouts: &[&str]) -> Result<Writer, OpenError> {
        sound_sqlite(rusqlite::version_number())?;
        let folder = super::folder(&self.path);
        let refused = |source| OpenError::Folder { folder: folder.to_owned(), source };
        make_folder(folder).map_err(refused)?;
        self.fit_ground(folder)?;
        if self.ground.is_read_only(folder).map_err(refused)? {
            return Err(OpenError::ReadOnly { path: self.path });
        }
        make_private(&self.path).map_err(refused)?;
        let mut quick = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        if migration::layout(&self.path, &quick)? == 0 {
            // Room that expired data leaves can be given back in steps; it has to be said before the first table.
            let word = sorted(&self.path, "making the file");
            quick.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(&word)?;
        }
        migration::migrate(&self.path, &mut quick, layouts)?;
        log_ahead(&self.path, &quick)?;
        quick.pragma_update(None, "synchronous", "NORMAL").map_err(sorted(&self.path, "opening"))?;
        let firm = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        firm.pragma_update(None, "synchronous", "FULL").map_err(sorted(&self.path, "opening"))?;
        let site = Site::of(self.path)?;
        Ok(Writer::new(site, quick, firm, self.ground, self.limits))
    }

    /// Opens it to read. It never makes or changes a layout; a reader may run beside the writer and without one.
    pub fn read(self) -> Result<Reader, OpenError> {
        sound_sqlite(rusqlite::version_number())?;
        if !self.path.exists() {
            return Err(OpenError::Absent { path: self.path });
        }
        self.fit_ground(super::folder(&self.path))?;
        // Reading through a log needs the right to write its index; where there is none SQLite may still manage.
        let connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)
            .or_else(|_| connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY))
            .or_else(|error| if self.nothing_changes() { connect_unchanging(&self.path) } else { Err(error) })?;
        connection.pragma_update(None, "query_only", true).map_err(sorted(&self.path, "opening"))?;
        let known = migration::newest(LAYOUTS);
        match migration::layout(&self.path, &connection)? {
            0 => return Err(OpenError::Absent { path: self.path }),
            found if found > known => return Err(OpenError::Newer { path: self.path, found, known }),
            found if found < known => return Err(OpenError::Older { path: self.path, found }),
            _ => {}
        }
        Ok(Reader::new(Site::of(self.path)?, connection))
    }

    /// Whether nobody can write there, and all that was written is in the file itself.
    fn nothing_changes(&self) -> bool {
        let mut log = self.path.as_os_str().to_owned();
        log.push("-wal");
        let log_is_empty = fs::metadata(PathBuf::from(log)).map_or(true, |log| log.len() == 0);
        log_is_empty && self.ground.is_read_only(super::folder(&self.path)).unwrap_or(false)
    }

    fn fit_ground(&self, folder: &Path) -> Result<(), OpenError> {
        let magic =
            self.ground.filesystem(folder).map_err(|source| OpenError::Folder { folder: folder.to_owned(), source })?;
        match unfit(magic) {
            Some(filesystem) => Err(OpenError::Filesystem { path: self.path.clone(), filesystem }),
            None => Ok(()),
        }
    }
}

/// Refuses an SQLite that is too old.
pub(super) fn sound_sqlite(number: i32) -> Result<(), OpenError> {
    if number < LEAST_SQLITE { Err(OpenError::OldSqlite { found: rusqlite::version() }) } else { Ok(()) }
}

/// Makes a folder for its owner alone, and those above it that are missing; they are on the disk when it returns, so that
/// a power cut does not take a new folder with all that was acknowledged in it.
fn make_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> =
        folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    missing.into_iter().try_for_each(|folder| sync(super::folder(folder)))
}

/// Brings what a folder lists to the disk.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Mode, OFlags};
    let folder = rustix::fs::open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    Ok(rustix::fs::fsync(folder)?)
}

/// Makes an empty file that only its owner may read. Where there is one, it is left alone and not even opened: closing
/// it again would drop the locks that this process may hold on it.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => sync(super::folder(path)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// A connection with the settings that every one of ours has.
pub(super) fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let name = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    connect_by(path, &name, flags)
}

/// The same to a file that nobody can change: without locks, and without a log beside it.
fn connect_unchanging(path: &Path) -> Result<Connection, StoreError> {
    let name = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut address = "file:".to_owned();
    for byte in name.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => address.push(char::from(*byte)),
            _ => address.extend(format!("%{byte:02X}").chars()),
        }
    }
    address.push_str("?immutable=1");
    connect_by(path, Path::new(&address), OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)
}

fn connect_by(path: &Path, name: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let word = sorted(path, "opening");
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(name, flags).map_err(&word)?;
    let set = || -> rusqlite::Result<()> {
        connection.busy_timeout(PATIENCE)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update(None, "mmap_size", 0)?;
        // Half a megabyte of pages for each connection; the default grows to two.
        connection.pragma_update(None, "cache_size", -512)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "wal_autocheckpoint", 256)?;
        // These two answer with what is set now.
        connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
        connection.pragma_update_and_check(None, "journal_size_limit", 1 << 20, |_| Ok(()))?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(())
    };
    set().map_err(&word)?;
    Ok(connection)
}

fn log_ahead(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(sorted(path, "turning on the write-ahead log"))?;
    if mode == "wal" {
        return Ok(());
    }
    let what = format!("it keeps its journal as {mode:?}, not as a write-ahead log");
    Err(StoreError::Damaged { path: path.to_owned(), what }.into())
}

/// Which file was opened: its path, and what tells it from another that takes its name.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub path: PathBuf,
    inode: (u64, u64),
}

impl Site {
    pub(super) fn of(path: PathBuf) -> Result<Self, StoreError> {
        match inode(&path) {
            Ok(inode) => Ok(Self { path, inode }),
            Err(source) => Err(StoreError::Beside { path, source }),
        }
    }

    /// Whether the path still names the file that was opened. Asks for its number and does not open it.
    pub(super) fn stands(&self) -> Result<(), StoreError> {
        let same = inode(&self.path).is_ok_and(|inode| inode == self.inode);
        if same { Ok(()) } else { Err(StoreError::Replaced { path: self.path.clone() }) }
    }

    pub(super) fn sorted(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
        sorted(&self.path, doing)
    }
}

fn inode(path: &Path) -> io::Result<(u64, u64)> {
    fs::metadata(path).map(|data| (data.dev(), data.ino()))
}
