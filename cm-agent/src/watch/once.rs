//! Looking once, for somebody who asks and goes: on and on until what was asked at the first look has answered.
//!
//! Some things do not answer within a look: the drive helper, which may have to wait for smartctl, the tools of backups,
//! container engines, systemd on a slow machine. Each collector has a limit for its own; this room waits for them, for
//! [`PATIENCE`] at most, and tells who has not answered even so. What is counted in the background over hours (disk use of a
//! service's paths) is not waited for. It does not know what they ask.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cm_model::clock::Clock;
use cm_model::report::service::Missing;
use cm_model::report::{Api, Report};
use tokio::time::sleep;

use crate::collector::{CollectOptions, LIST};
use crate::lookout::{Found, Lookout};
use crate::machine::Machine;
use crate::report::{Agent, Collection};

/// How long all of them together are waited for: longer than the drive helper may take, and than most sets of backups.
const PATIENCE: Duration = Duration::from_mins(5);
/// How long nothing is said of the waiting.
const UNSAID: Duration = Duration::from_secs(2);

/// Looks until rates are known and what was asked has answered, and gives the reports. What has not answered within its
/// collector's limit, or within five minutes, is told as missing, with the reason. On a machine where nothing is asked that
/// takes `gap` and two looks; a machine in a box is read at once.
pub async fn collect_once(
    machine: Machine,
    collect: &CollectOptions,
    gap: Duration,
    clock: &(impl Clock + ?Sized),
) -> Collection {
    if machine.is_itself() {
        let fed = fed(collect);
        let collect = collect.clone();
        let mut lookout = Lookout::new(move || Agent::new(machine.clone(), &collect));
        return settled(&mut lookout, &fed, gap, PATIENCE, clock).await.into_iter().collect();
    }
    let later = machine.later();
    let mut agent = Agent::new(machine, collect);
    let first = clock.now();
    let found = agent.look(first);
    let Some((machine, span)) = later else { return found };
    agent.turn_to(machine);
    agent.look(first.after(span))
}

/// Which collector feeds which APIs.
type Fed = Vec<(&'static str, Vec<Api>)>;

fn fed(options: &CollectOptions) -> Fed {
    let of = |make: &crate::collector::Make| {
        let collector = make(options);
        (collector.name(), Api::ALL.into_iter().filter(|&api| collector.feeds(api)).collect())
    };
    LIST.iter().map(of).collect()
}

/// Two looks at everything, and then on at what somebody awaits an answer for.
async fn settled(
    lookout: &mut Lookout,
    fed: &Fed,
    gap: Duration,
    patience: Duration,
    clock: &(impl Clock + ?Sized),
) -> Found {
    let start = clock.now().mono;
    lookout.look(clock.now(), Api::ALL.to_vec()).await;
    sleep(gap).await;
    let mut found = lookout.look(clock.now(), Api::ALL.to_vec()).await;
    let mut said = false;
    loop {
        let awaited = lookout.awaiting();
        let waited = clock.now().mono.since(start);
        if awaited.is_empty() {
            return found;
        }
        if waited >= patience {
            put_missing(&mut found, &awaited, waited);
            return found;
        }
        if waited >= UNSAID && !said {
            said = true;
            tracing::info!("waiting for answers: {}", awaited.join(", "));
        }
        sleep(gap).await;
        let due = fed.iter().filter(|(name, _)| awaited.contains(name)).flat_map(|(_, apis)| apis.iter().copied());
        let due: BTreeSet<Api> = due.collect();
        for (api, report) in lookout.look(clock.now(), due.into_iter().collect()).await {
            found.retain(|(known, _)| *known != api);
            found.push((api, report));
        }
    }
}

/// Tells who has not answered.
fn put_missing(found: &mut Found, awaited: &[&'static str], waited: Duration) {
    for (_, report) in found {
        let Ok(Report::Service(report)) = report else { continue };
        let why = format!("something that it asked has not answered within {} s", waited.as_secs());
        let missing = awaited.iter().map(|&name| Missing { what: name.into(), why: why.as_str().into() });
        Arc::make_mut(report).missing.extend(missing);
    }
}

#[cfg(test)]
mod tests {
    use cm_model::clock::SystemClock;
    use cm_model::unit::Mebibytes;

    use super::*;
    use crate::collector::{Absent, Collector, Draft, Look};

    /// Has an answer at its so-many-th look, and until then says that it awaits one.
    #[derive(Debug)]
    struct Late {
        looks: u32,
        answers: u32,
    }

    impl Collector for Late {
        fn name(&self) -> &'static str {
            "late"
        }

        fn awaits(&self) -> bool {
            self.looks < self.answers
        }

        fn collect(&mut self, _: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
            self.looks += 1;
            draft.service.summary.system_memory_total_mb = Mebibytes::saturating(f64::from(self.looks));
            if self.awaits() {
                draft.missing("late", "not yet");
            }
            Ok(())
        }
    }

    /// How often was looked, and what is missing.
    async fn looked(answers: u32, patience: Duration) -> (f64, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine::in_a_box(folder.path()).unwrap();
        let make = move || Agent::with(machine.clone(), vec![Box::new(Late { looks: 0, answers })]);
        let fed = vec![("late", vec![Api::Service])];
        let found = settled(&mut Lookout::new(make), &fed, Duration::ZERO, patience, &SystemClock).await;
        assert_eq!(found.len(), Api::ALL.len(), "one report of each");
        let found: Collection = found.into_iter().collect();
        let service = found.service.unwrap();
        let missing = service.missing.iter().map(|missing| missing.why.raw().to_owned()).collect();
        (service.summary.system_memory_total_mb.get(), missing)
    }

    #[tokio::test]
    async fn what_was_asked_is_waited_for_and_no_longer_than_patience_lasts() {
        let minute = Duration::from_mins(1);
        for (answers, patience, looks, missing) in [
            (0, minute, 2.0, &[][..]),
            (7, minute, 7.0, &[]),
            (u32::MAX, Duration::ZERO, 2.0, &["not yet", "something that it asked has not answered within 0 s"]),
        ] {
            let (looked, told) = looked(answers, patience).await;
            assert_eq!(
                (looked, &told[..]),
                (looks, &missing.iter().map(|&why| why.to_owned()).collect::<Vec<_>>()[..])
            );
        }
    }
}
