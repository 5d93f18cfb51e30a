//! Harsh treatment: power cuts, kills, pauses, full disks. A program records made-up samples of which every value
//! follows from its number, and notes what was acknowledged; whatever becomes of it, what is found afterwards is
//! compared with that.
//!
//! Each has a short form that always runs. `CM_ORDEAL` multiplies it: `ci/peers history` runs the long forms.

mod cut;
mod kill;
mod room;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Command;

use super::super::expire::Expired;
use super::super::open::{Site, connect};
use super::*;
use crate::incident::{
    Condition, Extent, Finding, Incidents, Key, Look, Moment, Severity, Steady, Surroundings, Terms,
};
use crate::observation::LinkState;
use crate::report::backup::Run;
use crate::series::Point;
use crate::series::retention::{Keep, Policy, Span as Kept};
use crate::series::rollup::{Bucket, Step, of_buckets, of_points};

/// Samples every ten minutes, so that a run of some seconds goes through sealing, roll-ups and expiry.
const STEP: i64 = 10 * MINUTE;
const SERIES: usize = 3;

/// By which a short form is multiplied.
fn times(short: usize) -> usize {
    let factor = std::env::var("CM_ORDEAL").ok().and_then(|factor| factor.parse().ok()).unwrap_or(1);
    short * factor
}

/// Raw for two days, so that it expires within a run.
fn policy() -> Policy {
    let keep = Keep::new(Kept::days(2), Kept::days(30), Kept::Always, Kept::Always).unwrap();
    Policy { standard: keep, ..Policy::default() }
}

/// Numbers by chance, the same in every run (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

const fn moment(tick: i64) -> i64 {
    NEW_YEAR + tick * STEP
}

fn value(place: usize, tick: i64) -> f64 {
    ((tick * 7_919 + i64::try_from(place).unwrap() * 104_729) % 10_007) as f64 / 10.0
}

fn samples(tick: i64) -> Vec<Measured> {
    (0..SERIES).map(|place| measured(place, moment(tick), value(place, tick))).collect()
}

fn truth(place: usize, ticks: std::ops::Range<i64>) -> Vec<Point> {
    ticks.map(|tick| Point::new(at(moment(tick)), value(place, tick))).collect()
}

/// What was acknowledged, by the number of the step in which it was. What is not is anybody's guess.
#[derive(Debug, Clone, Default, PartialEq)]
struct Acknowledged {
    /// Samples up to here, this one not included.
    samples: i64,
    /// Of these, those that nothing may take: an acknowledged sync came after them.
    firm: i64,
    /// Rows that were acknowledged as durable.
    rows: BTreeSet<i64>,
    /// When samples were last expired, or were about to be.
    expiry: Option<i64>,
    epoch: i64,
}

impl Acknowledged {
    /// Reads one line of what the program noted.
    fn note(&mut self, line: &str) {
        let (word, number) = line.trim().split_once(' ').expect("a word and a number");
        let number = number.parse().expect("a number");
        match word {
            "samples" => self.samples = number + 1,
            "rows" => drop(self.rows.insert(number)),
            "expiry" => self.expiry = Some(number),
            "epoch" => self.epoch = number,
            word => panic!("{word}"),
        }
    }
}

/// The program that records.
struct Recorder {
    path: PathBuf,
    notes: std::fs::File,
    layouts: Vec<&'static str>,
    /// How often it lets others go first between two steps.
    rests: usize,
    incidents: Incidents,
}

