//! Wear foretold, by behaviours.

use proptest::prelude::*;

use super::*;

const START: i64 = 1_700_000_000;
const DAY: i64 = 86_400;

/// A drive read once a day for `days`, worn by `percent` of a point a day from `from` on, writing 20 GB a day all its life.
fn daily(days: i64, from: f64, percent: f64) -> Vec<Reading> {
    let bytes_per_percent = if percent > 0.0 { 20e9 / percent } else { 400e9 };
    (0..=days)
        .map(|day| Reading {
            bytes_written: Some(Bytes::new(from * bytes_per_percent + 20e9 * day as f64 + 1.0)),
            ..reading(day, 20_000.0 + 24.0 * day as f64, from + percent * day as f64)
        })
        .collect()
}

fn reading(day: i64, hours: f64, used: f64) -> Reading {
    Reading {
        at: WallTime::from_secs(START + day * DAY),
        identity: Some(7),
        power_on_hours: Some(Hours::saturating(hours)),
        percent_used: Some(Percent::saturating(used.floor())),
        bytes_written: Some(Bytes::new(1e12 + 20e9 * day as f64)),
        ..Reading::default()
    }
}

fn with(mut readings: Vec<Reading>, change: impl Fn(usize, &mut Reading)) -> Vec<Reading> {
    readings.iter_mut().enumerate().for_each(|(at, reading)| change(at, reading));
    readings
}

fn seen(readings: &[Reading]) -> (Forecast, WallTime) {
    let now = readings.iter().map(|reading| reading.at).max().unwrap_or_default();
    (outlook(readings, now), now)
}

/// What is foretold, in one word.
fn word(readings: &[Reading]) -> &'static str {
    match seen(readings).0.outlook {
        Outlook::Reaches { limit: Limit::RatedLife, .. } => "rated life",
        Outlook::Reaches { limit: Limit::Spare, .. } => "spare",
        Outlook::BeyondHorizon => "beyond",
        Outlook::PastRatedLife(_) => "past rated life",
        Outlook::PastScale(_) => "past scale",
        Outlook::SpareAtThreshold(_) => "spare gone",
        Outlook::NoMeasurableWear => "no wear",
        Outlook::TooLittle { missing: Missing::PercentUsed, .. } => "untold",
        Outlook::TooLittle { missing: Missing::SecondReading, .. } => "one reading",
        Outlook::TooLittle { missing: Missing::Days, .. } => "too early",
    }
}

/// Days until the limit: early, likely, late.
fn left(readings: &[Reading]) -> [f64; 3] {
    let (forecast, now) = seen(readings);
    let Outlook::Reaches { when, .. } = forecast.outlook else { panic!("{forecast:?}") };
    [when.early, when.likely, when.late]
        .map(|when| when.ahead_of(now).map_or(f64::INFINITY, |ahead| ahead.as_secs_f64() / DAY as f64))
}

