//! Being at a moment of the past: which one, whether it plays, and how fast. The picture of that moment takes the place
//! of the live one wherever anything is drawn; the live one goes on unseen.

use std::time::Duration;

use cm_core::clock::{BootTime, MonoTime};

use crate::picture::Picture;
use crate::recent::Recent;
use crate::screen::Screen;
use crate::state::{Origin, State};

/// How far `[` and `]` go.
pub(crate) const STEP: Duration = Duration::from_secs(10);

/// How far `{` and `}` go.
pub(crate) const STRIDE: Duration = Duration::from_mins(5);

/// Between two pictures while it plays.
pub(crate) const PLAYS_EVERY: Duration = Duration::from_millis(250);

/// How many times faster than it happened.
const SPEEDS: [u32; 6] = [1, 5, 10, 30, 60, 300];

/// Whether the past goes on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Motion {
    /// It stands.
    Stands,
    /// It goes on; last at this moment of now.
    Plays(MonoTime),
}

/// A moment of the past.
#[derive(Debug, Clone)]
pub(crate) struct Travel {
    /// The fleet as it was.
    pub(crate) picture: Picture,
    /// The last readings as they were.
    pub(crate) recent: Recent,
    /// The host of which all readings were looked up.
    whole: Option<usize>,
    /// Whether it goes on.
    pub(crate) motion: Motion,
    speed: usize,
}

impl Travel {
    /// How many times faster than it happened.
    pub(crate) fn speed(&self) -> u32 {
        SPEEDS[self.speed]
    }
}

/// Which way in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Towards {
    /// Into the past.
    Past,
    /// To now.
    Now,
}

/// Why there is no past to look at, if so.
pub(crate) fn ready(state: &State) -> Result<(), &'static str> {
    if state.set.origin == Origin::Replay {
        return Err("a snapshot is one moment: there is no past in it");
    }
    state.past.start().map(|_| ()).ok_or("nothing is gathered yet: the past begins when this program starts")
}

/// The ends of what can be shown.
pub(crate) fn range(state: &State) -> Option<(BootTime, BootTime)> {
    Some((state.past.start()?.boot, state.live.now.boot))
}

/// Goes a span of time from where one is.
pub(crate) fn step(state: &mut State, towards: Towards, span: Duration) {
    let here = state.then.as_ref().map_or(state.live.now.boot, |then| then.picture.now.boot);
    let to = match towards {
        Towards::Now => here.after(span),
        Towards::Past => BootTime::from_start(here.since(BootTime::default()).saturating_sub(span)),
    };
    go(state, to);
}

/// Goes to a moment: not before the first that is gathered, and now where it has not come yet.
pub(crate) fn go(state: &mut State, to: BootTime) {
    let Some((start, end)) = range(state) else { return };
    if to >= end {
        return now(state);
    }
    let Some(moment) = state.past.moment(to.max(start)) else { return };
    let whole = looked_at(state);
    let (picture, recent) = state.past.at(moment, whole);
    let before = state.then.take();
    let (motion, speed) = before.map_or((Motion::Stands, 0), |then| (then.motion, then.speed));
    state.journal.show_until(Some(moment.wall));
    state.paused = None;
    let mut alerts = state.alerts.at(moment);
    for (host, standing) in picture.fleet.hosts().iter().zip(&picture.standing) {
        alerts.reword(&host.member.host.id, &standing.verdict);
    }
    state.held_alerts = Some(alerts);
    state.then = Some(Box::new(Travel { picture, recent, whole, motion, speed }));
}

/// The host whose screen is open.
fn looked_at(state: &State) -> Option<usize> {
    let host = state.screens.iter().rev().find_map(|screen| match screen {
        Screen::Host(page) => Some(&page.host),
        _ => None,
    });
    state.past.place(host?)
}

/// Looks up the readings of a host whose screen has been opened since, where not those of all are.
pub(crate) fn settle(state: &mut State) {
    let Some(then) = &state.then else { return };
    if !state.past.reads_all() && looked_at(state).is_some_and(|host| then.whole != Some(host)) {
        let here = then.picture.now.boot;
        go(state, here);
    }
}

/// Back to now.
pub(crate) fn now(state: &mut State) {
    state.then = None;
    state.held_alerts = None;
    state.journal.show_until(None);
}

/// Lets the past play on, or stand.
pub(crate) fn play_or_stop(state: &mut State) {
    let now = state.live.now.mono;
    if let Some(then) = &mut state.then {
        then.motion = if then.motion == Motion::Stands { Motion::Plays(now) } else { Motion::Stands };
    }
}

/// Plays faster towards now, slower towards the past.
pub(crate) fn change_speed(state: &mut State, towards: Towards) {
    if let Some(then) = &mut state.then {
        then.speed = match towards {
            Towards::Now => (then.speed + 1).min(SPEEDS.len() - 1),
            Towards::Past => then.speed.saturating_sub(1),
        };
    }
}

/// To the next moment at which trouble began; answers whether there is one.
pub(crate) fn next_incident(state: &mut State) -> bool {
    let Some(then) = &state.then else { return false };
    let here = then.picture.now;
    let Some(next) = state.journal.began_after(here.wall) else { return false };
    go(state, here.boot.after(next.since(here.wall)));
    true
}

/// Lets time pass: what plays goes on.
pub(crate) fn pass(state: &mut State) {
    let now = state.live.now.mono;
    let Some(then) = &mut state.then else { return };
    let Motion::Plays(since) = then.motion else { return };
    let passed = now.since(since);
    if passed < PLAYS_EVERY {
        return;
    }
    then.motion = Motion::Plays(now);
    let to = then.picture.now.boot.after(passed * then.speed());
    go(state, to);
    if state.then.is_none() {
        state.say("now again");
    }
}

#[cfg(test)]
mod tests;
