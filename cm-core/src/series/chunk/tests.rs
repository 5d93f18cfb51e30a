use proptest::prelude::*;

use super::*;
use crate::clock::WallTime;
use crate::series::Point;
use crate::series::rollup::{Bucket, Step, of_points};

fn points(of: impl IntoIterator<Item = (i64, f64)>) -> Vec<Point> {
    of.into_iter().map(|(at, value)| Point::new(WallTime::from_millis(at), value)).collect()
}

/// Rows by their bits, so that NaN equals itself and -0 does not equal 0.
fn bits<R: Row>(rows: &[R]) -> Vec<(i64, Vec<u64>)> {
    rows.iter().map(|row| (row.millis(), row.values().map(f64::to_bits).to_vec())).collect()
}

/// Seals one series and says how many bytes it took, having looked that it is the same when opened.
fn check<R: Row>(rows: &[R]) -> usize {
    let bytes = seal(&[(7, rows)]).unwrap();
    assert_eq!(bits(&open::<R>(&bytes, 7).unwrap()), bits(rows));
    assert_eq!(contents(&bytes).unwrap(), [(7, rows.len())]);
    bytes.len()
}

/// An hour at 5 s of what a function makes of each moment's number.
fn hour(value: impl Fn(i32) -> f64) -> Vec<Point> {
    points((0..720).map(|at| (1_766_000_000_000 + 5_000 * i64::from(at), value(at))))
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        (-100_000_i32..100_000, 0_i32..6).prop_map(|(whole, power)| f64::from(whole) / 10_f64.powi(power)),
        prop_oneof![Just(0.0), Just(-0.0), Just(f64::NAN), Just(f64::NEG_INFINITY), Just(1e18)],
    ]
}

fn any_points() -> impl Strategy<Value = Vec<Point>> {
    let any_time = prop_oneof![0..=WallTime::LATEST.millis(), 1_766_000_000_000..1_766_000_100_000_i64];
    prop_oneof![
        prop::collection::vec((any_time, any_value()), 1..80).prop_map(points),
        // Runs, as telemetry has them.
        prop::collection::vec((any_value(), 1_usize..40), 1..8).prop_map(|runs| {
            let values = runs.into_iter().flat_map(|(value, often)| std::iter::repeat_n(value, often));
            points((0..).map(|at| 5_000 * at).zip(values))
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bits_in_any_order_come_back(rows in any_points()) {
        check(&rows);
    }

    #[test]
    fn buckets_come_back(rows in any_points(), step in prop::sample::select(&Step::ALL[..])) {
        let buckets = of_points(&rows, step);
        prop_assume!(!buckets.is_empty());
        check::<Bucket>(&buckets);
    }

    #[test]
    fn each_series_of_many_comes_back_alone_and_with_the_others(all in prop::collection::vec(any_points(), 1..6)) {
        let series: Vec<(u64, &[Point])> =
            all.iter().enumerate().map(|(at, rows)| (1_000 - 7 * at as u64, rows.as_slice())).collect();
        let bytes = seal(&series).unwrap();
        let each = open_each::<Point>(&bytes).unwrap();
        prop_assert_eq!(each.len(), series.len());
        for (number, rows) in &series {
            prop_assert_eq!(bits(&open::<Point>(&bytes, *number).unwrap()), bits(rows));
            let (_, with_others) = each.iter().find(|(other, _)| other == number).unwrap();
            prop_assert_eq!(bits(with_others.as_ref().unwrap()), bits(rows));
        }
        prop_assert!(open::<Point>(&bytes, 1).unwrap().is_empty());
    }

    #[test]
    fn bytes_from_anywhere_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(open_each::<Point>(&bytes).is_err());
    }
}

#[test]
fn what_telemetry_is_like_takes_few_bytes() {
    let noise = |at: i32| f64::from((at.wrapping_mul(1_103_515_245) >> 16) & 7);
    for (what, rows, most) in [
        ("a constant", hour(|_| 56.0), 50),
        ("a constant with noise in its last bits", hour(|_| 100.0 / 3.0), 60),
        ("a step in the middle", hour(|at| if at < 300 { 4.0 } else { 5.0 }), 55),
        ("a clock that runs", hour(|at| 864_000.0 + 5.0 * f64::from(at)), 50),
        ("eight values at random", hour(|at| 40.0 + noise(at)), 420),
        ("tenths at random", hour(|at| 12.3 + noise(at) / 10.0), 450),
    ] {
        let bytes = check(&rows);
        assert!(bytes <= most, "{what}: {bytes} bytes, {most} at most");
    }
}

#[test]
fn series_of_the_same_moments_share_them() {
    let jitter = |at: i64| at * 5_000 + (at * 7_919) % 97;
    let one: Vec<Point> = points((0..720).map(|at| (jitter(at), 56.0)));
    let alone = seal(&[(1, one.as_slice())]).unwrap().len();
    let series: Vec<(u64, &[Point])> = (0..50).map(|number| (number, one.as_slice())).collect();
    let together = seal(&series).unwrap().len();
    assert!(together < alone + 50 * 16, "{alone} bytes alone, {together} for 50");
}

#[test]
fn what_no_chunk_can_hold_is_refused_by_name() {
    let one = points([(0, 1.0)]);
    let rows = one.as_slice();
    let many: Vec<(u64, &[Point])> = (0..=MOST_SERIES as u64).map(|number| (number, rows)).collect();
    let long = vec![one[0]; MOST_ROWS / 2 + 1];
    for (series, refusal) in [
        (&[(3, &[][..])][..], Unsealable::Empty { series: 3 }),
        (&[(3, rows), (5, rows), (3, rows)], Unsealable::Twice { series: 3 }),
        (&many, Unsealable::TooManySeries { series: MOST_SERIES + 1 }),
        (&[(1, &long), (2, &long)], Unsealable::TooManyRows { rows: MOST_ROWS + 2 }),
    ] {
        assert_eq!(seal::<Point>(series), Err(refusal));
    }
}

/// A chunk with a sample of every form that a column has.
fn of_every_form() -> (Vec<Vec<Point>>, Vec<u8>) {
    let all = vec![
        hour(|_| 56.0)[..40].to_vec(),
        hour(f64::from)[..40].to_vec(),
        hour(|at| f64::from((at * 7_919) % 64))[..200].to_vec(),
        hour(|at| f64::from(at).sin())[..60].to_vec(),
        hour(|at| f64::from_bits(u64::from(at.unsigned_abs()).wrapping_mul(0x9e37_79b9_7f4a_7c15)))[..9].to_vec(),
    ];
    let series: Vec<(u64, &[Point])> = (0..).zip(all.iter().map(Vec::as_slice)).collect();
    let bytes = seal(&series).unwrap();
    (all, bytes)
}

#[test]
fn a_flipped_bit_costs_what_it_hit_and_is_never_read_as_sound() {
    let (all, bytes) = of_every_form();
    let mut damaged = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            let Ok(each) = open_each::<Point>(&flipped) else {
                damaged += 1;
                continue;
            };
            let mut lost = 0;
            for (number, rows) in each {
                match rows {
                    Ok(rows) => assert_eq!(bits(&rows), bits(&all[usize::try_from(number).unwrap()]), "byte {at}"),
                    Err(_) => lost += 1,
                }
            }
            assert!(lost > 0, "bit {bit} of byte {at} went unseen");
        }
    }
    assert!(damaged > 0 && damaged < 8 * bytes.len());
}

