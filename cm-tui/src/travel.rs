//! Being at a moment of the past: which one, whether it plays, and how fast. The picture of that moment takes the place
//! of the live one wherever anything is drawn; the live one goes on unseen.
//!
//! What this program has gathered itself is there at once. What lies further back stands in the stored history: it is
//! asked for, and until it comes the screen stays where it is. Moments are told by the wall clock.

pub(crate) mod moment;
mod stored;

use std::time::Duration;

use cm_core::clock::{BootTime, MonoTime, WallTime};

pub(crate) use stored::{arrive, fail, wanted};

use crate::picture::Picture;
use crate::recent::Recent;
use crate::screen::Screen;
use crate::state::{Origin, State};

/// How far a step goes within what this program has gathered.
pub(crate) const STEP: Duration = Duration::from_secs(10);

/// How far a stride goes there.
pub(crate) const STRIDE: Duration = Duration::from_mins(5);

/// How far a step goes at least in the stored history.
const STORED_STEP: Duration = Duration::from_mins(1);

/// How far a stride goes at least in the stored history.
const STORED_STRIDE: Duration = Duration::from_hours(1);

/// Between two pictures while it plays.
pub(crate) const PLAYS_EVERY: Duration = Duration::from_millis(250);

/// How many times faster than it happened.
const SPEEDS: [u32; 8] = [1, 5, 10, 30, 60, 300, 900, 3_600];

/// Whether the past goes on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Motion {
    /// It stands.
    Stands,
    /// It goes on; last at this moment of now.
    Plays(MonoTime),
}

/// Where the picture of a moment comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// This program has gathered it.
    Memory,
    /// The stored history: the newest that is shown of it, and how far apart moments are kept there.
    History {
        /// When the newest of it was told.
        newest: WallTime,
        /// Time from one kept moment to the next.
        usual_gap: Duration,
    },
}

/// A moment of the past.
#[derive(Debug, Clone)]
pub(crate) struct Travel {
    /// The fleet as it was.
    pub(crate) picture: Picture,
    /// The last readings as they were.
    pub(crate) recent: Recent,
    /// Where one is.
    pub(crate) at: WallTime,
    /// Where it comes from.
    pub(crate) from: From,
    /// The host of which all readings were looked up.
    whole: Option<usize>,
    /// Whether it goes on.
    pub(crate) motion: Motion,
    speed: usize,
}

/// A moment that is being looked up in the stored history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seek {
    /// Which one.
    pub(crate) at: WallTime,
    /// Since when.
    pub(crate) since: MonoTime,
}

impl Travel {
    /// How many times faster than it happened.
    pub(crate) fn speed(&self) -> u32 {
        SPEEDS[self.speed]
    }

    /// When the newest that is shown was told, where that lies further back than moments are kept apart.
    pub(crate) fn as_of(&self) -> Option<WallTime> {
        match self.from {
            From::History { newest, usual_gap } if self.at.since(newest) > usual_gap.max(STEP) => Some(newest),
            _ => None,
        }
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

/// How far it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stretch {
    /// Ten seconds, or to the next moment that is stored.
    Step,
    /// Five minutes, or an hour of what is stored.
    Stride,
    /// A day.
    Day,
}

/// Why there is no past to look at, if so.
pub(crate) fn ready(state: &State) -> Result<(), &'static str> {
    if state.set.origin == Origin::Replay {
        return Err("a snapshot is one moment: there is no past in it");
    }
    range(state).map(|_| ()).ok_or("nothing is gathered yet: the past begins when this program starts")
}

/// The ends of what can be shown.
pub(crate) fn range(state: &State) -> Option<(WallTime, WallTime)> {
    let memory = state.past.start().map(|start| wall(state, start.boot));
    let stored = state.history.extent().map(|extent| extent.first);
    let start = memory.into_iter().chain(stored).min()?;
    Some((start.min(state.live.now.wall), state.live.now.wall))
}

/// When something was, by how long ago it was.
fn wall(state: &State, boot: BootTime) -> WallTime {
    state.live.now.wall.before(state.live.now.boot.since(boot))
}

