//! Who could have written a file: its owner, its mode, and the same of every folder and link on the way to it.
//!
//! What somebody other than root or the user could have put there is not used. A folder in which everybody may write is
//! sound only where its sticky bit keeps others from replacing what is not theirs. Access lists show in the group's bits.
//! Nothing is read here: whoever asks hands in how a path is looked at, and nobody but those who are trusted can exchange
//! what was checked before it is used.

use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::fault::Code;
use crate::problem::{Problem, shell_path, show_path};

const GROUP_WRITES: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
const OTHERS_READ: u32 = 0o004;
const STICKY: u32 = 0o1000;

/// What a path leads to, links not followed: what `lstat(2)` says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The number of the user that it belongs to.
    pub owner: u32,
    /// Its mode; bits beyond the permissions are passed over.
    pub mode: u32,
    /// What it is.
    pub kind: Kind,
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A file, or whatever else is neither folder nor link.
    File,
    /// A folder.
    Folder,
    /// A link, and what is written in it.
    Link(PathBuf),
}

/// How a path is looked at.
pub type Look<'l> = &'l dyn Fn(&Path) -> io::Result<Seen>;

/// Why a file cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub enum Distrust {
    /// Somebody else may write there.
    #[error("{} can be written by {who}", show_path(path))]
    Writable {
        /// Where.
        path: PathBuf,
        /// Who.
        who: &'static str,
        /// The mode's change that mends it.
        chmod: &'static str,
    },
    /// It belongs to somebody else.
    #[error("{} belongs to user {owner}, who could write anything into it", show_path(path))]
    Foreign {
        /// What.
        path: PathBuf,
        /// To whom.
        owner: u32,
        /// To whom it ought to.
        user: u32,
    },
    /// It holds a secret, and everybody may read it.
    #[error("{} holds a secret and can be read by everybody", show_path(path))]
    Exposed {
        /// What.
        path: PathBuf,
    },
    /// Nobody can tell.
    #[error("{} cannot be looked at: {cause}", show_path(path))]
    Unseen {
        /// What.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
}

impl Distrust {
    /// The command that mends it, as a sentence; none where nobody can tell.
    pub fn next(&self) -> Option<String> {
        match self {
            Self::Writable { path, chmod, .. } => Some(format!("Run: chmod {chmod} {}", shell_path(path))),
            Self::Exposed { path } => Some(format!("Run: chmod 600 {}", shell_path(path))),
            Self::Foreign { path, user, .. } => Some(format!(
                "Look at what it says, and if it is right, run: sudo chown -h {user} {}",
                shell_path(path)
            )),
            Self::Unseen { .. } => None,
        }
    }

    /// The code under which it is explained.
    pub const fn code(&self) -> Code {
        match self {
            Self::Unseen { .. } => Code::CONFIG_UNREADABLE,
            Self::Exposed { .. } => Code::TOKEN_EXPOSED,
            Self::Writable { .. } | Self::Foreign { .. } => Code::CONFIG_WRITABLE_BY_OTHERS,
        }
    }

    /// Whether there is nothing of that name, so that there is nobody to distrust.
    pub fn is_not_there(&self) -> bool {
        matches!(self, Self::Unseen { cause, .. } if cause.kind() == io::ErrorKind::NotFound)
    }

    /// The file, folder or link that it is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::Writable { path, .. }
            | Self::Foreign { path, .. }
            | Self::Exposed { path }
            | Self::Unseen { path, .. } => path,
        }
    }

    /// The problem, about the file that was to be used.
    pub fn problem(&self, used: &Path) -> Problem {
        let message = if self.path() == used {
            format!("not used: {self}")
        } else {
            format!("{} is not used: {self}", show_path(used))
        };
        Problem::error(self.code(), &message, self.next()).about(used)
    }
}

/// Walks to an absolute path as the kernel would, and judges all that it passes. Gives what it leads to.
///
/// Costs one look at each folder and link on the way; links are followed 40 times, as the kernel does.
pub fn check(path: &Path, user: u32, look: Look<'_>) -> Result<Seen, Distrust> {
    const MOST_LINKS: usize = 40;
    let unseen = |path: &Path, cause| Distrust::Unseen { path: path.to_owned(), cause };
    let mut here = PathBuf::from("/");
    let mut seen = judged(&here, user, look)?;
    let mut ahead = reversed(path);
    let mut links = 0;
    while let Some(name) = ahead.pop() {
        if name == ".." {
            here.pop();
            continue;
        }
        let next = here.join(name);
        seen = judged(&next, user, look)?;
        let Kind::Link(target) = &seen.kind else {
            here = next;
            continue;
        };
        links += 1;
        if links > MOST_LINKS {
            return Err(unseen(&next, io::Error::other("too many links")));
        }
        if target.is_absolute() {
            here = PathBuf::from("/");
        }
        ahead.extend(reversed(target));
    }
    Ok(seen)
}

/// As [`check`], of a file that holds a secret: not everybody may read it either.
pub fn check_secret(path: &Path, user: u32, look: Look<'_>) -> Result<Seen, Distrust> {
    let seen = check(path, user, look)?;
    if seen.mode & OTHERS_READ != 0 { Err(Distrust::Exposed { path: path.to_owned() }) } else { Ok(seen) }
}

