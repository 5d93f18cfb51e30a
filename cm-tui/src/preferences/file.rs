//! The file that preferences are kept in: read with a limit, written whole or not at all.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use super::Preferences;

/// The most bytes of the file that are read.
const MOST_BYTES: u64 = 64 * 1024;

/// The file's name in the state folder.
const FILE: &str = "dashboard.json";

/// Reads the file in this folder; where there is none, or none that can be read, nothing was chosen.
pub(crate) fn read(folder: &Path) -> Preferences {
    let mut text = String::new();
    let read = fs::File::open(folder.join(FILE)).and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text));
    read.map_or_else(|_| Preferences::default(), |_| Preferences::read(&text))
}

/// Writes the file; the folder is made where it is missing, for its owner alone.
pub(crate) fn write(folder: &Path, preferences: &Preferences) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // Two programs may write at the same time: each its own, and the last one stays.
    let beside = folder.join(format!("{FILE}.{}", std::process::id()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .and_then(|mut file| file.write_all(preferences.write().as_bytes()))
        .and_then(|()| fs::rename(&beside, folder.join(FILE)));
    if written.is_err() {
        // What is left of it helps nobody; the first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("state").join("cm-dashboard");
        assert_eq!(read(&below), Preferences::default());
        let chosen = Preferences { ungrouped: true, ..Preferences::default() };
        write(&below, &chosen).unwrap();
        assert_eq!(read(&below), chosen);
        assert_eq!(fs::read_dir(&below).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(write(&folder.path().join("file"), &Preferences::default()).is_err());
    }
}
