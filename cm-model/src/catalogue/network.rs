//! Network interfaces.

use super::{Measured, Reading, flag};
use crate::health::{Subject, SubjectKind};
use crate::report::service::Interface;
use crate::unit::{BytesPerSecond, Unit};

impl Measured for Interface {
    const KIND: SubjectKind = SubjectKind::Interface;
    const TABLES: &'static [&'static [Reading<Self>]] = &[&[
        Reading::<Self>::gauge(701, "network.up", "link", Unit::Flag, "Whether it has a link.", |i, _| i.up.map(flag)),
        Reading::<Self>::gauge(
            702,
            "network.speed",
            "speed in Mbit/s",
            Unit::Count,
            "Link speed in Mbit/s.",
            |i, _| i.speed_mbit.map(|v| v.get() as f64),
        ),
        Reading::<Self>::counter(
            703,
            "network.received",
            "received",
            Unit::Bytes,
            "Received since the machine started.",
            |i, _| i.rx_bytes.map(|v| v.get() as f64),
        ),
        Reading::<Self>::counter(
            704,
            "network.sent",
            "sent",
            Unit::Bytes,
            "Sent since the machine started.",
            |i, _| i.tx_bytes.map(|v| v.get() as f64),
        ),
        Reading::<Self>::gauge(
            705,
            "network.receive_rate",
            "receiving",
            Unit::BytesPerSecond,
            "Received, mean since the last look.",
            |i, _| i.rx_per_s.map(BytesPerSecond::get),
        ),
        Reading::<Self>::gauge(
            706,
            "network.send_rate",
            "sending",
            Unit::BytesPerSecond,
            "Sent, mean since the last look.",
            |i, _| i.tx_per_s.map(BytesPerSecond::get),
        ),
        Reading::<Self>::counter(
            707,
            "network.receive_errors",
            "receive errors",
            Unit::Count,
            "Frames received with an error since the machine started.",
            |i, _| i.rx_errors.map(|v| v.get() as f64),
        ),
        Reading::<Self>::counter(
            708,
            "network.send_errors",
            "send errors",
            Unit::Count,
            "Frames that could not be sent since the machine started.",
            |i, _| i.tx_errors.map(|v| v.get() as f64),
        ),
        Reading::<Self>::counter(
            709,
            "network.receive_drops",
            "received and dropped",
            Unit::Count,
            "Frames received and thrown away since the machine started.",
            |i, _| i.rx_dropped.map(|v| v.get() as f64),
        ),
        Reading::<Self>::counter(
            710,
            "network.send_drops",
            "dropped before sending",
            Unit::Count,
            "Frames thrown away before sending since the machine started.",
            |i, _| i.tx_dropped.map(|v| v.get() as f64),
        ),
    ]];

    fn subject(&self) -> Subject {
        Subject::named(SubjectKind::Interface, self.name.clone())
    }
}
