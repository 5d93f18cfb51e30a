//! What happens to whom and when: games, backups, checks, upgrades, and the few things that go wrong.
//!
//! A calendar for each host, laid out about the start of the story, so that a first look already sees something. It does
//! not know what a spell does to a figure.

use super::cast::{BackupPlot, Pattern};
use super::rhythm::{DAY, chance, scramble};
use super::spell::Spells;
use crate::clock::WallTime;
use crate::report::backup::RunResult;

/// What befalls one host.
#[derive(Debug, Clone)]
pub(super) struct Story {
    /// Starts of the machine: each lasts until the next.
    boots: Spells,
    pub(super) game: Option<Spells>,
    pub(super) backup: Spells,
    pub(super) scrub: Option<Spells>,
    pub(super) upgrade: Option<Spells>,
    /// While it lasts, the host does not answer.
    pub(super) silence: Option<Spells>,
    pub(super) restarting: Option<Spells>,
    pub(super) failing: Option<Spells>,
    pub(super) degraded: Option<Spells>,
    /// The number of the newest backup when the story began, where some end badly.
    bad_backups_about: Option<i64>,
}

impl Story {
    /// The story of a host. All goes well where `well`; `start` is in seconds since the midnight before it (UTC).
    pub(super) fn new(host: &Pattern, seed: u64, start: f64, well: bool) -> Self {
        const HOUR: f64 = 3_600.0;
        let plot = &host.plot;
        let part = |what: i64| scramble(seed, what);
        let unless_well = |spells: Spells| (!well).then_some(spells);
        let place = &host.backup;
        let period = place.every_days * DAY;
        let backup = if plot.backup == BackupPlot::Late && !well {
            Spells::every(period, start - 27.0 * HOUR, place.takes_s).waiting(8.0 * HOUR)
        } else {
            Spells::every(period, (1.0 - place.every_days) * DAY + place.hour * HOUR, place.takes_s)
        };
        let newest = backup.ended(start).index;
        Self {
            boots: Spells::every(97.0 * DAY, start - host.uptime_s, 97.0 * DAY),
            game: plot.game.map(|game| Spells::every(DAY, start - game.ago_s, 9_600.0).jittered(part(1), 14.0 * HOUR)),
            backup,
            scrub: host.pools.first().map(|pool| Spells::every(30.0 * DAY, start - 9.0 * DAY, pool.scrub_s)),
            upgrade: Some(Spells::every(7.0 * DAY, start - 3.0 * DAY, 420.0).jittered(part(2), 2.0 * DAY)),
            silence: unless_well(Spells::every(1.5 * HOUR, start - 240.0, 600.0)).filter(|_| plot.silent),
            restarting: unless_well(Spells::every(DAY, start + 120.0, 35.0).jittered(part(3), 20.0 * HOUR))
                .filter(|_| plot.restarting.is_some()),
            failing: unless_well(Spells::every(DAY / 2.0, start + 1_200.0, 1_800.0).jittered(part(4), 8.0 * HOUR))
                .filter(|_| plot.failing.is_some()),
            degraded: unless_well(Spells::every(8.0 * HOUR, start + 4.0 * HOUR, 420.0).jittered(part(5), HOUR))
                .filter(|_| plot.degraded.is_some()),
            bad_backups_about: (plot.backup == BackupPlot::Failing && !well).then_some(newest),
        }
    }

    /// When the machine was last started.
    pub(super) fn boot(&self, t: f64) -> f64 {
        self.boots.begun(t).since
    }

    /// How the backup with a number ends: of 23, one fails and one has warnings.
    pub(super) fn backup_ends(&self, index: i64) -> RunResult {
        match self.bad_backups_about.map(|newest| (index - newest).rem_euclid(23)) {
            Some(14) => RunResult::Failed,
            Some(18) => RunResult::Warning,
            _ => RunResult::Success,
        }
    }
}

/// One host at one moment: everything that the rooms need to say what it answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'a> {
    pub(super) host: &'static Pattern,
    pub(super) story: &'a Story,
    pub(super) seed: u64,
    /// Whether nothing may go wrong.
    pub(super) well: bool,
    /// How much of its drives' life is gone in terms of the pattern's.
    pub(super) worn: f64,
    /// The midnight (UTC) before the start of the story: moments are counted in seconds from here.
    pub(super) midnight: WallTime,
    /// Start of the story.
    pub(super) start: f64,
    /// Now.
    pub(super) t: f64,
}

impl Moment<'_> {
    /// Whether the host is about to fall silent, and says so.
    pub(super) fn is_going(&self) -> bool {
        let silent = |t: f64| self.story.silence.is_some_and(|silence| silence.at(t).is_some());
        silent(self.t + 6.0) && !silent(self.t)
    }

    /// A seed of its own for each part of the host, named so that a new part leaves the others as they are (FNV-1a).
    pub(super) fn part(&self, what: &str, which: &str) -> u64 {
        let bytes = what.bytes().chain(which.bytes());
        let hash = bytes
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        scramble(self.seed ^ hash, 0)
    }

    /// A number of its own from 0 to 1 for each part of the host, the same for ever.
    pub(super) fn lot(&self, what: &str, which: &str) -> f64 {
        chance(self.part(what, which), 0)
    }

    /// A moment as the host's clock tells it, in whole seconds.
    pub(super) fn wall(&self, t: f64) -> WallTime {
        #[expect(clippy::cast_possible_truncation, reason = "moments lie within 8,000 years")]
        let seconds = t.floor() as i64;
        WallTime::from_secs(self.midnight.secs() + seconds)
    }

    /// Days since the story began; negative before it.
    pub(super) fn days(&self) -> f64 {
        (self.t - self.start) / DAY
    }

    /// How far a game has come, from 0 to 1, if something takes `rise` seconds to follow it.
    pub(super) fn game(&self, rise: f64) -> f64 {
        self.story.game.map_or(0.0, |game| game.swell(self.t, rise))
    }

    /// An amount that grows by `a_day` under a limit. Shortly before it is full somebody clears it out: it falls to half
    /// of where it stood at the start, and grows again. Where all goes well that happens in time.
    pub(super) fn fills(&self, at_start: f64, limit: f64, a_day: f64) -> f64 {
        let (most, at_start) = if self.well { (0.8, at_start.min(0.7 * limit)) } else { (0.94, at_start) };
        let low = at_start / 2.0;
        let room = (most * limit - low).max(f64::MIN_POSITIVE);
        low + (at_start - low + a_day * self.days()).rem_euclid(room)
    }
}
