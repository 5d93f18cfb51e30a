//! Several programs and one file: one records, the others follow.

use super::*;

#[test]
fn of_two_programs_one_records_and_the_other_takes_over_within_ten_seconds_of_its_death() {
    for killed_after in [60, 62, 63, 64] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let time = Time::new();
        let mut first = Program::new("first", &path, &time);
        let mut second = Program::new("second", &path, &time);
        for second_of in 0..killed_after {
            let poll = second_of % 5 == 0;
            for program in [&mut first, &mut second] {
                if poll {
                    program.poll();
                } else {
                    program.tick();
                }
            }
            time.pass(1);
        }
        assert_eq!(first.told, [News::Records]);
        assert_eq!(second.told, [News::Follows { by: "first".to_owned() }]);
        assert_eq!(second.engine.tally().stored, 0);
        // Killed: nothing of it runs any more, and what it held is lost with it.
        drop(first);
        let mut took = 0;
        while !second.engine.is_recording() {
            second.go_on(1);
            took += 1;
            assert!(took <= 10, "after {took} s nobody records");
        }
        second.go_on(30);
        second.stop();
        assert_eq!(second.told.last(), Some(&News::Records));
        // No gap: what the one that died had not stored the other held.
        let all = moments(&path, &srv01(), "host", "host.uptime");
        let widest = all.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(widest <= 5, "{widest} s without samples: {all:?}");
        assert!(read(&path).check().unwrap().is_whole());
    }
}

#[test]
fn one_that_was_only_paused_writes_nothing_more_and_follows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let time = Time::new();
    let mut paused = Program::new("paused", &path, &time);
    let mut other = Program::new("other", &path, &time);
    paused.go_on(22);
    other.tick();
    // A mark that only the paused one holds when it is stopped.
    let mark = HostId::new("cmbox").unwrap();
    let sample = crate::metric::Sample {
        metric: catalogue::by_name("host.uptime").unwrap().metric.id,
        subject: crate::health::Subject::host(),
        at: WallTime::from_millis(NEW_YEAR + 1),
        value: 4_711.0,
    };
    paused.engine.held.push(&mark, [sample], time.now().boot);
    other.go_on(15);
    assert!(other.engine.is_recording());
    let before = paused.engine.tally().stored;
    for _ in 0..10 {
        paused.poll();
        other.poll();
        time.pass(1);
    }
    assert_eq!(paused.engine.tally().stored, before);
    assert!(!paused.engine.is_recording());
    assert_eq!(paused.told.last(), Some(&News::Follows { by: "other".to_owned() }));
    assert_eq!(read(&path).stats().unwrap().lease, ("other".to_owned(), 2));
    // When the other ends, the paused one goes on at once.
    other.stop();
    paused.go_on(3);
    assert!(paused.engine.is_recording());
    paused.stop();
    let values = |host: &HostId| {
        let reader = read(&path);
        let series = reader.find(&Entity::Host(host.clone()), "host", "host.uptime").unwrap().unwrap();
        reader.points(&series, Span::all()).unwrap()
    };
    assert!(values(&mark).iter().all(|point| (point.value - 4_711.0).abs() > 0.5));
}

#[test]
fn a_suspend_of_hours_with_nobody_else_about_is_gone_on_from() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let time = Time::new();
    let mut program = Program::new("one", &path, &time);
    program.go_on(20);
    time.pass(8 * 3_600);
    program.go_on(20);
    assert_eq!(program.told, [News::Records]);
    assert!(moments(&path, &srv01(), "host", "host.uptime").last() >= Some(&(8 * 3_600 + 20)));
}

#[test]
fn whoever_takes_over_says_again_what_stands_and_it_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let time = Time::new();
    let mut first = Program::new("first", &path, &time);
    first.go_on(20);
    let said = || read(&path).said(&Entity::Host(srv01()), Span::all()).unwrap();
    let before = said();
    drop(first);
    let mut second = Program::new("second", &path, &time);
    second.go_on(20);
    assert_eq!(said(), before);
    assert_eq!(read(&path).links(&srv01(), Span::all()).unwrap().len(), 1);
}
