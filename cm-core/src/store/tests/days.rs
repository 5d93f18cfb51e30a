//! Days that are over: their hours are joined, minutes are made of them when they expire, and then the hours go one by one.

use super::super::expire::Expired;
use super::super::seal::{Sealed, day};
use super::*;
use crate::series::retention::{Policy, Resolution};
use crate::series::rollup::{Bucket, Step};

/// How many chunks of each number there are.
fn chunks(writer: &Writer) -> Vec<(i64, i64)> {
    let mut statement = writer.quick.prepare("SELECT step, count(*) FROM chunk GROUP BY step ORDER BY step").unwrap();
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap()
}

fn buckets(path: &Path, step: Step) -> Vec<Bucket> {
    let reader = Opening::at(path).read().unwrap();
    reader.buckets(&series(&reader, 0), step, Span::all()).unwrap()
}

fn expire(writer: &mut Writer, wall: i64) {
    let done = writer.expire(&Policy::default(), &holder("recorder"), now(wall)).unwrap();
    assert!(matches!(done, Expired::Done { .. }), "{done:?}");
}

/// A day and some hours of two series, sealed and rolled up.
fn recorded(path: &Path) -> Writer {
    let mut writer = recorder(path);
    let end = NEW_YEAR + DAY + 2 * HOUR;
    append(&mut writer, &waves(2, NEW_YEAR, end, 10_000), end);
    writer.seal(now(end + HOUR)).unwrap();
    writer.roll_up(now(end)).unwrap();
    writer
}

#[test]
fn the_hours_of_a_day_that_was_rolled_up_are_joined_and_a_late_sample_finds_its_place_among_them() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorded(&path);
    assert_eq!(chunks(&writer), [(0, 2), (2, 1), (3, 1), (4, 4)]);
    let sealed = values(&Opening::at(&path).read().unwrap(), 0);
    assert_eq!(sealed.len(), 26 * 360);

    // One of the two was there before, with another value.
    let late = [measured(0, NEW_YEAR + 7 * HOUR, -1.0), measured(0, NEW_YEAR + 7 * HOUR + 1, -2.0)];
    append(&mut writer, &late, NEW_YEAR + DAY + 2 * HOUR);
    let mut wanted = sealed;
    wanted.insert(7 * 360 + 1, (NEW_YEAR + 7 * HOUR + 1, -2.0));
    let end = now(NEW_YEAR + DAY + 3 * HOUR);
    for _ in 0..2 {
        assert_eq!(values(&Opening::at(&path).read().unwrap(), 0), wanted);
        let hours = buckets(&path, Step::Hour);
        assert_eq!((hours[6].count, hours[7].count, hours[7].min), (360, 361, -2.0));
        writer.seal(end).unwrap();
    }
    writer.roll_up(end).unwrap();
    assert_eq!(values(&Opening::at(&path).read().unwrap(), 0), wanted);
    assert_eq!(chunks(&writer), [(0, 2), (2, 1), (3, 1), (4, 4)]);
}

#[test]
fn minutes_are_the_same_before_and_after_their_samples_expire_hour_by_hour() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorded(&path);
    let minutes = buckets(&path, Step::Minute);
    assert_eq!(minutes.len(), 26 * 60);
    let joined: Vec<u8> =
        writer.quick.query_row("SELECT body FROM chunk WHERE step = 4 ORDER BY start", [], |row| row.get(0)).unwrap();
    let part = &joined[joined.len() - 100..joined.len() - 20];
    writer.empty_log().unwrap();
    let holds = |path: &Path| bytes(path).windows(part.len()).any(|window| window == part);
    assert!(holds(&path));

    for (hours, left) in [(0, 26), (1, 25), (3, 23), (25, 1), (26, 0)] {
        expire(&mut writer, NEW_YEAR + 7 * DAY + hours * HOUR);
        let reader = Opening::at(&path).read().unwrap();
        let points = values(&reader, 0);
        assert_eq!(points.len(), left * 360, "{hours} h");
        assert!(points.first().is_none_or(|first| first.0 == NEW_YEAR + hours * HOUR), "{hours} h");
        assert_eq!(buckets(&path, Step::Minute), minutes, "{hours} h");
        assert_eq!(buckets(&path, Step::Hour).len(), 26, "{hours} h");
        assert_eq!(holds(&path), hours == 0, "{hours} h");
        assert!(reader.check().unwrap().is_whole());
    }
    assert_eq!(chunks(&writer), [(1, 2), (2, 1), (3, 1)]);
}

