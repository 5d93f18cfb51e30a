//! What is mounted where: `/proc/self/mountinfo`, as proc(5) describes it.
//!
//! It knows the table's form, not which mounts matter to an owner.

mod table;

use std::collections::{HashMap, HashSet};

pub use table::Table;

/// The most mounts that are kept of one table.
pub const MOST_MOUNTS: usize = 4096;

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Its number.
    pub id: u64,
    /// The number of the mount that it lies on.
    pub parent: u64,
    /// `major:minor` of what is mounted: equal for all mounts of one superblock.
    pub device: String,
    /// The directory within it that is mounted; `/` unless it is a bind mount or a subvolume.
    pub root: String,
    /// Where it is mounted.
    pub point: String,
    /// Its type: `ext4`, `fuse.sshfs`.
    pub kind: String,
    /// What is mounted: a device's path, `server:/export`, a pool's dataset.
    pub source: String,
    /// Whether this mount, or what is mounted, refuses writing: `emergency_ro` is what ext4 says since Linux 6.15 after an
    /// error, and the system call that counts blocks says more than the machine does: it tells of a sandbox's mounts.
    pub read_only: bool,
}

/// The mounts that can be seen, in the table's order; a line of another form is passed over. A mount over another, or over
/// a directory above another, hides it. The table's order says nothing of that: the mount that each lies on does.
pub fn parse(text: &str) -> Vec<Mount> {
    let all: Vec<Mount> = text.lines().filter_map(line).take(MOST_MOUNTS).collect();
    // What lies on each mount, where; of two at one place the later one.
    let places: HashMap<(u64, &str), u64> = all.iter().map(|mount| ((mount.parent, &*mount.point), mount.id)).collect();
    // Covered from above: a mount that lies on the same one, over a directory that leads here.
    let covered = |mount: &Mount| above(&mount.point).any(|point| places.contains_key(&(mount.parent, point)));
    let mut gone: HashSet<u64> = all.iter().filter(|mount| covered(mount)).map(|mount| mount.id).collect();
    // What lies on a covered mount is covered with it, however deep.
    loop {
        let before = gone.len();
        gone.extend(all.iter().filter(|mount| gone.contains(&mount.parent)).map(|mount| mount.id).collect::<Vec<_>>());
        if gone.len() == before {
            break;
        }
    }
    let seen = |mount: &Mount| {
        let uppermost = !places.contains_key(&(mount.id, &*mount.point));
        let latest = places.get(&(mount.parent, &*mount.point)) == Some(&mount.id);
        uppermost && latest && !gone.contains(&mount.id)
    };
    let seen: Vec<bool> = all.iter().map(seen).collect();
    all.into_iter().zip(seen).filter_map(|(mount, seen)| seen.then_some(mount)).collect()
}

/// What is mounted on the machine, from this process's own table and that of the machine's first process, if it can be read.
///
/// A service manager can give a process a view of its own, in which everything is read-only, folders are hidden and others
/// put in their place: such a table tells of the sandbox. The first process's tells how things are. It stands where both
/// have one root, as far as a place leads to the same filesystem from here, so that whoever asks for its size asks the
/// right one. In a container the first process is the container's, and its table that of all.
pub fn of_machine(own: &str, first: Option<&str>) -> Vec<Mount> {
    let ours = parse(own);
    let Some(first) = first.filter(|first| *first != own) else { return ours };
    let theirs = parse(first);
    let root = |mounts: &[Mount]| {
        let root = mounts.iter().find(|mount| mount.point == "/");
        root.map(|mount| (mount.device.clone(), mount.root.clone()))
    };
    if root(&ours).is_none() || root(&ours) != root(&theirs) {
        return ours;
    }
    let from_here = |point: &str| {
        let leads = ours.iter().filter(|mount| lies_within(point, &mount.point));
        leads.max_by_key(|mount| mount.point.len()).map(|mount| &mount.device)
    };
    let mut seen = theirs;
    seen.retain(|mount| from_here(&mount.point) == Some(&mount.device));
    seen
}

/// The directories above a place, the nearest first, down to `/`.
fn above(point: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(point), |place| match place.rfind('/') {
        Some(0) if place.len() > 1 => Some("/"),
        Some(at) if at > 0 => Some(&place[..at]),
        _ => None,
    })
    .skip(1)
}

/// Whether `inner` is `outer` or lies below it.
pub fn lies_within(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || outer.ends_with('/'))
}

fn line(line: &str) -> Option<Mount> {
    let mut fields = line.split(' ');
    let mut next = || fields.next().filter(|field| !field.is_empty());
    let (id, parent) = (next()?.parse().ok()?, next()?.parse().ok()?);
    let (device, root, point, options) = (next()?, next()?, next()?, next()?);
    // Optional fields, as many as there are, end in a dash.
    while next()? != "-" {}
    let (kind, source, superblock) = (next()?, next()?, next().unwrap_or(""));
    let refuses = |options: &str| options.split(',').any(|option| matches!(option, "ro" | "emergency_ro"));
    Some(Mount {
        id,
        parent,
        device: device.to_owned(),
        root: unescape(root),
        point: unescape(point),
        kind: kind.to_owned(),
        source: unescape(source),
        read_only: refuses(options) || refuses(superblock),
    })
}

