//! Series in the field's notation: a rhythm as a function of day and hour, for so many weeks.

use super::*;
use proptest::prelude::*;

/// Monday, 2026-01-05, midnight UTC.
const MONDAY: i64 = 1_767_571_200;

/// A number from 0 to 1 for an index: any spread that does not repeat by the week will do.
fn chance(index: i64) -> f64 {
    let bits = index.cast_unsigned().wrapping_add(7).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((bits ^ (bits >> 32)) >> 11) as f64 / 9_007_199_254_740_992.0
}

/// A value for each hour.
type Rhythm = fn(i64) -> f64;

/// One value an hour for some weeks from a Monday on; `value` is told the hour since then.
fn hourly(weeks: i64, value: impl Fn(i64) -> f64) -> Vec<Point> {
    (0..weeks * 168).map(|hour| Point { at: WallTime::from_secs(MONDAY + hour * HOUR_S), value: value(hour) }).collect()
}

fn end(weeks: i64) -> WallTime {
    WallTime::from_secs(MONDAY + weeks * WEEK_S)
}

fn office(hour: i64) -> f64 {
    let (day, hour) = (hour / 24 % 7, hour % 24);
    if day < 5 && (8..18).contains(&hour) { 60.0 } else { 5.0 }
}

fn saturday_backup(hour: i64) -> f64 {
    if hour % 168 == 5 * 24 + 3 || hour % 168 == 24 + 20 { 400.0 } else { 1.0 + (hour % 168 % 5) as f64 * 20.0 }
}

#[test]
fn the_level_is_the_coarsest_that_tells_unseen_weeks_as_well() {
    let cases: [(&str, i64, Rhythm, Level); 7] = [
        ("constant", 6, |_| 42.0, Level::One),
        ("noise", 6, |hour| chance(hour) * 10.0, Level::One),
        ("office hours", 6, |hour| office(hour) + chance(hour) * 10.0, Level::DayKind),
        ("another rhythm each day", 6, |hour| saturday_backup(hour) + chance(hour), Level::HourOfWeek),
        ("a rhythm seen for three weeks only", 3, |hour| office(hour) + chance(hour) * 10.0, Level::One),
        ("a rhythm that paused for a week", 6, |hour| if hour / 168 == 3 { 5.0 } else { office(hour) }, Level::One),
        ("a rhythm of one week in six", 6, |hour| if hour < 168 { office(hour) } else { chance(hour) }, Level::One),
    ];
    for (name, weeks, value, level) in cases {
        let usual = Usual::learn(&hourly(weeks, value), end(weeks), |_| 0).unwrap();
        assert_eq!(usual.level(), level, "{name}");
        assert_eq!(usual.weeks(), usize::try_from(weeks).unwrap(), "{name}");
    }
}

#[test]
fn the_band_holds_about_nine_tenths_of_the_next_week() {
    let cases: [(&str, Rhythm); 3] = [
        ("noise", |hour| chance(hour) * 10.0),
        ("office hours", |hour| office(hour) + chance(hour) * 10.0),
        ("a rare peak", |hour| if chance(hour) < 0.3 { 50.0 * chance(-hour) } else { 1.0 }),
    ];
    for (name, value) in cases {
        let points = hourly(7, value);
        let usual = Usual::learn(&points, end(6), |_| 0).unwrap();
        let next = &points[6 * 168..];
        let held = next.iter().filter(|point| usual.at(point.at, 0).holds(point.value)).count();
        assert!((143..=162).contains(&held), "{name}: {held} of 168");
    }
}

#[test]
fn a_constant_has_a_band_of_no_width() {
    let usual = Usual::learn(&hourly(6, |_| 42.0), end(6), |_| 0).unwrap();
    assert_eq!(usual.at(end(7), 0), Band { low: 42.0, middle: 42.0, high: 42.0 });
    assert!(!usual.at(end(7), 0).holds(42.5));
}

#[test]
fn what_never_was_below_zero_has_no_band_below_zero() {
    let busy = |hour| office(hour) + 40.0 * chance(hour);
    let usual = Usual::learn(&hourly(6, busy), end(6), |_| 0).unwrap();
    let signed = Usual::learn(&hourly(6, |hour| busy(hour) - 30.0), end(6), |_| 0).unwrap();
    assert!(usual.at(end(6), 0).low >= 0.0);
    assert!(signed.at(end(6), 0).low < 0.0);
}