#[test]
fn a_history_of_the_layout_before_answers_as_it_did_and_expires() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let end = NEW_YEAR + 3 * HOUR;
    {
        let mut writer = Opening::at(&path).on(Told::new()).write_with(&migration::LAYOUTS[..2]).unwrap();
        writer.claim(&holder("recorder"), now(NEW_YEAR)).unwrap();
        append(&mut writer, &waves(2, NEW_YEAR, end, 10_000), end);
        writer.seal(now(end + HOUR)).unwrap();
        writer.roll_up(now(NEW_YEAR + DAY + HOUR)).unwrap();
        // What it was like then: minutes at once, and samples by the hour for as long as they are kept.
        writer.write("testing", |write| day::take_apart(write, NEW_YEAR, 1, 0, &mut Sealed::default())).unwrap();
        assert_eq!(chunks(&writer), [(0, 3), (1, 1), (2, 1), (3, 1)]);
        append(&mut writer, &waves(2, NEW_YEAR + DAY, NEW_YEAR + DAY + HOUR, 10_000), NEW_YEAR + DAY + HOUR);
        writer.seal(now(NEW_YEAR + DAY + 2 * HOUR)).unwrap();
        writer.release().unwrap();
    }
    let mut writer = recorder(&path);
    let (points, minutes) = (values(&Opening::at(&path).read().unwrap(), 0), buckets(&path, Step::Minute));
    assert_eq!((points.len(), minutes.len()), (4 * 360, 4 * 60));
    writer.roll_up(now(NEW_YEAR + 2 * DAY + HOUR)).unwrap();
    assert_eq!(chunks(&writer), [(0, 3), (1, 1), (2, 1), (3, 1), (4, 1)]);
    assert_eq!(values(&Opening::at(&path).read().unwrap(), 0), points);
    assert_eq!(buckets(&path, Step::Minute), minutes);
    expire(&mut writer, NEW_YEAR + 8 * DAY + HOUR);
    assert_eq!(values(&Opening::at(&path).read().unwrap(), 0), []);
    assert_eq!(buckets(&path, Step::Minute), minutes);
}

#[test]
fn what_is_too_much_for_one_chunk_stays_in_hours() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorded(&path);
    let before = values(&Opening::at(&path).read().unwrap(), 1);
    let points = before.iter().filter(|(moment, _)| *moment < NEW_YEAR + DAY);
    let points = points.map(|(moment, value)| crate::series::Point::new(at(*moment), *value)).collect();
    let known = series(&Opening::at(&path).read().unwrap(), 1);
    let rows = [(known.id, points)].into();
    writer
        .write("testing", |write| day::join(write, NEW_YEAR, known.group(), &rows, 6 * 360 - 1, &mut Sealed::default()))
        .unwrap();
    assert_eq!(chunks(&writer), [(0, 26), (2, 1), (3, 1)]);
    assert_eq!(values(&Opening::at(&path).read().unwrap(), 1), before);
    assert_eq!(Opening::at(&path).read().unwrap().stats().unwrap().sealed[0].resolution, Resolution::Raw);
    expire(&mut writer, NEW_YEAR + 7 * DAY + 5 * HOUR);
    assert_eq!(values(&Opening::at(&path).read().unwrap(), 1), before[5 * 360..]);
}
