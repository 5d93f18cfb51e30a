use proptest::prelude::*;

use super::*;

fn point(at: i64, value: f64) -> Point {
    Point::new(WallTime::from_millis(at), value)
}

/// Points over three days, at whole values so that sums are exact.
fn any_points() -> impl Strategy<Value = Vec<Point>> {
    let any_point = (0..259_200_000_i64, -1_000_000_i32..1_000_000).prop_map(|(at, value)| point(at, value.into()));
    prop::collection::vec(any_point, 0..300)
}

/// Points within the same few milliseconds, so that moments are the same.
fn crowded() -> impl Strategy<Value = Vec<Point>> {
    prop::collection::vec((0..4_i64, -9_i32..9).prop_map(|(at, value)| point(at, value.into())), 1..30)
}

proptest! {
    #[test]
    fn days_from_hours_from_minutes_are_days_from_points(points in any_points()) {
        let minutes = of_points(&points, Step::Minute);
        let hours = of_buckets(&minutes, Step::Hour);
        prop_assert_eq!(&hours, &of_points(&points, Step::Hour));
        prop_assert_eq!(of_buckets(&hours, Step::Day), of_points(&points, Step::Day));
        prop_assert_eq!(of_buckets(&minutes, Step::Day), of_points(&points, Step::Day));
        prop_assert!(minutes.is_sorted_by(|a, b| a.start < b.start));
        prop_assert_eq!(minutes.iter().map(|bucket| bucket.count).sum::<u64>(), points.len() as u64);
    }

    #[test]
    fn it_does_not_matter_how_buckets_are_grouped(points in crowded(), cuts in (0..30_usize, 0..30_usize)) {
        let (low, high) = (cuts.0.min(cuts.1).min(points.len()), cuts.0.max(cuts.1).min(points.len()));
        let of = |points: &[Point]| of_points(points, Step::Day).first().copied();
        let parts = [of(&points[..low]), of(&points[low..high]), of(&points[high..])];
        let join = |a: Option<Bucket>, b: Option<Bucket>| match (a, b) {
            (Some(a), Some(b)) => Some(a.merged(b)),
            (a, b) => a.or(b),
        };
        let [a, b, c] = parts;
        prop_assert_eq!(join(join(a, b), c), join(a, join(b, c)));
        prop_assert_eq!(join(join(a, b), c), of(&points));
    }

    #[test]
    fn a_mean_lies_between_its_extremes_and_is_right_to_rounding(values in prop::collection::vec(-1e9..1e9_f64, 1..200)) {
        let points: Vec<Point> = (0..).zip(&values).map(|(at, value)| point(at, *value)).collect();
        let bucket = of_points(&points, Step::Day)[0];
        let within = 1e-9 * values.iter().fold(1.0, |most: f64, value| most.max(value.abs()));
        prop_assert!(bucket.mean() >= bucket.min - within && bucket.mean() <= bucket.max + within);
    }
}

#[test]
fn a_bucket_tells_what_fell_into_it() {
    let at = |seconds: i64, value| point(seconds * 1_000, value);
    let points = [at(60, 3.0), at(119, 9.0), at(61, 1.0), at(120, 5.0), at(200, 6.0)];
    let told: Vec<_> = of_points(&points, Step::Minute)
        .iter()
        .map(|b| (b.start.secs(), b.min, b.max, b.mean(), b.last, b.last_at.secs(), b.count))
        .collect();
    assert_eq!(
        told,
        [(60, 1.0, 9.0, 13.0 / 3.0, 9.0, 119, 3), (120, 5.0, 5.0, 5.0, 5.0, 120, 1), (180, 6.0, 6.0, 6.0, 6.0, 200, 1)]
    );
}

#[test]
fn what_is_no_finite_number_counts_for_nothing() {
    let odd = [point(0, f64::NAN), point(1, f64::INFINITY), point(2, f64::NEG_INFINITY)];
    assert_eq!(of_points(&odd, Step::Hour), []);
    let mixed = [odd[0], point(1, 4.0), point(2, 6.0), odd[1]];
    let bucket = of_points(&mixed, Step::Hour)[0];
    assert_eq!((bucket.count, bucket.mean(), bucket.last), (2, 5.0, 6.0));
}

#[test]
fn of_two_points_at_one_moment_the_later_one_is_last() {
    let last = of_points(&[point(5, 1.0), point(5, 2.0), point(4, 3.0)], Step::Hour)[0].last;
    assert_eq!(last.to_bits(), 2.0_f64.to_bits());
}

#[test]
fn buckets_begin_on_multiples_of_their_width_since_the_epoch() {
    let noon = WallTime::from_secs(1_766_059_199);
    for (step, start) in [(Step::Minute, 1_766_059_140), (Step::Hour, 1_766_055_600), (Step::Day, 1_766_016_000)] {
        assert_eq!(step.start(noon).secs(), start, "{step:?}");
        assert_eq!(step.start(step.start(noon)), step.start(noon));
    }
}
