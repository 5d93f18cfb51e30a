//! Graphics processors.

use super::{Measured, Reading, share};
use crate::health::{Subject, SubjectKind};
use crate::metric::Limits;
use crate::report::service::Gpu;
use crate::unit::{Bytes, Celsius, Mebibytes, Percent, Unit, Watts};

impl Measured for Gpu {
    const KIND: SubjectKind = SubjectKind::Gpu;
    const TABLES: &'static [&'static [Reading<Self>]] = &[&[
        Reading::<Self>::gauge(801, "gpu.load", "GPU load", Unit::Percent, "Share of time at work.", |g, _| {
            g.load_percent.map(Percent::get)
        }),
        Reading::<Self>::gauge(802, "gpu.memory_used", "GPU memory used", Unit::Bytes, "Its memory in use.", |g, _| {
            g.memory_used_mb.map(|v| Bytes::from(v).get())
        }),
        Reading::<Self>::gauge(803, "gpu.memory_total", "GPU memory", Unit::Bytes, "Its memory.", |g, _| {
            g.memory_total_mb.map(|v| Bytes::from(v).get())
        }),
        Reading::<Self>::gauge(
            804,
            "gpu.memory_use",
            "GPU memory use",
            Unit::Percent,
            "Share of its memory in use.",
            |g, _| share(g.memory_used_mb.map(Mebibytes::get), g.memory_total_mb.map(Mebibytes::get)),
        ),
        Reading::<Self>::gauge(805, "gpu.temperature", "temperature", Unit::Celsius, "Its temperature.", |g, _| {
            g.temperature_c.map(Celsius::get)
        })
        .limits(Limits::above(90.0, 100.0), "Look at its fans, dust and the case's airflow."),
        Reading::<Self>::gauge(806, "gpu.power", "GPU power", Unit::Watts, "Power draw.", |g, _| {
            g.power_w.map(Watts::get)
        }),
    ]];

    fn subject(&self) -> Subject {
        Subject::named(SubjectKind::Gpu, self.name.clone())
    }
}
