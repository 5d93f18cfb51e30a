//! The collector over tools that are small scripts: what is asked when, and what is told meanwhile.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use cm_model::clock::{ManualClock, WallTime};
use cm_model::report::BackupReport;
use cm_model::report::backup::{JobState, Trouble};
use cm_model::unit::{Count, Gibibytes};

use super::*;

const LISTED: &str = r#"{"archives":[{"name":"web-2026-11-24","start":"2026-11-24T02:00:00"},{"name":"web-2026-11-25","start":"2026-11-25T02:00:00"}]}"#;
const INFORMED: &str = r#"{"archives":[{"name":"web-2026-11-25","start":"2026-11-25T02:00:00","end":"2026-11-25T02:10:00","stats":{"original_size":1073741824,"deduplicated_size":5}}],"cache":{"stats":{"unique_csize":2147483648}}}"#;

/// A false borg, and the collector over it.
struct Stage {
    folder: tempfile::TempDir,
    backups: Backups,
    clock: ManualClock,
}

impl Stage {
    /// Borg as this script; `$OUT` is a folder for it to write into.
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stage = |options: &Options| Backups::new(options);
        let path = folder.path().join("borg");
        write_script(&path, &script.replace("$OUT", folder.path().to_str().unwrap()));
        let mut job = JobOptions::new("web", Tool::Borg);
        job.repository = Some("/srv/web".to_owned());
        job.program = Some(path.display().to_string());
        let options = Options { jobs: vec![job], cache: Some(folder.path().join("cache")), ..Options::default() };
        let clock = ManualClock::at(Now { wall: WallTime::from_secs(1_795_600_000), ..Now::default() });
        Self { backups: stage(&options), folder, clock }
    }

    fn look(&mut self) -> BackupReport {
        let machine = Machine::itself();
        let mut draft = Draft::default();
        self.backups.collect(&Look::new(&machine, self.clock.now(), None), &mut draft).unwrap();
        draft.backup.unwrap()
    }

    /// Looks until nothing is asked any more; time stands still.
    fn settled(&mut self) -> BackupReport {
        loop {
            let report = self.look();
            let Some(running) = self.backups.keepers.iter().find_map(Keeper::asking) else { return report };
            running.pause(Duration::from_secs(10));
        }
    }

    fn asked(&self) -> usize {
        fs::read_to_string(self.folder.path().join("asked")).unwrap_or_default().lines().count()
    }
}

/// Written by another process: a file that this one had open for writing may still be open in a child of another test.
fn write_script(path: &Path, text: &str) {
    let draft = path.with_extension("draft");
    fs::write(&draft, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o755)).unwrap();
    let copied = std::process::Command::new("cp").arg("-p").arg(&draft).arg(path).status().unwrap();
    assert!(copied.success());
}

fn answering() -> String {
    format!("echo $1 >>$OUT/asked\ncase $1 in list) echo '{LISTED}';; info) echo '{INFORMED}';; esac")
}

#[test]
fn nothing_is_told_before_it_was_asked_and_no_look_waits() {
    let mut stage = Stage::new(&format!("sleep 0.3; {}", answering()));
    let first = stage.look();
    assert_eq!((first.backups[0].trouble, first.backups[0].state), (Some(Trouble::NotYet), JobState::Unknown));
    assert_eq!(first.overall_status, cm_model::report::Status::Unknown);
    let report = stage.settled();
    let job = &report.backups[0];
    assert_eq!((job.trouble, job.state, job.archive_count.map(Count::get)), (None, JobState::Done, Some(2)));
    assert_eq!(job.size_gb.map(Gibibytes::get), Some(1.0));
    assert_eq!(report.backup.stored_gb.map(Gibibytes::get), Some(2.0));
    assert_eq!(report.backup.last_success, Some(WallTime::from_secs(1_795_572_600)));
    assert_eq!(report.overall_status, cm_model::report::Status::Ok);
}

#[test]
fn it_is_asked_again_after_its_interval_and_sizes_only_of_what_is_new() {
    let mut stage = Stage::new(&answering());
    stage.settled();
    assert_eq!(stage.asked(), 2, "list and info");
    stage.clock.advance(Duration::from_mins(29));
    stage.settled();
    assert_eq!(stage.asked(), 2);
    stage.clock.advance(Duration::from_mins(1));
    let report = stage.settled();
    assert_eq!(stage.asked(), 3, "the size of its newest archive is known");
    assert_eq!(report.backups[0].size_gb.map(Gibibytes::get), Some(1.0));
    assert_eq!(report.backup.stored_gb.map(Gibibytes::get), Some(2.0));
}

