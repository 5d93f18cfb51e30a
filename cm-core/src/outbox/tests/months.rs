//! Months of judging and telling together, in virtual time: what a person is told of a service that comes and goes.

use std::time::Duration;

use super::world::{days, minutes, name};
use crate::clock::{BootTime, MonoTime, Now, WallTime};
use crate::health::{Subject, SubjectKind};
use crate::host::HostId;
use crate::incident::{Basis, Condition, Finding, Incidents, Key, Look, Surroundings, Terms};
use crate::outbox::*;
use crate::severity::Severity;
use crate::text::HostText;

/// How a service goes over some months, minute by minute: the messages that a channel gets of it.
fn told(span: Duration, is_down: impl Fn(u64) -> bool) -> Vec<Message> {
    let mut incidents = Incidents::new(Surroundings::default());
    let mut outbox = Outbox::new(Plan { channels: vec![Channel::new(name("phone"))], ..Plan::default() });
    let from = HostText::new("cmbox");
    let subject = Subject { kind: SubjectKind::Service, name: HostText::new("gitea"), identity: None };
    let key = Key::new("service.failed", HostId::new("srv01").ok(), subject);
    let terms = Terms { hold: minutes(1), clear: minutes(2), gap: minutes(3), ..Terms::default() };
    let finding = Finding {
        severity: Severity::Warning,
        basis: Basis::Reading,
        measure: None,
        name: HostText::default(),
        text: HostText::new("gitea has failed"),
        next: HostText::new("systemctl status gitea"),
        runbook: String::new(),
    };
    let mut messages = Vec::new();
    for minute in 0..span.as_secs() / 60 {
        let passed = minutes(minute);
        let wall = WallTime::from_secs(super::world::MORNING).after(passed);
        let now = Now { wall, boot: BootTime::from_start(passed), mono: MonoTime::from_start(passed) };
        let at = incidents.moment(now, "start");
        let condition = if is_down(minute) { Condition::Holds(&finding) } else { Condition::Clear };
        incidents.step([Look { key: &key, terms: &terms, condition }], at);
        let all: Vec<_> = incidents.open().chain(incidents.past()).cloned().collect();
        outbox.step(&all, Around { from: &from, audit: None, hosts: 1 }, at);
        while let Some(delivery) = outbox.claim(at, Some(1)) {
            outbox.answered(delivery.number, Answer::Delivered, 1, at);
            messages.push(delivery.message);
        }
    }
    messages
}

fn scatter(n: u64) -> u64 {
    let mixed = (n ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed ^ (mixed >> 29)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 33
}

#[test]
fn a_month_of_a_service_that_comes_and_goes_is_ten_messages_at_most_and_they_say_so() {
    type Course = fn(u64) -> bool;
    let courses: [(&str, Course); 7] = [
        ("every ten minutes", |minute| minute % 10 < 4),
        ("every hour", |minute| minute % 60 < 5),
        ("every three hours", |minute| minute % 180 < 10),
        ("at random", |minute| scatter(minute / 10).is_multiple_of(4)),
        ("now and then", |minute| scatter(minute / 60).is_multiple_of(20)),
        ("by day alone", |minute| (540..1_020).contains(&(minute % 1_440)) && minute % 30 < 5),
        ("once a night", |minute| (120..135).contains(&(minute % 1_440))),
    ];
    for (course, is_down) in courses {
        let messages = told(days(30), is_down);
        let news: Vec<News> = messages.iter().flat_map(|message| &message.parts).map(|part| part.news).collect();
        assert!(!news.is_empty() && messages.len() <= 10, "{course}: {} {news:?}", messages.len());
        assert_eq!(news[0], News::Fires, "{course}");
        assert!(news.contains(&News::ComesAndGoes), "{course}: {news:?}");
    }
}

#[test]
fn a_service_that_fails_once_a_month_is_told_each_time_with_its_end() {
    let messages = told(days(90), |minute| (1_000..1_060).contains(&(minute % 43_200)));
    let news: Vec<bool> = messages.iter().flat_map(|message| &message.parts).map(|part| part.news.is_over()).collect();
    assert_eq!(news, [false, true, false, true, false, true]);
}
