//! The fleet as it stands at one moment, judged: what screens draw. Judging anew is spared where nothing can have changed.

use std::time::Duration;

use cm_core::clock::Now;
use cm_core::fleet::{Fleet, HostState};
use cm_core::health::{Health, Verdict};
use cm_core::host::HostId;
use cm_core::observation::{LinkState, Observation};
use cm_core::wording;

/// After this long a verdict is passed anew even if nothing came: ages in its words have moved on.
const STANDS: Duration = Duration::from_secs(10);

/// How one host stands.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    /// How well it is, and why.
    pub(crate) verdict: Verdict,
    /// How it answers.
    pub(crate) link: LinkState,
    judged: Now,
}

impl Standing {
    /// The mark of a host: that of its link where there is one, else that of its health.
    pub(crate) fn mark(&self, glyphs: wording::Glyphs) -> &'static str {
        let quiet = matches!(self.verdict.health, Health::Ok | Health::Unknown);
        let link = if quiet { wording::link_mark(self.link, glyphs) } else { None };
        link.unwrap_or_else(|| wording::mark(self.verdict.health, glyphs))
    }
}

/// The fleet at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    /// Of which moment it speaks.
    pub(crate) now: Now,
    /// All hosts.
    pub(crate) fleet: Fleet,
    /// How each stands, in the order of the fleet.
    pub(crate) standing: Vec<Standing>,
}

impl Picture {
    /// A fleet of which nothing is known yet.
    pub(crate) fn new(fleet: Fleet, now: Now) -> Self {
        let standing = fleet.hosts().iter().map(|host| judge(&fleet, host, now)).collect();
        Self { now, fleet, standing }
    }

    /// Takes in what a source yields; answers whose verdict that may have changed, by its place. Nothing for a host that is
    /// no member.
    pub(crate) fn observe(&mut self, observation: Observation, now: Now) -> Option<usize> {
        let host = self.place(&observation.host)?;
        self.fleet.apply(observation);
        self.now = now;
        self.judge_anew(host);
        Some(host)
    }

    /// Moves on in time; answers whose verdict that may have changed, by their places.
    pub(crate) fn pass(&mut self, now: Now) -> Vec<usize> {
        self.now = now;
        let due = |host: usize| {
            let standing = &self.standing[host];
            let link = self.fleet.host_link(&self.fleet.hosts()[host], now);
            let steady = link == standing.link && matches!(link, LinkState::Answering | LinkState::Waiting);
            !steady || now.boot.since(standing.judged.boot) >= STANDS
        };
        let due: Vec<usize> = (0..self.standing.len()).filter(|&host| due(host)).collect();
        for &host in &due {
            self.judge_anew(host);
        }
        due
    }

    fn judge_anew(&mut self, host: usize) {
        self.standing[host] = judge(&self.fleet, &self.fleet.hosts()[host], self.now);
    }

    /// The place of a host in the fleet.
    pub(crate) fn place(&self, id: &HostId) -> Option<usize> {
        self.fleet.place(id)
    }

    /// A host and how it stands, by its place.
    pub(crate) fn host(&self, place: usize) -> Option<(&HostState, &Standing)> {
        self.fleet.hosts().get(place).zip(self.standing.get(place))
    }

    /// How many reasons there are to act: warnings and worse, of all hosts.
    pub(crate) fn troubles(&self) -> usize {
        let of_host = |standing: &Standing| {
            let worth = |health: Health| health.trouble() >= Health::Warning.trouble();
            standing.verdict.reasons.iter().filter(|reason| worth(reason.health)).count()
        };
        self.standing.iter().map(of_host).sum()
    }
}

fn judge(fleet: &Fleet, host: &HostState, now: Now) -> Standing {
    Standing { verdict: fleet.verdict(host, now), link: fleet.host_link(host, now), judged: now }
}
