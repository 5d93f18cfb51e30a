//! What is due when, by the clock that nobody can set. It does not know what is done.

use std::time::Duration;

use super::{BATCH_EVERY, TELL_EVERY};
use crate::clock::BootTime;
use crate::store::lease;

/// One thing that is done again and again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Duty {
    every: Duration,
    next: BootTime,
}

impl Duty {
    const fn new(every: Duration, first: BootTime) -> Self {
        Self { every, next: first }
    }

    pub(super) fn is_due(&self, now: BootTime) -> bool {
        now >= self.next
    }

    /// It was done now; the next time is a whole span away, however late this one was.
    pub(super) fn done(&mut self, now: BootTime) {
        self.next = now.after(self.every);
    }

    /// It failed now, and is tried again after so long.
    pub(super) fn retry(&mut self, now: BootTime, after: Duration) {
        self.next = now.after(after);
    }

    /// Whether it is due, and if so it counts as done.
    pub(super) fn take(&mut self, now: BootTime) -> bool {
        let is_due = self.is_due(now);
        if is_due {
            self.done(now);
        }
        is_due
    }
}

/// All of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Duties {
    /// Links and the figures of recording are looked at.
    pub(super) batch: Duty,
    /// Samples that wait are stored.
    pub(super) append: Duty,
    /// Whole reports that wait are stored; apart from samples, which never stop coming.
    pub(super) keep: Duty,
    /// The lease is renewed, unless a commit has done it.
    pub(super) renew: Duty,
    /// Recording tells of itself.
    pub(super) own: Duty,
    pub(super) seal: Duty,
    pub(super) roll_up: Duty,
    pub(super) expire: Duty,
    /// The log is emptied that a reader held.
    pub(super) empty_log: Duty,
}

impl Duties {
    /// From the moment at which the lease was taken. Care of the file comes soon, for programs that do not run for long.
    pub(super) fn from(now: BootTime) -> Self {
        let after = |secs| now.after(Duration::from_secs(secs));
        Self {
            batch: Duty::new(BATCH_EVERY, now),
            append: Duty::new(BATCH_EVERY, after(1)),
            keep: Duty::new(BATCH_EVERY, after(1)),
            renew: Duty::new(lease::LENGTH / 2, now.after(lease::LENGTH / 2)),
            own: Duty::new(TELL_EVERY, after(10)),
            seal: Duty::new(Duration::from_mins(10), after(20)),
            roll_up: Duty::new(Duration::from_hours(1), after(40)),
            expire: Duty::new(Duration::from_mins(15), after(60)),
            empty_log: Duty::new(Duration::from_secs(30), now),
        }
    }
}

impl Default for Duties {
    fn default() -> Self {
        Self::from(BootTime::default())
    }
}
