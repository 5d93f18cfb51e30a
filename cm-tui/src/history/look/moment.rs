//! The fleet as it was at a moment, out of frames and of how hosts answered. What was kept of a failure is its kind alone.

use std::time::Duration;

use cm_core::clock::WallTime;
use cm_core::fault::Code;
use cm_core::host::HostId;
use cm_core::observation::{Failure, FailureKind, LinkState, Observation, Way};
use cm_core::report::Api;
use cm_core::snapshot::Snapshot;
use cm_core::store::{Reader, Span, StoreError};

use crate::history::ask::Moment;

/// How far around a moment it is looked how close kept moments lie.
const AROUND: Duration = Duration::from_hours(3);

/// What is kept within this is of one round.
const TOGETHER: Duration = Duration::from_secs(3);

/// What stands in the place of a cause that was not kept.
const NOT_KEPT: &str = "the history keeps no cause";

pub(super) fn look(reader: &Reader, hosts: &[HostId], at: WallTime) -> Result<Moment, StoreError> {
    let mut moment = Moment::default();
    let mut gaps = Vec::new();
    for host in hosts {
        for api in Api::ALL {
            let Some(frame) = reader.frame(host, api, at)? else { continue };
            let Some(report) = frame.report() else { continue };
            moment.newest = moment.newest.max(Some(frame.at));
            moment.observations.push(observation(host, api, frame.at, Ok(report)));
        }
        let around = Span::new(at.before(AROUND), at.after(AROUND));
        let times = reader.frame_times(host, around)?;
        // The APIs of a host are asked at one time, and answer one after another.
        gaps.extend(times.windows(2).map(|pair| pair[1].since(pair[0])).filter(|gap| *gap >= TOGETHER));
        let just_now = Span::new(at, at.after(Duration::from_millis(1)));
        let link = reader.links(host, just_now)?.pop();
        if let Some(link) = link.filter(|link| link.at <= at)
            && let Some(kind) = failure(link.state)
        {
            for api in Api::ALL {
                let failure = Failure { address: host.to_string(), kind: kind.clone() };
                moment.observations.push(observation(host, api, link.at, Err(failure)));
            }
        }
    }
    gaps.sort_unstable();
    moment.usual_gap = gaps.get(gaps.len() / 2).copied().unwrap_or_default();
    Ok(moment)
}

fn observation(
    host: &HostId,
    api: Api,
    at: WallTime,
    outcome: Result<cm_core::report::Report, Failure>,
) -> Observation {
    Observation { host: host.clone(), api, way: Way::Replay, at: Snapshot::moment(at), took: Duration::ZERO, outcome }
}

/// A failure that puts a host in a state; none where it answered.
fn failure(state: LinkState) -> Option<FailureKind> {
    let why = || NOT_KEPT.to_owned();
    match state {
        LinkState::Unreachable | LinkState::Off => Some(FailureKind::BrokenOff { why: why() }),
        LinkState::Unauthorised => Some(FailureKind::TokenUnusable { code: Code::UNAUTHORISED, why: why() }),
        LinkState::Malformed => Some(FailureKind::Unpackable { why: why() }),
        LinkState::Faulty => Some(FailureKind::Unreadable { why: NOT_KEPT.into() }),
        LinkState::Answering | LinkState::Stale | LinkState::Waiting => None,
    }
}
