//! The whole against a plain list: whatever is appended, sealed, rolled up, expired and reopened in whatever order, the
//! answers are those of the list.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::expire::Expired;
use super::*;
use crate::series::Point;
use crate::series::retention::Policy;
use crate::series::rollup::{Bucket, Step, of_buckets, of_points};

#[derive(Debug, Clone)]
enum Deed {
    /// Samples of a series, each so many seconds before or after now.
    Append(Vec<(usize, i64, u8)>),
    Seal,
    RollUp,
    Expire,
    Reopen,
    /// So many minutes go by.
    Wait(i64),
}

fn deed() -> impl Strategy<Value = Deed> {
    // Few moments, so that many fall together.
    let sample = (0..3_usize, prop_oneof![-7_200..60_i64, -12 * 86_400..2 * 86_400_i64], any::<u8>())
        .prop_map(|(series, ago, value)| (series, ago - ago.rem_euclid(600), value));
    prop_oneof![
        6 => prop::collection::vec(sample, 1..40).prop_map(Deed::Append),
        2 => Just(Deed::Seal),
        2 => Just(Deed::RollUp),
        2 => Just(Deed::Expire),
        1 => Just(Deed::Reopen),
        2 => (10..240_i64).prop_map(Deed::Wait),
        2 => (1_440..12 * 1_440_i64).prop_map(Deed::Wait),
    ]
}

/// What the list knows.
#[derive(Default)]
struct List {
    points: [BTreeMap<i64, f64>; 3],
    /// Before this samples were refused, because their day was not whole any more.
    whole_from: i64,
    raw_from: i64,
    minutes_from: i64,
}

impl List {
    fn append(&mut self, samples: &[Measured], series: &[usize], wall: i64) -> u64 {
        let mut stored = 0;
        for (measured, series) in samples.iter().zip(series) {
            let moment = measured.sample.at.millis();
            if moment >= self.whole_from && moment <= wall + DAY {
                self.points[*series].entry(moment).or_insert(measured.sample.value);
                stored += 1;
            }
        }
        stored
    }

    fn expire(&mut self, wall: i64) {
        let hour = |days: i64| (wall - days * DAY) / HOUR * HOUR;
        self.raw_from = self.raw_from.max(hour(7));
        self.whole_from = self.whole_from.max((hour(7) + DAY - 1) / DAY * DAY);
        self.minutes_from = self.minutes_from.max(hour(30));
    }

    fn raw(&self, series: usize) -> Vec<Point> {
        self.points[series].range(self.raw_from..).map(|(moment, value)| Point::new(at(*moment), *value)).collect()
    }

    fn buckets(&self, series: usize, step: Step) -> Vec<Bucket> {
        let all: Vec<_> = self.points[series].iter().map(|(moment, value)| Point::new(at(*moment), *value)).collect();
        let minutes = of_points(&all, Step::Minute);
        match step {
            Step::Minute => minutes.into_iter().filter(|bucket| bucket.start.millis() >= self.minutes_from).collect(),
            coarser => of_buckets(&minutes, coarser),
        }
    }
}

fn compare(path: &Path, list: &List) {
    let reader = Opening::at(path).read().unwrap();
    for place in 0..3 {
        if list.points[place].is_empty() {
            continue;
        }
        let known = series(&reader, place);
        assert_eq!(reader.points(&known, Span::all()).unwrap(), list.raw(place), "samples of {place}");
        for step in Step::ALL {
            let buckets = reader.buckets(&known, step, Span::all()).unwrap();
            assert_eq!(buckets, list.buckets(place, step), "{} of {place}", step.word());
        }
    }
    assert_eq!(reader.damaged(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn answers_are_those_of_a_list_whatever_was_done_in_whatever_order(
        deeds in prop::collection::vec(deed(), 1..25)
    ) {
        let folder = folder();
        let path = folder.path().join("history.db");
        let mut writer = recorder(&path);
        let mut list = List::default();
        let mut wall = NEW_YEAR + 3 * HOUR;
        for deed in deeds {
            match deed {
                Deed::Append(samples) => {
                    let series: Vec<_> = samples.iter().map(|(series, ..)| *series).collect();
                    let samples: Vec<_> = samples
                        .iter()
                        .map(|(series, ago, value)| {
                            let moment = (wall + ago * 1_000) / 600_000 * 600_000;
                            measured(*series, moment, f64::from(*value))
                        })
                        .collect();
                    let stored = list.append(&samples, &series, wall);
                    prop_assert_eq!(append(&mut writer, &samples, wall).stored, stored);
                }
                Deed::Seal => drop(writer.seal(now(wall)).unwrap()),
                Deed::RollUp => drop(writer.roll_up(now(wall)).unwrap()),
                Deed::Expire => {
                    let done = writer.expire(&Policy::default(), &holder("recorder"), now(wall)).unwrap();
                    if matches!(done, Expired::Done { .. }) {
                        list.expire(wall);
                    }
                }
                Deed::Reopen => {
                    writer.release().unwrap();
                    drop(writer);
                    writer = recorder(&path);
                }
                Deed::Wait(minutes) => wall += minutes * MINUTE,
            }
            compare(&path, &list);
        }
        prop_assert!(Opening::at(&path).read().unwrap().check().unwrap().is_whole());
    }
}
