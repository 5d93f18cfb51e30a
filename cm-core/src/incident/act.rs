//! What people decide over incidents, with its own time and its own end: a silence, maintenance, an accepted fault.
//!
//! An acknowledgement is none of these: it belongs to its incident and ends with it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::finding::{Finding, Measure};
use super::id::IncidentId;
use super::key::Key;
use super::scope::Scope;
use super::time::{Moment, Steady};
use crate::clock::WallTime;
use crate::severity::Severity;

/// The longest silence and the longest maintenance: what is wanted for longer is a rule switched off.
pub const LONGEST: Duration = Duration::from_hours(366 * 24);

/// The most acts that hold at once.
pub const MOST_ACTS: usize = 1_000;

/// The most bytes of a name or a comment.
pub const LONGEST_COMMENT: usize = 1_000;

/// Something decided over incidents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Act {
    /// Its number: they rise, and none is given twice.
    pub number: u64,
    /// When it was decided.
    pub at: Moment,
    /// Who decided.
    pub by: String,
    /// What they said; may be empty.
    pub comment: String,
    /// What was decided.
    pub deed: Deed,
    /// When it ended, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<(Moment, Lapse)>,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "deed")]
pub enum Deed {
    /// Quiet for a while.
    Silence {
        /// Over what.
        scope: Scope,
        /// When.
        life: Life,
    },
    /// Something is being worked on.
    Maintenance {
        /// On what.
        scope: Scope,
        /// When.
        life: Life,
    },
    /// A known fault is taken as it is.
    Accept {
        /// The incident over which it was decided.
        incident: IncidentId,
        /// The fault.
        key: Box<Key>,
        /// As severe as this at most.
        severity: Severity,
        /// As far as this at most, where there is a number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        measure: Option<Measure>,
    },
}

/// When an act holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    /// From now on, until so much time has passed.
    Until(Steady),
    /// Between two moments of the calendar; never while the clock has not been set.
    Between(WallTime, WallTime),
}

/// Why an act ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lapse {
    /// Its time was over.
    Over,
    /// Somebody ended it.
    Lifted {
        /// Who.
        by: String,
    },
    /// The number went past what was accepted.
    Grown,
    /// It became more severe than what was accepted.
    Worsened,
    /// A fault without a number was gone; when it comes again it is another.
    Cleared,
    /// Another thing stands in the place of what was accepted.
    Replaced,
}

/// Why something was not done. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// There is no such incident.
    #[error("there is no open incident {id}; `alerts --active` lists them")]
    Unknown {
        /// Which.
        id: IncidentId,
    },
    /// It has not fired.
    #[error("incident {id} has not fired: there is nothing to acknowledge or accept yet")]
    Pending {
        /// Which.
        id: IncidentId,
    },
    /// There is no such act.
    #[error("no silence, maintenance or accepted fault {number} holds; `silences` lists them")]
    NoAct {
        /// Which.
        number: u64,
    },
    /// It would hold for no time, or for too long.
    #[error("it would hold for {} s: between one second and 366 days are possible", .span.as_secs())]
    Span {
        /// For how long it would.
        span: Duration,
    },
    /// There are too many.
    #[error("{MOST_ACTS} silences, maintenances and accepted faults hold already: end some of them first")]
    TooMany,
    /// The name or the comment is too long.
    #[error("a name or comment of {bytes} bytes is too long: {LONGEST_COMMENT} are possible")]
    Comment {
        /// How long it is.
        bytes: usize,
    },
}

impl Life {
    /// Whether it holds now.
    pub fn holds(self, at: Moment) -> bool {
        match self {
            Self::Until(end) => at.steady < end,
            Self::Between(from, until) => at.calendar().is_some_and(|wall| from <= wall && wall < until),
        }
    }

    /// Whether it will never hold again.
    pub fn is_over(self, at: Moment) -> bool {
        match self {
            Self::Until(end) => at.steady >= end,
            Self::Between(_, until) => at.calendar().is_some_and(|wall| wall >= until),
        }
    }

