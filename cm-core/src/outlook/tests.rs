//! A history of forty days, written with a clock of its own, and what is read out of it.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::foretold::Standing;
use super::volume::Capacity;
use super::*;
use crate::catalogue;
use crate::clock::{Now, WallTime};
use crate::forecast::wear;
use crate::health::{Subject, SubjectKind};
use crate::host::HostId;
use crate::metric::Sample;
use crate::registry::Registry;
use crate::series::retention::Policy;
use crate::series::rollup::Bucket;
use crate::series::window::Window;
use crate::store::{Holder, Known, Measured, Opening, Reader};

/// 2026-01-01T00:00:00Z.
const NEW_YEAR: i64 = 1_767_225_600;
const DAYS: i64 = 40;
const GIB: f64 = 1_073_741_824.0;

fn at(secs: i64) -> WallTime {
    WallTime::from_secs(NEW_YEAR + secs)
}

fn end() -> WallTime {
    at(DAYS * 86_400)
}

fn named(kind: SubjectKind, name: &'static str) -> Subject {
    Subject::named(kind, name.into())
}

/// What is measured in one hour, on which host: a drive that moves to another host, a filesystem that fills, one that is
/// read-only, one that stands still, a drive that went after ten days.
fn hour(hour: i64) -> Vec<Measured> {
    let day = hour as f64 / 24.0;
    let drive =
        |name, serial: &'static str| Subject { identity: Some(serial.into()), ..named(SubjectKind::Drive, name) };
    let (home, name) = if day < 30.0 { ("srv01", "nvme0n1") } else { ("cmbox", "nvme1n1") };
    let moving = drive(name, "S4EV");
    let srv = named(SubjectKind::Filesystem, "/srv");
    let image = named(SubjectKind::Filesystem, "/snap/core");
    let wobble = ((hour * 37) % 17) as f64 / 17.0;
    let weekday = (hour / 24 + 3) % 7 < 5 && (8..18).contains(&(hour % 24));
    let mut all = vec![
        (home, moving.clone(), "drive.wear", (20.0 + 0.1 * day).floor()),
        (home, moving.clone(), "drive.power_on", 9_000.0 + hour as f64),
        (home, moving.clone(), "drive.written", 1e13 + 5e10 * day),
        (home, moving.clone(), "drive.spare", 100.0),
        (home, moving, "drive.spare_threshold", 10.0),
        ("srv01", srv.clone(), "filesystem.used", (50.0 + day + wobble) * GIB),
        ("srv01", srv.clone(), "filesystem.total", 100.0 * GIB),
        ("srv01", srv.clone(), "filesystem.inodes_used", 1_000.0),
        ("srv01", srv, "filesystem.inode_limit", 100_000.0),
        ("srv01", image.clone(), "filesystem.used", GIB),
        ("srv01", image.clone(), "filesystem.total", GIB),
        ("srv01", image, "filesystem.read_only", 1.0),
        ("srv01", Subject::host(), "memory.use", if weekday { 70.0 } else { 30.0 } + wobble),
    ];
    if hour < 240 {
        all.push(("srv01", drive("sda", "OLD1"), "drive.wear", 5.0));
    }
    let moment = at(hour * 3_600 + 1_800);
    let measured = |(host, subject, metric, value): (&str, Subject, &str, f64)| {
        let metric = catalogue::by_name(metric).unwrap().metric.id;
        Measured { host: HostId::new(host).unwrap(), sample: Sample { metric, subject, at: moment, value } }
    };
    all.into_iter().map(measured).collect()
}

/// Writes the history; of its last days nothing is sealed yet.
fn history() -> (tempfile::TempDir, Reader, Contents) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let mut writer = Opening::at(&path).write().unwrap();
    writer.claim(&Holder { name: "test".into(), boot: "one".into() }, Now::default()).unwrap();
    for day in 0..DAYS {
        let now = Now { wall: at(day * 86_400 + 86_400), ..Now::default() };
        let samples: Vec<_> = (day * 24..day * 24 + 24).flat_map(hour).collect();
        writer.append(&samples, &Registry::default(), now).unwrap();
        if day == DAYS - 3 {
            writer.seal(now).unwrap();
            writer.roll_up(now).unwrap();
        }
    }
    let reader = Opening::at(&path).read().unwrap();
    let contents = Contents::read(&reader).unwrap();
    (folder, reader, contents)
}

