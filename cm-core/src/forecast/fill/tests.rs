//! Filesystems in the field's notation: what is used on each day, oldest first, in GB of 1,000.

use super::*;
use crate::unit::human;
use proptest::prelude::*;
use std::time::Duration;

const GB: f64 = 1e9;
const SIZE: f64 = 1000.0;

fn now() -> WallTime {
    WallTime::from_secs(1_767_571_200)
}

/// One reading a day, the last one now.
fn daily(days: i32, used: impl Fn(i32) -> f64) -> Vec<Reading> {
    (0..days)
        .map(|day| {
            let back = Duration::from_hours(24 * u64::from((days - 1 - day).cast_unsigned()));
            Reading { at: now().before(back), used: used(day) * GB, limit: SIZE * GB }
        })
        .collect()
}

/// Ups and downs of a few tenths of a GB that come to nothing.
fn noise(day: i32) -> f64 {
    f64::from((day * 37 + day * day * 11) % 17 - 8) / 20.0
}

/// The answer in one line: `full 18-20-25`, `not filling`, or what is missing; then its reasons.
fn told(fill: &Fill) -> String {
    let days =
        |when: When| when.ahead_of(now()).map_or("beyond".to_owned(), |ahead| (ahead.as_secs() / 86_400).to_string());
    let with = |head: String, reasons: &[Reason]| {
        std::iter::once(head).chain(reasons.iter().map(ToString::to_string)).collect::<Vec<_>>().join("; ")
    };
    match fill {
        Fill::Full => "full now".to_owned(),
        Fill::Filling { when, grade, reasons, .. } => {
            with(format!("full {}-{}-{} {grade}", days(when.early), days(when.likely), days(when.late)), reasons)
        }
        Fill::NotFilling { reasons, .. } => with("not filling".to_owned(), reasons),
        Fill::TooLittle(missing) => missing.to_string(),
    }
}

fn ask(readings: &[Reading]) -> Fill {
    forecast(readings, Unit::Bytes, now())
}

/// The median of the days until it is full, if that is said.
fn likely(fill: &Fill) -> Option<f64> {
    let Fill::Filling { when, .. } = fill else { return None };
    when.likely.ahead_of(now()).map(|ahead| ahead.as_secs_f64() / 86_400.0)
}

/// Days between which the median lies; none when it is not filling.
type Median = Option<(f64, f64)>;

#[test]
fn what_fills_is_told_from_what_only_moves() {
    let grows = |day: i32| f64::from(day) * 2.0;
    let cases: [(&str, Vec<Reading>, Median); 11] = [
        ("steady growth", daily(91, |day| 500.0 + grows(day) + noise(day)), Some((140.0, 180.0))),
        ("rotation every ten days", daily(91, |day| 500.0 + f64::from(day % 10) * 5.0 + noise(day)), None),
        (
            "growth under a rotation",
            daily(91, |day| 500.0 + grows(day) + f64::from(day % 7) * 5.0),
            Some((130.0, 180.0)),
        ),
        ("flat", daily(91, |_| 500.0), None),
        ("noise", daily(91, |day| 500.0 + noise(day)), None),
        ("shrinking", daily(91, |day| 800.0 - grows(day)), None),
        (
            "a weekly backup of 7 GB that is kept",
            daily(92, |day| 500.0 + f64::from(day / 7) * 7.0),
            Some((360.0, 440.0)),
        ),
        (
            "a purge of 200 GB a month ago",
            daily(91, |day| 600.0 + grows(day) - if day > 60 { 200.0 } else { 0.0 }),
            Some((180.0, 450.0)),
        ),
        (
            "an import of 150 GB and nothing else",
            daily(91, |day| 500.0 + noise(day) + if day > 60 { 150.0 } else { 0.0 }),
            None,
        ),
        (
            "an import above growth",
            daily(91, |day| 400.0 + grows(day) + if day > 60 { 100.0 } else { 0.0 }),
            Some((80.0, 165.0)),
        ),
        ("a month known", daily(31, |day| 900.0 + grows(day) + noise(day)), Some((17.0, 23.0))),
    ];
    for (name, readings, wanted) in cases {
        let fill = ask(&readings);
        match wanted {
            None => assert!(matches!(fill, Fill::NotFilling { .. }), "{name}: {}", told(&fill)),
            Some((low, high)) => {
                let days = likely(&fill).unwrap_or(f64::NAN);
                assert!((low..=high).contains(&days), "{name}: {}", told(&fill));
            }
        }
    }
}

