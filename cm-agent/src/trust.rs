//! Files that nobody else could have written, and secrets that not everybody can read: the looking at them and the reading.
//!
//! [`cm_model::trust`] judges. The way is judged before the file is opened or run: whoever could exchange it in between is
//! trusted anyway. It does not know what is in the files.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use cm_model::trust::{self, Distrust, Kind, Seen};

/// Why a file was not read.
#[derive(Debug)]
pub(crate) enum Refused {
    /// Others could have written it, or can read the secret in it.
    Untrusted(Distrust),
    /// It cannot be read.
    Unreadable(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

impl From<Distrust> for Refused {
    fn from(distrust: Distrust) -> Self {
        match distrust {
            Distrust::Unseen { cause, .. } => Self::Unreadable(cause),
            distrust => Self::Untrusted(distrust),
        }
    }
}

/// Reads a text file of at most `most` bytes that nobody else could have written.
pub(crate) fn read(path: &Path, most: u64) -> Result<String, Refused> {
    read_if(path, most, trust::check)
}

/// As [`read`], and not everybody may read it either.
pub(crate) fn read_secret(path: &Path, most: u64) -> Result<String, Refused> {
    read_if(path, most, trust::check_secret)
}

/// Judges an absolute path and all that it leads through. Costs a look at each folder and link on the way.
pub(crate) fn judge(path: &Path) -> Result<Seen, Distrust> {
    trust::check(path, user(), &look_at)
}

fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

fn read_if(
    path: &Path,
    most: u64,
    check: impl FnOnce(&Path, u32, trust::Look<'_>) -> Result<Seen, Distrust>,
) -> Result<String, Refused> {
    // Opening a pipe would wait for its writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file").into());
    }
    check(&std::path::absolute(path)?, user(), &look_at)?;
    let mut text = String::new();
    File::open(path)?.take(most + 1).read_to_string(&mut text)?;
    if text.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("more than {most} bytes")).into());
    }
    Ok(text)
}

fn look_at(path: &Path) -> io::Result<Seen> {
    let about = fs::symlink_metadata(path)?;
    let kind = match about.file_type() {
        kind if kind.is_symlink() => Kind::Link(fs::read_link(path)?),
        kind if kind.is_dir() => Kind::Folder,
        _ => Kind::File,
    };
    Ok(Seen { owner: about.uid(), mode: about.mode(), kind })
}