impl Recorder {
    fn in_folder(folder: &Path) -> Self {
        let notes = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("notes")).unwrap();
        Self {
            path: folder.join("history.db"),
            notes,
            layouts: migration::LAYOUTS.to_vec(),
            rests: 0,
            incidents: Incidents::default(),
        }
    }

    fn note(&mut self, word: &str, number: i64) {
        // One write a line: what is noted is noted whole.
        self.notes.write_all(format!("{word} {number}\n").as_bytes()).unwrap();
    }

    fn open(&mut self, tick: i64) -> Writer {
        let mut writer = Opening::at(&self.path).on(Told::new()).write_with(&self.layouts).unwrap();
        let mut moment = now(moment(tick));
        loop {
            match writer.claim(&holder("recorder"), moment).unwrap() {
                Claim::Ours { epoch } => {
                    self.note("epoch", epoch);
                    let found = writer.incidents().unwrap();
                    assert_eq!(found.unread, 0);
                    self.incidents = Incidents::load(found.saved, Surroundings::default());
                    return writer;
                }
                // Who held it was killed a moment ago.
                Claim::Held { left, .. } => moment.boot = moment.boot.after(left),
            }
        }
    }

    /// Everything that a recorder does, in some 900 steps.
    fn run(&mut self, ticks: std::ops::Range<i64>) {
        let mut writer = self.open(ticks.start);
        for tick in ticks {
            for _ in 0..self.rests {
                std::thread::yield_now();
            }
            let wall = moment(tick);
            if tick % 3 == 0 {
                store_rows(&mut writer, tick);
                store_incident(&mut writer, &mut self.incidents, tick);
                self.note("rows", tick);
            }
            append(&mut writer, &samples(tick), wall);
            self.note("samples", tick);
            if tick % 6 == 5 {
                writer.seal(now(wall)).unwrap();
            }
            if tick % 36 == 7 {
                writer.roll_up(now(wall)).unwrap();
                self.note("expiry", tick);
                let done = writer.expire(&policy(), &holder("recorder"), now(wall)).unwrap();
                assert!(matches!(done, Expired::Done { .. }), "{done:?}");
            }
            if tick % 97 == 96 {
                writer.compact().unwrap();
            }
            if tick % 131 == 130 {
                writer.release().unwrap();
                drop(writer);
                writer = self.open(tick);
            }
            if tick % 211 == 210 {
                let copy = self.path.with_file_name("copy.db");
                let _ = std::fs::remove_file(&copy);
                reader(&self.path).backup(&copy).unwrap();
            }
        }
    }
}

/// Words that change, an answer that does, a backup run: one of each.
fn store_rows(writer: &mut Writer, tick: i64) {
    let state = if tick % 2 == 0 { LinkState::Answering } else { LinkState::Unreachable };
    writer.link(&[tell::Linked { host: host(), at: at(moment(tick)), state }]).unwrap();
    let run = Run { start: Some(at(moment(tick))), ..Run::default() };
    writer.backup_runs(&[tell::BackupRun { host: host(), job: HostText::new("etc".to_owned()), run }]).unwrap();
    let said = tell::Said {
        entity: Entity::Host(host()),
        subject: "host".to_owned(),
        what: "state".to_owned(),
        at: at(moment(tick)),
        text: HostText::new(format!("word {tick}")),
    };
    writer.say(&[said]).unwrap();
}

/// An incident that begins, and the end of the one before it.
fn store_incident(writer: &mut Writer, incidents: &mut Incidents, tick: i64) {
    let key = Key::new(format!("tick.{tick}").as_str(), Some(host()), Subject::host());
    let (terms, finding) = (Terms::default(), Finding::new(Severity::Warning, "it began"));
    let open: Vec<Key> = incidents.open().map(|open| open.key.clone()).filter(|open| *open != key).collect();
    let over = open.iter().map(|key| Look { key, terms: &terms, condition: Condition::Clear });
    let begun = Look { key: &key, terms: &terms, condition: Condition::Holds(&finding) };
    let steady = Steady::from_millis(u64::try_from(tick * STEP).unwrap());
    incidents.step(over.chain([begun]), Moment { wall: at(moment(tick)), steady });
    let unsaved = incidents.unsaved(Extent::All);
    writer.commit(Together { incidents: Some(&unsaved), ..Together::default() }).unwrap();
    incidents.saved(&unsaved);
}

