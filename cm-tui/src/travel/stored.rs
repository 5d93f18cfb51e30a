//! Moments out of the stored history: what is asked for, and what becomes of the answer. Troubles of such a moment are
//! judged anew from what hosts told; what was done about them then is not known.

use cm_core::clock::{Now, WallTime};
use cm_core::fleet::Freshness;
use cm_core::snapshot::Snapshot;

use super::{From, Shown, Travel, looked_at, show};
use crate::alerts::{Onset, Sight};
use crate::history::{Ask, Moment};
use crate::picture::Picture;
use crate::recent::Recent;
use crate::state::State;
use crate::travel::Motion;

/// What is to be looked up, if anything.
pub(crate) fn wanted(state: &State) -> Option<Ask> {
    let at = state.seeking?.at;
    let hosts = state.live.fleet.hosts();
    let id = |place: usize| hosts.get(place).map(|host| host.member.host.id.clone());
    Some(Ask::Moment {
        at,
        hosts: hosts.iter().map(|host| host.member.host.id.clone()).collect(),
        whole: looked_at(state).and_then(id),
        every: state.interval(),
    })
}

/// Shows a moment that was asked for.
pub(crate) fn arrive(state: &mut State, at: WallTime, moment: Moment) {
    if state.seeking.is_none_or(|seek| seek.at != at) {
        return;
    }
    let Some(newest) = moment.newest else {
        return fail(state, "nothing is kept of that moment");
    };
    let mut fleet = state.past.blank().clone();
    let interval = state.interval().max(moment.usual_gap);
    // Kept moments lie further apart than answers did: a host is not silent because none lies just here.
    let Freshness { behind, ahead, .. } = Freshness::for_interval(interval);
    let stands_for = (interval + interval / 2).max(Freshness::for_interval(state.interval()).stands_for);
    fleet.set_freshness(Freshness { stands_for, behind, ahead });
    for observation in moment.observations {
        fleet.apply(observation);
    }
    let mut recent = Recent::new(fleet.hosts().len());
    for readings in &moment.readings {
        if let Some(place) = fleet.place(&readings.host) {
            recent.prepend(place, &readings.name, readings.metric, &readings.values);
        }
    }
    let picture = Picture::new(fleet, Snapshot::moment(at));
    // None of those that are known had begun on this machine's clock at its start: their numbers alone are kept.
    let mut alerts = state.alerts.at(Now::default());
    for (host, standing) in picture.fleet.hosts().iter().zip(&picture.standing) {
        let sight = Sight::through(standing.link);
        alerts.judge(&host.member.host.id, &standing.verdict, (sight, Onset::Found), picture.now);
    }
    state.held_alerts = Some(alerts);
    let from = From::History { newest, usual_gap: moment.usual_gap };
    let whole = looked_at(state);
    show(state, Shown { picture, recent, at, from, whole });
}

/// A moment cannot be shown: the screen stays where it is, and says why.
pub(crate) fn fail(state: &mut State, why: &str) {
    state.seeking = None;
    if let Some(Travel { motion, .. }) = state.then.as_deref_mut() {
        *motion = Motion::Stands;
    }
    state.say(why);
}
