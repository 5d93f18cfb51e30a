//! A recorder that is killed at any moment, and one that is paused while another takes over.

use std::process::{Child, Stdio};

use super::*;

fn acknowledged(folder: &Path) -> Acknowledged {
    let mut all = Acknowledged::default();
    for line in std::fs::read_to_string(folder.join("notes")).unwrap_or_default().lines() {
        all.note(line);
    }
    // The machine goes on, and with it all that was written.
    all.firm = all.samples;
    all
}

/// A child that does not outlive the test.
struct Ended(Child);

impl Ended {
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    fn signal(&self, name: &str) {
        let done = Command::new("kill").args([name, &self.0.id().to_string()]).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn started(test: &str, role: &str, folder: &Path) -> Ended {
    let complaints = std::fs::File::create(folder.join(format!("{role}.complaints"))).unwrap();
    let mut command = again(&format!("kill::{test}"), folder);
    Ended(command.env("CM_ORDEAL_ROLE", role).stdout(Stdio::null()).stderr(Stdio::from(complaints)).spawn().unwrap())
}

/// Spins until the recorder has noted more than so many bytes, and then for as many turns.
fn until_noted(folder: &Path, recorder: &mut Ended, more_than: u64, turns: usize) {
    while noted(folder) <= more_than {
        assert!(recorder.0.try_wait().unwrap().is_none(), "the recorder broke off");
        std::thread::yield_now();
    }
    for _ in 0..turns {
        std::thread::yield_now();
    }
}

fn noted(folder: &Path) -> u64 {
    std::fs::metadata(folder.join("notes")).map_or(0, |data| data.len())
}

/// Reads for as long as it is let, and holds all that it is told against what it must be.
fn read_on(folder: &Path) {
    let path = folder.join("history.db");
    let (mut looks, mut waited) = (0_u64, 0_u64);
    while !folder.join("enough").exists() {
        let Ok(reader) = Opening::at(&path).on(Told::new()).read() else {
            waited += 1;
            continue;
        };
        for _ in 0..20 {
            match read_once(&reader, looks % 16 == 0) {
                Ok(()) => looks += 1,
                Err(error) if error.can_retry() => waited += 1,
                Err(error) => panic!("{error}"),
            }
        }
    }
    std::fs::write(folder.join("looks"), format!("{looks} {waited}")).unwrap();
}

fn read_once(reader: &Reader, thoroughly: bool) -> Result<(), StoreError> {
    for place in 0..SERIES {
        let metric = catalogue::by_id(host_metric(place)).unwrap().metric;
        let Some(known) = reader.find(&Entity::Host(host()), "host", metric.name)? else { continue };
        let hours = reader.buckets(&known, Step::Hour, Span::all())?;
        let count = i64::try_from(hours.iter().map(|hour| hour.count).sum::<u64>()).unwrap();
        assert_eq!(hours, hours_of(place, count));
        let points = reader.points(&known, Span::all())?;
        let ticks: Vec<i64> = points.iter().map(|point| (point.at.millis() - NEW_YEAR) / STEP).collect();
        for (point, tick) in points.iter().zip(&ticks) {
            assert_eq!(*point, truth(place, *tick..*tick + 1)[0], "a sample that never was");
        }
        // Between two slices of two days the hours with which the second begins may have expired, and nothing else.
        let expired = |from: i64, to: i64| moment(from + 1) % (2 * DAY) == 0 && moment(to) % HOUR == 0;
        let sound = |pair: &[i64]| pair[1] == pair[0] + 1 || pair[1] > pair[0] && expired(pair[0], pair[1]);
        assert!(ticks.windows(2).all(sound), "samples are missing or stand twice: {ticks:?}");
    }
    if thoroughly {
        let checked = reader.check()?;
        assert!(checked.is_whole(), "{checked:?}");
    }
    assert_eq!(reader.damaged(), 0);
    Ok(())
}

#[test]
fn a_recorder_killed_at_any_moment_loses_nothing_while_another_reads() {
    const NAME: &str = "a_recorder_killed_at_any_moment_loses_nothing_while_another_reads";
    if let Some(folder) = other() {
        if std::env::var("CM_ORDEAL_ROLE").unwrap() == "read" {
            return read_on(&folder);
        }
        let from = acknowledged(&folder).samples;
        return Recorder::in_folder(&folder).run(from..i64::from(i32::MAX));
    }
    let (wanted, mut kills, mut chance) = (times(25), 0, Chance(11));
    let (mut samples, mut rows, mut looks) = (0, 0, 0_u64);
    while kills < wanted {
        // A new history now and then: all of it is compared after each kill.
        let folder = folder();
        let mut reading = started(NAME, "read", folder.path());
        for _ in 0..(wanted - kills).min(50) {
            let before = noted(folder.path());
            let mut recorder = started(NAME, "record", folder.path());
            until_noted(folder.path(), &mut recorder, before, chance.below(3_000));
            recorder.kill();
            kills += 1;
            let acknowledged = acknowledged(folder.path());
            let path = folder.path().join("history.db");
            // As the next recorder would, so that the log is looked at by someone who may write.
            drop(Opening::at(&path).on(Told::new()).write().unwrap());
            compare(&reader(&path), &acknowledged);
            let complaint = || std::fs::read_to_string(folder.path().join("read.complaints")).unwrap();
            assert!(reading.0.try_wait().unwrap().is_none(), "the reader broke off: {}", complaint());
        }
        std::fs::write(folder.path().join("enough"), "").unwrap();
        assert!(reading.0.wait().unwrap().success(), "the reader was told what never was");
        let told = std::fs::read_to_string(folder.path().join("looks")).unwrap();
        looks += told.split(' ').next().unwrap().parse::<u64>().unwrap();
        let acknowledged = acknowledged(folder.path());
        samples += acknowledged.samples;
        rows += acknowledged.rows.len();
    }
    assert!(samples > 0 && rows > 0 && looks > 0);
    println!(
        "kills: {kills}, {samples} commits and {rows} times three rows acknowledged, 0 lost; {looks} looks beside"
    );
}

#[test]
fn a_recorder_that_was_paused_while_another_took_over_writes_nothing_more() {
    const NAME: &str = "a_recorder_that_was_paused_while_another_took_over_writes_nothing_more";
    if let Some(folder) = other() {
        let mut recorder = Recorder::in_folder(&folder);
        recorder.rests = 3_000;
        return recorder.run(0..i64::from(i32::MAX));
    }
    let (mut pauses, mut in_the_middle, mut chance) = (0, 0, Chance(13));
    while pauses < times(8) {
        let folder = folder();
        let path = folder.path().join("history.db");
        let mut paused = started(NAME, "record", folder.path());
        until_noted(folder.path(), &mut paused, 200, 0);
        let mut second = Opening::at(&path).on(Told::new()).write().unwrap();
        for connection in [&second.quick, &second.firm] {
            connection.busy_timeout(Duration::ZERO).unwrap();
        }
        let taken = loop {
            let so_far = noted(folder.path());
            until_noted(folder.path(), &mut paused, so_far, chance.below(2_000));
            paused.signal("-STOP");
            let so_far = acknowledged(folder.path());
            // Its lease ran out long ago.
            let later = now(moment(so_far.samples) + MINUTE);
            match second.claim(&holder("second"), later) {
                Ok(Claim::Ours { epoch }) => break epoch,
                // Paused within a commit, it holds SQLite's lock, and nobody can write until it goes on.
                Err(StoreError::Busy { .. }) => in_the_middle += 1,
                other => panic!("{other:?}"),
            }
            paused.signal("-CONT");
        };
        pauses += 1;
        let so_far = acknowledged(folder.path());
        let there = compare(&reader(&path), &so_far);
        append(&mut second, &samples(there), moment(there));
        let rows = || reader(&path).backup_runs(&host(), Span::all()).unwrap().len();
        let before = (there + 1, rows());
        paused.signal("-CONT");
        // It finds out with its next write, and ends.
        let ended = loop {
            if let Some(ended) = paused.0.try_wait().unwrap() {
                break ended;
            }
            let noted = acknowledged(folder.path()).samples;
            assert!(noted <= there, "it went on writing: {noted} commits of {there}");
        };
        assert!(!ended.success());
        let complaint = std::fs::read_to_string(folder.path().join("record.complaints")).unwrap();
        assert!(complaint.contains("Fenced"), "{complaint}");
        // What it noted since was committed before the other took over.
        let after = acknowledged(folder.path());
        assert!(after.samples <= there, "{} of {there}", after.samples);
        let found = Acknowledged { samples: there + 1, firm: there + 1, ..after };
        assert_eq!((compare(&reader(&path), &found), rows()), before, "it went on writing");
        assert_eq!(reader(&path).stats().unwrap().lease, ("second".to_owned(), u64::try_from(taken).unwrap()));
    }
    println!(
        "pauses: {pauses}, of {} tries {in_the_middle} fell into a commit, nothing written after",
        pauses + in_the_middle
    );
}
