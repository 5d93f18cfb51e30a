//! What becomes of samples, and what a person is told, when the file takes nothing.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::store::ground::Ground;

/// A disk of which a test says how much is free.
#[derive(Debug, Clone)]
struct Free(Arc<AtomicU64>);

impl Ground for Free {
    fn filesystem(&self, _: &Path) -> io::Result<u32> {
        Ok(0xEF53)
    }

    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        Ok(self.0.load(Ordering::Relaxed))
    }
}

fn codes(told: &[News]) -> Vec<String> {
    let word = |news: &News| match news {
        News::Records => "records".to_owned(),
        News::Follows { by } => format!("follows {by}"),
        News::Trouble { code, .. } => code.to_string(),
        News::Over { code, dropped } => format!("over {code}, {dropped} dropped"),
        News::ClockSet { .. } => "clock".to_owned(),
    };
    told.iter().map(word).collect()
}

#[test]
fn on_a_full_disk_samples_wait_a_person_is_told_once_and_all_of_them_are_stored_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let time = Time::new();
    let mut program = Program::new("one", &path, &time);
    let free = Free(Arc::new(AtomicU64::new(u64::MAX)));
    let ground = free.clone();
    program.hand.open = Box::new(move |path| Opening::at(path).on(ground.clone()));
    program.go_on(20);
    free.0.store(1_000, Ordering::Relaxed);
    program.go_on(600);
    assert_eq!(codes(&program.told), ["records", "CM-0410"]);
    // What hosts say in words goes on: it has the reserve.
    assert!(program.engine.words.is_empty());
    assert!(program.engine.tally().waiting > 10_000);
    free.0.store(u64::MAX, Ordering::Relaxed);
    program.go_on(20);
    assert_eq!(codes(&program.told), ["records", "CM-0410", "over CM-0410, 0 dropped"]);
    program.stop();
    let all = moments(&path, &srv01(), "host", "host.uptime");
    assert_eq!(all, (0..128).map(|round| round * 5).collect::<Vec<_>>());
}

#[test]
fn a_file_that_was_replaced_is_opened_anew_and_recording_goes_on_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let time = Time::new();
    let mut program = Program::new("one", &path, &time);
    program.go_on(20);
    // As a person does with what was salvaged.
    let saved = folder.path().join("saved.db");
    read(&path).backup(&saved).unwrap();
    std::fs::rename(&saved, &path).unwrap();
    program.go_on(30);
    program.stop();
    assert_eq!(codes(&program.told), ["records", "CM-0414", "over CM-0414, 0 dropped"]);
    let all = moments(&path, &srv01(), "host", "host.uptime");
    assert_eq!(all, (0..10).map(|round| round * 5).collect::<Vec<_>>());
}

#[test]
fn a_file_of_a_newer_version_is_left_alone_told_once_and_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    std::fs::write(&path, b"no database at all, and not ours").unwrap();
    let time = Time::new();
    let mut program = Program::new("one", &path, &time);
    program.go_on(200);
    assert_eq!(program.told.len(), 1, "{:?}", program.told);
    assert!(matches!(&program.told[0], News::Trouble { text, .. } if text.contains("history.db")));
    assert_eq!(std::fs::read(&path).unwrap(), b"no database at all, and not ours");
    // Somebody takes it away: what was held meanwhile is stored.
    std::fs::remove_file(&path).unwrap();
    program.go_on(70);
    program.stop();
    let all = moments(&path, &srv01(), "host", "host.uptime");
    assert_eq!(all.first(), Some(&0));
    assert_eq!(all.len(), 54);
    assert!(matches!(program.told.last(), Some(News::Over { dropped: 0, .. })), "{:?}", program.told);
}

#[test]
fn a_reader_that_keeps_the_log_is_told_of_after_ten_minutes_and_when_it_has_ended() {
    let mut effects = Vec::new();
    let time = Time::new();
    let folder = tempfile::tempdir().unwrap();
    let mut engine = Program::new("one", &folder.path().join("history.db"), &time).engine;
    for (log, minutes) in [(Log::Held, 0), (Log::Held, 9), (Log::Held, 10), (Log::Held, 30), (Log::Emptied, 31)] {
        let now = time.now().after(Duration::from_mins(minutes));
        engine.log(log, now, &mut effects);
    }
    let told: Vec<News> = effects
        .into_iter()
        .filter_map(|effect| if let Effect::Tell(notice) = effect { Some(notice.what) } else { None })
        .collect();
    assert_eq!(codes(&told), ["CM-0411", "over CM-0411, 0 dropped"]);
}

#[test]
fn what_is_refused_is_answered_by_kind() {
    // By what the file says: where recording stands then, when it is tried again, and what is told.
    let code = Code::HISTORY_REFUSED;
    for (then, is_recording, tries_after, told) in [
        (Then::Wait, true, 5, vec!["CM-0416"]),
        (Then::Stand, false, 60, vec!["CM-0416"]),
        (Then::Reopen, false, 0, vec!["CM-0416"]),
        (Then::Follow, false, 0, vec![]),
    ] {
        let time = Time::new();
        let folder = tempfile::tempdir().unwrap();
        let mut program = Program::new("one", &folder.path().join("history.db"), &time);
        program.go_on(12);
        program.told.clear();
        let now = time.now();
        let sample = crate::metric::Sample {
            metric: crate::metric::MetricId(1001),
            subject: crate::health::Subject::host(),
            at: now.wall,
            value: 1.0,
        };
        program.engine.held.push(&srv01(), [sample], now.boot);
        program.engine.flying = Some(Job::Append(program.engine.held.take()));
        let refused = Trouble { then, code, text: "no".to_owned() };
        let effects = program.engine.step(Input::Done(Done::Refused(refused)), now);
        let news: Vec<News> = effects
            .iter()
            .filter_map(|effect| if let Effect::Tell(notice) = effect { Some(notice.what.clone()) } else { None })
            .collect();
        assert_eq!(codes(&news), told, "{then:?}");
        assert_eq!(program.engine.is_recording(), is_recording, "{then:?}");
        let tries = |effects: &[Effect]| {
            effects.iter().any(|effect| matches!(effect, Effect::Do(Job::Open | Job::Claim | Job::Append(_))))
        };
        let mut waited = 0;
        let mut is_tried = tries(&effects);
        while !is_tried {
            waited += 1;
            let later = now.after(Duration::from_secs(waited));
            let mut effects = program.engine.step(Input::Tick, later);
            is_tried = tries(&effects);
            // What else is due meanwhile is done well.
            while !is_tried && program.engine.flying.is_some() {
                effects = program.engine.step(Input::Done(Done::Well), later);
                is_tried = tries(&effects);
            }
            assert!(waited < 100, "{then:?} is never tried again");
        }
        assert!((tries_after..=tries_after + 1).contains(&waited), "{then:?} after {waited} s");
    }
}
