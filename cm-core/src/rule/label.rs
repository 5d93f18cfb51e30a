//! What a thing is called and what state it is in: the names in rules that stand for a text.
//!
//! One list, from which checking, hints and docs/RULES.md derive. How a label is read from a report is not known here.

use crate::health::SubjectKind;

/// One label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// Its name in rules.
    pub name: &'static str,
    /// What sort of thing has it.
    pub subject: SubjectKind,
    /// Every word that it can be; empty where it can be anything.
    pub words: &'static [&'static str],
    /// One sentence.
    pub help: &'static str,
}

/// The place of a label in [`LABELS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelId(pub(super) usize);

impl LabelId {
    /// The label of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        LABELS.iter().position(|label| label.name == name).map(Self)
    }

    /// What it is.
    pub fn label(self) -> &'static Label {
        &LABELS[self.0]
    }

    /// Whether it is the name of the thing itself: `drive`, `host`.
    pub fn is_name(self) -> bool {
        self.label().name == self.label().subject.word()
    }
}

const fn label(name: &'static str, subject: SubjectKind, words: &'static [&'static str], help: &'static str) -> Label {
    Label { name, subject, words, help }
}

const LINK: &[&str] = &["waiting", "answering", "stale", "unreachable", "unauthorised", "malformed", "faulty", "off"];
const BACKUP: &[&str] = &["none", "never", "running", "done", "failed", "late", "locked", "unverified", "unknown"];

use SubjectKind as Kind;

/// Every label.
pub const LABELS: &[Label] = &[
    label("host", Kind::Host, &[], "The host's name."),
    label("role", Kind::Host, &[], "The host's role, given by its owner."),
    label("expected", Kind::Host, &["always", "often", "sometimes"], "Whether the host may be off."),
    label("host.link", Kind::Host, LINK, "How the host answers, all its APIs together."),
    label("host.clock", Kind::Host, &["right", "ahead"], "Whether its clock is ahead of this machine's."),
    label(
        "host.boot_reason",
        Kind::Host,
        &["asked", "unasked", "unknown"],
        "Whether somebody asked for its last start.",
    ),
    label("host.going", Kind::Host, &["shutdown", "reboot", "sleep", "unknown"], "What it is about to do."),
    label(
        "host.activity",
        Kind::Host,
        &["gaming", "backup", "scrub", "upgrade", "rebuild", "unknown"],
        "What it is busy with; it may be several things.",
    ),
    label("host.kernel", Kind::Host, &[], "Its kernel's version."),
    label("host.os", Kind::Host, &[], "Its system."),
    label("drive", Kind::Drive, &[], "The drive's name today: nvme0n1."),
    label(
        "drive.kind",
        Kind::Drive,
        &["nvme", "ssd", "hdd", "emmc", "card", "virtual", "unknown"],
        "What sort of drive.",
    ),
    label(
        "drive.self_test",
        Kind::Drive,
        &["passed", "failed", "running", "aborted", "never", "unknown"],
        "The result of its last self-test.",
    ),
    label("drive.power", Kind::Drive, &["active", "idle", "standby", "unknown"], "Whether it spins."),
    label("drive.model", Kind::Drive, &[], "Its model."),
    label("drive.label", Kind::Drive, &[], "The label that its owner gave it: bay, shelf."),
    label("drive.unreadable", Kind::Drive, &[], "Why it does not tell its health; empty where it does."),
    label("pool", Kind::Pool, &[], "The pool's name."),
    label("pool.kind", Kind::Pool, &["md", "zfs", "btrfs", "unknown"], "What holds it together."),
    label(
        "pool.state",
        Kind::Pool,
        &["online", "degraded", "rebuilding", "faulted", "unknown"],
        "Whether it is whole.",
    ),
    label("service", Kind::Service, &[], "The service's name."),
    label(
        "service.state",
        Kind::Service,
        &["running", "degraded", "restarting", "stopped", "failed", "unknown"],
        "What it does now.",
    ),
    label("service.kind", Kind::Service, &["systemd", "docker", "podman", "process", "unknown"], "What runs it."),
    label("filesystem", Kind::Filesystem, &[], "Where the filesystem is mounted."),
    label("filesystem.kind", Kind::Filesystem, &[], "Its type: ext4, zfs."),
    label("filesystem.device", Kind::Filesystem, &[], "What it lies on."),
    label("tmpfs", Kind::Tmpfs, &[], "Where the filesystem in memory is mounted."),
    label("disk", Kind::Disk, &[], "The block device's name."),
    label("interface", Kind::Interface, &[], "The network interface's name."),
    label("gpu", Kind::Gpu, &[], "The graphics processor's name."),
    label("sensor", Kind::Sensor, &[], "The sensor's name."),
    label("core", Kind::Core, &[], "The processor core's name."),
    label("backup", Kind::Backup, &[], "The backup's name; empty where a host has but one."),
    label("backup.state", Kind::Backup, BACKUP, "How the backup stands."),
    label("history", Kind::History, &[], "The history; it has no name."),
    label("api", Kind::Api, &["smart", "service", "backup"], "Which of the host's APIs."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalogue, observation::LinkState};

    #[test]
    fn labels_are_named_once_and_are_no_metrics() {
        for (at, label) in LABELS.iter().enumerate() {
            assert_eq!(LabelId::by_name(label.name), Some(LabelId(at)), "{}", label.name);
            assert!(catalogue::by_name(label.name).is_none(), "{}", label.name);
            assert!(label.help.ends_with('.'));
        }
        assert!(LINK.contains(&LinkState::Unauthorised.word()) && LINK.contains(&LinkState::Off.word()));
    }
}
