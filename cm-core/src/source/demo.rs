//! The made-up fleet as a source: every API of every host, in rounds.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::stream;
use tokio::time::{Interval, MissedTickBehavior, interval};

use cm_model::clock::Clock;
use cm_model::demo::Demo;
use cm_model::host::HostId;
use cm_model::observation::{Failure, Observation, Way};
use cm_model::report::Api;

use super::{Observations, Rounds};

/// Observations of a made-up fleet as of the clock's time.
///
/// # Panics
/// With [`Rounds::Every`] outside of a tokio runtime with time.
pub fn demo(fleet: Demo, rounds: Rounds, clock: impl Clock + Send + 'static) -> Observations {
    let pace = match rounds {
        Rounds::Once => Pace::Once,
        Rounds::Every(span) => {
            let mut pace = interval(span.max(Duration::from_millis(100)));
            pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
            Pace::Every(pace)
        }
    };
    let theatre = Theatre { fleet, pace, clock, left: VecDeque::new() };
    Box::pin(stream::unfold(theatre, |mut theatre| async move {
        let observation = theatre.next().await?;
        Some((observation, theatre))
    }))
}

struct Theatre<C> {
    fleet: Demo,
    pace: Pace,
    clock: C,
    /// Who has not spoken in this round yet.
    left: VecDeque<(HostId, Api)>,
}

enum Pace {
    Once,
    Every(Interval),
    Over,
}

impl<C: Clock> Theatre<C> {
    async fn next(&mut self) -> Option<Observation> {
        if self.left.is_empty() {
            match &mut self.pace {
                Pace::Once => self.pace = Pace::Over,
                Pace::Every(interval) => {
                    interval.tick().await;
                }
                Pace::Over => return None,
            }
            let hosts = self.fleet.hosts().iter();
            self.left = hosts.flat_map(|host| Api::ALL.map(|api| (host.id.clone(), api))).collect();
        }
        let (host, api) = self.left.pop_front()?;
        let at = self.clock.now();
        let outcome = self.fleet.report(&host, api, at.wall);
        let outcome = outcome.map_err(|kind| Failure { address: format!("the made-up {host}"), kind });
        Some(Observation { host, api, way: Way::Demo, at, took: Duration::ZERO, outcome })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_model::clock::{ManualClock, Now, WallTime};
    use futures_util::StreamExt;

    fn fleet() -> (Demo, ManualClock) {
        let start = WallTime::from_secs(1_766_000_000);
        (Demo::new(7, start), ManualClock::at(Now { wall: start, ..Now::default() }))
    }

    #[tokio::test]
    async fn one_round_is_every_api_of_every_host_and_two_runs_agree() {
        let run = || async {
            let (demo, clock) = fleet();
            super::demo(demo, Rounds::Once, clock).collect::<Vec<_>>().await
        };
        let (first, second) = (run().await, run().await);
        assert_eq!(first.len(), fleet().0.hosts().len() * 3);
        assert_eq!(first, second);
    }

    #[tokio::test(start_paused = true)]
    async fn rounds_follow_one_another_at_the_interval() {
        let (demo, clock) = fleet();
        let round = demo.hosts().len() * 3;
        let start = tokio::time::Instant::now();
        let stream = super::demo(demo, Rounds::Every(Duration::from_secs(5)), clock);
        let seen: Vec<_> = stream.take(round * 3).collect().await;
        assert_eq!((seen.len(), start.elapsed()), (round * 3, Duration::from_secs(10)));
    }
}
