//! The machine of one key: which look leads from which phase to which.
//!
//! Beneath the phase lies a level, low or high, that moves only after its time was seen to pass; the phase says what the
//! level means for people. The machine does not know other keys, nor what lies over an incident.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::finding::{Basis, Finding};
use super::flap::{Firings, for_good};
use super::id::IncidentId;
use super::key::Key;
use super::look::{About, Condition, Flap, Gone, Look, Terms};
use super::overlay::Overlays;
use super::phase::{End, Phase, Side, Sight};
use super::record::Incident;
use super::shift::Shift;
use super::time::{Moment, Steady};
use super::transition::Change;
use super::watch::Watch;
use crate::severity::Severity;

/// A pending incident that nothing was seen of for so long is withdrawn.
const FORGOTTEN: Duration = Duration::from_hours(1);

/// Whether the condition counts as holding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    #[default]
    Low,
    High,
}

/// All that is known of one key, but for the incident's record.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Machine {
    level: Level,
    /// For how long what leads to the other level was seen.
    toward: Watch,
    /// For how long this level was seen.
    stay: Watch,
    /// Another severity on its way.
    shift: Option<Shift>,
    firings: Firings,
    /// When anything was seen of it last.
    seen: Steady,
    /// How long ago that may be for it to count as seen.
    gap: Duration,
    /// When a host itself told last that the condition holds.
    fresh: Option<Steady>,
}

/// One key: its machine, and its incident if one is open.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Track {
    pub(super) machine: Machine,
    pub(super) open: Option<Incident>,
    /// What ended last as a cause of others, and when.
    pub(super) lately: Option<Lately>,
}

/// A cause of others that is over.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Lately {
    pub(super) id: IncidentId,
    pub(super) about: About,
    pub(super) severity: Severity,
    pub(super) since: Steady,
    pub(super) ended: Steady,
}

impl Track {
    /// Takes in a look; answers with what changed, in order, and with the incident if that ended it.
    pub(super) fn look(&mut self, look: Look<'_>, at: Moment, changes: &mut Vec<Change>) -> Option<Incident> {
        let Look { key, terms, condition } = look;
        match condition {
            Condition::Gone(gone) => {
                if gone != Gone::Removed {
                    self.machine.firings = Firings::default();
                }
                return self.end(End::Gone(gone), at, changes);
            }
            Condition::Absent => {
                self.lose(changes);
                return None;
            }
            Condition::Holds(finding) => {
                if self.open.is_none() {
                    self.machine = Machine { firings: std::mem::take(&mut self.machine.firings), ..Machine::default() };
                    self.open = Some(begun(key.clone(), terms, finding, at));
                    if !terms.hold.is_zero() {
                        changes.push(Change::Pending);
                    }
                }
                self.machine.fresh = (finding.basis == Basis::Reading).then_some(at.steady);
            }
            Condition::Between | Condition::Clear => self.machine.fresh = None,
        }
        let Self { machine, open: Some(open), .. } = self else { return None };
        (open.role, open.about) = (terms.role.clone(), terms.about);
        (machine.seen, machine.gap) = (at.steady, terms.gap);
        find(machine, open, changes);
        let how = match machine.level {
            Level::Low => machine.low(open, terms, condition, at, changes),
            Level::High => machine.high(open, terms, condition, at, changes),
        };
        how.and_then(|how| self.end(how, at, changes))
    }

    /// Notices that it was not looked at for too long.
    pub(super) fn pass(&mut self, at: Moment, changes: &mut Vec<Change>) -> Option<Incident> {
        let unseen = at.steady.since(self.machine.seen);
        if unseen > self.machine.gap {
            self.lose(changes);
        }
        let is_pending = self.open.as_ref().is_some_and(|open| open.phase == Phase::Pending);
        if is_pending && unseen >= FORGOTTEN { self.end(End::Passed, at, changes) } else { None }
    }

