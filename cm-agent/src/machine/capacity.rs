//! How full a filesystem is: what `statvfs` answers, and asking it of a mount that may never answer.
//!
//! A process that asks a dead network mount sleeps in the kernel until the server returns. So such mounts are asked on
//! threads of their own: at most [`Asker::MOST_WAITING`] of them sleep at a time, a mount whose thread still sleeps is
//! not asked again, and whoever asked is answered within the limit.

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use serde::Deserialize;

/// What a filesystem answers, in the terms of `statvfs(3)`. In a box `statfs.json` holds one for each mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Capacity {
    /// Bytes in a block (`f_frsize`).
    pub bsize: u64,
    /// Blocks in all.
    pub blocks: u64,
    /// Blocks that are free, those reserved for root among them.
    pub bfree: u64,
    /// Blocks that an ordinary user can still have.
    pub bavail: u64,
    /// Files and directories that there may be; 0 where there is no limit.
    #[serde(default)]
    pub files: u64,
    /// Of those not in use.
    #[serde(default)]
    pub ffree: u64,
    /// Whether it is mounted read-only.
    #[serde(default)]
    pub read_only: bool,
}

/// Why there is no capacity.
#[derive(Debug, thiserror::Error)]
pub enum Uncounted {
    /// The machine is one in a box, and its `statfs.json` does not name this mount.
    #[error("the recorded machine holds no capacity of it (statfs.json)")]
    NotInABox,
    /// The kernel refused.
    #[error("{0}")]
    Refused(#[source] io::Error),
    /// It was asked just now and did not answer within the limit.
    #[error("no answer within {limit:?}; it is not asked again before it answers")]
    Silent {
        /// The limit.
        limit: Duration,
    },
    /// It was asked in an earlier round and has not answered yet.
    #[error("it has not answered since an earlier look")]
    StillSilent,
    /// Too many mounts do not answer; no further one is asked.
    #[error("not asked, because {waiting} other mounts do not answer")]
    TooManySilent {
        /// How many.
        waiting: usize,
    },
    /// The thread that was to ask could not be started, or died.
    #[error("no thread to ask it on")]
    NoThread,
}

impl Capacity {
    /// Asks the kernel, and waits.
    pub fn ask(mount: &str) -> Result<Self, Uncounted> {
        let answer = rustix::fs::statvfs(mount).map_err(|error| Uncounted::Refused(error.into()))?;
        Ok(Self {
            bsize: answer.f_frsize,
            blocks: answer.f_blocks,
            bfree: answer.f_bfree,
            bavail: answer.f_bavail,
            files: answer.f_files,
            ffree: answer.f_ffree,
            read_only: answer.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY),
        })
    }

    /// Bytes in use.
    pub fn used(&self) -> f64 {
        self.blocks.saturating_sub(self.bfree) as f64 * self.bsize as f64
    }

    /// Bytes that an ordinary user can still write.
    pub fn available(&self) -> f64 {
        self.bavail.min(self.blocks) as f64 * self.bsize as f64
    }
}

/// Asks questions that may never be answered, each on its own thread, under its own name.
#[derive(Debug)]
pub struct Asker<T> {
    waiting: BTreeMap<String, Receiver<T>>,
}

impl<T> Default for Asker<T> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new() }
    }
}

