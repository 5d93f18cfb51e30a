//! From what a host tells to a message that goes out, and what becomes of both when programs, files and channels fail.

use super::world::{Fault, Hosts, Mood, Receiver, Watcher, channel, judging};
use super::*;
use crate::incident::{Asking, Outcome, Request, Standing};
use crate::outbox::News as Told;
use crate::store::Opening;

const INTERVAL: Duration = Duration::from_secs(5);

/// One watcher, its hosts, and the other end of its channels.
struct Scene {
    folder: tempfile::TempDir,
    time: Time,
    hosts: Hosts,
    watcher: Watcher,
    receiver: Receiver,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (time, hosts) = (Time::new(), Hosts::new(3));
        let path = folder.path().join("history.db");
        let watcher = Watcher::new("one", &path, &hosts, judging(true, &["phone"]), INTERVAL);
        Self { folder, time, hosts, watcher, receiver: Receiver::default() }
    }

    fn again(&mut self, name: &str) {
        let path = self.folder.path().join("history.db");
        self.watcher = Watcher::new(name, &path, &self.hosts, judging(true, &["phone"]), INTERVAL);
    }

    fn go_on(&mut self, secs: u64) {
        for second in 0..secs {
            let now = self.time.now();
            if second % 5 == 0 {
                for place in 0..self.hosts.names.len() {
                    for api in [Api::Smart, Api::Service] {
                        self.watcher.input(Input::Observed(self.hosts.ask(place, api, now)), &self.time);
                    }
                }
            }
            self.watcher.input(Input::Tick, &self.time);
            self.watcher.send(&mut self.receiver, &self.time);
            self.time.pass(1);
        }
    }

    fn arrived(&self) -> Vec<Vec<&str>> {
        let news = |told: &Told| match told {
            Told::Fires => "fires",
            Told::Over { .. } => "over",
            _ => "else",
        };
        self.receiver.arrived.iter().map(|one| one.parts.iter().map(|(_, told)| news(told)).collect()).collect()
    }
}

#[test]
fn a_fault_is_told_once_and_so_is_its_end() {
    let mut scene = Scene::new();
    scene.go_on(60);
    assert!(scene.receiver.arrived.is_empty());
    scene.hosts.wrong.insert((1, Fault::Failed));
    scene.go_on(50);
    assert!(scene.receiver.arrived.is_empty(), "it has to fail for a minute");
    scene.go_on(20);
    assert_eq!(scene.arrived(), [["fires"]]);
    scene.go_on(600);
    scene.hosts.wrong.clear();
    scene.go_on(600);
    assert_eq!(scene.arrived(), [["fires"], ["over"]]);
    assert_ne!(scene.receiver.arrived[0].id, scene.receiver.arrived[1].id);
    // All of it is in the file, with what was known when it fired.
    scene.watcher.input(Input::Stop, &scene.time);
    let reader = read(&scene.folder.path().join("history.db"));
    let incident = &reader.incidents_in(Span::all(), 9).unwrap()[0];
    assert_eq!(incident.key.rule(), "service-failed");
    let evidence = incident.evidence.as_ref().unwrap();
    assert_eq!(evidence.log[0].raw(), "out of file handles");
    assert_eq!(evidence.changes.len(), 1, "{:?}", evidence.changes);
    let words: Vec<&str> = reader.story(incident.id).unwrap().iter().map(|one| one.change.word()).collect();
    assert_eq!(words, ["fired", "resolved"]);
}

#[test]
fn a_number_has_its_values_before_the_moment_as_evidence() {
    let mut scene = Scene::new();
    scene.go_on(300);
    scene.hosts.wrong.insert((0, Fault::Hot));
    scene.go_on(400);
    assert_eq!(scene.arrived(), [["fires"]]);
    let open: Vec<_> = scene.watcher.incidents().open().cloned().collect();
    let samples = &open[0].evidence.as_ref().unwrap().samples;
    assert!(samples.len() > 100, "{}", samples.len());
    assert_eq!((samples[0].value, samples[samples.len() - 1].value), (35.0, 80.0));
}

