//! Messages as people read them.

use super::world::*;
use crate::clock::WallTime;
use crate::health::SubjectKind;
use crate::host::HostId;
use crate::incident::evidence::Usual;
use crate::incident::look::Gone;
use crate::incident::phase::End;
use crate::incident::{IncidentId, Measure, Worse};
use crate::outbox::*;
use crate::severity::Severity;
use crate::text::{HostText, mail, terminal};
use crate::unit::Unit;

fn part(news: News) -> Part {
    Part {
        incident: "abcdefghij".parse::<IncidentId>().unwrap(),
        rule: "drive.temperature".to_owned(),
        host: HostId::new("srv01").ok(),
        kind: SubjectKind::Drive,
        name: HostText::new("nvme0n1"),
        news,
        severity: Severity::Warning,
        text: HostText::new("nvme0n1 is 76 °C warm"),
        measure: Some(Measure { value: 76.0, limit: Some(70.0), unit: Unit::Celsius, worse: Worse::Higher }),
        usual: Some(Usual { low: 41.0, high: 52.0 }),
        since: WallTime::from_secs(MORNING),
        ended: news.is_over().then(|| WallTime::from_secs(MORNING + 11_000)),
        lasted: hours(3),
        spells: 1,
        cause: HostText::new("a scrub of tank runs since 07:58"),
        log: Vec::new(),
        next: HostText::new("Look at the fans and the air around the drive."),
        runbook: String::new(),
    }
}

fn message(topic: Topic, parts: Vec<Part>) -> Message {
    Message {
        id: MessageId::of(&["phone"], 1),
        topic,
        thread: None,
        made: WallTime::from_secs(MORNING + 11_000),
        parts,
        more: 0,
        may_repeat: false,
        from: HostText::new("cmbox"),
        audit: Some("42-9f2c6b1e0d7a4c5390b8e1f2".to_owned()),
    }
}

fn plain(message: &Message, now: i64) -> String {
    let local = |at: WallTime| {
        let secs = at.secs() - (MORNING - 8 * 3_600);
        format!("2026-03-02 {:02}:{:02}", secs / 3_600, secs % 3_600 / 60)
    };
    let voice = Voice { now: WallTime::from_secs(MORNING + now), local: &local, program: "cm-cli" };
    let sheet = message.sheet(voice);
    format!("{}\n\n{}", sheet.title.raw(), sheet.plain(|text| mail::body(text).into_owned()))
}

#[test]
fn a_firing_says_value_usual_since_when_cause_and_next_step() {
    let text = plain(&message(Topic::News, vec![part(News::Fires)]), 11_000);
    let expected = "\
▲ srv01: nvme0n1 is 76 °C warm

warning: srv01: nvme0n1 is 76 °C warm
  value  76 °C, limit 70 °C
  usual  41 °C to 52 °C
  since  2026-03-02 08:00, for 3 h
  cause  a scrub of tank runs since 07:58
  next   Look at the fans and the air around the drive.
  more   cm-cli alerts explain abcdefghij

From cmbox. Acts: 42-9f2c6b1e0d7a4c5390b8e1f2
";
    assert_eq!(text, expected);
}

#[test]
fn an_end_that_comes_late_says_from_when_to_when_and_that_it_may_repeat() {
    let mut late = message(Topic::News, vec![part(News::Over { how: End::Cleared })]);
    late.may_repeat = true;
    late.audit = None;
    let expected = "\
● over: srv01: nvme0n1 is 76 °C warm

over (well again): srv01: nvme0n1 is 76 °C warm
  value  76 °C, limit 70 °C
  usual  41 °C to 52 °C
  since  2026-03-02 08:00 until 2026-03-02 11:03, 3 h
  more   cm-cli alerts explain abcdefghij

Late: this is of 2026-03-02 11:03, 2 h ago, and could not be sent before.
This may repeat: nothing can be stored at the moment, so it was sent from memory.
From cmbox.
";
    assert_eq!(plain(&late, 11_000 + 7_200), expected);
}

