use std::time::Duration;

use cm_core::clock::{BootTime, MonoTime};
use cm_core::health::{Subject, SubjectKind};

use super::alert::MOST_TURNS;
use super::*;

/// What a story is told with.
enum Say {
    /// The host stands like this: `w` warning, `c` critical, `n` note, before the code; `drive.wear@sda` is about sda.
    Heard(&'static str),
    /// The host is silent, and this is left of it.
    Silent(&'static str),
    Acknowledge(AlertId),
    Silence(AlertId, u64),
    Lift(AlertId),
    Reopen(AlertId),
    /// So many seconds pass.
    Pass(u64),
}

fn now() -> Now {
    Now {
        wall: WallTime::from_secs(1_766_000_000),
        boot: BootTime::from_start(Duration::from_hours(1)),
        mono: MonoTime::from_start(Duration::from_hours(1)),
    }
}

fn reason(word: &'static str) -> Reason {
    let (health, rest) = word.split_at(1);
    let health = match health {
        "c" => Health::Critical,
        "w" => Health::Warning,
        _ => Health::Note,
    };
    let (code, subject) = match rest.split_once('@') {
        Some((code, name)) => (code, Subject::named(SubjectKind::Drive, name.into())),
        None => (rest, Subject::host()),
    };
    Reason { health, code, subject, metric: None, text: word.into(), next: "" }
}

fn verdict(words: &'static str) -> Verdict {
    Verdict::from_reasons(words.split_whitespace().map(reason).collect())
}

/// `1 critical drive.wear open`, a line an alert, the active ones first.
fn told(alerts: &Alerts, now: Now) -> Vec<String> {
    let line = |alert: &Alert| {
        let state = match (&alert.phase, &alert.acknowledged, alerts.silence_over(alert, now)) {
            (Phase::Ended { .. }, ..) => "over",
            (Phase::Unseen { .. }, ..) => "unseen",
            (_, Some(_), _) => "acknowledged",
            (_, _, Some(_)) => "silent",
            _ => "open",
        };
        format!("{} {} {} {state}", alert.id, alert.health(), alert.reason.code)
    };
    let mut active: Vec<_> = alerts.active().collect();
    active.sort_by_key(|alert| alert.id);
    active.into_iter().map(line).chain(alerts.past().map(line)).collect()
}

#[test]
fn alerts_live_as_their_reasons_do() {
    use Say::{Acknowledge, Heard, Lift, Pass, Reopen, Silence, Silent};
    let stories: &[(&str, &[Say], &[&str])] = &[
        ("what is only noted is none", &[Heard("nhot")], &[]),
        ("it appears", &[Heard("whot")], &["1 warning hot open"]),
        ("it worsens", &[Heard("whot"), Heard("chot")], &["1 critical hot open"]),
        ("it eases, and ends as bad as it was", &[Heard("chot"), Heard("whot"), Heard("")], &["1 critical hot over"]),
        ("it is over when only noted", &[Heard("whot"), Heard("nhot")], &["1 warning hot over"]),
        (
            "one of two things",
            &[Heard("wwear@sda wwear@sdb"), Heard("wwear@sdb")],
            &["2 warning wear open", "1 warning wear over"],
        ),
        (
            "it comes back as another",
            &[Heard("whot"), Heard(""), Heard("whot")],
            &["2 warning hot open", "1 warning hot over"],
        ),
        ("it is acknowledged", &[Heard("whot"), Acknowledge(1), Heard("chot")], &["1 critical hot acknowledged"]),
        (
            "acknowledgement ends with it",
            &[Heard("whot"), Acknowledge(1), Heard(""), Heard("whot")],
            &["2 warning hot open", "1 warning hot over"],
        ),
        ("acknowledgement is taken back", &[Heard("whot"), Acknowledge(1), Reopen(1)], &["1 warning hot open"]),
        ("it is silenced", &[Heard("whot"), Silence(1, 60), Pass(59)], &["1 warning hot silent"]),
        ("silence runs out", &[Heard("whot"), Silence(1, 60), Pass(60)], &["1 warning hot open"]),
        (
            "silence outlives it",
            &[Heard("whot"), Silence(1, 60), Heard(""), Heard("whot")],
            &["2 warning hot silent", "1 warning hot over"],
        ),
        (
            "silence is of one thing",
            &[Heard("wwear@sda wwear@sdb"), Silence(1, 60)],
            &["1 warning wear silent", "2 warning wear open"],
        ),
        ("silence is lifted", &[Heard("whot"), Silence(1, 60), Lift(1)], &["1 warning hot open"]),
        (
            "an unreachable host ends nothing",
            &[Heard("whot"), Silent("clink.unreachable")],
            &["1 warning hot unseen", "2 critical link.unreachable open"],
        ),
        (
            "a host that comes back ends what is gone",
            &[Heard("whot wfull"), Silent("clink.unreachable whot wfull"), Pass(30), Heard("wfull")],
            &["2 warning full open", "3 critical link.unreachable over", "1 warning hot over"],
        ),
        (
            "acts upon what is over do nothing",
            &[Heard("whot"), Heard(""), Acknowledge(1), Silence(1, 60)],
            &["1 warning hot over"],
        ),
    ];
    let host = HostId::new("srv01").unwrap();
    for (story, steps, expected) in stories {
        let (mut alerts, mut now) = (Alerts::default(), now());
        for step in *steps {
            match step {
                Heard(words) => alerts.judge(&host, &verdict(words), (Sight::Clear, Onset::Seen), now),
                Silent(words) => alerts.judge(&host, &verdict(words), (Sight::Hidden, Onset::Seen), now),
                Acknowledge(id) => _ = alerts.acknowledge(*id, "known", now),
                Silence(id, s) => _ = alerts.silence(*id, now.wall.after(Duration::from_secs(*s)), now),
                Lift(id) => assert!(alerts.lift(*id, now)),
                Reopen(id) => assert!(alerts.reopen(*id, now)),
                Pass(s) => {
                    now = now.after(Duration::from_secs(*s));
                    alerts.pass(now);
                }
            }
        }
        assert_eq!(told(&alerts, now), *expected, "{story}");
    }
}

#[test]
fn the_life_of_an_alert_is_told_step_by_step() {
    let (mut alerts, now) = (Alerts::default(), now());
    let host = HostId::new("srv01").unwrap();
    for (words, sight) in [("whot", Sight::Clear), ("chot", Sight::Clear), ("chot", Sight::Hidden), ("", Sight::Hidden)]
    {
        alerts.judge(&host, &verdict(words), (sight, Onset::Found), now);
    }
    assert!(alerts.acknowledge(1, " on its way ", now));
    alerts.judge(&host, &verdict("whot"), (Sight::Clear, Onset::Seen), now);
    alerts.judge(&host, &verdict(""), (Sight::Clear, Onset::Seen), now);
    let alert = alerts.get(1).unwrap();
    let turns: Vec<_> = alert.turns.iter().map(|(_, turn)| turn.clone()).collect();
    assert_eq!(
        turns,
        [
            Turn::Began(Health::Warning),
            Turn::Worsened(Health::Critical),
            Turn::Hid,
            Turn::Acknowledged,
            Turn::Reappeared,
            Turn::Eased(Health::Warning),
            Turn::Ended,
        ]
    );
    assert_eq!((alert.worst, alert.onset), (Health::Critical, Onset::Found));
    assert_eq!(alert.acknowledged.as_ref().unwrap().comment, "on its way");
}

#[test]
fn a_clock_that_is_put_forward_ends_no_silence() {
    let (mut alerts, now) = (Alerts::default(), now());
    let host = HostId::new("srv01").unwrap();
    alerts.judge(&host, &verdict("whot"), (Sight::Clear, Onset::Seen), now);
    assert!(alerts.silence(1, now.wall.after(Duration::from_mins(1)), now));
    let later = Now { wall: now.wall.after(Duration::from_hours(9)), ..now };
    alerts.pass(later);
    assert_eq!(alerts.count(later), (0, 1));
}

#[test]
fn neither_one_host_nor_a_long_day_fills_memory() {
    let (mut alerts, now) = (Alerts::default(), now());
    let host = HostId::new("srv01").unwrap();
    let many = (0..5_000)
        .map(|n| Reason { subject: Subject::named(SubjectKind::Drive, format!("sd{n}").into()), ..reason("wwear") });
    alerts.judge(&host, &Verdict::from_reasons(many.collect()), (Sight::Clear, Onset::Seen), now);
    assert_eq!((alerts.active().count(), alerts.left_out()), (MOST_OF_HOST, 5_000 - MOST_OF_HOST));
    for n in 0..3_000 {
        let words = if n % 2 == 0 { "" } else { "whot" };
        alerts.judge(&host, &verdict(words), (Sight::Clear, Onset::Seen), now);
    }
    assert_eq!((alerts.past().count(), alerts.left_out()), (MOST_PAST, 0));
    for _ in 0..100 {
        alerts.judge(&host, &verdict("whot"), (Sight::Clear, Onset::Seen), now);
        alerts.judge(&host, &verdict("chot"), (Sight::Clear, Onset::Seen), now);
    }
    let alert = alerts.active().next().unwrap();
    assert_eq!((alert.turns.len(), &alert.turns[0].1), (MOST_TURNS, &Turn::Began(Health::Warning)));
}