#[test]
fn what_was_told_goes_on_through_a_restart_and_a_machine_that_was_off() {
    let mut scene = Scene::new();
    scene.hosts.wrong.insert((1, Fault::Failed));
    scene.go_on(120);
    assert_eq!(scene.arrived(), [["fires"]]);
    for restart in 0..3 {
        // It is killed: nothing is given back.
        scene.again(&format!("again {restart}"));
        scene.go_on(200);
    }
    assert_eq!(scene.arrived(), [["fires"]], "it is told once");
    scene.again("last");
    scene.hosts.wrong.clear();
    scene.go_on(200);
    assert_eq!(scene.arrived(), [["fires"], ["over"]]);
}

#[test]
fn a_message_goes_out_within_a_tenth_of_a_second_of_what_crossed_the_limit() {
    let mut scene = Scene::new();
    // A rule that holds at once.
    let registry = Registry::default();
    let text = "rule hot\n  when drive.temperature > 70 C\n  text \"{drive} is hot\"".to_owned();
    let own = crate::rule::RuleFile { path: "own.rules".into(), text };
    let mut by = judging(true, &["phone"]);
    by.rules = crate::rule::RuleSet::of(&[own], &registry).0;
    let path = scene.folder.path().join("history.db");
    scene.watcher = Watcher::new("one", &path, &scene.hosts, by, INTERVAL);
    scene.go_on(30);
    scene.hosts.wrong.insert((2, Fault::Hot));
    let crossed = scene.time.now();
    scene.watcher.input(Input::Observed(scene.hosts.ask(2, Api::Smart, crossed)), &scene.time);
    while scene.watcher.outgoing.is_empty() {
        let pace = scene.watcher.engine.pace();
        let now = scene.time.now().after(pace);
        *scene.time.0.lock().unwrap() = now;
        scene.watcher.input(Input::Tick, &scene.time);
    }
    let took = scene.time.now().boot.since(crossed.boot);
    assert!(took < Duration::from_millis(100), "{took:?}");
}

#[test]
fn while_nothing_can_be_stored_messages_go_out_from_memory_and_say_so() {
    let mut scene = Scene::new();
    scene.go_on(30);
    scene.watcher.is_full = true;
    scene.hosts.wrong.insert((1, Fault::Failed));
    scene.go_on(70);
    let told = &scene.receiver.arrived;
    assert!(told.len() == 1 && told[0].may_repeat, "{told:?}");
    let late = told[0].at - (NEW_YEAR + 90_000);
    assert!(late <= 5_000, "{late}");
    scene.go_on(600);
    scene.watcher.is_full = false;
    scene.go_on(60);
    scene.hosts.wrong.clear();
    scene.go_on(200);
    assert_eq!(scene.arrived(), [["fires"], ["over"]]);
    assert!(!scene.receiver.arrived[1].may_repeat);
    // What was sent from memory was stored once that went again: after a restart nothing is told once more.
    scene.again("two");
    scene.go_on(300);
    assert_eq!(scene.receiver.arrived.len(), 2);
}

#[test]
fn a_file_that_cannot_be_opened_keeps_nobody_from_being_told() {
    let mut scene = Scene::new();
    std::fs::write(scene.folder.path().join("history.db"), "not a history, but of some length").unwrap();
    scene.hosts.wrong.insert((1, Fault::Failed));
    scene.go_on(90);
    let told = &scene.receiver.arrived;
    assert!(told.len() == 1 && told[0].may_repeat, "{told:?}");
    scene.hosts.wrong.clear();
    scene.go_on(120);
    assert_eq!(scene.arrived(), [["fires"], ["over"]]);
}

#[test]
fn whoever_was_paused_sends_nothing_and_another_sends_it() {
    let mut scene = Scene::new();
    scene.go_on(30);
    scene.hosts.wrong.insert((1, Fault::Failed));
    for _ in 0..90 {
        let now = scene.time.now();
        scene.watcher.input(Input::Observed(scene.hosts.ask(1, Api::Service, now)), &scene.time);
        scene.watcher.input(Input::Tick, &scene.time);
        if !scene.watcher.outgoing.is_empty() {
            break;
        }
        scene.time.pass(1);
    }
    assert_eq!(scene.watcher.outgoing.len(), 1);
    // Here the program is stopped for 15 s; meanwhile another takes over.
    let path = scene.folder.path().join("history.db");
    let other = Watcher::new("two", &path, &scene.hosts, judging(true, &["phone"]), INTERVAL);
    let mut paused = std::mem::replace(&mut scene.watcher, other);
    scene.go_on(15);
    assert_eq!(scene.arrived(), [["fires"]]);
    let before = scene.receiver.arrived.len();
    paused.send(&mut scene.receiver, &scene.time);
    paused.input(Input::Tick, &scene.time);
    assert_eq!(scene.receiver.arrived.len(), before, "the one that was paused sent it");
    assert!(!paused.engine.is_recording());
}

