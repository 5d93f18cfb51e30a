//! The round that judges: the fleet as it is, what was and what will be, through the rules, into incidents, into messages.
//!
//! | room | what it holds |
//! |---|---|
//! | `look` | what rules found, as incidents take it in |
//! | `gone` | what is no longer there to be looked at |
//! | `own` | what the watcher finds of itself: it is cut off, a channel is down |
//! | `evidence` | what was known when an incident fired |
//!
//! Pure: time is handed in, what is to be stored is handed out, nobody is told. It does not know who holds the lease.

mod evidence;
mod gone;
mod look;
mod own;

use std::time::Duration;

use self::evidence::{Changes, Wanted};
use self::gone::Missing;
use self::look::Found;
use self::own::Own;
pub(super) use self::own::OwnFigures;

use super::job::{Commit, Loaded};
use super::past::Past;
use super::past::asked::{Answered, Asked};
use crate::clock::{BootTime, Now};
use crate::fleet::Fleet;
use crate::host::HostId;
use crate::incident::{Change, Extent, Incidents, Moment, Surroundings, request};
use crate::metric::Sample;
use crate::observation::LinkState;
use crate::outbox::{Answer, Around, Delivery, Outbox, Plan};
use crate::registry::Registry;
use crate::rule::{Present, RuleSet};
use crate::store::tell::Said;
use crate::text::HostText;

/// How far apart rounds are at least: so soon after something changed it is judged.
pub(super) const GAP: Duration = Duration::from_millis(40);

/// How far apart they are at most.
const EVERY: Duration = Duration::from_secs(1);

/// How often time that was seen to pass is stored where nothing changed.
const KEEP_EVERY: Duration = Duration::from_secs(30);

/// How two looks may lie apart at most for the time between them to count.
const LOOKS_APART: Duration = Duration::from_mins(1);

/// What is judged by, and who is told.
#[derive(Debug, Clone)]
pub struct Judging {
    /// The rules.
    pub rules: RuleSet,
    /// What was declared beside the catalogue.
    pub registry: Registry,
    /// What lies around the hosts.
    pub around: Surroundings,
    /// Who is told what.
    pub plan: Plan,
    /// Which machine tells.
    pub from: HostText,
    /// Which start of the machine this is (`/proc/sys/kernel/random/boot_id`).
    pub start: String,
    /// Whether this program sends what there is to tell. Others leave it in the outbox, and leave the lease to one that does.
    pub tells: bool,
    /// Chance: for the waits between attempts.
    pub seed: u64,
    /// How many seconds local time is ahead of UTC: what is usual goes by hours of the week.
    pub ahead_s: i32,
}

/// All that is known for judging.
#[derive(Debug)]
pub(super) struct Judge {
    pub(super) options: Judging,
    present: Present,
    pub(super) past: Past,
    own: Own,
    missing: Missing,
    changes: Changes,
    wanted: Wanted,
    pub(super) incidents: Incidents,
    pub(super) outbox: Outbox,
    /// Since when readings are taken in without a break.
    began: Option<BootTime>,
    /// Something changed since the last round.
    is_due: bool,
    last: Option<BootTime>,
    kept: BootTime,
}

impl Judge {
    pub(super) fn new(options: Judging) -> Self {
        Self {
            present: Present::new(),
            past: Past::new(options.rules.needs()),
            own: Own::default(),
            missing: Missing::default(),
            changes: Changes::default(),
            wanted: Wanted::default(),
            incidents: Incidents::new(options.around.clone()),
            outbox: Outbox::new(options.plan.clone()),
            began: None,
            is_due: false,
            last: None,
            kept: BootTime::default(),
            options,
        }
    }

    /// Goes on from what was stored.
    pub(super) fn load(&mut self, loaded: Loaded) {
        self.incidents = Incidents::load(loaded.incidents, self.options.around.clone());
        // What cannot be read is of a newer version: then everything is told anew, which is better than silence.
        let outbox = Outbox::load(loaded.outbox, self.options.plan.clone());
        self.outbox = outbox.unwrap_or_else(|_| Outbox::new(self.options.plan.clone()));
        self.is_due = true;
    }

    /// A host told something: what was measured, and which words are new.
    pub(super) fn observe(&mut self, host: &HostId, samples: &[Sample], said: &[Said], now: Now) {
        self.began.get_or_insert(now.boot);
        self.missing.note_drives(host, samples, &mut self.present, &mut self.past);
        self.past.push(host, samples);
        self.changes.note(host, said, now.boot);
        self.is_due = true;
    }

    pub(super) const fn incidents(&self) -> &Incidents {
        &self.incidents
    }

