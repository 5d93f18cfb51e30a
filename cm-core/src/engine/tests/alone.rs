//! What one program stores.

use super::*;

#[test]
fn what_hosts_tell_is_in_the_file_within_seconds_and_all_of_it_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let time = Time::new();
    let mut program = Program::new("one", &path, &time);
    program.go_on(31);
    assert_eq!(program.told, [News::Records]);
    let early = moments(&path, &srv01(), "host", "host.uptime");
    assert!(early.len() >= 5, "{early:?}");
    program.poll();
    program.stop();
    let all = moments(&path, &srv01(), "host", "host.uptime");
    assert_eq!(all, [0, 5, 10, 15, 20, 25, 30, 31]);
    let tally = program.engine.tally();
    assert_eq!((tally.waiting, tally.dropped), (0, 0));
    let reader = read(&path);
    assert!(reader.check().unwrap().is_whole());
    // Drives go by their serial, and it is known in which host they are.
    let drives = reader.series().unwrap().into_iter().filter(|series| matches!(series.key.entity, Entity::Drive(_)));
    let drive = drives.map(|series| series.key.entity).next().unwrap();
    assert_eq!(reader.seats(&drive).unwrap().len(), 1);
    // The lease was given back.
    let mut other = Program::new("two", &path, &time);
    other.tick();
    assert_eq!(other.told, [News::Records]);
}

#[test]
fn words_links_and_backup_runs_are_stored_where_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let time = Time::new();
    let mut program = Program::new("one", &path, &time);
    program.go_on(8 * 60);
    let reader = read(&path);
    let all = Span::all();
    // labbox is silent when the story begins, and answers after six minutes.
    let links = reader.links(&HostId::new("labbox").unwrap(), all).unwrap();
    let states: Vec<LinkState> = links.iter().map(|link| link.state).collect();
    assert_eq!(states.last(), Some(&LinkState::Answering), "{states:?}");
    assert!(states.len() == 2 && states[0] != LinkState::Answering, "{states:?}");
    // A service of cmbox restarts after two minutes.
    let said = reader.said(&Entity::Host(HostId::new("cmbox").unwrap()), all).unwrap();
    let changed = |subject: &str| said.iter().filter(|said| said.subject == subject && said.what == "state").count();
    let most = said.iter().map(|said| changed(&said.subject)).max().unwrap();
    assert!((2..=4).contains(&most), "{said:?}");
    let kernel: Vec<_> = said.iter().filter(|said| said.what == "kernel").collect();
    assert_eq!(kernel.len(), 1);
    assert!(!reader.backup_runs(&srv01(), all).unwrap().is_empty());
}

#[test]
fn a_whole_report_is_kept_every_minute_and_when_its_words_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let time = Time::new();
    let mut program = Program::new("one", &path, &time);
    program.go_on(10 * 60);
    program.stop();
    let reader = read(&path);
    let frames = |host: &HostId| reader.frame_times(host, Span::all()).unwrap().len();
    assert!((10..=30).contains(&frames(&srv01())), "{}", frames(&srv01()));
    for moment in [30_000, 5 * 60_000, 9 * 60_000 + 59_000] {
        let at = WallTime::from_millis(NEW_YEAR + moment);
        let frame = reader.frame(&srv01(), Api::Service, at).unwrap().unwrap();
        assert!(at.since(frame.at) <= Duration::from_mins(1), "{moment}");
        let then = program.demo.report(&srv01(), Api::Service, frame.at).unwrap();
        assert_eq!(frame.report(), Some(then));
    }
}

#[test]
fn the_same_report_asked_for_twice_is_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let time = Time::new();
    let mut program = Program::new("one", &path, &time);
    program.poll();
    let once = program.engine.tally().stored + program.engine.tally().waiting;
    program.poll();
    program.stop();
    // But for the links, which are looked at anew.
    let links = 5 * 3 * 3;
    assert!(program.engine.tally().stored <= once + links, "{:?} after {once}", program.engine.tally());
}

#[test]
fn recording_tells_of_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let time = Time::new();
    let mut program = Program::new("one", &path, &time);
    program.go_on(150);
    let desk = HostId::new("desk").unwrap();
    for metric in ["history.file_size", "history.log_size", "history.commits", "history.commit_time", "history.stored"]
    {
        assert_eq!(moments(&path, &desk, "history", metric).len(), 3, "{metric}");
    }
}

#[test]
fn hours_are_sealed_days_rolled_up_and_old_frames_thinned_without_anybody_asking() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let time = Time::new();
    let mut program = Program::new("one", &path, &time);
    for _ in 0..26 * 12 {
        program.poll();
        for _ in 0..5 {
            time.pass(60);
            program.tick();
        }
    }
    let stats = read(&path).stats().unwrap();
    let chunks: Vec<u64> = stats.sealed.iter().map(|stored| stored.chunks).collect();
    // The first day in four chunks, then an hour at least; minutes are only made of what expires.
    assert!(chunks[0] >= 5, "{stats:?}");
    assert_eq!(chunks[1], 0, "{stats:?}");
    assert!(chunks[2..].iter().all(|chunks| *chunks > 0), "{stats:?}");
    assert_eq!(program.told, [News::Records]);
}

#[test]
fn a_leap_of_the_clock_is_told_counted_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let time = Time::new();
    let mut program = Program::new("one", &path, &time);
    program.go_on(20);
    let back = time.now().wall.millis() - 3_600_000;
    time.set_wall(back);
    program.go_on(20);
    program.stop();
    assert_eq!(program.told, [News::Records, News::ClockSet { by_ms: -3_600_000 }]);
    assert_eq!(program.engine.tally().clock_steps, 1);
    let all = moments(&path, &srv01(), "host", "host.uptime");
    assert_eq!(all.len(), 8, "{all:?}");
}

#[test]
fn a_clock_that_is_not_set_yet_keeps_what_hosts_measured_and_dates_no_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let time = Time::new();
    let mut program = Program::new("one", &path, &time);
    time.set_wall(0);
    // Hosts have clocks of their own.
    let report = program.demo.report(&srv01(), Api::Service, WallTime::from_millis(NEW_YEAR)).unwrap();
    let observation = |at| Observation {
        host: srv01(),
        api: Api::Service,
        way: Way::Demo,
        at,
        took: Duration::ZERO,
        outcome: Ok(report.clone()),
    };
    program.input(Input::Observed(observation(time.now())));
    program.go_on(10);
    let reader = read(&path);
    assert_eq!(moments(&path, &srv01(), "host", "host.uptime").len(), 1);
    assert!(reader.said(&Entity::Host(srv01()), Span::all()).unwrap().is_empty());
    assert!(reader.frame_times(&srv01(), Span::all()).unwrap().is_empty());
    time.set_wall(NEW_YEAR + 60_000);
    program.go_on(10);
    assert!(!reader.said(&Entity::Host(srv01()), Span::all()).unwrap().is_empty());
}

#[test]
fn whole_reports_are_kept_though_samples_never_stop_coming() {
    let folder = tempfile::tempdir().unwrap();
    let (path, time) = (folder.path().join("history.db"), Time::new());
    let mut program = Program::new("desk", &path, &time);
    for _ in 0..30 {
        program.poll();
        time.pass(1);
    }
    let kept = read(&path).frame_times(&srv01(), Span::all()).unwrap();
    assert!(!kept.is_empty(), "while recording goes on, not only at its end");
}
