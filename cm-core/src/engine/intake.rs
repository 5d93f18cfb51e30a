//! What an answer brings that is not known yet: samples of a new moment, words that changed, a frame that is due.
//!
//! Words are compared without their digits, so that `3 h overdue` is not news again every hour, and whoever flaps is
//! heard so often and no more. It does not know whether anybody stores what it finds.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use super::job::Words;
use super::words::{self, Place};
use crate::catalogue;
use crate::clock::{BootTime, Now, WallTime};
use crate::host::HostId;
use crate::metric::Sample;
use crate::observation::{LinkState, Observation};
use crate::report::{Api, Report};
use crate::store::Frame;
use crate::store::tell::{Linked, Said};

/// How far apart frames of one API are that say the same in words.
pub(super) const FRAME_EVERY: Duration = Duration::from_mins(1);

/// How many changes of one thing are heard within [`WITHIN`]; the rest only as they then stand.
const CHANGES: u32 = 10;
const WITHIN: Duration = Duration::from_mins(10);

/// The most things of which the last words are remembered; beyond it all are forgotten, and compared by the file.
const MOST_PLACES: usize = 50_000;

/// What is new in an answer.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    pub(super) samples: Vec<Sample>,
    pub(super) words: Words,
    pub(super) frame: Option<Frame>,
}

/// What was found last.
#[derive(Debug, Default)]
pub(super) struct Intake {
    apis: HashMap<(HostId, Api), Known>,
    said: HashMap<Place, Heard>,
    links: HashMap<HostId, LinkState>,
}

#[derive(Debug, Default)]
struct Known {
    /// The moment of the report whose samples were taken.
    moment: Option<WallTime>,
    /// When the last frame was kept.
    kept: Option<BootTime>,
    words: Heard,
    runs: u64,
}

/// The last words as a number, and how often they changed lately.
#[derive(Debug, Default)]
struct Heard {
    last: Option<u64>,
    since: BootTime,
    changes: u32,
}

impl Heard {
    /// Whether these are other words, and it is not one change too many. Those that are one too many are news later on.
    fn is_news(&mut self, words: u64, now: BootTime) -> bool {
        if self.last == Some(words) {
            return false;
        }
        if now.since(self.since) >= WITHIN {
            (self.since, self.changes) = (now, 0);
        }
        if self.changes >= CHANGES {
            return false;
        }
        self.changes += 1;
        self.last = Some(words);
        true
    }
}

impl Intake {
    /// Forgets what was found, so that all of it is news again: another program has recorded meanwhile.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// What is new in an answer; nothing in a failure. With `told` words and frames are looked for as well.
    pub(super) fn look(&mut self, observation: &Observation, told: bool) -> Fresh {
        let Observation { ref host, api, at, ref outcome, .. } = *observation;
        let Ok(report) = outcome else { return Fresh::default() };
        let known = self.apis.entry((host.clone(), api)).or_default();
        let mut fresh = Fresh::default();
        // The same report, asked for once more.
        let moment = report.timestamp();
        if known.moment.replace(moment) != Some(moment) {
            fresh.samples = catalogue::samples(report);
        }
        if !told {
            return fresh;
        }
        let text = report.write();
        let changed = known.words.is_news(number(&text), at.boot);
        if changed || known.kept.is_none_or(|kept| at.boot.since(kept) >= FRAME_EVERY) {
            known.kept = Some(at.boot);
            fresh.frame = Some(Frame { host: host.clone(), api, at: at.wall, text });
        }
        if let Report::Backup(report) = report {
            let runs = words::runs(host, report);
            let hash = hash(&format!("{runs:?}"));
            if known.runs != hash {
                known.runs = hash;
                fresh.words.runs = runs;
            }
        }
        self.said(host, report, at, &mut fresh.words.said);
        fresh
    }

    fn said(&mut self, host: &HostId, report: &Report, at: Now, told: &mut Vec<Said>) {
        if self.said.len() > MOST_PLACES {
            self.said.clear();
        }
        for (place, text) in words::of(host, report) {
            // A version that differs in a digit is another; a message is not.
            let words = if place.what == "message" { number(text.raw().as_bytes()) } else { hash(text.raw()) };
            if self.said.get(&place).is_some_and(|heard| heard.last == Some(words)) {
                continue;
            }
            let Place { entity, subject, what } = place.clone();
            if self.said.entry(place).or_default().is_news(words, at.boot) {
                told.push(Said { entity, subject, what: what.to_owned(), at: at.wall, text });
            }
        }
    }

    /// How a host answers, where that is new. That nothing has come yet is not worth a word.
    pub(super) fn link(&mut self, host: &HostId, state: LinkState, now: Now) -> Option<Linked> {
        if state == LinkState::Waiting || self.links.get(host) == Some(&state) {
            return None;
        }
        self.links.insert(host.clone(), state);
        Some(Linked { host: host.clone(), at: now.wall, state })
    }
}

/// A text without its figures, as a number.
fn number(text: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for part in text.split(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-')) {
        hasher.write(part);
    }
    hasher.finish()
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
