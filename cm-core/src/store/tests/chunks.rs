//! Samples on their way into chunks: clocks, doubles, drives that move, and hosts that invent things.

use super::super::expire::Expired;
use super::super::writer::MOST_SERIES_OF_ONE;
use super::*;
use crate::series::retention::Policy;
use crate::series::rollup::Step;
use crate::series::window::Window;

#[test]
fn samples_of_a_clock_that_was_not_set_are_counted_and_left_out() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let told = append(
        &mut writer,
        &[
            measured(0, 0, 1.0),
            measured(0, 1_577_836_799_999, 1.0),
            measured(0, NEW_YEAR, 1.0),
            measured(0, NEW_YEAR + 2 * DAY, 1.0),
        ],
        NEW_YEAR,
    );
    assert_eq!(told, Appended { stored: 1, unset_clock: 2, ahead: 1, ..Appended::default() });
    let counters = Opening::at(&path).read().unwrap().stats().unwrap().counters;
    assert_eq!((counters["unset_clock"], counters["ahead"]), (2, 1));
}

#[test]
fn a_machine_whose_own_clock_stands_at_1970_stores_what_hosts_tell_and_loses_nothing() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let unset = Now { wall: at(0), ..now(NEW_YEAR) };
    let told = writer.append(&waves(2, NEW_YEAR, NEW_YEAR + HOUR, 5_000), &Registry::default(), unset).unwrap();
    assert_eq!(told.stored, 1_440);
    writer.seal(unset).unwrap();
    writer.expire(&Policy::default(), &holder("recorder"), unset).unwrap();
    assert_eq!(values(&Opening::at(&path).read().unwrap(), 0).len(), 720);
}

#[test]
fn a_clock_that_leaps_years_ahead_expires_nothing_until_it_has_gone_steadily_for_an_hour() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    append(&mut writer, &waves(1, NEW_YEAR, NEW_YEAR + HOUR, 5_000), NEW_YEAR + HOUR);
    let mut expire = |now: Now| writer.expire(&Policy::default(), &holder("recorder"), now).unwrap();
    assert!(matches!(expire(now(NEW_YEAR + HOUR)), Expired::Done { .. }));
    let leapt = |minutes: i64| {
        let real = now(NEW_YEAR + HOUR + minutes * MINUTE);
        Now { wall: at(real.wall.millis() + 1_000 * DAY), ..real }
    };
    for minutes in [1, 20, 40] {
        assert_eq!(expire(leapt(minutes)), Expired::ClockUnproved);
    }
    // It was set back: nothing is lost, and soon it is believed again.
    assert_eq!(expire(now(NEW_YEAR + 2 * HOUR)), Expired::ClockUnproved);
    assert!(matches!(expire(now(NEW_YEAR + 3 * HOUR)), Expired::Done { .. }));
    assert_eq!(values(&Opening::at(&path).read().unwrap(), 0).len(), 720);
}

#[test]
fn a_clock_set_back_an_hour_loses_and_doubles_nothing() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    append(&mut writer, &waves(1, NEW_YEAR, NEW_YEAR + 2 * HOUR, 5_000), NEW_YEAR + 2 * HOUR);
    writer.seal(now(NEW_YEAR + 3 * HOUR)).unwrap();
    // The same hour once more, half of it at other moments.
    append(&mut writer, &waves(1, NEW_YEAR + HOUR, NEW_YEAR + 2 * HOUR, 2_500), NEW_YEAR + 2 * HOUR);
    writer.seal(now(NEW_YEAR + 3 * HOUR)).unwrap();
    let reader = Opening::at(&path).read().unwrap();
    assert_eq!(values(&reader, 0).len(), 720 + 1_440);
    writer.roll_up(now(NEW_YEAR + 2 * DAY)).unwrap();
    let hours = reader.buckets(&series(&reader, 0), Step::Hour, Span::all()).unwrap();
    assert_eq!(hours.iter().map(|hour| hour.count).collect::<Vec<_>>(), [720, 1_440]);
}