impl<T: Send + 'static> Asker<T> {
    /// The most threads that may wait for an answer at a time.
    pub const MOST_WAITING: usize = 4;
    /// Stack of such a thread: the system call and its path need a fraction of it.
    const STACK: usize = 64 * 1024;

    /// Asks, unless an earlier question of that name is open: then its answer is taken if it has come by now.
    pub fn ask(
        &mut self,
        name: &str,
        limit: Duration,
        question: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Uncounted> {
        if let Some(earlier) = self.waiting.get(name) {
            return match earlier.try_recv() {
                Ok(answer) => {
                    self.waiting.remove(name);
                    Ok(answer)
                }
                Err(std::sync::mpsc::TryRecvError::Empty) => Err(Uncounted::StillSilent),
                Err(std::sync::mpsc::TryRecvError::Disconnected) => {
                    self.waiting.remove(name);
                    Err(Uncounted::NoThread)
                }
            };
        }
        if self.waiting.len() >= Self::MOST_WAITING {
            // Answers of mounts that are gone by now would never be fetched: they make room here.
            self.waiting.retain(|_, earlier| matches!(earlier.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty)));
            if self.waiting.len() >= Self::MOST_WAITING {
                return Err(Uncounted::TooManySilent { waiting: self.waiting.len() });
            }
        }
        let (sender, receiver) = sync_channel(1);
        let work = move || {
            // Nobody listens any more once the collector is gone: then the answer is for no one.
            let _ = sender.send(question());
        };
        thread::Builder::new()
            .name("ask-mount".to_owned())
            .stack_size(Self::STACK)
            .spawn(work)
            .map_err(|_| Uncounted::NoThread)?;
        match receiver.recv_timeout(limit) {
            Ok(answer) => Ok(answer),
            Err(RecvTimeoutError::Timeout) => {
                self.waiting.insert(name.to_owned(), receiver);
                Err(Uncounted::Silent { limit })
            }
            Err(RecvTimeoutError::Disconnected) => Err(Uncounted::NoThread),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    const SOON: Duration = Duration::from_millis(1);
    const AMPLE: Duration = Duration::from_secs(60);

    #[test]
    fn a_mount_that_hangs_is_asked_once_and_answered_for_when_it_returns() {
        let mut asker = Asker::default();
        let (release, held) = channel::<u8>();
        let hangs = asker.ask("/mnt/nas", SOON, move || held.recv().unwrap_or(0));
        assert!(matches!(hangs, Err(Uncounted::Silent { .. })), "{hangs:?}");
        let again = asker.ask("/mnt/nas", SOON, || unreachable!("asked twice"));
        assert!(matches!(again, Err(Uncounted::StillSilent)), "{again:?}");
        assert!(matches!(asker.ask("/mnt/other", AMPLE, || 7), Ok(7)), "others are not held up");
        release.send(9).unwrap();
        let answer = loop {
            match asker.ask("/mnt/nas", SOON, || unreachable!("asked twice")) {
                Err(Uncounted::StillSilent) => thread::yield_now(),
                answer => break answer,
            }
        };
        assert!(matches!(answer, Ok(9)), "{answer:?}");
        assert!(matches!(asker.ask("/mnt/nas", AMPLE, || 1), Ok(1)), "and it is asked afresh");
    }

    #[test]
    fn no_more_than_four_threads_ever_wait() {
        let mut asker = Asker::<()>::default();
        let mut held = Vec::new();
        for index in 0..Asker::<()>::MOST_WAITING {
            let (release, wait) = channel::<()>();
            held.push(release);
            let answer = asker.ask(&index.to_string(), SOON, move || wait.recv().unwrap_or(()));
            assert!(matches!(answer, Err(Uncounted::Silent { .. })));
        }
        let refused = asker.ask("one more", AMPLE, || unreachable!("a fifth thread"));
        assert!(matches!(refused, Err(Uncounted::TooManySilent { waiting: 4 })), "{refused:?}");
        held.clear();
        let served = loop {
            match asker.ask("one more", AMPLE, || ()) {
                Err(Uncounted::TooManySilent { .. }) => thread::yield_now(),
                answer => break answer,
            }
        };
        assert!(served.is_ok(), "{served:?}");
    }

    #[test]
    fn impossible_figures_do_not_go_below_nothing() {
        let odd = Capacity { bsize: 4096, blocks: 10, bfree: 20, bavail: 30, files: 0, ffree: 0, read_only: false };
        assert_eq!((odd.used(), odd.available()), (0.0, 40_960.0));
    }
}
