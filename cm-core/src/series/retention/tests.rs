use super::*;

const NOW: WallTime = WallTime::LATEST;

fn days_before(now: WallTime, moment: WallTime) -> u64 {
    now.since(moment).as_secs() / 86_400
}

#[test]
fn each_class_is_kept_as_long_as_it_is_worth() {
    let policy = Policy::default();
    for (class, days) in [
        (Retention::Standard, [Some(7), Some(30), Some(366), None]),
        (Retention::Lifelong, [Some(7), Some(30), None, None]),
    ] {
        let cut_offs = policy.what(class, NOW);
        let told = Resolution::ALL.map(|resolution| {
            let cut_off = cut_offs.of(resolution);
            (cut_off > WallTime::default()).then(|| days_before(NOW, cut_off))
        });
        assert_eq!(told, days, "{class:?}");
    }
}

#[test]
fn a_bucket_goes_when_all_of_it_has_expired() {
    let cut_offs = Keep::STANDARD.cut_offs(WallTime::from_secs(86_400 * 400));
    let hour = Resolution::Step(Step::Hour);
    let cut_off = cut_offs.of(hour);
    for (resolution, before_s, expired) in [
        (hour, 3_601, true),
        (hour, 3_600, true),
        (hour, 3_599, false),
        (hour, 0, false),
        (Resolution::Step(Step::Day), 3_600_000, false),
    ] {
        let start = cut_off.before(Duration::from_secs(before_s));
        assert_eq!(cut_offs.expired(resolution, start), expired, "{resolution:?}, {before_s} s before");
    }
    let raw = cut_offs.of(Resolution::Raw);
    assert!(!cut_offs.expired(Resolution::Raw, raw));
    assert!(cut_offs.expired(Resolution::Raw, raw.before(Duration::from_millis(1))));
}

#[test]
fn nothing_expires_while_the_clock_stands_at_the_epoch() {
    for keep in [Keep::STANDARD, Keep::LIFELONG] {
        let cut_offs = keep.cut_offs(WallTime::default());
        for resolution in Resolution::ALL {
            assert!(!cut_offs.expired(resolution, WallTime::default()), "{resolution:?}");
        }
    }
}

#[test]
fn spans_that_make_no_sense_are_refused() {
    let (week, month, always) = (Span::days(7), Span::days(30), Span::Always);
    let sensible = [(week, month, month, always), (week, week, week, week), (always, always, always, always)];
    for (raw, minute, hour, day) in sensible {
        assert!(Keep::new(raw, minute, hour, day).is_ok());
    }
    for (raw, minute, hour, day, words) in [
        (Span::days(1), month, month, always, "raw is kept for less than 172800s"),
        (month, week, always, always, "raw is kept for longer than minute, to which it is summed up"),
        (week, always, month, always, "minute is kept for longer than hour, to which it is summed up"),
        (week, month, always, month, "hour is kept for longer than day, to which it is summed up"),
    ] {
        assert_eq!(Keep::new(raw, minute, hour, day).unwrap_err().to_string(), words);
    }
}

#[test]
fn a_clock_that_leapt_expires_nothing() {
    let last = WallTime::from_secs(1_766_000_000);
    let hour = Duration::from_hours(1);
    for (wall, steady_then) in [
        (last.after(hour), true),
        (last.after(hour + DAY), true),
        (last.after(hour + DAY + DAY), false),
        (last.before(DAY / 2), true),
        (last.before(DAY + DAY), false),
        (WallTime::default(), false),
        (WallTime::LATEST, false),
    ] {
        assert_eq!(steady(last, wall, hour), steady_then.then_some(wall), "{wall:?}");
    }
}
