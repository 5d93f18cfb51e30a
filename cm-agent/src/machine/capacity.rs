//! How full a filesystem is: what `statvfs` answers, and asking it of a mount that may never answer.
//!
//! A process that asks a dead network mount sleeps in the kernel until the server returns. So such mounts are asked on
//! threads of their own: at most [`Asker::MOST_THREADS`] of them at a time, a mount whose thread still sleeps is not asked
//! again, and whoever asked is answered within the limit.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

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
    /// Questions that outlasted the limit of their round.
    silent: BTreeMap<String, Receiver<T>>,
}

impl<T> Default for Asker<T> {
    fn default() -> Self {
        Self { silent: BTreeMap::new() }
    }
}

impl<T: Send + 'static> Asker<T> {
    /// The most threads that ask or wait at a time.
    pub const MOST_THREADS: usize = 4;
    /// Stack of such a thread: the system call and its path need a fraction of it.
    const STACK: usize = 64 * 1024;

    /// Puts the question about each name and gives the answers in the same order, all of them within the limit. Where an
    /// earlier question about a name is still open, its answer is taken if it has come by now.
    pub fn ask<Q>(&mut self, names: &[&str], limit: Duration, question: Q) -> Vec<Result<T, Uncounted>>
    where
        Q: Fn(&str) -> T + Clone + Send + 'static,
    {
        let deadline = Instant::now() + limit;
        let mut answers: Vec<Option<Result<T, Uncounted>>> = names.iter().map(|_| None).collect();
        let mut open: VecDeque<(usize, Receiver<T>)> = VecDeque::new();
        for (index, name) in names.iter().enumerate() {
            if let Some(answer) = self.earlier(name) {
                answers[index] = Some(answer);
                continue;
            }
            while self.silent.len() + open.len() >= Self::MOST_THREADS
                && let Some((first, receiver)) = open.pop_front()
            {
                answers[first] = Some(self.settle(names[first], receiver, deadline, limit));
            }
            if self.silent.len() + open.len() >= Self::MOST_THREADS {
                // Mounts that are gone by now would never be asked about again: their late answers make room here.
                self.silent.retain(|_, receiver| matches!(receiver.try_recv(), Err(TryRecvError::Empty)));
            }
            if self.silent.len() + open.len() >= Self::MOST_THREADS {
                answers[index] = Some(Err(Uncounted::TooManySilent { waiting: self.silent.len() }));
                continue;
            }
            match Self::start((*name).to_owned(), question.clone()) {
                Ok(receiver) => open.push_back((index, receiver)),
                Err(error) => answers[index] = Some(Err(error)),
            }
        }
        for (index, receiver) in open {
            answers[index] = Some(self.settle(names[index], receiver, deadline, limit));
        }
        answers.into_iter().map(|answer| answer.unwrap_or(Err(Uncounted::NoThread))).collect()
    }

    /// The answer to a question that outlasted an earlier round; nothing if there is no such question.
    fn earlier(&mut self, name: &str) -> Option<Result<T, Uncounted>> {
        let answer = match self.silent.get(name)?.try_recv() {
            Err(TryRecvError::Empty) => return Some(Err(Uncounted::StillSilent)),
            Err(TryRecvError::Disconnected) => Err(Uncounted::NoThread),
            Ok(answer) => Ok(answer),
        };
        self.silent.remove(name);
        Some(answer)
    }

    fn start(name: String, question: impl FnOnce(&str) -> T + Send + 'static) -> Result<Receiver<T>, Uncounted> {
        let (sender, receiver) = sync_channel(1);
        let work = move || {
            // Nobody listens any more once the collector is gone: then the answer is for no one.
            let _ = sender.send(question(&name));
        };
        let thread = thread::Builder::new().name("ask-mount".to_owned()).stack_size(Self::STACK);
        thread.spawn(work).map_err(|_| Uncounted::NoThread)?;
        Ok(receiver)
    }

    fn settle(
        &mut self,
        name: &str,
        receiver: Receiver<T>,
        deadline: Instant,
        limit: Duration,
    ) -> Result<T, Uncounted> {
        match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(answer) => Ok(answer),
            Err(RecvTimeoutError::Timeout) => {
                self.silent.insert(name.to_owned(), receiver);
                Err(Uncounted::Silent { limit })
            }
            Err(RecvTimeoutError::Disconnected) => Err(Uncounted::NoThread),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Sender, channel};
    use std::sync::{Arc, Mutex};

    const SOON: Duration = Duration::from_millis(1);
    const AMPLE: Duration = Duration::from_mins(1);

    /// A mount that answers only once it is let go.
    fn held() -> (Sender<u8>, impl Fn(&str) -> u8 + Clone + Send + 'static) {
        let (release, wait) = channel::<u8>();
        let wait = Arc::new(Mutex::new(wait));
        (release, move |_: &str| wait.lock().unwrap().recv().unwrap_or(0))
    }

    fn never(name: &str) -> u8 {
        unreachable!("{name} is asked")
    }

    #[test]
    fn a_mount_that_hangs_is_asked_once_and_answered_for_when_it_returns() {
        let mut asker = Asker::default();
        let (release, hangs) = held();
        let said = asker.ask(&["/mnt/nas"], SOON, hangs);
        assert!(matches!(said[..], [Err(Uncounted::Silent { .. })]), "{said:?}");
        let said = asker.ask(&["/mnt/nas"], SOON, never);
        assert!(matches!(said[..], [Err(Uncounted::StillSilent)]), "{said:?}");
        let said = asker.ask(&["/mnt/nas", "/mnt/other"], AMPLE, |_| 7);
        assert!(matches!(said[..], [Err(Uncounted::StillSilent), Ok(7)]), "others are not held up: {said:?}");
        release.send(9).unwrap();
        let said = loop {
            match &asker.ask(&["/mnt/nas"], SOON, never)[..] {
                [Err(Uncounted::StillSilent)] => thread::yield_now(),
                [Ok(answer)] => break *answer,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(said, 9);
        assert!(matches!(asker.ask(&["/mnt/nas"], AMPLE, |_| 1)[..], [Ok(1)]), "and it is asked afresh");
    }

    #[test]
    fn no_more_than_four_threads_ever_wait() {
        let mut asker = Asker::<u8>::default();
        let (release, hangs) = held();
        let said = asker.ask(&["a", "b", "c", "d", "e"], SOON, hangs);
        assert!(said[..4].iter().all(|said| matches!(said, Err(Uncounted::Silent { .. }))), "{said:?}");
        assert!(matches!(said[4], Err(Uncounted::TooManySilent { waiting: 4 })), "{said:?}");
        drop(release);
        while let [Err(Uncounted::TooManySilent { .. })] = asker.ask(&["f"], AMPLE, |_| 1)[..] {
            thread::yield_now();
        }
    }

    #[test]
    fn many_mounts_that_answer_are_all_asked_in_order() {
        let names: Vec<String> = (0..20).map(|index: u8| index.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let said = Asker::default().ask(&names, AMPLE, |name| name.parse::<u8>().unwrap());
        assert!(
            said.iter().enumerate().all(|(index, said)| matches!(said, Ok(number) if usize::from(*number) == index))
        );
    }

    #[test]
    fn impossible_figures_do_not_go_below_nothing() {
        let odd = Capacity { bsize: 4096, blocks: 10, bfree: 20, bavail: 30, files: 0, ffree: 0 };
        assert_eq!((odd.used(), odd.available()), (0.0, 40_960.0));
    }
}
