//! When the next picture goes out. A key is answered at once; whatever comes in floods (a key held down, the wheel, readings)
//! makes 60 pictures in a second at most. Pure: the time is handed in. It knows neither the terminal nor what is drawn.

use std::time::Duration;

use tokio::time::Instant;

/// Time from one picture to the next in a flood: 54 a second, which with [`AT_ONCE`] is 60 in any second.
pub(super) const FRAME: Duration = Duration::from_micros(18_519);

/// So many pictures may follow one another without a pause: more keys than anybody presses within the time of one frame.
pub(super) const AT_ONCE: u32 = 6;

/// Time from a picture to the next one for the sake of readings alone: those of a large fleet come one by one all the time,
/// and nobody reads faster.
pub(super) const FRAME_OF_READINGS: Duration = Duration::from_millis(250);

/// Why a picture is wanted, the least pressing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wish {
    /// Readings have come.
    Readings,
    /// Time has passed, or somebody waits for the first readings.
    Soon,
    /// A key was pressed, the mouse did something, the screen has another size: somebody waits for the answer.
    AtOnce,
}

/// What has been drawn when, and what is to be drawn.
#[derive(Debug)]
pub(super) struct Pace {
    wish: Option<Wish>,
    drawn: Option<Instant>,
    /// Until when what was drawn would have taken with a frame for each: the generic cell rate algorithm's arrival time.
    spent_until: Option<Instant>,
}

impl Pace {
    /// Nothing is drawn yet, and nothing wanted.
    pub(super) const fn new() -> Self {
        Self { wish: None, drawn: None, spent_until: None }
    }

    /// A picture is wanted; the most pressing reason counts.
    pub(super) fn want(&mut self, wish: Wish) {
        self.wish = self.wish.max(Some(wish));
    }

    /// From when on the next picture may go out; nothing where none is wanted.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let wish = self.wish?;
        let free = self.spent_until.and_then(|until| until.checked_sub(FRAME * (AT_ONCE - 1)));
        let pause = match wish {
            Wish::AtOnce => Duration::ZERO,
            Wish::Soon => FRAME,
            Wish::Readings => FRAME_OF_READINGS,
        };
        let paused = self.drawn.map(|drawn| drawn + pause);
        Some(free.max(paused).unwrap_or(now))
    }

    /// A picture has gone out, with everything on it that was wanted.
    pub(super) fn drew(&mut self, now: Instant) {
        self.wish = None;
        self.drawn = Some(now);
        self.spent_until = Some(self.spent_until.map_or(now, |until| until.max(now)) + FRAME);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Draws whenever it may while wishes come, each at so many milliseconds; answers when pictures went out.
    fn pictures(wishes: impl IntoIterator<Item = (u64, Wish)>) -> Vec<u64> {
        let start = Instant::now();
        let mut wishes = wishes.into_iter().peekable();
        let mut pace = Pace::new();
        let mut drawn = Vec::new();
        for ms in 0..5_000 {
            let now = start + MS * u32::try_from(ms).unwrap();
            while let Some((_, wish)) = wishes.next_if(|(at, _)| *at <= ms) {
                pace.want(wish);
            }
            if pace.due(now).is_some_and(|due| due <= now) {
                pace.drew(now);
                drawn.push(ms);
            }
        }
        drawn
    }

    #[test]
    fn keys_are_answered_at_once_however_close_to_the_picture_before() {
        for (wishes, expected) in [
            (vec![(5, Wish::AtOnce)], vec![5]),
            (vec![(5, Wish::AtOnce), (6, Wish::AtOnce), (7, Wish::AtOnce)], vec![5, 6, 7]),
            (vec![(100, Wish::Readings), (101, Wish::AtOnce), (102, Wish::AtOnce)], vec![100, 101, 102]),
            (vec![(100, Wish::Soon), (101, Wish::AtOnce)], vec![100, 101]),
        ] {
            assert_eq!(pictures(wishes.clone()), expected, "{wishes:?}");
        }
    }

    #[test]
    fn a_key_held_down_is_answered_each_time_it_repeats() {
        let pressed: Vec<u64> = (0..100).map(|n| 500 + 25 * n).collect();
        assert_eq!(pictures(pressed.iter().map(|&at| (at, Wish::AtOnce))), pressed);
    }

    #[test]
    fn a_flood_makes_sixty_pictures_in_any_second_and_ends_with_one() {
        for wish in [Wish::AtOnce, Wish::Soon] {
            let drawn = pictures((0..3_000).map(|at| (at, wish)));
            for (at, &first) in drawn.iter().enumerate() {
                let within = drawn[at..].iter().take_while(|&&ms| ms < first + 1_000).count();
                assert!(within <= 60, "{within} pictures from {first} ms on, {wish:?}");
            }
            assert!(drawn.len() > 140 && drawn.last().is_some_and(|last| (2_999..3_020).contains(last)), "{drawn:?}");
        }
    }

    #[test]
    fn after_a_flood_keys_are_answered_at_once_again() {
        let flood = (0..1_000).map(|at| (at, Wish::AtOnce));
        let keys = [1_200, 1_201, 1_202].map(|at| (at, Wish::AtOnce));
        assert_eq!(pictures(flood.chain(keys))[..].iter().filter(|at| **at >= 1_200).count(), 3);
    }

    #[test]
    fn readings_that_never_stop_make_four_pictures_a_second_and_leave_keys_their_room() {
        let readings = (0..2_000).map(|at| (at, Wish::Readings));
        assert_eq!(pictures(readings.clone()), [0, 250, 500, 750, 1_000, 1_250, 1_500, 1_750, 2_000]);
        let mut all: Vec<_> = readings.chain([1_100, 1_101, 1_102].map(|at| (at, Wish::AtOnce))).collect();
        all.sort_by_key(|(at, _)| *at);
        let drawn = pictures(all);
        assert!([1_100, 1_101, 1_102].iter().all(|key| drawn.contains(key)), "{drawn:?}");
    }

    #[test]
    fn nothing_wanted_is_nothing_drawn() {
        assert_eq!(pictures([]), [] as [u64; 0]);
    }
}
