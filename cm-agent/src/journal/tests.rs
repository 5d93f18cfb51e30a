use super::*;

fn ended(how: How, stdout: &str, stderr: &str) -> Ended {
    Ended { how, stdout: stdout.as_bytes().to_vec(), stderr: stderr.to_owned() }
}

fn texts(lines: &[HostText]) -> Vec<&str> {
    lines.iter().map(HostText::raw).collect()
}

#[test]
fn entries_are_read_masked_and_bounded() {
    let entries = [
        r#"{"MESSAGE":"first","__CURSOR":"s=1"}"#.to_owned(),
        "no entry".to_owned(),
        r#"{"MESSAGE":null}"#.to_owned(),
        r#"{"MESSAGE":[104,101,255]}"#.to_owned(),
        r#"{"MESSAGE":["several","messages"]}"#.to_owned(),
        r#"{"MESSAGE":"one\n\n  two with password=x\n"}"#.to_owned(),
        format!(r#"{{"MESSAGE":"{}"}}"#, "ä".repeat(1000)),
    ];
    let lines = parse(entries.join("\n").as_bytes());
    let told = texts(&lines);
    assert_eq!(&told[..5], ["first", "he\u{fffd}", "several", "one", "  two with password=***"]);
    assert!(told[5].len() <= MOST_LINE && told[5].ends_with("ä…"));
    let many = (0..50).map(|at| format!("{{\"MESSAGE\":\"{at}\"}}")).collect::<Vec<_>>().join("\n");
    assert_eq!(texts(&parse(many.as_bytes())), ["40", "41", "42", "43", "44", "45", "46", "47", "48", "49"]);
}

#[test]
fn a_secret_is_masked_before_the_line_is_cut() {
    let text = format!("{} -----BEGIN PRIVATE KEY-----", "x".repeat(MOST_LINE - 20));
    let lines = parse(format!(r#"{{"MESSAGE":"{text}\nMIIE\n-----END PRIVATE KEY-----\nend"}}"#).as_bytes());
    let told = texts(&lines);
    assert_eq!((told.len(), told[1]), (2, "end"));
}

#[test]
fn why_nothing_was_read_is_told() {
    for (how, stdout, stderr, expected) in [
        (How::Exit(0), "", "", "systemd-journal"),
        (How::Exit(1), "", "Failed to open: password=x\n", "journalctl failed: Failed to open: password=***"),
        (How::TooLong, "", "", "longer than"),
        (How::TooMuch, "", "", "more than"),
        (How::Signal(11), "", "", "signal 11"),
    ] {
        let why = read(&ended(how, stdout, stderr)).unwrap_err();
        assert!(why.contains(expected), "{why}");
    }
    assert_eq!(texts(&read(&ended(How::Exit(0), r#"{"MESSAGE":"x"}"#, "")).unwrap()), ["x"]);
}

#[test]
fn a_unit_is_read_once_a_failure_and_not_too_often() {
    let mut journal = Journal::default();
    let unit = |restarts| Unit { name: "a.service".into(), restarts: Some(restarts), ..Unit::default() };
    let asked = |journal: &mut Journal, restarts, second| {
        let now = MonoTime::from_start(Duration::from_secs(second));
        journal.lines(&unit(restarts), &Machine::itself(), now);
        journal.units[0].asked == now
    };
    for (restarts, second, expected) in
        [(1, 100, true), (1, 102, false), (2, 104, false), (2, 165, true), (2, 300, false), (3, 301, true)]
    {
        assert_eq!(asked(&mut journal, restarts, second), expected, "{restarts} at {second} s");
    }
    journal.keep(|unit| unit != "a.service");
    assert!(journal.units.is_empty());
}

#[test]
fn a_box_is_not_told_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine::in_a_box(folder.path()).unwrap();
    let mut journal = Journal::default();
    assert!(journal.lines(&Unit::default(), &machine, MonoTime::default()).is_empty());
    assert!(journal.running.is_none() && journal.trouble().is_none());
}
