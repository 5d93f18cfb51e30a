//! Drives: wear, errors, temperature.

use super::{Measured, Reading};
use crate::health::{Subject, SubjectKind};
use crate::metric::Limits;
use crate::report::smart::Drive;
use crate::unit::{Bytes, Celsius, Count, Hours, Percent, Unit};

const REPLACE_SOON: &str = "Check that the backup is good, and order a replacement.";
const COPY_NOW: &str = "Check the backup now; if the number grows, replace the drive.";

impl Measured for Drive {
    const KIND: SubjectKind = SubjectKind::Drive;
    const TABLES: &'static [&'static [Reading<Self>]] = &[&[
        Reading::<Self>::gauge(
            101,
            "drive.wear",
            "wear",
            Unit::Percent,
            "Rated life used; 100 is its end, not the drive's.",
            |d, _| d.wear_level.map(Percent::get),
        )
        .lifelong()
        .limits(
            Limits::warn_above(70.0),
            "The rated life nears its end: plan a replacement; spare blocks and errors say when it is urgent.",
        ),
        Reading::<Self>::gauge(
            102,
            "drive.temperature",
            "temperature",
            Unit::Celsius,
            "Temperature of the drive.",
            |d, _| d.temperature_c.map(Celsius::get),
        )
        .limits(Limits::warn_above(70.0), "Look at fans, dust and airflow around the drive.")
        .own(own_temperature),
        Reading::<Self>::counter(
            103,
            "drive.power_on",
            "power-on time",
            Unit::Hours,
            "Hours under power over the drive's life.",
            |d, _| d.power_on_hours.map(Hours::get),
        )
        .lifelong(),
        Reading::<Self>::gauge(
            104,
            "drive.spare",
            "spare blocks",
            Unit::Percent,
            "Spare blocks left, of those it was made with.",
            |d, _| d.available_spare.map(Percent::get),
        )
        .lifelong()
        .limits(Limits::Below { warning: Some(10.0), critical: None }, REPLACE_SOON)
        .own(own_spare),
        Reading::<Self>::gauge(
            105,
            "drive.capacity",
            "capacity",
            Unit::DecimalBytes,
            "Capacity as the maker states it.",
            |d, _| d.capacity_gb.map(|v| Bytes::from(v).get()),
        ),
        Reading::<Self>::gauge(
            106,
            "drive.used",
            "used",
            Unit::DecimalBytes,
            "Capacity in use by filesystems.",
            |d, _| d.used_gb.map(|v| Bytes::from(v).get()),
        ),
        Reading::<Self>::counter(
            107,
            "drive.written",
            "written",
            Unit::DecimalBytes,
            "Written by the host over the drive's life.",
            |d, _| d.data_written_tb.map(|v| Bytes::from(v).get()),
        )
        .lifelong(),
        Reading::<Self>::counter(
            108,
            "drive.read",
            "read",
            Unit::DecimalBytes,
            "Read by the host over the drive's life.",
            |d, _| d.data_read_tb.map(|v| Bytes::from(v).get()),
        )
        .lifelong(),
        Reading::<Self>::counter(
            109,
            "drive.media_errors",
            "media errors",
            Unit::Count,
            "Times that data could not be read back, or not trusted.",
            |d, _| count(d.media_errors),
        )
        .lifelong()
        .limits(Limits::warn_above(1.0), COPY_NOW),
        Reading::<Self>::counter(
            110,
            "drive.unsafe_shutdowns",
            "unsafe shutdowns",
            Unit::Count,
            "Times that power went away unannounced.",
            |d, _| count(d.unsafe_shutdowns),
        )
        .lifelong(),
        Reading::<Self>::counter(
            111,
            "drive.reallocated_sectors",
            "reallocated sectors",
            Unit::Count,
            "Sectors replaced by spare ones.",
            |d, _| count(d.reallocated_sectors),
        )
        .lifelong()
        .limits(Limits::warn_above(1.0), COPY_NOW),
        Reading::<Self>::gauge(
            112,
            "drive.pending_sectors",
            "pending sectors",
            Unit::Count,
            "Sectors that could not be read and wait for a verdict.",
            |d, _| count(d.pending_sectors),
        )
        .lifelong()
        .limits(Limits::warn_above(1.0), COPY_NOW),
        Reading::<Self>::counter(
            113,
            "drive.uncorrectable_errors",
            "uncorrectable errors",
            Unit::Count,
            "Errors that correction could not mend.",
            |d, _| count(d.uncorrectable_errors),
        )
        .lifelong()
        .limits(Limits::warn_above(1.0), COPY_NOW),
        Reading::<Self>::counter(
            114,
            "drive.crc_errors",
            "CRC errors",
            Unit::Count,
            "Errors on the way to the drive: mostly the cable.",
            |d, _| count(d.crc_errors),
        )
        .lifelong(),
        Reading::<Self>::gauge(
            115,
            "drive.critical_warning",
            "warning bits",
            Unit::Count,
            "The NVMe log's warning bits as a number; 0 is well.",
            |d, _| count(d.critical_warning),
        ),
        Reading::<Self>::gauge(
            116,
            "drive.smart_passed",
            "calls itself sound",
            Unit::Flag,
            "Whether the drive calls itself sound.",
            |d, _| d.smart_passed.map(super::flag),
        ),
        Reading::<Self>::gauge(
            117,
            "drive.self_test_age",
            "last self-test",
            Unit::Hours,
            "Power-on hours since the last self-test.",
            |d, _| Some((d.power_on_hours?.get() - d.self_test_hours?.get()).max(0.0)),
        ),
        Reading::<Self>::gauge(
            118,
            "drive.spare_threshold",
            "spare threshold",
            Unit::Percent,
            "Spare blocks below which the maker calls the drive worn; 0, or 100 and more, means nothing.",
            |d, _| d.available_spare_threshold.map(Percent::get),
        )
        .lifelong(),
    ]];

    fn subject(&self) -> Subject {
        let identity = [&self.serial, &self.wwn].into_iter().flatten().find(|text| !text.is_empty()).cloned();
        Subject { kind: SubjectKind::Drive, name: self.name.clone(), identity }
    }
}

fn count(value: Option<Count>) -> Option<f64> {
    value.map(|count| count.get() as f64)
}

/// The drive's own temperature limits, where they make sense (some report 0).
fn own_temperature(drive: &Drive) -> Option<Limits> {
    let sound = |limit: Option<Celsius>| limit.map(Celsius::get).filter(|&limit| limit > 30.0);
    let (warning, critical) = (sound(drive.temperature_warning_c), sound(drive.temperature_critical_c));
    (warning.is_some() || critical.is_some()).then_some(Limits::Above { warning, critical })
}

/// The drive's own spare threshold. One of 0, or at or above 100, means nothing (some drives ship so), and then no
/// value of spare is judged.
fn own_spare(drive: &Drive) -> Option<Limits> {
    let threshold = drive.available_spare_threshold?.get();
    Some(if threshold > 0.0 && threshold < 100.0 {
        Limits::Below { warning: None, critical: Some(threshold) }
    } else {
        Limits::None
    })
}
