//! What people decide: acknowledging, silencing, maintenance, accepting, and ending any of these. Each is checked, and
//! counts at once.

use super::act::{Act, ActError, Deed, LONGEST_COMMENT, Lapse, Life, MOST_ACTS};
use super::evidence::Evidence;
use super::id::IncidentId;
use super::key::Key;
use super::overlay::Acknowledgement;
use super::record::Incident;
use super::round::Incidents;
use super::scope::Scope;
use super::time::Moment;
use super::transition::{Change, Transition};

/// Who decides something, and what they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author<'a> {
    /// Who.
    pub by: &'a str,
    /// What they say; may be empty.
    pub comment: &'a str,
}

impl Author<'_> {
    fn check(self) -> Result<(), ActError> {
        let bytes = self.by.len().max(self.comment.len());
        if bytes > LONGEST_COMMENT { Err(ActError::Comment { bytes }) } else { Ok(()) }
    }
}

impl Incidents {
    /// Somebody looks after an incident, until it is over.
    pub fn acknowledge(&mut self, id: IncidentId, who: Author<'_>, at: Moment) -> Result<Vec<Transition>, ActError> {
        who.check()?;
        let key = self.firing(id)?.key.clone();
        let (by, comment) = (who.by.to_owned(), who.comment.to_owned());
        let change = Change::Acknowledged { by: by.clone(), comment: comment.clone() };
        if let Some(open) = self.open_mut(&key) {
            open.overlays.acknowledged = Some(Acknowledgement { at, by, comment });
        }
        Ok(self.tell(&key, change, at))
    }

    /// Nobody looks after it any more. Nothing changes where nobody did.
    pub fn unacknowledge(&mut self, id: IncidentId, who: Author<'_>, at: Moment) -> Result<Vec<Transition>, ActError> {
        let key = self.firing(id)?.key.clone();
        let before = self.open_mut(&key).and_then(|open| open.overlays.acknowledged.take());
        if before.is_none() {
            return Ok(Vec::new());
        }
        Ok(self.tell(&key, Change::Unacknowledged { by: who.by.to_owned() }, at))
    }

    /// Nothing new is told of these for a while. Answers with the silence's number.
    pub fn silence(
        &mut self,
        scope: Scope,
        life: Life,
        who: Author<'_>,
        at: Moment,
    ) -> Result<(u64, Vec<Transition>), ActError> {
        life.check(at)?;
        self.decide(Deed::Silence { scope, life }, who, at)
    }

    /// These are worked on, under the name that the comment gives. Answers with the maintenance's number.
    pub fn maintain(
        &mut self,
        scope: Scope,
        life: Life,
        who: Author<'_>,
        at: Moment,
    ) -> Result<(u64, Vec<Transition>), ActError> {
        life.check(at)?;
        self.decide(Deed::Maintenance { scope, life }, who, at)
    }

    /// The fault is known and taken as it is now, until it grows, or another thing stands in its place. Answers with the
    /// act's number. What was accepted of the same fault before ends.
    pub fn accept(&mut self, id: IncidentId, who: Author<'_>, at: Moment) -> Result<(u64, Vec<Transition>), ActError> {
        who.check()?;
        let incident = self.firing(id)?;
        let deed = Deed::Accept {
            incident: id,
            key: Box::new(incident.key.clone()),
            severity: incident.severity,
            measure: incident.latest.measure,
        };
        let key = incident.key.clone();
        let earlier: Vec<u64> = self.acts.values().filter(|act| act.accepts(&key)).map(|act| act.number).collect();
        for number in earlier {
            self.lift_one(number, who.by, at);
        }
        self.decide(deed, who, at)
    }

    /// Ends a silence, a maintenance or an accepted fault.
    pub fn lift(&mut self, number: u64, who: Author<'_>, at: Moment) -> Result<Vec<Transition>, ActError> {
        if !self.lift_one(number, who.by, at) {
            return Err(ActError::NoAct { number });
        }
        let mut told = Vec::new();
        self.overlay(at, &mut told);
        Ok(told)
    }

    /// The silences, maintenances and accepted faults that hold or will hold, by number.
    pub fn acts(&self) -> impl Iterator<Item = &Act> {
        self.acts.values().filter(|act| act.ended.is_none())
    }

    /// Puts what was known when it fired to an incident, within its bounds, in the place of what was put to it before. Nothing
    /// happens where there is no such open one.
    pub fn attach(&mut self, id: IncidentId, evidence: Evidence) {
        let Some(key) = self.open().find(|open| open.id == id).map(|open| open.key.clone()) else { return };
        if let Some(open) = self.open_mut(&key) {
            open.evidence = Some(evidence.bounded());
            self.dirt.change(&key);
            self.dirt.attach(id);
        }
    }

    fn firing(&self, id: IncidentId) -> Result<&Incident, ActError> {
        let open = self.open().find(|open| open.id == id).ok_or(ActError::Unknown { id })?;
        if open.fired.is_none() { Err(ActError::Pending { id }) } else { Ok(open) }
    }

    fn open_mut(&mut self, key: &Key) -> Option<&mut Incident> {
        self.tracks.get_mut(key)?.open.as_mut()
    }

    fn tell(&mut self, key: &Key, change: Change, at: Moment) -> Vec<Transition> {
        let mut told = Vec::new();
        self.settle(key, None, None, vec![change], at, &mut told);
        told
    }

    fn decide(&mut self, deed: Deed, who: Author<'_>, at: Moment) -> Result<(u64, Vec<Transition>), ActError> {
        who.check()?;
        if self.acts.len() >= MOST_ACTS {
            return Err(ActError::TooMany);
        }
        self.running.acts += 1;
        let number = self.running.acts;
        let (by, comment) = (who.by.to_owned(), who.comment.to_owned());
        let act = Act { number, at, by, comment, deed, ended: None };
        self.dirt.note_act(&act);
        self.acts.insert(number, act);
        let mut told = Vec::new();
        self.overlay(at, &mut told);
        Ok((number, told))
    }

    fn lift_one(&mut self, number: u64, by: &str, at: Moment) -> bool {
        let Some(mut act) = self.acts.remove(&number).filter(|act| act.ended.is_none()) else { return false };
        act.ended = Some((at, Lapse::Lifted { by: by.to_owned() }));
        self.dirt.note_act(&act);
        true
    }
}