#[test]
fn a_program_that_only_records_leaves_the_lease_to_one_that_tells() {
    let mut scene = Scene::new();
    let path = scene.folder.path().join("history.db");
    scene.watcher = Watcher::new("records", &path, &scene.hosts, judging(false, &["phone"]), INTERVAL);
    scene.hosts.wrong.insert((1, Fault::Failed));
    scene.go_on(120);
    assert!(scene.watcher.engine.is_recording());
    assert!(scene.receiver.arrived.is_empty(), "it has nobody to tell through");
    assert_eq!(scene.watcher.incidents().open().count(), 1, "but it judges");
    let tells = Watcher::new("tells", &path, &scene.hosts, judging(true, &["phone"]), INTERVAL);
    let mut records = std::mem::replace(&mut scene.watcher, tells);
    for _ in 0..30 {
        scene.go_on(1);
        records.input(Input::Tick, &scene.time);
    }
    assert!(scene.watcher.engine.is_recording() && !records.engine.is_recording());
    assert_eq!(scene.arrived(), [["fires"]]);
    // When that ends, recording goes on.
    scene.watcher.input(Input::Stop, &scene.time);
    for _ in 0..20 {
        scene.time.pass(1);
        records.input(Input::Tick, &scene.time);
    }
    assert!(records.engine.is_recording());
}

#[test]
fn a_channel_that_takes_nothing_is_told_through_the_others() {
    let mut scene = Scene::new();
    let path = scene.folder.path().join("history.db");
    scene.watcher = Watcher::new("one", &path, &scene.hosts, judging(true, &["mail", "phone"]), INTERVAL);
    scene.receiver.moods.insert(channel("mail"), Mood::Down);
    scene.hosts.wrong.insert((1, Fault::Failed));
    scene.go_on(400);
    let words: Vec<&str> = scene.receiver.arrived.iter().map(|one| one.words.as_str()).collect();
    assert!(words.len() == 2 && words[1].contains("the channel mail takes no message: no route to host"), "{words:?}");
    scene.receiver.moods.clear();
    scene.go_on(1_200);
    let late: Vec<_> = scene.receiver.arrived.iter().filter(|one| one.channel == channel("mail")).collect();
    assert_eq!(late.len(), 1, "what waited for it arrives");
}

#[test]
fn a_watcher_that_is_cut_off_says_so_once() {
    let mut scene = Scene::new();
    scene.go_on(30);
    for place in 0..3 {
        scene.hosts.wrong.insert((place, Fault::Silent));
    }
    scene.go_on(900);
    let told: Vec<&str> = scene.receiver.arrived.iter().map(|one| one.words.as_str()).collect();
    assert!(told.len() == 1 && told[0].contains("cut off"), "{told:?}");
    scene.hosts.wrong.clear();
    scene.go_on(900);
    assert_eq!(scene.arrived(), [["fires"], ["over"]]);
}

#[test]
fn what_is_asked_for_in_another_program_is_done_once_and_answered() {
    let mut scene = Scene::new();
    scene.hosts.wrong.insert((1, Fault::Failed));
    scene.go_on(120);
    assert_eq!(scene.arrived(), [["fires"]]);
    let path = scene.folder.path().join("history.db");
    let incident = read(&path).incidents_in(Span::all(), 9).unwrap()[0].id;
    let mut other = Opening::at(&path).write().unwrap();
    let asking = |request| Asking { request, by: "anna".to_owned(), comment: String::new() };
    let done = other.ask(&asking(Request::Acknowledge { incident }), scene.time.now().wall).unwrap().unwrap();
    let refused = other.ask(&asking(Request::Lift { act: 99 }), scene.time.now().wall).unwrap().unwrap();
    scene.go_on(3);
    assert_eq!(read(&path).incidents_in(Span::all(), 9).unwrap()[0].standing(), Standing::Acknowledged);
    assert_eq!(read(&path).outcome(done).unwrap(), Some(Outcome::Done { act: None }));
    assert!(matches!(read(&path).outcome(refused).unwrap(), Some(Outcome::Refused { .. })));
    assert!(other.asked().unwrap().is_empty());
}
