//! Looking at files for [`cm_model::trust`].

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use cm_model::trust::{self, Distrust, Kind, Seen};

/// Walks to the file, and judges all that it passes.
pub(crate) fn check(path: &Path, user: u32) -> Result<Seen, Distrust> {
    trust::check(&absolute(path)?, user, &look_at)
}

fn absolute(path: &Path) -> Result<std::path::PathBuf, Distrust> {
    std::path::absolute(path).map_err(|cause| Distrust::Unseen { path: path.to_owned(), cause })
}

fn look_at(path: &Path) -> io::Result<Seen> {
    let about = std::fs::symlink_metadata(path)?;
    let kind = match about.file_type() {
        kind if kind.is_symlink() => Kind::Link(std::fs::read_link(path)?),
        kind if kind.is_dir() => Kind::Folder,
        _ => Kind::File,
    };
    Ok(Seen { owner: about.uid(), mode: about.mode(), kind })
}

/// As [`check`], of a file that holds a secret: not everybody may read it either.
pub(crate) fn check_secret(path: &Path, user: u32) -> Result<Seen, Distrust> {
    trust::check_secret(&absolute(path)?, user, &look_at)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use cm_model::fault::Code;

    use super::*;

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// A folder of the user's own, and who the user is.
    fn folder() -> (tempfile::TempDir, u32) {
        let folder = tempfile::tempdir().unwrap();
        chmod(folder.path(), 0o755);
        let user = fs::metadata(folder.path()).unwrap().uid();
        (folder, user)
    }

    /// What is said of a file with this mode, in a folder with that one.
    fn said(folder_mode: u32, file_mode: u32) -> Option<(String, String)> {
        let (outer, user) = folder();
        let inner = outer.path().join("it's here");
        fs::create_dir(&inner).unwrap();
        let file = inner.join("hosts.toml");
        fs::write(&file, "").unwrap();
        chmod(&file, file_mode);
        chmod(&inner, folder_mode);
        let problem = check(&file, user).err()?.problem(&file);
        assert_eq!(problem.code, Some(Code::CONFIG_WRITABLE_BY_OTHERS));
        Some((problem.message, problem.next))
    }

    #[test]
    fn what_others_can_write_is_refused_with_the_chmod() {
        for (folder_mode, file_mode, who, next) in [
            (0o755, 0o664, "its group", "chmod g-w"),
            (0o755, 0o646, "everybody", "chmod o-w"),
            (0o755, 0o666, "everybody", "chmod go-w"),
            (0o775, 0o644, "here can be written by its group", r"it'\''s here'"),
            (0o777, 0o644, "here can be written by everybody", "chmod go-w '"),
        ] {
            let (message, next_step) = said(folder_mode, file_mode).expect("refused");
            assert!(message.contains(who) && next_step.contains(next), "{message} / {next_step}");
        }
    }

    #[test]
    fn what_is_the_users_own_is_used_even_in_a_sticky_folder() {
        for (folder_mode, file_mode) in [(0o755, 0o644), (0o700, 0o600), (0o1777, 0o644), (0o755, 0o444)] {
            assert_eq!(said(folder_mode, file_mode), None, "{folder_mode:o} {file_mode:o}");
        }
    }

    #[test]
    fn what_belongs_to_somebody_else_is_refused() {
        let (folder, user) = folder();
        let file = folder.path().join("hosts.toml");
        fs::write(&file, "").unwrap();
        // Root may give a file away; for anybody else the file is the stranger's from the other side.
        let (owner, user) = if user == 0 { (4711, 0) } else { (user, user + 1) };
        std::os::unix::fs::chown(&file, Some(owner), None).unwrap();
        let problem = check(&file, user).unwrap_err().problem(&file);
        assert!(problem.message.contains(&format!("belongs to user {owner}")), "{}", problem.message);
        assert!(problem.next.contains(&format!("chown -h {user} ")), "{}", problem.next);
    }

    #[test]
    fn a_link_is_followed_through_folders_that_others_can_write() {
        let (outer, user) = folder();
        let (open, kept) = (outer.path().join("open"), outer.path().join("kept"));
        fs::create_dir(&open).unwrap();
        fs::create_dir(&kept).unwrap();
        fs::write(kept.join("hosts.toml"), "").unwrap();
        chmod(&kept.join("hosts.toml"), 0o644);
        chmod(&kept, 0o755);
        symlink("../kept/hosts.toml", open.join("middle")).unwrap();
        symlink(open.join("middle"), kept.join("link")).unwrap();
        chmod(&open, 0o755);
        assert!(check(&kept.join("link"), user).is_ok());
        chmod(&open, 0o777);
        let error = check(&kept.join("link"), user).unwrap_err();
        assert!(matches!(error, Distrust::Writable { path, .. } if path == open));
    }

    #[test]
    fn links_in_a_circle_end() {
        let (outer, user) = folder();
        symlink("b", outer.path().join("a")).unwrap();
        symlink("a", outer.path().join("b")).unwrap();
        assert!(matches!(check(&outer.path().join("a"), user), Err(Distrust::Unseen { .. })));
    }
}