#[test]
fn every_way_a_drive_can_stand_has_its_own_outlook() {
    let to_99 = |used: f64| with(daily(100, used, 0.0), |_, reading| reading.scale = Scale::To99);
    let spare = |threshold: f64, spares: &[f64]| {
        with(daily(i64::try_from(spares.len()).unwrap() * 30 - 1, 40.0, 0.01), |at, reading| {
            reading.spare = Some(Percent::saturating(spares[at / 30]));
            reading.spare_threshold = Some(Percent::saturating(threshold));
        })
    };
    for (what, readings, expected) in [
        ("nothing", vec![], "untold"),
        ("no percent used", with(daily(90, 5.0, 0.1), |_, reading| reading.percent_used = None), "untold"),
        ("one reading", daily(0, 30.0, 0.0), "one reading"),
        ("the same moment twice", [daily(0, 30.0, 0.0), daily(0, 30.0, 0.0)].concat(), "one reading"),
        ("five days, unmoved", daily(5, 30.0, 0.0), "too early"),
        ("five days, one step", daily(5, 30.0, 0.25), "rated life"),
        ("whole percents for a year", daily(365, 30.0, 0.05), "rated life"),
        ("two readings only", vec![reading(0, 20_000.0, 30.0), reading(200, 24_800.0, 40.0)], "rated life"),
        ("never moved from 0", daily(400, 0.0, 0.0), "no wear"),
        (
            "hardly written to",
            with(daily(400, 1.0, 0.0), |at, reading| reading.bytes_written = Some(Bytes::new(1e13 + 1e6 * at as f64))),
            "beyond",
        ),
        ("at 100", daily(100, 90.0, 0.1), "past rated life"),
        ("at 140", daily(100, 130.0, 0.1), "past rated life"),
        ("at 255", daily(100, 255.0, 0.0), "past scale"),
        ("at 99 where 99 is the end", to_99(99.0), "past scale"),
        ("at 98 where 99 is the end", to_99(98.0), "rated life"),
        ("at 99 where it counts on", daily(100, 99.0, 0.0), "rated life"),
        ("spare at 100, threshold 100", spare(100.0, &[100.0, 100.0]), "rated life"),
        ("spare and threshold 0", spare(0.0, &[0.0, 0.0]), "rated life"),
        ("spare fell once", spare(10.0, &[100.0, 90.0]), "rated life"),
        ("spare falls fast", spare(10.0, &[100.0, 80.0, 60.0, 40.0]), "spare"),
        ("spare is at its threshold", spare(10.0, &[100.0, 40.0, 10.0]), "spare gone"),
    ] {
        assert_eq!(word(&readings), expected, "{what}");
    }
}

#[test]
fn steady_wear_ends_when_arithmetic_says_or_a_little_before() {
    // 0.05 % a day: at 48 % after a year, the rest takes 1,035 days. Half of the paths are there before, because those that
    // came to write more get there the sooner: the mean of a rate that wanders lies above its middle.
    let steady = with(daily(365, 30.0, 0.05), |at, reading| {
        reading.power_on_hours = Some(Hours::saturating(14_400.0 + 24.0 * at as f64));
        reading.bytes_written = Some(Bytes::new(12e12 + 20e9 * at as f64));
    });
    let [early, likely, late] = left(&steady);
    assert!((0.85..1.02).contains(&(likely / 1_035.0)), "{likely}");
    assert!(early > 250.0 && late < 6_000.0 && early < likely && likely < late, "{early} {late}");
}

#[test]
fn steps_seen_closely_tell_what_a_percent_takes_now() {
    // Write amplification doubled at 32 %: the same 20 GB a day, and a percent every 50 days instead of every 100.
    let used = |day: i64| 30.0 + 0.01 * day as f64 + 0.01 * (day - 200).max(0) as f64;
    let readings: Vec<Reading> = (0..=900)
        .map(|day| Reading {
            bytes_written: Some(Bytes::new(60e12 + 20e9 * day as f64)),
            ..reading(day, 72_000.0 + 24.0 * day as f64, used(day))
        })
        .collect();
    // 54 % are left: 2,700 days at 0.02 % a day, 4,600 by the bytes that one percent took in the whole life.
    let likely = left(&readings)[1];
    assert!((2_400.0..3_400.0).contains(&likely), "{likely}");
}

#[test]
fn a_replaced_drive_starts_a_new_wear_history() {
    let old = daily(300, 60.0, 0.1);
    let new: Vec<Reading> = (301..360)
        .map(|day| Reading { identity: Some(8), ..reading(day, 24.0 * (day - 300) as f64, 0.03 * (day - 300) as f64) })
        .collect();
    let (forecast, _) = seen(&[old, new.clone()].concat());
    assert!(forecast.reasons.contains(&Reason::HistoryCut(Cut::Swapped)), "{forecast:?}");
    assert_eq!(forecast.outlook, seen(&new).0.outlook);
}

