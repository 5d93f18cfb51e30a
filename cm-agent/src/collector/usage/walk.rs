//! How much room the files below some paths take on their disk, found out piece by piece.
//!
//! It counts as `du -x` does: allocated blocks and not sizes, directories and links themselves among them, a file with
//! several names once, nothing of another filesystem. Whoever owns a directory on the way cannot lead it elsewhere: links
//! are not followed, and each directory is opened below the one before it (`openat2`), never by its whole path. Only the
//! paths that it is given may be links themselves, since the owner of the machine named them.
//!
//! It holds a bounded number of open directories and of remembered files, and stands still between two steps. It does not
//! know whose the paths are, nor when to begin anew.

use std::collections::HashSet;
use std::ffi::{CStr, OsStr};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_model::clock::Clock;
use rustix::fd::{AsFd, BorrowedFd};
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, ResolveFlags, Statx, StatxAttributes, StatxFlags};
use rustix::io::{Errno, retry_on_intr};

/// The most directories that are open at a time, which is how deep it goes.
const MOST_OPEN: usize = 128;
/// The most files with several names that are remembered, 8 bytes each. Past it each name counts its share.
const MOST_LINKED: usize = 16 * 1024;
/// The most files of one walk: a filesystem that makes up files without end must not hold up the others.
const MOST_FILES: u64 = 50_000_000;

/// A walk under way.
#[derive(Debug)]
pub struct Walk {
    /// Paths that are still to be walked, the next one last.
    ahead: Vec<PathBuf>,
    open: Vec<Level>,
    /// The innermost open directory: for messages alone.
    at: PathBuf,
    /// Files with several names that were counted.
    linked: HashSet<(Device, u64)>,
    sum: Sum,
}

#[derive(Debug)]
struct Level {
    names: Dir,
    device: Device,
}

type Device = (u32, u32);

/// What a walk has counted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sum {
    /// Bytes in allocated blocks.
    pub bytes: u64,
    /// Files and directories.
    pub files: u64,
    /// What could not be counted.
    pub gap: Option<Gap>,
}

/// Places that could not be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The first of them.
    pub path: String,
    /// Why that one could not be.
    pub why: Why,
    /// How many there are.
    pub places: u64,
}

/// Why a place could not be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// This process may not read it.
    #[error("this process has no right to read it")]
    Forbidden,
    /// It lies deeper than directories are held open.
    #[error("it lies deeper than {MOST_OPEN} directories")]
    TooDeep,
    /// There are too many files.
    #[error("there are more than {MOST_FILES} files")]
    TooMany,
    /// A path that was named does not exist.
    #[error("it is not there")]
    NotThere,
    /// Anything else that the system says.
    #[error("{0}")]
    Failed(Errno),
}

/// How far a step came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There is more.
    More,
    /// That was all.
    Done,
}

impl Walk {
    /// A walk over these paths. One that lies within another counts once.
    pub fn over(paths: &[PathBuf]) -> Self {
        let within = |path: &PathBuf| paths.iter().any(|other| path != other && path.starts_with(other));
        let mut ahead: Vec<PathBuf> = paths.iter().filter(|path| !within(path)).cloned().collect();
        ahead.sort_unstable();
        ahead.dedup();
        ahead.reverse();
        Self { ahead, open: Vec::new(), at: PathBuf::new(), linked: HashSet::new(), sum: Sum::default() }
    }

    /// What it has counted so far.
    pub const fn sum(&self) -> &Sum {
        &self.sum
    }

    /// Goes on for at most `most` files and, by `clock`, hardly longer than `budget`: the file at which the time runs out
    /// is counted still.
    pub fn step(&mut self, most: u32, budget: Duration, clock: &dyn Clock) -> Step {
        let until = clock.now().mono.after(budget);
        for _ in 0..most {
            if !self.advance() {
                return Step::Done;
            }
            if clock.now().mono >= until {
                break;
            }
        }
        Step::More
    }

