//! The machine as a source of observations: how many, when, and what they hold.

use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use cm_agent::{CollectOptions, Machine, Rounds, WatchOptions, watch};
use cm_model::clock::{Clock, MonoTime, Now, WallTime};
use cm_model::host::HostId;
use cm_model::observation::{Observation, Way};
use cm_model::report::{Api, Report};
use futures_core::Stream;
use tokio::time::Instant;

/// A clock that goes with tokio's.
#[derive(Debug)]
struct Paused(Instant);

impl Clock for Paused {
    fn now(&self) -> Now {
        Now { wall: WallTime::from_secs(1_764_000_000), ..Now::default() }.after(self.0.elapsed())
    }
}

fn options(machine: Machine, rounds: Rounds) -> WatchOptions {
    WatchOptions {
        host: HostId::new("cmbox").expect("a name"),
        machine,
        rounds,
        gap: WatchOptions::GAP,
        collect: CollectOptions::default(),
    }
}

async fn next<S: Stream<Item = Observation> + Unpin>(stream: &mut S) -> Option<Observation> {
    std::future::poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await
}

fn boxed(name: &str) -> Machine {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/machines").join(name);
    Machine::in_a_box(&path).expect("the box is there")
}

// Not in paused time, which would pass while the thread looks.
#[tokio::test]
async fn once_tells_three_observations_with_rates_and_ends() {
    let start = Instant::now();
    let gap = Duration::from_millis(20);
    let mut stream = watch(WatchOptions { gap, ..options(Machine::itself(), Rounds::Once) }, Paused(start));
    for api in Api::ALL {
        let seen = next(&mut stream).await.unwrap();
        assert_eq!((seen.api, seen.way, seen.host.as_str()), (api, Way::Local, "cmbox"));
        assert!(seen.at.mono >= MonoTime::from_start(gap), "{:?}", seen.at);
        let report = seen.outcome.unwrap();
        assert_eq!(report.timestamp(), seen.at.wall);
        if let Report::Service(service) = report {
            assert!(service.summary.system_memory_total_mb.get() > 0.0);
            assert!(service.cpu.as_ref().is_some_and(|cpu| cpu.cores.is_some()));
            assert!(service.disks.iter().all(|disk| disk.read_per_s.is_some()), "{:?}", service.disks);
        }
    }
    assert_eq!(next(&mut stream).await, None);
}

#[tokio::test(start_paused = true)]
async fn rounds_follow_one_another_at_their_distance() {
    let start = Instant::now();
    let span = Duration::from_secs(5);
    let mut stream = watch(options(boxed("vm"), Rounds::Every(span)), Paused(start));
    for round in 0..3 {
        for _ in Api::ALL {
            next(&mut stream).await.unwrap();
        }
        assert_eq!(start.elapsed(), span * round, "round {round}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_later_state_of_a_box_is_not_waited_for() {
    let start = Instant::now();
    let mut stream = watch(options(boxed("workstation"), Rounds::Once), Paused(start));
    let mut told = 0;
    while let Some(seen) = next(&mut stream).await {
        told += 1;
        assert_eq!(seen.at.wall, WallTime::from_secs(1_764_000_010));
        if let Ok(Report::Service(service)) = seen.outcome {
            assert!(service.disks.iter().all(|disk| disk.busy_percent.is_some()), "{:?}", service.disks);
        }
    }
    assert_eq!((told, start.elapsed()), (3, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_cannot_be_read_is_a_failure_of_one_api_alone() {
    let empty = tempfile::tempdir().unwrap();
    let machine = Machine::in_a_box(empty.path()).unwrap();
    let mut stream = watch(options(machine, Rounds::Once), Paused(Instant::now()));
    let mut failed = Vec::new();
    while let Some(seen) = next(&mut stream).await {
        if let Err(failure) = seen.outcome {
            assert_eq!(failure.address, "this machine");
            failed.push(seen.api);
        }
    }
    assert_eq!(failed, [Api::Service]);
}

#[test]
fn the_stream_may_cross_threads() {
    fn check(_: impl Stream<Item = Observation> + Send + 'static) {}
    check(watch(options(boxed("vm"), Rounds::Once), cm_model::clock::SystemClock));
}
