//! Does the engine's jobs, with the store. Each is a few calls, and what they came to; it decides nothing.

use std::path::PathBuf;

use super::job::{Done, Job, Trouble, Words};
use crate::clock::{Clock, Now};
use crate::registry::Registry;
use crate::series::retention::Policy;
use crate::store::{Holder, Measured, Opening, StoreError, Writer};

/// The file, and what is needed to write to it.
pub(super) struct Hand {
    pub(super) path: PathBuf,
    pub(super) holder: Holder,
    pub(super) policy: Policy,
    pub(super) registry: Registry,
    pub(super) open: Box<dyn Fn(PathBuf) -> Opening + Send>,
    pub(super) writer: Option<Writer>,
}

impl Hand {
    /// Does a job. The store blocks, for two seconds at most where another writes.
    pub(super) fn perform(&mut self, job: &Job, clock: &(impl Clock + Clone + Send + 'static)) -> Done {
        let done = match job {
            Job::Open => return self.open(clock),
            Job::Leave => self.leave(),
            job => match &mut self.writer {
                Some(writer) => {
                    let care = Care { holder: &self.holder, policy: &self.policy, registry: &self.registry };
                    care.perform(writer, job, clock)
                }
                None => Err(StoreError::NoLease { path: self.path.clone() }),
            },
        };
        done.unwrap_or_else(|error| Done::Refused(Trouble::of_store(&error)))
    }

    fn open(&mut self, clock: &(impl Clock + Clone + Send + 'static)) -> Done {
        // The old one first: closing the last one of a file empties its log.
        self.writer = None;
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
        self.writer = None;
        released
    }
}

/// What a job is done by.
struct Care<'c> {
    holder: &'c Holder,
    policy: &'c Policy,
    registry: &'c Registry,
}

impl Care<'_> {
    fn perform(&self, writer: &mut Writer, job: &Job, clock: &impl Clock) -> Result<Done, StoreError> {
        let now = clock.now();
        match job {
            Job::Claim => writer.claim(self.holder, now).map(Done::Claimed),
            Job::Renew => writer.renew(now).map(|()| Done::Well),
            Job::Tell(words) => tell(writer, words),
            Job::Append(samples) => self.append(writer, samples, now, clock),
            Job::Keep(frames) => writer.keep_frames(frames).map(|_| Done::Well),
            Job::Seal => writer.seal(now).map(|_| Done::Well),
            Job::RollUp => writer.roll_up(now).map(|_| Done::Well),
            Job::Expire => writer.expire(self.policy, self.holder, now).map(Done::Expired),
            Job::EmptyLog => writer.empty_log().map(Done::Emptied),
            Job::Open | Job::Leave => Ok(Done::Well),
        }
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
