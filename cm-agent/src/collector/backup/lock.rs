//! Borg's lock on a repository of this machine: a folder `lock.exclusive`, with a file named after whoever holds it.
//!
//! It is looked at only where the tool itself has just answered, so that a disk that hangs is not touched. Locks of
//! repositories elsewhere cannot be seen without taking one.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use cm_model::clock::WallTime;

use super::borg;
use crate::machine::Machine;

/// A lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lock {
    /// Since when it is held.
    pub(super) since: WallTime,
    /// Whether its holder is gone; unknown where that is on another machine.
    pub(super) abandoned: Option<bool>,
}

/// The most files of a lock's folder that are looked at.
const MOST: usize = 16;

/// The exclusive lock of a repository, if it is a folder of this machine and locked.
pub(super) fn of_borg(repository: &str, machine: &Machine) -> Option<Lock> {
    let repository = repository.strip_prefix("file://").unwrap_or(repository);
    let folder = Path::new(repository).join("lock.exclusive");
    if !folder.is_absolute() {
        return None;
    }
    let changed = fs::symlink_metadata(&folder).ok()?.modified().ok()?;
    let since = changed.duration_since(UNIX_EPOCH).unwrap_or_default();
    let names = fs::read_dir(&folder).ok()?.take(MOST).filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let abandoned = names.filter_map(|name| {
        let (host, pid) = borg::holder(&name)?;
        is_gone(host, pid, machine)
    });
    // Where several hold it, one that is there counts.
    let abandoned = abandoned.reduce(|a, b| a && b);
    Some(Lock { since: WallTime::from_millis(i64::try_from(since.as_millis()).unwrap_or(0)), abandoned })
}

/// Whether a process of this machine has ended; nothing of one elsewhere.
pub(super) fn is_gone(host: &str, pid: u32, machine: &Machine) -> Option<bool> {
    let own = machine.line("/proc/sys/kernel/hostname")?;
    let short = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    (short(&own) == short(host) && pid > 0).then(|| !machine.exists(&format!("/proc/{pid}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_abandoned_once_its_process_is_gone() {
        let made = tempfile::tempdir().unwrap();
        let root = made.path();
        fs::create_dir_all(root.join("proc/sys/kernel")).unwrap();
        fs::create_dir_all(root.join("proc/77")).unwrap();
        fs::write(root.join("proc/sys/kernel/hostname"), "vm\n").unwrap();
        let machine = Machine::in_a_box(root).unwrap();
        let repository = root.join("repository");
        fs::create_dir_all(&repository).unwrap();
        let of = || of_borg(repository.to_str().unwrap(), &machine);
        assert_eq!(of(), None);
        for (holders, expected) in [
            (&[][..], None),
            (&["vm@1.77-0"], Some(false)),
            (&["vm@1.78-0"], Some(true)),
            (&["vm.lan@1.78-0"], Some(true)),
            (&["nas@1.78-0"], None),
            (&["vm@1.78-0", "vm@1.77-0"], Some(false)),
            (&["nonsense"], None),
        ] {
            let folder = repository.join("lock.exclusive");
            fs::create_dir_all(&folder).unwrap();
            for holder in holders {
                fs::write(folder.join(holder), "").unwrap();
            }
            assert_eq!(of().map(|lock| lock.abandoned), Some(expected), "{holders:?}");
            fs::remove_dir_all(&folder).unwrap();
        }
        assert_eq!(of_borg("ssh://borg@nas/./x", &machine), None);
    }
}
