//! Whole reports: kept, told by one another, thinned, gone.

use super::super::expire::Expired;
use super::super::migration::LAYOUTS;
use super::*;
use crate::demo::Demo;
use crate::report::Api;
use crate::series::retention::Policy;

/// The made-up server's answer at a moment.
fn frame(api: Api, millis: i64) -> Frame {
    let text = Demo::new(1, at(NEW_YEAR)).report(&host(), api, at(millis)).unwrap().write();
    Frame { host: host(), api, at: at(millis), text }
}

fn service(millis: i64) -> Frame {
    frame(Api::Service, millis)
}

fn times(path: &Path) -> Vec<i64> {
    let reader = Opening::at(path).read().unwrap();
    reader.frame_times(&host(), Span::all()).unwrap().into_iter().map(WallTime::millis).collect()
}

fn expire(writer: &mut Writer, wall: i64) {
    let policy = Policy::default();
    // After a leap of the clock it must have gone steadily for an hour.
    let _ = writer.expire(&policy, &holder("recorder"), now(wall - HOUR)).unwrap();
    let done = writer.expire(&policy, &holder("recorder"), now(wall)).unwrap();
    assert!(matches!(done, Expired::Done { .. }), "{done:?}");
}

#[test]
fn the_last_frame_at_or_before_a_moment_is_found_as_it_came() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let told: Vec<Frame> = (0..20)
        .flat_map(|minute| Api::ALL.map(|api| frame(api, NEW_YEAR + DAY - 10 * MINUTE + minute * MINUTE)))
        .collect();
    assert_eq!(writer.keep_frames(&told).unwrap(), 60);
    assert_eq!(writer.keep_frames(&told[..3]).unwrap(), 0);
    let reader = Opening::at(&path).read().unwrap();
    for frame in &told {
        for late in [0, 59_999] {
            let found = reader.frame(&host(), frame.api, at(frame.at.millis() + late)).unwrap();
            assert_eq!(found.as_ref(), Some(frame));
        }
        assert!(frame.report().is_some());
    }
    assert_eq!(reader.frame(&host(), Api::Smart, at(NEW_YEAR)).unwrap(), None);
    assert_eq!(reader.frame(&HostId::new("other").unwrap(), Api::Smart, at(NEW_YEAR + 9 * DAY)).unwrap(), None);
    assert_eq!(times(&path).len(), 20);
    let stats = reader.stats().unwrap();
    let bytes: usize = told.iter().map(|frame| frame.text.len()).sum();
    assert_eq!(stats.frames.0, 60);
    assert!(stats.frames.1 * 8 < bytes as u64, "{:?} of {bytes}", stats.frames);
    assert!(reader.check().unwrap().is_whole());
}

#[test]
fn frames_without_a_clock_and_without_end_are_left_out_and_counted() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let endless = Frame { text: vec![b' '; (1 << 20) + 1], ..service(NEW_YEAR) };
    let unset = Frame { at: at(5), ..service(NEW_YEAR) };
    assert_eq!(writer.keep_frames(&[endless, unset, service(NEW_YEAR)]).unwrap(), 1);
    let counters = Opening::at(&path).read().unwrap().stats().unwrap().counters;
    assert_eq!((counters["surplus"], counters["unset_clock"]), (1, 1));
}

#[test]
fn frames_grow_thinner_with_age_and_end() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let told: Vec<Frame> = (0..3 * 60).map(|minute| service(NEW_YEAR + minute * MINUTE)).collect();
    writer.keep_frames(&told).unwrap();
    let every = |minutes: i64| (0..180 / minutes).map(|step| NEW_YEAR + step * minutes * MINUTE).collect::<Vec<_>>();
    for (days, kept) in
        [(6, every(1)), (8, every(10)), (29, every(10)), (31, every(60)), (365, every(60)), (367, vec![])]
    {
        expire(&mut writer, NEW_YEAR + days * DAY + 3 * HOUR);
        assert_eq!(times(&path), kept, "after {days} days");
        let reader = Opening::at(&path).read().unwrap();
        for moment in kept {
            assert_eq!(reader.frame(&host(), Api::Service, at(moment)).unwrap().as_ref(), Some(&service(moment)));
        }
        assert!(reader.check().unwrap().is_whole());
    }
    let streams: i64 = writer.quick.query_row("SELECT count(*) FROM stream", [], |row| row.get(0)).unwrap();
    assert_eq!(streams, 0);
}

