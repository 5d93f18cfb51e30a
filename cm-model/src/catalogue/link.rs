//! The link to a host's API, as seen from here.

use std::time::Duration;

use super::{Measured, Reading, flag};
use crate::health::{Subject, SubjectKind};
use crate::report::Api;
use crate::unit::Unit;

/// How one API of a host answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Which API.
    pub api: Api,
    /// Whether it answers.
    pub up: bool,
    /// How old its last good answer is.
    pub age: Option<Duration>,
    /// How long that answer took.
    pub took: Option<Duration>,
}

impl Measured for Link {
    const KIND: SubjectKind = SubjectKind::Api;
    const TABLES: &'static [&'static [Reading<Self>]] = &[&[
        Reading::<Self>::gauge(
            1201,
            "link.up",
            "answers",
            Unit::Flag,
            "Whether this API of the host answers.",
            |l, _| Some(flag(l.up)),
        ),
        Reading::<Self>::gauge(
            1202,
            "link.age",
            "age of data",
            Unit::Seconds,
            "How old the last good answer is.",
            |l, _| l.age.map(|age| age.as_secs_f64()),
        ),
        Reading::<Self>::gauge(
            1203,
            "link.answer_time",
            "answer time",
            Unit::Milliseconds,
            "How long the last good answer took.",
            |l, _| l.took.map(|took| took.as_secs_f64() * 1000.0),
        ),
    ]];

    fn subject(&self) -> Subject {
        Subject::named(SubjectKind::Api, self.api.word().into())
    }
}
