//! What is told when: routes, quiet hours, digests, rates, groups, reminders, the weekly sign of life.

use std::time::Duration;

use super::world::*;
use crate::host::{HostId, Role};
use crate::incident::hours::{Hours, Zone};
use crate::incident::{Moment, Steady};
use crate::outbox::decide::{Hold, Reason};
use crate::outbox::*;
use crate::severity::Severity;

fn at(text: &str) -> Vec<Hours> {
    vec![Hours::read(text, &Zone::UTC).unwrap()]
}

#[test]
fn what_fires_is_told_at_once_and_once_and_its_end_too() {
    let mut world = World::with(|_| {});
    let n = world.fire("srv01", Severity::Warning);
    world.go();
    assert_eq!(world.heard("phone"), [[(n, News::Fires)]]);
    world.run(days(3), minutes(10));
    assert!(world.heard("phone").is_empty());
    world.over(n);
    world.go();
    assert_eq!(world.heard("phone"), [[(n, OVER)]]);
    world.run(days(3), minutes(10));
    assert!(world.heard("phone").is_empty());
}

#[test]
fn what_changes_is_told_with_how_it_was() {
    let mut world = World::with(|_| {});
    let n = world.fire("srv01", Severity::Warning);
    world.go();
    for (severity, news) in [
        (Severity::Critical, News::Worse { from: Severity::Warning }),
        (Severity::Warning, News::Eased { from: Severity::Critical }),
        (Severity::Note, News::Eased { from: Severity::Warning }),
        (Severity::Warning, News::Worse { from: Severity::Note }),
    ] {
        world.heard("phone");
        world.rate(n, severity);
        world.run(minutes(2), minutes(1));
        assert_eq!(world.heard("phone"), [[(n, news)]]);
    }
    world.flap(n);
    world.run(minutes(2), minutes(1));
    world.change(n, |incident| incident.holds = 1);
    world.run(minutes(2), minutes(1));
    assert_eq!(world.heard("phone"), [[(n, News::ComesAndGoes)], [(n, News::Holds)]]);
}

#[test]
fn notes_silences_and_acknowledgements_stop_beginnings_and_never_ends() {
    let mut world = World::with(|_| {});
    let note = world.fire("srv01", Severity::Note);
    let silenced = world.fire("srv02", Severity::Critical);
    world.hush(silenced, true);
    let told = world.fire("srv03", Severity::Critical);
    world.go();
    assert_eq!(world.heard("phone"), [[(told, News::Fires)]]);
    world.hush(told, true);
    world.over(note);
    world.run(minutes(2), minutes(1));
    assert!(world.heard("phone").is_empty());
    world.change(told, |incident| incident.severity = Severity::Warning);
    world.run(minutes(2), minutes(1));
    assert!(world.heard("phone").is_empty(), "hushed");
    world.over(told);
    world.over(silenced);
    world.run(minutes(2), minutes(1));
    assert_eq!(world.heard("phone"), [[(told, OVER)]]);
}

#[test]
fn what_is_still_there_after_a_silence_is_told_then() {
    let mut world = World::with(|_| {});
    let n = world.fire("srv01", Severity::Warning);
    world.hush(n, true);
    world.run(hours(2), minutes(10));
    world.hush(n, false);
    world.go();
    assert_eq!(world.heard("phone"), [[(n, News::Fires)]]);
}

#[test]
fn routes_go_by_severity_group_rule_and_hour() {
    let mut world = World::with(|plan| {
        plan.channels = ["phone", "mail", "lab", "day"].map(|channel| Channel::new(name(channel))).into();
        let to = |channel: &str| Route::to(vec![name(channel)]);
        plan.routes = vec![
            Route { least: Severity::Critical, ..to("phone") },
            to("mail"),
            Route { roles: vec![Role::new("lab").unwrap()], hosts: vec![HostId::new("srv09").unwrap()], ..to("lab") },
            Route { hours: at("mon-fri 09:00-17:00"), rules: vec!["service.*".to_owned()], ..to("day") },
        ];
    });
    let warning = world.fire("srv01", Severity::Warning);
    let critical = world.fire("srv09", Severity::Critical);
    let lab = world.fire("labbox", Severity::Warning);
    world.change(lab, |incident| incident.role = Some(Role::new("lab").unwrap()));
    world.go();
    let told = |world: &mut World, channel: &str| {
        let mut told: Vec<usize> = world.heard(channel).into_iter().flatten().map(|(n, _)| n).collect();
        told.sort_unstable();
        told
    };
    assert_eq!(told(&mut world, "phone"), [critical]);
    assert_eq!(told(&mut world, "mail"), [warning, critical, lab]);
    assert_eq!(told(&mut world, "lab"), [critical, lab]);
    assert_eq!(told(&mut world, "day"), [] as [usize; 0]);
    world.run(hours(2), minutes(10));
    assert_eq!(told(&mut world, "day"), [warning, critical, lab]);
}

