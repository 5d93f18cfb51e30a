//! From a message to its answer: failures, answers that were lost, receivers that refuse, restarts in between.

use super::world::*;
use crate::outbox::*;
use crate::severity::Severity;
use crate::text::HostText;

fn not_sent() -> Answer {
    Answer::NotSent { why: "connection refused".to_owned() }
}

fn unsure() -> Answer {
    Answer::Unsure { why: "the line dropped".to_owned() }
}

#[test]
fn what_was_not_sent_is_tried_again_less_and_less_often_and_arrives_in_the_end() {
    let mut world = World::with(|_| {});
    let n = world.fire("srv01", Severity::Warning);
    world.step();
    let mut attempts = 0;
    for _ in 0..24 * 60 {
        while let Some(delivery) = world.claim() {
            attempts += 1;
            world.answer(&delivery, not_sent());
        }
        world.pass(minutes(1));
    }
    assert!((24..48).contains(&attempts), "{attempts} in a day");
    assert_eq!(world.outbox.failing()[0].failures, attempts);
    world.run(hours(1), minutes(1));
    assert_eq!(world.heard("phone"), [[(n, News::Fires)]]);
    assert!(world.outbox.failing().is_empty());
}

#[test]
fn what_ended_while_the_channel_was_down_is_one_message_that_says_both() {
    let mut world = World::with(|_| {});
    let n = world.fire("srv01", Severity::Warning);
    world.step();
    let delivery = world.claim().unwrap();
    world.answer(&delivery, not_sent());
    world.pass(minutes(5));
    world.over(n);
    world.run(hours(2), minutes(1));
    assert_eq!(world.heard("phone"), [[(n, PASSED)]]);
}

#[test]
fn a_message_whose_answer_was_lost_comes_again_under_its_name_and_later_ones_wait_for_it() {
    let mut world = World::with(|_| {});
    let n = world.fire("srv01", Severity::Warning);
    world.step();
    let first = world.claim().unwrap();
    world.receive(&first);
    world.answer(&first, unsure());
    world.over(n);
    world.pass(minutes(2));
    world.step();
    let again = world.claim().unwrap();
    assert_eq!((again.message.id, again.attempt, again.unsure), (first.message.id, 2, true));
    assert_eq!(world.claim(), None, "one at a time");
    world.receive(&again);
    world.answer(&again, Answer::Delivered);
    world.deliver();
    assert_eq!(world.heard("phone"), [[(n, News::Fires)], [(n, OVER)]]);
    assert_eq!(world.receivers[&name("phone")].repeats, 1);
}

#[test]
fn a_program_that_ends_while_it_sends_sends_that_message_again_and_no_other() {
    for (is_received, repeats) in [(false, 0), (true, 1)] {
        let mut world = World::with(|_| {});
        let [a, b] = ["srv01", "srv02"].map(|host| world.fire(host, Severity::Warning));
        world.step();
        let first = world.claim().unwrap();
        world.receive(&first);
        world.answer(&first, Answer::Delivered);
        let second = world.claim().unwrap();
        if is_received {
            world.receive(&second);
        }
        world.restart();
        world.run(minutes(5), minutes(1));
        assert_eq!(world.heard("phone"), [[(a, News::Fires)], [(b, News::Fires)]]);
        assert_eq!(world.receivers[&name("phone")].repeats, repeats);
    }
}

#[test]
fn a_refused_message_is_shown_and_keeps_no_other_waiting() {
    let mut world = World::with(|_| {});
    let [a, b] = ["srv01", "srv02"].map(|host| world.fire(host, Severity::Warning));
    world.step();
    let first = world.claim().unwrap();
    world.answer(&first, Answer::Refused { why: "550 no such mailbox".to_owned() });
    world.deliver();
    assert_eq!(world.heard("phone"), [[(b, News::Fires)]]);
    let refused = world.outbox.messages().find(|row| row.number == first.number).unwrap();
    assert_eq!(refused.ended.unwrap().0, Outcome::Refused);
    assert!(refused.error.contains("550"));
    world.run(hours(5), minutes(1));
    assert!(world.heard("phone").is_empty(), "not again and again");
    let _ = a;
}