fn known(contents: &Contents, metric: &str) -> Known {
    contents.series().iter().find(|known| known.metric == metric).unwrap().clone()
}

#[test]
fn a_drive_is_found_in_the_host_where_it_is_and_where_it_was() {
    let (_folder, _, contents) = history();
    let wear = contents.series().iter().find(|known| known.key.entity.to_string() == "drive:S4EV").unwrap();
    let told = |thing: Thing| format!("{} {}", thing.host.unwrap(), thing.name.raw());
    assert_eq!(told(contents.thing(wear)), "cmbox nvme1n1");
    assert_eq!(told(contents.thing_at(wear, at(29 * 86_400))), "srv01 nvme0n1");
    assert_eq!(told(contents.thing_at(wear, WallTime::default())), "srv01 nvme0n1");
    let hosts: Vec<String> = contents.hosts().iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["cmbox", "srv01"]);
    let of = |host| contents.of_host(&HostId::new(host).unwrap()).count();
    assert_eq!((of("cmbox"), of("srv01"), of("labbox")), (5, 9, 0));
}

#[test]
fn what_comes_soonest_stands_first_and_what_is_gone_last() {
    let (_folder, reader, contents) = history();
    let all = foretold::all(&reader, &contents, |_| true, end()).unwrap();
    let told: Vec<_> = all.iter().map(|one| (one.thing().name.raw(), one.of(), one.standing(end()).word())).collect();
    let expected = [
        ("/srv", "space", "coming"),
        ("nvme1n1", "wear", "coming"),
        ("/srv", "files", "calm"),
        ("sda", "wear", "stale"),
    ];
    assert_eq!(told, expected);
    let days = |one: &Foretold| one.when().unwrap().likely.ahead_of(end()).unwrap().as_secs() / 86_400;
    // 10 GiB are left at 1 GiB a day.
    assert!((8..=11).contains(&days(&all[0])), "{}", days(&all[0]));
    assert!(all[0].sentence(end()).starts_with("full in "), "{}", all[0].sentence(end()));
    assert!(all[0].reasons()[0].starts_with("grows "), "{:?}", all[0].reasons());
    // 76 % are left at 0.1 % a day, the drive always under power.
    assert!((500..=1_100).contains(&days(&all[1])), "{}", days(&all[1]));
    let Foretold::Drive(drive) = &all[1] else { panic!("{:?}", all[1]) };
    assert_eq!(drive.forecast.outlook, wear::outlook(&drive.readings, end()).outlook);
    assert!(all[1].reasons().iter().any(|reason| reason.contains("spare has not moved from 100 %")));
}

#[test]
fn a_drives_readings_reach_over_its_whole_life_in_whichever_host_it_was() {
    let (_folder, reader, contents) = history();
    let (thing, series) = contents.things().find(|(thing, _)| thing.name.raw() == "nvme1n1").unwrap();
    let drive = drive::outlook(&reader, thing, series, end()).unwrap().unwrap();
    let readings = &drive.readings;
    assert_eq!(readings.len(), 40 * 24);
    assert_eq!(readings[0].at, at(1_800));
    assert!(readings.windows(2).all(|pair| pair[0].at < pair[1].at));
    assert!(readings.iter().all(|reading| reading.power_on_hours.is_some() && reading.bytes_written.is_some()));
    assert_eq!(drive.last_read(), Some(end().before(Duration::from_mins(30))));
    let (thing, series) = contents.things().find(|(thing, _)| thing.kind == SubjectKind::Host).unwrap();
    assert_eq!(drive::outlook(&reader, thing, series, end()).unwrap(), None);
}

#[test]
fn only_one_host_is_asked_of_where_one_is_named() {
    let (_folder, reader, contents) = history();
    let host = HostId::new("cmbox").unwrap();
    let all = foretold::all(&reader, &contents, |thing| thing.host.as_ref() == Some(&host), end()).unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].thing().identity.as_ref().map(crate::text::HostText::raw), Some("S4EV"));
}

