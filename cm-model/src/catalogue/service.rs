//! Services against their quotas.

use super::{Measured, Reading, flag, share};
use crate::health::{Subject, SubjectKind};
use crate::metric::Limits;
use crate::report::service::{Service, ServiceStatus};
use crate::unit::{Bytes, Gibibytes, Mebibytes, Percent, Unit};

impl Measured for Service {
    const KIND: SubjectKind = SubjectKind::Service;
    const TABLES: &'static [&'static [Reading<Self>]] = &[&[
        Reading::<Self>::gauge(
            901,
            "service.running",
            "running",
            Unit::Flag,
            "Whether it runs, well or degraded.",
            |s, _| Some(flag(matches!(s.status, ServiceStatus::Running | ServiceStatus::Degraded))),
        ),
        Reading::<Self>::gauge(902, "service.memory", "memory", Unit::Bytes, "Its memory.", |s, _| {
            s.memory_used_mb.map(|v| Bytes::from(v).get())
        }),
        Reading::<Self>::gauge(
            903,
            "service.memory_quota",
            "memory limit",
            Unit::Bytes,
            "Its memory limit.",
            |s, _| s.memory_quota_mb.map(|v| Bytes::from(v).get()),
        ),
        Reading::<Self>::gauge(
            904,
            "service.memory_use",
            "memory of its limit",
            Unit::Percent,
            "Share of its memory limit in use.",
            |s, _| share(s.memory_used_mb.map(Mebibytes::get), s.memory_quota_mb.map(Mebibytes::get)),
        )
        .limits(
            Limits::above(85.0, 95.0),
            "Raise the limit, or find out why it grows: at the limit the kernel kills it.",
        ),
        Reading::<Self>::gauge(
            905,
            "service.cpu",
            "CPU",
            Unit::Percent,
            "Its use of the processor; 100 is one core.",
            |s, _| s.cpu_percent.map(Percent::get),
        ),
        Reading::<Self>::gauge(
            906,
            "service.disk",
            "disk",
            Unit::Bytes,
            "Size of the paths configured for it.",
            |s, _| s.disk_used_gb.map(|v| Bytes::from(v).get()),
        ),
        Reading::<Self>::gauge(
            907,
            "service.disk_quota",
            "disk limit",
            Unit::Bytes,
            "Limit configured for them.",
            |s, _| s.disk_quota_gb.map(|v| Bytes::from(v).get()),
        ),
        Reading::<Self>::gauge(
            908,
            "service.disk_use",
            "disk of its limit",
            Unit::Percent,
            "Share of its disk limit in use.",
            |s, _| share(s.disk_used_gb.map(Gibibytes::get), s.disk_quota_gb.map(Gibibytes::get)),
        )
        .limits(Limits::above(85.0, 95.0), "Clean up inside the service, or raise its limit."),
        Reading::<Self>::counter(
            909,
            "service.restarts",
            "restarts",
            Unit::Count,
            "Times it was restarted since it was last started by hand.",
            |s, _| s.restarts.map(|v| v.get() as f64),
        ),
        Reading::<Self>::gauge(910, "service.uptime", "up", Unit::Seconds, "Time since it last started.", |s, at| {
            s.started_at.map(|start| at.since(start).as_secs_f64())
        }),
    ]];

    fn subject(&self) -> Subject {
        Subject::named(SubjectKind::Service, self.name.clone())
    }
}
