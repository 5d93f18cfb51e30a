//! Pools over several drives: room, errors, scrubs.

use super::{Measured, Reading, share};
use crate::health::{Subject, SubjectKind};
use crate::metric::Limits;
use crate::report::smart::Pool;
use crate::unit::{Bytes, Gibibytes, Percent, Unit};

const LOOK: &str =
    "Look at the pool's own status (mdadm --detail, zpool status, btrfs device stats) to see which member it is.";
const SCRUB_LIMIT_S: f64 = 40.0 * 86_400.0; // distributions scrub monthly; ten days of grace

impl Measured for Pool {
    const KIND: SubjectKind = SubjectKind::Pool;
    const TABLES: &'static [&'static [Reading<Self>]] = &[&[
        Reading::<Self>::gauge(201, "pool.capacity", "size", Unit::Bytes, "Size of the pool.", |p, _| {
            p.capacity_gb.map(|v| Bytes::from(v).get())
        }),
        Reading::<Self>::gauge(202, "pool.used", "used", Unit::Bytes, "Of that in use.", |p, _| {
            p.used_gb.map(|v| Bytes::from(v).get())
        }),
        Reading::<Self>::gauge(203, "pool.use", "use", Unit::Percent, "Share of the pool in use.", |p, _| {
            share(p.used_gb.map(Gibibytes::get), p.capacity_gb.map(Gibibytes::get))
        })
        .limits(Limits::above(85.0, 95.0), "Make room or add drives: pools slow down and fail when full."),
        Reading::<Self>::counter(
            204,
            "pool.errors",
            "errors",
            Unit::Count,
            "Read, write and checksum errors since they were last cleared.",
            |p, _| p.errors.map(|v| v.get() as f64),
        )
        .lifelong()
        .limits(Limits::warn_above(1.0), LOOK),
        Reading::<Self>::gauge(
            205,
            "pool.scrub_age",
            "last scrub",
            Unit::Seconds,
            "Time since it was last checked from end to end.",
            |p, at| p.last_scrub.map(|scrub| at.since(scrub).as_secs_f64()),
        )
        .limits(Limits::warn_above(SCRUB_LIMIT_S), "Start a scrub, and a timer for it."),
        Reading::<Self>::gauge(
            206,
            "pool.scrub_errors",
            "errors found by the last scrub",
            Unit::Count,
            "What the last scrub found.",
            |p, _| p.scrub_errors.map(|v| v.get() as f64),
        )
        .limits(Limits::warn_above(1.0), LOOK),
        Reading::<Self>::gauge(
            207,
            "pool.progress",
            "progress",
            Unit::Percent,
            "How far a scrub, rebuild or reshape is.",
            |p, _| p.progress.map(Percent::get),
        ),
    ]];

    fn subject(&self) -> Subject {
        Subject::named(SubjectKind::Pool, self.name.clone())
    }
}