    /// One file further; whether there was one.
    fn advance(&mut self) -> bool {
        if self.sum.files >= MOST_FILES {
            self.gap(&self.at.clone(), Why::TooMany);
            return false;
        }
        let Some(level) = self.open.last_mut() else { return self.next_path() };
        match level.names.read() {
            Some(Ok(entry)) => {
                let name = entry.file_name();
                if name != c"." && name != c".." {
                    self.visit(name);
                }
            }
            ended => {
                if let Some(Err(error)) = ended {
                    self.failed(&self.at.clone(), error);
                }
                self.open.pop();
                self.at.pop();
            }
        }
        true
    }

    fn next_path(&mut self) -> bool {
        let Some(path) = self.ahead.pop() else { return false };
        let begun = (|| {
            let stat = stat(CWD, &path, AtFlags::empty())?;
            let is_directory = file_type(&stat) == FileType::Directory;
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let open = || retry_on_intr(|| rustix::fs::open(&path, flags, Mode::empty()));
            let names = is_directory.then(|| open().and_then(Dir::new)).transpose()?;
            Ok((stat, names))
        })();
        match begun {
            Ok((stat, names)) => {
                self.count(&stat);
                self.at = path;
                self.open.extend(names.map(|names| Level { names, device: device(&stat) }));
            }
            Err(Errno::NOENT) => self.gap(&path, Why::NotThere),
            Err(error) => self.failed(&path, error),
        }
        true
    }

    /// Counts what has this name in the innermost directory, and enters it if it is one.
    fn visit(&mut self, name: &CStr) {
        let full = self.open.len() >= MOST_OPEN;
        let Some(level) = self.open.last() else { return };
        let inner = (|| {
            let fd = level.names.fd()?;
            let stat = stat(fd, name, AtFlags::SYMLINK_NOFOLLOW)?;
            if file_type(&stat) != FileType::Directory {
                return Ok((stat, None));
            }
            let is_mount = stat.stx_attributes.contains(StatxAttributes::MOUNT_ROOT);
            if is_mount || device(&stat) != level.device {
                return Err(Errno::XDEV);
            }
            let names = if full { None } else { Some(Dir::new(enter(fd, name, level.device)?)?) };
            Ok((stat, names))
        })();
        let path = |at: &Path| at.join(OsStr::from_bytes(name.to_bytes()));
        match inner {
            Ok((stat, names)) => {
                if full && file_type(&stat) == FileType::Directory {
                    self.gap(&path(&self.at), Why::TooDeep);
                }
                self.count(&stat);
                if let Some(names) = names {
                    self.at = path(&self.at);
                    self.open.push(Level { names, device: device(&stat) });
                }
            }
            // It vanished since its name was read, became a link, or lies on another filesystem.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::XDEV) => {}
            Err(error) => self.failed(&path(&self.at), error),
        }
    }

    fn count(&mut self, stat: &Statx) {
        self.sum.files += 1;
        let bytes = stat.stx_blocks.saturating_mul(512);
        let names = u64::from(stat.stx_nlink).max(1);
        let counts = if names == 1 || file_type(stat) == FileType::Directory {
            bytes
        } else if self.linked.len() < MOST_LINKED {
            if self.linked.insert((device(stat), stat.stx_ino)) { bytes } else { 0 }
        } else if self.linked.contains(&(device(stat), stat.stx_ino)) {
            0
        } else {
            bytes / names
        };
        self.sum.bytes = self.sum.bytes.saturating_add(counts);
    }

    fn failed(&mut self, path: &Path, error: Errno) {
        let why = match error {
            Errno::ACCESS | Errno::PERM => Why::Forbidden,
            error => Why::Failed(error),
        };
        self.gap(path, why);
    }

    fn gap(&mut self, path: &Path, why: Why) {
        let first = || Gap { path: path.to_string_lossy().into_owned(), why, places: 0 };
        self.sum.gap.get_or_insert_with(first).places += 1;
    }
}

/// What the kernel has at hand of a file: no server is asked and nothing is mounted for it.
fn stat(fd: impl AsFd, path: impl rustix::path::Arg + Copy, flags: AtFlags) -> Result<Statx, Errno> {
    let flags = flags | AtFlags::NO_AUTOMOUNT | AtFlags::STATX_DONT_SYNC;
    retry_on_intr(|| rustix::fs::statx(&fd, path, flags, StatxFlags::BASIC_STATS))
}