    /// Nothing is known of it now.
    fn lose(&mut self, changes: &mut Vec<Change>) {
        self.machine.cut();
        let Some(open) = &mut self.open else { return };
        let unseen = match open.phase {
            Phase::Firing { sight: Sight::Seen | Sight::Clearing } => Phase::Firing { sight: Sight::Unseen },
            Phase::Flapping { side: Side::Up | Side::Down } => Phase::Flapping { side: Side::Unseen },
            Phase::Pending
            | Phase::Firing { sight: Sight::Unseen }
            | Phase::Flapping { side: Side::Unseen }
            | Phase::Resolved { .. } => return,
        };
        open.phase = unseen;
        changes.push(Change::Lost);
    }

    fn end(&mut self, how: End, at: Moment, changes: &mut Vec<Change>) -> Option<Incident> {
        let mut open = self.open.take()?;
        if self.machine.level == Level::High {
            self.machine.firings.end(at.steady);
        }
        self.machine = Machine { firings: std::mem::take(&mut self.machine.firings), ..Machine::default() };
        open.phase = Phase::Resolved { how };
        open.ended = Some(at);
        if open.about != About::Thing && open.fired.is_some() {
            self.lately = Some(Lately {
                id: open.id,
                about: open.about,
                severity: open.severity,
                since: open.since.steady,
                ended: at.steady,
            });
        }
        changes.push(Change::Resolved { how });
        Some(open)
    }

    /// When a host itself told last that the condition holds, if it does still.
    pub(super) const fn fresh(&self) -> Option<Steady> {
        self.machine.fresh
    }

    /// Whether nothing of it matters any more.
    pub(super) fn is_forgotten(&self, at: Steady) -> bool {
        self.open.is_none() && self.lately.is_none() && self.machine.firings.is_forgotten(at)
    }
}

impl Machine {
    /// That of an open incident of which nothing else is known.
    pub(super) fn of(open: &Incident) -> Self {
        let is_high = matches!(open.phase, Phase::Firing { .. } | Phase::Flapping { side: Side::Up | Side::Unseen });
        let level = if is_high { Level::High } else { Level::Low };
        Self { level, seen: open.fired.unwrap_or(open.since).steady, ..Self::default() }
    }

    pub(super) const fn seen(&self) -> Steady {
        self.seen
    }

    /// A look while it does not count as holding; answers with how that ends the incident, if it does.
    fn low(
        &mut self,
        open: &mut Incident,
        terms: &Terms,
        condition: Condition<'_>,
        at: Moment,
        changes: &mut Vec<Change>,
    ) -> Option<End> {
        let Condition::Holds(finding) = condition else {
            self.toward = Watch::default();
            self.shift = None;
            if open.phase == Phase::Pending {
                return Some(End::Passed);
            }
            let calm = self.stay.look(at.steady, terms.gap);
            return (calm >= self.firings.calm(at.steady)).then_some(End::Calm);
        };
        self.stay.cut();
        open.latest = finding.clone();
        if open.phase == Phase::Pending {
            open.severity = open.severity.min(finding.severity);
        }
        if self.toward.look(at.steady, terms.gap) >= terms.hold {
            self.rise(open, terms, at, changes);
        }
        None
    }

    fn rise(&mut self, open: &mut Incident, terms: &Terms, at: Moment, changes: &mut Vec<Change>) {
        self.level = Level::High;
        (self.toward, self.stay) = (Watch::default(), Watch::from(at.steady));
        let often = self.firings.begin(at.steady) && terms.flap == Flap::Damped;
        open.spells = open.spells.saturating_add(1);
        let is_first = open.phase == Phase::Pending;
        if is_first {
            open.fired = Some(at);
            open.onset = open.latest.clone();
            open.worst = open.severity;
        }
        let (phase, change) = match (is_first, often) {
            (true, false) => (Phase::Firing { sight: Sight::Seen }, Change::Fired),
            (true, true) => (Phase::Flapping { side: Side::Up }, Change::Flapping),
            (false, _) => (Phase::Flapping { side: Side::Up }, Change::Up),
        };
        open.phase = phase;
        changes.push(change);
    }

