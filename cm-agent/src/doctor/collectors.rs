//! What each collector sees of this machine, and what it may not see.
//!
//! Each looks on a thread of its own, several times, since rates need two looks and the answer of a helper or a tool comes
//! with a later one. What it saw is read from what it wrote into its draft, so that a new collector needs nothing here.

use std::path::Path;
use std::thread;
use std::time::Duration;

use cm_model::clock::Now;
use cm_model::health::Health;
use cm_model::report::smart::DriveKind;
use serde_json::Value;
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::timeout;

use super::right::{self, Right, Wish};
use super::surroundings::Surroundings;
use super::{Check, backups};
use crate::collector::{Absent, CollectOptions, Collector, Draft, LIST, Look};
use crate::machine::container::Container;
use crate::machine::{Cause, Machine, Unreadable};

/// How long one look of a collector may take.
pub(super) const LIMIT: Duration = Duration::from_secs(10);
/// Time from one look to the next.
const GAP: Duration = Duration::from_millis(200);
/// The most looks at what is still missing.
const MOST_LOOKS: u32 = 15;
/// The most looks while an answer is awaited: half a minute.
const MOST_WAITS: u32 = 150;
/// The most names of a list that are told.
const MOST_NAMES: usize = 6;

/// What came of a look.
type Outcome = (Draft, Result<(), Absent>);

/// Every collector of the list. Within a runtime, where some of them put their questions.
pub(super) async fn checks(machine: &Machine, options: &CollectOptions, around: &Surroundings, now: Now) -> Vec<Check> {
    let mut checks = Vec::new();
    for make in LIST {
        let (machine, collector) = (machine.clone(), make(options));
        let name = collector.name();
        let (answer, mut answered) = channel(1);
        let work = move || looks(&machine, collector, now, GAP, &answer);
        let started = thread::Builder::new().name(name.to_owned()).spawn(work).is_ok();
        let mut last = None;
        // Each look has its limit: one that is awaited for long is no collector that hangs.
        let ended = loop {
            match timeout(GAP + LIMIT, answered.recv()).await {
                Ok(Some(outcome)) => last = Some(outcome),
                Ok(None) => break started,
                Err(_) => break false,
            }
        };
        if let Some((draft, outcome)) = last.filter(|_| ended) {
            checks.extend(told(name, &draft, outcome, around));
            continue;
        }
        let text = format!("does not answer within {} s", LIMIT.as_secs());
        let next =
            "Something that it reads hangs in the kernel: see `dmesg`, and which mount or device does not answer.";
        checks.push(Check::well("collector", name, text).trouble(Health::Warning, next));
    }
    checks
}

/// Looks twice, and on until nothing is missing any more and nothing is awaited. Tells what came of each look; ends when
/// nobody listens any more.
fn looks(machine: &Machine, mut collector: Box<dyn Collector>, start: Now, gap: Duration, answer: &Sender<Outcome>) {
    let container = Container::find(machine);
    let mut look = |at: u32| {
        let look = Look::new(machine, start.after(gap * at), container);
        let mut draft = Draft::default();
        let outcome = collector.collect(&look, &mut draft);
        (draft, outcome, collector.awaits())
    };
    let _ = look(0);
    let mut at = 1;
    loop {
        thread::sleep(gap);
        let (draft, outcome, awaits) = look(at);
        at += 1;
        let settled = outcome.is_ok() && draft.service.missing.is_empty() && unreadable(&draft).next().is_none();
        let most = if awaits { MOST_WAITS } else { MOST_LOOKS };
        let ends = (settled && !awaits) || at >= most || matches!(outcome, Err(Absent::NothingHere));
        if answer.blocking_send((draft, outcome)).is_err() || ends {
            return;
        }
    }
}

/// The drives that keep their health to themselves, each with the reason; a virtual one has none.
fn unreadable(draft: &Draft) -> impl Iterator<Item = (&str, &str)> {
    let real = draft.drives.iter().filter(|drive| drive.kind != DriveKind::Virtual);
    real.filter_map(|drive| Some((drive.name.raw(), drive.unreadable_reason.as_ref()?.raw())))
}

fn told(name: &'static str, draft: &Draft, outcome: Result<(), Absent>, around: &Surroundings) -> Vec<Check> {
    let mut checks = vec![match outcome {
        Ok(()) => Check::well("collector", name, seen(draft)),
        Err(Absent::NothingHere) => Check::well("collector", name, "nothing of the sort on this machine"),
        Err(Absent::Unread(error)) => {
            let check = Check::well("collector", name, format!("sees nothing: {error}"));
            check.trouble(Health::Warning, key(&error, around))
        }
    }];
    let missing = draft.service.missing.iter().map(|missing| (missing.what.raw(), missing.why.raw()));
    checks.extend(draft.backup.iter().flat_map(backups::checks));
    checks.extend(missing.chain(unreadable(draft)).map(|(what, why)| {
        let text = if what == name { why.to_owned() } else { format!("{what}: {why}") };
        Check::well("collector", name, text).trouble(Health::Note, "")
    }));
    checks
}

