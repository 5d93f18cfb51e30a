//! Sources, read into a fleet: one round, or one after another. Whatever does not come in time is told as such; no
//! answer that came is lost for one that did not.

pub(crate) mod configured;
mod local;

use std::time::Duration;

use cm_core::clock::{Clock, Now};
use cm_core::fault::Code;
use cm_core::fleet::{Fleet, Freshness};
use cm_core::gather::{GatherError, Gathered, NoSuch};
use cm_core::observation::{Failure, FailureKind, Observation, Way};
use cm_core::snapshot::Snapshot;
use cm_core::source::{Observations, Rounds};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use crate::complaint::Complaint;
use crate::request::{From, Watch};
use crate::surroundings::{CLOCK, Surroundings};

/// After this long one round ends, whatever is still to come. Each API has limits of its own below it.
const LIMIT: Duration = Duration::from_secs(8);
/// The time between two rounds where nobody says.
const USUAL_INTERVAL: Duration = Duration::from_secs(5);

/// Hosts to look at and where what is known of them comes from.
pub struct Gathering {
    /// What is known.
    pub fleet: Fleet,
    /// Whether this machine is looked at because no host is configured.
    pub is_this_machine: bool,
    source: Option<Observations>,
    /// Where time stands still, when it does.
    stands: Option<Now>,
    every: Option<Duration>,
    rounds: u32,
}

impl std::fmt::Debug for Gathering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gathering").field("fleet", &self.fleet).field("stands", &self.stands).finish_non_exhaustive()
    }
}

/// What a gathering is made of.
pub(crate) struct Opened {
    pub(crate) gathered: Gathered,
    pub(crate) is_this_machine: bool,
}

/// Whoever was asked for, and the interval that is configured. Nothing is asked yet.
///
/// # Errors
/// A configuration or snapshot that cannot be used; a host or group that nobody knows.
pub(crate) fn open(watch: &Watch, surroundings: &Surroundings<'_>) -> Result<(Opened, Duration), Complaint> {
    let elsewhere = |gathered: Result<Gathered, NoSuch>| {
        let gathered = gathered.map_err(|unknown| complaint(unknown.into()))?;
        Ok((Opened { gathered, is_this_machine: false }, USUAL_INTERVAL))
    };
    match &watch.from {
        From::Demo => elsewhere(Gathered::demo(watch.choice(), surroundings.clock.now())),
        From::Replay(path) => {
            let snapshot = Snapshot::load(path).map_err(|error| snapshot_fault(&error))?;
            elsewhere(Gathered::replay(snapshot, watch.choice()))
        }
        From::Configured | From::Path(_) => configured::open(watch, surroundings),
    }
}

impl Gathering {
    /// Sets up what was asked for; nothing is asked yet. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// A configuration or snapshot that cannot be used; a host or group that nobody knows.
    pub fn new(watch: &Watch, every: Option<Duration>, surroundings: &Surroundings<'_>) -> Result<Self, Complaint> {
        let (opened, interval) = open(watch, surroundings)?;
        let Opened { mut gathered, is_this_machine } = opened;
        let rounds = every.map_or(Rounds::Once, Rounds::Every);
        let (stands, source) = (gathered.stands(rounds), gathered.begin(rounds, CLOCK));
        let fleet = Fleet::new(gathered.members, Freshness::for_interval(every.unwrap_or(interval)));
        Ok(Self { fleet, is_this_machine, source: Some(source), stands, every, rounds: 0 })
    }

    /// Reads what comes: until everything has come that is to come, or for the time of one round.
    ///
    /// The first round ends as soon as every API has answered or failed. Answers with the moment of which the fleet speaks.
    pub async fn round(&mut self, clock: &dyn Clock) -> Now {
        let first = self.rounds == 0;
        self.rounds = self.rounds.saturating_add(1);
        let end = Instant::now() + if first { LIMIT } else { self.every.unwrap_or(LIMIT) };
        while let Some(source) = &mut self.source {
            match timeout_at(end, source.next()).await {
                Ok(Some(observation)) => {
                    self.fleet.apply(observation);
                }
                Ok(None) => {
                    self.source = None;
                    break;
                }
                Err(_) => break,
            }
            if first && self.every.is_some() && self.fleet.is_complete() {
                break;
            }
        }
        if self.source.is_none() && !first && self.every.is_some() {
            tokio::time::sleep_until(end).await;
        }
        let now = self.stands.unwrap_or_else(|| clock.now());
        if first && self.stands.is_none() {
            self.name_those_that_did_not_come(now);
        }
        now
    }

    fn name_those_that_did_not_come(&mut self, now: Now) {
        let missing: Vec<_> = self
            .fleet
            .hosts()
            .iter()
            .flat_map(|host| {
                host.member
                    .apis
                    .iter()
                    .filter(|&&api| host.api(api).is_none())
                    .map(|&api| (host.member.host.id.clone(), api))
            })
            .collect();
        for (host, api) in missing {
            let kind = FailureKind::TimedOut { waiting_for: "answer", limit: LIMIT };
            let failure = Failure { address: host.to_string(), kind };
            self.fleet.apply(Observation { host, api, way: Way::Http, at: now, took: LIMIT, outcome: Err(failure) });
        }
    }
}

/// Nobody who could be watched, as a complaint.
fn complaint(error: GatherError) -> Complaint {
    const MOST_LISTED: usize = 20;
    let unknown = match error {
        GatherError::Endpoint(error) => return Complaint::new(Code::CONFIG_OUT_OF_RANGE, error.to_string()),
        GatherError::NoSuch(unknown) => unknown,
    };
    let NoSuch { what, near, known, .. } = &unknown;
    let near = near.as_ref().map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    let complaint = Complaint::new(Code::NO_SUCH_HOST, format!("{unknown}{near}"));
    match known.len() {
        0 => complaint.next(format!("No {what} has a name here; leave --{what} out.")),
        1..=MOST_LISTED => complaint.next(format!("Choose from: {}.", known.join(", "))),
        _ => complaint,
    }
}

/// A snapshot that cannot be read or written, as a complaint.
pub(crate) fn snapshot_fault(error: &cm_core::snapshot::SnapshotError) -> Complaint {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    Complaint::new(error.code(), format!("{error}{cause}"))
}
