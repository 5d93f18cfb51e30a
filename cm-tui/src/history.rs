//! The stored history as the screen knows it: what was asked, what has come back, why nothing comes. Asking is decided
//! here from what the screen shows; it is answered on a thread of its own, so that no disk keeps a key waiting.
//!
//! Of each sort of question one is under way at most, and the latest wins: an answer to another question than the last
//! one is thrown away.

pub(crate) mod ask;
pub(crate) mod desk;
pub(crate) mod look;
pub(crate) mod place;
#[cfg(test)]
pub(crate) mod record;

use std::time::Duration;

use cm_core::clock::MonoTime;

pub(crate) use ask::{Answer, Ask, Course, Extent, Habit, Moment, Of, Outlook};

use crate::state::State;
use crate::travel;
use ask::SORTS;

/// After an answer of trouble the same is asked again so much later.
const AGAIN: Duration = Duration::from_secs(10);

/// Where history comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// There is none to look at, and why.
    None(&'static str),
    /// A file.
    File,
}

/// One sort of question.
#[derive(Debug, Clone, Default)]
struct Line {
    /// The last question.
    asked: Option<Ask>,
    /// When it was asked, or answered.
    at: MonoTime,
    /// Whether it is answered, and how well.
    standing: Standing,
    /// Why it could not be, in a sentence.
    trouble: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Standing {
    /// The answer is still to come.
    #[default]
    Open,
    /// It came.
    Answered,
    /// It could not be answered.
    Failed,
}

/// All of it.
#[derive(Debug, Clone)]
pub(crate) struct History {
    source: Source,
    lines: [Line; SORTS],
    extent: Option<Extent>,
    course: Option<Course>,
    outlook: Option<Outlook>,
    /// Whether the readings of the time before the start were taken in.
    has_begun: bool,
}

impl History {
    /// Nothing is known yet.
    pub(crate) fn new(source: Source) -> Self {
        Self { source, lines: Default::default(), extent: None, course: None, outlook: None, has_begun: false }
    }

    /// From when to when moments are kept, as far as is known.
    pub(crate) const fn extent(&self) -> Option<Extent> {
        self.extent
    }

    /// Whether anything can be asked.
    pub(crate) fn is_there(&self) -> bool {
        self.source == Source::File
    }

    /// The course that was asked for: none while its answer is to come.
    pub(crate) fn course(&self, of: &Of) -> Known<'_, Course> {
        let is_it = |ask: &Ask| matches!(ask, Ask::Course { of: asked, .. } if asked == of);
        self.known(1, is_it, self.course.as_ref())
    }

    /// What will be of a drive.
    pub(crate) fn outlook(&self, drive: &Of) -> Known<'_, Outlook> {
        let is_it = |ask: &Ask| matches!(ask, Ask::Outlook { of, .. } if of == drive);
        self.known(2, is_it, self.outlook.as_ref())
    }

    fn known<'h, T>(&'h self, sort: usize, is_it: impl Fn(&Ask) -> bool, last: Option<&'h T>) -> Known<'h, T> {
        if let Source::None(why) = self.source {
            return Known::Failed(why);
        }
        let line = &self.lines[sort];
        let is_it = line.asked.as_ref().is_some_and(is_it);
        match (last.filter(|_| is_it), line.standing) {
            // The last answer stands while the next is under way: a window that moves on does not flicker.
            (Some(last), Standing::Open | Standing::Answered) => Known::Told(last),
            (None, Standing::Answered) if is_it => Known::Nothing,
            (_, Standing::Failed) if is_it => Known::Failed(&line.trouble),
            _ => Known::Waiting,
        }
    }

    /// Takes in an answer; gives it back where it is not kept here: a moment, and readings.
    pub(crate) fn take(&mut self, ask: &Ask, told: Result<Answer, String>, now: MonoTime) -> Option<Answer> {
        let line = &mut self.lines[ask.sort()];
        if line.asked.as_ref() != Some(ask) {
            return None;
        }
        line.at = now;
        line.standing = if told.is_ok() { Standing::Answered } else { Standing::Failed };
        match told {
            Ok(answer) => match answer {
                Answer::Course(course) => self.course = course,
                Answer::Outlook(outlook) => self.outlook = outlook,
                Answer::Extent(extent) => self.extent = extent,
                Answer::Readings(_) if std::mem::replace(&mut self.has_begun, true) => {}
                Answer::Moment(_) | Answer::Readings(_) => return Some(answer),
            },
            Err(why) => {
                match ask {
                    Ask::Extent { .. } => self.extent = None,
                    // What was there before the start is looked for once.
                    Ask::Readings { .. } => self.has_begun = true,
                    _ => {}
                }
                line.trouble = why;
            }
        }
        None
    }
}

/// What is known of something that was asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Known<'h, T> {
    /// This.
    Told(&'h T),
    /// The answer is to come.
    Waiting,
    /// Nothing of it is stored.
    Nothing,
    /// It could not be answered, and why, in a sentence.
    Failed(&'h str),
}

/// What is to be asked now, as far as it is not under way.
pub(crate) fn asks(state: &mut State) -> Vec<Ask> {
    if !state.history.is_there() {
        return Vec::new();
    }
    let now = state.live.now.mono;
    let wanted = wanted(state);
    let mut new = Vec::new();
    for ask in wanted {
        let line = &mut state.history.lines[ask.sort()];
        let is_same = line.asked.as_ref() == Some(&ask);
        let passed = now.since(line.at);
        let is_due = match line.standing {
            _ if !is_same => true,
            Standing::Open => false,
            Standing::Answered => stands(&ask).is_some_and(|stands| passed >= stands),
            Standing::Failed => passed >= AGAIN.min(stands(&ask).unwrap_or(AGAIN)),
        };
        if is_due {
            *line = Line { asked: Some(ask.clone()), at: now, standing: Standing::Open, trouble: String::new() };
            new.push(ask);
        }
    }
    new
}

/// For how long the answer to the same question stands; for good where nothing can change it.
const fn stands(ask: &Ask) -> Option<Duration> {
    match ask {
        Ask::Extent { .. } => Some(Duration::from_mins(1)),
        Ask::Outlook { .. } => Some(Duration::from_mins(10)),
        // What has just been measured is written a little later.
        Ask::Course { .. } => Some(Duration::from_secs(10)),
        // Whoever asks for it is not there: what was answered before is shown no more.
        Ask::Moment { .. } => Some(Duration::ZERO),
        Ask::Readings { .. } => None,
    }
}

/// Everything that the screen wants to know.
fn wanted(state: &State) -> Vec<Ask> {
    let hosts = || state.live.fleet.hosts().iter().map(|host| host.member.host.id.clone()).collect();
    let mut wanted = state.top().page().asks(state);
    wanted.extend(travel::wanted(state));
    if !state.history.has_begun {
        wanted.push(Ask::Readings { until: state.started, hosts: hosts(), every: state.interval() });
    }
    wanted.push(Ask::Extent { hosts: hosts() });
    wanted
}

#[cfg(test)]
mod tests;
