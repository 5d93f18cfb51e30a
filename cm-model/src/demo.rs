//! A believable fleet made from a seed: five hosts with a daily rhythm, and a few things that happen to them.
//!
//! | room | what it holds |
//! |---|---|
//! | `rhythm` | smooth noise, the course of a day, and flows: rates whose totals are known in closed form |
//! | `spell` | things that come and go, as a calendar |
//! | `cast` | the five hosts as plain figures |
//! | `story` | what happens to whom and when |
//! | `drive`, `machine`, `memory`, `service`, `backup` | the three reports |
//!
//! Everything is a function of seed, start and moment: no state, no clock, no random stream that has to be replayed. So
//! any number of programs can show the same fleet, and a counter asked for twice agrees with the rate between. It does
//! not know who asks, how often, or by what way the reports travel.
//!
//! When the story begins, srv01 and cmbox are well; steambox has been in a game for 13 minutes, which fills its memory
//! (78 % and rising past 80 %), and an update waits for its restart; simonbox' backup is 3 h overdue and one of its
//! services nears its quota; labbox has not answered for 4 minutes, and will in 6. Later a service on cmbox restarts
//! (after 2 minutes), one on labbox fails (after 20), labbox falls silent again (every 90), vaultwarden on srv01 creeps to
//! its quota (in two weeks), and cmbox' drive loses a percent of its life every twelve days.

mod activity;
mod backup;
mod cast;
mod drive;
mod machine;
mod memory;
mod rhythm;
mod sensor;
mod service;
mod spell;
mod story;

use std::sync::Arc;
use std::time::Duration;

use cast::Pattern;
use rhythm::{DAY, chance, scramble};
use story::{Moment, Story};

use crate::clock::WallTime;
use crate::host::{Host, HostId, Role};
use crate::observation::FailureKind;
use crate::report::{Api, Report};
use crate::unit::Count;

/// How long a front end would have waited for a host that does not answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Trouble comes to one in so many of the further hosts.
const TROUBLED: f64 = 12.0;

/// A made-up fleet. The same seed, start and moment give the same reports in every process and on every platform.
#[derive(Debug, Clone)]
pub struct Demo {
    seed: u64,
    midnight: WallTime,
    start: WallTime,
    calm: bool,
    hosts: Vec<Host>,
    members: Vec<Member>,
}

/// What makes one host of the fleet this one.
#[derive(Debug, Clone)]
struct Member {
    pattern: &'static Pattern,
    seed: u64,
    well: bool,
    worn: f64,
    story: Story,
}

impl Demo {
    /// The fleet of five (srv01, cmbox, simonbox, steambox, labbox), whose story begins at `start`. It can be asked about
    /// moments before that as well: then it tells what came before.
    pub fn new(seed: u64, start: WallTime) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "seconds in a day")]
        let into_day = start.secs().rem_euclid(DAY as i64).unsigned_abs();
        let midnight = WallTime::from_secs(start.secs()).before(Duration::from_secs(into_day));
        let empty = Self { seed, midnight, start, calm: false, hosts: Vec::new(), members: Vec::new() };
        empty.with_hosts(cast::HOSTS.len())
    }

    /// The same fleet with `n` hosts: the first `n` of the five, or the five and further ones called `node06` and on,
    /// which are like one of the five each, with figures of their own. About one in twelve of the further ones has its
    /// model's troubles; the others are well.
    #[must_use]
    pub fn with_hosts(mut self, n: usize) -> Self {
        self.hosts = (0..n).map(host).collect();
        self.members = (0..n).map(|at| self.member(at)).collect();
        self
    }

    /// The same fleet on a quiet day: everybody answers, and nothing passes a default limit.
    #[must_use]
    pub fn calm(mut self) -> Self {
        self.calm = true;
        let n = self.hosts.len();
        self.with_hosts(n)
    }

    /// Its hosts, in the order in which the owner listed them.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// What one API of a host answers at a moment, or how it fails to: [`FailureKind::NoSuchName`] for a host that is not
    /// of the fleet, [`FailureKind::TimedOut`] for one that is silent at that moment.
    ///
    /// Cost: well below 100 µs in an optimised build, whatever the distance from the start.
    pub fn report(&self, host: &HostId, api: Api, at: WallTime) -> Result<Report, FailureKind> {
        let known = self.hosts.iter().position(|known| known.id == *host).ok_or(FailureKind::NoSuchName)?;
        let member = &self.members[known];
        let m = Moment {
            host: member.pattern,
            story: &member.story,
            seed: member.seed,
            well: member.well,
            worn: member.worn,
            midnight: self.midnight,
            start: self.seconds(self.start),
            t: self.seconds(at),
        };
        if member.story.silence.is_some_and(|silence| silence.at(m.t).is_some()) {
            return Err(FailureKind::TimedOut { waiting_for: "connection", limit: PATIENCE });
        }
        Ok(match api {
            Api::Smart => Report::Smart(Arc::new(drive::smart(&m))),
            Api::Service => Report::Service(Arc::new(service::report(&m))),
            Api::Backup => Report::Backup(Arc::new(backup::report(&m))),
        })
    }

    /// A moment in seconds since the midnight before the start: the story's own time. Milliseconds are exact in it.
    fn seconds(&self, at: WallTime) -> f64 {
        (at.millis() - self.midnight.millis()) as f64 / 1_000.0
    }

    fn member(&self, at: usize) -> Member {
        let pattern = cast::HOSTS[at % cast::HOSTS.len()];
        #[expect(clippy::cast_possible_wrap, reason = "any number will do")]
        let seed = scramble(self.seed, at as i64);
        let further = at >= cast::HOSTS.len();
        let well = self.calm || (further && chance(seed, 1) >= 1.0 / TROUBLED);
        let worn = match (further, well) {
            (false, _) => 1.0,
            (true, true) => 0.4 + 1.6 * chance(seed, 2),
            (true, false) => 0.4 + 3.2 * chance(seed, 2),
        };
        // In a larger fleet troubles do not come all at the same minute.
        let later = if further { 5_400.0 * chance(seed, 3) } else { 0.0 };
        let story = Story::new(pattern, seed, self.seconds(self.start) + later, well);
        Member { pattern, seed, well, worn, story }
    }
}

/// The host at a place in the list.
fn host(at: usize) -> Host {
    let pattern = cast::HOSTS[at % cast::HOSTS.len()];
    let id =
        if at < cast::HOSTS.len() { HostId::new(pattern.name) } else { HostId::new(&format!("node{:02}", at + 1)) };
    let mut host = Host::new(id.expect("letters and digits"));
    host.role = Some(Role::new(pattern.role).expect("letters"));
    host
}

/// A whole number of things, rounded down, never negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float to integer saturates")]
fn whole(amount: f64) -> Count {
    Count(amount.max(0.0) as u64)
}

#[cfg(test)]
mod tests;
