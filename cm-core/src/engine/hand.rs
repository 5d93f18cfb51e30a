//! Does the engine's jobs, with the store. Each is a few calls, and what they came to; it decides nothing.

use std::path::PathBuf;

use super::job::{Done, Job, Loaded, Trouble, Words};
use super::judge::Judging;
use super::past::asked::{self, Asked};
use crate::clock::{Clock, Now};
use crate::registry::Registry;
use crate::series::retention::Policy;
use crate::store::incidents::Together;
use crate::store::lease::RENEW_EVERY;
use crate::store::{Claim, Holder, Measured, Opening, Reader, StoreError, Writer};

/// The file, and what is needed to write to it.
pub(super) struct Hand {
    pub(super) path: PathBuf,
    pub(super) holder: Holder,
    pub(super) policy: Policy,
    pub(super) registry: Registry,
    pub(super) open: Box<dyn Fn(PathBuf) -> Opening + Send>,
    pub(super) writer: Option<Writer>,
    /// For what is asked of the past; opened when it is first needed.
    pub(super) reader: Option<Reader>,
    /// Whether this program sends what there is to tell.
    pub(super) tells: bool,
    /// How many seconds local time is ahead of UTC.
    pub(super) ahead_s: i32,
}

impl Hand {
    pub(super) fn new(path: PathBuf, holder: Holder, policy: Policy) -> Self {
        let (registry, open) = (Registry::default(), Box::new(Opening::at));
        Self { path, holder, policy, registry, open, writer: None, reader: None, tells: false, ahead_s: 0 }
    }

    /// What is judged by goes into what is stored.
    pub(super) fn judges(&mut self, judging: &Judging) {
        self.registry = judging.registry.clone();
        (self.tells, self.ahead_s) = (judging.tells, judging.ahead_s);
    }

    /// Does a job. The store blocks, for two seconds at most where another writes.
    pub(super) fn perform(&mut self, job: &Job, clock: &(impl Clock + Clone + Send + 'static)) -> Done {
        let done = match job {
            Job::Open => return self.open(clock),
            Job::Leave => self.leave(),
            Job::Ask(asked) => self.ask(asked, clock),
            job => match &mut self.writer {
                Some(writer) => {
                    let (holder, policy, registry) = (&self.holder, &self.policy, &self.registry);
                    let care = Care { holder, policy, registry, tells: self.tells };
                    care.perform(writer, job, clock)
                }
                None => Err(StoreError::NoLease { path: self.path.clone() }),
            },
        };
        done.unwrap_or_else(|error| Done::Refused(Trouble::of_store(&error)))
    }

    fn open(&mut self, clock: &(impl Clock + Clone + Send + 'static)) -> Done {
        // The old one first: closing the last one of a file empties its log.
        (self.writer, self.reader) = (None, None);
        match (self.open)(self.path.clone()).write() {
            Ok(mut writer) => {
                writer.renew_by(clock.clone());
                self.writer = Some(writer);
                Done::Opened
            }
            Err(error) => Done::Refused(Trouble::of_open(&error)),
        }
    }

    fn leave(&mut self) -> Result<Done, StoreError> {
        let released = match self.writer.as_mut().map(Writer::release) {
            // It was not ours to give back.
            None | Some(Ok(()) | Err(StoreError::NoLease { .. } | StoreError::Fenced { .. })) => Ok(Done::Well),
            Some(Err(error)) => Err(error),
        };
        (self.writer, self.reader) = (None, None);
        released
    }

    fn ask(&mut self, asked: &[Asked], clock: &impl Clock) -> Result<Done, StoreError> {
        let reader = match self.reader.take() {
            Some(reader) => reader,
            None => match (self.open)(self.path.clone()).read() {
                Ok(reader) => reader,
                Err(error) => return Ok(Done::Refused(Trouble::of_open(&error))),
            },
        };
        let answers = asked::answer(&reader, asked, &self.registry, self.ahead_s, clock)?;
        self.reader = Some(reader);
        Ok(Done::Answered(answers))
    }
}

/// What a job is done by.
struct Care<'c> {
    holder: &'c Holder,
    policy: &'c Policy,
    registry: &'c Registry,
    tells: bool,
}

impl Care<'_> {
    fn perform(&self, writer: &mut Writer, job: &Job, clock: &impl Clock) -> Result<Done, StoreError> {
        let now = clock.now();
        match job {
            Job::Claim => self.claim(writer, now),
            Job::Renew => {
                writer.renew(now)?;
                Ok(Done::Renewed { is_wanted: !self.tells && writer.is_wanted(self.holder, now)? })
            }
            Job::Load => load(writer),
            Job::Commit { commit, sends } => {
                let together = Together { incidents: commit.incidents.as_ref(), outbox: commit.outbox.as_ref() };
                if *sends {
                    return writer.commit_to_send(together, now).map(|permit| Done::Committed(Some(permit)));
                }
                writer.commit(together).map(|()| Done::Committed(None))
            }
            Job::Listen => writer.asked().map(Done::Asked),
            Job::Yield => writer.release().map(|()| Done::Well),
            Job::Tell(words) => tell(writer, words),
            Job::Append(samples) => self.append(writer, samples, now, clock),
            Job::Keep(frames) => writer.keep_frames(frames).map(|_| Done::Well),
            Job::Seal => writer.seal(now).map(|_| Done::Well),
            Job::RollUp => writer.roll_up(now).map(|_| Done::Well),
            Job::Expire => writer.expire(self.policy, self.holder, now).map(Done::Expired),
            Job::EmptyLog => writer.empty_log().map(Done::Emptied),
            Job::Open | Job::Leave | Job::Ask(_) => Ok(Done::Well),
        }
    }

    /// Asks for the lease. A program that sends what there is to tell comes before one that only records.
    fn claim(&self, writer: &mut Writer, now: Now) -> Result<Done, StoreError> {
        if !self.tells && writer.is_wanted(self.holder, now)? {
            let by = writer.holder()?.unwrap_or_default();
            return Ok(Done::Claimed(Claim::Held { by, left: RENEW_EVERY }));
        }
        let claim = writer.claim(self.holder, now)?;
        if self.tells && matches!(claim, Claim::Held { .. }) {
            writer.want(self.holder, now)?;
        }
        Ok(Done::Claimed(claim))
    }

    fn append(
        &self,
        writer: &mut Writer,
        samples: &[Measured],
        now: Now,
        clock: &impl Clock,
    ) -> Result<Done, StoreError> {
        let stored = writer.append(samples, self.registry, now)?.stored;
        let took = clock.now().mono.since(now.mono);
        Ok(Done::Appended { stored, took, sizes: (writer.file_bytes()?, writer.log_bytes()?) })
    }
}

fn tell(writer: &mut Writer, words: &Words) -> Result<Done, StoreError> {
    // Each is a commit that waits for the disk, so none is made for nothing. What is stored twice counts once.
    if !words.said.is_empty() {
        writer.say(&words.said)?;
    }
    if !words.links.is_empty() {
        writer.link(&words.links)?;
    }
    if !words.runs.is_empty() {
        writer.backup_runs(&words.runs)?;
    }
    Ok(Done::Well)
}

fn load(writer: &Writer) -> Result<Done, StoreError> {
    let (incidents, outbox) = (writer.incidents()?, writer.outbox()?);
    let unread = incidents.unread + outbox.unread;
    Ok(Done::Loaded(Box::new(Loaded { incidents: incidents.saved, outbox: outbox.saved, unread })))
}
