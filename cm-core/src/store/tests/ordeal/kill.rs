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
    let mut command = again(&format!("kill::{test}"), folder);
    Ended(command.env("CM_ORDEAL_ROLE", role).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap())
}

/// Spins until the recorder has noted more than so many bytes, and then for as many turns.
fn until_noted(folder: &Path, more_than: u64, turns: usize) -> u64 {
    let notes = folder.join("notes");
    let length = || std::fs::metadata(&notes).map_or(0, |data| data.len());
    while length() <= more_than {
        std::thread::yield_now();
    }
    for _ in 0..turns {
        std::thread::yield_now();
    }
    length()
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
        if let Some(first) = points.first() {
            let first = (first.at.millis() - NEW_YEAR) / STEP;
            let all = i64::try_from(points.len()).unwrap();
            assert_eq!(points, truth(place, first..first + all), "samples that a reader saw");
        }
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
            until_noted(folder.path(), before, chance.below(3_000));
            recorder.kill();
            kills += 1;
            let acknowledged = acknowledged(folder.path());
            let path = folder.path().join("history.db");
            // As the next recorder would, so that the log is looked at by someone who may write.
            drop(Opening::at(&path).on(Told::new()).write().unwrap());
            compare(&reader(&path), &acknowledged);
            assert!(reading.0.try_wait().unwrap().is_none(), "the reader broke off");
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
    println!("kills: {kills}, {samples} commits and {rows} times three rows acknowledged, 0 lost; {looks} looks beside");
}

#[test]
fn a_recorder_that_was_paused_while_another_took_over_writes_nothing_more() {
    const NAME: &str = "a_recorder_that_was_paused_while_another_took_over_writes_nothing_more";
    if let Some(folder) = other() {
        return Recorder::in_folder(&folder).run(0..i64::from(i32::MAX));
    }
    let (mut pauses, mut in_the_middle, mut chance) = (0, 0, Chance(13));
    while pauses < times(8) {
        let folder = folder();
        let path = folder.path().join("history.db");
        let mut paused = started(NAME, "record", folder.path());
        until_noted(folder.path(), 200, 0);
        let mut second = Opening::at(&path).on(Told::new()).write().unwrap();
        for connection in [&second.quick, &second.firm] {
            connection.busy_timeout(Duration::ZERO).unwrap();
        }
        let taken = loop {
            until_noted(folder.path(), noted(folder.path()), chance.below(2_000));
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
        let before = (there + 1, reader(&path).stats().unwrap().counters);
        paused.signal("-CONT");
        // It finds out with its next write, and ends.
        assert!(!paused.0.wait().unwrap().success());
        let after = acknowledged(folder.path());
        assert_eq!((after.samples, &after.rows), (so_far.samples, &so_far.rows), "it went on writing");
        let found = Acknowledged { samples: there + 1, firm: there + 1, ..after };
        assert_eq!((compare(&reader(&path), &found), reader(&path).stats().unwrap().counters), before);
        assert_eq!(reader(&path).stats().unwrap().lease, ("second".to_owned(), u64::try_from(taken).unwrap()));
    }
    println!("pauses: {pauses}, of {} tries {in_the_middle} fell into a commit, nothing written after", pauses + in_the_middle);
}