#[test]
fn what_breaks_a_history_is_cut_off_and_said() {
    for (what, break_at, cut) in [
        (
            "used falls",
            (|r: &mut Reading| r.percent_used = Some(Percent::saturating(3.0))) as fn(&mut Reading),
            Cut::UsedFell,
        ),
        (
            "hours fall",
            |r| r.power_on_hours = Some(Hours::saturating(10.0 + (r.at.secs() - START) as f64 / 3_600.0)),
            Cut::HoursFell,
        ),
        ("bytes fall", |r| r.bytes_written = Some(Bytes::new(1e9 + (r.at.secs() - START) as f64)), Cut::BytesJumped),
        ("bytes jump", |r| r.bytes_written = Some(Bytes::new(9e18)), Cut::BytesJumped),
    ] {
        let readings = with(daily(300, 40.0, 0.0), |at, reading| {
            if at >= 200 {
                break_at(reading);
            }
        });
        let (forecast, _) = seen(&readings);
        assert!(forecast.reasons.contains(&Reason::HistoryCut(cut)), "{what}: {forecast:?}");
    }
}

#[test]
fn a_workload_that_doubled_brings_the_end_nearer_and_is_told() {
    let steady = daily(400, 30.0, 0.02);
    let mut bytes = 30e12;
    let doubled = with(steady.clone(), |_, _| {});
    let doubled: Vec<Reading> = doubled
        .into_iter()
        .enumerate()
        .map(|(at, reading)| {
            bytes += if at >= 340 { 48e9 } else { 20e9 };
            Reading { bytes_written: Some(Bytes::new(bytes)), ..reading }
        })
        .collect();
    assert!(left(&doubled)[1] < 0.75 * left(&steady)[1], "{:?} {:?}", left(&doubled), left(&steady));
    let told = seen(&doubled).0.reasons;
    assert!(
        told.iter().any(|reason| matches!(reason, Reason::WritesChanged { factor, ago }
            if (2.0..3.0).contains(factor) && (40.0..80.0).contains(&(ago.get() / 86_400.0)))),
        "{told:?}"
    );
    assert!(!seen(&steady).0.reasons.iter().any(|reason| matches!(reason, Reason::WritesChanged { .. })));
}

#[test]
fn a_drive_with_power_a_quarter_of_the_time_lasts_four_times_as_long() {
    let always = daily(365, 30.0, 0.05);
    let seldom = with(always.clone(), |at, reading| {
        // The same wear an hour of power, in a calendar four times as long.
        reading.at = WallTime::from_secs(START + 4 * i64::try_from(at).unwrap() * DAY);
    });
    let (one, four) = (left(&always)[1], left(&seldom)[1]);
    assert!((four / one / 4.0 - 1.0).abs() < 0.05, "{one} {four}");
    assert!(seen(&seldom).0.reasons.contains(&Reason::Powered(Percent::saturating(25.0))));
}

#[test]
fn a_long_gap_is_told_and_bends_nothing() {
    let whole = daily(400, 30.0, 0.05);
    let gap: Vec<Reading> =
        whole.iter().enumerate().filter(|(at, _)| !(100..250).contains(at)).map(|(_, r)| *r).collect();
    let (with_gap, without) = (left(&gap)[1], left(&whole)[1]);
    assert!((with_gap / without - 1.0).abs() < 0.05, "{with_gap} {without}");
    assert!(seen(&gap).0.reasons.iter().any(|reason| matches!(reason, Reason::Gap(_))));
}

#[test]
fn too_little_says_what_is_missing_and_gives_the_counters_own_line() {
    let (forecast, now) = seen(&daily(0, 50.0, 0.0));
    let said = sentence(&forecast, now);
    // 50 % in 20,000 hours: the other half takes about 830 days more, a factor of 7 between the ends.
    assert_eq!(
        said,
        "no forecast yet: a second reading is missing; at the pace of its whole life in 27 months (9 of 10: 10 months to 5.98 years), very roughly"
    );
    let untold = with(daily(0, 50.0, 0.0), |_, reading| reading.power_on_hours = None);
    let (forecast, now) = seen(&untold);
    assert_eq!(sentence(&forecast, now), "no forecast yet: a second reading is missing");
}

