//! The history itself, as the program that records it sees it: how large it is, what waits, what was left out.

use std::time::Duration;

use super::{Measured, Reading};
use crate::health::{Subject, SubjectKind};
use crate::text::HostText;
use crate::unit::Unit;

/// How recording goes on the machine that records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recording {
    /// The size of the file, in bytes.
    pub file_bytes: Option<u64>,
    /// The size of its write-ahead log, in bytes.
    pub log_bytes: Option<u64>,
    /// Samples that wait in memory to be stored.
    pub waiting: u64,
    /// Samples and reports that were dropped because the file took none for too long.
    pub dropped: u64,
    /// How often the clock of this machine leapt.
    pub clock_steps: u64,
    /// Answers of hosts that could not be read.
    pub unreadable: u64,
    /// Commits of samples.
    pub commits: u64,
    /// Samples that were stored.
    pub stored: u64,
    /// The longest commit of samples since this was told last.
    pub commit_time: Option<Duration>,
}

impl Measured for Recording {
    const KIND: SubjectKind = SubjectKind::History;
    const TABLES: &'static [&'static [Reading<Self>]] = &[&[
        Reading::<Self>::gauge(
            1301,
            "history.file_size",
            "size",
            Unit::Bytes,
            "Size of the history's file.",
            |r, _| r.file_bytes.map(|bytes| bytes as f64),
        ),
        Reading::<Self>::gauge(1302, "history.log_size", "log", Unit::Bytes, "Size of its write-ahead log.", |r, _| {
            r.log_bytes.map(|bytes| bytes as f64)
        }),
        Reading::<Self>::gauge(
            1303,
            "history.waiting",
            "waiting",
            Unit::Count,
            "Samples that wait in memory to be stored.",
            |r, _| Some(r.waiting as f64),
        ),
        Reading::<Self>::counter(
            1304,
            "history.dropped",
            "dropped",
            Unit::Count,
            "Samples and reports dropped because the file took none for too long.",
            |r, _| Some(r.dropped as f64),
        ),
        Reading::<Self>::counter(
            1305,
            "history.clock_steps",
            "clock steps",
            Unit::Count,
            "How often the clock of the recording machine leapt.",
            |r, _| Some(r.clock_steps as f64),
        ),
        Reading::<Self>::counter(
            1306,
            "history.unreadable",
            "unreadable answers",
            Unit::Count,
            "Answers of hosts that could not be read.",
            |r, _| Some(r.unreadable as f64),
        ),
        Reading::<Self>::counter(1307, "history.commits", "commits", Unit::Count, "Commits of samples.", |r, _| {
            Some(r.commits as f64)
        }),
        Reading::<Self>::counter(
            1308,
            "history.stored",
            "stored",
            Unit::Count,
            "Samples stored since the program began to record.",
            |r, _| Some(r.stored as f64),
        ),
        Reading::<Self>::gauge(
            1309,
            "history.commit_time",
            "commit time",
            Unit::Milliseconds,
            "The longest commit of samples within a minute.",
            |r, _| r.commit_time.map(|took| took.as_secs_f64() * 1000.0),
        ),
    ]];

    fn subject(&self) -> Subject {
        Subject::named(SubjectKind::History, HostText::default())
    }
}