    /// A look while it counts as holding.
    fn high(
        &mut self,
        open: &mut Incident,
        terms: &Terms,
        condition: Condition<'_>,
        at: Moment,
        changes: &mut Vec<Change>,
    ) -> Option<End> {
        let stayed = self.stay.look(at.steady, terms.gap);
        if condition == Condition::Clear {
            self.shift = None;
            if self.toward.look(at.steady, terms.gap) >= terms.clear {
                return self.fall(open, at, changes);
            }
            if let Phase::Firing { sight } = &mut open.phase {
                *sight = Sight::Clearing;
            }
            return None;
        }
        self.toward = Watch::default();
        if let Phase::Firing { sight } = &mut open.phase {
            *sight = Sight::Seen;
        }
        let found = if let Condition::Holds(finding) = condition { Some(finding) } else { None };
        if let Some(finding) = found {
            open.latest = finding.clone();
        }
        self.weigh(open, terms, found, at, changes);
        if matches!(open.phase, Phase::Flapping { .. }) && stayed >= for_good(open.holds) {
            open.holds = open.holds.saturating_add(1);
            changes.push(Change::Held { span: stayed });
        }
        None
    }

    /// Another severity counts once it was seen for as long as it must.
    fn weigh(
        &mut self,
        open: &mut Incident,
        terms: &Terms,
        found: Option<&Finding>,
        at: Moment,
        changes: &mut Vec<Change>,
    ) {
        let Some(to) = Shift::weigh(&mut self.shift, open.severity, found, terms, at.steady) else { return };
        let from = std::mem::replace(&mut open.severity, to);
        open.worst = open.worst.max(to);
        changes.push(if to > from { Change::Worsened { from, to } } else { Change::Eased { from, to } });
    }

    fn fall(&mut self, open: &mut Incident, at: Moment, changes: &mut Vec<Change>) -> Option<End> {
        if !matches!(open.phase, Phase::Flapping { .. }) {
            return Some(End::Cleared);
        }
        self.level = Level::Low;
        self.firings.end(at.steady);
        (self.toward, self.stay) = (Watch::default(), Watch::from(at.steady));
        open.phase = Phase::Flapping { side: Side::Down };
        changes.push(Change::Down);
        None
    }

    /// Time until the next look does not count.
    const fn cut(&mut self) {
        self.toward.cut();
        self.stay.cut();
        if let Some(shift) = &mut self.shift {
            shift.cut();
        }
        self.fresh = None;
    }
}

/// It is seen again.
fn find(machine: &Machine, open: &mut Incident, changes: &mut Vec<Change>) {
    open.phase = match (open.phase, machine.level) {
        (Phase::Firing { sight: Sight::Unseen }, _) => Phase::Firing { sight: Sight::Seen },
        (Phase::Flapping { side: Side::Unseen }, Level::High) => Phase::Flapping { side: Side::Up },
        (Phase::Flapping { side: Side::Unseen }, Level::Low) => Phase::Flapping { side: Side::Down },
        (Phase::Pending | Phase::Firing { .. } | Phase::Flapping { .. } | Phase::Resolved { .. }, _) => return,
    };
    changes.push(Change::Found);
}

/// A new incident, pending.
fn begun(key: Key, terms: &Terms, finding: &Finding, at: Moment) -> Incident {
    let id = IncidentId::of(&key, at);
    Incident {
        id,
        key,
        role: terms.role.clone(),
        about: terms.about,
        group: id,
        phase: Phase::Pending,
        severity: finding.severity,
        worst: finding.severity,
        since: at,
        fired: None,
        ended: None,
        spells: 0,
        holds: 0,
        onset: finding.clone(),
        latest: finding.clone(),
        overlays: Overlays::default(),
        evidence: None,
        newest: 0,
    }
}
