use std::sync::{Arc, Mutex};
use std::time::Duration;

use cm_model::clock::{BootTime, MonoTime, WallTime};
use cm_model::observation::FailureKind;
use cm_model::report::BackupReport;
use tokio::time::sleep;

use super::*;

const MS: fn(u64) -> Duration = Duration::from_millis;

/// A clock that follows the runtime's paused one.
#[derive(Debug)]
struct Paused(Instant);

impl Clock for Paused {
    fn now(&self) -> Now {
        let span = self.0.elapsed();
        let wall = WallTime::from_secs(1_766_000_000).after(span);
        Now { wall, boot: BootTime::from_start(span), mono: MonoTime::from_start(span) }
    }
}

/// What a host does when it is asked: how long it takes, and whether it answers.
type Behaviour = Arc<dyn Fn(usize, Duration) -> (Duration, Result<(), FailureKind>) + Send + Sync>;

/// When each target was asked, in milliseconds.
type Log = Arc<Mutex<Vec<(usize, u64)>>>;

fn report() -> Report {
    Report::Backup(Arc::new(BackupReport::default()))
}

/// Hosts with three APIs each, which behave as told.
fn watch(hosts: usize, rounds: Rounds, behaviour: Behaviour) -> (Observations, Log) {
    let start = Instant::now();
    let log = Log::default();
    let targets: Vec<(HostId, Api)> = (0..hosts)
        .flat_map(|host| Api::ALL.map(|api| (HostId::new(&format!("host{host:03}")).unwrap(), api)))
        .collect();
    let asked = Arc::clone(&log);
    let ask = move |index: usize| -> Ask {
        let at = start.elapsed();
        asked.lock().unwrap().push((index, u64::try_from(at.as_millis()).unwrap()));
        let (takes, outcome) = behaviour(index / 3, at);
        Box::pin(async move {
            sleep(takes).await;
            outcome.map(|()| report()).map_err(|kind| Failure { address: "http://x/".into(), kind })
        })
    };
    (poll(targets, ask, rounds, Paused(start), 42), log)
}

fn hangs() -> (Duration, Result<(), FailureKind>) {
    (MS(2000), Err(FailureKind::TimedOut { waiting_for: "connection", limit: MS(2000) }))
}

