//! What a person decides in another program than the one that judges: asked through the store, answered there, each once.
//!
//! Whoever asks may reckon times itself: the [moment](super::Incidents::moment) of incidents that were loaded is the same in
//! every program on the machine.

use serde::{Deserialize, Serialize};

use super::act::{ActError, Life};
use super::decide::Author;
use super::id::IncidentId;
use super::round::Incidents;
use super::scope::Scope;
use super::time::Moment;
use super::transition::Transition;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "request")]
pub enum Request {
    /// Somebody looks after an incident.
    Acknowledge {
        /// Which.
        incident: IncidentId,
    },
    /// Nobody looks after it any more.
    Unacknowledge {
        /// Which.
        incident: IncidentId,
    },
    /// A fault is taken as it is.
    Accept {
        /// Which incident's.
        incident: IncidentId,
    },
    /// Quiet for a while.
    Silence {
        /// Over what.
        scope: Scope,
        /// When.
        life: Life,
    },
    /// Something is worked on, under the name that the comment gives.
    Maintenance {
        /// On what.
        scope: Scope,
        /// When.
        life: Life,
    },
    /// A silence, a maintenance or an accepted fault ends.
    Lift {
        /// Its number.
        act: u64,
    },
}

/// A request, and who asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asking {
    /// What for.
    #[serde(flatten)]
    pub request: Request,
    /// Who.
    pub by: String,
    /// What they say; may be empty.
    pub comment: String,
}

/// A request as it lies in the store.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Its number: they rise, and none is given twice.
    pub number: u64,
    /// What is asked, by whom; none where that cannot be read.
    pub asking: Option<Asking>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "outcome")]
pub enum Outcome {
    /// It was done.
    Done {
        /// The number of the silence, maintenance or accepted fault that it made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        act: Option<u64>,
    },
    /// It was not, and nothing was changed.
    Refused {
        /// Why, in a sentence.
        why: String,
    },
}

impl Incidents {
    /// Does what was asked for, once: a request that was answered before changes nothing, even after a restart. The answer is
    /// stored with what it changed.
    pub fn answer(&mut self, asked: &Asked, at: Moment) -> Vec<Transition> {
        if asked.number <= self.running.asked {
            return Vec::new();
        }
        self.running.asked = asked.number;
        let done = asked.asking.as_ref().map(|asking| self.obey(asking, at));
        let (outcome, told) = match done {
            Some(Ok((act, told))) => (Outcome::Done { act }, told),
            Some(Err(refused)) => (Outcome::Refused { why: refused.to_string() }, Vec::new()),
            None => (Outcome::Refused { why: "the request cannot be read here".to_owned() }, Vec::new()),
        };
        self.dirt.answer(asked.number, outcome);
        told
    }

    fn obey(&mut self, asking: &Asking, at: Moment) -> Result<(Option<u64>, Vec<Transition>), ActError> {
        let who = Author { by: &asking.by, comment: &asking.comment };
        let made = |(act, told): (u64, Vec<Transition>)| (Some(act), told);
        match &asking.request {
            Request::Acknowledge { incident } => Ok((None, self.acknowledge(*incident, who, at)?)),
            Request::Unacknowledge { incident } => Ok((None, self.unacknowledge(*incident, who, at)?)),
            Request::Accept { incident } => self.accept(*incident, who, at).map(made),
            Request::Silence { scope, life } => self.silence(scope.clone(), *life, who, at).map(made),
            Request::Maintenance { scope, life } => self.maintain(scope.clone(), *life, who, at).map(made),
            Request::Lift { act } => Ok((None, self.lift(*act, who, at)?)),
        }
    }
}
