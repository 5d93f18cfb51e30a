use proptest::prelude::*;

use super::*;
use crate::clock::WallTime;

fn points(values: &[f64]) -> Vec<Point> {
    (0..).zip(values).map(|(at, value)| Point::new(WallTime::from_secs(at), *value)).collect()
}

fn extremes_of(points: &[Point]) -> (f64, f64) {
    let values = || points.iter().map(|point| point.value).filter(|value| !value.is_nan());
    (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max))
}

#[test]
fn a_spike_of_one_point_in_a_month_is_seen() {
    let mut values = vec![50.0; 518_400];
    values[123_456] = 99.9;
    values[400_000] = 1.0;
    let kept = thin(&points(&values), 200);
    assert!(kept.len() <= 200);
    assert_eq!(extremes_of(&kept), (1.0, 99.9));
}

#[test]
fn few_points_are_left_alone() {
    let few = points(&[1.0, f64::INFINITY, 3.0]);
    assert_eq!(thin(&few, 3), few);
}

#[test]
fn what_is_no_number_gives_way_to_what_is() {
    let mut values = vec![f64::NAN; 100];
    values[40] = 7.0;
    let kept = thin(&points(&values), 10);
    assert_eq!(kept.iter().map(|point| point.value).collect::<Vec<_>>(), [7.0]);
    assert_eq!(thin(&points(&[f64::NAN; 100]), 10).len(), 10);
}

proptest! {
    #[test]
    fn the_extremes_the_ends_and_the_order_are_kept(values in prop::collection::vec(-1e6..1e6_f64, 1..400), most in 0..60_usize) {
        let all = points(&values);
        let kept = thin(&all, most);
        prop_assert!(kept.len() <= most);
        prop_assert!(kept.is_sorted_by(|a, b| a.at < b.at));
        prop_assert!(kept.iter().all(|point| all.contains(point)));
        if most >= 2 {
            prop_assert_eq!(extremes_of(&kept), extremes_of(&all));
        }
        if most >= 4 {
            prop_assert_eq!((kept.first(), kept.last()), (all.first(), all.last()));
        }
    }

    #[test]
    fn points_out_of_order_never_pass_the_limit(moments in prop::collection::vec(0..100_i64, 1..200), most in 0..40_usize) {
        let all: Vec<Point> = moments.iter().map(|at| Point::new(WallTime::from_secs(*at), *at as f64)).collect();
        prop_assert!(thin(&all, most).len() <= most);
    }
}