#[test]
fn the_words_say_that_the_end_of_rated_life_is_no_failure() {
    for readings in [daily(365, 30.0, 0.1), daily(100, 130.0, 0.1), daily(100, 255.0, 0.0)] {
        let (forecast, now) = seen(&readings);
        assert!(sentence(&forecast, now).contains("no failure"), "{}", sentence(&forecast, now));
    }
    let (forecast, now) = seen(&daily(400, 0.0, 0.0));
    assert_eq!(sentence(&forecast, now), "no measurable wear");
}

#[test]
fn order_and_repetition_of_readings_change_nothing() {
    let readings = daily(200, 30.0, 0.05);
    let mut shuffled: Vec<Reading> = readings.iter().rev().copied().collect();
    shuffled.extend_from_slice(&readings[20..60]);
    assert_eq!(seen(&readings), seen(&shuffled));
}

#[test]
fn a_hundred_thousand_readings_are_thinned_and_foretell_the_same() {
    let hourly: Vec<Reading> = (0..100_000_i64)
        .map(|hour| Reading {
            at: WallTime::from_secs(START + hour * 3_600),
            ..reading(0, 20_000.0 + hour as f64, 30.0 + 0.0005 * hour as f64)
        })
        .map(|reading| Reading { bytes_written: None, ..reading })
        .collect();
    let daily: Vec<Reading> = hourly.iter().rev().step_by(24).copied().collect();
    let (many, few) = (left(&hourly)[1], left(&daily)[1]);
    assert!((many / few - 1.0).abs() < 0.02, "{many} {few}");
}

#[test]
fn growth_is_told_in_whole_points_and_in_order() {
    let grown = growth(&daily(365, 30.0, 0.05), Hours::saturating(8_766.0)).unwrap();
    assert!(grown.low <= grown.likely && grown.likely <= grown.high);
    assert!((15.0..22.0).contains(&grown.exact) && grown.likely.fract() == 0.0, "{grown:?}");
    assert_eq!(growth(&daily(0, 30.0, 0.0), Hours::saturating(100.0)), None);
    assert_eq!(growth(&daily(100, 0.0, 0.0), Hours::saturating(100.0)), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_interval_is_in_order_and_more_wear_never_comes_later(
        from in 1.0..60.0_f64, rate in 0.0..0.15_f64, days in 20..500_i64, more in 1.0..30.0_f64, gap in 1..40_usize,
        bytes in any::<bool>(),
    ) {
        let thin = |readings: Vec<Reading>| readings.into_iter().step_by(gap).collect::<Vec<_>>();
        let told = |from: f64| {
            let readings = thin(daily(days, from, rate));
            if bytes { readings } else { with(readings, |_, reading| reading.bytes_written = None) }
        };
        let (less, worse) = (seen(&told(from)).0.outlook, seen(&told(from.floor() + from.fract() + more.floor())).0.outlook);
        if let (Outlook::Reaches { when: less, .. }, Outlook::Reaches { when: worse, .. }) = (less, worse) {
            prop_assert!(less.early <= less.likely && less.likely <= less.late);
            prop_assert!(worse.likely <= less.likely && worse.early <= less.early && worse.late <= less.late);
        }
    }

    #[test]
    fn no_readings_whatever_make_it_panic(
        rows in prop::collection::vec(
            (any::<i64>(), prop::option::of(any::<f64>()), prop::option::of(any::<f64>()), prop::option::of(any::<f64>()), prop::option::of(any::<f64>())),
            0..12,
        ),
        now in any::<i64>(),
    ) {
        let readings: Vec<Reading> = rows
            .into_iter()
            .map(|(at, hours, used, bytes, spare)| Reading {
                at: WallTime::from_millis(at),
                power_on_hours: hours.map(Hours::saturating),
                percent_used: used.map(Percent::saturating),
                bytes_written: bytes.map(Bytes::new),
                spare: spare.map(Percent::saturating),
                spare_threshold: spare.map(Percent::saturating),
                ..Reading::default()
            })
            .collect();
        let forecast = outlook(&readings, WallTime::from_millis(now));
        prop_assert!(!sentence(&forecast, WallTime::from_millis(now)).is_empty());
        forecast.reasons.iter().for_each(|reason| assert!(!reason.to_string().is_empty()));
    }
}