#[tokio::test(start_paused = true)]
async fn two_hundred_hosts_are_asked_within_a_second_though_half_of_them_hang() {
    let start = Instant::now();
    // The worst order: all that hang come first.
    let behaviour: Behaviour = Arc::new(|host, _| if host < 100 { hangs() } else { (MS(5), Ok(())) });
    let (mut stream, _) = watch(200, Rounds::Once, behaviour);
    let mut good = 0;
    let mut all = 0;
    let mut last_good = MS(0);
    while let Some(observation) = stream.next().await {
        all += 1;
        if observation.outcome.is_ok() {
            good += 1;
            last_good = start.elapsed();
            assert_eq!(observation.took, MS(5));
        }
    }
    assert_eq!((good, all), (300, 600));
    assert!(last_good < MS(1000), "{last_good:?}");
    assert!(start.elapsed() < MS(3000), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_fleet_is_not_asked_in_one_burst() {
    let (mut stream, log) = watch(200, Rounds::Once, Arc::new(|_, _| (MS(5), Ok(()))));
    stream.next().await;
    assert_eq!(log.lock().unwrap().len(), lane::PLACES);
}

#[tokio::test(start_paused = true)]
async fn from_the_second_round_on_those_that_failed_wait_behind_those_that_answer() {
    let behaviour: Behaviour = Arc::new(|host, _| if host < 150 { hangs() } else { (MS(5), Ok(())) });
    let (mut stream, log) = watch(200, Rounds::Every(MS(5000)), behaviour);
    let start = Instant::now();
    while start.elapsed() < MS(20_000) {
        stream.next().await;
    }
    let log = log.lock().unwrap();
    let second_round: Vec<u64> =
        log.iter().filter(|&&(index, at)| index >= 450 && (4000..9000).contains(&at)).map(|&(_, at)| at).collect();
    assert_eq!(second_round.len(), 150);
    let (first, last) = (second_round.iter().min().unwrap(), second_round.iter().max().unwrap());
    assert!(last - first <= 550, "{first} to {last}: within the spread, and hardly held up");
}

#[tokio::test(start_paused = true)]
async fn a_well_host_is_asked_at_the_interval_and_its_apis_together() {
    let (mut stream, log) = watch(1, Rounds::Every(MS(5000)), Arc::new(|_, _| (MS(20), Ok(()))));
    for _ in 0..30 {
        stream.next().await;
    }
    let log = log.lock().unwrap();
    let times: Vec<u64> = log.iter().filter(|(index, _)| *index == 0).map(|&(_, at)| at).collect();
    assert!(times[1] >= 5000 && times[1] <= 5500, "{times:?}");
    assert!(times[1..].windows(2).all(|pair| pair[1] - pair[0] == 5000), "{times:?}");
    assert!(log[3..6].iter().all(|&(_, at)| at == times[1]), "{log:?}");
}

#[tokio::test(start_paused = true)]
async fn a_hosts_return_is_noticed_within_five_seconds_and_all_its_apis_at_once() {
    for back_at in [10_300, 11_111, 12_500, 14_999] {
        let back = MS(back_at);
        // Asked before its return, a connection fails two seconds after it was asked for.
        let behaviour: Behaviour = Arc::new(move |_, at| if at < back { hangs() } else { (MS(3), Ok(())) });
        let (mut stream, _) = watch(1, Rounds::Every(Duration::from_mins(1)), behaviour);
        let mut returned = Vec::new();
        while returned.len() < 3 {
            let observation = stream.next().await.unwrap();
            if observation.outcome.is_ok() {
                returned.push(observation.at.mono.since(MonoTime::default()));
            }
        }
        assert!(returned.iter().all(|at| *at < back + MS(5000)), "{back_at}: {returned:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_that_objects_is_asked_at_the_usual_time() {
    let behaviour: Behaviour = Arc::new(|_, _| (MS(3), Err(FailureKind::Unauthorised { status: 401 })));
    let (mut stream, log) = watch(1, Rounds::Every(MS(10_000)), behaviour);
    for _ in 0..9 {
        stream.next().await;
    }
    let third = log.lock().unwrap()[6].1;
    assert!((20_000..20_500).contains(&third), "{third}");
}

#[tokio::test(start_paused = true)]
async fn a_stall_is_followed_by_one_round_and_not_by_all_that_were_missed() {
    let (mut stream, log) = watch(2, Rounds::Every(MS(1000)), Arc::new(|_, _| (MS(1), Ok(()))));
    for _ in 0..6 {
        stream.next().await;
    }
    tokio::time::advance(Duration::from_hours(1)).await;
    for _ in 0..12 {
        stream.next().await;
    }
    let log = log.lock().unwrap();
    let after: Vec<u64> = log.iter().map(|&(_, at)| at).filter(|&at| at >= 3_600_000).collect();
    assert!(after.len() <= 12 + 6, "{after:?}");
    assert!(after.iter().max().unwrap() - after.iter().min().unwrap() >= 700, "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn dropping_the_stream_ends_every_ask() {
    let held = Arc::new(());
    let watched = Arc::clone(&held);
    let targets = vec![(HostId::new("a").unwrap(), Api::Smart), (HostId::new("b").unwrap(), Api::Smart)];
    let ask = move |index: usize| -> Ask {
        let held = Arc::clone(&watched);
        Box::pin(async move {
            sleep(MS(if index == 0 { 1 } else { 1_000_000 })).await;
            drop(held);
            Ok(report())
        })
    };
    let mut stream = poll(targets, ask, Rounds::Once, Paused(Instant::now()), 1);
    stream.next().await;
    assert_eq!(Arc::strong_count(&held), 3, "ours, the asker's, and the ask under way");
    drop(stream);
    assert_eq!(Arc::strong_count(&held), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_to_ask_ends_at_once() {
    let (mut stream, _) = watch(0, Rounds::Every(MS(1000)), Arc::new(|_, _| hangs()));
    assert_eq!(stream.next().await, None);
}
