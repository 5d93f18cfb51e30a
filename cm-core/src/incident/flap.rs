//! Coming and going: when firings are so many that they are one incident, and for how long it must be well to be over.
//!
//! Three firings within three hours, or four within seven days, are coming and going. It is calm once it has been well for
//! three times the longest pause that it made in the last 14 days, two hours at least and four days at most; where that
//! pause was longer still, for a quarter more than it, seven days at most. So a service that fails by day alone is not over
//! each night, nor one that fails on working days each weekend, nor one that fails on weekends each week, and a month of
//! any of them is at most ten messages.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::time::Steady;

/// So many firings within so long are coming and going.
const OFTEN: [(usize, Duration); 2] = [(3, Duration::from_hours(3)), (4, Duration::from_hours(7 * 24))];

/// How many firings are remembered.
const MOST_FIRINGS: usize = 4;

/// For how long pauses and firings are remembered.
const MEMORY: Duration = Duration::from_hours(14 * 24);

/// How many pauses are remembered: each shorter than the one before it.
const MOST_PAUSES: usize = 16;

/// The least time to be well before it is calm; the most for short pauses; the most of all.
const CALM: [Duration; 3] = [Duration::from_hours(2), Duration::from_hours(4 * 24), Duration::from_hours(7 * 24)];

/// Firing for so long without a break is for good, and told; each further time is eight times as long.
const FOR_GOOD: Duration = Duration::from_hours(1);

/// What is remembered of the firings of one key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Firings {
    /// The last ones, in order.
    began: Vec<Steady>,
    /// When the last one ended.
    ended: Option<Steady>,
    /// The longest pauses by when they ended: each is shorter than the one before it, so the first is the longest.
    pauses: Vec<(Steady, Duration)>,
}

impl Firings {
    /// It fires; answers with whether that is coming and going.
    pub(super) fn begin(&mut self, at: Steady) -> bool {
        if let Some(ended) = self.ended.take() {
            let pause = at.since(ended);
            self.pauses.retain(|(when, longer)| *longer > pause && at.since(*when) <= MEMORY);
            self.pauses.push((at, pause));
            self.pauses.truncate(MOST_PAUSES);
        }
        if self.began.len() == MOST_FIRINGS {
            self.began.remove(0);
        }
        self.began.push(at);
        let within = |count: usize| self.began.len().checked_sub(count).map(|first| at.since(self.began[first]));
        OFTEN.into_iter().any(|(count, span)| within(count).is_some_and(|took| took <= span))
    }

    /// It fires no longer.
    pub(super) const fn end(&mut self, at: Steady) {
        self.ended = Some(at);
    }

    /// For how long it must be well to be calm.
    pub(super) fn calm(&self, at: Steady) -> Duration {
        let remembered = self.pauses.iter().filter(|(when, _)| at.since(*when) <= MEMORY);
        let longest = remembered.map(|(_, pause)| *pause).max().unwrap_or_default();
        let [least, usual, most] = CALM;
        longest.saturating_mul(3).min(usual.max(longest + longest / 4)).clamp(least, most)
    }

    /// Whether nothing of it matters any more.
    pub(super) fn is_forgotten(&self, at: Steady) -> bool {
        let last = self.ended.max(self.began.last().copied());
        last.is_none_or(|last| at.since(last) > MEMORY)
    }
}

/// For how long it must fire without a break to be told as firing for good, if it was told so often before.
pub(super) fn for_good(times: u32) -> Duration {
    FOR_GOOD.saturating_mul(8_u32.saturating_pow(times))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(hours: u64) -> Steady {
        Steady::from_millis(hours * 3_600_000)
    }

    #[test]
    fn three_in_three_hours_or_four_in_a_week_are_coming_and_going() {
        for (firings, last_is) in [
            (&[0, 1][..], false),
            (&[0, 1, 3], true),
            (&[0, 1, 4], false),
            (&[0, 50, 100], false),
            (&[0, 50, 100, 168], true),
            (&[0, 50, 100, 169], false),
            (&[0, 1, 2, 400], false),
        ] {
            let mut memory = Firings::default();
            let mut told = false;
            for at in firings {
                told = memory.begin(hour(*at));
                memory.end(hour(*at));
            }
            assert_eq!(told, last_is, "{firings:?}");
        }
    }

    #[test]
    fn it_is_calm_after_three_times_its_longest_pause() {
        for (spells, calm_h) in [
            (&[(0, 1)][..], 2),
            (&[(0, 1), (2, 3)], 3),
            (&[(0, 1), (13, 14), (15, 16)], 36),
            (&[(0, 1), (61, 62)], 96),
            (&[(0, 1), (121, 122)], 150),
            (&[(0, 1), (13, 14), (500, 501), (502, 503)], 168),
            (&[(0, 1), (13, 14), (20, 21), (25, 26), (30, 31), (340, 341), (350, 351)], 168),
        ] {
            let mut memory = Firings::default();
            for (began, ended) in spells {
                memory.begin(hour(*began));
                memory.end(hour(*ended));
            }
            let last = spells.last().unwrap().1;
            assert_eq!(memory.calm(hour(last)), Duration::from_hours(calm_h), "{spells:?}");
            assert_eq!(memory.calm(hour(last + 15 * 24)), CALM[0], "forgotten: {spells:?}");
            assert!(!memory.is_forgotten(hour(last)) && memory.is_forgotten(hour(last + 15 * 24)));
        }
    }

    #[test]
    fn the_longest_pause_of_any_order_is_remembered_within_bounds() {
        let mut memory = Firings::default();
        let (mut at, mut longest) = (0, 0);
        for n in 0..200_u64 {
            let pause = 3_000 - (n * 37) % 101 * 10 - n;
            memory.begin(Steady::from_millis(at));
            memory.end(Steady::from_millis(at + 1));
            if n > 0 {
                assert_eq!(memory.pauses.iter().map(|(_, pause)| pause.as_millis()).max(), Some(u128::from(longest)));
            }
            longest = longest.max(pause - 1);
            at += pause;
            assert!(memory.pauses.len() <= MOST_PAUSES && memory.began.len() <= MOST_FIRINGS);
        }
    }
}
