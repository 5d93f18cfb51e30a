//! What sort of filesystem a mount is: whether it holds an owner's data, what it shares with others, whether it may hang.

use crate::machine::mount::{Mount, lies_within};

/// A sort of mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// On a device of this machine.
    Local,
    /// On devices of this machine, many mounts over one superblock: btrfs, bcachefs.
    Shared,
    /// A dataset of a ZFS pool.
    Pool,
    /// On another machine.
    Remote,
    /// Behind a program of a user: local, but as slow as the program.
    Program,
    /// A container's `/`, in layers on the machine around it.
    Layered,
    /// Nothing that an owner would look for.
    Hidden,
}

/// On another machine, by the names that the kernel and FUSE give them.
const REMOTE: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "ncpfs",
    "afs",
    "ceph",
    "lustre",
    "gpfs",
    "orangefs",
    "ocfs2",
    "gfs2",
    "glusterfs",
    "fuse.glusterfs",
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.davfs",
    "fuse.ceph",
    "fuse.juicefs",
    "fuse.moosefs",
    "fuse.curlftpfs",
    "davfs",
];
/// Programs of FUSE that serve no data of their own.
const NO_DATA: &[&str] = &[
    "fuse.gvfsd-fuse",
    "fuse.portal",
    "fuse.lxcfs",
    "fuse.snapfuse",
    "fuse.squashfuse",
    "fuse.xdg-document-portal",
    "fuse.doc",
    "fuse.jetbrains-toolbox",
    "fuse.overlayfs",
    "fuse.fuse-overlayfs",
    "fuse.vmware-vmblock",
];
/// Images and discs: always full, by design.
const IMAGES: &[&str] = &["squashfs", "erofs", "cramfs", "iso9660", "udf", "romfs"];

/// The sort of a mount.
pub(super) fn kind(mount: &Mount) -> Kind {
    match &*mount.kind {
        kind if REMOTE.contains(&kind) => Kind::Remote,
        kind if NO_DATA.contains(&kind) || IMAGES.contains(&kind) => Kind::Hidden,
        "zfs" => Kind::Pool,
        "btrfs" | "bcachefs" => Kind::Shared,
        "overlay" | "aufs" if mount.point == "/" => Kind::Layered,
        // What a virtual machine or a container is given of the machine around it.
        "9p" | "virtiofs" => Kind::Program,
        kind if kind.starts_with("fuse.") => Kind::Program,
        "devtmpfs" | "tmpfs" | "ramfs" | "overlay" => Kind::Hidden,
        _ if mount.source.starts_with("/dev/") => Kind::Local,
        _ => Kind::Hidden,
    }
}

/// Single files that container engines lay over an image; they lie on the machine around it.
const GIVEN_FILES: &[&str] =
    &["/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/run/.containerenv", "/dev/termination-log"];
/// Where what is mounted is somebody else's copy of what is told elsewhere.
const COPIES: &[&str] =
    &["/snap", "/var/lib/snapd/snap", "/var/lib/docker", "/var/lib/containers", "/var/lib/kubelet", "/run/docker"];

impl Kind {
    /// Whether it is told where the owner chose nothing.
    pub(super) fn is_told(self, mount: &Mount) -> bool {
        let point = &*mount.point;
        // A file system of its own at such a place is told: only what lies deeper is a copy.
        let copy = || COPIES.iter().any(|above| point != *above && lies_within(point, above));
        let plumbing = || ["/proc", "/sys", "/dev"].iter().any(|above| lies_within(point, above));
        self != Self::Hidden
            && !mount.source.starts_with("/dev/loop")
            && !GIVEN_FILES.contains(&point)
            && !copy()
            && !plumbing()
    }

    /// What mounts of one filesystem have in common.
    pub(super) fn key(self, mount: &Mount) -> &str {
        match self {
            Self::Pool => mount.source.split(['/', '@']).next().unwrap_or_default(),
            Self::Shared => &mount.source,
            _ => &mount.device,
        }
    }

    /// Whether asking it may take for ever.
    pub(super) const fn may_hang(self) -> bool {
        matches!(self, Self::Remote | Self::Program)
    }
}