#[test]
fn reasons_are_words_of_the_same_numbers() {
    let resized = |mut readings: Vec<Reading>| {
        readings[..80].iter_mut().for_each(|reading| reading.limit = 800.0 * GB);
        readings
    };
    for (readings, wanted) in [
        (daily(91, |day| 500.0 + f64::from(day) * 2.0), "grows 1.86 GiB a day (1.86 GiB to 1.86 GiB); watched for 90d"),
        (daily(91, |_| 500.0), "not filling; has not changed; watched for 90d"),
        (daily(91, |day| 800.0 - f64::from(day)), "not filling; shrinks 954 MiB a day; watched for 90d"),
        (
            daily(91, |day| 500.0 + f64::from(day % 10) * 5.0),
            "not filling; goes up and down, by 32.6 GiB in a week at most; 466 GiB are free; watched for 90d",
        ),
        (
            daily(91, |day| 600.0 + f64::from(day) * 2.0 - if day > 60 { 200.0 } else { 0.0 }),
            "was cleaned of 186 GiB 30d ago, expected as rarely again",
        ),
        (
            daily(91, |day| 500.0 + if day > 60 { 150.0 } else { noise(day) }),
            "grew 140 GiB at once 30d ago, expected as rarely again",
        ),
        (resized(daily(91, |_| 500.0)), "its limit went from 745 GiB to 931 GiB 11d ago"),
    ] {
        let told = told(&ask(&readings));
        assert!(told.contains(wanted), "{told}\nlacks {wanted}");
    }
    assert_eq!(human::binary(2.0 * GB), "1.86 GiB");
    let inodes: Vec<Reading> = (0..60_u32)
        .map(|day| Reading {
            at: now().before(Duration::from_hours(24 * u64::from(59 - day))),
            used: 1e6 + f64::from(day) * 12_345.0,
            limit: 5e6,
        })
        .collect();
    let told = told(&forecast(&inodes, Unit::Count, now()));
    assert!(told.contains("grows 12,345 a day"), "{told}");
}

#[test]
fn too_little_data_says_what_is_missing() {
    let mut old = daily(60, |day| 500.0 + f64::from(day));
    for reading in &mut old {
        reading.at = reading.at.before(Duration::from_hours(10 * 24));
    }
    for (name, readings, wanted) in [
        ("nothing", Vec::new(), "there is no reading"),
        ("no limit", vec![Reading { at: now(), used: 1.0, limit: 0.0 }], "there is no reading"),
        ("two days", daily(2, f64::from), "1 days are known, 14 are needed"),
        ("thirteen days", daily(14, f64::from), "13 days are known, 14 are needed"),
        ("an old record", old, "the last reading is 10d old: a reading of the last 7 days is needed"),
        (
            "three restless weeks",
            daily(22, |day| 500.0 + f64::from(day % 9) * 20.0),
            "in 21 days growth does not stand out from the ups and downs: 28 days may tell",
        ),
    ] {
        assert_eq!(told(&ask(&readings)), wanted, "{name}");
    }
    assert!(matches!(ask(&daily(20, |_| 500.0)), Fill::NotFilling { .. }), "what stands still needs no month");
}

#[test]
fn the_limit_of_today_counts_whatever_it_was() {
    let grown = daily(91, |day| 500.0 + f64::from(day) * 2.0 + noise(day));
    let with_limit = |from: usize, limit: f64| {
        let mut readings = grown.clone();
        readings[from..].iter_mut().for_each(|reading| reading.limit = limit * GB);
        ask(&readings)
    };
    let before = likely(&ask(&grown)).unwrap();
    let larger = likely(&with_limit(80, 1320.0)).unwrap();
    assert!((larger / before - 2.0).abs() < 0.15, "640 GB free instead of 320: {larger} and {before} days");
    assert_eq!(told(&with_limit(90, 675.0)), "full now");
    let quota = with_limit(85, 700.0);
    assert!(likely(&quota).is_some_and(|days| (8.0..12.0).contains(&days)), "{}", told(&quota));
}

#[test]
fn another_filesystem_in_the_same_place_starts_anew() {
    let mut readings = daily(91, |day| if day < 60 { 700.0 } else { 20.0 + f64::from(day - 60) });
    readings[..60].iter_mut().for_each(|reading| reading.limit = 800.0 * GB);
    let fill = ask(&readings);
    let told = told(&fill);
    assert!(told.contains("another one took its place 31d ago"), "{told}");
    assert!(told.contains("watched for 30d"), "{told}");
    assert!(likely(&fill).is_some_and(|days| (850.0..1050.0).contains(&days)), "{told}");
}

