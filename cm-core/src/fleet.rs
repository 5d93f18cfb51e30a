//! All hosts as they are now: a pure reducer over observations.
//!
//! [`Fleet::apply`] takes what a source yields; every question ("is it well, and why, and how old is that?") is answered
//! for a moment that is passed in. It knows nothing of sources, screens or the past beyond the last good answer.

mod link;

use std::collections::HashMap;
use std::time::Duration;

use cm_model::catalogue;
use cm_model::clock::Now;
use cm_model::health::{Health, Reason, Verdict};
use cm_model::host::{Host, HostId};
use cm_model::metric::Sample;
use cm_model::observation::{Failure, LinkState, Observation};
use cm_model::report::{Api, BackupReport, Report, ServiceReport, SmartReport};
use cm_model::verdict::{self, Policy};

/// When data counts as old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// How long the last good answer stands for now while newer ones fail to come. After that the host counts as unreachable.
    pub stands_for: Duration,
    /// How far the host's own timestamp may lie behind the moment of its arrival before the data counts as stale.
    pub behind: Duration,
    /// How far it may lie ahead before the host's clock counts as wrong.
    pub ahead: Duration,
}

impl Freshness {
    /// What fits a refresh interval: three rounds, at least 15 s; 15 minutes behind, since older servers look that seldom; 1 minute ahead.
    pub fn for_interval(interval: Duration) -> Self {
        Self {
            stands_for: (interval * 3).max(Duration::from_secs(15)),
            behind: Duration::from_mins(15),
            ahead: Duration::from_mins(1),
        }
    }
}

/// One host that is watched, and how it is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Who it is.
    pub host: Host,
    /// Which of the three APIs it is asked for.
    pub apis: Vec<Api>,
    /// The owner's limits for it.
    pub policy: Policy,
}

impl Member {
    /// A host that is asked for everything and judged by the defaults.
    pub fn new(host: Host) -> Self {
        Self { host, apis: Api::ALL.to_vec(), policy: Policy::new() }
    }
}

/// All hosts as they are now, in the order in which they were given.
#[derive(Debug, Clone)]
pub struct Fleet {
    freshness: Freshness,
    hosts: Vec<HostState>,
    places: HashMap<HostId, usize>,
}

impl Fleet {
    /// A fleet of which nothing is known yet. Of two members with one name the first stays.
    pub fn new(members: impl IntoIterator<Item = Member>, freshness: Freshness) -> Self {
        let mut fleet = Self { freshness, hosts: Vec::new(), places: HashMap::new() };
        for member in members {
            fleet.places.entry(member.host.id.clone()).or_insert_with(|| {
                fleet.hosts.push(HostState { member, apis: [None, None, None] });
                fleet.hosts.len() - 1
            });
        }
        fleet
    }

    /// Changes when data counts as old, for an interval that is another from now on.
    pub const fn set_freshness(&mut self, freshness: Freshness) {
        self.freshness = freshness;
    }

    /// Takes in what a source yields. Answers whether it was about a member; others are not taken in.
    pub fn apply(&mut self, observation: Observation) -> bool {
        let Some(place) = self.place(&observation.host) else { return false };
        self.hosts[place].apply(observation);
        true
    }

    /// The place in [`hosts`](Self::hosts) of the host of this name.
    pub fn place(&self, id: &HostId) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// Every host, in the order in which they were given.
    pub fn hosts(&self) -> &[HostState] {
        &self.hosts
    }

    /// The host of this name.
    pub fn host(&self, id: &HostId) -> Option<&HostState> {
        self.place(id).map(|place| &self.hosts[place])
    }

    /// Whether every API of every host has answered or failed at least once.
    pub fn is_complete(&self) -> bool {
        self.hosts.iter().all(|host| host.member.apis.iter().all(|&api| host.api(api).is_some()))
    }

    /// How a host stands now, and why.
    pub fn verdict(&self, host: &HostState, now: Now) -> Verdict {
        host.verdict(now, self.freshness)
    }

    /// How one API of a host answers now.
    pub fn link(&self, host: &HostState, api: Api, now: Now) -> LinkState {
        host.link(api, now, self.freshness)
    }

    /// How a host answers now, all its APIs together.
    pub fn host_link(&self, host: &HostState, now: Now) -> LinkState {
        host.host_link(now, self.freshness)
    }

    /// Whether a host's clock is too far ahead of this machine's; nothing before its first answer.
    pub fn is_ahead(&self, host: &HostState) -> Option<bool> {
        link::ahead(host).map(|ahead| ahead > self.freshness.ahead)
    }