#[test]
fn nobody_looking_after_it_tells_the_next_and_an_acknowledgement_keeps_it_from_that() {
    let mut world = World::with(|plan| {
        plan.channels.push(Channel::new(name("partner")));
        let to = |channel: &str| Route::to(vec![name(channel)]);
        plan.routes = vec![to("phone"), Route { after: minutes(30), ..to("partner") }];
    });
    let [alone, seen] = ["srv01", "srv02"].map(|host| world.fire(host, Severity::Critical));
    world.run(minutes(20), minutes(1));
    world.acknowledge(seen);
    world.run(minutes(20), minutes(1));
    assert_eq!(world.heard("partner"), [[(alone, News::Unattended)]]);
    world.over(alone);
    world.over(seen);
    world.run(minutes(2), minutes(1));
    assert_eq!(world.heard("partner"), [[(alone, OVER)]]);
}

#[test]
fn quiet_hours_hold_all_but_what_is_loud_and_the_morning_tells_what_was() {
    let mut world = World::with(|plan| plan.channels[0].quiet = at("22:00-07:00"));
    world.run(hours(15), minutes(10));
    let loud = world.fire("srv01", Severity::Critical);
    let stays = world.fire("srv02", Severity::Warning);
    let goes = world.fire("srv03", Severity::Warning);
    world.run(minutes(10), minutes(10));
    assert_eq!(world.heard("phone"), [[(loud, News::Fires)]]);
    let held = world.outbox.explain(&world.incidents[stays], world.at);
    assert!(matches!(held[0].1, Decision::Hold(Hold::Quiet { .. })), "{held:?}");
    world.over(goes);
    world.over(loud);
    world.run(hours(2), minutes(10));
    assert_eq!(world.heard("phone"), [[(loud, OVER)]]);
    world.run(hours(7), minutes(10));
    assert_eq!(world.heard("phone"), [[(stays, News::Fires)], [(goes, PASSED)]]);
}

#[test]
fn an_end_waits_for_the_morning_and_a_silence_in_the_night_lets_nothing_be_told_then() {
    let mut world = World::with(|plan| plan.channels[0].quiet = at("22:00-07:00"));
    let day = world.fire("srv01", Severity::Warning);
    world.go();
    world.run(hours(15), minutes(10));
    let night = world.fire("srv02", Severity::Warning);
    world.over(day);
    world.run(minutes(30), minutes(10));
    world.hush(night, true);
    world.run(minutes(30), minutes(10));
    world.over(night);
    world.heard("phone");
    world.run(hours(8), minutes(10));
    assert_eq!(world.heard("phone"), [[(day, OVER)]]);
}

#[test]
fn a_year_of_quiet_nights_with_both_changes_of_the_clock_tells_each_morning_once() {
    let mut world = World::with(|plan| {
        plan.channels[0].quiet = vec![Hours::read("22:00-07:00 Europe/Berlin", &Zone::UTC).unwrap()];
    });
    for _ in 0..365 {
        world.run(hours(16), hours(1));
        let n = world.fire("srv01", Severity::Warning);
        world.run(minutes(30), minutes(30));
        world.over(n);
        world.run(hours(7) + minutes(30), minutes(30));
    }
    assert_eq!(world.heard("phone").len(), 365);
}

#[test]
fn a_clock_that_was_never_set_has_no_quiet_hours() {
    let mut world = World::with(|plan| plan.channels[0].quiet = at("00:00-23:59"));
    world.set_clock(100);
    let n = world.fire("srv01", Severity::Warning);
    world.go();
    assert_eq!(world.heard("phone"), [[(n, News::Fires)]]);
}