/// The ticks at which incidents began; each is there with its story, and all but the last are over.
fn incidents_of(reader: &Reader) -> Vec<WallTime> {
    let incidents = reader.incidents_in(Span::all(), u32::MAX).unwrap();
    for incident in &incidents {
        let story: Vec<_> = reader.story(incident.id).unwrap().iter().map(|told| told.change.word()).collect();
        let whole: &[&str] = if incident.ended.is_some() { &["fired", "resolved"] } else { &["fired"] };
        assert_eq!(story, whole, "{incident:?}");
    }
    let open = reader.incidents().unwrap().saved.rows.into_iter().filter_map(|row| row.open).count();
    assert_eq!(incidents.iter().filter(|incident| incident.ended.is_none()).count(), open);
    assert!(open <= 1, "{open} are open");
    incidents.iter().map(|incident| incident.since.wall).collect()
}

/// A reader of whatever layout.
fn reader(path: &Path) -> Reader {
    let connection = connect(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    Reader::new(Site::of(path.to_owned()).unwrap(), connection)
}

/// Compares what is found with what was acknowledged; answers with how many samples of each series are there.
fn compare(reader: &Reader, acknowledged: &Acknowledged) -> i64 {
    let checked = reader.check().unwrap();
    assert!(checked.is_whole(), "{checked:?}");
    let ticks = |moments: Vec<WallTime>| -> Vec<i64> {
        moments.into_iter().map(|moment| (moment.millis() - NEW_YEAR) / STEP).collect()
    };
    let links = reader.links(&host(), Span::all()).unwrap();
    let said = reader.said(&Entity::Host(host()), Span::all()).unwrap();
    let runs = reader.backup_runs(&host(), Span::all()).unwrap();
    for found in [
        ticks(links.iter().map(|link| link.at).collect()),
        ticks(said.iter().map(|said| said.at).collect()),
        ticks(runs.iter().map(|run| run.run.start.unwrap()).collect()),
        ticks(incidents_of(reader)),
    ] {
        let once: BTreeSet<i64> = found.iter().copied().collect();
        assert_eq!(once.len(), found.len(), "a row stands twice: {found:?}");
        let lost: Vec<_> = acknowledged.rows.difference(&once).collect();
        assert!(lost.is_empty(), "acknowledged rows are lost: {lost:?}");
    }
    let known = reader.series().unwrap();
    if known.is_empty() {
        assert_eq!(acknowledged.firm, 0, "all series are lost");
        return 0;
    }
    assert_eq!(known.len(), SERIES);
    let expired = acknowledged.expiry.map_or(0, |tick| (moment(tick) - 2 * DAY) / HOUR * HOUR);
    let mut there = None;
    for place in 0..SERIES {
        let known = series(reader, place);
        let hours = reader.buckets(&known, Step::Hour, Span::all()).unwrap();
        let count = i64::try_from(hours.iter().map(|hour| hour.count).sum::<u64>()).unwrap();
        assert_eq!(*there.get_or_insert(count), count, "a commit is there in part");
        assert!(count >= acknowledged.firm, "{count} samples of {} that were synced", acknowledged.firm);
        // The one that was on its way may have come as far as the disk.
        assert!(count <= acknowledged.samples + 1, "{count} samples of {} that were told", acknowledged.samples);
        assert_eq!(hours, hours_of(place, count));
        let points = reader.points(&known, Span::all()).unwrap();
        let kept = truth(place, 0..count).split_off(usize::try_from(count).unwrap() - points.len());
        assert_eq!(points, kept, "samples of {place}");
        let gone = count - i64::try_from(points.len()).unwrap();
        assert!(moment(gone) <= expired.max(NEW_YEAR), "samples are gone that had not expired");
    }
    assert_eq!(reader.damaged(), 0);
    there.unwrap_or(0)
}

fn hours_of(place: usize, count: i64) -> Vec<Bucket> {
    of_buckets(&of_points(&truth(place, 0..count), Step::Minute), Step::Hour)
}

/// This program again, to do but one test, in another process.
fn again(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([&format!("store::tests::ordeal::{test}"), "--exact", "--nocapture", "--include-ignored"])
        .env("CM_ORDEAL_IN", folder);
    command
}

/// Where the other process is to work, if this is the other one.
fn other() -> Option<PathBuf> {
    std::env::var_os("CM_ORDEAL_IN").map(PathBuf::from)
}
