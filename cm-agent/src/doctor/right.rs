//! Which right opens a path that is closed to this process: told from the owner, group and mode of the path itself or of
//! the first folder on the way that does not let it through.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD};

use super::surroundings::{Surroundings, group_name, user_name};

/// What is to be done with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// Read a file, or list a folder.
    Read,
    /// Connect to a socket, which asks for the right to write.
    Connect,
}

/// Whether it may be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Right {
    /// It may.
    Given,
    /// There is no such path.
    NotThere,
    /// It may not; what would let it.
    Refused(String),
}

impl Wish {
    const fn access(self) -> Access {
        match self {
            Self::Read => Access::READ_OK,
            Self::Connect => Access::WRITE_OK,
        }
    }

    const fn bit(self) -> u32 {
        match self {
            Self::Read => 0o4,
            Self::Connect => 0o2,
        }
    }
}

/// Whether this process may do with a path what it wishes to, by the kernel's own word.
pub(super) fn to(wish: Wish, path: &Path, around: &Surroundings) -> Right {
    let allowed = |path: &Path, access| rustix::fs::accessat(CWD, path, access, AtFlags::EACCESS);
    match allowed(path, wish.access()) {
        Ok(()) => Right::Given,
        Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => Right::NotThere,
        Err(error) => {
            let mut way: Vec<_> = path.ancestors().skip(1).collect();
            way.reverse();
            let shut = way.into_iter().find(|folder| allowed(folder, Access::EXEC_OK).is_err());
            let (place, bit) = shut.map_or((path, wish.bit()), |folder| (folder, 0o1));
            Right::Refused(match fs::metadata(place) {
                Ok(metadata) => key(place, bit, &metadata, around),
                Err(_) => format!("{} is closed to this process: {error}", place.display()),
            })
        }
    }
}

/// What opens a place whose `bit` (4 read, 2 write, 1 pass) this process lacks.
fn key(place: &Path, bit: u32, metadata: &Metadata, around: &Surroundings) -> String {
    let (shown, mode, group) = (PathBuf::from(place), metadata.mode(), metadata.gid());
    let shown = shown.display();
    if mode >> 3 & bit != 0 && !around.groups.contains(&group) {
        let group = group_name(group);
        if let Some(unit) = &around.unit {
            return format!("Give the unit the group of {shown}: SupplementaryGroups={group} (systemctl edit {unit}).");
        }
        let user = user_name(around.user);
        return format!("Give the user the group of {shown}: sudo usermod -aG {group} {user}, and log in again.");
    }
    format!("Only {} may: {shown} has the mode {:04o}.", user_name(metadata.uid()), mode & 0o7777)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_is_the_group_where_a_group_may_and_the_owner_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("door");
        fs::write(&path, "").unwrap();
        let by_hand = Surroundings { user: 65534, groups: vec![4_000_001], ..Surroundings::default() };
        let unit = Surroundings { unit: Some("cm-agent.service".into()), ..by_hand.clone() };
        for (mode, bit, around, expected) in [
            (0o640, 4, &unit, "SupplementaryGroups="),
            (0o640, 4, &by_hand, "sudo usermod -aG "),
            (0o640, 2, &unit, "has the mode 0640."),
            (0o600, 4, &unit, "has the mode 0600."),
            (0o710, 1, &unit, "SupplementaryGroups="),
        ] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let told = key(&path, bit, &fs::metadata(&path).unwrap(), around);
            assert!(told.contains(expected), "{mode:o}: {told}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_refused() {
        let folder = tempfile::tempdir().unwrap();
        let around = Surroundings::default();
        assert_eq!(to(Wish::Read, folder.path(), &around), Right::Given);
        assert_eq!(to(Wish::Read, &folder.path().join("nothing/here"), &around), Right::NotThere);
    }
}
