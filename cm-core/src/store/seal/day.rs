//! A day of a group's samples: summed up in hours and days and laid in longer chunks; and, when its first samples go, summed up
//! in minutes and laid by the hour again.
//!
//! Each is one transaction of the caller's, and may be repeated. It does not know when a day is over, nor when samples go.

use super::super::chunk::{self, DAY, HOUR, Kind, Rows, Told};
use super::super::trouble::StoreError;
use super::super::writer::Write;
use super::Sealed;
use crate::series::Point;
use crate::series::chunk::MOST_ROWS;
use crate::series::retention::Resolution;
use crate::series::rollup::{self, Bucket, Step};

/// Sums a day up in hours and in days, and joins its hours.
pub(super) fn roll_up(write: &Write<'_>, day: i64, grp: i64, done: &mut Sealed) -> Result<(), StoreError> {
    let points = all_of(write, day, grp, done)?;
    let mut buckets = minutes_of(&points);
    for step in [Step::Hour, Step::Day] {
        buckets = buckets.iter().map(|(series, finer)| (*series, rollup::of_buckets(finer, step))).collect();
        replace_day(write, step, grp, day, &buckets, done)?;
    }
    join(write, day, grp, &points, MOST_ROWS, done)
}

/// All samples of a group's day.
fn all_of(write: &Write<'_>, day: i64, grp: i64, done: &mut Sealed) -> Result<Rows<Point>, StoreError> {
    let mut points: Rows<Point> = Rows::new();
    chunk::each_of_samples(write.site, write.connection(), grp, day, day + DAY, |body| {
        let (rows, damaged) = chunk::sound::<Point>(body);
        done.damaged += damaged;
        for (series, rows) in rows {
            chunk::extend(points.entry(series).or_default(), rows);
        }
    })?;
    Ok(points)
}

fn minutes_of(points: &Rows<Point>) -> Rows<Bucket> {
    points.iter().map(|(series, points)| (*series, rollup::of_points(points, Step::Minute))).collect()
}

/// Lays a day's samples in longer chunks of `most` rows, in the place of all that it had. What is too much for one stays in hours.
pub(in super::super) fn join(
    write: &Write<'_>,
    day: i64,
    grp: i64,
    points: &Rows<Point>,
    most: usize,
    done: &mut Sealed,
) -> Result<(), StoreError> {
    drop_samples(write, day, grp)?;
    for start in steps(day, DAY, Kind::Joined) {
        let rows = between(points, start, start + Kind::Joined.length());
        if rows.values().map(Vec::len).sum::<usize>() <= most {
            chunk::put(write, Kind::Joined, grp, start, &rows, Told::HoursAndDays)?;
            done.chunks += 1;
        } else {
            for hour in steps(start, Kind::Joined.length(), Kind::Hour) {
                chunk::put(write, Kind::Hour, grp, hour, &between(&rows, hour, hour + HOUR), Told::HoursAndDays)?;
                done.chunks += 1;
            }
        }
    }
    Ok(())
}

/// Sums a day's samples up in minutes and takes away those from before a moment. The rest is laid by the hour, so that
/// each hour can go when its time has come; it does not change any more.
pub(in super::super) fn take_apart(
    write: &Write<'_>,
    day: i64,
    grp: i64,
    before: i64,
    done: &mut Sealed,
) -> Result<(), StoreError> {
    let points = all_of(write, day, grp, done)?;
    replace_day(write, Step::Minute, grp, day, &minutes_of(&points), done)?;
    drop_samples(write, day, grp)?;
    for start in steps(day, DAY, Kind::Hour).filter(|start| *start >= before) {
        chunk::put(write, Kind::Hour, grp, start, &between(&points, start, start + HOUR), Told::All)?;
        done.chunks += 1;
    }
    Ok(())
}

/// When the chunks of a kind begin that a span has.
fn steps(from: i64, length: i64, kind: Kind) -> impl Iterator<Item = i64> {
    (from..from + length).step_by(usize::try_from(kind.length()).expect("positive"))
}

/// The points of a span.
fn between(points: &Rows<Point>, from: i64, to: i64) -> Rows<Point> {
    let place = |points: &[Point], moment: i64| points.partition_point(|point| point.at.millis() < moment);
    points.iter().map(|(series, all)| (*series, all[place(all, from)..place(all, to)].to_vec())).collect()
}

fn drop_samples(write: &Write<'_>, day: i64, grp: i64) -> Result<(), StoreError> {
    for kind in Kind::all_of(Resolution::Raw) {
        write.run(
            "DELETE FROM chunk WHERE step = ?1 AND grp = ?2 AND start >= ?3 AND start < ?4",
            [kind.number(), grp, day, day + DAY],
        )?;
    }
    Ok(())
}

/// Puts a day's buckets in the place of those that the day had.
fn replace_day(
    write: &Write<'_>,
    step: Step,
    grp: i64,
    day: i64,
    fresh: &Rows<Bucket>,
    done: &mut Sealed,
) -> Result<(), StoreError> {
    let kind = Kind::RollUp(step);
    let start = kind.start(day);
    let (mut rows, damaged) = chunk::load::<Bucket>(write.site, write.connection(), kind, grp, start)?;
    done.damaged += damaged;
    for (series, buckets) in fresh {
        let known = rows.entry(*series).or_default();
        known.retain(|bucket| !(day..day + DAY).contains(&bucket.start.millis()));
        known.extend(buckets);
        known.sort_by_key(|bucket| bucket.start);
    }
    chunk::put(write, kind, grp, start, &rows, Told::All)?;
    done.chunks += 1;
    Ok(())
}
