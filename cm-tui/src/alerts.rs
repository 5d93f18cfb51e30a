//! Alerts of the running program: a reason of warning or critical that appears becomes one, and is over when the reason
//! is gone. A pure reducer over verdicts; the time is handed in. It keeps acknowledgements and silences in memory alone,
//! tells nobody, and knows no screen.

mod silence;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use cm_core::clock::{Now, WallTime};
use cm_core::health::{Health, Reason, Verdict};
use cm_core::host::HostId;
use cm_core::observation::LinkState;
use cm_core::text::terminal;

pub(crate) use silence::{Silence, Span};

/// How many active alerts of one host are kept, so that a host cannot fill memory with names.
pub(crate) const MOST_OF_HOST: usize = 200;

/// How many alerts that are over are kept.
pub(crate) const MOST_PAST: usize = 1_000;

/// How many silences there can be.
const MOST_SILENCES: usize = 1_000;

/// A fault of a link that held no longer leaves no trace: of a host that comes back one API is heard after the other.
const PASSING: Duration = Duration::from_secs(15);

/// How many turns of one alert are kept.
const MOST_TURNS: usize = 40;

/// The number of an alert, from 1, in the order in which they appeared since the program started.
pub(crate) type AlertId = u64;

/// Whether what a host is judged by is what it tells now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// It answers.
    Clear,
    /// It does not: what it last told stands, and what is missing from that is not over.
    Hidden,
}

impl Sight {
    /// What a link leaves to be seen.
    pub(crate) const fn through(link: LinkState) -> Self {
        match link {
            LinkState::Answering | LinkState::Stale | LinkState::Waiting => Self::Clear,
            _ => Self::Hidden,
        }
    }
}

/// Whether an alert was seen to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Onset {
    /// It was.
    Seen,
    /// It was there when the host was first heard: it began before.
    Found,
}

/// What became of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It holds.
    Active,
    /// It held when its host fell silent.
    Unseen {
        /// Since when nobody can tell.
        since: Now,
    },
    /// It is over.
    Ended {
        /// When that was seen.
        at: Now,
    },
}

/// That somebody knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acknowledgement {
    /// When it was given.
    pub(crate) at: WallTime,
    /// What was said with it; may be empty.
    pub(crate) comment: String,
}

/// One step in the life of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It appeared, that bad.
    Began(Health),
    /// It became that bad.
    Worsened(Health),
    /// It is only that bad any more.
    Eased(Health),
    /// Its host fell silent.
    Hid,
    /// Its host is heard again, and it still holds.
    Reappeared,
    /// It was acknowledged.
    Acknowledged,
    /// The acknowledgement was taken back.
    Reopened,
    /// It was silenced until then.
    Silenced(WallTime),
    /// The silence ran out, or was lifted.
    Audible,
    /// It is over.
    Ended,
}

impl Turn {
    /// What happened, in words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Began(health) => format!("began: {health}"),
            Self::Worsened(health) => format!("worse: {health}"),
            Self::Eased(health) => format!("better: {health}"),
            Self::Hid => "its host fell silent".to_owned(),
            Self::Reappeared => "its host is heard again, and it still holds".to_owned(),
            Self::Acknowledged => "acknowledged".to_owned(),
            Self::Reopened => "acknowledgement taken back".to_owned(),
            Self::Silenced(_) => "silenced".to_owned(),
            Self::Audible => "silence over".to_owned(),
            Self::Ended => "over".to_owned(),
        }
    }
}

/// One alert.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alert {
    /// Its number.
    pub(crate) id: AlertId,
    /// On which host.
    pub(crate) host: HostId,
    /// What is wrong, as it was told last.
    pub(crate) reason: Reason,
    /// How bad it has been.
    pub(crate) worst: Health,
    /// When it was first seen.
    pub(crate) since: Now,
    /// Whether it was seen to begin.
    pub(crate) onset: Onset,
    /// What became of it.
    pub(crate) phase: Phase,
    /// Whether somebody knows of it; that ends with the alert.
    pub(crate) acknowledged: Option<Acknowledgement>,
    /// Its life, the oldest step first.
    pub(crate) turns: VecDeque<(WallTime, Turn)>,
}

impl Alert {
    /// Whether it is not over.
    pub(crate) const fn is_active(&self) -> bool {
        !matches!(self.phase, Phase::Ended { .. })
    }

    /// How it is marked: as bad as it is, or as it has been where it is over.
    pub(crate) const fn health(&self) -> Health {
        if self.is_active() { self.reason.health } else { self.worst }
    }

