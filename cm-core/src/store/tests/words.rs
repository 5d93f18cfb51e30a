//! What hosts said, how they answered, their backup runs.

use super::tell::{BackupRun, Linked, Said};
use super::*;
use crate::observation::LinkState;
use crate::report::backup::{Run, RunResult};

fn said(moment: i64, text: &str) -> Said {
    Said {
        entity: Entity::Host(host()),
        subject: "service:gitea".to_owned(),
        what: "message".to_owned(),
        at: at(moment),
        text: HostText::new(text.to_owned()),
    }
}

#[test]
fn words_are_stored_where_they_change_and_those_that_stood_before_a_span_belong_to_it() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let told = [said(NEW_YEAR, "up"), said(NEW_YEAR + 1, "up"), said(NEW_YEAR + 2, "down"), said(NEW_YEAR + 9, "up")];
    assert_eq!(writer.say(&told).unwrap(), 3);
    assert_eq!(writer.say(&told[3..]).unwrap(), 0);
    let reader = Opening::at(&path).read().unwrap();
    let span = Span::new(at(NEW_YEAR + 5), at(NEW_YEAR + 100));
    assert_eq!(
        reader.said(&Entity::Host(host()), span).unwrap(),
        [said(NEW_YEAR + 2, "down"), said(NEW_YEAR + 9, "up")]
    );
}

#[test]
fn a_text_without_end_is_cut() {
    let folder = folder();
    let path = folder.path().join("history.db");
    recorder(&path).say(&[said(NEW_YEAR, &"ä".repeat(100_000))]).unwrap();
    let told = Opening::at(&path).read().unwrap().said(&Entity::Host(host()), Span::all()).unwrap();
    let kept = told[0].text.raw().len();
    assert!((tell::LONGEST_TEXT - 8..=tell::LONGEST_TEXT).contains(&kept), "{kept}");
}

#[test]
fn link_states_are_stored_where_they_change() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let link = |moment: i64, state| Linked { host: host(), at: at(NEW_YEAR + moment), state };
    let told = [
        link(0, LinkState::Answering),
        link(5, LinkState::Answering),
        link(9, LinkState::Unreachable),
        link(12, LinkState::Answering),
    ];
    assert_eq!(writer.link(&told).unwrap(), 3);
    let reader = Opening::at(&path).read().unwrap();
    let span = Span::new(at(NEW_YEAR + 10), at(NEW_YEAR + 50));
    assert_eq!(reader.links(&host(), span).unwrap(), told[2..]);
}

#[test]
fn a_backup_run_that_is_told_again_counts_once_and_as_it_ended() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut writer = recorder(&path);
    let run = |start: i64, result| BackupRun {
        host: host(),
        job: HostText::new("home"),
        run: Run { start: Some(at(NEW_YEAR + start)), result, ..Run::default() },
    };
    writer.backup_runs(&[run(0, RunResult::Running), run(0, RunResult::Success)]).unwrap();
    writer.backup_runs(&[run(0, RunResult::Success), run(DAY, RunResult::Failed)]).unwrap();
    let reader = Opening::at(&path).read().unwrap();
    let stored = reader.backup_runs(&host(), Span::all()).unwrap();
    assert_eq!(stored, [run(0, RunResult::Success), run(DAY, RunResult::Failed)]);
}