fn reversed(path: &Path) -> Vec<OsString> {
    let names = path.components().rev();
    names
        .filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir))
        .map(|part| part.as_os_str().to_owned())
        .collect()
}

fn judged(path: &Path, user: u32, look: Look<'_>) -> Result<Seen, Distrust> {
    let seen = look(path).map_err(|cause| Distrust::Unseen { path: path.to_owned(), cause })?;
    if seen.owner != 0 && seen.owner != user {
        return Err(Distrust::Foreign { path: path.to_owned(), owner: seen.owner, user });
    }
    let guarded = match seen.kind {
        // A link's own mode means nothing.
        Kind::Link(_) => true,
        Kind::Folder => seen.mode & STICKY != 0,
        Kind::File => false,
    };
    let writable = |who, chmod| Err(Distrust::Writable { path: path.to_owned(), who, chmod });
    match (seen.mode & GROUP_WRITES != 0, seen.mode & OTHERS_WRITE != 0) {
        _ if guarded => Ok(seen),
        (false, false) => Ok(seen),
        (true, false) => writable("its group", "g-w"),
        (false, true) => writable("everybody", "o-w"),
        (true, true) => writable("everybody", "go-w"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: u32 = 1000;

    /// A tree in the notation `PATH OWNER MODE [-> TARGET]`, a folder's path with a slash at its end; the check of a path.
    fn check(tree: &str, path: &str) -> Result<Seen, Distrust> {
        let look = |path: &Path| {
            let line = tree.lines().map(str::trim).find(|line| {
                let named = line.split(' ').next().unwrap_or_default();
                Path::new(named) == path
            });
            let line = line.ok_or(io::ErrorKind::NotFound)?;
            let words: Vec<&str> = line.split(' ').collect();
            let kind = match words[..] {
                [.., "->", target] => Kind::Link(target.into()),
                [path, ..] if path.ends_with('/') => Kind::Folder,
                _ => Kind::File,
            };
            Ok(Seen { owner: words[1].parse().unwrap(), mode: u32::from_str_radix(words[2], 8).unwrap(), kind })
        };
        super::check_secret(Path::new(path), USER, &look)
    }

    fn said(tree: &str, path: &str) -> String {
        check(tree, path).map_or_else(|why| format!("{why} | {}", why.next().unwrap_or_default()), |_| "fine".into())
    }

    #[test]
    fn every_folder_on_the_way_and_the_file_itself_count() {
        for (folder, file, expected) in [
            ("0 755", "1000 600", "fine"),
            ("1000 700", "0 640", "fine"),
            ("0 1777", "1000 600", "fine"),
            ("0 755", "1000 660", "/c/f can be written by its group | Run: chmod g-w /c/f"),
            ("0 755", "1000 602", "/c/f can be written by everybody | Run: chmod o-w /c/f"),
            ("0 755", "1000 1662", "/c/f can be written by everybody | Run: chmod go-w /c/f"),
            ("0 755", "1000 644", "/c/f holds a secret and can be read by everybody | Run: chmod 600 /c/f"),
            ("0 775", "1000 600", "/c can be written by its group | Run: chmod g-w /c"),
            ("0 777", "1000 600", "/c can be written by everybody | Run: chmod go-w /c"),
            (
                "7 755",
                "1000 600",
                "/c belongs to user 7, who could write anything into it | Look at what it says, and if it is right, run: sudo chown -h 1000 /c",
            ),
            (
                "0 1777",
                "7 600",
                "/c/f belongs to user 7, who could write anything into it | Look at what it says, and if it is right, run: sudo chown -h 1000 /c/f",
            ),
        ] {
            let tree = format!("/ 0 755\n/c/ {folder}\n/c/f {file}");
            assert_eq!(said(&tree, "/c/f"), expected, "{folder}, {file}");
        }
    }

    #[test]
    fn links_are_followed_through_whatever_they_lead_through() {
        let tree = "/ 0 755
                    /c/ 0 755
                    /c/f 0 777 -> ../open/middle
                    /open/ 0 1777
                    /open/middle 1000 777 -> /kept/f
                    /kept/ 0 755
                    /kept/f 1000 600";
        assert_eq!(said(tree, "/c/f"), "fine");
        let open = tree.replace("/open/ 0 1777", "/open/ 0 777");
        assert!(said(&open, "/c/f").starts_with("/open can be written by everybody"));
        let strange = tree.replace("/open/middle 1000", "/open/middle 7");
        assert!(said(&strange, "/c/f").starts_with("/open/middle belongs to user 7"));
    }

    #[test]
    fn a_circle_of_links_ends_and_what_is_not_there_is_told() {
        let circle = "/ 0 755\n/a 0 777 -> b\n/b 0 777 -> a";
        assert!(said(circle, "/a").ends_with("cannot be looked at: too many links | "));
        assert!(matches!(check("/ 0 755", "/a"), Err(Distrust::Unseen { path, .. }) if path == Path::new("/a")));
    }
}
