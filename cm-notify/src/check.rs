//! `check`, for cron: hosts are asked once, what they tell is recorded and judged, and what there is to tell goes out.
//! Nothing is said where nothing is wrong with telling; how it ends is told by the exit code.

use std::io::Write;
use std::time::Duration;

use cm_core::clock::SystemClock;
use cm_core::engine::{Heard, Notice, Progress, Recorder};
use cm_core::fault::Code;
use cm_core::outbox::Answer;
use cm_core::source::Rounds;
use cm_core::text::terminal;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::{Instant, timeout_at};

use crate::carrier::Lasts;
use crate::exit::{Complaint, Exit};
use crate::post::{Post, Sent};
use crate::site::{NAME, Site};
use crate::watch::refused;

/// After this long hosts are not waited for: each API has limits of its own below it.
const ASKING: Duration = Duration::from_secs(10);

/// For how long the file, its lease and the channels are waited for after that.
const TELLING: Duration = Duration::from_secs(90);

/// What one round came to.
#[derive(Debug, Default)]
struct Round {
    told: u32,
    /// The worst that a channel said.
    trouble: Option<Complaint>,
    notice: Option<Notice>,
    /// How many observations went in, once all have.
    asked: Option<u64>,
    count: u64,
}

/// One round. What is wrong is written to `err`; what is wrong with rules as well.
pub async fn run(mut site: Site, post: &Post<'_>, err: &mut dyn Write) -> Result<Exit, Complaint> {
    for problem in &site.problems {
        writeln!(err, "{problem}")?;
    }
    let mut recorder = Recorder::start(site.options.clone(), SystemClock).map_err(|error| refused(&error))?;
    let mut source = site.gathered.begin(Rounds::Once, SystemClock).fuse();
    let asking_ends = Instant::now() + ASKING;
    let end = asking_ends + TELLING;
    let mut sends = FuturesUnordered::new();
    let mut round = Round::default();
    let mut is_ending = false;
    let mut last = Progress::default();
    loop {
        tokio::select! {
            heard = timeout_at(end, recorder.heard()) => match heard {
                Ok(None) => break,
                Ok(Some(Heard::Message(sending))) => sends.push(post.send(*sending)),
                Ok(Some(Heard::Notice(notice))) => round.notice(notice),
                Ok(Some(Heard::Beat(progress))) => last = progress,
                Err(_) => {
                    round.trouble.get_or_insert_with(|| unsettled(&last, round.notice.as_ref()));
                    break;
                }
            },
            Some(sent) = sends.next() => {
                recorder.answered(sent.number, sent.answer.clone());
                round.sent(sent);
            }
            asked = timeout_at(asking_ends, source.next()), if round.asked.is_none() => match asked {
                Ok(Some(observation)) => {
                    round.count += 1;
                    recorder.observe(observation);
                }
                Ok(None) | Err(_) => round.asked = Some(round.count),
            },
        }
        if !is_ending && round.is_over_from_memory(&last) {
            round.trouble.get_or_insert_with(|| unsettled(&last, round.notice.as_ref()));
            is_ending = true;
            recorder.finish();
        }
        if !is_ending && (round.is_over(&last) || is_told_elsewhere(&last)) {
            is_ending = true;
            recorder.finish();
        }
    }
    let is_wrong = site.problems.errors().next().is_some();
    round.end(if is_wrong { Exit::Config } else { Exit::Well })
}

/// Whether a program that sends what there is to tell has the lease: then there is nothing to do here.
fn is_told_elsewhere(progress: &Progress) -> bool {
    progress.follows.as_ref().is_some_and(|by| by.starts_with(NAME))
}

impl Round {
    /// Whether all that hosts told was judged, stored and sent.
    fn is_over(&self, progress: &Progress) -> bool {
        self.asked.is_some_and(|asked| progress.observed >= asked) && progress.is_settled
    }

    /// The same where the file takes nothing: what was told may be told again at the next call.
    fn is_over_from_memory(&self, progress: &Progress) -> bool {
        self.asked.is_some_and(|asked| progress.observed >= asked) && progress.is_from_memory && self.notice.is_some()
    }

    fn sent(&mut self, sent: Sent) {
        if sent.answer == Answer::Delivered {
            self.told += 1;
        }
        let Some((code, why, lasts)) = sent.trouble else { return };
        let exit = if lasts == Lasts::Passing { Exit::Later } else { Exit::Refused };
        self.trouble = Some(Complaint::new(code, why, exit));
    }

    fn notice(&mut self, notice: Notice) {
        if notice.code().is_some() {
            self.notice = Some(notice);
        }
    }

    /// How it ends; `nothing` is how it does where nothing was told.
    fn end(self, nothing: Exit) -> Result<Exit, Complaint> {
        match (self.trouble, self.told) {
            (Some(trouble), _) => Err(trouble),
            (None, 0) => Ok(nothing),
            (None, _) => Ok(Exit::Told),
        }
    }
}

/// Why a round did not come to its end.
fn unsettled(progress: &Progress, notice: Option<&Notice>) -> Complaint {
    let (code, why) = match (notice, &progress.follows) {
        (Some(notice), _) => (notice.code().unwrap_or(Code::INNER_FAULT), notice.to_string()),
        (None, Some(by)) => {
            (Code::HISTORY_BUSY, format!("{} records the history and did not make way", terminal::line(by)))
        }
        (None, None) => (Code::HISTORY_BUSY, "the history and the channels did not answer in time".to_owned()),
    };
    Complaint::new(code, why, Exit::Later)
}
