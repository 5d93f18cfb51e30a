//! Who could have written a file: its owner, its mode, and the same of every folder and link on the way to it.
//!
//! What somebody other than root or the user could have put there is not used. A folder in which everybody may write is
//! sound only where its sticky bit keeps others from replacing what is not theirs. Access lists show in the group's bits.

use std::ffi::OsString;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use cm_model::fault::Code;

use super::problem::{Problem, shell_path, show_path};

const GROUP_WRITES: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
const STICKY: u32 = 0o1000;

/// Why a file cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Distrust {
    /// Somebody else may write there.
    #[error("{} can be written by {who}", show_path(path))]
    Writable { path: PathBuf, who: &'static str, chmod: &'static str },
    /// It belongs to somebody else.
    #[error("{} belongs to user {owner}, who could write anything into it", show_path(path))]
    Foreign { path: PathBuf, owner: u32, user: u32 },
    /// Nobody can tell.
    #[error("{} cannot be looked at: {cause}", show_path(path))]
    Unseen { path: PathBuf, cause: io::Error },
}

impl Distrust {
    /// The command that mends it.
    fn next(&self) -> Option<String> {
        match self {
            Self::Writable { path, chmod, .. } => Some(format!("Run: chmod {chmod} {}", shell_path(path))),
            Self::Foreign { path, user, .. } => Some(format!(
                "Look at what it says, and if it is right, run: sudo chown -h {user} {}",
                shell_path(path)
            )),
            Self::Unseen { .. } => None,
        }
    }

    const fn code(&self) -> Code {
        match self {
            Self::Unseen { .. } => Code::CONFIG_UNREADABLE,
            _ => Code::CONFIG_WRITABLE_BY_OTHERS,
        }
    }

    /// The problem, about the file that was to be used.
    pub(crate) fn problem(&self, used: &Path) -> Problem {
        let on_the_way = match self {
            Self::Writable { path, .. } | Self::Foreign { path, .. } | Self::Unseen { path, .. } => path != used,
        };
        let message =
            if on_the_way { format!("{} is not used: {self}", show_path(used)) } else { format!("not used: {self}") };
        Problem::error(self.code(), &message, self.next()).about(used)
    }
}

/// Walks to the file as the kernel would, and looks at all that it passes.
pub(crate) fn check(path: &Path, user: u32) -> Result<(), Distrust> {
    // As many as the kernel follows.
    const MOST_LINKS: usize = 40;
    let unseen = |path: &Path, cause| Distrust::Unseen { path: path.to_owned(), cause };
    let path = std::path::absolute(path).map_err(|cause| unseen(path, cause))?;
    let mut here = PathBuf::from("/");
    look_at(&here, user)?;
    let mut ahead = reversed(&path);
    let mut links = 0;
    while let Some(name) = ahead.pop() {
        if name == ".." {
            here.pop();
            continue;
        }
        let next = here.join(name);
        if look_at(&next, user)?.is_symlink() {
            links += 1;
            if links > MOST_LINKS {
                return Err(unseen(&next, io::Error::other("too many links")));
            }
            let target = std::fs::read_link(&next).map_err(|cause| unseen(&next, cause))?;
            if target.is_absolute() {
                here = PathBuf::from("/");
            }
            ahead.extend(reversed(&target));
        } else {
            here = next;
        }
    }
    Ok(())
}

fn reversed(path: &Path) -> Vec<OsString> {
    let names = path.components().rev();
    names
        .filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir))
        .map(|part| part.as_os_str().to_owned())
        .collect()
}

fn look_at(path: &Path, user: u32) -> Result<Metadata, Distrust> {
    let unseen = |cause| Distrust::Unseen { path: path.to_owned(), cause };
    let about = std::fs::symlink_metadata(path).map_err(unseen)?;
    let (owner, mode) = (about.uid(), about.mode());
    if owner != 0 && owner != user {
        return Err(Distrust::Foreign { path: path.to_owned(), owner, user });
    }
    let guarded = about.is_symlink() || (about.is_dir() && mode & STICKY != 0);
    let writable = |who, chmod| Err(Distrust::Writable { path: path.to_owned(), who, chmod });
    match (mode & GROUP_WRITES != 0, mode & OTHERS_WRITE != 0) {
        _ if guarded => Ok(about),
        (false, false) => Ok(about),
        (true, false) => writable("its group", "g-w"),
        (false, true) => writable("everybody", "o-w"),
        (true, true) => writable("everybody", "go-w"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

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
