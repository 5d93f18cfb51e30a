//! How many messages a channel takes: so many in so long, all at once if need be. The last one is kept for what is
//! critical.
//!
//! One number says it all (the generic cell rate algorithm): the moment at which the whole allowance is there again.

use std::time::Duration;

use crate::incident::Steady;

/// So many messages in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many, 1 to 1,000.
    pub most: u32,
    /// In how long.
    pub span: Duration,
}

impl Rate {
    /// The span in which one message more is allowed.
    fn step(self) -> Duration {
        self.span / self.most.max(1)
    }

    /// Whether a message may go now, and if not, from when on. `whole_at` is when the whole allowance is there again.
    pub(super) fn allows(self, whole_at: Steady, now: Steady, is_critical: bool) -> Result<(), Steady> {
        let kept = if is_critical || self.most < 2 { Duration::ZERO } else { self.step() };
        let owed = whole_at.since(now);
        let most = self.span.saturating_sub(self.step()).saturating_sub(kept);
        if owed <= most { Ok(()) } else { Err(now.after(owed.saturating_sub(most))) }
    }

    /// The moment at which the whole allowance is there again, once a message went.
    pub(super) fn spent(self, whole_at: Steady, now: Steady) -> Steady {
        whole_at.max(now).after(self.step())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_go_at_once_the_last_only_for_what_is_critical_and_one_more_after_each_step() {
        let rate = Rate { most: 3, span: Duration::from_secs(30) };
        let at = |s: u64| Steady::from_millis(s * 1_000);
        let mut whole_at = Steady::default();
        for (s, is_critical, allowed) in [
            (100, false, true),
            (100, false, true),
            (100, false, false),
            (100, true, true),
            (100, true, false),
            (109, true, false),
            (110, false, false),
            (110, true, true),
            (129, false, false),
            (130, false, true),
            (130, false, false),
            (500, false, true),
        ] {
            let answer = rate.allows(whole_at, at(s), is_critical);
            assert_eq!(answer.is_ok(), allowed, "{s} {is_critical}");
            match answer {
                Ok(()) => whole_at = rate.spent(whole_at, at(s)),
                Err(from) => assert!(rate.allows(whole_at, from, is_critical).is_ok() && from > at(s)),
            }
        }
    }
}