#[test]
fn what_was_learnt_stands_while_it_cannot_be_asked() {
    let mut stage = Stage::new(&answering());
    stage.settled();
    let borg = stage.folder.path().join("borg");
    for (script, trouble) in [
        ("echo 'Repository /srv/web does not exist.' >&2; exit 2", Trouble::Gone),
        ("echo nonsense", Trouble::Unreadable),
        ("kill -9 $$", Trouble::Unreadable),
        ("exit 52", Trouble::Passphrase),
    ] {
        write_script(&borg, script);
        stage.clock.advance(Duration::from_mins(30));
        let report = stage.settled();
        let job = &report.backups[0];
        assert_eq!(job.trouble, Some(trouble), "{script}");
        assert_eq!(job.archive_count.map(Count::get), Some(2), "{script}");
    }
    fs::set_permissions(&borg, fs::Permissions::from_mode(0o777)).unwrap();
    stage.clock.advance(Duration::from_mins(30));
    assert_eq!(stage.settled().backups[0].trouble, Some(Trouble::Untrusted), "it is judged at each start");
    fs::remove_file(&borg).unwrap();
    stage.clock.advance(Duration::from_mins(30));
    assert_eq!(stage.settled().backups[0].trouble, Some(Trouble::NotInstalled));
}

#[test]
fn what_does_not_answer_is_ended_and_told() {
    let mut stage = Stage::new("sleep 1000");
    stage.look();
    stage.clock.advance(Duration::from_mins(2));
    stage.look();
    let report = stage.settled();
    assert_eq!(report.backups[0].trouble, Some(Trouble::NoAnswer));
}

#[test]
fn one_process_runs_at_a_time() {
    let mut stage = Stage::new("sleep 0.1");
    let job = stage.backups.keepers[0].options.clone();
    stage.backups.keepers.extend((0..3).map(|_| Keeper::new(job.clone())));
    for _ in 0..20 {
        stage.look();
        let running = stage.backups.keepers.iter().filter(|keeper| keeper.asking().is_some()).count();
        assert!(running <= 1, "{running}");
    }
    assert!(stage.settled().backups.iter().all(|job| job.trouble == Some(Trouble::Unreadable)));
}

#[test]
fn asking_once_gives_a_status_file_that_is_read_again() {
    let mut stage = Stage::new(&answering());
    let text = stage.backups.ask_all(&Machine::itself(), &cm_model::clock::SystemClock);
    let jobs = status_file::read(&text).unwrap();
    assert_eq!(jobs.iter().map(|job| (job.name.raw(), job.sources.len())).collect::<Vec<_>>(), [("web", 1)]);
    let path = stage.folder.path().join("status.json");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let mut job = JobOptions::new("file", Tool::StatusFile);
    job.file = Some(path.clone());
    stage.backups = Backups::new(&Options { jobs: vec![job], ..Options::default() });
    let report = stage.look();
    assert_eq!(report.backups[0].name.raw(), "file");
    assert_eq!(report.backup.size_gb.map(Gibibytes::get), Some(1.0));
    fs::write(&path, r#"{"finished_at":1795599000,"result":"failed","message":"disk full"}"#).unwrap();
    let report = stage.look();
    assert_eq!(report.backups[0].state, JobState::Failed);
    assert_eq!(report.service.last_message.as_ref().map(cm_model::text::HostText::raw), Some("disk full"));
}

#[test]
fn a_machine_without_backups_and_one_in_a_box_tell_of_none() {
    let folder = tempfile::tempdir().unwrap();
    let boxed = Machine::in_a_box(folder.path()).unwrap();
    let mut stage = Stage::new(&answering());
    let look = Look::new(&boxed, Now::default(), None);
    assert!(matches!(stage.backups.collect(&look, &mut Draft::default()), Err(Absent::NothingHere)));
    let itself = Machine::itself();
    let mut none = Backups::new(&Options::default());
    let look = Look::new(&itself, Now::default(), None);
    assert!(matches!(none.collect(&look, &mut Draft::default()), Err(Absent::NothingHere)));
}
