//! The snapshot on disk: read up to a limit, written whole or not at all, and readable by its owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{MOST_BYTES, Snapshot, SnapshotError};

impl Snapshot {
    /// Reads a file, or whatever else can be read to its end, of at most [`MOST_BYTES`].
    pub fn load(path: &Path) -> Result<Self, SnapshotError> {
        let unreadable = |source| SnapshotError::Unreadable { path: path.display().to_string(), source };
        let not_one = |why: String| SnapshotError::NotASnapshot { path: path.display().to_string(), why };
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(unreadable)?;
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(not_one(format!("it is larger than {} MiB", MOST_BYTES / 1024 / 1024)));
        }
        let text = std::str::from_utf8(&bytes).map_err(|fault| not_one(format!("it is not text ({fault})")))?;
        Self::from_json(text).map_err(|fault| not_one(fault.why))
    }

    /// Writes a file that only its owner can read (mode 0600), in place of what was there before.
    ///
    /// It is written beside its place and moved there once it is on the disk: after a fault or a power cut there is the
    /// old file or the new one, never half of one.
    pub fn save(&self, path: &Path) -> Result<(), SnapshotError> {
        write_whole(path, self.to_json().as_bytes())
            .map_err(|source| SnapshotError::Unwritable { path: path.display().to_string(), source })
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Moving over a device or a pipe would replace it by a file.
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return Err(io::Error::other("something that is no file is there"));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let beside = beside(folder, path)?;
    let written = write_new(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // The first fault is the one to tell; a left-over would only be untidy.
        let _ = fs::remove_file(&beside);
        return written;
    }
    // The move itself is on the disk only when its folder is; a file system that cannot say so has still moved it.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

fn beside(folder: &Path, path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::IsADirectory))?;
    Ok(folder.join(format!(".{}.{}.new", name.to_string_lossy(), std::process::id())))
}

fn write_new(beside: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside) {
        // Left behind by a process that had our number before.
        Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(beside)?;
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside)?
        }
        opened => opened?,
    };
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn empty() -> Snapshot {
        let made_at = Snapshot::moment(cm_model::clock::WallTime::from_secs(1_766_000_000));
        Snapshot { made_at, program: "test 1".into(), hosts: vec![], observations: vec![] }
    }

    #[test]
    fn a_snapshot_is_its_owners_alone_and_replaces_the_old_one_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fleet.json");
        fs::write(&path, "old").unwrap();
        empty().save(&path).unwrap();
        assert_eq!(Snapshot::load(&path).unwrap(), empty());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_cannot_be_written_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("a_folder");
        fs::create_dir(&taken).unwrap();
        for path in [taken, folder.path().join("missing/fleet.json"), PathBuf::from("/dev/null")] {
            let fault = empty().save(&path).unwrap_err();
            assert_eq!(fault.code(), cm_model::fault::Code::FILE_UNWRITABLE, "{fault}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_snapshot_says_what_it_is() {
        use cm_model::fault::Code;
        let folder = tempfile::tempdir().unwrap();
        let load = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            let fault = Snapshot::load(&path).unwrap_err();
            assert_eq!(fault.code(), Code::NOT_A_SNAPSHOT);
            fault.to_string()
        };
        assert!(load("a", b"").contains("EOF"));
        assert!(load("b", b"\xff").contains("not text"));
        assert!(load("c", b"{\"schema\":\"cm-dashboard/snapshot/2\"}").contains("snapshot/1"));
        assert!(load("d", b"{\"schema\":\"\x1b[2J\"}").contains("no snapshot"));
        let huge = folder.path().join("huge");
        File::create(&huge).unwrap().set_len(MOST_BYTES + 1).unwrap();
        assert!(Snapshot::load(&huge).unwrap_err().to_string().contains("larger than 128 MiB"));
        assert_eq!(Snapshot::load(&folder.path().join("none")).unwrap_err().code(), Code::FILE_UNREADABLE);
    }
}
