//! A file that another process reads: written aside and moved into its place, so that nobody ever reads half of it.
//!
//! It does not know what is in it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Puts `text` into the file, readable by everybody and writable by its owner. An older one is replaced.
///
/// The draft lies beside it as `.NAME.new`; one that was left by an earlier try is taken away first, so that nobody's
/// link is written through.
pub(crate) fn put(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
    let draft = path.with_file_name(format!(".{}.new", name.to_string_lossy()));
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(&draft)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| {
        // Whatever mask this process has: who reads it is another user.
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
        file.sync_all()?;
        fs::rename(&draft, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("status.json");
        for text in ["one", "two"] {
            put(&path, text).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        }
        let victim = folder.path().join("victim");
        fs::write(&victim, "kept").unwrap();
        std::os::unix::fs::symlink(&victim, folder.path().join(".status.json.new")).unwrap();
        put(&path, "three").unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "kept");
        fs::create_dir(folder.path().join("folder")).unwrap();
        assert!(put(&folder.path().join("folder"), "x").is_err() && put(Path::new("/"), "x").is_err());
        let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["folder", "status.json", "victim"]);
    }
}