#[test]
fn titles_have_forty_columns_and_say_first_what_is_needed_first() {
    let critical = |news| Part { severity: Severity::Critical, ..part(news) };
    let on = |host: &str, news| Part { host: HostId::new(host).ok(), ..part(news) };
    let weekly = |parts| message(Topic::Weekly { hosts: 5, began: 2 }, parts);
    let gone = News::Over { how: End::Gone(Gone::Replaced) };
    let long = HostText::new("the array of eight drives in the cellar is degraded and rebuilds");
    for (message, title) in [
        (message(Topic::News, vec![critical(News::Fires)]), "✖ srv01: nvme0n1 is 76 °C warm"),
        (
            message(Topic::News, vec![Part { text: long, ..critical(News::Fires) }]),
            "✖ srv01: the array of eight drives in t…",
        ),
        (
            message(Topic::News, vec![part(News::Worse { from: Severity::Note })]),
            "▲ worse: srv01: nvme0n1 is 76 °C warm",
        ),
        (message(Topic::Reminder, vec![critical(News::Still)]), "✖ still, 3 h: srv01: nvme0n1 is 76 °C w…"),
        (message(Topic::News, vec![part(News::ComesAndGoes)]), "▲ comes and goes: srv01: nvme0n1 is 76 …"),
        (message(Topic::News, vec![part(gone)]), "● over: srv01: nvme0n1 is 76 °C warm"),
        (message(Topic::News, vec![part(News::Passed { how: End::Cleared })]), "● was: srv01: nvme0n1 is 76 °C warm"),
        (message(Topic::News, vec![critical(News::Fires), part(News::Fires)]), "✖ srv01: 2 open"),
        (message(Topic::News, vec![critical(News::Fires), on("srv02", gone)]), "✖ 2 hosts: 1 open, 1 over"),
        (message(Topic::Digest, vec![part(News::Fires), on("srv02", gone)]), "▲ digest: 1 open, 1 over"),
        (weekly(Vec::new()), "● all well: 5 hosts"),
        (weekly(vec![part(News::Still)]), "▲ this week: 1 open"),
        (message(Topic::Trial, Vec::new()), "a test from cmbox"),
    ] {
        let came = message.title();
        assert_eq!(came.raw(), title);
        assert!(terminal::columns(came.raw()) <= 40, "{title}");
    }
}

#[test]
fn several_are_told_one_below_the_other_and_the_rest_is_counted() {
    let mut many = message(Topic::News, vec![part(News::Fires), part(News::Fires)]);
    many.more = 7;
    let text = plain(&many, 11_000);
    assert!(text.starts_with("▲ srv01: 9 open\n\n9 open at once.\n\nwarning: srv01"), "{text}");
    assert!(text.contains("And 7 more: cm-cli alerts"), "{text}");
}

#[test]
fn a_host_s_words_add_no_line_and_no_title_to_a_message() {
    let hostile = "x\r\n.\r\nSubject: y\u{202e}\u{1b}]8;;";
    let spoilt = Part {
        text: HostText::new(hostile),
        cause: HostText::new(hostile),
        name: HostText::new(hostile),
        next: HostText::new(hostile),
        log: vec![HostText::new("."), HostText::new(hostile)],
        ..part(News::Fires)
    };
    let sound =
        plain(&message(Topic::News, vec![Part { log: vec!["a".into(), "b".into()], ..part(News::Fires) }]), 11_000);
    let text = plain(&message(Topic::News, vec![spoilt]), 11_000);
    assert_eq!(text.lines().count(), sound.lines().count());
    assert!(!text.contains(['\r', '\u{1b}', '\u{202e}']), "{text:?}");
    assert!(terminal::columns(text.lines().next().unwrap()) <= 40);
}

#[test]
fn a_message_is_read_back_as_it_was_stored() {
    let mut all = message(
        Topic::Weekly { hosts: 5, began: 1 },
        vec![
            part(News::Over { how: End::Gone(Gone::Removed) }),
            part(News::Worse { from: Severity::Warning }),
            part(News::Passed { how: End::Calm }),
        ],
    );
    all.thread = Some(all.parts[0].incident);
    let json = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<Message>(&json).unwrap(), all);
    assert_eq!(all.id.to_string().parse::<MessageId>().unwrap(), all.id);
}
