//! How many asks may be young at once.
//!
//! A fleet is not asked in one burst: a place is needed to start, and there are few. But a place is held only for the
//! short time in which a well host answers; who has not answered by then gives it up and is waited for without one. So
//! hosts that hang hold up the others by one short time per laneful, and not by their time limit.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Places.
pub(super) const PLACES: usize = 64;
/// How long a place is held at most. A machine on the same network answers in a few milliseconds.
const HELD: Duration = Duration::from_millis(50);

/// Who holds a place, oldest first.
#[derive(Debug, Default)]
pub(super) struct Lane(VecDeque<(usize, Instant)>);

impl Lane {
    /// Takes a place, or says when the next one is free at the latest.
    pub(super) fn enter(&mut self, who: usize, now: Instant) -> Result<(), Instant> {
        while self.0.front().is_some_and(|&(_, until)| until <= now) {
            self.0.pop_front();
        }
        match self.0.front() {
            Some(&(_, until)) if self.0.len() >= PLACES => Err(until),
            _ => {
                self.0.push_back((who, now + HELD));
                Ok(())
            }
        }
    }

    /// Gives a place back, if it is still held.
    pub(super) fn leave(&mut self, who: usize) {
        self.0.retain(|&(holder, _)| holder != who);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_hangs_gives_up_its_place_and_who_answers_gives_it_back() {
        let now = Instant::now();
        let mut lane = Lane::default();
        for who in 0..PLACES {
            assert_eq!(lane.enter(who, now), Ok(()));
        }
        assert_eq!(lane.enter(PLACES, now), Err(now + HELD));
        lane.leave(7);
        assert_eq!(lane.enter(PLACES, now + HELD / 2), Ok(()));
        assert_eq!(lane.enter(1000, now + HELD / 2), Err(now + HELD));
        for who in 1000..1000 + PLACES - 1 {
            assert_eq!(lane.enter(who, now + HELD), Ok(()), "the first have all been held long enough");
        }
        assert_eq!(lane.enter(2000, now + HELD), Err(now + HELD / 2 + HELD));
    }
}
