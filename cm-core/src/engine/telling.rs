//! Judging and telling beside recording: when a round is due, on what footing it stands, what is stored of it, and which
//! messages go out.
//!
//! Only who holds the lease judges, from what was stored. While the file can be neither opened nor written, judging goes on
//! from memory, and messages say that they may repeat.

use std::collections::BTreeSet;
use std::time::Duration;

use super::job::{Commit, Job, Loaded};
use super::judge::{GAP, Judge, Judging, OwnFigures};
use super::past::asked::{Answered, Asked};
use super::progress::Progress;
use super::{BATCH_EVERY, Effect, Engine, Standing};
use crate::clock::{BootTime, Now};
use crate::incident::{Incidents, request};
use crate::outbox::{Answer, Delivery};
use crate::store::outbox::Permit;

/// How long is waited for a file that takes nothing before messages are sent from memory.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long is waited at the end for the answers to what was sent.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// For how long the first answers of all hosts are waited for before anything is judged.
const FIRST_ANSWERS: Duration = Duration::from_secs(10);

/// How often it is read what people ask for.
const LISTEN_EVERY: Duration = Duration::from_secs(1);

/// A message that is to be sent now, and the right to do so.
#[derive(Debug, Clone, PartialEq)]
pub struct Sending {
    /// The message.
    pub delivery: Delivery,
    /// Until when it may be sent; none for one from memory, which nobody else knows of.
    pub permit: Option<Permit>,
}

impl Sending {
    /// Whether it may be sent. To be asked right before the first byte.
    pub fn may_go(&self, now: Now) -> bool {
        self.permit.is_none_or(|permit| permit.left(now).is_some())
    }
}

/// What judging stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Footing {
    /// Nothing was loaded yet.
    Nothing,
    /// What was stored under this epoch, and what came since.
    File(i64),
    /// Memory alone: there is no file to load from.
    Memory,
}

/// Judging and telling.
#[derive(Debug)]
pub(super) struct Telling {
    judge: Judge,
    tells: bool,
    stands_for: Duration,
    footing: Footing,
    epoch: Option<i64>,
    /// Messages that are sent once it is stored that they are.
    claimed: Vec<Delivery>,
    /// Those of which an answer is awaited.
    sending: BTreeSet<u64>,
    /// Since when something waits to be stored, or to be loaded.
    waiting: Option<BootTime>,
    /// Nothing is stored before.
    not_before: BootTime,
    /// The file refused what was to be stored last.
    is_refused: bool,
    stopping: Option<BootTime>,
    is_last_stored: bool,
    rounds: u64,
    began: Option<BootTime>,
    /// When it is read next what people ask for.
    listens: BootTime,
}

impl Telling {
    pub(super) fn new(judging: Judging, stands_for: Duration) -> Self {
        Self {
            tells: judging.tells,
            judge: Judge::new(judging),
            stands_for,
            footing: Footing::Nothing,
            epoch: None,
            claimed: Vec::new(),
            sending: BTreeSet::new(),
            waiting: None,
            not_before: BootTime::default(),
            is_refused: false,
            stopping: None,
            is_last_stored: false,
            rounds: 0,
            began: None,
            listens: BootTime::default(),
        }
    }

    /// How far judging and telling have come.
    pub(super) fn told(&self) -> Progress {
        let is_quiet = self.claimed.is_empty() && self.sending.is_empty();
        let is_judged = self.rounds > 0 && !self.judge.is_pressing();
        Progress {
            rounds: self.rounds,
            is_settled: matches!(self.footing, Footing::File(_)) && is_judged && is_quiet && !self.judge.is_changed(),
            is_from_memory: self.footing == Footing::Memory && is_judged && is_quiet,
            firing: self
                .judge
                .incidents()
                .open()
                .filter(|incident| incident.phase.has_fired() && !incident.phase.is_over())
                .count(),
            waiting: self.judge.outbox.messages().filter(|row| row.ended.is_none()).count(),
            ..Progress::default()
        }
    }

    pub(super) const fn judge(&mut self) -> &mut Judge {
        &mut self.judge
    }