#[test]
fn what_is_foretold_is_made_of_the_catalogues_metrics() {
    for capacity in Capacity::ALL {
        let (used, limit) = capacity.metrics();
        let metric = |name| catalogue::by_name(name).unwrap().metric;
        assert_eq!((metric(used).unit, metric(limit).unit), (capacity.unit(), capacity.unit()), "{used}");
        assert_eq!(metric(used).subject, metric(limit).subject);
    }
    for name in drive::COUNTERS.into_iter().chain([volume::READ_ONLY]) {
        assert!(catalogue::by_name(name).is_some(), "{name}");
    }
}

#[test]
fn too_little_is_told_with_what_is_missing() {
    let (_folder, reader, contents) = history();
    let early = at(3 * 86_400);
    let all = foretold::all(&reader, &contents, |_| true, early).unwrap();
    let space = all.iter().find(|one| one.of() == Capacity::Space.word()).unwrap();
    assert_eq!(space.standing(early), Standing::TooLittle);
    assert!(space.sentence(early).contains("days are known"), "{}", space.sentence(early));
    assert_eq!((space.when(), space.grade()), (None, None));
}

#[test]
fn what_is_usual_is_learnt_from_the_hours_of_weeks() {
    let (_folder, reader, contents) = history();
    let memory = known(&contents, "memory.use");
    let usual = usual::learn(&reader, &memory, end(), |_| 0).unwrap().unwrap();
    // A Friday.
    let (noon, night) = (at(36 * 86_400 + 12 * 3_600), at(36 * 86_400 + 23 * 3_600));
    assert!(usual.at(noon, 0).middle > 60.0 && usual.at(night, 0).middle < 40.0, "{usual:?}");
    assert_eq!(usual.weeks(), 6, "the last five days count as a week");
    assert!(usual::learn(&reader, &memory, at(5 * 86_400), |_| 0).unwrap().is_err());
}

fn curve(columns: usize, since: WallTime, until: WallTime) -> Curve {
    let (_folder, reader, contents) = history();
    let window = Window { since, until, most: NonZeroUsize::new(columns).unwrap() };
    Curve::read(&reader, &known(&contents, "memory.use"), window, &Policy::default(), end()).unwrap()
}

#[test]
fn a_curve_has_a_column_for_each_width_and_gaps_where_nothing_was_measured() {
    let curve = curve(80, end().before(Duration::from_hours(96)), end().after(Duration::from_hours(24)));
    assert_eq!(curve.width(), Duration::from_hours(2));
    assert_eq!(curve.columns.len(), 60);
    assert!(curve.columns[..48].iter().all(Option::is_some) && curve.columns[48..].iter().all(Option::is_none));
    assert_eq!(curve.start(48), end());
    let whole = curve.whole().unwrap();
    assert_eq!(whole.count, 96);
    assert!(whole.min >= 30.0 && whole.max < 71.0);
    let places = curve.spread(120);
    assert_eq!((places.len(), places.iter().flatten().count()), (120, 96));
    assert_eq!(places[0], places[1]);
    let halves = curve.spread(10);
    assert_eq!(halves[0].unwrap().count, 12);
    assert_eq!(curve.spread(0), []);
}

#[test]
fn a_spread_begins_where_the_window_does_and_not_where_its_first_column_does() {
    // From 01:00 on in columns of two hours: the first one begins at midnight.
    let curve = curve(12, end().before(Duration::from_hours(23)), end());
    assert_eq!((curve.width(), curve.start(0)), (Duration::from_hours(2), end().before(Duration::from_hours(24))));
    let starts: Vec<_> = curve.spread(23).iter().map(|place| place.unwrap().start).collect();
    assert_eq!(starts[0], starts[1].before(Duration::from_hours(2)));
    assert_eq!(starts[1], starts[2]);
}

#[test]
fn an_empty_window_has_no_columns() {
    let curve = curve(10, end(), end());
    assert_eq!((curve.columns.len(), curve.whole()), (0, None::<Bucket>));
    assert_eq!(curve.spread(4), [None; 4]);
}