#[test]
fn a_digest_tells_what_was_kept_for_it_and_what_is_critical_stands_in_each() {
    let mut world = World::with(|plan| plan.channels[0].digest = at("18:00"));
    let critical = world.fire("srv01", Severity::Critical);
    let [stays, goes] = ["srv02", "srv03"].map(|host| world.fire(host, Severity::Warning));
    world.run(hours(1), minutes(5));
    assert_eq!(world.heard("phone"), [[(critical, News::Fires)]]);
    world.over(goes);
    world.run(hours(10), minutes(5));
    assert_eq!(world.heard("phone"), [[(critical, News::Still), (stays, News::Fires), (goes, PASSED)]]);
    world.over(stays);
    world.run(days(1), minutes(5));
    assert_eq!(world.heard("phone"), [[(critical, News::Still), (stays, OVER)]]);
    world.over(critical);
    world.run(minutes(5), minutes(5));
    assert_eq!(world.heard("phone"), [[(critical, OVER)]]);
    world.run(days(3), minutes(5));
    assert!(world.heard("phone").is_empty(), "nothing to tell");
}

#[test]
fn a_group_is_one_message_and_what_joins_it_the_next() {
    let mut world = World::with(|_| {});
    let first = world.fire("srv01", Severity::Critical);
    let group = world.incidents[first].id;
    world.go();
    for n in 2..40 {
        world.pass(Duration::from_secs(1));
        let joined = world.fire(&format!("srv{n:02}"), Severity::Critical);
        world.change(joined, |incident| incident.group = group);
        world.go();
    }
    world.run(minutes(2), Duration::from_secs(5));
    let messages = &world.receivers[&name("phone")].messages;
    assert_eq!(messages.iter().map(|message| message.parts.len() + message.more).collect::<Vec<_>>(), [1, 38]);
    assert!(messages.iter().all(|message| message.thread == Some(group)));
    world.heard("phone");
    (0..39).for_each(|n| world.over(n));
    world.run(minutes(2), Duration::from_secs(5));
    assert_eq!(world.heard("phone").len(), 1);
}

#[test]
fn more_than_three_at_once_are_one_message() {
    for (count, messages) in [(3, 3), (4, 1), (100, 1)] {
        let mut world = World::with(|_| {});
        (0..count).for_each(|n| _ = world.fire(&format!("srv{n}"), Severity::Warning));
        world.go();
        assert_eq!(world.heard("phone").len(), messages, "{count}");
        (0..count).for_each(|n| world.over(n));
        world.run(minutes(2), minutes(1));
        assert_eq!(world.heard("phone").len(), messages, "{count}");
        let believes = &world.receivers[&name("phone")].believes;
        let named = believes.len();
        assert!(believes.values().all(Option::is_none) && named >= count.min(20), "{count}: {named}");
    }
}

#[test]
fn a_rate_holds_back_keeps_its_last_for_what_is_critical_and_then_tells_all_at_once() {
    let mut world = World::with(|plan| plan.channels[0].rate = Some(Rate { most: 3, span: hours(1) }));
    let mut told = Vec::new();
    for n in 0..6 {
        told.push(world.fire(&format!("srv{n}"), Severity::Warning));
        world.run(minutes(2), minutes(1));
    }
    let critical = world.fire("srv9", Severity::Critical);
    world.run(minutes(1), minutes(1));
    world.over(told[5]);
    // The last one is kept for what is critical, and takes along what waits.
    let together = [critical, 2, 3, 4, 5].map(|n| (n, News::Fires)).to_vec();
    assert_eq!(world.heard("phone"), [vec![(0, News::Fires)], vec![(1, News::Fires)], together]);
    world.fire("srv7", Severity::Warning);
    world.run(minutes(5), minutes(1));
    assert!(world.heard("phone").is_empty());
    world.run(hours(2), minutes(1));
    assert_eq!(world.heard("phone"), [[(7, News::Fires), (5, OVER)]]);
}