    /// Whether a round is due now.
    pub(super) fn is_due(&self, now: BootTime) -> bool {
        let Some(last) = self.last else { return true };
        let since = now.since(last);
        since >= EVERY || self.is_due && since >= GAP
    }

    /// Whether something changed that is to be judged before the next second.
    pub(super) const fn is_pressing(&self) -> bool {
        self.is_due
    }

    /// Judges everything as it is now; answers with the moment that it was. `stands_for` is how long an answer of a host
    /// stands.
    pub(super) fn round(&mut self, fleet: &Fleet, figures: OwnFigures<'_>, stands_for: Duration, now: Now) -> Moment {
        (self.is_due, self.last) = (false, Some(now.boot));
        let at = self.incidents.moment(now, &self.options.start);
        let watching = self.began.map_or(Duration::ZERO, |began| now.boot.since(began));
        self.present.update(fleet, now, watching);
        let Self { present, past, options, own, .. } = self;
        own.measure(figures, past, now);
        own.put(figures, present, &options.registry);
        past.fill(present, |host, subject| own.place(host, subject), &options.registry, now);
        for host in fleet.hosts() {
            let is_off = fleet.host_link(host, now) == LinkState::Off;
            self.incidents.set_off(&host.member.host.id, is_off, at);
        }
        let gap = LOOKS_APART.max(stands_for);
        let mut found = look::all(self, gap);
        found.extend(gone::all(self, fleet, now));
        found.extend(own::all(self, fleet, gap, now));
        let told = self.incidents.step(found.iter().map(Found::look), at);
        for transition in told.iter().filter(|one| matches!(one.change, Change::Fired | Change::Flapping)) {
            evidence::attach(self, transition.incident, fleet, now);
        }
        self.tell(fleet, at);
        at
    }

    /// What there is to tell becomes messages.
    fn tell(&mut self, fleet: &Fleet, at: Moment) {
        let around = Around { from: &self.options.from, audit: None, hosts: fleet.hosts().len() };
        self.outbox.step(self.incidents.open().chain(self.incidents.past()), around, at);
    }

    /// The messages that may be sent now, as being sent under this epoch; without one from memory.
    pub(super) fn claim(&mut self, at: Moment, epoch: Option<i64>) -> Vec<Delivery> {
        std::iter::from_fn(|| self.outbox.claim(at, epoch)).collect()
    }

    /// Does what people ask for.
    pub(super) fn obey(&mut self, asked: &[request::Asked], now: Now) {
        if asked.is_empty() {
            return;
        }
        let at = self.incidents.moment(now, &self.options.start);
        for one in asked {
            self.incidents.answer(one, at);
        }
        self.is_due = true;
    }

    /// What became of an attempt.
    pub(super) fn answered(&mut self, number: u64, answer: Answer, now: Now) {
        let at = self.incidents.moment(now, &self.options.start);
        let seed = self.options.seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.outbox.answered(number, answer, seed, at);
        // A channel that fails is itself something to judge.
        self.is_due = true;
    }

    /// Whether anything waits to be stored that people see.
    pub(super) fn is_changed(&self) -> bool {
        self.incidents.is_changed() || self.outbox.is_changed()
    }

    /// What is to be stored now, if anything is.
    pub(super) fn commit(&mut self, is_last: bool, now: BootTime) -> Option<Commit> {
        let is_time = is_last || now.since(self.kept) >= KEEP_EVERY;
        if !is_time && !self.is_changed() {
            return None;
        }
        if is_time {
            self.kept = now;
        }
        let extent = if is_time { Extent::All } else { Extent::Changed };
        let outbox = (is_time || self.outbox.is_changed()).then(|| self.outbox.unsaved());
        Some(Commit { incidents: Some(self.incidents.unsaved(extent)), outbox })
    }

    /// This was stored.
    pub(super) fn saved(&mut self, commit: &Commit) {
        commit.incidents.iter().for_each(|saved| self.incidents.saved(saved));
        commit.outbox.iter().for_each(|saved| self.outbox.saved(saved));
    }

    /// What is to be asked of the history next.
    pub(super) fn ask(&mut self, now: BootTime) -> Vec<Asked> {
        let mut asked = self.wanted.ask();
        asked.extend(self.past.ask(now));
        asked
    }

    /// The history answered some of what was asked, the first of it.
    pub(super) fn learn(&mut self, mut asked: Vec<Asked>, answers: Vec<Answered>, now: Now) {
        let rest = asked.split_off(answers.len().min(asked.len()));
        for (asked, answer) in asked.iter().zip(answers) {
            match answer {
                Answered::Samples(samples) => self.wanted.answered(asked, samples, &mut self.incidents),
                answer => self.past.answered(asked, answer, now),
            }
        }
        self.past.unanswered(rest);
        self.is_due = true;
    }
}