    /// Every sample of a host, those of its links included, from the last good answers.
    pub fn samples(&self, host: &HostState, now: Now) -> Vec<Sample> {
        let mut samples = Vec::new();
        for &api in &host.member.apis {
            if let Some(good) = host.api(api).and_then(ApiState::last_good) {
                samples.extend(catalogue::samples(&good.report));
            }
            samples.extend(catalogue::samples_of(&host.link_reading(api, now, self.freshness), now.wall));
        }
        samples
    }

    /// The samples of a host's links alone: how its APIs answer now.
    pub fn link_samples<'f>(&'f self, host: &'f HostState, now: Now) -> impl Iterator<Item = Sample> + 'f {
        let links = host.member.apis.iter().map(move |&api| host.link_reading(api, now, self.freshness));
        links.flat_map(move |link| catalogue::samples_of(&link, now.wall).collect::<Vec<_>>())
    }
}

/// The last good answer of one API.
#[derive(Debug, Clone, PartialEq)]
pub struct Good {
    /// What it said.
    pub report: Report,
    /// When it arrived.
    pub at: Now,
    /// How long it took.
    pub took: Duration,
}

/// Failures since the last good answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Failing {
    /// The newest failure.
    pub failure: Failure,
    /// When the first of them came.
    pub since: Now,
    /// How many there were.
    pub times: u32,
}

/// What is known of one API of a host. At least one of the two is there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ApiState {
    good: Option<Good>,
    failing: Option<Failing>,
}

impl ApiState {
    /// The last good answer.
    pub const fn last_good(&self) -> Option<&Good> {
        self.good.as_ref()
    }

    /// Failures since then.
    pub const fn failing(&self) -> Option<&Failing> {
        self.failing.as_ref()
    }

    fn apply(&mut self, observation: Observation) {
        let Observation { at, took, outcome, .. } = observation;
        match outcome {
            Ok(report) => *self = Self { good: Some(Good { report, at, took }), failing: None },
            Err(failure) => {
                let (since, times) = self.failing.as_ref().map_or((at, 0), |failing| (failing.since, failing.times));
                self.failing = Some(Failing { failure, since, times: times.saturating_add(1) });
            }
        }
    }
}

/// One host as it is now.
#[derive(Debug, Clone)]
pub struct HostState {
    /// Who it is, and how it is judged.
    pub member: Member,
    apis: [Option<ApiState>; 3],
}

impl HostState {
    fn apply(&mut self, observation: Observation) {
        self.apis[observation.api as usize].get_or_insert_default().apply(observation);
    }

    /// What is known of one API; nothing before its first answer or failure.
    pub const fn api(&self, api: Api) -> Option<&ApiState> {
        self.apis[api as usize].as_ref()
    }

    /// The last good answer of the smart API.
    pub fn smart(&self) -> Option<&SmartReport> {
        match &self.api(Api::Smart)?.last_good()?.report {
            Report::Smart(report) => Some(report),
            _ => None,
        }
    }

    /// The last good answer of the service API.
    pub fn service(&self) -> Option<&ServiceReport> {
        match &self.api(Api::Service)?.last_good()?.report {
            Report::Service(report) => Some(report),
            _ => None,
        }
    }

    /// The last good answer of the backup API.
    pub fn backup(&self) -> Option<&BackupReport> {
        match &self.api(Api::Backup)?.last_good()?.report {
            Report::Backup(report) => Some(report),
            _ => None,
        }
    }

    /// How old the newest good answer is, by the clock that counts through suspend.
    pub fn age(&self, now: Now) -> Option<Duration> {
        self.apis.iter().flatten().filter_map(ApiState::last_good).map(|good| now.boot.since(good.at.boot)).min()
    }

    fn verdict(&self, now: Now, freshness: Freshness) -> Verdict {
        let mut reasons: Vec<Reason> = link::reasons(self, now, freshness);
        let link = self.host_link(now, freshness);
        if link == LinkState::Off {
            return Verdict { health: Health::Ok, reasons };
        }
        for good in self.apis.iter().flatten().filter_map(ApiState::last_good) {
            reasons.extend(verdict::report(&good.report, &self.member.policy).reasons);
        }
        let mut verdict = Verdict::from_reasons(reasons);
        let heard = self.apis.iter().flatten().any(|api| api.last_good().is_some());
        if !heard && verdict.reasons.is_empty() {
            verdict.health = Health::Unknown;
        }
        verdict
    }
}

#[cfg(test)]
mod tests;