#[test]
fn too_few_weeks_are_said_and_not_guessed_from() {
    for (name, points, weeks) in [
        ("nothing", Vec::new(), 0),
        ("one week", hourly(1, office), 1),
        (
            "two weeks of three days each",
            hourly(2, office).into_iter().filter(|p| (p.at.secs() - MONDAY) % WEEK_S < 3 * 86_400).collect(),
            0,
        ),
        ("no numbers", hourly(6, |_| f64::NAN), 0),
        (
            "only what is older than six weeks",
            hourly(6, office)
                .into_iter()
                .map(|p| Point { at: p.at.before(std::time::Duration::from_hours(42 * 24)), ..p })
                .collect(),
            0,
        ),
    ] {
        let until = end(if weeks == 1 { 1 } else { 6 });
        assert_eq!(Usual::learn(&points, until, |_| 0), Err(TooLittle { weeks, least: 2 }), "{name}");
    }
}

#[test]
fn gaps_leave_the_other_weeks_their_say() {
    let mut points = hourly(6, |hour| office(hour) + chance(hour));
    // A week is missing, and every Wednesday from noon on.
    points.retain(|p| {
        let hour = (p.at.secs() - MONDAY) / HOUR_S;
        hour / 168 != 2 && !(hour % 168 >= 2 * 24 + 12 && hour % 168 < 3 * 24)
    });
    let usual = Usual::learn(&points, end(6), |_| 0).unwrap();
    assert_eq!((usual.level(), usual.weeks()), (Level::DayKind, 5));
    let wednesday_afternoon = WallTime::from_secs(MONDAY + 6 * WEEK_S + (2 * 24 + 15) * HOUR_S);
    assert!((usual.at(wednesday_afternoon, 0).middle - 60.5).abs() < 0.6, "as other weekdays are");
}

#[test]
fn a_habit_keeps_its_hour_when_clocks_are_put_forward() {
    // Local time is an hour ahead until the middle of the fourth week, two hours from then on; people keep to it.
    let change = MONDAY + 3 * WEEK_S + WEEK_S / 2;
    let offset = |at: WallTime| if at.secs() < change { 3600 } else { 7200 };
    let points: Vec<Point> = hourly(7, |_| 0.0)
        .into_iter()
        .map(|p| Point { value: office((p.at.secs() + i64::from(offset(p.at)) - MONDAY) / HOUR_S), ..p })
        .collect();
    let usual = Usual::learn(&points, end(6), offset).unwrap();
    let deaf = Usual::learn(&points, end(6), |_| 0).unwrap();
    let missed = |usual: &Usual, offset: &dyn Fn(WallTime) -> i32| {
        points[6 * 168..].iter().filter(|p| (usual.at(p.at, offset(p.at)).middle - p.value).abs() > 1.0).count()
    };
    assert_eq!(missed(&usual, &offset), 0);
    assert!(missed(&deaf, &|_| 0) > 0, "without the zone the change is seen as another habit");
}

#[test]
fn hours_of_the_week_begin_on_monday_in_local_time() {
    for (moment, offset_s, hour, weekend) in [
        (MONDAY, 0, 0, false),
        (MONDAY - 1, 0, 167, true),
        (MONDAY, -3600, 167, true),
        (MONDAY, 20_700, 5, false),
        (MONDAY + 5 * 86_400, 0, 120, true),
        (0, 0, 3 * 24, false),
        (0, -43_200, 2 * 24 + 12, false),
    ] {
        let found = HourOfWeek::of(WallTime::from_secs(moment), offset_s);
        assert_eq!((found.index(), found.is_weekend()), (hour, weekend), "{moment} at {offset_s}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_band_is_ordered_and_nothing_depends_on_the_order_of_points(
        values in prop::collection::vec(prop_oneof![-1e9..1e9_f64, Just(0.0), Just(f64::NAN)], 4 * 56),
        ahead in 0_i64..1_000_000, offset_s in -50_000_i32..50_000,
    ) {
        let mut points: Vec<Point> = values.iter().enumerate()
            .map(|(at, value)| Point { at: WallTime::from_secs(MONDAY + i64::try_from(at).unwrap() * 3 * HOUR_S), value: *value })
            .collect();
        let learnt = Usual::learn(&points, end(4), |_| offset_s);
        points.reverse();
        prop_assert_eq!(&learnt, &Usual::learn(&points, end(4), |_| offset_s));
        if let Ok(usual) = learnt {
            let band = usual.at(end(4).after(std::time::Duration::from_secs(ahead.cast_unsigned())), offset_s);
            prop_assert!(band.low <= band.middle && band.middle <= band.high, "{:?}", band);
        }
    }

    #[test]
    fn values_on_another_scale_have_their_band_on_it(scale in 0.001..1000.0_f64) {
        let value = |hour| office(hour) + chance(hour);
        let usual = Usual::learn(&hourly(4, value), end(4), |_| 0).unwrap();
        let scaled = Usual::learn(&hourly(4, |hour| value(hour) * scale), end(4), |_| 0).unwrap();
        prop_assert_eq!(usual.level(), scaled.level());
        prop_assert!((usual.at(end(4), 0).high * scale - scaled.at(end(4), 0).high).abs() < 1e-9 * scale);
    }
}