    /// Whether it is about that trouble.
    fn is_about(&self, reason: &Reason) -> bool {
        self.reason.code == reason.code && self.reason.subject == reason.subject
    }

    fn turn(&mut self, at: WallTime, turn: Turn) {
        if self.turns.len() == MOST_TURNS {
            // How it began stays.
            self.turns.remove(1);
        }
        self.turns.push_back((at, turn));
    }

    /// Whether every word is found in what is told of it.
    pub(crate) fn matches(&self, words: &str) -> bool {
        let words = words.to_lowercase();
        let comment = self.acknowledged.as_ref().map_or("", |known| known.comment.as_str());
        let text = terminal::line(&self.reason.text);
        let hay = format!("{} {} {} {text} {comment}", self.host, self.health(), self.reason.code).to_lowercase();
        words.split_whitespace().all(|word| hay.contains(word))
    }
}

/// All alerts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Alerts {
    active: BTreeMap<HostId, Vec<Alert>>,
    past: VecDeque<Alert>,
    silences: Vec<Silence>,
    /// Troubles beyond what is kept of a host.
    left_out: BTreeMap<HostId, usize>,
    last: AlertId,
}

impl Alerts {
    /// Takes in how a host stands: what appears, what has changed, what is over.
    pub(crate) fn judge(&mut self, host: &HostId, verdict: &Verdict, (sight, onset): (Sight, Onset), now: Now) {
        let mine = self.active.remove(host).unwrap_or_default();
        let mut kept = Vec::with_capacity(mine.len());
        for mut alert in mine {
            let sight = if is_of_link(&alert.reason) { Sight::Clear } else { sight };
            let found = verdict.reasons.iter().find(|reason| is_worth(reason) && alert.is_about(reason));
            match (sight, found) {
                (Sight::Clear, None) if is_of_link(&alert.reason) && now.boot.since(alert.since.boot) < PASSING => {
                    continue;
                }
                (Sight::Clear, None) => {
                    alert.phase = Phase::Ended { at: now };
                    alert.turn(now.wall, Turn::Ended);
                    self.bury(alert);
                    continue;
                }
                (Sight::Clear, Some(reason)) => alert.hold(reason, now),
                (Sight::Hidden, _) => alert.hide(now),
            }
            kept.push(alert);
        }
        let mut left_out = 0;
        for reason in verdict.reasons.iter().filter(|reason| is_worth(reason)) {
            if kept.iter().any(|alert| alert.is_about(reason)) {
                continue;
            }
            if kept.len() == MOST_OF_HOST {
                left_out += 1;
                continue;
            }
            self.last += 1;
            let onset = if is_of_link(reason) { Onset::Seen } else { onset };
            let mut alert = Alert {
                id: self.last,
                host: host.clone(),
                reason: reason.clone(),
                worst: reason.health,
                since: now,
                onset,
                phase: Phase::Active,
                acknowledged: None,
                turns: VecDeque::new(),
            };
            alert.turn(now.wall, Turn::Began(reason.health));
            kept.push(alert);
        }
        if left_out > 0 {
            self.left_out.insert(host.clone(), left_out);
        } else {
            self.left_out.remove(host);
        }
        if !kept.is_empty() {
            self.active.insert(host.clone(), kept);
        }
    }

    fn bury(&mut self, alert: Alert) {
        if self.past.len() == MOST_PAST {
            self.past.pop_front();
        }
        self.past.push_back(alert);
    }