/// What lets it read what it could not.
fn key(error: &Unreadable, around: &Surroundings) -> String {
    match (&error.cause, right::to(Wish::Read, Path::new(&error.path), around)) {
        (Cause::Forbidden(_), Right::Refused(key)) => key,
        (Cause::NotThere(_), _) => format!("Without {} there is nothing to read: is it mounted?", error.path),
        _ => format!("See what this says: head -c 300 {}", error.path),
    }
}

/// `cpu, filesystems (2: /, /home)`: the fields that a draft has and an empty one has not.
fn seen(draft: &Draft) -> String {
    let of = |draft: &Draft| {
        let mut all = serde_json::to_value(&draft.service).unwrap_or_default();
        let own = [
            ("drives", serde_json::to_value(&draft.drives)),
            ("pools", serde_json::to_value(&draft.pools)),
            ("backup", serde_json::to_value(&draft.backup)),
        ];
        if let Value::Object(all) = &mut all {
            all.remove("missing");
            all.extend(own.map(|(name, value)| (name.to_owned(), value.unwrap_or_default())));
        }
        all
    };
    let (found, empty) = (of(draft), of(&Draft::default()));
    let mut fields: Vec<_> =
        found.as_object().into_iter().flatten().filter(|(name, value)| empty.get(name) != Some(value)).collect();
    // Sums of what other fields say in full.
    if fields.len() > 1 {
        fields.retain(|(name, _)| *name != "summary");
    }
    let told: Vec<String> = fields.into_iter().map(|(name, value)| field(name, value)).collect();
    if told.is_empty() { "nothing to tell".to_owned() } else { told.join(", ") }
}

fn field(name: &str, value: &Value) -> String {
    let (count, names): (String, Vec<&str>) = match value {
        Value::Object(fields) => (String::new(), fields.keys().map(String::as_str).collect()),
        Value::Array(entries) => {
            let named =
                |entry| ["name", "mount", "label", "kind"].iter().find_map(|key| Value::get(entry, key)?.as_str());
            (format!("{}: ", entries.len()), entries.iter().filter_map(named).collect())
        }
        _ => return name.to_owned(),
    };
    let more = if names.len() > MOST_NAMES { ", …" } else { "" };
    format!("{name} ({count}{}{more})", names[..names.len().min(MOST_NAMES)].join(", "))
}

#[cfg(test)]
mod tests {
    use cm_model::report::smart::Drive;

    use super::*;

    #[test]
    fn what_a_collector_wrote_is_what_it_sees() {
        let mut draft = Draft::default();
        assert_eq!(seen(&draft), "nothing to tell");
        draft.service.kernel = Some("6.1".into());
        draft.drives = ["sda", "sdb"].map(|name| Drive { name: name.into(), ..Drive::default() }).into();
        draft.missing("x", "y");
        assert_eq!(seen(&draft), "drives (2: sda, sdb), kernel");
    }

    #[test]
    fn what_is_missing_stands_below_its_collector() {
        let mut draft = Draft::default();
        draft.missing("disk", "it hangs");
        draft.missing("disk sda", "no right");
        draft.drives =
            vec![Drive { name: "sdb".into(), unreadable_reason: Some("no helper".into()), ..Drive::default() }];
        let checks = told("disk", &draft, Ok(()), &Surroundings::default());
        let texts: Vec<_> = checks.iter().map(|check| (check.health, check.text.as_str())).collect();
        let note = Health::Note;
        let expected = [
            (Health::Ok, "drives (1: sdb)"),
            (note, "it hangs"),
            (note, "disk sda: no right"),
            (note, "sdb: no helper"),
        ];
        assert_eq!(texts, expected);
    }

    /// Lacks something before its so-many-th look, for which it perhaps awaits an answer.
    #[derive(Debug)]
    struct Late {
        looks: u32,
        answers: u32,
        asks: bool,
    }

    impl Collector for Late {
        fn name(&self) -> &'static str {
            "late"
        }

        fn awaits(&self) -> bool {
            self.asks && self.looks < self.answers
        }

        fn collect(&mut self, _: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
            self.looks += 1;
            if self.looks < self.answers {
                draft.missing("late", "not yet");
            }
            Ok(())
        }
    }

    #[test]
    fn an_answer_that_comes_with_a_later_look_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine::in_a_box(folder.path()).unwrap();
        for (answers, asks, looked, missing) in [
            (1, false, 2, 0),
            (5, false, 5, 0),
            (40, false, MOST_LOOKS, 1),
            (40, true, 40, 0),
            (u32::MAX, true, MOST_WAITS, 1),
        ] {
            let (answer, mut answered) = channel(MOST_WAITS as usize);
            looks(&machine, Box::new(Late { looks: 0, answers, asks }), Now::default(), Duration::ZERO, &answer);
            let told = std::iter::from_fn(|| answered.try_recv().ok());
            let missed: Vec<_> = told.map(|(draft, _)| draft.service.missing.len()).collect();
            // Of the first look nothing is told: rates need two.
            assert_eq!((missed.len() + 1, missed.last()), (looked as usize, Some(&missing)), "{answers} {asks}");
        }
    }
}