#[test]
fn reminders_grow_apart_so_that_a_fault_of_400_days_is_told_as_often_as_was_configured() {
    let mut world = World::with(|plan| {
        plan.routes = vec![Route { remind: Some(hours(3)), ..Route::to(vec![name("phone")]) }];
    });
    let n = world.fire("srv01", Severity::Critical);
    let since = world.incidents[n].since.wall;
    world.go();
    world.run(days(400), hours(1));
    let messages = &world.receivers[&name("phone")].messages;
    assert!(messages.iter().all(|message| message.parts[0].since == since));
    // 3 h, 6, 12, 24, 48, 96 (together 189 h), then every week.
    let expected = 1 + 6 + (400 * 24 - 189) / 168;
    assert_eq!(messages.len(), expected);
    world.heard("phone");
    world.acknowledge(n);
    world.run(days(100), hours(1));
    assert!(world.heard("phone").is_empty(), "somebody looks after it");
}

#[test]
fn a_reminder_that_was_missed_is_told_once_however_many_there_were() {
    let mut world = World::with(|plan| {
        plan.routes = vec![Route { remind: Some(hours(1)), ..Route::to(vec![name("phone")]) }];
    });
    let n = world.fire("srv01", Severity::Critical);
    world.go();
    world.heard("phone");
    world.pass(days(30));
    world.restart();
    world.run(minutes(5), minutes(1));
    assert_eq!(world.heard("phone"), [[(n, News::Still)]]);
}

#[test]
fn once_a_week_all_well_is_said_or_what_is_not() {
    let mut world = World::with(|plan| {
        plan.weekly = Some(Weekly { hours: at("mon 09:00"), channels: Vec::new() });
    });
    world.run(days(14), minutes(30));
    let topics: Vec<Topic> =
        world.receivers[&name("phone")].messages.iter().map(|message| message.topic.clone()).collect();
    assert_eq!(topics, [Topic::Weekly { hosts: 5, began: 0 }, Topic::Weekly { hosts: 5, began: 0 }]);
    world.heard("phone");
    let n = world.fire("srv01", Severity::Warning);
    world.run(days(7), minutes(30));
    assert_eq!(world.heard("phone"), [vec![(n, News::Fires)], vec![(n, News::Still)]]);
}

#[test]
fn a_channel_that_is_down_is_told_to_the_others() {
    let mut world = World::with(|plan| plan.channels.push(Channel::new(name("mail"))));
    let n = world.fire("cmbox", Severity::Warning);
    let subject = crate::health::Subject {
        kind: crate::health::SubjectKind::Api,
        name: crate::text::HostText::new("mail"),
        identity: None,
    };
    world.change(n, |incident| incident.key = crate::incident::Key::new(channel::DOWN, None, subject));
    world.go();
    assert_eq!(world.heard("phone"), [[(n, News::Fires)]]);
    assert!(world.heard("mail").is_empty());
    let explained = world.outbox.explain(&world.incidents[n], world.at);
    assert_eq!(explained[1].1, Decision::Nothing(Reason::Unrouted(route::Unrouted::Itself)));
}

#[test]
fn what_was_told_and_is_nowhere_to_be_found_is_told_as_no_longer_watched() {
    let mut world = World::with(|_| {});
    world.fire("srv01", Severity::Warning);
    world.go();
    world.heard("phone");
    let gone = world.incidents.remove(0);
    world.run(minutes(9), minutes(1));
    assert!(world.heard("phone").is_empty());
    world.run(minutes(3), minutes(1));
    let messages = &world.receivers[&name("phone")].messages;
    assert_eq!(messages.len(), 1);
    let part = &messages[0].parts[0];
    assert!(part.incident == gone.id && part.news.is_over() && part.text == gone.latest.text);
    world.run(hours(1), minutes(1));
    assert_eq!(world.receivers[&name("phone")].messages.len(), 1);
}

#[test]
fn what_is_decided_says_why() {
    let mut world = World::with(|plan| plan.channels[0].quiet = at("00:00-12:00"));
    let n = world.fire("srv01", Severity::Warning);
    let explain = |world: &World| world.outbox.explain(&world.incidents[n], world.at)[0].1.clone();
    assert!(matches!(explain(&world), Decision::Hold(Hold::Quiet { .. })));
    world.acknowledge(n);
    assert_eq!(explain(&world), Decision::Nothing(Reason::Acknowledged));
    world.hush(n, true);
    assert!(matches!(explain(&world), Decision::Nothing(Reason::Hushed(_))));
    world.over(n);
    assert_eq!(explain(&world), Decision::Nothing(Reason::EndNotOwed));
    world.at = Moment { steady: Steady::from_millis(9), ..world.at };
}
