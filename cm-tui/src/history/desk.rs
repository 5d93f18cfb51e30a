//! The thread that reads the history file, and the desk at which it is asked. Of each sort one question waits, the latest;
//! the most pressing is answered first. Nobody waits for it: an answer comes when it comes.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use cm_core::clock::WallTime;
use cm_core::series::retention::Policy;
use tokio::sync::mpsc;

use super::ask::{Answer, Ask};
use super::look::Room;
use crate::local::AheadS;

/// Answers that wait to be taken; then the thread waits.
const MOST_WAITING: usize = 4;

/// What was asked, and what came back or why not, in a sentence.
pub(crate) type Told = (Ask, Result<Answer, String>);

/// Where history is asked for.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    open: Option<(Arc<Mailbox>, mpsc::Receiver<Told>)>,
}

#[derive(Debug, Default)]
struct Mailbox {
    letters: Mutex<Letters>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct Letters {
    /// One of each sort at most, each with the moment at which it was asked.
    waiting: Vec<(Ask, WallTime)>,
    is_closed: bool,
}

impl Mailbox {
    fn letters(&self) -> MutexGuard<'_, Letters> {
        // Whoever panicked left whole letters: there is nothing in between.
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<(Ask, WallTime)> {
        let mut letters = self.letters();
        loop {
            if letters.is_closed {
                return None;
            }
            let first = (0..letters.waiting.len()).min_by_key(|at| letters.waiting[*at].0.sort());
            match first {
                Some(at) => return Some(letters.waiting.remove(at)),
                None => letters = self.bell.wait(letters).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

impl Desk {
    /// A desk at which nobody sits: what is asked is never answered.
    pub(crate) const fn closed() -> Self {
        Self { open: None }
    }

    /// Begins to answer from a file. Its thread is not waited for: what hangs on a disk may hang on alone.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(crate) fn over(path: PathBuf, policy: Policy, ahead_s: AheadS) -> std::io::Result<Self> {
        let mailbox = Arc::new(Mailbox::default());
        let (sender, answers) = mpsc::channel(MOST_WAITING);
        let asked = Arc::clone(&mailbox);
        std::thread::Builder::new().name("history".to_owned()).spawn(move || {
            let mut room = Room::of(path, policy, ahead_s);
            while let Some((ask, now)) = asked.next() {
                let told = room.answer(&ask, now);
                if sender.blocking_send((ask, told)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { open: Some((mailbox, answers)) })
    }

    /// Asks, in place of what is still waiting of the same sort.
    pub(crate) fn ask(&self, ask: Ask, now: WallTime) {
        if let Some((mailbox, _)) = &self.open {
            let mut letters = mailbox.letters();
            letters.waiting.retain(|(waiting, _)| waiting.sort() != ask.sort());
            letters.waiting.push((ask, now));
            drop(letters);
            mailbox.bell.notify_one();
        }
    }

    /// The next answer; waits for ever where nobody answers.
    pub(crate) async fn next(&mut self) -> Told {
        if let Some((_, answers)) = &mut self.open
            && let Some(told) = answers.recv().await
        {
            return told;
        }
        std::future::pending().await
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some((mailbox, _)) = &self.open {
            mailbox.letters().is_closed = true;
            mailbox.bell.notify_one();
        }
    }
}
