//! Could somebody else have written this file?
//!
//! Whoever may write a file, or a folder on the way to it, decides what it says. So a file of ours belongs to this user or
//! to root, and neither it nor any folder above it may be written by group or others. A folder with the sticky bit (`/tmp`)
//! passes: there nobody can replace what belongs to another. Read access is another question, asked for tokens only.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What lets others in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Its group may write.
    GroupWrites,
    /// Anybody may write.
    OthersWrite,
    /// It belongs to another user, by number.
    Belongs(u32),
    /// Anybody may read it, and it holds a secret.
    OthersRead,
}

/// A file that somebody else could have written, or could read a secret in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}; it is not used\nrun: {}", .path.display(), self.why(), self.remedy())]
pub struct Untrusted {
    /// The file, or the folder above it.
    pub path: PathBuf,
    /// What lets others in.
    pub fault: Fault,
}

impl Untrusted {
    fn why(&self) -> String {
        match self.fault {
            Fault::GroupWrites => "its group may write it".to_owned(),
            Fault::OthersWrite => "anybody may write it".to_owned(),
            Fault::Belongs(uid) => format!("it belongs to user {uid}, neither to this one nor to root"),
            Fault::OthersRead => "anybody may read it, and it holds a token".to_owned(),
        }
    }

    /// The command that mends it.
    pub fn remedy(&self) -> String {
        let command = match self.fault {
            Fault::GroupWrites => "chmod g-w".to_owned(),
            Fault::OthersWrite => "chmod go-w".to_owned(),
            Fault::Belongs(_) => format!("chown {}", rustix::process::geteuid().as_raw()),
            Fault::OthersRead => "chmod o-r".to_owned(),
        };
        format!("{command} '{}'", self.path.display().to_string().replace('\'', "'\\''"))
    }
}

/// Why a file was not read.
#[derive(Debug)]
pub(super) enum Refused {
    /// Others could have written it.
    Untrusted(Untrusted),
    /// It cannot be read.
    Unreadable(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// Reads a text file of at most `most` bytes that nobody else could have written. What is checked is the opened file, so
/// that it cannot be exchanged between check and use.
pub(super) fn read(path: &Path, most: u64) -> Result<String, Refused> {
    read_if(path, most, |_| None)
}

/// As [`read`], and nobody but owner and group may read it either.
pub(super) fn read_secret(path: &Path, most: u64) -> Result<String, Refused> {
    read_if(path, most, |file| (file.mode() & 0o004 != 0).then_some(Fault::OthersRead))
}

fn read_if(path: &Path, most: u64, further: impl FnOnce(&Metadata) -> Option<Fault>) -> Result<String, Refused> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file").into());
    }
    let untrusted = |path: &Path, fault| Refused::Untrusted(Untrusted { path: path.into(), fault });
    // The way as it was written, and the way it leads through links.
    let ways = [std::path::absolute(path)?, path.canonicalize()?];
    if let Some(fault) = fault_of(&metadata).or_else(|| further(&metadata)) {
        return Err(untrusted(&ways[0], fault));
    }
    for folder in ways.iter().flat_map(|way| way.ancestors().skip(1)) {
        if let Some(fault) = fault_of(&folder.metadata()?) {
            return Err(untrusted(folder, fault));
        }
    }
    let mut text = String::new();
    file.take(most + 1).read_to_string(&mut text)?;
    if text.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("more than {most} bytes")).into());
    }
    Ok(text)
}

/// What lets others write a file or a folder.
fn fault_of(metadata: &Metadata) -> Option<Fault> {
    const STICKY: u32 = 0o1000;
    let (mode, uid) = (metadata.mode(), metadata.uid());
    if uid != 0 && uid != rustix::process::geteuid().as_raw() {
        return Some(Fault::Belongs(uid));
    }
    if metadata.is_dir() && mode & STICKY != 0 {
        return None;
    }
    match (mode & 0o020 != 0, mode & 0o002 != 0) {
        (_, true) => Some(Fault::OthersWrite),
        (true, false) => Some(Fault::GroupWrites),
        (false, false) => None,
    }
}
