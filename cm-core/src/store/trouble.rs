//! What can go wrong with the history, each with what it was done to, why, and what to do next.
//!
//! A state from which the same call may simply be made again is told apart from one that needs a person: see
//! [`StoreError::can_retry`].

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::fault::Code;

/// Why a history cannot be opened. The file is as it was before, unless a variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The SQLite in this program is older than its repair of the write-ahead log.
    #[error(
        "SQLite {found} is built in, and 3.51.3 is the first that repairs its log safely: build with the bundled one"
    )]
    OldSqlite {
        /// Which it is.
        found: &'static str,
    },
    /// The folder cannot be made or looked at.
    #[error("{}: the folder of the history cannot be used ({source}); name another file with --database", folder.display())]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// Locks are not to be trusted there.
    #[error(
        "{} lies on {filesystem}, where the locks that keep a history whole are not to be trusted; nothing was written. Name a file on a local disk with --database",
        path.display()
    )]
    Filesystem {
        /// Which file.
        path: PathBuf,
        /// The filesystem's name.
        filesystem: &'static str,
    },
    /// Nobody can write there.
    #[error(
        "{} lies on a filesystem that is mounted read-only, so nothing can be recorded; mount it to be written, or name another file with --database",
        path.display()
    )]
    ReadOnly {
        /// Which file.
        path: PathBuf,
    },
    /// A file of something else.
    #[error("{} is a database of another program; it was not touched. Name another file with --database", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
    },
    /// Written by a newer version of this program.
    #[error(
        "{} was written by a newer version (layout {found}, known here: up to {known}); it was not touched. Update this program, or name another file with --database",
        path.display()
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its layout.
        found: i64,
        /// The newest layout that is known.
        known: i64,
    },
    /// Written by an older version, and opened only to be read.
    #[error("{} has the older layout {found}; the program that records brings it up to date when it starts", path.display())]
    Older {
        /// Which file.
        path: PathBuf,
        /// Its layout.
        found: i64,
    },
    /// There is none.
    #[error("{}: there is no history yet; it begins when cm-tui or another recorder runs", path.display())]
    Absent {
        /// Which file.
        path: PathBuf,
    },
    /// The copy that is made before the layout changes could not be made. The layout was not changed.
    #[error("{}: no copy could be made before bringing the history up to date ({source}); it stays as it is. Make room, then start again", copy.display())]
    Copy {
        /// Where the copy was to go.
        copy: PathBuf,
        /// Why it failed.
        source: Box<StoreError>,
    },
    /// SQLite refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why the history could not be read or written. Whatever failed changed nothing: every write is one transaction.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room on the disk.
    #[error("{}: the disk is full; nothing of this was stored. Make room: recording goes on by itself", path.display())]
    Full {
        /// Which file.
        path: PathBuf,
        /// SQLite's word.
        source: rusqlite::Error,
    },
    /// Room is left, but it is kept for what matters more than samples.
    #[error(
        "{}: {free} bytes are free and the last {reserve} are kept for incidents; samples are not stored. Make room: recording goes on by itself",
        path.display()
    )]
    Reserve {
        /// Which file.
        path: PathBuf,
        /// What is free, in bytes.
        free: u64,
        /// What is kept, in bytes.
        reserve: u64,
    },
    /// A reader keeps the write-ahead log from being emptied, and it has reached its limit.
    #[error(
        "{}: the write-ahead log has {log_bytes} bytes because a program has been reading for long; samples wait until it ends",
        path.display()
    )]
    LogHeld {
        /// Which file.
        path: PathBuf,
        /// Its size, in bytes.
        log_bytes: u64,
    },
    /// Nobody may write to the file.
    #[error("{}: the file, or its log beside it, cannot be opened or written ({source}); give this user the right to, or name another with --database", path.display())]
    ReadOnly {
        /// Which file.
        path: PathBuf,
        /// SQLite's word.
        source: rusqlite::Error,
    },
    /// Somebody else wrote for longer than was waited.
    #[error("{}: another program is writing; try again", path.display())]
    Busy {
        /// Which file.
        path: PathBuf,
        /// SQLite's word.
        source: rusqlite::Error,
    },
    /// The lease was never taken.
    #[error("{}: this program does not hold the lease, so it writes nothing", path.display())]
    NoLease {
        /// Which file.
        path: PathBuf,
    },
    /// Another program took the lease over in the meantime.
    #[error("{}: another program records now (epoch {found}, ours was {own}); nothing of this was stored", path.display())]
    Fenced {
        /// Which file.
        path: PathBuf,
        /// The epoch in the file.
        found: i64,
        /// The epoch under which this was to be written.
        own: i64,
    },
    /// The file that was opened is no longer the one that has its name.
    #[error("{}: the file was replaced; open it again", path.display())]
    Replaced {
        /// Which file.
        path: PathBuf,
    },
    /// What was read does not hold together.
    #[error("{}: damaged ({what}); `history check` says how much, `history salvage` saves the rest into a new file", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What did not hold.
        what: String,
    },
    /// A file beside the history could not be made or looked at.
    #[error("{}: {source}", path.display())]
    Beside {
        /// Which file.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// Anything else that SQLite may say.
    #[error("{}: {doing} failed: {source}", path.display())]
    Sqlite {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// SQLite's word.
        source: rusqlite::Error,
    },
}

impl OpenError {
    /// The code under which this is explained.
    pub const fn code(&self) -> Code {
        match self {
            Self::OldSqlite { .. } => Code::HISTORY_REFUSED,
            Self::Folder { .. } | Self::ReadOnly { .. } => Code::HISTORY_UNWRITABLE,
            Self::Filesystem { .. } => Code::HISTORY_GROUND,
            Self::Foreign { .. } => Code::HISTORY_FOREIGN,
            Self::Newer { .. } => Code::HISTORY_NEWER,
            Self::Older { .. } => Code::HISTORY_OLDER,
            Self::Absent { .. } => Code::HISTORY_ABSENT,
            Self::Copy { source, .. } => source.code(),
            Self::Store(source) => source.code(),
        }
    }
}

impl StoreError {
    /// The code under which this is explained.
    pub const fn code(&self) -> Code {
        match self {
            Self::Full { .. } | Self::Reserve { .. } => Code::HISTORY_FULL,
            Self::LogHeld { .. } => Code::HISTORY_LOG_HELD,
            Self::ReadOnly { .. } => Code::HISTORY_UNWRITABLE,
            Self::Busy { .. } => Code::HISTORY_BUSY,
            Self::NoLease { .. } | Self::Fenced { .. } => Code::HISTORY_FENCED,
            Self::Replaced { .. } => Code::HISTORY_REPLACED,
            Self::Damaged { .. } => Code::HISTORY_DAMAGED,
            Self::Beside { .. } | Self::Sqlite { .. } => Code::HISTORY_REFUSED,
        }
    }

    /// Whether the same call may succeed later without anything being opened anew.
    pub const fn can_retry(&self) -> bool {
        matches!(self, Self::Full { .. } | Self::Reserve { .. } | Self::LogHeld { .. } | Self::Busy { .. })
    }
}

/// Sorts SQLite's word into what a caller can act on.
pub(super) fn sorted(path: &Path, doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |source| {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::Full { path, source },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                StoreError::ReadOnly { path, source }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path, source },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Damaged { path, what: format!("{doing}: {source}") }
            }
            _ => StoreError::Sqlite { path, doing, source },
        }
    }
}