    /// Whether this program judges now, and on what: as it stands to the file, `troubled` or not.
    fn stand(&mut self, standing: &Standing, troubled: bool, now: BootTime) -> bool {
        let is_late = |since: Option<BootTime>| since.is_some_and(|since| now.since(since) >= PATIENCE);
        match (standing, self.footing) {
            (Standing::Following(_) | Standing::Ended, _) => return false,
            (Standing::Recording, Footing::Nothing) if !is_late(self.waiting) => {
                self.waiting.get_or_insert(now);
                return false;
            }
            (Standing::Closed(_), _) if !troubled => return false,
            (Standing::Recording | Standing::Closed(_), Footing::Nothing) => {
                self.footing = Footing::Memory;
                self.judge.past.give_up();
            }
            (Standing::Recording | Standing::Closed(_), Footing::File(_) | Footing::Memory) => {}
        }
        true
    }

    /// The epoch under which messages are claimed, if that can be stored.
    fn epoch(&self, standing: &Standing) -> Option<i64> {
        let can_store = *standing == Standing::Recording && !self.is_refused;
        self.epoch.filter(|_| can_store && matches!(self.footing, Footing::File(_)))
    }

    /// The next thing to store or to ask.
    fn next(&mut self, is_stopping: bool, now: BootTime) -> Option<Job> {
        match self.footing {
            Footing::Nothing | Footing::Memory if self.epoch.is_some() && now >= self.not_before && !is_stopping => {
                return Some(Job::Load);
            }
            Footing::Nothing | Footing::Memory => return None,
            Footing::File(_) => {}
        }
        if now < self.not_before {
            return None;
        }
        let is_last = is_stopping && !self.is_last_stored;
        if let Some(commit) = self.judge.commit(is_last, now) {
            self.is_last_stored |= is_last;
            return Some(Job::Commit { commit: Box::new(commit), sends: !self.claimed.is_empty() });
        }
        if is_stopping {
            return None;
        }
        if now >= self.listens {
            self.listens = now.after(LISTEN_EVERY);
            return Some(Job::Listen);
        }
        let asked = self.judge.ask(now);
        (!asked.is_empty()).then_some(Job::Ask(asked))
    }
}

impl Engine {
    /// The same, judging as well.
    #[must_use]
    pub fn judging(mut self, judging: Judging) -> Self {
        self.telling = Some(Box::new(Telling::new(judging, self.stands_for)));
        self
    }

    /// The incidents as they are now, where this program judges.
    pub fn incidents(&self) -> Option<&Incidents> {
        self.telling.as_ref().map(|telling| telling.judge.incidents())
    }

    /// Whether something changed that is to be judged before the next second.
    pub(super) fn pressing(&self) -> Option<Duration> {
        let telling = self.telling.as_ref()?;
        telling.judge.is_pressing().then_some(GAP)
    }

    /// A round, if one is due.
    pub(super) fn judge(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let tally = self.tally();
        let troubled = self.trouble.is_some();
        let Some(telling) = self.telling.as_deref_mut() else { return };
        let stands = !self.is_stopping && telling.stand(&self.standing, troubled, now.boot);
        // A round before hosts could answer would find everything absent, and time since the last program would not count.
        let began = *telling.began.get_or_insert(now.boot);
        let is_ready = telling.rounds > 0 || self.fleet.is_complete() || now.boot.since(began) >= FIRST_ANSWERS;
        if stands && is_ready && telling.judge.is_due(now.boot) {
            let figures = OwnFigures { host: &self.watcher, tally: &tally };
            telling.rounds += 1;
            let at = telling.judge.round(&self.fleet, figures, telling.stands_for, now);
            if telling.tells {
                let epoch = telling.epoch(&self.standing);
                let claimed = telling.judge.claim(at, epoch);
                telling.claimed.extend(claimed);
            }
            let waits = !telling.claimed.is_empty() || telling.judge.is_changed();
            telling.waiting = if waits { telling.waiting.or(Some(now.boot)) } else { None };
        }
        let is_late = telling.waiting.is_some_and(|since| now.boot.since(since) >= PATIENCE);
        if telling.epoch(&self.standing).is_none() || is_late {
            telling.send_unstored(effects);
        }
    }

