//! What identifies a row and is no reading: names, models, states. Each stands once, by the kind of thing it is about.

use std::time::Duration;

use cm_core::clock::Now;
use cm_core::fleet::HostState;
use cm_core::health::{Health, Reason};
use cm_core::observation::LinkState;
use cm_core::report::backup::BackupReport;
use cm_core::report::service::{Service, ServiceReport};
use cm_core::report::smart::{Drive, DriveKind, PowerState, SelfTest};
use cm_core::text::HostText;
use cm_core::unit::Unit;
use cm_core::verdict::backup_state;

use super::value::{Kind, Value};

/// What is known around the thing that a row is about.
#[derive(Debug)]
pub struct About<'a> {
    /// Its host.
    pub host: &'a HostState,
    /// The moment of which the document speaks.
    pub now: Now,
    /// How the API answers that tells of it.
    pub link: LinkState,
    /// How old what it told is.
    pub age: Option<Duration>,
    /// How well it is.
    pub health: Health,
    /// Why.
    pub reasons: &'a [Reason],
    /// Whether the host told of it at all.
    pub told: bool,
}

/// A column that is no reading.
#[derive(Debug)]
pub struct Fact<T: 'static> {
    /// Its permanent name.
    pub name: &'static str,
    /// What stands over it in a table.
    pub head: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Its value.
    pub value: fn(&About<'_>, &T) -> Value,
}

