//! Messages as the outbox makes them.

use std::time::Duration;

use cm_core::clock::WallTime;
use cm_core::health::SubjectKind;
use cm_core::host::HostId;
use cm_core::incident::evidence::Usual;
use cm_core::incident::{End, Measure, Severity, Worse};
use cm_core::outbox::{Message, MessageId, News, Part, Topic, Voice};
use cm_core::text::HostText;
use cm_core::unit::Unit;

/// 2026-03-01 14:02 UTC.
pub(crate) const MADE: i64 = 1_772_373_720;

/// How messages are told in tests: at the moment at which they were made, by universal time.
pub(crate) fn voice() -> Voice<'static> {
    Voice { now: WallTime::from_secs(MADE), local: &local, program: "cm-cli" }
}

fn local(at: WallTime) -> String {
    let minutes = at.secs().div_euclid(60);
    let day = 1 + minutes.div_euclid(1440) - MADE / 86_400;
    format!("2026-03-{day:02} {:02}:{:02}", minutes.rem_euclid(1440) / 60, minutes.rem_euclid(60))
}

/// One incident's part: a drive that wears out, a warning since half an hour.
pub(crate) fn part() -> Part {
    Part {
        incident: "abcdefghjk".parse().unwrap(),
        rule: "drive.wear".to_owned(),
        host: Some(HostId::new("srv01").unwrap()),
        kind: SubjectKind::Drive,
        name: "nvme0n1".into(),
        news: News::Fires,
        severity: Severity::Warning,
        text: "nvme0n1 is worn to 82 %".into(),
        measure: Some(Measure { value: 82.0, limit: Some(80.0), unit: Unit::Percent, worse: Worse::Higher }),
        usual: Some(Usual { low: 78.0, high: 81.0 }),
        since: WallTime::from_secs(MADE - 1800),
        ended: None,
        lasted: Duration::from_mins(30),
        spells: 1,
        cause: HostText::default(),
        log: Vec::new(),
        next: "Plan a replacement: at this pace it reaches 100 % in 14 months.".to_owned(),
        runbook: String::new(),
    }
}

/// A service that failed: critical, with all that can be known of it.
pub(crate) fn failed() -> Part {
    Part {
        rule: "service.failed".to_owned(),
        kind: SubjectKind::Service,
        name: "nginx".into(),
        severity: Severity::Critical,
        text: "nginx has failed: exit code 1".into(),
        measure: None,
        usual: None,
        cause: "an upgrade of 12 packages ended 2 min before".into(),
        log: vec![
            "nginx: [emerg] unknown directive \"sendflie\" in /etc/nginx/nginx.conf:14".into(),
            "nginx.service: Main process exited, code=exited, status=1/FAILURE".into(),
        ],
        next: "On srv01: journalctl -u nginx -n 50".to_owned(),
        runbook: "https://wiki.home.lan/nginx?tab=restart&full=1".to_owned(),
        ..part()
    }
}

/// The same, over after an hour.
pub(crate) fn over(part: Part) -> Part {
    let ended = Some(WallTime::from_secs(MADE + 1800));
    Part { news: News::Over { how: End::Cleared }, ended, lasted: Duration::from_hours(1), ..part }
}

/// News of these incidents.
pub(crate) fn news(parts: Vec<Part>) -> Message {
    Message {
        id: MessageId::of(&["test"], 7),
        topic: Topic::News,
        thread: parts.first().map(|part| part.incident),
        made: WallTime::from_secs(MADE),
        parts,
        more: 0,
        may_repeat: false,
        from: "watcher".into(),
        audit: Some("1284 k7fq2m".to_owned()),
    }
}

/// Every sort of message, by what it shows.
pub(crate) fn all() -> Vec<(&'static str, Message)> {
    let elsewhere = |host: &str, part: Part| Part { host: Some(HostId::new(host).unwrap()), ..part };
    let down = |host: &str| {
        let text: HostText = "does not answer: no route to the host".into();
        elsewhere(host, Part { kind: SubjectKind::Host, text, log: Vec::new(), runbook: String::new(), ..failed() })
    };
    let bare = |topic| Message { topic, thread: None, audit: None, ..news(Vec::new()) };
    let late = Message { made: WallTime::from_secs(MADE - 5 * 3600), may_repeat: true, ..news(vec![part()]) };
    vec![
        ("warning", news(vec![part()])),
        ("critical", news(vec![failed()])),
        ("over", news(vec![over(failed())])),
        ("group", Message { more: 4, ..news(vec![down("srv01"), down("srv02"), part()]) }),
        ("late", late),
        ("weekly", bare(Topic::Weekly { hosts: 5, began: 2 })),
        ("trial", bare(Topic::Trial)),
    ]
}

/// A message in which a host chose every text that it can.
pub(crate) fn hostile(text: &str) -> Message {
    let host_text = || HostText::new(text);
    let part = Part {
        name: host_text(),
        text: host_text(),
        cause: host_text(),
        log: vec![host_text(); 3],
        next: text.to_owned(),
        runbook: text.to_owned(),
        rule: text.chars().take(200).collect(),
        ..failed()
    };
    Message { from: host_text(), ..news(vec![part.clone(), part]) }
}
