//! How well something is, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::metric::MetricId;
use crate::text::HostText;

/// How well something is. `Ok < Note < Warning < Critical`; `Unknown` stands beside them: see [`Health::fold`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Nothing to say.
    Ok,
    /// Worth seeing, told to nobody.
    Note,
    /// Wants attention.
    Warning,
    /// Has failed, or soon will.
    Critical,
    /// Nobody can tell.
    #[default]
    Unknown,
}

impl Health {
    /// All of them, the worst first, in the order in which they are shown.
    pub const BY_TROUBLE: [Self; 5] = [Self::Critical, Self::Warning, Self::Unknown, Self::Note, Self::Ok];

    /// The worse of two. Critical and warning outweigh unknown, which outweighs note and ok: what is known to be bad is
    /// said first, and what is not known is never called well.
    #[must_use]
    pub fn fold(self, other: Self) -> Self {
        if self.trouble() >= other.trouble() { self } else { other }
    }

    /// Rank by trouble, 0 for well to 4 for critical: to sort by.
    pub const fn trouble(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Note => 1,
            Self::Unknown => 2,
            Self::Warning => 3,
            Self::Critical => 4,
        }
    }

    /// Its word in JSON and configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What sort of thing a reading or a reason is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    /// The host as a whole.
    Host,
    /// A drive.
    Drive,
    /// A pool of drives.
    Pool,
    /// A service.
    Service,
    /// A filesystem.
    Filesystem,
    /// A filesystem in memory.
    Tmpfs,
    /// A block device.
    Disk,
    /// A network interface.
    Interface,
    /// A graphics processor.
    Gpu,
    /// A sensor.
    Sensor,
    /// A processor core.
    Core,
    /// The backup.
    Backup,
    /// One of the host's APIs.
    Api,
    /// The history that the host records.
    History,
}

impl SubjectKind {
    /// Its word: the label in Prometheus, the column in CSV.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Drive => "drive",
            Self::Pool => "pool",
            Self::Service => "service",
            Self::Filesystem => "filesystem",
            Self::Tmpfs => "tmpfs",
            Self::Disk => "disk",
            Self::Interface => "interface",
            Self::Gpu => "gpu",
            Self::Sensor => "sensor",
            Self::Core => "core",
            Self::Backup => "backup",
            Self::Api => "api",
            Self::History => "history",
        }
    }
}

/// What a reading or a reason is about, within one host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// What sort of thing.
    pub kind: SubjectKind,
    /// Which one, as people know it; empty for the host itself and its backup.
    #[serde(default, skip_serializing_if = "HostText::is_empty")]
    pub name: HostText,
    /// Which one for good: a drive's serial or WWN. Where it is absent the name is all there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<HostText>,
}

impl Subject {
    /// The host as a whole.
    pub fn host() -> Self {
        Self { kind: SubjectKind::Host, name: HostText::default(), identity: None }
    }

    /// Something on the host that has a name.
    pub const fn named(kind: SubjectKind, name: HostText) -> Self {
        Self { kind, name, identity: None }
    }
}

/// Why something is not well.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// How much it matters.
    pub health: Health,
    /// A stable word for the sort of reason: `drive.wear` for a limit of that metric, `drive.smart_failed` for a state.
    pub code: &'static str,
    /// What it is about.
    pub subject: Subject,
    /// The metric whose limit was passed, where it was a limit.
    pub metric: Option<MetricId>,
    /// One sentence, without the host's name: `nvme0n1 wear 82 % (limit 70 %)`. It may quote the host, so it leaves through an exit.
    pub text: HostText,
    /// The next step, in one line.
    pub next: &'static str,
}

/// Health with its reasons, the worst first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Verdict {
    /// The fold over all reasons; `Ok` where there are none and there was something to judge.
    pub health: Health,
    /// Why, the worst first.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// The verdict over something that was there to be judged.
    pub fn from_reasons(mut reasons: Vec<Reason>) -> Self {
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.health.trouble()));
        let health = reasons.iter().fold(Health::Ok, |worst, reason| worst.fold(reason.health));
        Self { health, reasons }
    }
}