    /// Lets time pass: silences run out.
    pub(crate) fn pass(&mut self, now: Now) {
        if self.silences.iter().all(|silence| silence.holds(now)) {
            return;
        }
        let (kept, over): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.silences).into_iter().partition(|silence| silence.holds(now));
        self.silences = kept;
        for silence in over {
            self.mark(&silence, now.wall, &Turn::Audible);
        }
    }

    fn mark(&mut self, silence: &Silence, at: WallTime, turn: &Turn) {
        let mine = self.active.get_mut(&silence.host).into_iter().flatten();
        for alert in mine.filter(|alert| silence.covers(alert)) {
            alert.turn(at, turn.clone());
        }
    }

    /// Notes that somebody knows of an alert. Answers whether it was active still.
    pub(crate) fn acknowledge(&mut self, id: AlertId, comment: &str, now: Now) -> bool {
        let Some(alert) = self.active_mut(id) else { return false };
        alert.acknowledged = Some(Acknowledgement { at: now.wall, comment: comment.trim().to_owned() });
        alert.turn(now.wall, Turn::Acknowledged);
        true
    }

    /// Takes an acknowledgement back. Answers whether there was one.
    pub(crate) fn reopen(&mut self, id: AlertId, now: Now) -> bool {
        let Some(alert) = self.active_mut(id) else { return false };
        if alert.acknowledged.take().is_none() {
            return false;
        }
        alert.turn(now.wall, Turn::Reopened);
        true
    }

    /// Keeps a trouble silent until a moment, whether it ends and comes back meanwhile or not. Answers whether it was
    /// active still, and there was room.
    pub(crate) fn silence(&mut self, id: AlertId, until: WallTime, now: Now) -> bool {
        let Some(silence) = self.active_mut(id).map(|alert| Silence::of(alert, until, now)) else { return false };
        self.silences.retain(|other| !other.is_same(&silence));
        if self.silences.len() == MOST_SILENCES {
            return false;
        }
        self.mark(&silence, now.wall, &Turn::Silenced(until));
        self.silences.push(silence);
        true
    }

    /// Lifts the silence over an alert. Answers whether there was one.
    pub(crate) fn lift(&mut self, id: AlertId, now: Now) -> bool {
        let Some(alert) = self.active_mut(id) else { return false };
        let alert = alert.clone();
        let before = self.silences.len();
        self.silences.retain(|silence| !silence.covers(&alert));
        let lifted = self.silences.len() < before;
        if let Some(alert) = self.active_mut(id).filter(|_| lifted) {
            alert.turn(now.wall, Turn::Audible);
        }
        lifted
    }

    /// The silence over an alert.
    pub(crate) fn silence_over(&self, alert: &Alert, now: Now) -> Option<&Silence> {
        self.silences.iter().find(|silence| silence.holds(now) && silence.covers(alert))
    }

    /// The alert of that number, while it is kept.
    pub(crate) fn get(&self, id: AlertId) -> Option<&Alert> {
        self.active().chain(&self.past).find(|alert| alert.id == id)
    }

    /// Those that hold.
    pub(crate) fn active(&self) -> impl Iterator<Item = &Alert> {
        self.active.values().flatten()
    }

    /// Those that hold on one host.
    pub(crate) fn of<'a>(&'a self, host: &HostId) -> impl Iterator<Item = &'a Alert> + use<'a> {
        self.active.get(host).into_iter().flatten()
    }

    /// Those that are over, the last first.
    pub(crate) fn past(&self) -> impl Iterator<Item = &Alert> {
        self.past.iter().rev()
    }

    /// Whether an alert still wants somebody: it holds, and is neither acknowledged nor silenced.
    pub(crate) fn is_open(&self, alert: &Alert, now: Now) -> bool {
        alert.is_active() && alert.acknowledged.is_none() && self.silence_over(alert, now).is_none()
    }

    /// How many want somebody, and how many hold beside those.
    pub(crate) fn count(&self, now: Now) -> (usize, usize) {
        let open = self.active().filter(|alert| self.is_open(alert, now)).count();
        (open, self.active().count() - open)
    }

    /// How many troubles are not among the alerts, because their hosts have too many.
    pub(crate) fn left_out(&self) -> usize {
        self.left_out.values().sum()
    }

    fn active_mut(&mut self, id: AlertId) -> Option<&mut Alert> {
        self.active.values_mut().flatten().find(|alert| alert.id == id)
    }
}

impl Alert {
    fn hold(&mut self, reason: &Reason, now: Now) {
        if matches!(self.phase, Phase::Unseen { .. }) {
            self.phase = Phase::Active;
            self.turn(now.wall, Turn::Reappeared);
        }
        let (before, after) = (self.reason.health, reason.health);
        if after.trouble() > before.trouble() {
            self.turn(now.wall, Turn::Worsened(after));
        } else if after.trouble() < before.trouble() {
            self.turn(now.wall, Turn::Eased(after));
        }
        self.worst = self.worst.fold(after);
        if self.reason != *reason {
            self.reason = reason.clone();
        }
    }

    fn hide(&mut self, now: Now) {
        if self.phase == Phase::Active {
            self.phase = Phase::Unseen { since: now };
            self.turn(now.wall, Turn::Hid);
        }
    }
}

/// Whether a reason makes an alert.
fn is_worth(reason: &Reason) -> bool {
    reason.health.trouble() >= Health::Warning.trouble()
}

/// Whether a reason is about how the host answers: that is seen from here.
fn is_of_link(reason: &Reason) -> bool {
    reason.code.starts_with("link.")
}

#[cfg(test)]
mod tests;
