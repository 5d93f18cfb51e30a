//! Filesystems and the block devices below them.

use super::{Measured, Reading, flag, share};
use crate::health::{Subject, SubjectKind};
use crate::metric::Limits;
use crate::report::service::{Disk, Filesystem};
use crate::unit::{Bytes, BytesPerSecond, Gibibytes, Milliseconds, Percent, Ratio, Unit};

const MAKE_ROOM: &str = "See what fills it: `du -xh --max-depth=2 MOUNT | sort -h | tail`; clean up or grow it.";

impl Measured for Filesystem {
    const KIND: SubjectKind = SubjectKind::Filesystem;
    const TABLES: &'static [&'static [Reading<Self>]] = &[&[
        Reading::<Self>::gauge(501, "filesystem.used", "used", Unit::Bytes, "In use.", |f, _| {
            f.used_gb.map(|v| Bytes::from(v).get())
        }),
        Reading::<Self>::gauge(
            502,
            "filesystem.total",
            "size",
            Unit::Bytes,
            "Its size, without what is reserved for root.",
            |f, _| f.total_gb.map(|v| Bytes::from(v).get()),
        ),
        Reading::<Self>::gauge(
            503,
            "filesystem.available",
            "available",
            Unit::Bytes,
            "What an ordinary user can still write.",
            |f, _| f.available_gb.map(|v| Bytes::from(v).get()),
        ),
        Reading::<Self>::gauge(504, "filesystem.use", "use", Unit::Percent, "Share of it in use.", |f, _| {
            share(f.used_gb.map(Gibibytes::get), f.total_gb.map(Gibibytes::get))
        })
        .limits(Limits::above(85.0, 95.0), MAKE_ROOM)
        .own(unless_read_only),
        Reading::<Self>::gauge(
            505,
            "filesystem.inodes_used",
            "files",
            Unit::Count,
            "Files and directories.",
            |f, _| f.inodes_used.map(|v| v.get() as f64),
        ),
        Reading::<Self>::gauge(
            506,
            "filesystem.inode_limit",
            "files at most",
            Unit::Count,
            "How many files and directories there may be.",
            |f, _| f.inodes_total.map(|v| v.get() as f64),
        ),
        Reading::<Self>::gauge(
            507,
            "filesystem.inode_use",
            "file count of its limit",
            Unit::Percent,
            "Share of the possible files in use.",
            |f, _| share(f.inodes_used.map(|v| v.get() as f64), f.inodes_total.map(|v| v.get() as f64)),
        )
        .limits(
            Limits::above(85.0, 95.0),
            "Look for a folder with very many small files: caches, mail queues, sessions.",
        )
        .own(unless_read_only),
        Reading::<Self>::gauge(
            508,
            "filesystem.read_only",
            "read-only",
            Unit::Flag,
            "Whether it refuses writing.",
            |f, _| f.read_only.map(flag),
        ),
    ]];

    fn subject(&self) -> Subject {
        Subject::named(SubjectKind::Filesystem, self.mount.clone())
    }
}

/// An image that nobody can write is always full, and that is no trouble.
fn unless_read_only(filesystem: &Filesystem) -> Option<Limits> {
    (filesystem.read_only == Some(true)).then_some(Limits::None)
}

impl Measured for Disk {
    const KIND: SubjectKind = SubjectKind::Disk;
    const TABLES: &'static [&'static [Reading<Self>]] = &[&[
        Reading::<Self>::counter(601, "disk.read", "read", Unit::Bytes, "Read since the machine started.", |d, _| {
            d.read_bytes.map(|v| v.get() as f64)
        }),
        Reading::<Self>::counter(
            602,
            "disk.written",
            "written",
            Unit::Bytes,
            "Written since the machine started.",
            |d, _| d.written_bytes.map(|v| v.get() as f64),
        ),
        Reading::<Self>::gauge(
            603,
            "disk.read_rate",
            "reading",
            Unit::BytesPerSecond,
            "Read, mean since the last look.",
            |d, _| d.read_per_s.map(BytesPerSecond::get),
        ),
        Reading::<Self>::gauge(
            604,
            "disk.write_rate",
            "writing",
            Unit::BytesPerSecond,
            "Written, mean since the last look.",
            |d, _| d.written_per_s.map(BytesPerSecond::get),
        ),
        Reading::<Self>::gauge(
            605,
            "disk.busy",
            "busy",
            Unit::Percent,
            "Share of time with a request under way.",
            |d, _| d.busy_percent.map(Percent::get),
        ),
        Reading::<Self>::gauge(
            606,
            "disk.wait",
            "wait",
            Unit::Milliseconds,
            "Mean time from request to answer.",
            |d, _| d.wait_ms.map(Milliseconds::get),
        ),
        Reading::<Self>::gauge(607, "disk.queue", "queue", Unit::Load, "Mean number of requests under way.", |d, _| {
            d.queue_length.map(Ratio::get)
        }),
    ]];

    fn subject(&self) -> Subject {
        Subject::named(SubjectKind::Disk, self.name.clone())
    }
}