impl<T> Fact<T> {
    const fn new(
        name: &'static str,
        head: &'static str,
        kind: Kind,
        help: &'static str,
        value: fn(&About<'_>, &T) -> Value,
    ) -> Self {
        Self { name, head, help, kind, value }
    }

    const fn text(
        name: &'static str,
        head: &'static str,
        help: &'static str,
        value: fn(&About<'_>, &T) -> Value,
    ) -> Self {
        Self::new(name, head, Kind::Text, help, value)
    }

    const fn time(
        name: &'static str,
        head: &'static str,
        help: &'static str,
        value: fn(&About<'_>, &T) -> Value,
    ) -> Self {
        Self::new(name, head, Kind::Time, help, value)
    }

    const fn host() -> Self {
        Self::text("host", "host", "The host's name.", |a, _| Value::name(a.host.member.host.id.as_str()))
    }

    const fn role() -> Self {
        Self::text("role", "role", "What the host is for, given by its owner.", |a, _| {
            a.host.member.host.role.as_ref().map_or(Value::None, |role| Value::name(role.as_str()))
        })
    }

    const fn health() -> Self {
        Self::new("health", "", Kind::Health, "How well it is: ok, note, warning, critical or unknown.", |a, _| {
            Value::Health(a.health)
        })
    }

    const fn link() -> Self {
        Self::new(
            "link",
            "link",
            Kind::Link,
            "How it answers: answering, waiting, stale, unreachable, unauthorised, malformed, faulty or off.",
            |a, _| Value::Link(a.link),
        )
    }

    const fn age() -> Self {
        Self::new("age_s", "data", Kind::Age, "How old what the host said last is.", |a, _| {
            a.age.map_or(Value::None, |age| Value::Age(age, a.link))
        })
    }

    const fn reasons() -> Self {
        Self::new("reasons", "why", Kind::Reasons, "Why it is not well, the worst first.", |a, _| {
            Value::Reasons(a.reasons.to_vec())
        })
    }
}

/// Of a host in `status`; its figures come from [`figure`](super::figure).
pub static STATUS: &[Fact<()>] = &[Fact::host(), Fact::role(), Fact::health(), Fact::link(), Fact::age()];

/// What ends a row of `status`.
pub static STATUS_END: &[Fact<()>] = &[
    Fact::new(
        "backup",
        "backup",
        Kind::Word,
        "How the backup stands: none, never, running, done, failed, late, locked, unverified or unknown.",
        |a, ()| Value::word(a.host.backup().map(|report| backup_state(report).word())),
    ),
    Fact::reasons(),
];

/// Of a host in `hosts`.
pub static HOST: &[Fact<ServiceReport>] = &[
    Fact::host(),
    Fact::role(),
    Fact::health(),
    Fact::link(),
    Fact::age(),
    Fact::text("os", "system", "The distribution and its version.", |_, r| Value::text(r.os.as_ref())),
    Fact::text("kernel", "kernel", "Kernel release.", |_, r| Value::text(r.kernel.as_ref())),
    Fact::text("cpu_model", "processor", "The processor's model.", |_, r| {
        Value::text(r.cpu.as_ref().and_then(|cpu| cpu.model.as_ref()))
    }),
    Fact::text("agent_version", "agent", "Version of the agent that answered.", |_, r| {
        Value::text(r.agent_version.as_ref())
    }),
    Fact::text("activities", "busy with", "What explains unusual load.", |_, r| {
        let names: Vec<_> = r
            .activities
            .iter()
            .map(|activity| activity.name.as_ref().map_or(activity.kind.word(), HostText::raw))
            .collect();
        if names.is_empty() { Value::None } else { Value::name(&names.join(", ")) }
    }),
    Fact::reasons(),
];

/// Of a drive.
pub static DRIVE: &[Fact<Drive>] = &[
    Fact::host(),
    Fact::text("drive", "drive", "The device's name now; it may change when the machine starts.", |_, d| {
        Value::text(Some(&d.name))
    }),
    Fact::health(),
    Fact::text("label", "label", "The name given by the owner: bay, shelf.", |_, d| Value::text(d.label.as_ref())),
    Fact::text("model", "model", "The maker's model.", |_, d| Value::text(d.model.as_ref())),
    Fact::text("serial", "serial", "Serial number: by it a drive is known for good.", |_, d| {
        Value::text(d.serial.as_ref())
    }),
    Fact::text("wwn", "wwn", "World-wide name.", |_, d| Value::text(d.wwn.as_ref())),
    Fact::text("firmware", "firmware", "Firmware revision.", |_, d| Value::text(d.firmware.as_ref())),
    Fact::new("kind", "kind", Kind::Word, "nvme, ssd, hdd, emmc or unknown.", |_, d| {
        Value::word(Some(d.kind).filter(|kind| *kind != DriveKind::Unknown).map(DriveKind::word))
    }),
    Fact::new("power_state", "power", Kind::Word, "active, idle, standby or unknown.", |_, d| {
        Value::word(d.power_state.map(PowerState::word))
    }),
    Fact::new(
        "self_test",
        "self-test",
        Kind::Word,
        "The last self-test: passed, failed, running, aborted, never or unknown.",
        |_, d| Value::word(d.self_test.map(SelfTest::word)),
    ),
    Fact::text("unreadable_reason", "unreadable", "Why the drive could not be asked.", |_, d| {
        Value::text(d.unreadable_reason.as_ref())
    }),
    Fact::age(),
    Fact::reasons(),
];

/// Of a service.
pub static SERVICE: &[Fact<Service>] = &[
    Fact::host(),
    Fact::text("service", "service", "Its name.", |_, s| Value::text(Some(&s.name))),
    Fact::health(),
    Fact::new(
        "status",
        "status",
        Kind::Word,
        "What it does now: running, degraded, restarting, stopped, failed or unknown.",
        |_, s| Value::Word(s.status.word()),
    ),
    Fact::new("kind", "kind", Kind::Word, "What runs it: systemd, docker, podman, process or unknown.", |_, s| {
        Value::word(s.kind.map(cm_core::report::service::ServiceKind::word))
    }),
    Fact::text("description", "description", "What it is, in its unit's words.", |_, s| {
        Value::text(s.description.as_ref())
    }),
    Fact::time("started_at", "started", "When it last started.", |_, s| Value::time(s.started_at)),
    Fact::age(),
    Fact::reasons(),
];

/// Of the backup of a host.
pub static BACKUP: &[Fact<BackupReport>] = &[
    Fact::host(),
    Fact::health(),
    Fact::new(
        "status",
        "status",
        Kind::Word,
        "How it stands: none, never, running, done, failed, late, locked, unverified or unknown.",
        |a, b| Value::word(a.told.then(|| backup_state(b).word())),
    ),
    Fact::time("last_success", "last success", "When a backup last ended well.", |_, b| {
        Value::time(b.backup.last_success)
    }),
    Fact::time("last_failure", "last failure", "When a backup last failed.", |_, b| Value::time(b.backup.last_failure)),
    Fact::time("next_run", "next", "When the next one is due.", |_, b| Value::time(b.backup.next_run)),
    Fact::time("checked_at", "checked", "When the repository was last checked for integrity.", |_, b| {
        Value::time(b.backup.checked_at)
    }),
    Fact::text("repository", "repository", "Where it goes.", |_, b| Value::text(b.backup.repository.as_ref())),
    Fact::text("last_message", "message", "What the tool said last.", |_, b| {
        Value::text(b.service.last_message.as_ref())
    }),
    Fact::new("runs_count", "runs", Kind::Reading(Unit::Count), "Earlier runs that the host tells of.", |a, b| {
        Value::reading(a.told.then_some(b.backup.history.len() as f64), Unit::Count)
    }),
    Fact::age(),
    Fact::reasons(),
];