#[test]
fn a_chunk_that_ends_too_early_or_too_late_is_refused() {
    let (_, bytes) = of_every_form();
    for length in 0..bytes.len() {
        assert!(open_each::<Point>(&bytes[..length]).is_err(), "{length} of {}", bytes.len());
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(matches!(open_each::<Point>(&longer), Err(Damage::Length { .. })));
}

#[test]
fn a_part_of_another_chunk_is_not_taken_for_one_of_this() {
    let seal_one = |value: f64, number: u64| seal(&[(number, hour(move |_| value).as_slice())]).unwrap();
    let (own, other) = (seal_one(56.0, 1), seal_one(57.0, 2));
    assert_eq!(own.len(), other.len());
    let mixed = [&own[..own.len() - 12], &other[other.len() - 12..]].concat();
    assert!(matches!(open::<Point>(&mixed, 1), Err(Damage::Checksum { .. })));
}

#[test]
fn a_newer_chunk_and_rows_of_another_kind_are_refused_by_name() {
    let rows = hour(|_| 56.0);
    let mut bytes = seal(&[(1, rows.as_slice())]).unwrap();
    assert!(matches!(open::<Bucket>(&bytes, 1), Err(Damage::OtherKind)));
    bytes[0] = VERSION + 1;
    assert!(matches!(open::<Point>(&bytes, 1), Err(Damage::Newer { version: 2 })));
}

/// A chunk of one series whose checksums are right, whatever it says.
fn forged(count: u64, times: &[u8], column: &[u8]) -> Vec<u8> {
    let mut out = vec![VERSION, Point::KIND];
    for number in [1, 1, count, times.len() as u64, 7, 0, column.len() as u64] {
        put(&mut out, number);
    }
    let head = crc32fast::hash(&out);
    out.extend(head.to_le_bytes());
    for (place, part) in [times, column].into_iter().enumerate() {
        out.extend(part);
        out.extend(checksum(head, place, part).to_le_bytes());
    }
    out
}

#[test]
fn sound_checksums_over_nonsense_are_refused_without_taking_memory() {
    let constant: &[u8] = &[0, 0, 0, 3];
    let times: &[u8] = &[1, 0, 2, 2];
    assert_eq!(open::<Point>(&forged(4, times, constant), 7).unwrap().len(), 4);
    for (what, count, times, column) in [
        ("more rows than a chunk may have", u64::MAX, times, constant),
        ("more rows than its times", 5, times, constant),
        ("fewer rows than its times", 3, times, constant),
        ("a run past the end", 4, times, &[0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f]),
        ("bytes behind the last run", 4, times, &[0, 0, 0, 3, 0]),
        ("an unknown form", 4, times, &[0, 9, 0, 3]),
        ("an unknown scale", 4, times, &[0x7f, 0, 0, 3]),
        ("a share by an unknown factor", 4, times, &[0x82, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]),
        ("a share without its whole", 4, times, &[0x82, 1, 0, 0, 0]),
        ("no column", 4, times, &[]),
        ("nothing to decompress", 4, times, &[0, 2]),
        ("bits that were never compressed", 4, times, &[0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    ] {
        assert!(open::<Point>(&forged(count, times, column), 7).is_err(), "{what}");
    }
}
