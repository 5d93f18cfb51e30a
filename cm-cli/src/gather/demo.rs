//! The made-up fleet as a source.

use std::time::Duration;

use cm_core::clock::Now;
use cm_core::demo::Demo;
use cm_core::fleet::Member;
use cm_core::observation::{Failure, Observation, Way};
use cm_core::report::Api;
use cm_core::source::Rounds;
use futures_util::stream;

use super::{Sources, USUAL_INTERVAL};

/// Any number; the same one shows the same fleet.
const SEED: u64 = 1;

/// Its hosts, and what they say, beginning now.
pub(super) fn sources(now: Now, _rounds: Rounds) -> Sources {
    let demo = Demo::new(SEED, now.wall);
    let members = demo.hosts().iter().cloned().map(Member::new).collect();
    let hosts = demo.hosts().to_vec();
    let observations: Vec<_> = hosts
        .into_iter()
        .flat_map(|host| Api::ALL.map(|api| (host.id.clone(), api)))
        .map(|(host, api)| Observation {
            outcome: demo
                .report(&host, api, now.wall)
                .map_err(|kind| Failure { address: format!("demo://{host}"), kind }),
            host,
            api,
            way: Way::Demo,
            at: now,
            took: Duration::from_millis(1),
        })
        .collect();
    Sources { members, source: Box::pin(stream::iter(observations)), interval: USUAL_INTERVAL, stands: None }
}