    pub(super) fn check(self, at: Moment) -> Result<(), ActError> {
        let span = match self {
            Self::Until(end) => end.since(at.steady),
            Self::Between(from, until) => until.since(from),
        };
        if span < Duration::from_secs(1) || span > LONGEST { Err(ActError::Span { span }) } else { Ok(()) }
    }
}

impl Act {
    /// Whether it accepts the fault of this key.
    pub(super) fn accepts(&self, key: &Key) -> bool {
        matches!(&self.deed, Deed::Accept { key: accepted, .. } if **accepted == *key)
    }
}

impl Deed {
    /// Whether a fault was accepted that has no number: it is another one when it comes again.
    pub(super) const fn has_no_number(&self) -> bool {
        matches!(self, Self::Accept { measure: None, .. })
    }

    /// Its word in lists and in the database.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Silence { .. } => "silence",
            Self::Maintenance { .. } => "maintenance",
            Self::Accept { .. } => "accept",
        }
    }

    /// When it holds; an accepted fault has no time.
    pub const fn life(&self) -> Option<Life> {
        match self {
            Self::Silence { life, .. } | Self::Maintenance { life, .. } => Some(*life),
            Self::Accept { .. } => None,
        }
    }

    /// Why an accepted fault is accepted no longer, now that this was found of it.
    pub(super) fn outgrown(&self, severity: Severity, found: &Finding) -> Option<Lapse> {
        let Self::Accept { severity: accepted, measure, .. } = self else { return None };
        if severity > *accepted {
            return Some(Lapse::Worsened);
        }
        let grown = match (measure, &found.measure) {
            (Some(then), Some(now)) => now.worse.passed(now.value, then.value),
            _ => false,
        };
        grown.then_some(Lapse::Grown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{Subject, SubjectKind};
    use crate::host::HostId;
    use crate::incident::Worse;
    use crate::unit::Unit;

    #[test]
    fn every_act_comes_back_from_its_json() {
        let at = Moment { wall: WallTime::from_millis(1_767_225_600_123), steady: Steady::from_millis(77) };
        let subject = Subject { kind: SubjectKind::Drive, name: "sda".into(), identity: Some("S4X\u{1b}[2J".into()) };
        let key = Key::new("drive.wear", HostId::new("srv01").ok(), subject);
        let incident = IncidentId::of(&key, at);
        let scope = Scope { incident: Some(incident), name: Some("sda".into()), ..Scope::default() };
        let between = Life::Between(WallTime::from_secs(1), WallTime::LATEST);
        let measure = Measure { value: 0.1 + 0.2, limit: None, unit: Unit::Percent, worse: Worse::Higher };
        let deeds = [
            Deed::Silence { scope: scope.clone(), life: Life::Until(at.steady) },
            Deed::Maintenance { scope: Scope::default(), life: between },
            Deed::Accept { incident, key: Box::new(key.clone()), severity: Severity::Warning, measure: Some(measure) },
            Deed::Accept { incident, key: Box::new(key), severity: Severity::Warning, measure: None },
        ];
        let lapses = [
            None,
            Some(Lapse::Over),
            Some(Lapse::Lifted { by: "anna".to_owned() }),
            Some(Lapse::Grown),
            Some(Lapse::Worsened),
            Some(Lapse::Cleared),
            Some(Lapse::Replaced),
        ];
        for (deed, lapse) in deeds.iter().flat_map(|deed| lapses.iter().map(move |lapse| (deed, lapse))) {
            let act = Act {
                number: 3,
                at,
                by: "anna".to_owned(),
                comment: String::new(),
                deed: deed.clone(),
                ended: lapse.clone().map(|lapse| (at, lapse)),
            };
            let json = serde_json::to_string(&act).unwrap();
            assert!(json.contains(&format!("\"deed\":\"{}\"", deed.word())), "{json}");
            assert_eq!(serde_json::from_str::<Act>(&json).unwrap(), act, "{json}");
        }
    }
}