/// The kernel writes white space and backslashes in names as three octal digits.
fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits =
            bytes.get(at + 1..at + 4).filter(|digits| digits.iter().all(|digit| (b'0'..=b'7').contains(digit)));
        let value = digits.map(|digits| digits.iter().fold(0_u16, |value, digit| value * 8 + u16::from(digit - b'0')));
        match value.and_then(|value| u8::try_from(value).ok()) {
            Some(byte) if bytes[at] == b'\\' => {
                plain.push(byte);
                at += 4;
            }
            _ => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(plain).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_read_as_the_kernel_writes_them() {
        let cases = [
            (
                "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue",
                Some(("98:0", "/mnt1", "/mnt2", "ext3", "/dev/root", false)),
            ),
            (
                r"1 2 8:1 / /my\040disk rw - ext4 /dev/sda1 rw",
                Some(("8:1", "/", "/my disk", "ext4", "/dev/sda1", false)),
            ),
            (r"1 2 8:1 / /a\134b\999 rw - ext4 x rw", Some(("8:1", "/", r"/a\b\999", "ext4", "x", false))),
            ("1 2 8:1 / / ro,relatime - ext4 /dev/sda1 rw", Some(("8:1", "/", "/", "ext4", "/dev/sda1", true))),
            (
                "1 2 8:1 / / rw shared:1 master:2 - ext4 /dev/sda1 ro",
                Some(("8:1", "/", "/", "ext4", "/dev/sda1", true)),
            ),
            (
                "1 2 8:1 / / rw - ext4 /dev/sda1 rw,emergency_ro,errors=remount-ro",
                Some(("8:1", "/", "/", "ext4", "/dev/sda1", true)),
            ),
            ("1 2 8:1 / / rw,rootcontext=ro_x - ext4 /dev/sda1", Some(("8:1", "/", "/", "ext4", "/dev/sda1", false))),
            ("1 2 8:1 / / rw shared:1", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let read = line(text);
            let read = read.as_ref().map(|m| (&*m.device, &*m.root, &*m.point, &*m.kind, &*m.source, m.read_only));
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn what_another_mount_hides_is_left_out() {
        // The root may stand after what lies on it: the kernel lists mounts in the order of their making.
        let text = "22 27 0:21 / /proc rw - proc proc rw\n27 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                    28 27 8:2 / /mnt/a rw - ext4 /dev/sda2 rw\n29 28 8:6 / /mnt/a/b rw - ext4 /dev/sda6 rw\n\
                    30 27 8:3 / /mnt rw - ext4 /dev/sda3 rw\n31 27 8:4 / /mnt2 rw - ext4 /dev/sda4 rw\n\
                    32 31 8:5 / /mnt2 rw - ext4 /dev/sda5 rw\n34 31 8:9 / /mnt2 rw - ext4 /dev/sda9 rw\n33 30 8:7 / /mnt/c rw - ext4 /dev/sda7 rw\n";
        let seen: Vec<_> = parse(text).into_iter().map(|mount| mount.device).collect();
        assert_eq!(seen, ["0:21", "8:1", "8:3", "8:9", "8:7"]);
    }

    #[test]
    fn a_sandbox_around_this_process_is_not_told_as_the_machine() {
        let first = "26 27 0:23 / /run rw - tmpfs tmpfs rw\n27 1 254:0 / / rw shared:1 - ext4 /dev/vda rw\n\
                     24 27 0:5 / /dev rw - devtmpfs udev rw\n30 27 8:1 / /home rw - ext4 /dev/sda1 rw\n\
                     31 27 8:2 / /srv rw - ext4 /dev/sda2 rw\n32 27 8:3 / /old ro - ext4 /dev/sda3 rw\n";
        // As systemd 252 lays it out for ProtectSystem=strict, ProtectHome=, PrivateTmp= and PrivateDevices=.
        let own = "244 219 254:0 / / ro master:1 - ext4 /dev/vda rw\n250 244 0:23 / /run rw - tmpfs tmpfs rw\n\
                   269 244 0:42 / /dev ro - tmpfs tmpfs rw\n255 244 254:0 /tmp/private/tmp /tmp rw - ext4 /dev/vda rw\n\
                   256 244 0:23 /systemd/inaccessible/dir /home ro - tmpfs tmpfs rw\n\
                   257 244 8:2 / /srv ro - ext4 /dev/sda2 rw\n258 244 8:3 / /old ro - ext4 /dev/sda3 rw\n";
        let container = "900 1 0:99 / / rw - overlay overlay rw\n";
        let told = |own: &str, first: Option<&str>| -> Vec<String> {
            let mounts = of_machine(own, first);
            mounts.iter().map(|m| format!("{}{}", m.point, if m.read_only { " ro" } else { "" })).collect()
        };
        assert_eq!(told(own, Some(first)), ["/run", "/", "/srv", "/old ro"]);
        assert_eq!(told(first, Some(first)), ["/run", "/", "/dev", "/home", "/srv", "/old ro"]);
        assert_eq!(told(container, Some(first)), ["/"], "another root is another machine");
        assert_eq!(told(first, None), told(first, Some(first)));
        assert_eq!(told(own, Some("")), told(own, None), "a table that says nothing");
    }

    #[test]
    fn within_is_told_by_whole_names() {
        for (inner, outer, expected) in
            [("/a", "/a", true), ("/a/b", "/a", true), ("/ab", "/a", false), ("/a", "/", true), ("/", "/a", false)]
        {
            assert_eq!(lies_within(inner, outer), expected, "{inner} within {outer}");
        }
    }

    proptest! {
        #[test]
        fn no_table_panics(text in ".{0,400}", fields in proptest::collection::vec("[ \\\\0-9a-z:/-]{0,12}", 0..12)) {
            parse(&text);
            parse(&fields.join(" "));
            unescape(&text);
        }
    }
}
