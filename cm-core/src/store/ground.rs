//! What lies under the file: which filesystem, and how much room it has left.
//!
//! SQLite's locks and its shared memory hold on a local disk only. Nothing here opens the file.

use std::io;
use std::path::Path;

/// What is asked of the machine; tests answer in its place.
pub trait Ground: Send {
    /// The filesystem's magic number (`statfs.f_type`).
    fn filesystem(&self, folder: &Path) -> io::Result<u32>;
    /// What an ordinary user may still write there, in bytes.
    fn free_bytes(&self, folder: &Path) -> io::Result<u64>;
    /// Whether it is mounted so that nobody may write there.
    fn is_read_only(&self, _folder: &Path) -> io::Result<bool> {
        Ok(false)
    }
}

/// The machine's own disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Ground for Disk {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the magic numbers are 32 bits wide")]
    fn filesystem(&self, folder: &Path) -> io::Result<u32> {
        Ok(rustix::fs::statfs(folder)?.f_type as u32)
    }

    fn free_bytes(&self, folder: &Path) -> io::Result<u64> {
        let room = rustix::fs::statvfs(folder)?;
        Ok(room.f_bavail.saturating_mul(room.f_frsize))
    }

    fn is_read_only(&self, folder: &Path) -> io::Result<bool> {
        Ok(rustix::fs::statvfs(folder)?.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY))
    }
}

/// Magic numbers of filesystems whose locks reach over a network or through another program (statfs(2)).
const UNFIT: &[(u32, &str)] = &[
    (0x0000_6969, "NFS"),
    (0x0000_517B, "SMB"),
    (0xFF53_4D42, "CIFS"),
    (0xFE53_4D42, "SMB"),
    (0x6573_5546, "FUSE"),
    (0x0102_1997, "9p"),
    (0x5346_414F, "AFS"),
    (0x6B41_4653, "AFS"),
    (0x00C3_6400, "Ceph"),
    (0x7375_7245, "Coda"),
    (0x0000_564C, "NCP"),
    (0x0116_1970, "GFS2"),
    (0x7461_636F, "OCFS2"),
    (0x0BD0_0BD0, "Lustre"),
    (0x1983_0326, "BeeGFS"),
    (0x4750_4653, "GPFS"),
    (0x786F_4256, "VirtualBox shared folders"),
];

/// The name of a filesystem on which a history cannot lie.
pub(super) fn unfit(magic: u32) -> Option<&'static str> {
    UNFIT.iter().find(|(known, _)| *known == magic).map(|(_, name)| *name)
}
