//! Collecting at intervals, for a server to answer from.
//!
//! Each API has an interval of its own: between two looks its body stays as it is, timestamp included, so that clients who
//! poll more often are told "unchanged". Looking happens on a thread of its own (`crate::lookout`), so that a device that hangs
//! holds up no answer. It does not know HTTP.

use std::sync::Arc;
use std::time::Duration;

use cm_model::clock::{Clock, MonoTime};
use cm_model::report::Api;
use tokio::time::sleep;

use crate::collector::CollectOptions;
use crate::config::Collectors;
use crate::lookout::{Found, Lookout};
use crate::machine::Machine;
use crate::report::Agent;
use crate::serve::Snapshots;
use crate::watch::WatchOptions;

/// Collects what is switched on and sets it in `snapshots`, for ever. The first bodies are there after the first look;
/// a second one follows [`WatchOptions::GAP`] later, since rates need two.
pub async fn collect(
    machine: Machine,
    options: CollectOptions,
    collectors: &Collectors,
    snapshots: Arc<Snapshots>,
    clock: &dyn Clock,
) {
    let mut lookout = Lookout::new(move || Agent::new(machine.clone(), &options));
    let mut schedule = Schedule::new(collectors);
    let mut told_unreadable = false;
    set(lookout.look(clock.now(), schedule.all()).await, &snapshots, &mut told_unreadable);
    sleep(WatchOptions::GAP).await;
    loop {
        let now = clock.now();
        let due = schedule.take_due(now.mono);
        if !due.is_empty() {
            set(lookout.look(now, due).await, &snapshots, &mut told_unreadable);
        }
        sleep(schedule.wait(clock.now().mono)).await;
    }
}

fn set(found: Found, snapshots: &Snapshots, told_unreadable: &mut bool) {
    for (api, report) in found {
        match report {
            Ok(report) => {
                snapshots.set(api, report.write());
                *told_unreadable &= api != Api::Service;
            }
            Err(error) => {
                // An old body would pass for the present.
                snapshots.clear(api);
                if !std::mem::replace(told_unreadable, true) {
                    tracing::warn!(%api, %error, "this machine cannot be read");
                }
            }
        }
    }
}

/// When each API is next to be collected.
#[derive(Debug)]
struct Schedule {
    due: Vec<(Api, Duration, MonoTime)>,
}

impl Schedule {
    fn new(collectors: &Collectors) -> Self {
        let entry = |api| (api, collectors.of(api).interval, MonoTime::default());
        Self { due: collectors.apis().into_iter().map(entry).collect() }
    }

    fn all(&self) -> Vec<Api> {
        self.due.iter().map(|(api, ..)| *api).collect()
    }

    /// The APIs that are due, each of which is due again one interval from now: what was missed while the machine was
    /// busy or asleep is not made up for.
    fn take_due(&mut self, now: MonoTime) -> Vec<Api> {
        let due = self.due.iter_mut().filter(|(_, _, at)| *at <= now);
        due.map(|(api, interval, at)| {
            *at = now.after(*interval);
            *api
        })
        .collect()
    }

    /// How long until the next one is due.
    fn wait(&self, now: MonoTime) -> Duration {
        self.due.iter().map(|(_, _, at)| at.since(now)).min().unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn each_api_is_due_at_its_own_interval_and_nothing_is_made_up_for() {
        let mut collectors = Config::default().collectors;
        collectors.backup.enabled = false;
        let mut schedule = Schedule::new(&collectors);
        let mut now = MonoTime::from_start(Duration::from_secs(1000));
        assert_eq!(schedule.take_due(now), [Api::Smart, Api::Service]);
        for _ in 0..11 {
            assert_eq!(schedule.wait(now), Duration::from_secs(5));
            now = now.after(schedule.wait(now));
            assert_eq!(schedule.take_due(now), [Api::Service]);
        }
        now = now.after(Duration::from_secs(5));
        assert_eq!(schedule.take_due(now), [Api::Smart, Api::Service]);
        now = now.after(Duration::from_hours(8));
        assert_eq!(schedule.take_due(now), [Api::Smart, Api::Service]);
        assert_eq!(schedule.wait(now), Duration::from_secs(5));
    }

    #[tokio::test]
    async fn a_machine_that_cannot_be_read_any_more_is_not_served_from_memory() {
        let snapshots = Snapshots::offering(&Api::ALL);
        snapshots.set(Api::Service, "{\"old\":true}");
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine::in_a_box(folder.path()).unwrap();
        let mut lookout = Lookout::new(move || Agent::new(machine.clone(), &CollectOptions::default()));
        let found = lookout.look(cm_model::clock::Now::default(), Api::ALL.to_vec()).await;
        set(found, &snapshots, &mut false);
        assert!(snapshots.latest(Api::Service).is_none());
        assert!(snapshots.latest(Api::Smart).is_some());
    }
}
