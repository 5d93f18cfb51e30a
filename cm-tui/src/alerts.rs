//! Alerts of the running program: a reason of warning or critical that appears becomes one, and is over when the reason
//! is gone. A pure reducer over verdicts; the time is handed in. It keeps acknowledgements and silences in memory alone,
//! tells nobody, and knows no screen.

mod alert;
mod silence;
mod then;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use cm_core::clock::{Now, WallTime};
use cm_core::health::{Health, Reason, Verdict};
use cm_core::host::HostId;
use cm_core::observation::LinkState;

pub(crate) use alert::{Acknowledgement, Alert, AlertId, Onset, Phase, Turn};
pub(crate) use silence::{Silence, Span};

/// How many active alerts of one host are kept, so that a host cannot fill memory with names.
pub(crate) const MOST_OF_HOST: usize = 200;

/// How many alerts that are over are kept.
pub(crate) const MOST_PAST: usize = 1_000;

/// How many silences there can be.
const MOST_SILENCES: usize = 1_000;

/// A fault of a link that held no longer leaves no trace: of a host that comes back one API is heard after the other.
const PASSING: Duration = Duration::from_secs(15);

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

    /// The newest alert about a trouble of a host, whether it holds or not.
    pub(crate) fn about(&self, host: &HostId, reason: &Reason) -> Option<&Alert> {
        self.of(host).chain(self.past().filter(|alert| alert.host == *host)).find(|alert| alert.is_about(reason))
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
