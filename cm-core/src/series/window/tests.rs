use proptest::prelude::*;

use super::*;
use crate::series::retention::{Keep, Span};
use crate::series::rollup::Step;

const NOW: i64 = 1_766_000_000;
const DAY: i64 = 86_400;
const MINUTE: Resolution = Resolution::Step(Step::Minute);
const HOUR: Resolution = Resolution::Step(Step::Hour);
const DAYS: Resolution = Resolution::Step(Step::Day);

fn window(since_s: i64, until_s: i64, most: usize) -> Window {
    Window {
        since: WallTime::from_secs(since_s),
        until: WallTime::from_secs(until_s),
        most: NonZeroUsize::new(most).unwrap(),
    }
}

#[test]
fn the_coarsest_that_is_fine_enough_and_still_there_answers() {
    let cut_offs = Keep::STANDARD.cut_offs(WallTime::from_secs(NOW));
    for (what, begins_s_ago, lasts_s, most, resolution, width_s, reason) in [
        ("an hour", 3_600, 3_600, 400, Resolution::Raw, 10, Reason::Fits),
        ("a day", DAY, DAY, 400, MINUTE, 300, Reason::Fits),
        ("a week", 7 * DAY, 7 * DAY, 200, HOUR, 3_600, Reason::Fits),
        ("a year", 365 * DAY, 365 * DAY, 200, DAYS, 2 * DAY, Reason::Fits),
        ("ten years", 3_650 * DAY, 3_650 * DAY, 200, DAYS, 30 * DAY, Reason::Fits),
        ("an hour of last week", 8 * DAY, 3_600, 400, MINUTE, 60, Reason::FinerIsGone),
        ("a day of last quarter", 90 * DAY, DAY, 400, HOUR, 3_600, Reason::FinerIsGone),
        ("a day of long ago", 900 * DAY, DAY, 400, DAYS, DAY, Reason::FinerIsGone),
    ] {
        let choice = window(NOW - begins_s_ago, NOW - begins_s_ago + lasts_s, most).choose(&cut_offs);
        let told = (choice.resolution, i64::try_from(choice.width.as_secs()).unwrap(), choice.reason);
        assert_eq!(told, (resolution, width_s, reason), "{what}");
    }
}

#[test]
fn where_nothing_reaches_back_the_furthest_answers_and_says_so() {
    let keep = Keep::new(Span::days(7), Span::days(30), Span::days(30), Span::days(30)).unwrap();
    let choice = window(NOW - 90 * DAY, NOW, 10_000).choose(&keep.cut_offs(WallTime::from_secs(NOW)));
    assert_eq!((choice.resolution, choice.reason), (MINUTE, Reason::BeginningIsGone));
}

#[test]
fn a_window_that_moves_on_keeps_its_grid() {
    let cut_offs = Keep::STANDARD.cut_offs(WallTime::from_secs(NOW));
    let at = |moved: i64| window(NOW - 3_600 + moved, NOW + moved, 100).choose(&cut_offs);
    let width = i64::try_from(at(0).width.as_secs()).unwrap();
    for moved in 0..120 {
        let choice = at(moved);
        assert_eq!((choice.from.secs() - at(0).from.secs()) % width, 0, "{moved} s on");
    }
}

proptest! {
    #[test]
    fn a_span_never_takes_more_values_than_may_be_shown(
        since in 0..NOW, lasts in 0..NOW, most in 1..2_000_usize, now in 0..2 * NOW,
    ) {
        let cut_offs = Keep::STANDARD.cut_offs(WallTime::from_secs(now));
        let window = window(since, since + lasts, most);
        let choice = window.choose(&cut_offs);
        let values = window.until.since(choice.from).as_millis().div_ceil(choice.width.as_millis());
        prop_assert!(values <= most as u128, "{values} of {choice:?}");
        prop_assert!(choice.width >= choice.resolution.length());
        prop_assert!(choice.from <= window.since);
    }
}
