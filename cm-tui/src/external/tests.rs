use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use cm_core::host::HostId;
use tempfile::TempDir;

use super::*;
use crate::snapshots::{Stage, check, sick};
use crate::update::Event;

/// A folder of the user's own with a program in it, and who the user is.
fn program(script: &str, mode: u32) -> (TempDir, ExternalWidget, u32) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("panel");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    let user = fs::metadata(&path).unwrap().uid();
    (folder, widget(&path), user)
}

fn widget(path: &Path) -> ExternalWidget {
    ExternalWidget {
        name: HostId::new("ups").unwrap(),
        program: path.to_owned(),
        arguments: vec!["a b".to_owned(), "$HOME".to_owned()],
        every: Duration::from_secs(30),
        host: None,
    }
}

async fn ran(script: &str, mode: u32) -> Result<Panel, Trouble> {
    let (_folder, widget, user) = program(script, mode);
    run(&widget, user, Duration::from_millis(700)).await
}

#[tokio::test]
async fn what_a_program_prints_is_a_panel() {
    let script =
        r#"printf '{"title": "UPS", "lines": [{"text": "on line, %s", "health": "ok"}, {"text": "%s"}]}' "$1" "$2""#;
    let panel = ran(script, 0o755).await.unwrap();
    let lines: Vec<_> = panel.lines.iter().map(|line| (line.text.raw(), line.health)).collect();
    assert_eq!(panel.title.raw(), "UPS");
    assert_eq!(lines, [("on line, a b", Some(Health::Ok)), ("$HOME", None)]);
}

#[tokio::test]
async fn programs_that_misbehave_are_told_as_what_they_are() {
    for (script, mode, told) in [
        ("sleep 60", 0o755, "it had not ended after 0.7 s, and was killed"),
        ("exec 1>&-; sleep 60", 0o755, "it had not ended after 0.7 s, and was killed"),
        ("sleep 60 & echo '{\"title\": \"x\"}'", 0o755, "it had not ended after 0.7 s, and was killed"),
        ("while :; do echo flood flood flood flood; done", 0o755, "it printed more than 65536 bytes, and was killed"),
        ("echo nonsense", 0o755, "what it printed is no panel: expected ident at line 1 column 2"),
        ("echo '{\"lines\": []}'", 0o755, "what it printed is no panel: missing field `title`"),
        ("echo '[1]'", 0o755, "what it printed is no panel"),
        (":", 0o755, "what it printed is no panel: EOF"),
        ("echo '{\"title\": \"x\"}'; exit 1", 0o755, "it ended with exit status: 1"),
        ("kill -9 $$", 0o755, "it ended with signal: 9"),
        ("echo '{\"title\": \"x\"}'", 0o644, "it does not start: Permission denied"),
        ("echo '{\"title\": \"x\"}'", 0o757, "can be written by everybody"),
        ("echo '{\"title\": \"x\"}'", 0o775, "can be written by its group"),
    ] {
        let trouble = ran(script, mode).await.unwrap_err();
        assert!(trouble.to_string().contains(told), "{script}: {trouble}");
    }
    let nothing = widget(Path::new("/nonexistent/panel"));
    let trouble = run(&nothing, 0, TIME).await.unwrap_err();
    assert!(matches!(trouble, Trouble::NotTrusted { .. }), "{trouble}");
}

#[tokio::test]
async fn nothing_of_ours_is_around_a_program() {
    let script = r#"[ -z "$HOME" ] && [ -z "$LANG" ] && [ "$(pwd)" = / ] && ! read -r _ && echo '{"title": "bare"}'"#;
    assert_eq!(ran(script, 0o755).await.map(|panel| panel.title.raw().to_owned()), Ok("bare".to_owned()));
}

#[tokio::test]
async fn whatever_a_program_left_behind_is_killed() {
    let (folder, widget, user) =
        program("sleep 60 >/dev/null & echo $! > \"$0.pid\"; echo '{\"title\": \"x\"}'", 0o755);
    run(&widget, user, TIME).await.unwrap();
    let left: i32 = fs::read_to_string(folder.path().join("panel.pid")).unwrap().trim().parse().unwrap();
    // A signal takes a moment; then it is gone, or a zombie that init has not taken yet.
    for _ in 0..100 {
        let status = fs::read_to_string(format!("/proc/{left}/stat")).unwrap_or_default();
        if status.is_empty() || status.contains(") Z") || status.contains(") X") {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("{left} still runs");
}

#[test]
fn a_panel_is_bounded_and_a_strange_health_is_unknown() {
    let lines: Vec<String> =
        (0..100).map(|n| format!(r#"{{"text": "{n}", "health": "splendid", "more": 1}}"#)).collect();
    let panel = read(format!(r#"{{"title": "t", "lines": [{}]}}"#, lines.join(",")).as_bytes()).unwrap();
    assert_eq!((panel.lines.len(), panel.left_out), (MOST_LINES, 60));
    assert_eq!(panel.lines[0].health, Some(Health::Unknown));
}

#[tokio::test(start_paused = true)]
async fn each_program_runs_at_its_own_pace() {
    let often = ExternalWidget { every: Duration::from_secs(1), ..widget(Path::new("/nonexistent/often")) };
    let seldom = ExternalWidget { every: Duration::from_secs(10), ..widget(Path::new("/nonexistent/seldom")) };
    let told: Vec<usize> = runs(&[often, seldom], 0).map(|(place, _)| place).take(13).collect().await;
    assert_eq!(told.iter().filter(|&&place| place == 1).count(), 2, "{told:?}");
}

fn stage(told: Option<Result<Panel, Trouble>>, host: Option<&str>) -> Stage {
    let mut stage = Stage::demo(&sick(), 12, (120, 40));
    let widget = ExternalWidget { host: host.map(|host| HostId::new(host).unwrap()), ..widget(Path::new("/opt/ups")) };
    stage.state.externals = vec![External { widget, told: None }];
    if let Some(told) = told {
        stage.tell(Event::External(0, Box::new(told)));
        stage.tell(Event::External(7, Box::new(Err(Trouble::TooMuch { most: 1 }))));
    }
    stage.press("enter");
    stage
}

#[test]
fn a_panel_is_shown_where_it_belongs_and_only_now() {
    let panel = || {
        read(br#"{"title": "UPS\u001b[2J", "lines": [{"text": "on battery", "health": "warning"}, {"text": "12 min left"}]}"#)
    };
    let mut shown = stage(Some(panel()), Some("srv01"));
    check("host-external", &shown.text());
    shown.press("[");
    assert!(!shown.text().contains("on battery") && shown.text().contains("is not gathered"), "{}", shown.text());
    assert!(!stage(Some(panel()), Some("labbox")).text().contains("on battery"));
    assert!(stage(None, None).text().contains("It has not told anything yet."));
    let failed = stage(Some(Err(Trouble::TooLong { limit: TIME })), None).text();
    assert!(
        failed.contains("? it had not ended after 5 s") || failed.contains("○ it had not ended after 5 s"),
        "{failed}"
    );
}