#[test]
fn a_drives_series_follows_it_to_another_host_and_says_where_it_was() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let wear = catalogue::by_name("drive.wear").unwrap().metric.id;
    let told = |host: &str, name: &str, moment: i64, value: f64| Measured {
        host: HostId::new(host).unwrap(),
        sample: Sample {
            metric: wear,
            subject: Subject {
                kind: SubjectKind::Drive,
                name: HostText::new(name.to_owned()),
                identity: Some(HostText::new("S5GXNF0R1")),
            },
            at: at(moment),
            value,
        },
    };
    append(
        &mut writer,
        &[told("srv01", "nvme0n1", NEW_YEAR, 4.0), told("srv01", "nvme0n1", NEW_YEAR + 1, 4.0)],
        NEW_YEAR,
    );
    append(&mut writer, &[told("lab", "nvme3n1", NEW_YEAR + DAY, 5.0)], NEW_YEAR + DAY);
    let reader = Opening::at(&path).read().unwrap();
    let all = reader.series().unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(reader.points(&all[0], Span::all()).unwrap().len(), 3);
    let seats: Vec<_> =
        reader.seats(&all[0].key.entity).unwrap().into_iter().map(|seat| (seat.host, seat.since)).collect();
    assert_eq!(seats, [("srv01".to_owned(), at(NEW_YEAR)), ("lab".to_owned(), at(NEW_YEAR + DAY))]);
}

#[test]
fn a_host_that_invents_things_gets_so_many_series_and_no_more() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let metric = catalogue::by_name("filesystem.used").unwrap().metric.id;
    let invented: Vec<_> = (0..MOST_SERIES_OF_ONE + 100)
        .map(|n| {
            let subject = Subject::named(SubjectKind::Filesystem, HostText::new(format!("/mnt/{n}")));
            Measured { host: host(), sample: Sample { metric, subject, at: at(NEW_YEAR), value: 1.0 } }
        })
        .collect();
    assert_eq!(append(&mut writer, &invented, NEW_YEAR).surplus, 100);
    let other = Measured { host: HostId::new("lab").unwrap(), ..measured(0, NEW_YEAR, 1.0) };
    assert_eq!(append(&mut writer, &[other], NEW_YEAR).stored, 1);
}

#[test]
fn a_sample_of_a_day_whose_samples_are_gone_is_counted_and_changes_no_roll_up() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    append(&mut writer, &waves(1, NEW_YEAR, NEW_YEAR + HOUR, 5_000), NEW_YEAR + HOUR);
    let later = NEW_YEAR + 8 * DAY;
    writer.expire(&Policy::default(), &holder("recorder"), now(later)).unwrap();
    let told = append(&mut writer, &[measured(0, NEW_YEAR + 2 * HOUR, 1.0)], later);
    assert_eq!((told.stored, told.late), (0, 1));
    let reader = Opening::at(&path).read().unwrap();
    assert_eq!(values(&reader, 0), []);
    let days = reader.buckets(&series(&reader, 0), Step::Day, Span::all()).unwrap();
    assert_eq!(days.iter().map(|day| day.count).collect::<Vec<_>>(), [720]);
}

#[test]
fn a_window_is_answered_at_the_resolution_that_fits_from_whatever_there_is() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    append(&mut writer, &waves(1, NEW_YEAR, NEW_YEAR + 3 * DAY, 60_000), NEW_YEAR + 3 * DAY);
    writer.seal(now(NEW_YEAR + 3 * DAY)).unwrap();
    writer.roll_up(now(NEW_YEAR + 3 * DAY)).unwrap();
    let reader = Opening::at(&path).read().unwrap();
    let shown = |hours: i64, most: usize| {
        let until = at(NEW_YEAR + 3 * DAY);
        let window = Window { since: at(until.millis() - hours * HOUR), until, most: most.try_into().unwrap() };
        reader.window(&series(&reader, 0), window, &Policy::default(), until).unwrap()
    };
    for (hours, most) in [(1, 200), (24, 200), (72, 100), (72, 3)] {
        let shown = shown(hours, most);
        assert!(
            shown.buckets.len() <= most && shown.buckets.len() * 4 >= most.min(60),
            "{hours} h: {:?}",
            shown.choice
        );
        let count: u64 = shown.buckets.iter().map(|bucket| bucket.count).sum();
        assert!(count.abs_diff(60 * hours.unsigned_abs()) <= 60, "{hours} h: {count}");
    }
}