/// A moment that this program has gathered, by the clock that nobody can set.
fn gathered(state: &State, at: WallTime) -> Option<BootTime> {
    let ago = state.live.now.wall.since(at);
    let start = state.past.start()?.boot;
    let boot = BootTime::from_start(state.live.now.boot.since(BootTime::default()).checked_sub(ago)?);
    (boot >= start).then_some(boot)
}

/// Where one is, or on the way to.
fn here(state: &State) -> WallTime {
    let seeking = state.seeking.map(|seek| seek.at);
    seeking.or(state.then.as_ref().map(|then| then.at)).unwrap_or(state.live.now.wall)
}

/// Goes on or back from where one is.
pub(crate) fn step(state: &mut State, towards: Towards, stretch: Stretch) {
    let here = here(state);
    let span = span(state, here, stretch);
    go(state, if towards == Towards::Now { here.after(span) } else { here.before(span) });
}

fn span(state: &State, here: WallTime, stretch: Stretch) -> Duration {
    let is_near = here >= state.live.now.wall || gathered(state, here).is_some();
    let gap = match state.then.as_deref() {
        Some(Travel { from: From::History { usual_gap, .. }, .. }) => *usual_gap,
        _ => Duration::ZERO,
    };
    match stretch {
        Stretch::Step if is_near => STEP,
        Stretch::Stride if is_near => STRIDE,
        Stretch::Step => STORED_STEP.max(gap),
        Stretch::Stride => STORED_STRIDE.max(gap * 6),
        Stretch::Day => Duration::from_hours(24),
    }
}

/// Goes to a moment: not before the first that is kept, and now where it has not come yet.
pub(crate) fn go(state: &mut State, to: WallTime) {
    let Some((start, end)) = range(state) else { return };
    if to >= end {
        return now(state);
    }
    let to = to.max(start);
    let Some(moment) = gathered(state, to).and_then(|boot| state.past.moment(boot)) else {
        state.seeking = Some(Seek { at: to, since: state.live.now.mono });
        return;
    };
    let whole = looked_at(state);
    let (picture, recent) = state.past.at(moment, whole);
    let mut alerts = state.alerts.at(moment);
    for (host, standing) in picture.fleet.hosts().iter().zip(&picture.standing) {
        alerts.reword(&host.member.host.id, &standing.verdict);
    }
    state.held_alerts = Some(alerts);
    show(state, Shown { picture, recent, at: to, from: From::Memory, whole });
}

/// What takes the place of the live picture.
struct Shown {
    picture: Picture,
    recent: Recent,
    at: WallTime,
    from: From,
    whole: Option<usize>,
}

fn show(state: &mut State, Shown { picture, recent, at, from, whole }: Shown) {
    let before = state.then.take();
    let (motion, speed) = before.map_or((Motion::Stands, 0), |then| (then.motion, then.speed));
    state.seeking = None;
    state.journal.show_until(Some(picture.now.wall));
    state.paused = None;
    state.then = Some(Box::new(Travel { picture, recent, at, from, whole, motion, speed }));
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
    let reads_all = then.from == From::Memory && state.past.reads_all();
    let is_new = looked_at(state).is_some_and(|host| then.whole != Some(host));
    if !reads_all && is_new && state.seeking.is_none() {
        let here = then.at;
        go(state, here);
    }
}

/// Back to now.
pub(crate) fn now(state: &mut State) {
    state.then = None;
    state.seeking = None;
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
    let Some(next) = state.journal.began_after(then.picture.now.wall) else { return false };
    go(state, next);
    true
}

/// Lets time pass: what plays goes on, at the pace at which its pictures come.
pub(crate) fn pass(state: &mut State) {
    let now = state.live.now.mono;
    let Some(then) = &mut state.then else { return };
    let Motion::Plays(since) = then.motion else { return };
    let passed = now.since(since);
    if passed < PLAYS_EVERY || state.seeking.is_some() {
        return;
    }
    then.motion = Motion::Plays(now);
    let to = then.at.after(passed * then.speed());
    go(state, to);
    if state.then.is_none() {
        state.say("now again");
    }
}

#[cfg(test)]
mod tests;