#[test]
fn a_message_is_given_up_after_as_long_as_its_channel_allows() {
    let mut world = World::with(|plan| plan.channels[0].give_up = days(2));
    world.fire("srv01", Severity::Warning);
    world.step();
    for _ in 0..3 * 24 * 4 {
        world.pass(minutes(15));
        while let Some(delivery) = world.claim() {
            world.answer(&delivery, not_sent());
        }
        world.step();
    }
    let ended: Vec<_> = world.outbox.messages().filter_map(|row| row.ended).collect();
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].0, Outcome::GivenUp);
    let tried = ended[0]
        .1
        .since(crate::incident::Moment { steady: crate::incident::Steady::from_millis(1_000_000), ..ended[0].1 });
    assert!(tried >= days(2) && tried < days(2) + hours(2), "{tried:?}");
}

#[test]
fn what_is_loud_goes_first_and_a_channel_that_is_down_keeps_no_other_waiting() {
    let mut world = World::with(|plan| plan.channels.push(Channel::new(name("mail"))));
    let [warning, critical] = [("srv01", Severity::Warning), ("srv02", Severity::Critical)]
        .map(|(host, severity)| world.fire(host, severity));
    world.step();
    let down = world.claim().unwrap();
    assert_eq!(down.channel, name("phone"));
    world.answer(&down, not_sent());
    world.deliver();
    assert_eq!(world.heard("mail"), [[(critical, News::Fires)], [(warning, News::Fires)]]);
    world.run(minutes(2), minutes(1));
    assert_eq!(world.heard("phone").len(), 2);
}

#[test]
fn from_memory_a_message_has_the_same_name_and_says_that_it_may_repeat() {
    let mut world = World::with(|_| {});
    world.fire("srv01", Severity::Critical);
    world.judge();
    let sent = world.outbox.clone().claim(world.at, None).unwrap();
    let stored = world.claim().unwrap();
    assert_eq!(sent.message.id, stored.message.id);
    assert!(sent.message.may_repeat && !stored.message.may_repeat);
}

#[test]
fn a_channel_that_is_configured_no_more_leaves_nothing_behind() {
    let mut world = World::with(|plan| plan.channels.push(Channel::new(name("mail"))));
    world.fire("srv01", Severity::Warning);
    world.step();
    let mut plan = world.outbox.plan().clone();
    plan.channels.pop();
    world.outbox.replan(plan);
    world.go();
    assert!(world.heard("mail").is_empty());
    let mail: Vec<_> = world.outbox.messages().filter(|row| row.channel == name("mail")).collect();
    assert_eq!(mail[0].ended.unwrap().0, Outcome::Orphaned);
}

#[test]
fn a_trial_arrives_and_says_what_it_is() {
    let mut world = World::with(|_| {});
    let from = HostText::new("cmbox");
    world.outbox.trial(&name("phone"), Around { from: &from, audit: None, hosts: 5 }, world.at);
    world.deliver();
    let message = &world.receivers[&name("phone")].messages[0];
    assert_eq!(
        (message.topic.clone(), message.title().raw().to_owned()),
        (Topic::Trial, "a test from cmbox".to_owned())
    );
}

#[test]
fn what_waits_is_bounded_and_nothing_of_it_is_lost() {
    let mut world = World::with(|_| {});
    for n in 0..600 {
        world.fire(&format!("srv{n}"), Severity::Warning);
        world.step();
        world.pass(minutes(1));
    }
    let waiting = world.outbox.messages().filter(|row| row.ended.is_none()).count();
    assert!(waiting <= queue::MOST_WAITING, "{waiting}");
    world.run(hours(2), minutes(1));
    let told: usize =
        world.receivers[&name("phone")].messages.iter().map(|message| message.parts.len() + message.more).sum();
    assert_eq!(told, 600);
}
