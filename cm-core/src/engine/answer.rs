//! What follows from what a job came to: how recording stands then, what waits again, what a person is told.

use std::time::Duration;

use super::duty::Duties;
use super::job::{Done, Job, Then, Trouble, Words};
use super::notice::News;
use super::{BATCH_EVERY, Effect, Engine, HOLD, Standing, tell};
use crate::clock::{BootTime, Now};
use crate::fault::Code;
use crate::store::expire::{Expired, Log};
use crate::store::{Claim, lease};

/// How long is waited after a file could not be used before it is opened again.
const REOPEN_AFTER: Duration = Duration::from_mins(1);

/// For how long the log may be held before somebody is told.
const LOG_PATIENCE: Duration = Duration::from_mins(10);

/// For how long another program may be writing before somebody is told.
const BUSY_PATIENCE: Duration = Duration::from_secs(30);

/// What holds recording up.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeldUp {
    code: Code,
    since: BootTime,
    /// How much had been dropped when it began.
    dropped: u64,
    is_told: bool,
}

impl Engine {
    pub(super) fn done(&mut self, done: Done, now: Now, effects: &mut Vec<Effect>) {
        let Some(job) = self.flying.take() else { return };
        let (job, done) = match (job, done) {
            (Job::Ask(asked), Done::Answered(answers)) => return self.learned(asked, answers, now),
            (job, Done::Refused(trouble)) => return self.refused(job, trouble, now, effects),
            both => both,
        };
        match (&job, done) {
            (Job::Open, _) => self.standing = Standing::Following(now.boot),
            (_, Done::Claimed(Claim::Ours { epoch })) => self.begin(epoch, now, effects),
            // A copy of the file took the place of the one that was open, with our own lease in it: it runs out soon.
            (_, Done::Claimed(Claim::Held { by, .. })) if by == self.name => {
                self.standing = Standing::Following(now.boot.after(lease::RENEW_EVERY));
            }
            (_, Done::Claimed(Claim::Held { by, .. })) => {
                if self.follows.as_ref() != Some(&by) {
                    effects.push(tell(now, News::Follows { by: by.clone() }));
                    self.follows = Some(by);
                }
                self.follow(now.boot.after(lease::RENEW_EVERY));
            }
            (_, Done::Appended { stored, took, sizes }) => {
                self.held.stored();
                self.duties.renew.done(now.boot);
                self.tally.commits += 1;
                self.tally.stored += stored;
                (self.tally.file_bytes, self.tally.log_bytes) = (Some(sizes.0), Some(sizes.1));
                self.tally.commit_time = self.tally.commit_time.max(Some(took));
                self.goes_on(now, effects);
            }
            (_, Done::Emptied(log) | Done::Expired(Expired::Done { log, .. })) => self.log(log, now, effects),
            (Job::Leave, _) => self.standing = Standing::Ended,
            (Job::Renew, done) => {
                self.duties.renew.done(now.boot);
                self.is_wanted = done == Done::Renewed { is_wanted: true };
            }
            (Job::Yield, _) => self.follow(now.boot.after(lease::LENGTH)),
            (Job::Load, Done::Loaded(loaded)) => self.loaded(*loaded),
            (Job::Listen, Done::Asked(asked)) => self.asked(&asked, now),
            (Job::Commit { commit, .. }, Done::Committed(permit)) => self.committed(commit, permit, effects),
            _ => {}
        }
    }

    /// We hold the lease now.
    fn begin(&mut self, epoch: i64, now: Now, effects: &mut Vec<Effect>) {
        self.is_wanted = false;
        self.leased(epoch);
        self.standing = Standing::Recording;
        self.follows = None;
        self.log_held = None;
        self.duties = Duties::from(now.boot);
        self.not_before = now.boot;
        // Whoever recorded before us has heard other words last.
        self.intake.forget();
        // That trouble is over shows when something was stored.
        if self.trouble.is_none() {
            effects.push(tell(now, News::Records));
        }
    }