#[test]
fn gaps_and_finer_readings_tell_the_same_growth() {
    let mut gap = daily(91, |day| 500.0 + f64::from(day) * 2.0 + noise(day));
    gap.drain(40..55);
    let told_gap = told(&ask(&gap));
    assert!(told_gap.contains("no reading for 15d in between"), "{told_gap}");
    assert!(likely(&ask(&gap)).is_some_and(|days| (140.0..180.0).contains(&days)), "{told_gap}");
    // Every hour, with 50 GB that come and go each day: only growth is left at the same time of day.
    let hourly: Vec<Reading> = (0..91 * 24_u32)
        .map(|hour| Reading {
            at: now().before(Duration::from_hours(u64::from(91 * 24 - 1 - hour))),
            used: (500.0 + f64::from(hour) / 12.0 + f64::from(hour % 24) * 2.0) * GB,
            limit: SIZE * GB,
        })
        .collect();
    let fill = ask(&hourly);
    assert!(likely(&fill).is_some_and(|days| (125.0..150.0).contains(&days)), "{}", told(&fill));
}

#[test]
fn each_day_is_told_at_the_last_readings_time_of_day() {
    // On every other day there is a reading eleven hours earlier as well, when 40 GB more are in use.
    let mut readings = daily(91, |day| 500.0 + f64::from(day) * 2.0);
    for day in (1..91).step_by(2) {
        let other = readings[day];
        readings.push(Reading { at: other.at.before(Duration::from_hours(11)), used: other.used + 40.0 * GB, ..other });
    }
    let Fill::Filling { per_day, .. } = ask(&readings) else { panic!("{}", told(&ask(&readings))) };
    assert!((per_day.high - per_day.low).abs() < 0.001 * GB, "{per_day:?}");
}

#[test]
fn growth_too_slow_for_twenty_years_lies_beyond() {
    let fill = ask(&daily(91, |day| 100.0 + f64::from(day) * 0.001));
    let Fill::Filling { when, grade, .. } = &fill else { panic!("{}", told(&fill)) };
    assert_eq!((when.likely, when.late, *grade), (When::Beyond, When::Beyond, Grade::Rough));
}

#[test]
fn days_since_the_last_reading_have_passed_already() {
    let readings = daily(61, |day| 800.0 + f64::from(day) * 2.0);
    let later = now().after(Duration::from_hours(3 * 24));
    let days = |fill: &Fill, at: WallTime| match fill {
        Fill::Filling { when, .. } => when.likely.ahead_of(at).map(|ahead| ahead.as_secs_f64() / 86_400.0),
        _ => None,
    };
    let (today, then) = (days(&ask(&readings), now()), days(&forecast(&readings, Unit::Bytes, later), later));
    assert!((today.unwrap() - then.unwrap() - 3.0).abs() < 0.01, "{today:?} {then:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_fuller_one_is_never_full_later(
        steps in prop::collection::vec(-3.0..5.0_f64, 30..90), more in 0.0..300.0_f64,
    ) {
        let level = |day: i32| 300.0 + steps[..usize::try_from(day).unwrap()].iter().sum::<f64>();
        let days = i32::try_from(steps.len()).unwrap();
        let (emptier, fuller) = (ask(&daily(days, level)), ask(&daily(days, |day| level(day) + more)));
        if let Fill::Filling { when: first, per_day, .. } = &emptier {
            prop_assert!(first.early <= first.likely && first.likely <= first.late);
            prop_assert!(0.0 < per_day.low && per_day.low <= per_day.mean && per_day.mean <= per_day.high);
            match &fuller {
                // A day is split where the limit is met, and 300 + x is not exactly x + 300: a second is allowed for.
                Fill::Filling { when, .. } => {
                    let slack = |when: When| when.ahead_of(now()).map_or(f64::INFINITY, |ahead| ahead.as_secs_f64() + 1.0);
                    for (more, less) in [(when.early, first.early), (when.likely, first.likely), (when.late, first.late)] {
                        prop_assert!(more <= less || more.ahead_of(now()).is_some_and(|m| m.as_secs_f64() <= slack(less)));
                    }
                }
                other => prop_assert_eq!(other, &Fill::Full),
            }
        }
    }

    #[test]
    fn no_readings_break_it(
        readings in prop::collection::vec((0_u64..4000, prop_oneof![0.0..1e15_f64, Just(f64::NAN), Just(-1.0), Just(f64::MAX)], prop_oneof![0.0..1e15_f64, Just(f64::INFINITY), Just(f64::MIN_POSITIVE)]), 0..60),
    ) {
        let readings: Vec<Reading> = readings.into_iter()
            .map(|(hours, used, limit)| Reading { at: now().before(Duration::from_hours(hours)), used, limit }).collect();
        let fill = ask(&readings);
        prop_assert_eq!(told(&fill), told(&ask(&readings)));
        if let Fill::Filling { when, .. } = fill {
            prop_assert!(when.early <= when.likely && when.likely <= when.late);
        }
    }
}
