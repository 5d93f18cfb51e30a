//! Whatever happens in whatever order, with whatever answers and restarts: in the end every channel believes what is so.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::world::*;
use crate::incident::hours::{Hours, Zone};
use crate::outbox::*;
use crate::severity::Severity;

/// Something that happens.
#[derive(Debug, Clone, Copy)]
enum Event {
    Fire(Severity),
    Rate(usize, Severity),
    Over(usize),
    Flap(usize),
    Hush(usize, bool),
    Acknowledge(usize),
    Pass(u64),
    Step,
    /// A round that is judged, and the program ends before it is stored.
    StepCut,
    Deliver,
    NotSent,
    Refused,
    /// The answer is lost; whether the message was.
    Lost(bool),
    /// The program ends while it sends; whether the message arrives.
    Cut(bool),
    Restart,
}

fn event() -> impl Strategy<Value = Event> {
    let severity = prop_oneof![Just(Severity::Note), Just(Severity::Warning), Just(Severity::Critical)];
    let one = 0_usize..6;
    prop_oneof![
        3 => severity.clone().prop_map(Event::Fire),
        3 => (one.clone(), severity).prop_map(|(n, severity)| Event::Rate(n, severity)),
        3 => one.clone().prop_map(Event::Over),
        1 => one.clone().prop_map(Event::Flap),
        2 => (one.clone(), any::<bool>()).prop_map(|(n, is_hushed)| Event::Hush(n, is_hushed)),
        1 => one.prop_map(Event::Acknowledge),
        4 => prop_oneof![Just(1), Just(10), Just(60), 1_u64..2_000].prop_map(Event::Pass),
        6 => Just(Event::Step),
        1 => Just(Event::StepCut),
        5 => Just(Event::Deliver),
        2 => Just(Event::NotSent),
        1 => Just(Event::Refused),
        2 => any::<bool>().prop_map(Event::Lost),
        2 => any::<bool>().prop_map(Event::Cut),
        1 => Just(Event::Restart),
    ]
}

fn plan() -> Plan {
    let at = |text: &str| vec![Hours::read(text, &Zone::UTC).unwrap()];
    let channel = |channel: &str| Channel::new(name(channel));
    let to = |channel: &str| Route::to(vec![name(channel)]);
    Plan {
        channels: vec![
            channel("plain"),
            Channel { quiet: at("22:00-07:00"), ..channel("quiet") },
            Channel { digest: at("18:00"), ..channel("digest") },
            Channel { rate: Some(Rate { most: 2, span: hours(1) }), ..channel("slow") },
            channel("late"),
        ],
        routes: vec![
            to("plain"),
            Route { remind: Some(hours(2)), ..to("quiet") },
            to("digest"),
            to("slow"),
            Route { after: minutes(30), ..to("late") },
        ],
        weekly: Some(Weekly { hours: at("mon 09:00"), channels: Vec::new() }),
        deadman: None,
    }
}

/// Which of the incidents that are not over an event is about.
fn open(world: &World, n: usize) -> Option<usize> {
    let open: Vec<usize> = (0..world.incidents.len()).filter(|n| !world.incidents[*n].phase.is_over()).collect();
    (!open.is_empty()).then(|| open[n % open.len()])
}

/// Lets it happen; answers with whether a message may have come twice for it, and the messages that were refused.
fn happen(world: &mut World, event: Event, refused: &mut Vec<Delivery>) -> usize {
    let nth = |world: &World, n| open(world, n);
    match event {
        Event::Fire(severity) => _ = world.fire("srv01", severity),
        Event::Rate(n, severity) => drop(nth(world, n).map(|n| world.rate(n, severity))),
        Event::Over(n) => drop(nth(world, n).map(|n| world.over(n))),
        Event::Flap(n) => drop(nth(world, n).map(|n| world.flap(n))),
        Event::Hush(n, is_hushed) => drop(nth(world, n).map(|n| world.hush(n, is_hushed))),
        Event::Acknowledge(n) => drop(nth(world, n).map(|n| world.acknowledge(n))),
        Event::Pass(n) => world.pass(minutes(n)),
        Event::Step => world.step(),
        Event::StepCut => {
            world.judge();
            world.restart();
        }
        Event::Deliver => world.deliver(),
        Event::Restart => world.restart(),
        Event::NotSent | Event::Refused | Event::Lost(_) | Event::Cut(_) => {
            let Some(delivery) = world.claim() else { return 0 };
            let arrives = matches!(event, Event::Lost(true) | Event::Cut(true));
            if arrives {
                world.receive(&delivery);
            }
            let why = String::new();
            match event {
                Event::NotSent => world.answer(&delivery, Answer::NotSent { why }),
                Event::Refused => {
                    // Its receiver never hears of it: what it believes is not compared.
                    world.answer(&delivery, Answer::Refused { why });
                    refused.push(delivery);
                }
                Event::Lost(_) => world.answer(&delivery, Answer::Unsure { why }),
                _ => world.restart(),
            }
            return usize::from(arrives);
        }
    }
    0
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn every_channel_believes_in_the_end_what_is_so_and_hears_nothing_twice_but_what_lacked_an_answer(
        events in prop::collection::vec(event().prop_filter("refusals are another test", |event| !matches!(event, Event::Refused)), 1..120)
    ) {
        let mut world = World::new(plan());
        let mut may_repeat = 0;
        for event in events {
            may_repeat += happen(&mut world, event, &mut Vec::new());
        }
        // Two days without faults: everything goes out.
        world.run(days(2), minutes(20));
        let repeats: usize = world.receivers.values().map(|receiver| receiver.repeats).sum();
        prop_assert!(repeats <= may_repeat, "{repeats} of {may_repeat}");
        for channel in ["plain", "quiet", "digest", "slow", "late"] {
            let nobody = BTreeMap::default();
            let believes = world.receivers.get(&name(channel)).map_or(&nobody, |receiver| &receiver.believes);
            for (n, incident) in world.incidents.iter().enumerate() {
                let believed = believes.get(&incident.id).copied().flatten();
                let is_told = incident.hush().is_none() && incident.overlays.acknowledged.is_none();
                if incident.phase.is_over() {
                    prop_assert_eq!(believed, None, "{}: {} is over", channel, n);
                } else if is_told && incident.severity >= Severity::Warning {
                    prop_assert_eq!(believed, Some(incident.severity), "{}: {} fires", channel, n);
                }
            }
        }
    }

    #[test]
    fn refusals_lose_their_own_message_and_nothing_loops(events in prop::collection::vec(event(), 1..120)) {
        let mut world = World::new(plan());
        let mut refused = Vec::new();
        // What a receiver believes is not held against what it was refused.
        for event in events {
            if let Event::Deliver = event {
                while let Some(delivery) = world.claim() {
                    world.answer(&delivery, Answer::Delivered);
                }
                continue;
            }
            let event = match event {
                Event::Lost(_) => Event::Lost(false),
                Event::Cut(_) => Event::Cut(false),
                other => other,
            };
            happen(&mut world, event, &mut refused);
        }
        let mut messages = 0;
        for _ in 0..200 {
            world.pass(minutes(20));
            world.step();
            while let Some(delivery) = world.claim() {
                world.answer(&delivery, Answer::Delivered);
                messages += 1;
            }
        }
        prop_assert!(messages < 200, "{messages}");
        prop_assert_eq!(world.outbox.messages().filter(|row| row.ended.is_none()).count(), 0);
    }
}