    /// Another holds it.
    fn follow(&mut self, from: BootTime) {
        self.let_go();
        self.trouble = None;
        self.standing = Standing::Following(from);
        self.words = Words::default();
        self.frames.clear();
    }

    fn goes_on(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if let Some(HeldUp { code, dropped, is_told: true, .. }) = self.trouble.take() {
            effects.push(tell(now, News::Over { code, dropped: self.tally().dropped.saturating_sub(dropped) }));
        }
    }

    fn refused(&mut self, job: Job, trouble: Trouble, now: Now, effects: &mut Vec<Effect>) {
        let is_leaving = job == Job::Leave;
        let is_judging = matches!(job, Job::Commit { .. } | Job::Load | Job::Ask(_));
        if is_judging {
            self.not_stored(now);
        }
        if job == Job::Renew {
            self.duties.renew.retry(now.boot, lease::RENEW_EVERY);
        }
        self.take_back(job);
        if is_leaving {
            self.standing = Standing::Ended;
            return;
        }
        match trouble.then {
            Then::Follow => {
                self.held.keep_last(HOLD, now.boot);
                return self.follow(now.boot);
            }
            Then::Reopen => self.standing = Standing::Closed(now.boot),
            Then::Stand => self.standing = Standing::Closed(now.boot.after(REOPEN_AFTER)),
            // It keeps nothing else from being stored.
            Then::Wait if is_judging => {}
            Then::Wait => {
                self.not_before = now.boot.after(BATCH_EVERY);
                match self.standing {
                    Standing::Closed(_) => self.standing = Standing::Closed(self.not_before),
                    Standing::Following(_) => self.standing = Standing::Following(now.boot.after(lease::RENEW_EVERY)),
                    Standing::Recording | Standing::Ended => {}
                }
            }
        }
        self.bound(now);
        let dropped = self.tally().dropped;
        let before = self.trouble.take();
        let mut held_up = match before {
            Some(before) if before.code == trouble.code => before,
            before => HeldUp {
                code: trouble.code,
                since: now.boot,
                dropped: before.map_or(dropped, |before| before.dropped),
                is_told: false,
            },
        };
        // Somebody else who is writing just now is worth no word, unless that does not end.
        let is_short = trouble.code == Code::HISTORY_BUSY && now.boot.since(held_up.since) < BUSY_PATIENCE;
        if !held_up.is_told && !is_short {
            held_up.is_told = true;
            effects.push(tell(now, News::Trouble { code: trouble.code, text: trouble.text }));
        }
        self.trouble = Some(held_up);
    }

    /// What was not stored waits again.
    fn take_back(&mut self, job: Job) {
        match job {
            Job::Append(_) => self.held.refused(),
            Job::Ask(asked) => self.unanswered(asked),
            Job::Keep(frames) => frames.into_iter().rev().for_each(|frame| self.frames.push_front(frame)),
            Job::Tell(mut words) => {
                words.said.append(&mut self.words.said);
                words.links.append(&mut self.words.links);
                words.runs.append(&mut self.words.runs);
                self.words = words;
            }
            _ => {}
        }
    }

    pub(super) fn log(&mut self, log: Log, now: Now, effects: &mut Vec<Effect>) {
        match (log, self.log_held) {
            (Log::Emptied, Some((_, true))) => {
                self.log_held = None;
                effects.push(tell(now, News::Over { code: Code::HISTORY_LOG_HELD, dropped: 0 }));
            }
            (Log::Emptied, _) => self.log_held = None,
            (Log::Held, None) => {
                self.log_held = Some((now.boot, false));
                self.duties.empty_log.done(now.boot);
            }
            (Log::Held, Some((since, false))) if now.boot.since(since) >= LOG_PATIENCE => {
                self.log_held = Some((since, true));
                let text = "a program has been reading the history for long: what has expired stays in its log until that ends";
                effects.push(tell(now, News::Trouble { code: Code::HISTORY_LOG_HELD, text: text.to_owned() }));
            }
            (Log::Held, Some(_)) => {}
        }
    }
}
