//! What changed of an incident: the numbered steps of its story.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::id::IncidentId;
use super::overlay::Hush;
use super::phase::End;
use super::time::Moment;
use crate::severity::Severity;

/// One change of one incident. Numbers rise through all incidents, by one, through restarts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// Its number.
    pub number: u64,
    /// Which incident.
    pub incident: IncidentId,
    /// When.
    pub at: Moment,
    /// What changed.
    #[serde(flatten)]
    pub change: Change,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum Change {
    /// Its condition holds, not yet for as long as it must.
    Pending,
    /// It fires.
    Fired,
    /// It fires once more, and from now on its coming and going is one incident.
    Flapping,
    /// Of a flapping one: it does not fire at the moment.
    Down,
    /// Of a flapping one: it fires again.
    Up,
    /// Of a flapping one: it has fired without a break for so long that this is no coming and going.
    Held {
        /// For how long.
        span: Duration,
    },
    /// Its severity rose.
    Worsened {
        /// From.
        from: Severity,
        /// To.
        to: Severity,
    },
    /// Its severity fell.
    Eased {
        /// From.
        from: Severity,
        /// To.
        to: Severity,
    },
    /// Nothing is known of it any more.
    Lost,
    /// It is seen again.
    Found,
    /// It is over.
    Resolved {
        /// How.
        how: End,
    },
    /// Somebody looks after it.
    Acknowledged {
        /// Who.
        by: String,
        /// What they said.
        comment: String,
    },
    /// Nobody looks after it any more.
    Unacknowledged {
        /// Who said so.
        by: String,
    },
    /// From now on nothing new of it is told, for this reason.
    Hushed {
        /// Why.
        hush: Hush,
    },
    /// This reason holds no longer.
    Unhushed {
        /// Which.
        hush: Hush,
    },
}

impl Change {
    /// Its word in lists and in the database.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Fired => "fired",
            Self::Flapping => "flapping",
            Self::Down => "down",
            Self::Up => "up",
            Self::Held { .. } => "held",
            Self::Worsened { .. } => "worsened",
            Self::Eased { .. } => "eased",
            Self::Lost => "lost",
            Self::Found => "found",
            Self::Resolved { .. } => "resolved",
            Self::Acknowledged { .. } => "acknowledged",
            Self::Unacknowledged { .. } => "unacknowledged",
            Self::Hushed { .. } => "hushed",
            Self::Unhushed { .. } => "unhushed",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::clock::WallTime;
    use crate::host::HostId;
    use crate::incident::{Gone, Key, Steady};

    #[test]
    fn every_change_has_a_word_of_its_own_which_its_json_says_too_and_comes_back() {
        let at = Moment { wall: WallTime::from_millis(1_767_225_600_123), steady: Steady::from_millis(77) };
        let host = HostId::new("srv01").unwrap();
        let id = IncidentId::of(&Key::new("reach", Some(host.clone()), crate::health::Subject::host()), at);
        let (from, to, by) = (Severity::Note, Severity::Critical, "anna".to_owned());
        let hushes = [
            Hush::Accepted,
            Hush::CutOff { by: id },
            Hush::Off { host: host.clone() },
            Hush::Inhibited { by: id, host },
            Hush::Maintenance { window: "night".to_owned() },
            Hush::Silenced { act: u64::MAX },
        ];
        let mut changes = vec![
            Change::Pending,
            Change::Fired,
            Change::Flapping,
            Change::Down,
            Change::Up,
            Change::Held { span: Duration::new(3_600, 1) },
            Change::Worsened { from, to },
            Change::Eased { from: to, to: from },
            Change::Lost,
            Change::Found,
            Change::Acknowledged { by: by.clone(), comment: "a \"word\"\n".to_owned() },
            Change::Unacknowledged { by },
        ];
        let words: BTreeSet<_> = changes.iter().map(Change::word).collect();
        assert_eq!(words.len(), changes.len());
        for how in [End::Cleared, End::Calm, End::Passed, End::Gone(Gone::Replaced), End::Gone(Gone::Unwatched)] {
            changes.push(Change::Resolved { how });
        }
        for hush in hushes {
            changes.push(Change::Hushed { hush: hush.clone() });
            changes.push(Change::Unhushed { hush });
        }
        for change in changes {
            let transition = Transition { number: 1 << 60, incident: id, at, change };
            let json = serde_json::to_value(&transition).unwrap();
            assert_eq!(json["change"], transition.change.word());
            assert_eq!(serde_json::from_str::<Transition>(&json.to_string()).unwrap(), transition, "{json}");
        }
    }
}