#[test]
fn what_a_frame_that_expired_said_is_not_kept_for_the_sake_of_those_that_were_told_by_it() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let told: Vec<Frame> = (0..20).map(|hour| service(NEW_YEAR + hour * HOUR)).collect();
    writer.keep_frames(&told).unwrap();
    let wholes = |writer: &Writer| {
        let sql = "SELECT count(*), min(at) FROM frame WHERE whole IS NULL";
        writer.quick.query_row(sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).unwrap()
    };
    assert_eq!(wholes(&writer), (1, NEW_YEAR));
    expire(&mut writer, NEW_YEAR + 366 * DAY + 10 * HOUR + 5 * MINUTE);
    assert_eq!(wholes(&writer), (1, NEW_YEAR + 10 * HOUR));
    let reader = Opening::at(&path).read().unwrap();
    for (hour, frame) in told.iter().enumerate() {
        let found = reader.frame(&host(), Api::Service, frame.at).unwrap();
        assert_eq!(found.as_ref(), (hour >= 10).then_some(frame), "hour {hour}");
    }
}

#[test]
fn damage_to_a_frame_is_told_and_salvage_keeps_those_that_can_still_be_read() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let told: Vec<Frame> = [0, 1, 2, DAY, DAY + 1].map(|moment| service(NEW_YEAR + moment)).to_vec();
    writer.keep_frames(&told).unwrap();
    writer
        .quick
        .execute("UPDATE frame SET body = zeroblob(20) WHERE whole IS NULL AND at < ?1", [NEW_YEAR + DAY])
        .unwrap();
    let reader = Opening::at(&path).read().unwrap();
    assert_eq!(reader.frame(&host(), Api::Service, at(NEW_YEAR + 2)).unwrap(), None);
    assert_eq!(reader.damaged(), 1);
    assert_eq!(reader.check().unwrap().damaged, ["frame 1", "frame 2", "frame 3"]);
    let new = folder.path().join("new.db");
    let salvaged = salvage::salvage(&path, &new).unwrap();
    assert!(salvaged.cut.iter().any(|cut| cut.starts_with("frame: 3 rows")), "{:?}", salvaged.cut);
    assert_eq!(times(&new), [NEW_YEAR + DAY, NEW_YEAR + DAY + 1]);
}

#[test]
fn a_history_from_before_frames_is_brought_up_to_date_and_keeps_them_from_then_on() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut old = Opening::at(&path).on(Told::new()).write_with(&LAYOUTS[..1]).unwrap();
    old.claim(&holder("recorder"), now(NEW_YEAR)).unwrap();
    append(&mut old, &[measured(0, NEW_YEAR, 7.0)], NEW_YEAR);
    old.release().unwrap();
    drop(old);
    assert!(matches!(Opening::at(&path).read(), Err(OpenError::Older { found: 1, .. })));
    let mut writer = recorder(&path);
    assert_eq!(writer.keep_frames(&[service(NEW_YEAR)]).unwrap(), 1);
    let reader = Opening::at(&path).read().unwrap();
    assert_eq!(values(&reader, 0), [(NEW_YEAR, 7.0)]);
    assert_eq!(reader.frame(&host(), Api::Service, at(NEW_YEAR)).unwrap(), Some(service(NEW_YEAR)));
}

/// What a frame costs on the made-up fleet, printed with `--nocapture`; it is bounded here.
#[test]
fn a_frame_of_the_made_up_fleet_takes_few_bytes() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let demo = Demo::new(1, at(NEW_YEAR));
    for hour in 0..24 {
        for host in demo.hosts() {
            for api in Api::ALL {
                let moment = at(NEW_YEAR + DAY + hour * HOUR + 7);
                let Ok(report) = demo.report(&host.id, api, moment) else { continue };
                writer.keep_frames(&[Frame { host: host.id.clone(), api, at: moment, text: report.write() }]).unwrap();
            }
        }
    }
    let stats = Opening::at(&path).read().unwrap().stats().unwrap();
    let average = stats.frames.1 / stats.frames.0;
    assert!(average < 400, "{average} bytes a frame, {:?}", stats.frames);
}