    /// What became of an attempt to send.
    pub(super) fn answered(&mut self, number: u64, answer: Answer, now: Now) {
        if let Some(telling) = &mut self.telling
            && telling.sending.remove(&number)
        {
            telling.judge.answered(number, answer, now);
        }
    }

    /// The next thing that judging wants done with the file, while it is ours.
    pub(super) fn next_of_judging(&mut self, now: Now) -> Option<Job> {
        self.telling.as_mut()?.next(self.is_stopping, now.boot)
    }

    /// Whether the end waits for the answers to what was sent.
    pub(super) fn waits_for_answers(&mut self, now: Now) -> bool {
        let Some(telling) = &mut self.telling else { return false };
        let since = *telling.stopping.get_or_insert(now.boot);
        !telling.sending.is_empty() && now.boot.since(since) < LAST_ANSWERS
    }

    /// Whether another program is to have the lease: one that sends what there is to tell.
    pub(super) fn yields(&self) -> bool {
        self.is_wanted && self.telling.as_ref().is_none_or(|telling| !telling.tells)
    }

    /// The lease is ours under this epoch. Where nobody else can have held it, what is in memory is what there is.
    pub(super) fn leased(&mut self, epoch: i64) {
        let Some(telling) = &mut self.telling else { return };
        telling.epoch = Some(epoch);
        telling.footing = match telling.footing {
            Footing::File(before) if epoch - before <= 1 => Footing::File(epoch),
            _ => Footing::Nothing,
        };
        (telling.waiting, telling.is_refused) = (None, false);
    }

    /// The lease is another's.
    pub(super) fn let_go(&mut self) {
        let Some(telling) = &mut self.telling else { return };
        (telling.footing, telling.epoch, telling.waiting) = (Footing::Nothing, None, None);
        telling.claimed.clear();
        telling.sending.clear();
    }

    pub(super) fn loaded(&mut self, loaded: Loaded) {
        let Some(telling) = &mut self.telling else { return };
        let Some(epoch) = telling.epoch else { return };
        telling.judge.load(loaded);
        telling.sending.clear();
        telling.claimed.clear();
        (telling.footing, telling.waiting) = (Footing::File(epoch), None);
    }

    /// It is stored: what was claimed goes out.
    pub(super) fn committed(&mut self, commit: &Commit, permit: Option<Permit>, effects: &mut Vec<Effect>) {
        let Some(telling) = &mut self.telling else { return };
        telling.judge.saved(commit);
        (telling.waiting, telling.is_refused) = (None, false);
        for delivery in telling.claimed.drain(..) {
            telling.sending.insert(delivery.number);
            effects.push(Effect::Deliver(Box::new(Sending { delivery, permit })));
        }
    }

    /// It was not stored. It stays in memory, and is tried again.
    pub(super) fn not_stored(&mut self, now: Now) {
        if let Some(telling) = &mut self.telling {
            telling.not_before = now.boot.after(BATCH_EVERY);
            telling.is_refused = true;
        }
    }

    pub(super) fn learned(&mut self, asked: Vec<Asked>, answers: Vec<Answered>, now: Now) {
        if let Some(telling) = &mut self.telling {
            telling.judge.learn(asked, answers, now);
        }
    }

    /// What people ask for is done, each request once, and counts from the next round on.
    pub(super) fn asked(&mut self, asked: &[request::Asked], now: Now) {
        if let Some(telling) = &mut self.telling {
            telling.judge.obey(asked, now);
        }
    }

    pub(super) fn unanswered(&mut self, asked: Vec<Asked>) {
        if let Some(telling) = &mut self.telling {
            telling.judge.past.unanswered(asked);
        }
    }
}

impl Telling {
    /// Nothing can be stored: what waits is sent all the same, and says that it may come again.
    fn send_unstored(&mut self, effects: &mut Vec<Effect>) {
        for mut delivery in self.claimed.drain(..) {
            delivery.message.may_repeat = true;
            self.sending.insert(delivery.number);
            effects.push(Effect::Deliver(Box::new(Sending { delivery, permit: None })));
        }
    }
}