fn device(stat: &Statx) -> Device {
    (stat.stx_dev_major, stat.stx_dev_minor)
}

fn file_type(stat: &Statx) -> FileType {
    FileType::from_raw_mode(stat.stx_mode.into())
}

/// Opens the directory of that name within another one, if it is neither a link nor a mount.
fn enter(parent: BorrowedFd<'_>, name: &CStr, parents: Device) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let resolve =
        ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_XDEV;
    match retry_on_intr(|| rustix::fs::openat2(parent, name, flags, Mode::empty(), resolve)) {
        // Kernels before 5.6 do not know the call, old container engines forbid it, and a rename at the same moment
        // makes it give up.
        Err(Errno::NOSYS | Errno::PERM | Errno::AGAIN) => {}
        opened => return opened,
    }
    let opened = retry_on_intr(|| rustix::fs::openat(parent, name, flags, Mode::empty()))?;
    let is_same = device(&stat(&opened, c"", AtFlags::EMPTY_PATH)?) == parents;
    if is_same { Ok(opened) } else { Err(Errno::XDEV) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use cm_model::clock::{ManualClock, Now, SystemClock};
    use proptest::prelude::*;

    use super::*;

    fn whole(paths: &[PathBuf]) -> Sum {
        let mut walk = Walk::over(paths);
        while walk.step(64, Duration::from_secs(1), &SystemClock) == Step::More {}
        walk.sum().clone()
    }

    /// What blocks the files have that these paths name.
    fn blocks(paths: &[&Path]) -> u64 {
        paths.iter().map(|path| fs::symlink_metadata(path).unwrap().blocks() * 512).sum()
    }

    #[test]
    fn blocks_count_not_sizes_and_a_file_with_several_names_counts_once() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let (sub, full, sparse, other) =
            (root.join("sub"), root.join("sub/full"), root.join("sparse"), root.join("other"));
        fs::create_dir(&sub).unwrap();
        fs::write(&full, vec![1; 300_000]).unwrap();
        fs::File::create(&sparse).unwrap().set_len(1 << 40).unwrap();
        fs::hard_link(&full, &other).unwrap();
        let sum = whole(&[root.to_owned()]);
        assert_eq!((sum.bytes, sum.files, sum.gap), (blocks(&[root, &sub, &full, &sparse]), 5, None));
    }

    #[test]
    fn links_are_not_followed_but_for_the_path_that_was_named() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside, named) =
            (folder.path().join("inside"), folder.path().join("outside"), folder.path().join("named"));
        fs::create_dir(&inside).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("large"), vec![1; 100_000]).unwrap();
        symlink(&outside, inside.join("way out")).unwrap();
        symlink("/", inside.join("everything")).unwrap();
        symlink(&inside, &named).unwrap();
        let sum = whole(std::slice::from_ref(&named));
        let expected = blocks(&[&inside, &inside.join("way out"), &inside.join("everything")]);
        assert_eq!((sum.bytes, sum.files, sum.gap), (expected, 3, None));
    }

    #[test]
    fn paths_within_each_other_count_once() {
        let folder = tempfile::tempdir().unwrap();
        let (root, sub, beside) = (folder.path().to_owned(), folder.path().join("sub"), folder.path().join("sub2"));
        fs::create_dir(&sub).unwrap();
        fs::create_dir(&beside).unwrap();
        fs::write(sub.join("file"), vec![1; 10_000]).unwrap();
        assert_eq!(whole(&[sub.clone(), root.clone(), root.clone()]), whole(&[root]));
        assert_eq!(whole(&[sub, beside]).files, 3, "a common beginning of names is no nesting");
    }

    /// Files below a folder on its own filesystem, and mounts in it.
    fn on_one_filesystem(folder: &Path) -> (u64, u64) {
        let own = fs::metadata(folder).unwrap().dev();
        fs::read_dir(folder).unwrap().fold((1, 0), |(files, mounts), entry| {
            let path = entry.unwrap().path();
            let stat = fs::symlink_metadata(&path).unwrap();
            match (stat.dev() == own, stat.is_dir()) {
                (false, _) => (files, mounts + u64::from(stat.is_dir())),
                (true, false) => (files + 1, mounts),
                (true, true) => {
                    let (more, others) = on_one_filesystem(&path);
                    (files + more, mounts + others)
                }
            }
        })
    }

    #[test]
    fn another_filesystem_is_not_entered() {
        let (files, mounts) = on_one_filesystem(Path::new("/dev"));
        assert!(mounts > 0, "this test needs a mount below /dev, such as /dev/pts");
        assert_eq!(whole(&["/dev".into()]).files, files);
    }

    #[test]
    fn a_named_path_that_is_not_there_is_told_and_a_file_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, vec![1; 10_000]).unwrap();
        let sum = whole(&[file.clone(), folder.path().join("gone")]);
        assert_eq!((sum.bytes, sum.files), (blocks(&[&file]), 1));
        let gap = sum.gap.unwrap();
        assert_eq!((gap.why, gap.places), (Why::NotThere, 1));
        assert!(gap.path.ends_with("/gone"), "{gap:?}");
    }

    #[test]
    fn what_vanishes_during_the_walk_is_no_gap() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..50 {
            fs::create_dir(folder.path().join(number.to_string())).unwrap();
        }
        let mut walk = Walk::over(&[folder.path().to_owned()]);
        assert_eq!(walk.step(5, Duration::from_secs(1), &SystemClock), Step::More);
        for number in 0..50 {
            let _ = fs::remove_dir(folder.path().join(number.to_string()));
        }
        while walk.step(64, Duration::from_secs(1), &SystemClock) == Step::More {}
        assert_eq!(walk.sum().gap, None);
    }

    #[test]
    fn a_tree_deeper_than_what_is_held_open_is_counted_as_far_as_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        let mut path = folder.path().to_owned();
        for _ in 0..MOST_OPEN + 5 {
            path.push("d");
        }
        fs::create_dir_all(&path).unwrap();
        let sum = whole(&[folder.path().to_owned()]);
        assert_eq!(sum.files, MOST_OPEN as u64 + 1);
        assert_eq!(sum.gap.map(|gap| (gap.why, gap.places)), Some((Why::TooDeep, 1)));
    }

    #[test]
    fn what_may_not_be_read_is_told_once_with_the_number_of_places() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b"] {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(0o000)).unwrap();
        }
        let sum = whole(&[folder.path().to_owned()]);
        // Root may read everything.
        let forbidden = !rustix::process::geteuid().is_root();
        assert_eq!(sum.gap.map(|gap| (gap.why, gap.places)), forbidden.then_some((Why::Forbidden, 2)));
    }

    #[test]
    fn a_step_ends_with_its_files_or_its_time() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..100 {
            fs::write(folder.path().join(number.to_string()), "").unwrap();
        }
        let clock = ManualClock::at(Now::default());
        let mut walk = Walk::over(&[folder.path().to_owned()]);
        assert_eq!(walk.step(10, Duration::from_millis(2), &clock), Step::More);
        assert!(walk.sum().files <= 10);
        let mut walk = Walk::over(&[folder.path().to_owned()]);
        assert_eq!(walk.step(10, Duration::ZERO, &clock), Step::More);
        assert_eq!(walk.sum().files, 1, "one file a step even without time, or it would never end");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn steps_of_any_size_count_the_same(sizes in proptest::collection::vec(0_usize..20_000, 0..20), most in 1_u32..30) {
            let folder = tempfile::tempdir().unwrap();
            for (number, size) in sizes.iter().enumerate() {
                let at = folder.path().join((number % 3).to_string());
                fs::create_dir_all(&at).unwrap();
                fs::write(at.join(number.to_string()), vec![7; *size]).unwrap();
            }
            let mut walk = Walk::over(&[folder.path().to_owned()]);
            while walk.step(most, Duration::from_secs(1), &SystemClock) == Step::More {}
            prop_assert_eq!(walk.sum().clone(), whole(&[folder.path().to_owned()]));
        }
    }
}
